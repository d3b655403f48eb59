//! The states that the rules of a step read: those that earlier steps left, or
//! any.

use std::collections::{BTreeMap, BTreeSet};

use super::{Encoding, States};
use crate::model::{Maker, Patch, ResourceRef};
use crate::search::lower::{AllOf, AnyNumber, State, Sym};
use crate::search::smt::Sort;

impl Encoding<'_> {
    /// The states that the rules of a step read. `made` is the state of each
    /// resource that there is.
    pub(super) fn bound(&mut self, step: usize, made: &BTreeMap<Maker, usize>) -> States {
        if self.free_states {
            return self.free(step);
        }
        let planned = self.plan.steps.get(step).into_iter();
        let binds = planned.flat_map(|step| &step.binds);
        let bound = binds.filter_map(|(resource, maker)| Some((*resource, *made.get(maker)?)));
        let model = self.lowering.model;
        let ranges = &model.operation(self.operation(step)).ranges;
        let all = ranges.iter().map(|resource| {
            let states = made.iter();
            let states = states.filter(|(maker, _)| self.kind_of(**maker) == Some(*resource));
            let all = AllOf {
                states: states.map(|(_, state)| *state).collect(),
                any_number: None,
            };
            (resource.0, all)
        });
        States {
            all: all.collect(),
            bound: bound.collect(),
        }
    }

    /// Any state of each resource that a step is about, and any number of those
    /// that its rules range over.
    pub(super) fn free(&mut self, step: usize) -> States {
        let model = self.lowering.model;
        let found = model.operation(self.operation(step));
        let bound = found.binds.iter().map(|bind| {
            let state = self.free_state(bind.resource, 0);
            let there = self.is_there(step, bind.resource);
            self.lowering.limit_state(state, there);
            (bind.resource, state)
        });
        let bound = bound.collect();
        let all = found.ranges.iter();
        let all = all.map(|resource| (resource.0, self.any_number_of(*resource)));
        States {
            all: all.collect(),
            bound,
        }
    }

    /// The same for a faulty server beside the right one: of resources that the
    /// fault leaves alone both have the same.
    pub(super) fn free_beside(&mut self, step: usize, right: &States, patch: &Patch) -> States {
        let mut states = self.free(step);
        let reached = self.lowering.model.reached_by(patch.0.keys().copied());
        let reached: BTreeSet<u32> = reached.iter().map(|(resource, _)| resource.0).collect();
        for (resource, all) in &mut states.all {
            if let Some(same) = right.all.get(resource)
                && !reached.contains(resource)
            {
                *all = same.clone();
            }
        }
        states
    }

    fn any_number_of(&mut self, resource: ResourceRef) -> AllOf {
        let mut states = Vec::new();
        let mut keys: Vec<Sym> = Vec::new();
        // As many as of the items of lists.
        let encoded = self.lowering.config.items;
        for number in 1..=encoded {
            let state = self.free_state(resource, number);
            let there = self.lowering.terms.var("there", Sort::Bool);
            self.lowering.limit_state(state, there);
            if let Some(key) = self.lowering.state_key(state).cloned() {
                self.unlike_all(&key, &keys);
                keys.push(key);
            }
            states.push(state);
        }
        let more = self.lowering.terms.var("more", Sort::Bool);
        AllOf {
            states,
            any_number: Some(AnyNumber {
                resource,
                encoded,
                more,
            }),
        }
    }

    /// A resource in any state; the `number` tells those of a kind apart.
    fn free_state(&mut self, resource: ResourceRef, number: usize) -> usize {
        let found = self.lowering.model.resource(resource);
        let attributes = found.attributes.iter().map(|attribute| {
            let name = match number {
                0 => format!("{}.{}", found.name, attribute.name),
                _ => format!("{}{number}.{}", found.name, attribute.name),
            };
            self.lowering.free_of(&attribute.ty, &name)
        });
        let attributes = attributes.collect();
        let key = self.new_key(resource, number);
        self.lowering.add_state(State {
            resource,
            attributes,
            key,
        })
    }
}
