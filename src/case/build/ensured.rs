//! What the answer to an accepted request has to hold, as rules ensure it.

use super::shown::filled;
use crate::case::shown::{Comparison, Shown};
use crate::model::{Model, Patch, Place, Relation, Trace};
use crate::simulate::{Known, Options, run};
use crate::value::Value;

/// What is ensured of the last answer to `trace`, as far as tests know it
/// before; nothing where a right server doesn't accept the request as a new one.
pub(super) fn ensured(model: &Model, trace: &Trace) -> Vec<Shown> {
    let options = Options {
        at_every_moment: true,
        ..Options::default()
    };
    let mut run = run(model, &Patch::default(), trace, options);
    let is_whole = run.ensured.len() == trace.steps.len();
    let Some(ensured) = run.ensured.pop().filter(|_| is_whole) else {
        return Vec::new();
    };
    let known = Known::new(model, trace);
    let parts = ensured.0.keys().filter_map(|(rule, part)| {
        let own = model.ensured(Place::Ensure(*rule, *part))?;
        let value = ensured.expected(*rule, *part)?;
        let (value, comparison) = compared(own.relation, value);
        filled((model, trace, &known), own.path.clone(), value, comparison)
    });
    let mut found: Vec<Shown> = Vec::new();
    for part in parts {
        // Several rules may say the same.
        if !found.contains(&part) {
            found.push(part);
        }
    }
    found
}

/// What is written of a value that an answer has to hold, and how it is compared.
pub fn compared(relation: Relation, value: &Value) -> (Option<&Value>, Comparison) {
    match relation {
        Relation::Eq => (Some(value), Comparison::Equal),
        Relation::Ne => (Some(value), Comparison::NotEqual),
        Relation::Lt => (Some(value), Comparison::Less),
        Relation::Le => (Some(value), Comparison::AtMost),
        Relation::Gt => (Some(value), Comparison::Greater),
        Relation::Ge => (Some(value), Comparison::AtLeast),
        Relation::Has => match value.as_bool() {
            Some(true) => (None, Comparison::There),
            _ => (None, Comparison::Equal),
        },
    }
}
