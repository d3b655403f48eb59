//! The server's clock, as tests see it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Model;
use crate::document::SchemaId;
use crate::expr::member_schema;
use crate::value::Value;
use crate::value::location::{Location, Segment};
use crate::value::time::{DAY, SECOND};

/// What `now` is in states, and for how long verdicts must stay as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The moment that `now` stands for in states, in nanoseconds since 1970.
    pub now: i128,
    /// Whether the rule file says so.
    pub is_declared: bool,
    /// Whether rules read a clock that runs while tests do.
    pub is_running: bool,
    /// How far the server's clock may be from that of the tests, in
    /// nanoseconds.
    pub tolerance: i128,
    /// What times of requests are counted from.
    pub anchor: Anchor,
    /// Members of objects that hold times which are counted from the anchor,
    /// by the schema of the object.
    pub anchored: BTreeSet<(SchemaId, Arc<str>)>,
}

/// What times of requests are counted from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    /// The moment of the test.
    #[default]
    Moment,
    /// The start of its day in UTC.
    Day,
}

impl Clock {
    /// What `now` stands for where nothing tells: 2030-01-01T12:00:00Z.
    pub const USUAL: i128 = 1_893_499_200 * SECOND;

    /// No clock that runs shows an earlier moment: 2020-01-01T00:00:00Z.
    pub const EARLIEST: i128 = 1_577_836_800 * SECOND;

    /// A clock that stands still.
    pub fn fixed(now: i128) -> Self {
        Self {
            now,
            is_declared: true,
            is_running: false,
            tolerance: 0,
            anchor: Anchor::Moment,
            anchored: BTreeSet::new(),
        }
    }

    /// The moments at which verdicts must be the same: `now`, and the first
    /// and the last that it can be while times are counted from the same
    /// anchor. `now` alone where the clock doesn't run.
    pub fn moments(&self) -> Vec<i128> {
        if !self.is_running {
            return vec![self.now];
        }
        let (first, last) = self.phase();
        vec![self.now, first, last]
    }

    /// The moment that times of requests are counted from, in states.
    pub fn anchored_at(&self) -> i128 {
        match self.anchor {
            Anchor::Moment => self.now,
            Anchor::Day => self.now.div_euclid(DAY) * DAY,
        }
    }

    /// A moment in words, counted from the anchor: `now + 2h30m`, `today - 3d`.
    pub fn in_words(&self, at: i128) -> String {
        let name = match self.anchor {
            Anchor::Moment => "now",
            Anchor::Day => "today",
        };
        let after = (at - self.anchored_at()) / SECOND;
        let sign = match after {
            0 => return name.to_owned(),
            _ if after < 0 => '-',
            _ => '+',
        };
        let mut rest = after.abs();
        let mut words = String::new();
        for (unit, long) in [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] {
            if rest >= long {
                words += &format!("{}{unit}", rest / long);
                rest %= long;
            }
        }
        format!("{name} {sign} {words}")
    }

    /// The first and the last moment that the server's clock can show.
    fn phase(&self) -> (i128, i128) {
        let start = self.anchored_at();
        match self.anchor {
            Anchor::Moment => (start - self.tolerance, start + self.tolerance),
            // Tests wait while it may be another day on the server.
            Anchor::Day => (start + SECOND, start + DAY - SECOND),
        }
    }

    /// The same moments, and many between: every half second, or a minute
    /// where times are counted from a day.
    pub fn all_moments(&self) -> Vec<i128> {
        if !self.is_running {
            return vec![self.now];
        }
        let (first, last) = self.phase();
        let step = match self.anchor {
            Anchor::Moment => SECOND / 2,
            Anchor::Day => 60 * SECOND,
        };
        let steps = (last - first) / step;
        let between = (0..=steps).map(|count| first + count * step);
        between.chain([last]).collect()
    }
}

impl Model {
    /// Where a request holds times that are counted from the anchor.
    pub fn anchored_places(&self, request: SchemaId, value: &Value) -> Vec<Location> {
        let mut found = Vec::new();
        if !self.clock.anchored.is_empty() {
            self.collect_anchored(request, value, &mut Location::default(), &mut found);
        }
        found
    }

    fn collect_anchored(
        &self,
        schema: SchemaId,
        value: &Value,
        place: &mut Location,
        found: &mut Vec<Location>,
    ) {
        match value {
            Value::Map(members) => {
                for (key, member) in members {
                    place.0.push(Segment::Key(key.clone()));
                    if self.clock.anchored.contains(&(schema, key.clone())) {
                        texts(member, place, found);
                    } else if let Some(next) = member_schema(&self.schemas, schema, key) {
                        self.collect_anchored(next, member, place, found);
                    }
                    place.0.pop();
                }
            }
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    if let Some(next) = self.schemas.item(schema, index) {
                        place.0.push(Segment::Index(index));
                        self.collect_anchored(next, item, place, found);
                        place.0.pop();
                    }
                }
            }
            _ => {}
        }
    }
}

/// The places of all texts within a value.
fn texts(value: &Value, place: &mut Location, found: &mut Vec<Location>) {
    match value {
        Value::String(_) => found.push(place.clone()),
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                place.0.push(Segment::Index(index));
                texts(item, place, found);
                place.0.pop();
            }
        }
        _ => {}
    }
}
