//! The fields by which requests name resources.

use super::Encoding;
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
            self.note_key(step, resource, Some(maker));
        }
        for resource in planned.missing {
            self.note_key(step, resource, None);
        }
    }

    /// The field of a step's request that names a resource.
    pub(super) fn key_slot(&mut self, step: usize, resource: ResourceRef) -> Option<SlotId> {
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

    /// Where the request of a step names a resource that there is: the same on
    /// both servers.
    pub(super) fn is_there(&mut self, step: usize, resource: ResourceRef) -> Term {
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
