//! What the answers of views show of two servers' states.

use super::{Encoding, States};
use crate::search::lower::Sym;
use crate::search::smt::Term;

impl Encoding<'_> {
    /// Where the answer to the last request, if it is a view, shows different
    /// states. What is absent shows like null.
    pub(super) fn shown_apart(&mut self, right: &States, patched: &States) -> Term {
        let model = self.lowering.model;
        let mut apart = Vec::new();
        for (resource, view) in model.views_at(self.operation(self.last())) {
            let (own, other) = (right.bound.get(&resource), patched.bound.get(&resource));
            if own == other {
                continue;
            }
            for viewed in &view.shown {
                let own = self.shown_of(own.copied(), viewed.attribute);
                let other = self.shown_of(other.copied(), viewed.attribute);
                apart.push(self.differ(own, other));
            }
        }
        self.lowering.terms.or(apart)
    }

    /// What a state shows of an attribute, and where it shows nothing.
    fn shown_of(&mut self, state: Option<usize>, attribute: usize) -> (Option<Sym>, Term) {
        let value = state.and_then(|state| self.lowering.state(state).get(attribute).cloned());
        let (Some(state), Some(value)) = (state, value) else {
            return (None, self.lowering.terms.bool(true));
        };
        let there = self.lowering.exists(state);
        let terms = &mut self.lowering.terms;
        let (gone, absent) = (terms.not(there), terms.not(value.defined));
        let nothing = terms.or([gone, absent, value.null]);
        (Some(value), nothing)
    }

    fn differ(
        &mut self,
        (own, nothing): (Option<Sym>, Term),
        (other, nothing_there): (Option<Sym>, Term),
    ) -> Term {
        let equal = match (own, other) {
            (Some(own), Some(other)) if own == other => self.lowering.terms.bool(true),
            (Some(own), Some(other)) => self.lowering.equal(&own, &other).yes,
            _ => self.lowering.terms.bool(false),
        };
        let terms = &mut self.lowering.terms;
        let (some, some_there) = (terms.not(nothing), terms.not(nothing_there));
        let same = terms.and([some, some_there, equal]);
        let neither = terms.and([nothing, nothing_there]);
        let alike = terms.or([same, neither]);
        terms.not(alike)
    }
}
