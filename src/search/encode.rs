//! A plan as terms: the right server runs all of its requests, and so does
//! each faulty one; a fault's goal says that an observer can tell them apart.

pub mod induction;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::lower::{Config, Env, Label, Lowering, SlotId, Sym, Truth};
use super::plan::{Plan, most_earlier, rules_reading};
use super::slice::Slice;
use super::smt::{Sort, Term};
use crate::expr::ExprId;
use crate::model::{Model, OperationRef, Patch, Place, ResourceRef, RuleRef};
use crate::value::Value;

/// Which resource is in which state, by its number.
type States = BTreeMap<ResourceRef, usize>;

/// What a rule reads beside a request: the step, the state of each resource, and
/// earlier requests.
type Surroundings = (usize, BTreeMap<u32, usize>, Vec<SlotId>);

/// A plan's terms.
pub struct Encoding<'m> {
    /// The terms and what they stand for.
    pub lowering: Lowering<'m>,
    plan: Plan,
    slice: Slice,
    requests: Vec<SlotId>,
    bases: Vec<Value>,
    versions: BTreeMap<Surroundings, usize>,
    /// The right server before each step.
    right: Vec<States>,
    /// The rules of earlier steps on the right server.
    earlier: BTreeMap<(usize, RuleRef), Judged>,
    /// The rules of the last step on the right server.
    judged: BTreeMap<RuleRef, Judged>,
    /// Where the last step's changes are defined on the right server.
    effect: Term,
    /// Where the last request is a repeat on the right server.
    repeats: Repeats,
    free_states: bool,
    /// Where the resources in free states are there at all.
    there: BTreeMap<(usize, ResourceRef), Term>,
    /// The fields that name resources, with the steps that made those.
    keys: Vec<(ResourceRef, usize, SlotId)>,
}

/// How a rule comes out, at all moments at which a test may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Judged {
    /// Where it is always true.
    yes: Term,
    /// Where it is always false.
    no: Term,
    /// Where it is never true.
    never: Term,
    /// Where it is never false.
    unbroken: Term,
    /// Where it is always one or the other.
    known: Term,
}

/// Where a request is a repeat of an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Repeats {
    /// At all.
    any: Term,
    /// Before other rules are looked at.
    first: Term,
}

/// What a request does to what the server remembers.
struct Effect {
    /// Where all of it is defined.
    defined: Term,
    /// What it changes, and the state behind it.
    changed: Vec<(ResourceRef, usize)>,
    /// What it makes, and its state.
    created: Option<(ResourceRef, usize)>,
}

/// What makes a fault's difference visible.
#[derive(Clone, Debug)]
pub struct Goal {
    /// Holds where right and faulty server differ visibly.
    pub differs: Term,
    /// The part of it in which the right server refuses.
    pub refuses: Term,
    /// The rules of the last step that the fault leaves alone: all must hold.
    pub others: Vec<RuleRef>,
    /// Where they differ visibly although others may be broken: one of them
    /// answers a repeat before it looks at those.
    pub repeated: Term,
}

impl<'m> Encoding<'m> {
    /// Encodes the right server. `bases` are the requests that the steps are
    /// changes of. With `free_states` the resources that the only step is
    /// about are in any state.
    pub fn new(
        model: &'m Model,
        plan: &Plan,
        bases: Vec<Value>,
        slice: Slice,
        config: Config,
        free_states: bool,
    ) -> Self {
        let mut lowering = Lowering::new(model, config);
        let rules: BTreeSet<RuleRef> = slice.iter().flatten().copied().collect();
        let roots = rules
            .into_iter()
            .map(|rule| model.expression(Place::Rule(rule)).0);
        lowering.roots = roots.collect();
        let steps = plan.steps.iter().zip(&bases).enumerate();
        let requests = steps.map(|(index, (step, base))| {
            let operation = model.operation(step.operation);
            lowering.add_request(index, operation.request, base)
        });
        let requests = requests.collect();
        let always = lowering.terms.bool(true);
        let never = lowering.terms.bool(false);
        let mut encoding = Self {
            lowering,
            plan: plan.clone(),
            slice,
            requests,
            bases,
            versions: BTreeMap::new(),
            right: Vec::new(),
            earlier: BTreeMap::new(),
            judged: BTreeMap::new(),
            effect: always,
            repeats: Repeats {
                any: never,
                first: never,
            },
            free_states,
            there: BTreeMap::new(),
            keys: Vec::new(),
        };
        encoding.run_right();
        encoding
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The request that a step is a change of.
    pub fn base(&self, step: usize) -> &Value {
        self.bases.get(step).unwrap_or(&Value::Null)
    }

    fn last(&self) -> usize {
        self.plan.steps.len().saturating_sub(1)
    }

    fn run_right(&mut self) {
        let patch = Patch::default();
        let mut made = BTreeMap::new();
        for step in 0..self.plan.steps.len() {
            let states = self.bound(step, &made);
            let env = self.env(step, &states);
            let rules: Vec<RuleRef> = self.rules_at(step);
            for rule in rules {
                let truth = self.judge(rule, &patch, env.as_ref());
                if step == self.last() {
                    self.judged.insert(rule, truth);
                } else {
                    self.earlier.insert((step, rule), truth);
                }
            }
            self.right.push(states);
            let repeats = self.all_repeats(step, &patch, env.as_ref());
            let effect = self.advance(step, &patch, env.as_ref(), &mut made);
            if step == self.last() {
                self.effect = self.lowering.terms.or([effect, repeats.any]);
                self.repeats = repeats;
            } else {
                // A repeat changes nothing: a shorter sequence does as well.
                let is_new = self.lowering.terms.not(repeats.any);
                self.lowering.facts.extend([effect, is_new]);
            }
        }
    }

    fn rules_at(&self, step: usize) -> Vec<RuleRef> {
        self.slice
            .get(step)
            .map(|rules| rules.iter().copied().collect())
            .unwrap_or_default()
    }

    fn operation(&self, step: usize) -> OperationRef {
        self.plan
            .steps
            .get(step)
            .map_or(OperationRef(0), |step| step.operation)
    }

    /// The states that the rules of a step read.
    fn bound(&mut self, step: usize, made: &BTreeMap<usize, usize>) -> States {
        if self.free_states {
            return self.free(step);
        }
        let binds = self.plan.steps.get(step).map(|step| step.binds.clone());
        let binds = binds.unwrap_or_default();
        for (resource, maker) in &binds {
            let named = self.names(step, *resource);
            self.lowering.facts.push(named);
            self.note_key(step, *resource, *maker);
        }
        let missing = self.plan.steps.get(step).map(|step| step.missing.clone());
        for resource in missing.unwrap_or_default() {
            let named = self.names(step, resource);
            self.lowering.facts.push(named);
        }
        let absent = self.plan.steps.get(step).map(|step| step.absent.clone());
        for resource in absent.unwrap_or_default() {
            let named = self.names(step, resource);
            let none = self.lowering.terms.not(named);
            self.lowering.facts.push(none);
        }
        let binds = binds.into_iter();
        binds
            .filter_map(|(resource, maker)| Some((resource, *made.get(&maker)?)))
            .collect()
    }

    /// Requests about one resource hold the same key, others another one; that
    /// matters only where rules compare requests.
    fn note_key(&mut self, step: usize, resource: ResourceRef, maker: usize) {
        let model = self.lowering.model;
        let steps = 0..self.plan.steps.len();
        let mut operations = steps.map(|step| self.operation(step));
        if operations.all(|operation| model.across_at(operation).next().is_none()) {
            return;
        }
        let Some(slot) = self.key_slot(step, resource) else {
            return;
        };
        for (of, earlier, known) in self.keys.clone() {
            if of != resource || known == slot {
                continue;
            }
            let same = self.lowering.are_equal(known, slot);
            let fact = match earlier == maker {
                true => same.yes,
                false => same.no,
            };
            self.lowering.facts.push(fact);
        }
        self.keys.push((resource, maker, slot));
    }

    /// The field of a step's request that names a resource.
    fn key_slot(&mut self, step: usize, resource: ResourceRef) -> Option<SlotId> {
        let model = self.lowering.model;
        let mut binds = model.operation(self.operation(step)).binds.iter();
        let place = binds.find(|bind| bind.resource == resource)?;
        let mut slot = self.requests.get(step).copied()?;
        for segment in &place.location.0 {
            slot = self.lowering.child(slot, segment)?;
        }
        Some(slot)
    }

    /// Where the request of a step has the field that names a resource.
    fn names(&mut self, step: usize, resource: ResourceRef) -> Term {
        match self.key_slot(step, resource) {
            Some(slot) => {
                let (sent, null) = (self.lowering.slot(slot).sent, self.lowering.slot(slot).null);
                let not_null = self.lowering.terms.not(null);
                self.lowering.terms.and([sent, not_null])
            }
            None => self.lowering.terms.bool(true),
        }
    }

    /// Any state of each resource that a step is about.
    fn free(&mut self, step: usize) -> States {
        let model = self.lowering.model;
        let binds = &model.operation(self.operation(step)).binds;
        let states = binds.iter().map(|bind| {
            let resource = model.resource(bind.resource);
            let attributes = resource.attributes.iter().map(|attribute| {
                let name = format!("{}.{}", resource.name, attribute.name);
                self.lowering.free_of(&attribute.ty, &name)
            });
            let attributes = attributes.collect();
            let state = self.lowering.add_state(bind.resource, attributes);
            let there = self.is_there(step, bind.resource);
            self.lowering.limit_state(state, there);
            (bind.resource, state)
        });
        states.collect()
    }

    /// Where the request of a step names a resource that there is: the same on
    /// both servers.
    fn is_there(&mut self, step: usize, resource: ResourceRef) -> Term {
        if let Some(known) = self.there.get(&(step, resource)) {
            return *known;
        }
        let name = &self.lowering.model.resource(resource).name;
        let there = self.lowering.terms.var(format!("there:{name}"), Sort::Bool);
        let named = self.names(step, resource);
        let fact = self.lowering.terms.implies(there, named);
        self.lowering.facts.push(fact);
        self.there.insert((step, resource), there);
        there
    }

    fn env(&mut self, step: usize, states: &States) -> Option<Env> {
        self.env_after(step, states, Vec::new())
    }

    /// What a rule may read of a step, and of these earlier requests.
    fn env_after(&mut self, step: usize, states: &States, earlier: Vec<SlotId>) -> Option<Env> {
        let resources: BTreeMap<u32, usize> = states
            .iter()
            .map(|(resource, state)| (resource.0, *state))
            .collect();
        let next = self.versions.len();
        let version = *self
            .versions
            .entry((step, resources.clone(), earlier.clone()))
            .or_insert(next);
        Some(Env {
            step,
            request: *self.requests.get(step)?,
            state_version: version,
            moment: 0,
            resources: Arc::new(resources),
            earlier: Arc::new(earlier),
            items: Vec::new(),
        })
    }

    /// How a rule comes out; one about several requests for every choice of
    /// earlier ones that belong together with this one.
    fn judge(&mut self, rule: RuleRef, patch: &Patch, env: Option<&Env>) -> Judged {
        let model = self.lowering.model;
        let (Some(across), Some(env)) = (&model.rule(rule).across, env) else {
            return self.judge_one(rule, patch, env);
        };
        let choices = self.choices(env, &across.earlier).into_iter();
        let each = choices.map(|env| {
            let own = self.judge_one(rule, patch, Some(&env));
            let same = self.belongs(rule, patch, &env);
            self.judged_where(same, own)
        });
        let each: Vec<Judged> = each.collect();
        self.judged_together(&each)
    }

    /// A choice of earlier steps for each operation, in their order.
    fn choices(&mut self, env: &Env, earlier: &[OperationRef]) -> Vec<Env> {
        let mut chosen: Vec<Vec<usize>> = vec![Vec::new()];
        for operation in earlier {
            let longer = chosen.iter().flat_map(|steps| {
                let next = steps.last().map_or(0, |last| last + 1);
                let fitting = next..env.step;
                let fitting = fitting.filter(|step| self.operation(*step) == *operation);
                fitting.map(move |step| [steps.as_slice(), &[step]].concat())
            });
            chosen = longer.collect();
        }
        let states = env.resources.iter();
        let states: States = states
            .map(|(index, state)| (ResourceRef(*index), *state))
            .collect();
        let each = chosen.into_iter().filter_map(|steps| {
            let slots = steps.iter();
            let slots = slots.filter_map(|step| self.requests.get(*step).copied());
            let slots = slots.collect();
            self.env_after(env.step, &states, slots)
        });
        each.collect()
    }

    /// Where earlier requests belong together with this one.
    fn belongs(&mut self, rule: RuleRef, patch: &Patch, env: &Env) -> Term {
        let same = self.lowering.model.patched(patch, Place::Same(rule));
        self.lowering.truth(same, env).yes
    }

    /// What a rule says where a condition holds; elsewhere it holds.
    fn judged_where(&mut self, condition: Term, own: Judged) -> Judged {
        let terms = &mut self.lowering.terms;
        let elsewhere = terms.not(condition);
        Judged {
            yes: terms.or([own.yes, elsewhere]),
            no: terms.and([own.no, condition]),
            never: terms.and([own.never, condition]),
            unbroken: terms.or([own.unbroken, elsewhere]),
            known: terms.or([own.known, elsewhere]),
        }
    }

    /// How several conditions come out that must all hold.
    fn judged_together(&mut self, each: &[Judged]) -> Judged {
        let terms = &mut self.lowering.terms;
        let no = terms.or(each.iter().map(|own| own.no));
        let known = terms.and(each.iter().map(|own| own.known));
        Judged {
            yes: terms.and(each.iter().map(|own| own.yes)),
            no,
            never: terms.or(each.iter().map(|own| own.never)),
            unbroken: terms.and(each.iter().map(|own| own.unbroken)),
            known: terms.or([known, no]),
        }
    }

    /// Where the request of a step is a repeat, by a rule about several.
    fn repeats(&mut self, rule: RuleRef, patch: &Patch, env: Option<&Env>) -> Term {
        let model = self.lowering.model;
        let (Some(across), Some(env)) = (&model.rule(rule).across, env) else {
            return self.lowering.terms.bool(false);
        };
        let mut found = Vec::new();
        for env in self.choices(env, &across.earlier) {
            let same = self.belongs(rule, patch, &env);
            let holds = self.judge_one(rule, patch, Some(&env)).yes;
            let repeat = model.patched(patch, Place::Replay(rule));
            let repeat = self.lowering.truth(repeat, &env).yes;
            found.push(self.lowering.terms.and([same, holds, repeat]));
        }
        self.lowering.terms.or(found)
    }

    /// Where a request is a repeat: by any rule of the step, and by one that is
    /// looked at before the others.
    fn all_repeats(&mut self, step: usize, patch: &Patch, env: Option<&Env>) -> Repeats {
        let model = self.lowering.model;
        let (mut any, mut first) = (Vec::new(), Vec::new());
        for rule in &model.operation(self.operation(step)).rules {
            let across = model.rule(*rule).across.as_ref();
            let Some(replay) = across.and_then(|across| across.replay.as_ref()) else {
                continue;
            };
            let repeats = self.repeats(*rule, patch, env);
            any.push(repeats);
            if replay.is_first {
                first.push(repeats);
            }
        }
        let terms = &mut self.lowering.terms;
        Repeats {
            any: terms.or(any),
            first: terms.or(first),
        }
    }

    fn judge_one(&mut self, rule: RuleRef, patch: &Patch, env: Option<&Env>) -> Judged {
        let model = self.lowering.model;
        let expr = model.patched(patch, Place::Rule(rule));
        let Some(env) = env else {
            let no = self.lowering.terms.bool(false);
            let always = self.lowering.terms.bool(true);
            return Judged {
                yes: no,
                no,
                never: always,
                unbroken: always,
                known: no,
            };
        };
        let truths: Vec<Truth> = (0..self.lowering.moments(expr))
            .map(|moment| {
                let env = Env {
                    moment,
                    ..env.clone()
                };
                let mut truth = self.lowering.truth(expr, &env);
                if model.rule(rule).undefined_rejects {
                    truth.no = self.lowering.terms.not(truth.yes);
                }
                self.where_there(&model.rule(rule).needs, truth, &env)
            })
            .collect();
        self.judged_by(&truths)
    }

    /// What a rule says where the resources are there that it is about; it
    /// holds elsewhere.
    fn where_there(&mut self, needs: &[ResourceRef], truth: Truth, env: &Env) -> Truth {
        let all: Vec<Term> = needs
            .iter()
            .map(|resource| match env.resources.get(&resource.0) {
                Some(state) => self.lowering.exists(*state),
                None => self.lowering.terms.bool(false),
            })
            .collect();
        let terms = &mut self.lowering.terms;
        let there = terms.and(all);
        let elsewhere = terms.not(there);
        Truth {
            yes: terms.or([truth.yes, elsewhere]),
            no: terms.and([truth.no, there]),
        }
    }

    fn judged_by(&mut self, truths: &[Truth]) -> Judged {
        let terms = &mut self.lowering.terms;
        let untrue: Vec<Term> = truths.iter().map(|truth| terms.not(truth.yes)).collect();
        let unbroken: Vec<Term> = truths.iter().map(|truth| terms.not(truth.no)).collect();
        let known = truths.iter().map(|truth| terms.or([truth.yes, truth.no]));
        let known: Vec<Term> = known.collect();
        Judged {
            yes: terms.and(truths.iter().map(|truth| truth.yes)),
            no: terms.and(truths.iter().map(|truth| truth.no)),
            never: terms.and(untrue),
            unbroken: terms.and(unbroken),
            known: terms.and(known),
        }
    }

    /// Applies a step's changes to `made` (the state of what each step made);
    /// returns where they are defined.
    fn advance(
        &mut self,
        step: usize,
        patch: &Patch,
        env: Option<&Env>,
        made: &mut BTreeMap<usize, usize>,
    ) -> Term {
        let Some(env) = env else {
            return self.lowering.terms.bool(false);
        };
        let effect = self.effect_of(self.operation(step), patch, env);
        let binds = self.plan.steps.get(step).map(|step| &step.binds);
        for (resource, state) in effect.changed {
            if let Some(maker) = binds.and_then(|binds| binds.get(&resource)) {
                made.insert(*maker, state);
            }
        }
        if let Some((_, state)) = effect.created {
            made.insert(step, state);
        }
        effect.defined
    }

    /// What an accepted request to an operation changes and makes.
    fn effect_of(&mut self, operation: OperationRef, patch: &Patch, env: &Env) -> Effect {
        let model = self.lowering.model;
        let found = model.operation(operation);
        let mut defined = Vec::new();
        let mut changed: BTreeMap<ResourceRef, Vec<Sym>> = BTreeMap::new();
        for (index, change) in found.changes.iter().enumerate() {
            let Some(state) = env.resources.get(&change.resource.0).copied() else {
                continue;
            };
            let expr = model.patched(patch, Place::Set(operation, index));
            let value = self.lowering.lower(expr, env);
            let (value, known) = self.changed_where_there(state, change.attribute, value);
            defined.push(known);
            let before = || self.lowering.state(state).to_vec();
            let attributes = changed.entry(change.resource).or_insert_with(before);
            if let Some(slot) = attributes.get_mut(change.attribute) {
                *slot = value;
            }
        }
        let changed = changed.into_iter();
        let changed = changed
            .map(|(resource, attributes)| (resource, self.intern(resource, attributes)))
            .collect();
        let created = found.creates.map(|resource| {
            let attributes = (0..model.resource(resource).attributes.len()).map(|index| {
                let expr = model.patched(patch, Place::Init(resource, index));
                self.lowering.lower(expr, env)
            });
            let attributes = attributes.collect();
            (resource, self.intern(resource, attributes))
        });
        Effect {
            defined: self.lowering.terms.and(defined),
            changed,
            created,
        }
    }

    /// The new value of an attribute where the resource is there, the old one
    /// elsewhere; and where that is known.
    fn changed_where_there(&mut self, state: usize, attribute: usize, new: Sym) -> (Sym, Term) {
        let there = self.lowering.exists(state);
        let elsewhere = self.lowering.terms.not(there);
        let known = self.lowering.terms.or([elsewhere, new.defined]);
        let old = self.lowering.state(state).get(attribute).cloned();
        match old {
            Some(old) => (self.lowering.ite(there, &new, &old), known),
            None => (new, known),
        }
    }

    /// The number of a state, the same for equal states: rules then read the
    /// same terms on both servers.
    fn intern(&mut self, resource: ResourceRef, attributes: Vec<Sym>) -> usize {
        match self.lowering.find_state(resource, &attributes) {
            Some(known) => known,
            None => self.lowering.add_state(resource, attributes),
        }
    }

    /// What tells the server of `patch` from the right one at the last step,
    /// the earlier steps being accepted by both.
    pub fn goal(&mut self, patch: &Patch) -> Goal {
        let mut made = BTreeMap::new();
        let mut accepted = Vec::new();
        let mut judged: BTreeMap<RuleRef, Judged> = BTreeMap::new();
        let mut effect = self.lowering.terms.bool(true);
        let mut repeats = self.no_repeats();
        for step in 0..self.plan.steps.len() {
            let states = if self.free_states {
                self.right.get(step).cloned().unwrap_or_default()
            } else {
                self.bound(step, &made)
            };
            let env = self.env(step, &states);
            for rule in self.rules_at(step) {
                let truth = self.judge(rule, patch, env.as_ref());
                if step == self.last() {
                    judged.insert(rule, truth);
                } else if self.earlier.get(&(step, rule)) != Some(&truth) {
                    accepted.push(truth.yes);
                }
            }
            let own = self.all_repeats(step, patch, env.as_ref());
            effect = self.advance(step, patch, env.as_ref(), &mut made);
            if step == self.last() {
                effect = self.lowering.terms.or([effect, own.any]);
                repeats = own;
            } else {
                accepted.push(effect);
                accepted.push(self.lowering.terms.not(own.any));
            }
        }
        let accepted = self.lowering.terms.and(accepted);
        let right = self.judged.clone();
        self.difference(accepted, &right, &judged, (effect, repeats))
    }

    /// Where `accepted` holds, and the servers' rules come out so differently
    /// that an observer can tell.
    fn difference(
        &mut self,
        accepted: Term,
        right: &BTreeMap<RuleRef, Judged>,
        judged: &BTreeMap<RuleRef, Judged>,
        (effect, repeats): (Term, Repeats),
    ) -> Goal {
        let mut others = Vec::new();
        let mut pairs = Vec::new();
        for (rule, own) in right {
            match judged.get(rule) {
                Some(patched) if patched != own => pairs.push((*own, *patched)),
                _ => others.push(*rule),
            }
        }
        let repeated = self.repeated(right, judged, repeats);
        let makes = self.lowering.model.operation(self.operation(self.last()));
        let shows_repeats = makes.creates.is_some() && repeats != self.repeats;
        let own = self.repeats;
        let t = &mut self.lowering.terms;
        let (is_new, is_new_there) = (t.not(own.first), t.not(repeats.first));
        let keeps = t.and(pairs.iter().map(|(own, _)| own.yes).chain([self.effect]));
        let right_accepts = t.or([own.first, keeps]);
        let some_broken = t.or(pairs.iter().map(|(own, _)| own.no));
        let clear: Vec<Term> = pairs
            .iter()
            .map(|(own, _)| t.or([own.yes, own.no]))
            .collect();
        let right_refuses = t.and(clear.into_iter().chain([some_broken, is_new]));
        let keeps_there = t.and(pairs.iter().map(|(_, patched)| patched.yes).chain([effect]));
        let patched_accepts = t.or([repeats.first, keeps_there]);
        let no_effect = t.not(effect);
        let never = pairs.iter().map(|(_, patched)| patched.never);
        let not_kept = t.or(never.chain([no_effect]));
        let not_accepted = t.and([is_new_there, not_kept]);
        let false_alarm = t.and([right_accepts, not_accepted]);
        let slipped = t.and([right_refuses, patched_accepts]);
        // The answer names what is new, or what the first request made.
        let (no_repeat, no_repeat_there) = (t.not(own.any), t.not(repeats.any));
        let one = t.and([own.any, no_repeat_there]);
        let other = t.and([no_repeat, repeats.any]);
        let only_one = t.or([one, other]);
        let shown = t.bool(shows_repeats);
        let other_answer = t.and([shown, right_accepts, patched_accepts, only_one]);
        let either = t.or([false_alarm, slipped, other_answer]);
        Goal {
            differs: t.and([accepted, either]),
            refuses: t.and([accepted, slipped]),
            others,
            repeated: t.and([accepted, repeated]),
        }
    }

    /// Where one server answers a repeat before it looks at a rule for which the
    /// other doesn't accept the request.
    fn repeated(
        &mut self,
        right: &BTreeMap<RuleRef, Judged>,
        judged: &BTreeMap<RuleRef, Judged>,
        there: Repeats,
    ) -> Term {
        let own = self.repeats;
        let terms = &mut self.lowering.terms;
        let (is_new, is_new_there) = (terms.not(own.first), terms.not(there.first));
        let never = terms.or(judged.values().map(|patched| patched.never));
        let broken = terms.or(right.values().map(|own| own.no));
        let refused = terms.and([own.first, is_new_there, never]);
        let accepted = terms.and([is_new, there.first, broken]);
        match own.first == there.first {
            true => terms.bool(false),
            false => terms.or([refused, accepted]),
        }
    }

    fn no_repeats(&mut self) -> Repeats {
        let never = self.lowering.terms.bool(false);
        Repeats {
            any: never,
            first: never,
        }
    }

    /// Where the right server accepts the last request.
    pub fn accepts(&mut self) -> Goal {
        Goal {
            differs: self.effect,
            refuses: self.lowering.terms.bool(false),
            others: self.judged.keys().copied().collect(),
            repeated: self.lowering.terms.bool(false),
        }
    }

    /// Where `expr`, read at the last step, is true, and where it is false.
    pub fn truth_at_end(&mut self, expr: ExprId) -> Truth {
        self.truth_beside(expr, expr)
    }

    /// The same together with the earlier requests that `of` reads.
    pub fn truth_beside(&mut self, expr: ExprId, of: ExprId) -> Truth {
        match self.env_at_end(of) {
            Some((env, _)) => self.lowering.truth(expr, &env),
            None => {
                let no = self.lowering.terms.bool(false);
                Truth { yes: no, no }
            }
        }
    }

    /// Where the requests belong together that `expr` reads, as far as that is
    /// known.
    pub fn belongs_at_end(&mut self, expr: ExprId) -> Term {
        match self.env_at_end(expr) {
            Some((env, Some(rule))) => self.belongs(rule, &Patch::default(), &env),
            _ => self.lowering.terms.bool(true),
        }
    }

    /// What an expression reads at the last step; where that is earlier requests
    /// and only one rule has such an expression, that rule.
    fn env_at_end(&mut self, expr: ExprId) -> Option<(Env, Option<RuleRef>)> {
        let (last, model) = (self.last(), self.lowering.model);
        let states = self.right.get(last).cloned().unwrap_or_default();
        let env = self.env(last, &states)?;
        let rules = rules_reading(model, self.operation(last), expr);
        if rules.is_empty() {
            return Some((env, None));
        }
        let rule = match *rules {
            [only] => Some(only),
            _ => None,
        };
        let earlier = most_earlier(model, &rules);
        let choice = self.choices(&env, &earlier).into_iter().next()?;
        Some((choice, rule))
    }

    /// Where the right server refuses the last request because of `broken`
    /// alone.
    pub fn refuses(&mut self, broken: RuleRef) -> Goal {
        let truth = self.judged.get(&broken).copied();
        let no = truth.map_or_else(|| self.lowering.terms.bool(false), |truth| truth.no);
        let is_new = self.lowering.terms.not(self.repeats.first);
        let no = self.lowering.terms.and([no, is_new]);
        let others = self.judged.keys().copied().filter(|rule| *rule != broken);
        Goal {
            differs: no,
            refuses: no,
            others: others.collect(),
            repeated: self.lowering.terms.bool(false),
        }
    }

    /// The literals that make the rules of earlier steps hold, and these others
    /// of the last one; with `undefined_too`, that only keep them from being
    /// broken.
    pub fn hold(&mut self, rules: &[RuleRef], undefined_too: bool) -> Vec<Term> {
        let last = self.last();
        let of_last = rules.iter();
        let of_last = of_last.filter_map(|rule| Some(((last, *rule), *self.judged.get(rule)?)));
        let of_earlier = self.earlier.iter().map(|(at, truth)| (*at, *truth));
        let all: Vec<((usize, RuleRef), Judged)> = of_earlier.chain(of_last).collect();
        let mut literals = Vec::new();
        for ((step, rule), truth) in all {
            let (label, fact) = if undefined_too {
                (Label::Unbroken(step, rule), truth.unbroken)
            } else {
                (Label::Rule(step, rule), truth.yes)
            };
            if self.lowering.terms.as_bool(fact) == Some(true) {
                continue;
            }
            if !self.lowering.has_literal(&label) {
                self.lowering.assume(label.clone(), fact);
            }
            literals.push(self.lowering.literal(label));
        }
        literals
    }

    /// Whether one of `rules` can be undefined at the last step, or any rule at
    /// an earlier one.
    pub fn can_be_undefined(&mut self, rules: &[RuleRef]) -> bool {
        let of_last = rules.iter().filter_map(|rule| self.judged.get(rule));
        let mut known = of_last
            .chain(self.earlier.values())
            .map(|truth| truth.known);
        known.any(|known| self.lowering.terms.as_bool(known) != Some(true))
    }

    /// The literals that always apply: schemas, what is proven, restrictions.
    pub fn standing(&self) -> Vec<Term> {
        let applies = |label: &Label| match label {
            Label::Schema { .. } | Label::Restriction(_) | Label::Invariant(_) => true,
            Label::Rule(..) | Label::Unbroken(..) | Label::Alike(_) => false,
        };
        let literals = self.lowering.literals.iter();
        literals
            .filter(|(_, label)| applies(label))
            .map(|(literal, _)| *literal)
            .collect()
    }

    /// A fresh literal that implies `goal`.
    pub fn pose(&mut self, goal: Term) -> Term {
        let literal = self.lowering.terms.var("goal", Sort::Bool);
        let fact = self.lowering.terms.implies(literal, goal);
        self.lowering.facts.push(fact);
        literal
    }
}
