//! Requests without what they don't need: members and items that no baseline
//! has are left out where the request shows the same without.

use crate::case::Changes;
use crate::model::{Model, Trace};
use crate::value::Value;
use crate::value::location::{Location, Segment};

/// How many requests are tried.
const BUDGET: usize = 60;

/// How deep members and items are left out.
const MAX_DEPTH: usize = 4;

/// The trace with a smaller last request that still satisfies `keeps`.
pub(super) fn reduced(model: &Model, trace: Trace, keeps: impl Fn(&Trace) -> bool) -> Trace {
    let mut best = trace;
    let mut tries = 0;
    let mut next = 0;
    while tries < BUDGET {
        let places = new_parts(model, &best);
        let Some(place) = places.get(next) else { break };
        let mut smaller = best.clone();
        if let Some(last) = smaller.steps.last_mut() {
            place.remove(&mut last.request);
        }
        tries += 1;
        if keeps(&smaller) {
            best = smaller;
        } else {
            next += 1;
        }
    }
    best
}

/// The parts of what the last request has otherwise than the nearest baseline:
/// items and members before what is in them, the last first.
fn new_parts(model: &Model, trace: &Trace) -> Vec<Location> {
    let Some(last) = trace.steps.last() else {
        return Vec::new();
    };
    let baselines = model.operation(last.operation).baselines.iter();
    let changes = baselines.map(|baseline| Changes::between(&baseline.request, &last.request));
    let places = changes.map(|found| found.places());
    let nearest = places.min_by_key(Vec::len).unwrap_or_default();
    let mut found = Vec::new();
    for place in nearest {
        if let Some(value) = place.read(&last.request) {
            take_parts(&place, value, 0, &mut found);
        }
    }
    found.sort_by_key(|place| place.0.len());
    found
}

fn take_parts(place: &Location, value: &Value, depth: usize, found: &mut Vec<Location>) {
    if depth == MAX_DEPTH {
        return;
    }
    let parts: Vec<(Segment, &Value)> = match value {
        Value::Map(members) => members
            .iter()
            .map(|(key, value)| (Segment::Key(key.clone()), value))
            .collect(),
        Value::List(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| (Segment::Index(index), value))
            .collect(),
        _ => return,
    };
    for (segment, value) in parts.into_iter().rev() {
        let part = place.child(segment);
        take_parts(&part, value, depth + 1, found);
        found.push(part);
    }
}
