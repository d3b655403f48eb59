//! What is there before the first request, and what keeps tests from changing it.

use std::collections::BTreeMap;

use super::Encoding;
use crate::expr::Type;
use crate::model::{Maker, ResourceRef};
use crate::search::lower::{Label, State, Sym};
use crate::search::smt::Term;
use crate::value::Value;

/// A restriction: no request is accepted that other tests would notice by what was
/// there before.
pub const UNCHANGED: &str = "what is there before stays as it is";

/// A restriction: tests make up texts that nothing has which was there before.
const OTHER_TEXTS: &str = "texts that tests make up differ from those that are there before";

impl Encoding<'_> {
    /// The state of each resource that is there before; none in free states,
    /// which may be these as well.
    pub(super) fn at_first(&mut self) -> BTreeMap<Maker, usize> {
        let count = match self.free_states {
            true => 0,
            false => self.lowering.model.existing.len(),
        };
        let states =
            (0..count).filter_map(|index| Some((Maker::Before(index), self.before_all(index)?)));
        states.collect()
    }

    /// Of which kind a resource is.
    pub(super) fn kind_of(&self, maker: Maker) -> Option<ResourceRef> {
        let model = self.lowering.model;
        match maker {
            Maker::Step(step) => model.operation(self.operation(step)).creates,
            Maker::Before(index) => model.existing.get(index).map(|own| own.resource),
        }
    }

    fn before_all(&mut self, index: usize) -> Option<usize> {
        let model = self.lowering.model;
        let existing = model.existing.get(index)?;
        let resource = existing.resource;
        let declared = &model.resource(resource).attributes;
        let values = existing.values.iter().zip(declared);
        let attributes = values.map(|(value, attribute)| {
            match value.and_then(|value| model.arena.as_const(value)) {
                Some(value) => self.known(value),
                None => self.nothing(&attribute.ty),
            }
        });
        let attributes = attributes.collect();
        let key = self.key_of(Maker::Before(index), resource);
        Some(self.intern(State {
            resource,
            attributes,
            key,
        }))
    }

    /// A value of an attribute; the key of a resource is what names that.
    fn known(&mut self, value: &Value) -> Sym {
        let named = self.lowering.model.maker_of(value);
        let named = named.and_then(|maker| Some((maker, self.kind_of(maker)?)));
        match named {
            Some((maker, kind)) => self.key_of(maker, kind),
            None => self.lowering.constant(value),
        }
    }

    fn nothing(&mut self, ty: &Type) -> Sym {
        let free = self.lowering.free_of(ty, "nothing");
        Sym {
            defined: self.lowering.terms.bool(false),
            ..free
        }
    }

    /// Lets the right server refuse the last request, where it is one that leaves
    /// something to other tests.
    pub(super) fn leave_unchanged(&mut self) {
        if self.free_states || !self.plan.leaves_traces(self.lowering.model) {
            return;
        }
        let broken: Vec<Term> = self.judged.values().map(|own| own.no).collect();
        let refused = self.lowering.terms.or(broken);
        let label = Label::Restriction(UNCHANGED.to_owned());
        self.lowering.assume(label, refused);
    }

    /// Keeps texts of what is there before out of the places where tests make up
    /// texts.
    pub(super) fn take_no_known_text(&mut self, step: usize) {
        let model = self.lowering.model;
        let Some(root) = self.requests.get(step).copied() else {
            return;
        };
        if model.existing.is_empty() {
            return;
        }
        let mut others = Vec::new();
        for unique in &model.operation(self.operation(step)).correlated {
            let mut slot = Some(root);
            for segment in &unique.location.0 {
                slot = slot.and_then(|slot| self.lowering.child(slot, segment));
            }
            let Some(slot) = slot else { continue };
            let known = model.existing.iter();
            let known = known.flat_map(|own| own.attributes.values());
            for text in known.filter(|value| value.as_str().is_some()) {
                let text = self.known(text);
                let same = self.lowering.is_equal_to(slot, &text).yes;
                others.push(self.lowering.terms.not(same));
            }
        }
        if others.is_empty() {
            return;
        }
        let others = self.lowering.terms.and(others);
        let literal = self
            .lowering
            .literal(Label::Restriction(OTHER_TEXTS.to_owned()));
        let fact = self.lowering.terms.implies(literal, others);
        self.lowering.facts.push(fact);
    }
}
