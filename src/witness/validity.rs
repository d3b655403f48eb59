//! Whether requests satisfy their schemas, by the independent validator.

use crate::document::Violation;
use crate::model::{Built, NOW, Step, Trace};
use crate::value::Value;

/// What the validator says against the requests of a trace; empty: nothing.
/// Placeholders of keys are judged as the baseline's own key.
pub fn violations(built: &Built, trace: &Trace) -> Vec<String> {
    let mut found = Vec::new();
    for step in &trace.steps {
        let Some(documented) = built.documented.get(step.operation.0 as usize) else {
            continue;
        };
        let request = with_keys(built, step);
        let violations = documented.validator.validate(&request);
        let of_clock = violations_of_clock(built, &request);
        found.extend(violations.iter().chain(&of_clock).map(|violation| {
            format!(
                "{} at {}: {}",
                violation.keyword, violation.location, violation.message
            )
        }));
    }
    found
}

/// What the validator says against the last request of a trace, and the request
/// with the baseline's own keys in the place of placeholders.
pub fn last_violations(built: &Built, trace: &Trace) -> (Value, Vec<Violation>) {
    let Some(last) = trace.steps.last() else {
        return (Value::Null, Vec::new());
    };
    let request = with_keys(built, last);
    let documented = built.documented.get(last.operation.0 as usize);
    let found = documented.map(|own| own.validator.validate(&request));
    (request, found.unwrap_or_default())
}

/// A request with the baseline's own keys in the place of placeholders.
fn with_keys(built: &Built, step: &Step) -> Value {
    let operation = built.model.operation(step.operation);
    let mut request = step.request.clone();
    for bind in &operation.binds {
        let placeholder = bind.location.read(&request);
        if placeholder.is_none_or(|key| built.model.maker_of(key).is_none()) {
            continue;
        }
        let baseline = operation.baselines.first();
        let own = baseline.and_then(|baseline| bind.location.read(&baseline.request));
        let own = own.cloned().unwrap_or(Value::Null);
        let _ = bind.location.write(&mut request, own);
    }
    request
}

/// What the validator says against the request that sets the clock before
/// this one.
fn violations_of_clock(built: &Built, request: &Value) -> Vec<Violation> {
    let Some(setter) = &built.model.clock_setter else {
        return Vec::new();
    };
    let documented = built.documented.get(setter.operation.0 as usize);
    match (documented, request.get(NOW)) {
        (Some(documented), Some(now)) => documented.validator.validate(&setter.request_at(now)),
        _ => Vec::new(),
    }
}

/// The first thing that is wrong with the requests of a trace.
pub fn refusal(built: &Built, trace: &Trace) -> Option<String> {
    violations(built, trace).into_iter().next()
}

/// Whether all requests of a trace satisfy their schemas.
pub fn is_valid(built: &Built, trace: &Trace) -> bool {
    violations(built, trace).is_empty()
}
