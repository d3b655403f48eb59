//! Few digits, near the baseline.

use num_traits::{One, Signed, Zero};

use super::candidate::Candidate;
use super::{Search, read};
use crate::document::Schema;
use crate::text::Taste;
use crate::value::location::Location;
use crate::value::{Number, Value};
use crate::witness::scalar::{Kind, Scalar, whole};
use crate::witness::ties::{Place, with};

/// How hard a trace is to read: digits, then the way from the baselines.
pub(super) type Cost = (usize, Number);

/// Rounds over all changed values, at most.
const MAX_ROUNDS: usize = 3;

/// Halvings of the way to the baseline, at most.
const MAX_HALVINGS: usize = 16;

impl Search<'_> {
    /// Makes changed values short, then brings them near the baseline.
    pub(super) fn shorten(&mut self) {
        for _ in 0..MAX_ROUNDS {
            let before = self.best.trace.clone();
            for place in self.changed() {
                match self.scalar(&self.best, &place) {
                    Some(_) => self.shorten_scalar(&place),
                    None => self.shorten_text(&place),
                }
            }
            if *self.best == before {
                return;
            }
        }
    }

    /// The plain values off the baselines, in order; of parts that the
    /// baselines don't have, all.
    fn changed(&self) -> Vec<Place> {
        let mut found = Vec::new();
        for place in self.differing(&self.best) {
            if let Some(value) = read(&self.best, place) {
                leaves(value, place.0, &place.1, &mut found);
            }
        }
        found
    }

    fn shorten_scalar(&mut self, place: &Place) {
        let Some(now) = self.scalar(&self.best, place) else {
            return;
        };
        let base = self.reference(place);
        let base = base.map_or_else(Number::zero, |base| base.at);
        let grids = now.grids(self.schema(place));
        for grid in &grids {
            for point in near(&base, &now.at, grid) {
                if self.put(place, now.with(point)) {
                    break;
                }
            }
            self.approach(place, &base, grid);
        }
    }

    /// Halves the way to the baseline on a grid, as long as that can be.
    fn approach(&mut self, place: &Place, base: &Number, grid: &Number) {
        let Some(now) = self.scalar(&self.best, place) else {
            return;
        };
        let (mut refused, mut kept) = (base.clone(), now.at.clone());
        for _ in 0..MAX_HALVINGS {
            if (&kept - &refused).abs() <= *grid {
                return;
            }
            let middle = (&kept + &refused) / whole(2);
            let middle = (middle / grid).round() * grid;
            if middle == kept || middle == refused {
                return;
            }
            if self.put(place, now.with(middle.clone())) {
                kept = middle;
            } else {
                refused = middle;
            }
        }
    }

    fn put(&mut self, place: &Place, point: Scalar) -> bool {
        let next = point
            .value()
            .and_then(|value| with(&self.best, place, value));
        let Some(next) = next else { return false };
        let differing = self.differing(&self.best).len();
        let issues = self.issues(&self.best);
        let cost = self.cost(&self.best).clone();
        let is_better = |search: &Search<'_>, next: &Candidate| {
            search.differing(next).len() <= differing
                && *search.cost(next) < cost
                && search.issues(next) <= issues
        };
        self.attempt(next, std::slice::from_ref(place), &is_better)
    }

    /// The cost of all changed values.
    fn cost<'c>(&self, of: &'c Candidate) -> &'c Cost {
        of.cost.get_or_init(|| {
            let mut cost = (0, Number::zero());
            for place in self.differing(of) {
                let mut found = Vec::new();
                if let Some(value) = read(of, place) {
                    leaves(value, place.0, &place.1, &mut found);
                }
                for place in found {
                    if let Some(scalar) = self.scalar(of, &place) {
                        let (digits, gap) = self.cost_of(&place, &scalar);
                        cost.0 += digits;
                        cost.1 += gap;
                    }
                }
            }
            cost
        })
    }

    /// As many digits as the baseline has are no burden.
    fn cost_of(&self, place: &Place, scalar: &Scalar) -> Cost {
        let base = self.reference(place);
        let usual = match (&base, scalar.kind) {
            (Some(base), Kind::Number) => base.digits(),
            _ => 0,
        };
        let zero = Number::zero();
        let base = base.as_ref().map_or(&zero, |base| &base.at);
        (scalar.digits().max(usual), scalar.gap(base))
    }

    /// Prefers earlier members of an enum, and documented or short texts.
    fn shorten_text(&mut self, place: &Place) {
        let Some(Value::String(now)) = read(&self.best, place).cloned() else {
            return;
        };
        let base = self.baseline(place).and_then(Value::as_str);
        let taste = base.map(str::to_owned);
        let wanted = self.schema(place).map(|schema| texts(schema, taste));
        let differing = self.differing(&self.best).len();
        for text in wanted.into_iter().flatten() {
            if *text == *now {
                return;
            }
            let Some(next) = with(&self.best, place, Value::string(text)) else {
                continue;
            };
            let is_better =
                |search: &Search<'_>, next: &Candidate| search.differing(next).len() <= differing;
            if self.attempt(next, std::slice::from_ref(place), &is_better) {
                return;
            }
        }
    }
}

/// The plain values at and below a place.
fn leaves(value: &Value, step: usize, at: &Location, found: &mut Vec<Place>) {
    match value {
        Value::Map(members) => {
            for (key, member) in members {
                leaves(member, step, &at.key(key.clone()), found);
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, step, &at.index(index), found);
            }
        }
        _ => found.push((step, at.clone())),
    }
}

/// Points of a grid to try: next to the baseline, nearest first, then next to
/// what is there now.
fn near(base: &Number, now: &Number, grid: &Number) -> Vec<Number> {
    let around = |number: &Number| {
        let below = (number / grid).floor();
        let mut points: Vec<Number> = (-2..=3).map(|n| (&below + whole(n)) * grid).collect();
        points.sort_by_key(|point| (point - number).abs());
        points
    };
    let mut points = around(base);
    let own = around(now);
    points.extend(own.into_iter().take(2));
    // One digit less than now: the largest number that has it.
    let mut ceiling = Number::one();
    while &ceiling * whole(10) <= now.abs() {
        ceiling *= whole(10);
        let below = &ceiling - grid;
        if below > base.abs() {
            points.push(below * now.signum());
        }
    }
    let mut seen: Vec<Number> = Vec::new();
    points.retain(|point| {
        let is_new = !seen.contains(point) && point != base;
        seen.push(point.clone());
        is_new
    });
    points
}

/// Readable texts of a schema, best first.
fn texts(schema: &Schema, example: Option<String>) -> Vec<String> {
    let listed = schema.enumeration.iter().flat_map(|listed| &listed.value);
    let listed: Vec<String> = listed
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    if !listed.is_empty() {
        return listed;
    }
    let examples = schema.examples.iter();
    let examples = examples.filter_map(|example| example.value.as_str());
    let mut found: Vec<String> = examples.map(str::to_owned).collect();
    let set = schema.text_set();
    let taste = Taste {
        avoid: example.iter().cloned().collect(),
        example,
    };
    found.extend((0..2).map_while(|index| set.nth(index, &taste).ok()));
    found
}
