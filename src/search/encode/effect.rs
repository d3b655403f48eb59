//! What accepted requests change and make.

use std::collections::BTreeMap;

use super::Encoding;
use crate::model::{Maker, OperationRef, Patch, Place, ResourceRef};
use crate::search::lower::{Env, State, Sym};
use crate::search::smt::Term;

/// What a request does to what the server remembers.
pub(super) struct Effect {
    /// Where all of it is defined.
    pub defined: Term,
    /// What it changes, and the state behind it.
    pub changed: Vec<(ResourceRef, usize)>,
    /// What it changes of all resources of a kind: the attribute, its value, and
    /// where it does.
    pub everywhere: Vec<(ResourceRef, usize, Sym, Term)>,
    /// What it makes, and its state.
    pub created: Option<(ResourceRef, usize)>,
}

impl Encoding<'_> {
    /// Applies a step's changes to `made` (the state of each resource);
    /// returns where they are defined.
    pub(super) fn advance(
        &mut self,
        step: usize,
        patch: &Patch,
        env: Option<&Env>,
        made: &mut BTreeMap<Maker, usize>,
    ) -> Term {
        let Some(env) = env else {
            return self.lowering.terms.bool(false);
        };
        let effect = self.effect_of(self.operation(step), patch, env);
        for (resource, attribute, value, there) in effect.everywhere {
            self.change_all(made, (resource, attribute), &value, there);
        }
        self.take_changes(step, effect.changed, made);
        if let Some((_, state)) = effect.created {
            made.insert(Maker::Step(step), state);
        }
        effect.defined
    }

    /// Notes the new states of what a step is about.
    pub(super) fn take_changes(
        &self,
        step: usize,
        changed: Vec<(ResourceRef, usize)>,
        made: &mut BTreeMap<Maker, usize>,
    ) {
        let binds = self.plan.steps.get(step).map(|step| &step.binds);
        for (resource, state) in changed {
            if let Some(maker) = binds.and_then(|binds| binds.get(&resource)) {
                made.insert(*maker, state);
            }
        }
    }

    /// Gives an attribute of all resources of a kind a value, where `there`.
    fn change_all(
        &mut self,
        made: &mut BTreeMap<Maker, usize>,
        (resource, attribute): (ResourceRef, usize),
        value: &Sym,
        there: Term,
    ) {
        for (maker, state) in made.iter_mut() {
            if self.kind_of(*maker) != Some(resource) {
                continue;
            }
            let mut attributes = self.lowering.state(*state).to_vec();
            let key = self.lowering.state_key(*state).cloned();
            if let (Some(slot), Some(key)) = (attributes.get_mut(attribute), key) {
                *slot = self.lowering.ite(there, value, slot);
                let state_after = State {
                    resource,
                    attributes,
                    key,
                };
                *state = self.intern(state_after);
            }
        }
    }

    /// What an accepted request to an operation changes and makes.
    pub(super) fn effect_of(
        &mut self,
        operation: OperationRef,
        patch: &Patch,
        env: &Env,
    ) -> Effect {
        let model = self.lowering.model;
        let found = model.operation(operation);
        let mut defined = Vec::new();
        let mut everywhere = Vec::new();
        let mut changed: BTreeMap<ResourceRef, Vec<Sym>> = BTreeMap::new();
        for (index, change) in found.changes.iter().enumerate() {
            let Some(state) = env.resources.get(&change.resource.0).copied() else {
                continue;
            };
            let expr = model.patched(patch, Place::Set(operation, index));
            let value = self.lowering.lower(expr, env);
            let leaks = model.patched(patch, Place::Everywhere(operation, index));
            if model.arena.is_true(leaks) {
                let there = self.lowering.exists(state);
                everywhere.push((change.resource, change.attribute, value.clone(), there));
            }
            let (value, known) = self.changed_where_there(state, change.attribute, value);
            defined.push(known);
            let before = || self.lowering.state(state).to_vec();
            let attributes = changed.entry(change.resource).or_insert_with(before);
            if let Some(slot) = attributes.get_mut(change.attribute) {
                *slot = value;
            }
        }
        self.lose(operation, patch, env, &mut changed);
        let changed = self.states_of(changed, env);
        let created = found.creates.map(|resource| {
            let attributes = (0..model.resource(resource).attributes.len()).map(|index| {
                let expr = model.patched(patch, Place::Init(resource, index));
                self.lowering.lower(expr, env)
            });
            let attributes = attributes.collect();
            let key = self.key_of(Maker::Step(env.step), resource);
            let state = State {
                resource,
                attributes,
                key,
            };
            (resource, self.intern(state))
        });
        Effect {
            defined: self.lowering.terms.and(defined),
            changed,
            everywhere,
            created,
        }
    }

    /// Changes what the operation should keep, on a faulty server. A value that is
    /// undefined isn't taken.
    fn lose(
        &mut self,
        operation: OperationRef,
        patch: &Patch,
        env: &Env,
        changed: &mut BTreeMap<ResourceRef, Vec<Sym>>,
    ) {
        for (place, expr) in &patch.0 {
            let Place::Kept(of, _) = place else {
                continue;
            };
            let written = self.lowering.model.written_at(*place);
            let Some((resource, attribute)) = written.filter(|_| *of == operation) else {
                continue;
            };
            let Some(state) = env.resources.get(&resource.0).copied() else {
                continue;
            };
            let value = self.lowering.lower(*expr, env);
            let defined = value.defined;
            let (value, _) = self.changed_where_there(state, attribute, value);
            let before = || self.lowering.state(state).to_vec();
            let attributes = changed.entry(resource).or_insert_with(before);
            if let Some(slot) = attributes.get_mut(attribute) {
                *slot = self.lowering.ite(defined, &value, slot);
            }
        }
    }

    /// The states of resources whose attributes have changed.
    pub(super) fn states_of(
        &mut self,
        changed: BTreeMap<ResourceRef, Vec<Sym>>,
        env: &Env,
    ) -> Vec<(ResourceRef, usize)> {
        let changed = changed.into_iter();
        let changed = changed.filter_map(|(resource, attributes)| {
            let before = env.resources.get(&resource.0)?;
            let key = self.lowering.state_key(*before)?.clone();
            let state = State {
                resource,
                attributes,
                key,
            };
            Some((resource, self.intern(state)))
        });
        changed.collect()
    }

    /// The new value of an attribute where the resource is there, the old one
    /// elsewhere; and where that is known.
    pub(super) fn changed_where_there(
        &mut self,
        state: usize,
        attribute: usize,
        new: Sym,
    ) -> (Sym, Term) {
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
    pub(super) fn intern(&mut self, state: State) -> usize {
        match self.lowering.find_state(&state) {
            Some(known) => known,
            None => self.lowering.add_state(state),
        }
    }
}
