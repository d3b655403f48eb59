//! Baselines: for each operation, sequences that a right server accepts,
//! close to the documented examples.

use super::valid::{is_valid, refusal};
use crate::model::{Built, Model, OperationRef, Patch, RuleRef, Trace};
use crate::search::decide::{Reach, Searcher};
use crate::search::smt::with_context;
use crate::simulate::{Options, Verdict, may_lead, run};

/// An accepted sequence that cases are changes of.
#[derive(Clone, Debug)]
pub struct BaselineTrace {
    /// `createPayment/card`.
    pub id: String,
    /// The operation of its last request.
    pub operation: OperationRef,
    /// The requests.
    pub trace: Trace,
}

/// A documented example that a right server would not accept as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleFinding {
    /// The operation.
    pub operation: OperationRef,
    /// The example's name.
    pub example: String,
    /// The rules that it breaks.
    pub breaks: Vec<RuleRef>,
    /// The requests: the example is the last one.
    pub trace: Trace,
}

/// The baselines of an operation, and what is wrong with its examples; no
/// baseline where nothing is accepted (the text says why, if that is known).
pub fn baselines(
    built: &Built,
    operation: OperationRef,
    reach: Reach,
) -> (Vec<BaselineTrace>, Vec<ExampleFinding>, Option<String>) {
    let model = &built.model;
    let refusal = |trace: &Trace| refusal(built, trace);
    let found = with_context(|| Searcher::new(model, reach, &[], &refusal).accepting(operation));
    let nearest = match found {
        Ok(trace) => trace,
        Err(reason) => {
            let reason = reason.unwrap_or_else(|| "no request satisfies all rules".to_owned());
            return (Vec::new(), Vec::new(), Some(reason));
        }
    };
    let (traces, findings) = beside(built, operation, &nearest);
    (traces, findings, None)
}

/// The same where `nearest` is known: a sequence that a right server accepts.
pub fn beside(
    built: &Built,
    operation: OperationRef,
    nearest: &Trace,
) -> (Vec<BaselineTrace>, Vec<ExampleFinding>) {
    let model = &built.model;
    let mut traces = Vec::new();
    let mut findings = Vec::new();
    let declared = &model.operation(operation).baselines;
    for (index, baseline) in declared.iter().enumerate() {
        let trace = with_request(model, nearest, &baseline.request);
        let verdict = last_verdict(model, &trace);
        let id = format!("{}/{}", model.operation(operation).id, baseline.name);
        if verdict == Some(Verdict::Accept) && is_valid(built, &trace) {
            traces.push(BaselineTrace {
                id,
                operation,
                trace,
            });
            continue;
        }
        findings.push(ExampleFinding {
            operation,
            example: baseline.name.clone(),
            breaks: broken(verdict),
            trace,
        });
        if index == 0 {
            // Nearest to it, changed so that all rules hold.
            traces.push(BaselineTrace {
                id,
                operation,
                trace: nearest.clone(),
            });
        }
    }
    (traces, findings)
}

/// `near` with another last request; what it is about stays.
fn with_request(model: &Model, near: &Trace, request: &crate::value::Value) -> Trace {
    let mut trace = near.clone();
    if let Some(last) = trace.steps.last_mut() {
        let mut request = request.clone();
        for bind in &model.operation(last.operation).binds {
            if let Some(key) = bind.location.read(&last.request) {
                let _ = bind.location.write(&mut request, key.clone());
            }
        }
        last.request = request;
    }
    trace
}

/// What the right server says to the last request; none where it doesn't accept
/// all others.
pub fn last_verdict(model: &Model, trace: &Trace) -> Option<Verdict> {
    verdict_behind(model, trace, 0)
}

/// The same where so many of the others may be refused.
pub fn verdict_behind(model: &Model, trace: &Trace, refused: usize) -> Option<Verdict> {
    let run = run(model, &Patch::default(), trace, Options::default());
    let complete = run.verdicts.len() == trace.steps.len();
    let (last, earlier) = run.verdicts.split_last()?;
    (complete && may_lead(earlier, refused)).then(|| last.clone())
}

fn broken(verdict: Option<Verdict>) -> Vec<RuleRef> {
    match verdict {
        Some(Verdict::Reject(broken)) => broken.into_iter().collect(),
        _ => Vec::new(),
    }
}
