//! New members that nothing declares hold what their neighbours hold, else a
//! short text: many servers refuse null there, and a reader wonders why it is.

use super::Search;
use crate::text::{Taste, TextSet};
use crate::value::Value;
use crate::value::location::Segment;
use crate::witness::ties::{Place, with};

/// Longer texts look as if their length mattered.
const LONG: usize = 16;

impl Search<'_> {
    /// Gives members that the baseline doesn't have, and of which no schema
    /// says what they are or that they may be, an ordinary value.
    pub(super) fn make_ordinary(&mut self) {
        let differing = self.differing(&self.best).to_vec();
        let is_untyped = |place: &Place| {
            let schema = self.schema(place);
            schema.is_some_and(|schema| schema.types.is_untyped() && schema.enumeration.is_none())
        };
        let is_new = |place: &Place| self.baseline(place).is_none() && !self.is_declared(place);
        let new = differing.into_iter();
        let new = new.filter(|place| is_new(place) && is_untyped(place));
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

    /// Whether the object around a member declares it by name.
    fn is_declared(&self, place: &Place) -> bool {
        let around = self.schema(&(place.0, place.1.parent()));
        let name = place.1.0.last();
        around.zip(name).is_some_and(|(around, name)| match name {
            Segment::Key(name) => around.properties.contains_key(&**name),
            Segment::Index(_) => true,
        })
    }

    fn ordinary(&self, place: &Place) -> Option<Value> {
        let now = super::read(&self.best, place)?;
        let around = (place.0, place.1.parent());
        let known = match self.baseline(&around) {
            Some(Value::Map(members)) => members.iter().find_map(|(key, value)| {
                let neighbour = (place.0, around.1.key(key.clone()));
                (*value != Value::Null && !self.is_declared(&neighbour)).then_some(value)
            }),
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
