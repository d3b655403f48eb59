//! Sequences of requests.

use std::fmt;

use super::OperationRef;
use crate::value::Value;

/// One or more requests, each to an operation. Where a request names a
/// resource that an earlier step of the trace made, it holds the placeholder
/// [`resource_key`] of that step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The requests in order.
    pub steps: Vec<Step>,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is called.
    pub operation: OperationRef,
    /// The request state: an object with the members `path`, `query`,
    /// `header`, `cookie` and `body`, those that there are, and
    /// [`NOW`](super::NOW) where tests set the clock.
    pub request: Value,
}

/// Stands for the key of the resource that step `step` (from 0) of a trace
/// makes; a real key replaces it when the trace is sent.
pub fn resource_key(step: usize) -> Value {
    Value::string(format!("{KEY_PREFIX}{}", step + 1))
}

const KEY_PREFIX: &str = "key-of-step-";

/// The step (from 0) whose resource the placeholder `value` names.
pub fn step_of_key(value: &Value) -> Option<usize> {
    let number = value.as_str()?.strip_prefix(KEY_PREFIX)?;
    number.parse::<usize>().ok()?.checked_sub(1)
}

impl fmt::Display for Trace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            writeln!(out, "#{} {}", step.operation.0, step.request)?;
        }
        Ok(())
    }
}
