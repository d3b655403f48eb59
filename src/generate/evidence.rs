//! What a case shows of a fault: in a way that a test may call evidence.

use std::collections::BTreeMap;

use super::baselines::BaselineTrace;
use crate::fault::Fault;
use crate::model::{Model, Patch, Trace};
use crate::simulate::{Detection, Look, detect, detects};

/// Whether every refusal by a rule of these faults, one owner's, names the rule
/// in its body: then it is evidence, whatever became of the baseline.
pub fn is_named(model: &Model, faults: &[Fault]) -> bool {
    let places = faults.iter().flat_map(|fault| fault.patch.0.keys());
    let mut places = places.peekable();
    places.peek().is_some()
        && places.all(|place| {
            let rule = place.rule().map(|rule| model.rule(rule));
            rule.is_some_and(|rule| !rule.expect.checks.is_empty())
        })
}

/// Whether a server with the fault refuses a baseline, or makes something else of
/// it.
pub fn refuses(model: &Model, baseline: &BaselineTrace, fault: &Fault) -> bool {
    let found = detect(model, &baseline.trace, &fault.patch, Look::First);
    // Nobody looks at what the answers to a baseline show.
    found.is_some_and(|found| !found.by_view)
}

/// Those of the patches, by position, that a trace detects by its last
/// request, and whether by status only.
pub fn detected(model: &Model, patches: &[Patch], trace: &Trace) -> BTreeMap<usize, bool> {
    let matrix = detects(model, std::slice::from_ref(trace), patches, Look::First);
    let found = patches.iter().enumerate();
    let found = found.filter(|(column, patch)| {
        matrix.detects(0, *column) && shows_last(model, trace, patch, Look::First)
    });
    found
        .map(|(column, _)| (column, matrix.detects_by_status(0, column)))
        .collect()
}

/// Whether the last request of a trace shows a fault. What an earlier one
/// shows is no evidence: a test is blocked where those aren't accepted.
pub fn shows_last(model: &Model, trace: &Trace, patch: &Patch, look: Look) -> bool {
    trace.steps.len() == 1 || shown_last(detect(model, trace, patch, look), trace)
}

pub fn shown_last(found: Option<Detection>, trace: &Trace) -> bool {
    found.is_some_and(|found| found.step + 1 == trace.steps.len())
}
