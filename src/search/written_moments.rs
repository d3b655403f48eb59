//! How moments are written that the solver wants to differ as texts.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::{Signed, ToPrimitive};

use super::concretize::Writer;
use super::lower::{Num, SlotId};
use crate::value::Number;
use crate::value::time::{SECOND, print_time};
use crate::value::writings::writings;

impl Writer<'_, '_> {
    /// Finds a writing for every moment that is neither a known text nor as
    /// the generator writes it (those have negative identities): all slots
    /// that have it must allow it, and it must differ from all others. Where
    /// there is none, the moment is written as the generator would.
    pub(super) fn choose_writings(&mut self) {
        let lowering = &self.encoding.lowering;
        let known = lowering.known_texts();
        let mut taken: BTreeSet<String> = known.iter().map(ToString::to_string).collect();
        let mut wanted: BTreeMap<(Number, i128), Vec<SlotId>> = BTreeMap::new();
        for (id, slot) in lowering.slots() {
            if let Some(text) = slot.leaf.text()
                && let Some(time) = &text.time
                && self.is_text(slot)
                && self.bool(slot.sent)
                && !self.bool(slot.null)
                && let Some(nanos) = self.nanos(time)
            {
                let identity = self.number(text.identity);
                if identity.is_negative() {
                    taken.insert(print_time(nanos));
                } else if identity.to_usize().is_none_or(|own| own >= known.len()) {
                    wanted.entry((identity, nanos)).or_default().push(id);
                }
            }
        }
        for ((identity, nanos), slots) in wanted {
            let set = lowering.possible_texts(&slots, self.values);
            let mut fitting = writings(nanos).filter(|text| set.contains(text));
            if let Some(text) = fitting.find(|text| !taken.contains(text)) {
                taken.insert(text.clone());
                self.moments.insert((identity, nanos), text);
            }
        }
    }

    /// The moment that a time is, in nanoseconds since 1970; `None` where it
    /// lies between two of them.
    pub(super) fn nanos(&self, time: &Num) -> Option<i128> {
        let seconds = self.number(time.term) / Number::from_integer(time.denominator.clone());
        let nanos = seconds * Number::from_integer(SECOND.into());
        nanos.is_integer().then(|| nanos.to_integer().to_i128())?
    }
}
