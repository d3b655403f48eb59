//! At what moment documented examples are meant, and whether verdicts stay
//! the same when clocks change.

use super::{Options, Verdict, run};
use crate::model::{Model, OperationRef, Patch, Step, Trace};
use crate::value::time::{DAY, SECOND, parse_date, parse_time};

/// How far a time of an example is likely to be from `now`, either way.
const HOURS: [i128; 10] = [24, 1, 2, 6, 48, 168, 720, 2160, 8760, 0];

/// How many days later it is tried whether requests are still valid.
const OTHER_DAYS: [i128; 3] = [1, 45, 1000];

/// Chooses the moment that `now` stands for, unless the rule file gives it:
/// one at which the baselines are accepted.
pub fn settle_clock(model: &mut Model) {
    if !model.clock.is_running || model.clock.is_declared {
        return;
    }
    let mut best = (model.clock.now, refused(model));
    for now in moments(model) {
        if best.1 == 0 {
            break;
        }
        model.clock.set(now);
        let refused = refused(model);
        if refused < best.1 {
            best = (now, refused);
        }
    }
    model.clock.set(best.0);
}

/// Whether the verdicts on a trace are the same when clocks of the zone change
/// within the weeks that its times span.
pub fn is_steady(model: &Model, trace: &Trace) -> bool {
    let unusual = model.clock.unusual();
    if unusual.is_empty() {
        return true;
    }
    let wanted = run(model, &Patch::default(), trace, Options::default()).verdicts;
    unusual.iter().all(|phase| {
        let options = Options {
            phase: Some(*phase),
            ..Options::default()
        };
        let moved = moved(model, trace, phase.start);
        run(model, &Patch::default(), &moved, options).verdicts == wanted
    })
}

/// A trace as it is sent on other days, where times of its requests move along
/// with `now`: the next day, and years later.
pub fn on_other_days(model: &Model, trace: &Trace) -> Vec<Trace> {
    if !model.clock.is_running || model.clock.anchored.is_empty() {
        return Vec::new();
    }
    let starts = OTHER_DAYS.map(|days| model.clock.start_of(model.clock.now + days * DAY));
    starts
        .iter()
        .map(|start| moved(model, trace, *start))
        .collect()
}

/// A trace as it is sent where `start` is what its times are counted from.
fn moved(model: &Model, trace: &Trace, start: i128) -> Trace {
    let mut moved = trace.clone();
    for step in &mut moved.steps {
        let schema = model.operation(step.operation).request;
        for place in model.anchored_places(schema, &step.request) {
            let text = place.read(&step.request).and_then(|value| value.as_str());
            if let Some(text) = text.and_then(|text| model.clock.moved(text, start)) {
                let _ = place.write(&mut step.request, crate::value::Value::string(text));
            }
        }
    }
    moved
}

/// Moments near the times of the baselines.
fn moments(model: &Model) -> Vec<i128> {
    let mut times = Vec::new();
    for operation in &model.operations {
        for baseline in &operation.baselines {
            for place in model.anchored_places(operation.request, &baseline.request) {
                let text = place
                    .read(&baseline.request)
                    .and_then(|value| value.as_str());
                times.extend(text.and_then(|text| parse_time(text).or_else(|| parse_date(text))));
            }
        }
    }
    times.sort_unstable();
    times.dedup();
    let hour = DAY / 24;
    let ways = HOURS.iter().flat_map(|hours| [-hours * hour, hours * hour]);
    let each = ways.flat_map(|way| times.iter().map(move |time| time + way));
    // Whole seconds, so that what is counted from it is short.
    each.map(|at| at.div_euclid(SECOND) * SECOND).collect()
}

/// How many baselines a right server refuses, of those that stand alone.
fn refused(model: &Model) -> usize {
    let all = model.operation_refs();
    let own = all.filter(|(_, operation)| operation.binds.is_empty());
    let each = own.flat_map(|(of, operation)| {
        let requests = operation.baselines.iter();
        requests.map(move |baseline| (of, &baseline.request))
    });
    each.filter(|(operation, request)| !is_accepted(model, *operation, request))
        .count()
}

fn is_accepted(model: &Model, operation: OperationRef, request: &crate::value::Value) -> bool {
    let step = Step {
        operation,
        request: request.clone(),
    };
    let trace = Trace { steps: vec![step] };
    let run = run(model, &Patch::default(), &trace, Options::default());
    run.verdicts == [Verdict::Accept]
}
