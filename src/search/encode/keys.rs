//! What names resources: the same text wherever one is named, and others for
//! others. That matters only where rules compare it.

use std::fmt::Display;

use super::Encoding;
use crate::expr::Type;
use crate::model::{Maker, ResourceRef};
use crate::search::lower::{Leaf, SlotId, Sym};
use crate::search::smt::Term;

impl Encoding<'_> {
    /// Requests about one resource hold the same key, others another one; one
    /// that isn't there (`None`) has a key of its own.
    pub(super) fn note_key(&mut self, step: usize, resource: ResourceRef, maker: Option<Maker>) {
        if !self.compares_keys() {
            return;
        }
        let Some(slot) = self.key_slot(step, resource) else {
            return;
        };
        if matches!(self.lowering.slot(slot).leaf, Leaf::Text(_)) {
            return self.note_text(slot, resource, maker);
        }
        for (of, known_maker, known) in self.keys.clone() {
            let same = self.lowering.are_equal(known, slot);
            match (known_maker, maker) {
                _ if of != resource => {}
                (None, None) => {}
                (a, b) if a == b => self.lowering.facts.push(same.yes),
                _ => self.lowering.facts.push(same.no),
            }
        }
        self.keys.push((resource, maker, slot));
    }

    /// The same of a text, by what expressions read as the key of a resource.
    fn note_text(&mut self, slot: SlotId, resource: ResourceRef, maker: Option<Maker>) {
        let steps = (0..self.plan.steps.len()).map(Maker::Step);
        let makers = self.lowering.model.existing_of(resource).chain(steps);
        let makers = makers.filter(|maker| self.kind_of(*maker) == Some(resource));
        for made in makers.collect::<Vec<_>>() {
            let key = self.key_of(made, resource);
            let same = self.lowering.is_equal_to(slot, &key);
            let fact = if maker == Some(made) {
                same.yes
            } else {
                same.no
            };
            self.lowering.facts.push(fact);
        }
    }

    fn compares_keys(&self) -> bool {
        let model = self.lowering.model;
        let mut operations = (0..self.plan.steps.len()).map(|step| self.operation(step));
        model.compares_keys || operations.any(|of| model.across_at(of).next().is_some())
    }

    /// What names a resource: no other of its kind.
    pub(super) fn key_of(&mut self, maker: Maker, resource: ResourceRef) -> Sym {
        if let Some(known) = self.made_keys.get(&maker) {
            return known.clone();
        }
        let key = match maker {
            Maker::Step(step) => self.new_key(resource, step),
            Maker::Before(index) => self.new_key(resource, format!("-before{index}")),
        };
        if self.lowering.model.compares_keys {
            let others: Vec<Sym> = self.made_keys.values().cloned().collect();
            self.unlike_all(&key, &others);
        }
        self.made_keys.insert(maker, key.clone());
        key
    }

    /// A text that may be any.
    pub(super) fn new_key(&mut self, resource: ResourceRef, number: impl Display) -> Sym {
        let name = &self.lowering.model.resource(resource).name;
        let name = format!("{name}{number}.key");
        let free = self.lowering.free_of(&Type::TEXT, &name);
        Sym {
            defined: self.lowering.terms.bool(true),
            null: self.lowering.terms.bool(false),
            ..free
        }
    }

    /// Says that `key` is none of these.
    pub(super) fn unlike_all(&mut self, key: &Sym, others: &[Sym]) {
        let unlike: Vec<Term> = others
            .iter()
            .map(|other| self.lowering.equal(other, key).no)
            .collect();
        self.lowering.facts.extend(unlike);
    }
}
