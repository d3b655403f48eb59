//! What the search says of faults, against simulation.

use crossfield::fault::Fault;
use crossfield::model::{Clock, Model, OperationRef, Patch, Place, Step, Trace};
use crossfield::search::decide::{Decision, Proofs, Reach, Searcher};
use crossfield::simulate::{Look, Options, detect, detects, run};
use crossfield::value::Value;
use crossfield::value::time::{DAY, PRINTABLE, SECOND, parse_date, parse_time};
use fastrand::Rng;

use crate::fields::Taste;
use crate::world::World;

/// The decision about a fault.
pub fn decide(world: &World, proofs: Proofs<'_>, patch: &Patch) -> Decision {
    let refusal = |trace: &Trace| world.violations(trace).into_iter().next();
    let reach = Reach {
        steps: 3,
        far: 4,
        most_far: 20,
        ..Reach::default()
    };
    let mut searcher = Searcher::new(world.model(), reach, &[patch], &refusal).with_proofs(proofs);
    searcher.decide(patch)
}

/// The operations at which a fault can show: all that it, or what it changes,
/// is read at.
fn places(model: &Model, patch: &Patch) -> Vec<OperationRef> {
    let of_one = |place: &Place| matches!(place, Place::Rule(_) | Place::Ensure(..));
    let stateful = patch.0.keys().any(|place| !of_one(place));
    if stateful {
        return model
            .operation_refs()
            .map(|(operation, _)| operation)
            .collect();
    }
    let rules = patch.0.keys().filter_map(|place| match place {
        Place::Rule(rule) | Place::Ensure(rule, _) => Some(model.rule(*rule).operation),
        _ => None,
    });
    rules.collect()
}

/// Sequences against which a claim that nothing detects a fault is held, and
/// whether they are all that there are.
pub fn attacks(world: &World, rng: &mut Rng, patch: &Patch, most: usize) -> (Vec<Trace>, bool) {
    let mut traces = Vec::new();
    let mut complete = true;
    for operation in places(world.model(), patch) {
        let single = world.is_single(operation);
        let all = single
            .then(|| world.all_requests(operation, most))
            .flatten();
        match all {
            Some(all) => traces.extend(all.into_iter().map(|request| Trace {
                steps: vec![Step { operation, request }],
            })),
            None => {
                complete = false;
                for index in 0..300 {
                    let taste = if index % 2 == 0 {
                        Taste::Plain
                    } else {
                        Taste::Odd
                    };
                    traces.push(world.trace(rng, operation, taste));
                }
            }
        }
    }
    (traces, complete)
}

/// What a right server remembers after some sequences, for a world with a
/// resource.
pub fn states(world: &World, rng: &mut Rng) -> Vec<Vec<Option<Value>>> {
    let model = world.model();
    let mut found = Vec::new();
    if model.resources.is_empty() {
        return found;
    }
    for _ in 0..60 {
        for (operation, _) in model.operation_refs() {
            let trace = world.trace(rng, operation, Taste::Plain);
            let run = run(model, &Patch::default(), &trace, Options::default());
            for state in &run.states {
                let each = state.made.values();
                found.extend(each.map(|made| vec![Some(Value::Map(made.attributes.clone()))]));
            }
        }
    }
    found
}

/// A trace that detects the fault by one server accepting what the other
/// refuses; and one that does so by the status of a refusal.
pub fn hits<'t>(
    world: &World,
    traces: &'t [Trace],
    patch: &Patch,
    look: Look,
) -> (Option<&'t Trace>, Option<&'t Trace>) {
    let matrix = detects(world.model(), traces, std::slice::from_ref(patch), look);
    let find = |by_status: bool| {
        let found = traces.iter().enumerate().find(|(row, _)| match by_status {
            false => matrix.detects(*row, 0),
            true => matrix.detects_by_status(*row, 0),
        });
        found.map(|(_, trace)| trace)
    };
    (find(false), find(true))
}

/// Moments at and beside the times that requests hold.
pub fn moments(rng: &mut Rng, traces: &[Trace]) -> Vec<i128> {
    let mut texts = Vec::new();
    for trace in traces.iter().take(40) {
        for step in &trace.steps {
            collect_texts(&step.request, &mut texts);
        }
    }
    let times = texts
        .iter()
        .filter_map(|text| parse_time(text).or_else(|| parse_date(text)));
    let times: Vec<i128> = times.collect();
    let beside = [
        0,
        SECOND,
        -SECOND,
        SECOND / 2,
        3_600 * SECOND,
        -DAY,
        28 * DAY,
    ];
    let mut moments = vec![1_900_000_000 * SECOND];
    for _ in 0..6.min(times.len()) {
        moments.push(times[rng.usize(..times.len())] + beside[rng.usize(..beside.len())]);
    }
    moments.retain(|at| PRINTABLE.contains(at) && *at >= Clock::EARLIEST);
    moments
}

fn collect_texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.to_string()),
        Value::List(items) => items.iter().for_each(|item| collect_texts(item, found)),
        Value::Map(members) => members.values().for_each(|own| collect_texts(own, found)),
        _ => {}
    }
}

/// Whether the shared simulation says what the plain one says.
pub fn same_simulation(
    world: &World,
    traces: &[Trace],
    patches: &[Patch],
    look: Look,
) -> Result<usize, String> {
    let matrix = detects(world.model(), traces, patches, look);
    let mut detected = 0;
    for (row, trace) in traces.iter().enumerate() {
        for (column, patch) in patches.iter().enumerate() {
            let plain = detect(world.model(), trace, patch, look);
            let by_verdict = plain.is_some_and(|found| !found.by_status);
            let by_status = plain.is_some_and(|found| found.by_status);
            let shared = (
                matrix.detects(row, column),
                matrix.detects_by_status(row, column),
            );
            if shared != (by_verdict, by_status) {
                return Err(format!(
                    "plain {plain:?}, shared {shared:?} of {patch:?}\n{trace}"
                ));
            }
            detected += usize::from(plain.is_some());
        }
    }
    Ok(detected)
}

/// Some of the faults, of every owner.
pub fn some_faults<'f>(rng: &mut Rng, faults: &'f [Fault], most: usize) -> Vec<&'f Fault> {
    let mut all: Vec<&Fault> = faults.iter().collect();
    rng.shuffle(&mut all);
    all.truncate(most);
    all
}

/// More of the faults that views may show, beside those that are chosen: few of
/// all faults are about what is remembered.
pub fn shown_faults<'f>(
    world: &World,
    rng: &mut Rng,
    faults: &'f [Fault],
    chosen: &[&Fault],
) -> Vec<&'f Fault> {
    let new = |fault: &&Fault| !chosen.iter().any(|own| own.id == fault.id);
    let is_shown = |fault: &&Fault| !world.model().views_of(&fault.patch).is_empty();
    let shown = faults.iter().filter(new).filter(is_shown);
    let mut shown: Vec<&Fault> = shown.collect();
    rng.shuffle(&mut shown);
    shown.truncate(3);
    shown
}
