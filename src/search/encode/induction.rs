//! What is always so of the state, and what two servers remember alike: the
//! steps of proofs by induction. The state before the request is free.

use std::collections::BTreeMap;

use super::{Encoding, Goal, Judged, States};
use crate::expr::ExprId;
use crate::model::{AttributeRef, Patch, Place, ResourceRef, RuleRef};
use crate::search::invariant::Invariant;
use crate::search::lower::{Label, Sym};
use crate::search::smt::Term;

/// How far an attribute is the same on both servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// The attribute.
    pub attribute: AttributeRef,
    /// Unless it has this value (a constant) on the right server (true) or on
    /// the faulty one.
    pub unless: Option<(bool, ExprId)>,
}

/// The faulty server beside the right one, each in a state of its own.
pub struct Beside {
    states: States,
    judged: BTreeMap<RuleRef, Judged>,
    effect: Term,
    after: Vec<(ResourceRef, usize)>,
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
            if states.bound.contains_key(&invariant.resource) {
                let truth = self.lowering.truth(invariant.expr, &env);
                let label = Label::Invariant(invariant.expr);
                self.lowering.assume(label, truth.yes);
            }
        }
    }

    /// Where the server of `patch` accepts the last request, and `invariant`
    /// doesn't hold of a resource that it makes or changes.
    pub fn leaves_broken(&mut self, patch: &Patch, invariant: Invariant) -> Goal {
        let server = self.beside(patch, self.before());
        let mut broken = Vec::new();
        for (resource, state) in server.after {
            if resource != invariant.resource {
                continue;
            }
            if let Some(env) = self.env(self.last(), &States::only(resource, state)) {
                let truth = self.lowering.truth(invariant.expr, &env);
                broken.push(self.lowering.terms.not(truth.yes));
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
        let (effect, after) = match effect {
            Some(effect) => {
                let after = effect.changed.into_iter().chain(effect.created);
                (effect.defined, after.collect())
            }
            None => (self.lowering.terms.bool(false), Vec::new()),
        };
        Beside {
            states,
            judged,
            effect,
            after,
        }
    }

    /// Where both servers accept the request, `alike` holds before it, and `one`
    /// doesn't after it.
    pub fn parts_at(&mut self, patched: &Beside, alike: &[Likeness], one: &Likeness) -> Goal {
        let before = self.same(&self.before(), &patched.states, alike);
        let right = self.beside(&Patch::default(), self.before());
        let mut parts = Vec::new();
        for ((resource, own), (_, other)) in right.after.iter().zip(&patched.after) {
            if *resource == one.attribute.0 {
                let (own, other) = (
                    States::only(*resource, *own),
                    States::only(*resource, *other),
                );
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
            let elsewhere = self.has_value(likeness, &a, &b);
            all.push(self.lowering.terms.or([equal, absent, elsewhere]));
        }
        self.lowering.terms.and(all)
    }

    /// Where an attribute has the value at which it needn't be the same.
    fn has_value(&mut self, likeness: &Likeness, right: &Sym, patched: &Sym) -> Term {
        let none = States::default();
        match (likeness.unless, self.env(self.last(), &none)) {
            (Some((is_right, value)), Some(env)) => {
                let value = self.lowering.lower(value, &env);
                let of = if is_right { right } else { patched };
                self.lowering.equal(of, &value).yes
            }
            _ => self.lowering.terms.bool(false),
        }
    }
}
