//! Cases of an earlier run, on today's baselines.

use std::collections::BTreeMap;

use super::baselines::BaselineTrace;
use crate::case::{Case, CaseFile, StepChanges, parse_json};
use crate::model::{Model, Step, Trace};
use crate::value::location::Location;
use crate::value::{Members, Value};

/// The requests of the cases of `file`, by the id of the owner of their
/// primary fault: what each sets and unsets, applied to the baselines of
/// today. Cases that no longer fit are left out.
pub fn previous(
    model: &Model,
    baselines: &[BaselineTrace],
    file: &CaseFile,
) -> BTreeMap<String, Vec<Trace>> {
    let mut traces: BTreeMap<String, Vec<Trace>> = BTreeMap::new();
    for case in &file.cases {
        let owner = case
            .primary
            .as_deref()
            .and_then(|fault| fault.split('/').next());
        let trace = rebuilt(model, baselines, case);
        if let (Some(owner), Some(trace)) = (owner, trace) {
            traces.entry(owner.to_owned()).or_default().push(trace);
        }
    }
    traces
}

fn rebuilt(model: &Model, baselines: &[BaselineTrace], case: &Case) -> Option<Trace> {
    let steps = case.steps.iter().enumerate().map(|(index, step)| {
        let operation = model.operation_named(&step.operation)?;
        let changes = case
            .changes
            .iter()
            .find(|changes| changes.step == index + 1)?;
        let request = changed(baselines, changes)?;
        Some(Step { operation, request })
    });
    Some(Trace {
        steps: steps.collect::<Option<_>>()?,
    })
}

fn changed(baselines: &[BaselineTrace], changes: &StepChanges) -> Option<Value> {
    let mut request = match &changes.of {
        None => Value::Map(Members::new()),
        Some(of) => {
            let baseline = baselines
                .iter()
                .find(|baseline| baseline.id == of.baseline)?;
            let step = baseline.trace.steps.get(of.step.checked_sub(1)?)?;
            step.request.clone()
        }
    };
    for (place, text) in &changes.set {
        let value = parse_json(text).ok()?;
        Location::parse(place)?
            .write(&mut request, value)
            .then_some(())?;
    }
    for place in &changes.unset {
        Location::parse(place)?.remove(&mut request)?;
    }
    Some(request)
}
