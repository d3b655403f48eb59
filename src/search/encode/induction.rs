//! What is always so of the state, and what two servers remember alike: the
//! steps of proofs by induction. The state before the request is free.

use std::collections::BTreeMap;

use super::{Encoding, Goal, Judged, States};
use crate::expr::{ExprId, Node, Root};
use crate::model::{AttributeRef, Model, OperationRef, Patch, Place, ResourceRef, RuleRef};
use crate::search::invariant::Invariant;
use crate::search::lower::{Label, Sym};
use crate::search::slice::{Read, reads};
use crate::search::smt::Term;

/// How far an attribute is the same on both servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// The attribute.
    pub attribute: AttributeRef,
    /// Unless this is so.
    pub unless: Option<Unless>,
}

/// Where an attribute needn't be the same on both servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unless {
    /// It has this value, a constant, on the right server.
    Right(ExprId),
    /// It has it on the faulty one.
    Faulty(ExprId),
    /// The right server would refuse a request to this operation, whatever it
    /// holds: a rule is broken that reads nothing but the resource.
    Refused(OperationRef),
}

/// The faulty server beside the right one, each in a state of its own.
pub struct Beside {
    states: States,
    judged: BTreeMap<RuleRef, Judged>,
    effect: Term,
    changed: Vec<(ResourceRef, usize)>,
    created: Option<(ResourceRef, usize)>,
}

impl Beside {
    /// The states behind the request of what it makes or changes.
    fn after(&self) -> impl Iterator<Item = (ResourceRef, usize)> + '_ {
        self.changed.iter().copied().chain(self.created)
    }
}

impl Encoding<'_> {
    /// Says of the states before the request what is proven of every state.
    pub fn assume_invariants(&mut self, invariants: &[Invariant]) {
        if self.free_states {
            let states = self.before();
            self.assume_of(&states, invariants);
        }
    }

    fn before(&self) -> States {
        self.right.get(self.last()).cloned().unwrap_or_default()
    }

    fn assume_of(&mut self, states: &States, invariants: &[Invariant]) {
        let Some(env) = self.env(self.last(), states) else {
            return;
        };
        for invariant in invariants {
            if let Some(state) = states.bound.get(&invariant.resource) {
                // Of what isn't there nothing is proven.
                let there = self.lowering.exists(*state);
                let truth = self.lowering.truth(invariant.expr, &env);
                let holds = self.lowering.terms.implies(there, truth.yes);
                self.lowering
                    .assume(Label::Invariant(invariant.expr), holds);
            }
        }
    }

    /// Where the server of `patch` accepts the last request, and `invariant`
    /// doesn't hold of a resource that it makes or changes.
    pub fn leaves_broken(&mut self, patch: &Patch, invariant: Invariant) -> Goal {
        let before = self.before();
        let server = self.beside(patch, before.clone());
        let mut broken = Vec::new();
        let changed = server.changed.iter().map(|own| (*own, true));
        let created = server.created.iter().map(|own| (*own, false));
        for ((resource, state), is_old) in changed.chain(created) {
            if resource != invariant.resource {
                continue;
            }
            let there = match before.bound.get(&resource).filter(|_| is_old) {
                Some(before) => self.lowering.exists(*before),
                None => self.lowering.terms.bool(true),
            };
            if let Some(env) = self.env(self.last(), &States::only(resource, state)) {
                let truth = self.lowering.truth(invariant.expr, &env);
                let terms = &mut self.lowering.terms;
                let not_kept = terms.not(truth.yes);
                broken.push(terms.and([there, not_kept]));
            }
        }
        let terms = &mut self.lowering.terms;
        let broken = terms.or(broken);
        let accepted = server.judged.values().map(|judged| judged.unbroken);
        let accepted = terms.and(accepted.chain([server.effect]));
        let differs = terms.and([accepted, broken]);
        Goal {
            differs,
            refuses: terms.bool(false),
            others: Vec::new(),
            repeated: self.lowering.terms.bool(false),
        }
    }

    /// The server of `patch` with a state of its own, of which `invariants`
    /// are proven.
    pub fn patched_beside(&mut self, patch: &Patch, invariants: &[Invariant]) -> Beside {
        let states = self.free_beside(self.last(), &self.before(), patch);
        self.assume_of(&states, invariants);
        self.beside(patch, states)
    }

    fn beside(&mut self, patch: &Patch, states: States) -> Beside {
        let last = self.last();
        let env = self.env(last, &states);
        let rules = self.rules_at(last).into_iter();
        let judged = rules.map(|rule| (rule, self.judge(rule, patch, env.as_ref())));
        let judged = judged.collect();
        let operation = self.operation(last);
        let effect = env.map(|env| self.effect_of(operation, patch, &env));
        let (effect, changed, created) = match effect {
            Some(effect) => (effect.defined, effect.changed, effect.created),
            None => (self.lowering.terms.bool(false), Vec::new(), None),
        };
        Beside {
            states,
            judged,
            effect,
            changed,
            created,
        }
    }

    /// Where both servers accept the request, `alike` holds before it, and `one`
    /// doesn't after it.
    pub fn parts_at(&mut self, patched: &Beside, alike: &[Likeness], one: &Likeness) -> Goal {
        let before = self.same(&self.before(), &patched.states, alike);
        let right = self.beside(&Patch::default(), self.before());
        let mut parts = Vec::new();
        for ((resource, own), (_, other)) in right.after().zip(patched.after()) {
            if resource == one.attribute.0 {
                let (own, other) = (States::only(resource, own), States::only(resource, other));
                let same = self.same(&own, &other, std::slice::from_ref(one));
                parts.push(self.lowering.terms.not(same));
            }
        }
        let terms = &mut self.lowering.terms;
        let parts = terms.or(parts);
        let both = right.judged.values().chain(patched.judged.values());
        let both: Vec<Term> = both.map(|judged| judged.unbroken).collect();
        let effects = [right.effect, patched.effect, before, parts];
        let differs = terms.and(both.into_iter().chain(effects));
        Goal {
            differs,
            refuses: terms.bool(false),
            others: Vec::new(),
            repeated: self.lowering.terms.bool(false),
        }
    }

    /// Where the right server refuses the request, `alike` holds before it, and
    /// `one` doesn't after what the request does all the same on the faulty
    /// server.
    pub fn parts_though_refused(
        &mut self,
        patch: &Patch,
        patched: &Beside,
        alike: &[Likeness],
        one: &Likeness,
    ) -> Goal {
        let (last, right) = (self.last(), self.before());
        let before = self.same(&right, &patched.states, alike);
        let after = self.env(last, &patched.states);
        let after = after.map(|env| self.changes_of_refused(last, patch, &env));
        let mut parts = Vec::new();
        for (resource, other) in after.into_iter().flatten() {
            let own = right.bound.get(&resource).copied();
            if let Some(own) = own.filter(|_| resource == one.attribute.0) {
                let (own, other) = (States::only(resource, own), States::only(resource, other));
                let same = self.same(&own, &other, std::slice::from_ref(one));
                parts.push(self.lowering.terms.not(same));
            }
        }
        let refused: Vec<Term> = self.judged.values().map(|judged| judged.no).collect();
        let terms = &mut self.lowering.terms;
        let (parts, refused) = (terms.or(parts), terms.or(refused));
        Goal {
            differs: terms.and([before, refused, parts]),
            refuses: terms.bool(false),
            others: Vec::new(),
            repeated: terms.bool(false),
        }
    }

    /// Where the right server refuses the request, and the server of `patch`
    /// remembers something else after it than before.
    pub fn changes_though_refused(&mut self, patch: &Patch, attribute: AttributeRef) -> Goal {
        let patched = self.beside(patch, self.before());
        let one = Likeness {
            attribute,
            unless: None,
        };
        self.parts_though_refused(patch, &patched, &[], &one)
    }

    /// Where an observer can tell the servers apart by the request, and `alike`
    /// holds before it.
    pub fn tells_apart(&mut self, patch: &Patch, patched: &Beside, alike: &[Likeness]) -> Goal {
        let before = self.same(&self.before(), &patched.states, alike);
        let right = self.judged.clone();
        let right = self.holding_where_undefined(patch, &right);
        let judged = self.holding_where_undefined(patch, &patched.judged);
        let shown = self.answers_apart(patch, &self.before(), &patched.states);
        let after = (patched.effect, self.repeats);
        self.difference(before, &right, &judged, after, shown)
    }

    /// Rules that the patch leaves alone, true where they are undefined.
    fn holding_where_undefined(
        &mut self,
        patch: &Patch,
        judged: &BTreeMap<RuleRef, Judged>,
    ) -> BTreeMap<RuleRef, Judged> {
        let always = self.lowering.terms.bool(true);
        let each = judged.iter().map(|(rule, own)| {
            let own = match patch.0.contains_key(&Place::Rule(*rule)) {
                true => *own,
                false => Judged {
                    yes: own.unbroken,
                    never: own.no,
                    known: always,
                    ..*own
                },
            };
            (*rule, own)
        });
        each.collect()
    }

    /// Where the attributes are as much the same in both states as is said; what
    /// is absent from both is.
    fn same(&mut self, right: &States, patched: &States, alike: &[Likeness]) -> Term {
        let mut all = Vec::new();
        for likeness in alike {
            let (resource, index) = likeness.attribute;
            let (Some(one), Some(other)) =
                (right.bound.get(&resource), patched.bound.get(&resource))
            else {
                continue;
            };
            let of = |state: &usize| self.lowering.state(*state).get(index).cloned();
            let (Some(a), Some(b)) = (of(one), of(other)) else {
                continue;
            };
            if a == b {
                continue;
            }
            let equal = self.lowering.equal(&a, &b).yes;
            let terms = &mut self.lowering.terms;
            let (no_a, no_b) = (terms.not(a.defined), terms.not(b.defined));
            let absent = terms.and([no_a, no_b]);
            let elsewhere = self.elsewhere(likeness, (&a, &b), *one);
            all.push(self.lowering.terms.or([equal, absent, elsewhere]));
        }
        self.lowering.terms.and(all)
    }

    /// Where an attribute needn't be the same; `state` is that on the right
    /// server.
    fn elsewhere(
        &mut self,
        likeness: &Likeness,
        (right, patched): (&Sym, &Sym),
        state: usize,
    ) -> Term {
        let resource = likeness.attribute.0;
        let env = self.env(self.last(), &States::only(resource, state));
        let (Some(unless), Some(env)) = (likeness.unless, env) else {
            return self.lowering.terms.bool(false);
        };
        let (of, value) = match unless {
            Unless::Right(value) => (right, value),
            Unless::Faulty(value) => (patched, value),
            Unless::Refused(operation) => {
                let rules = rules_of_state(self.lowering.model, operation, resource).into_iter();
                let broken = rules.map(|expr| self.lowering.truth(expr, &env).no);
                let broken: Vec<Term> = broken.collect();
                return self.lowering.terms.or(broken);
            }
        };
        let value = self.lowering.lower(value, &env);
        self.lowering.equal(of, &value).yes
    }
}

/// The conditions of an operation's rules that read nothing but one resource.
fn rules_of_state(model: &Model, operation: OperationRef, resource: ResourceRef) -> Vec<ExprId> {
    let rules = model.operation(operation).rules.iter();
    let rules = rules.map(|rule| model.rule(*rule));
    let exprs = rules.filter(|rule| rule.across.is_none() && !rule.is_ensured());
    let is_own = |read: &Read| matches!(read, Read::Attribute(of, _) if *of == resource);
    let of_state = exprs.map(|rule| rule.expr).filter(|expr| {
        let roots = model.arena.reachable(&[*expr]).into_iter();
        let mut roots = roots.filter_map(|id| match model.arena.node(id) {
            Node::Root(root) => Some(root),
            _ => None,
        });
        roots.all(|root| matches!(root, Root::Resource(index) if *index == resource.0))
            && reads(model, *expr).iter().all(is_own)
    });
    of_state.collect()
}
