//! One request on one server.

use std::borrow::BorrowMut;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::shown::{Seen, seen};
use super::state::{Accepted, Bound, Instance, State};
use super::{Options, Verdict};
use crate::eval::{Evaluator, Undefined};
use crate::model::{Maker, Model, OperationRef, Patch, Place, ResourceRef, RuleRef};
use crate::value::{Members, Value};

/// The server that a patch makes; the empty patch makes the right one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Server<'m> {
    pub model: &'m Model,
    pub patch: &'m Patch,
    pub options: Options<'m>,
}

/// What a request does: one that was accepted, on a right server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Effect {
    /// The new values: of this instance, the attribute.
    pub changes: Vec<(Maker, Arc<str>, Value)>,
    /// The same of all resources of a kind.
    pub everywhere: Vec<(ResourceRef, Arc<str>, Value)>,
    /// The resource that it makes.
    pub created: Option<Instance>,
    /// The request, where rules about later ones read it; and whether it was
    /// refused.
    pub remembered: Option<(OperationRef, Arc<Value>, bool)>,
}

impl Server<'_> {
    /// Whether this is the right server.
    fn is_right(self) -> bool {
        self.patch.0.is_empty()
    }

    /// The moments at which a verdict must be the same.
    pub fn moments(self) -> Vec<i128> {
        let clock = &self.model.clock;
        if let Some(phase) = self.options.phase {
            return vec![phase.first, phase.last];
        }
        if self.options.at_every_moment {
            return clock.all_moments();
        }
        clock.moments().to_vec()
    }

    /// [`Server::judge`] at several moments, one evaluator each. What is
    /// remembered is that of the first.
    pub fn judge_steadily<'e>(
        self,
        operation: OperationRef,
        bound: &Bound,
        evaluators: impl IntoIterator<Item = impl BorrowMut<Evaluator<'e>>>,
    ) -> (Verdict, Effect) {
        let mut found: Option<(Verdict, Effect)> = None;
        for mut evaluator in evaluators {
            let own = self.judge(operation, bound, evaluator.borrow_mut());
            match &found {
                None => found = Some(own),
                Some((verdict, _)) if *verdict == own.0 => {}
                Some(_) => return (Verdict::Unsteady, Effect::default()),
            }
        }
        found.unwrap_or((Verdict::Unsteady, Effect::default()))
    }

    /// The verdict on a request to `operation` whose resources are bound, and
    /// its effect if it is accepted.
    pub fn judge(
        self,
        operation: OperationRef,
        bound: &Bound,
        evaluator: &mut Evaluator<'_>,
    ) -> (Verdict, Effect) {
        if self.is_right()
            && self
                .model
                .takes_known_text(operation, evaluator.env().request)
        {
            return (Verdict::Shared, Effect::default());
        }
        let repeat = self.repeat(operation, bound, evaluator);
        if let Some((verdict, true)) = repeat {
            let effect = self.effect_of_repeat(operation, bound, evaluator);
            return (verdict, effect);
        }
        let mut broken = BTreeSet::new();
        let mut undefined = BTreeSet::new();
        for rule in &self.model.operation(operation).rules {
            match self.rule(*rule, bound, evaluator) {
                Ok(true) => {}
                Ok(false) => {
                    broken.insert(*rule);
                }
                Err(_) => {
                    undefined.insert(Place::Rule(*rule));
                }
            }
        }
        if let Some(verdict) = self.lost(undefined) {
            return (verdict, Effect::default());
        }
        if !broken.is_empty() {
            let effect = self.effect_of_refused(operation, bound, evaluator);
            return (Verdict::Reject(broken), effect);
        }
        if let Some((verdict, _)) = repeat {
            let effect = self.effect_of_repeat(operation, bound, evaluator);
            return (verdict, effect);
        }
        match self.effect(operation, bound, evaluator) {
            Ok(_) if self.is_right() && self.would_stay(operation, bound, evaluator) => {
                (Verdict::Shared, Effect::default())
            }
            Ok(effect) => (Verdict::Accept, effect),
            Err(undefined) => {
                let verdict = self.lost(undefined).unwrap_or(Verdict::Accept);
                (verdict, Effect::default())
            }
        }
    }

    /// Whether the rule holds on this server: it says nothing without the
    /// resources that it is about.
    pub fn rule(
        self,
        rule: RuleRef,
        bound: &Bound,
        evaluator: &mut Evaluator<'_>,
    ) -> Result<bool, Undefined> {
        if !bound.has_all(&self.model.rule(rule).needs) {
            return Ok(true);
        }
        let place = Place::Rule(rule);
        let held = match &self.model.rule(rule).across {
            None => evaluator.holds(self.model.patched(self.patch, place)),
            Some(across) => self.across(rule, across, bound, evaluator),
        };
        if held.is_err() && self.model.rule(rule).undefined_rejects {
            return Ok(false);
        }
        let about = self.options.undefined_holds_beside;
        if held.is_err() && about.is_some_and(|about| !about.0.contains_key(&place)) {
            return Ok(true);
        }
        held
    }

    /// What the answer shows of the resources, where the request is accepted.
    pub fn seen(self, operation: OperationRef, bound: &Bound, verdict: &Verdict) -> Vec<Seen> {
        match verdict {
            Verdict::Accept => seen(self.model, operation, &bound.read.bound),
            _ => Vec::new(),
        }
    }

    /// Whether other tests would meet what the request leaves, if it is accepted.
    fn would_stay(self, operation: OperationRef, bound: &Bound, evaluator: &Evaluator<'_>) -> bool {
        let model = self.model;
        if model.existing.is_empty() {
            return false;
        }
        // What it is about may belong to what was there before.
        let held = bound.read.bound.iter().flatten();
        let held = held.chain([evaluator.env().request]);
        let held = held.flat_map(|value| model.existing_in(value));
        let about = bound.makers.iter();
        let about = about.map(|(resource, maker)| (*resource, *maker));
        model.leaves_traces(operation, about.chain(held))
    }

    /// The verdict where some places are undefined.
    fn lost(self, undefined: BTreeSet<Place>) -> Option<Verdict> {
        let first = *undefined.first()?;
        Some(if self.is_right() {
            Verdict::Unclear(undefined)
        } else {
            // A patched expression is what can be said to crash.
            let patched = undefined
                .iter()
                .find(|place| self.patch.0.contains_key(place));
            Verdict::Crash(*patched.unwrap_or(&first))
        })
    }

    /// What the request changes and makes; all expressions read the state
    /// before it. The error holds the changes that are undefined.
    pub fn effect(
        self,
        operation: OperationRef,
        bound: &Bound,
        evaluator: &mut Evaluator<'_>,
    ) -> Result<Effect, BTreeSet<Place>> {
        let found = self.model.operation(operation);
        let mut effect = Effect::default();
        let mut undefined = BTreeSet::new();
        for index in 0..found.changes.len() {
            if !self.change(operation, index, bound, evaluator, &mut effect) {
                undefined.insert(Place::Set(operation, index));
            }
        }
        if !undefined.is_empty() {
            return Err(undefined);
        }
        self.lose(operation, bound, evaluator, &mut effect);
        effect.remembered = self.model.remembers(operation).then(|| {
            let request = Arc::new(evaluator.env().request.clone());
            (operation, request, false)
        });
        effect.created = found.creates.map(|resource| Instance {
            resource,
            attributes: self.first_values(resource, evaluator),
            key: None,
        });
        Ok(effect)
    }

    /// Changes what it should keep, on a faulty server.
    fn lose(
        self,
        operation: OperationRef,
        bound: &Bound,
        evaluator: &mut Evaluator<'_>,
        effect: &mut Effect,
    ) {
        for (place, expr) in &self.patch.0 {
            let Place::Kept(of, _) = place else {
                continue;
            };
            let written = self.model.written_at(*place).filter(|_| *of == operation);
            let Some((resource, attribute)) = written else {
                continue;
            };
            let attribute = self.model.resource(resource).attributes.get(attribute);
            let maker = bound.makers.get(&resource);
            if let (Some(maker), Some(attribute)) = (maker, attribute)
                && let Ok(value) = evaluator.eval(*expr)
            {
                let name = attribute.name.as_str().into();
                effect.changes.push((*maker, name, value.get().clone()));
            }
        }
    }

    /// What a refused request does all the same: nothing, on a right server. A
    /// change whose value is undefined isn't made.
    fn effect_of_refused(
        self,
        operation: OperationRef,
        bound: &Bound,
        evaluator: &mut Evaluator<'_>,
    ) -> Effect {
        let mut effect = Effect::default();
        if !self.patch.lets_refused(self.model, operation) {
            return effect;
        }
        self.change_also(Place::Refused, (operation, bound), evaluator, &mut effect);
        let counts = self.patch.counts_refused(self.model, operation);
        effect.remembered = counts.then(|| {
            let request = Arc::new(evaluator.env().request.clone());
            (operation, request, true)
        });
        effect
    }

    /// What a repeat does all the same: nothing, on a right server.
    fn effect_of_repeat(
        self,
        operation: OperationRef,
        bound: &Bound,
        evaluator: &mut Evaluator<'_>,
    ) -> Effect {
        let mut effect = Effect::default();
        if self.patch.lets_repeats(operation) {
            self.change_also(Place::Repeated, (operation, bound), evaluator, &mut effect);
        }
        effect
    }

    /// Makes the changes of which the expression at a place says so, as far as
    /// they are defined.
    fn change_also(
        self,
        place: fn(OperationRef, usize) -> Place,
        (operation, bound): (OperationRef, &Bound),
        evaluator: &mut Evaluator<'_>,
        effect: &mut Effect,
    ) {
        for index in 0..self.model.operation(operation).changes.len() {
            let place = place(operation, index);
            if evaluator.holds(self.model.patched(self.patch, place)) == Ok(true) {
                self.change(operation, index, bound, evaluator, effect);
            }
        }
    }

    /// Makes one change; whether its value is defined.
    fn change(
        self,
        operation: OperationRef,
        index: usize,
        bound: &Bound,
        evaluator: &mut Evaluator<'_>,
        effect: &mut Effect,
    ) -> bool {
        let Some(change) = self.model.operation(operation).changes.get(index) else {
            return true;
        };
        let Some(maker) = bound.makers.get(&change.resource) else {
            return true;
        };
        let new = self.model.patched(self.patch, Place::Set(operation, index));
        let Ok(value) = evaluator.eval(new) else {
            return false;
        };
        let resource = self.model.resource(change.resource);
        if let Some(attribute) = resource.attributes.get(change.attribute) {
            let name: Arc<str> = attribute.name.as_str().into();
            let value = value.get().clone();
            let place = Place::Everywhere(operation, index);
            if evaluator.holds(self.model.patched(self.patch, place)) == Ok(true) {
                let all = (change.resource, name.clone(), value.clone());
                effect.everywhere.push(all);
            }
            effect.changes.push((*maker, name, value));
        }
        true
    }

    /// The attributes of a new resource; an undefined one is absent.
    fn first_values(self, resource: ResourceRef, evaluator: &mut Evaluator<'_>) -> Members {
        let attributes = &self.model.resource(resource).attributes;
        let values = attributes
            .iter()
            .enumerate()
            .filter_map(|(index, attribute)| {
                let place = Place::Init(resource, index);
                let value = evaluator.eval(self.model.patched(self.patch, place)).ok()?;
                Some((attribute.name.as_str().into(), value.get().clone()))
            });
        values.collect()
    }
}

impl State {
    /// Takes the effect of the step `step` (from 0).
    pub(super) fn apply(&mut self, step: usize, effect: Effect) {
        for (changed, attribute, value) in effect.changes {
            if let Some(instance) = self.made.get_mut(&changed) {
                instance.attributes.insert(attribute, value);
            }
        }
        for (resource, attribute, value) in effect.everywhere {
            let kind = self.made.values_mut();
            for instance in kind.filter(|instance| instance.resource == resource) {
                instance.attributes.insert(attribute.clone(), value.clone());
            }
        }
        if let Some(created) = effect.created {
            self.made.insert(Maker::Step(step), created);
        }
        if let Some((operation, request, is_refused)) = effect.remembered {
            self.accepted.push(Accepted {
                step,
                operation,
                request,
                is_refused,
            });
        }
    }
}
