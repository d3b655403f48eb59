//! What the requests of a plan are about: states of resources, and the fields
//! that name them.

use std::collections::BTreeMap;

use super::{Encoding, States};
use crate::model::ResourceRef;
use crate::search::lower::SlotId;
use crate::search::smt::{Sort, Term};

impl Encoding<'_> {
    /// Says which resources the request of a step names, and which it doesn't.
    pub(super) fn name_resources(&mut self, step: usize) {
        let Some(planned) = self.plan.steps.get(step).cloned() else {
            return;
        };
        for resource in planned.binds.keys().chain(&planned.missing) {
            let named = self.names(step, *resource);
            self.lowering.facts.push(named);
        }
        for resource in planned.absent {
            let named = self.names(step, resource);
            let none = self.lowering.terms.not(named);
            self.lowering.facts.push(none);
        }
        for (resource, maker) in planned.binds {
            self.note_key(step, resource, maker);
        }
    }

    /// The states that the rules of a step read.
    pub(super) fn bound(&mut self, step: usize, made: &BTreeMap<usize, usize>) -> States {
        if self.free_states {
            return self.free(step);
        }
        let planned = self.plan.steps.get(step).into_iter();
        let binds = planned.flat_map(|step| &step.binds);
        binds
            .filter_map(|(resource, maker)| Some((*resource, *made.get(maker)?)))
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
            if of != resource {
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
    pub(super) fn free(&mut self, step: usize) -> States {
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
}
