//! Back to the baseline, as far as can be.

use itertools::Itertools;

use super::candidate::Candidate;
use super::{Search, Test, read};
use crate::model::Trace;
use crate::value::Value;
use crate::value::location::{Location, Segment};
use crate::witness::distance::keys;
use crate::witness::ties::{Place, with, without};

/// Rounds over all locations, at most: each one leaves fewer changes.
const MAX_ROUNDS: usize = 8;

/// More changes than these aren't tried in pairs.
const MAX_TOGETHER: usize = 16;

/// More changes than these aren't tried in threes.
const MAX_THREES: usize = 8;

impl Search<'_> {
    /// Brings every location back that can be: whole subtrees first, in path
    /// order; then several together, since rules may tie them. `allows` says
    /// what else has to hold.
    pub(super) fn restore(&mut self, allows: Test<'_>) {
        for _ in 0..MAX_ROUNDS {
            for step in 0..self.best.steps.len() {
                self.restore_below((step, Location::default()), allows);
            }
            if !self.restore_together(allows) {
                return;
            }
        }
    }

    fn restore_below(&mut self, place: Place, allows: Test<'_>) {
        let own = read(&self.best, &place).cloned();
        let base = self.baseline(&place).cloned();
        if own == base || self.revert(std::slice::from_ref(&place), allows) {
            return;
        }
        let (step, at) = place;
        match (own, base) {
            (Some(Value::Map(own)), Some(Value::Map(base))) => {
                for key in keys(&own, &base) {
                    self.restore_below((step, at.key(key)), allows);
                }
            }
            (Some(Value::List(own)), Some(Value::List(base))) => {
                // The last item first: lengths before items.
                for index in (0..own.len().max(base.len())).rev() {
                    if index >= own.len().min(base.len()) {
                        self.revert(&[(step, at.index(index))], allows);
                    }
                }
                for index in 0..own.len().min(base.len()) {
                    self.restore_below((step, at.index(index)), allows);
                }
            }
            _ => {}
        }
    }

    /// Whether all changes but a few, or a few together, could be undone.
    fn restore_together(&mut self, allows: Test<'_>) -> bool {
        let changes = self.differing(&self.best).to_vec();
        let count = changes.len();
        if !(2..=MAX_TOGETHER).contains(&count) {
            return false;
        }
        let most = if count <= MAX_THREES { 3 } else { 2 };
        for kept in 1..=most.min(count - 1) {
            for few in (0..count).combinations(kept) {
                let others = changes.iter().enumerate();
                let others = others.filter(|(index, _)| !few.contains(index));
                let others: Vec<Place> = others.map(|(_, place)| place.clone()).collect();
                if self.revert(&others, allows) {
                    return true;
                }
            }
        }
        for reverted in 2..=most.min(count - 1) {
            for few in changes.iter().cloned().combinations(reverted) {
                if self.revert(&few, allows) {
                    return true;
                }
            }
        }
        false
    }

    /// Sets these locations back to the baseline, if that can be.
    fn revert(&mut self, places: &[Place], allows: Test<'_>) -> bool {
        let now = self.differing(&self.best).len();
        let Some(next) = self.reverted(places) else {
            return false;
        };
        let is_better = |search: &Search<'_>, next: &Candidate| {
            search.differing(next).len() < now && allows(search, next)
        };
        self.attempt(next, places, &is_better)
    }

    fn reverted(&self, places: &[Place]) -> Option<Trace> {
        let mut next = self.best.trace.clone();
        let is_gone = |place: &&Place| self.baseline(place).is_none();
        // From the back, so that earlier items keep their numbers; what is
        // put back goes in from the front.
        for place in places.iter().filter(is_gone).rev() {
            next = without(&next, place)?;
        }
        for place in places.iter().filter(|place| !is_gone(place)) {
            let value = self.baseline(place)?.clone();
            match with(&next, place, value) {
                Some(restored) => next = restored,
                // Items between the list's end and this one are still absent.
                None => next = self.filled(next, place)?,
            }
        }
        Some(next)
    }

    /// Puts back an item beyond the list's end together with those before it.
    fn filled(&self, mut trace: Trace, place: &Place) -> Option<Trace> {
        let (Segment::Index(last), above) = place.1.0.split_last()? else {
            return None;
        };
        let list = Location(above.to_vec());
        for index in 0..=*last {
            let item = (place.0, list.index(index));
            if read(&trace, &item).is_none() {
                let value = self.baseline(&item)?.clone();
                trace = with(&trace, &item, value)?;
            }
        }
        Some(trace)
    }
}
