//! The server's clock, as tests see it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Model;
use crate::document::SchemaId;
use crate::expr::member_schema;
use crate::value::Value;
use crate::value::location::{Location, Segment};
use crate::value::time::{
    DAY, SECOND, day_start, days_later, off_wall, offsets, parse_date, parse_time, wall,
};
use crate::value::writings::written_like;

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
    /// The moment that times of requests are counted from, in states.
    start: i128,
    moments: Vec<i128>,
    unusual: Vec<Phase>,
}

/// A time in which times of requests are counted from the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phase {
    /// What they are counted from.
    pub start: i128,
    /// The first moment that the server's clock can show.
    pub first: i128,
    /// The last one.
    pub last: i128,
}

/// What times of requests are counted from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    /// The moment of the test.
    #[default]
    Moment,
    /// The start of its day in a time zone.
    Day(String),
    /// The start of its week, a Monday, in a time zone.
    Week(String),
}

impl Anchor {
    /// What times are counted from, as messages name it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Moment => "now",
            Self::Day(_) => "today",
            Self::Week(_) => "monday",
        }
    }

    /// The time zone of its days.
    pub fn zone(&self) -> &str {
        match self {
            Self::Moment => "UTC",
            Self::Day(zone) | Self::Week(zone) => zone,
        }
    }

    /// How many days it stays the same; none where it moves along with `now`.
    fn days(&self) -> Option<i64> {
        match self {
            Self::Moment => None,
            Self::Day(_) => Some(1),
            Self::Week(_) => Some(7),
        }
    }
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
            start: now,
            moments: vec![now],
            unusual: Vec::new(),
        }
    }

    /// A clock that runs while tests do, at [`Clock::USUAL`].
    pub fn running(
        tolerance: i128,
        anchor: Anchor,
        anchored: BTreeSet<(SchemaId, Arc<str>)>,
    ) -> Self {
        let mut clock = Self {
            is_declared: false,
            is_running: true,
            tolerance,
            anchor,
            anchored,
            ..Self::fixed(Self::USUAL)
        };
        clock.unusual = clock.unusual_phases();
        clock.set(Self::USUAL);
        clock
    }

    /// Lets `now` stand for another moment.
    pub fn set(&mut self, now: i128) {
        self.now = now;
        self.start = self.start_of(now);
        self.moments = vec![now];
        if self.is_running {
            let phase = self.phase(self.start);
            self.moments.extend([phase.first, phase.last]);
        }
    }

    /// The moments at which verdicts must be the same: `now`, and the first
    /// and the last that it can be while times are counted from the same
    /// anchor. `now` alone where the clock doesn't run.
    pub fn moments(&self) -> &[i128] {
        &self.moments
    }

    /// What times are counted from where the clock shows `now`.
    pub fn start_of(&self, now: i128) -> i128 {
        let is_week = matches!(self.anchor, Anchor::Week(_));
        let start = match self.anchor {
            Anchor::Moment => None,
            Anchor::Day(_) | Anchor::Week(_) => day_start(now, self.anchor.zone(), is_week),
        };
        start.unwrap_or(now)
    }

    /// How many seconds a time of a request lies behind the anchor, by clocks
    /// on the wall: what lies three days later at the same time of day is three
    /// times 86,400 seconds later.
    pub fn after_anchor(&self, text: &str) -> Option<i64> {
        let start = self.start;
        let nanos = match (parse_date(text), self.anchor.days()) {
            (Some(day), Some(_)) => day - wall(start, self.anchor.zone())?,
            (None, Some(_)) => {
                let zone = self.anchor.zone();
                wall(parse_time(text)?, zone)? - wall(start, zone)?
            }
            (day, None) => day.or_else(|| parse_time(text))? - start,
        };
        i64::try_from(nanos.div_euclid(SECOND)).ok()
    }

    /// The same time of a request where `now` is in another phase: `start` is
    /// the anchor there.
    pub fn moved(&self, text: &str, start: i128) -> Option<String> {
        let after = i128::from(self.after_anchor(text)?) * SECOND;
        let zone = self.anchor.zone();
        let at = wall(start, zone)? + after;
        let at = match parse_date(text) {
            Some(_) => at,
            None => off_wall(at, zone)?,
        };
        written_like(at, text)
    }

    /// A time in words, counted from the anchor: `now + 2h30m`, `today - 3d`.
    pub fn in_words(&self, text: &str) -> Option<String> {
        let after = self.after_anchor(text)?;
        let name = self.anchor.name();
        let sign = match after {
            0 => return Some(name.to_owned()),
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
        Some(format!("{name} {sign} {words}"))
    }

    /// How long the anchor stays the same, in nanoseconds.
    pub fn span(&self) -> i128 {
        i128::from(self.anchor.days().unwrap_or(0)) * DAY
    }

    /// The phase in which times are counted from `start`.
    fn phase(&self, start: i128) -> Phase {
        let (first, last) = match self.anchor.days() {
            None => (start - self.tolerance, start + self.tolerance),
            // Tests wait while it may be another day on the server.
            Some(days) => {
                let end = days_later(start, self.anchor.zone(), days);
                (start + SECOND, end - SECOND)
            }
        };
        Phase { start, first, last }
    }

    /// The same moments, and many between: every half second, or some hundred
    /// where times are counted from a day or a week.
    pub fn all_moments(&self) -> Vec<i128> {
        if !self.is_running {
            return vec![self.now];
        }
        let Phase { first, last, .. } = self.phase(self.start);
        let step = match self.anchor {
            Anchor::Moment => SECOND / 2,
            Anchor::Day(_) | Anchor::Week(_) => 300 * SECOND,
        };
        let steps = (last - first) / step;
        let between = (0..=steps).map(|count| first + count * step);
        between.chain([last]).collect()
    }

    /// Phases in which clocks of the anchor's zone change within a few weeks,
    /// from 2026 to 2028.
    pub fn unusual(&self) -> &[Phase] {
        &self.unusual
    }

    fn unusual_phases(&self) -> Vec<Phase> {
        let (zone, Some(days)) = (self.anchor.zone(), self.anchor.days()) else {
            return Vec::new();
        };
        let (from, to) = (UNUSUAL_YEARS.0 * SECOND, UNUSUAL_YEARS.1 * SECOND);
        let changes = offsets(zone, from, to, usize::MAX).unwrap_or_default();
        let mut starts = BTreeSet::new();
        for (change, _) in changes.iter().skip(1) {
            for back in 0..UNUSUAL_DAYS {
                let at = change + DAY - i128::from(back) * DAY;
                starts.extend(day_start(at, zone, days == 7));
            }
        }
        starts.into_iter().map(|start| self.phase(start)).collect()
    }
}

/// The years 2026 to 2028, in seconds since 1970.
const UNUSUAL_YEARS: (i128, i128) = (1_767_225_600, 1_861_920_000);

/// How many days before a change of clocks phases are tried.
const UNUSUAL_DAYS: i64 = 35;

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
