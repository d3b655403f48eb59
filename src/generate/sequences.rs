//! Short sequences that lead to an operation.

use crate::model::{Model, OperationRef, Patch, Trace};
use crate::search::plan::{Plan, plans};
use crate::simulate::{Options, Verdict, run};
use crate::value::Value;

/// How many there are for one operation, at most.
const MAX_SEQUENCES: usize = 6;

/// Plans that are looked at to find them, at most.
const MAX_PLANS: usize = 40;

/// `own`; and, where the operation is about what earlier requests make, the
/// shortest plans (of at most `longest` steps) with the requests that
/// `requests` gives, as far as a right server accepts all but the last.
pub fn sequences(
    model: &Model,
    operation: OperationRef,
    own: Vec<Trace>,
    longest: usize,
    requests: impl Fn(&Plan) -> Vec<Value>,
) -> Vec<Trace> {
    let mut found = own;
    if !model.operation(operation).reads_state() {
        return found;
    }
    let planned = plans(model, operation, longest);
    let complete = planned.into_iter();
    let complete = complete.filter(|plan| plan.missing().next().is_none());
    for plan in complete.take(MAX_PLANS) {
        if found.len() >= MAX_SEQUENCES {
            break;
        }
        let trace = plan.with_requests(model, requests(&plan));
        if !found.contains(&trace) && reaches_its_end(model, &trace) {
            found.push(trace);
        }
    }
    found
}

/// Whether a right server accepts all requests but the last, at least.
fn reaches_its_end(model: &Model, trace: &Trace) -> bool {
    let run = run(model, &Patch::default(), trace, Options::default());
    let earlier = trace.steps.len().saturating_sub(1);
    let accepted = run.verdicts.iter().take(earlier);
    run.verdicts.len() == trace.steps.len()
        && accepted.filter(|one| **one == Verdict::Accept).count() == earlier
}
