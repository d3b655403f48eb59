//! New members without a type hold what their neighbours hold, else a short
//! text: many servers refuse null there, and a reader wonders why it is.

use super::Search;
use crate::text::{Taste, TextSet};
use crate::value::Value;
use crate::witness::ties::{Place, with};

/// Longer texts look as if their length mattered.
const LONG: usize = 16;

impl Search<'_> {
    /// Gives members that the baseline doesn't have, and of which no schema
    /// says what they are, an ordinary value.
    pub(super) fn make_ordinary(&mut self) {
        let differing = self.differing(&self.best).to_vec();
        let is_untyped = |place: &Place| {
            let schema = self.schema(place);
            schema.is_some_and(|schema| schema.types.is_untyped() && schema.enumeration.is_none())
        };
        let new = differing.into_iter();
        let new = new.filter(|place| self.baseline(place).is_none() && is_untyped(place));
        let new: Vec<Place> = new.collect();
        let mut all = self.best.trace.clone();
        for place in &new {
            if let Some(next) = self.ordinary(place).and_then(|to| with(&all, place, to)) {
                all = next;
            }
        }
        if self.attempt(all, &new, &|_, _| true) {
            return;
        }
        for place in &new {
            let next = self.ordinary(place);
            let next = next.and_then(|to| with(&self.best, place, to));
            if let Some(next) = next {
                self.attempt(next, std::slice::from_ref(place), &|_, _| true);
            }
        }
    }

    fn ordinary(&self, place: &Place) -> Option<Value> {
        let now = super::read(&self.best, place)?;
        let around = self.baseline(&(place.0, place.1.parent()));
        let known = match around {
            Some(Value::Map(members)) => members.values().find(|value| **value != Value::Null),
            _ => None,
        };
        let is_short = !matches!(now, Value::String(text) if text.chars().count() > LONG);
        match known {
            Some(known) if is_alike(known, now) && is_short => None,
            Some(known) => Some(known.clone()),
            None if matches!(now, Value::String(_)) && is_short => None,
            None => {
                let text = TextSet::all().nth(0, &Taste::default());
                text.ok().map(Value::string)
            }
        }
    }
}

fn is_alike(a: &Value, b: &Value) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}
