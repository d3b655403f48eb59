//! Cases of an earlier run, on today's baselines.

use std::collections::BTreeMap;

use super::baselines::BaselineTrace;
use crate::case::{Case, CaseFile, StepChanges, parse_json};
use crate::model::{Model, Step, Trace};
use crate::value::location::Location;
use crate::value::{Members, Value};

/// The requests of the cases of `file`, by the id of the owner of their
/// primary fault, one of `owners`: what each sets and unsets, applied to the
/// baselines of today. Cases that no longer fit are left out.
pub fn previous(
    model: &Model,
    baselines: &[BaselineTrace],
    file: &CaseFile,
    owners: &[String],
) -> BTreeMap<String, Vec<Trace>> {
    let mut traces: BTreeMap<String, Vec<Trace>> = BTreeMap::new();
    for case in &file.cases {
        let owner = case.primary.as_deref();
        let owner = owner.and_then(|fault| owner_of(fault, owners));
        let trace = rebuilt(model, baselines, case);
        if let (Some(owner), Some(trace)) = (owner, trace) {
            traces.entry(owner.to_owned()).or_default().push(trace);
        }
    }
    traces
}

/// The owner that a fault's id begins with. An owner's id may hold a slash
/// itself: `rule@POST /orders`.
fn owner_of<'o>(fault: &str, owners: &'o [String]) -> Option<&'o str> {
    let owners = owners.iter().filter(|owner| {
        let rest = fault.strip_prefix(owner.as_str());
        rest.is_some_and(|rest| rest.starts_with('/'))
    });
    owners.max_by_key(|owner| owner.len()).map(String::as_str)
}

fn rebuilt(model: &Model, baselines: &[BaselineTrace], case: &Case) -> Option<Trace> {
    let steps = case.steps.iter().enumerate().map(|(index, step)| {
        let operation = model.operation_named(&step.operation)?;
        let changes = case
            .changes
            .iter()
            .find(|changes| changes.step == index + 1)?;
        let filled = match index + 1 == case.steps.len() {
            true => case.filled.as_slice(),
            false => &[],
        };
        let request = changed(baselines, changes, filled)?;
        Some(Step { operation, request })
    });
    Some(Trace {
        steps: steps.collect::<Option<_>>()?,
    })
}

/// A request without what was filled in: that says nothing of rules.
fn changed(baselines: &[BaselineTrace], changes: &StepChanges, filled: &[String]) -> Option<Value> {
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
    let base = request.clone();
    for (place, text) in &changes.set {
        let value = parse_json(text).ok()?;
        Location::parse(place)?
            .write(&mut request, value)
            .then_some(())?;
    }
    for place in &changes.unset {
        Location::parse(place)?.remove(&mut request)?;
    }
    for place in filled {
        put_back(&Location::parse(place)?, &base, &mut request);
    }
    Some(request)
}

/// What a place held before; a group of parameters that is empty by then goes.
fn put_back(place: &Location, base: &Value, request: &mut Value) {
    if let Some(value) = place.read(base) {
        let _ = place.write(request, value.clone());
        return;
    }
    let _ = place.remove(request);
    let group = place.parent();
    let is_empty = matches!(group.read(request), Some(Value::Map(members)) if members.is_empty());
    if is_empty && group.0.len() == 1 && group.read(base).is_none() {
        let _ = group.remove(request);
    }
}

#[cfg(test)]
mod tests {
    use super::owner_of;

    #[test]
    fn the_owner_of_a_fault_may_hold_slashes() {
        let owners = ["total", "total@POST /orders", "total@POST /orders/{id}"];
        let owners = owners.map(str::to_owned);
        for (fault, owner) in [
            ("total/dropped/all/rule", Some("total")),
            ("total@POST /orders/dropped", Some("total@POST /orders")),
            (
                "total@POST /orders/{id}/x/y",
                Some("total@POST /orders/{id}"),
            ),
            ("totals/dropped/all/rule", None),
        ] {
            assert_eq!(owner_of(fault, &owners), owner, "{fault}");
        }
    }
}
