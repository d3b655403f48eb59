//! What an answer must say, in words.

use crate::model::{Model, Patch, Relation, RuleRef, Trace};
use crate::simulate::{Options, run};

/// What a rule says of the last answer to `trace`: `response.body.total == 41.25`.
pub(super) fn ensured(model: &Model, trace: &Trace, rule: RuleRef) -> Vec<String> {
    let mut run = run(model, &Patch::default(), trace, Options::default());
    let is_whole = run.ensured.len() == trace.steps.len();
    let Some(ensured) = run.ensured.pop().filter(|_| is_whole) else {
        return Vec::new();
    };
    let parts = model.rule(rule).ensures.iter().enumerate();
    let told = parts.filter_map(|(part, own)| {
        let value = ensured.expected(rule, part)?;
        let place = own.place();
        Some(match (own.relation, value.as_bool()) {
            (Relation::Has, Some(true)) => format!("has({place})"),
            (Relation::Has, _) => format!("!has({place})"),
            (relation, _) => format!("{place} {} {value}", relation.sign()),
        })
    });
    told.collect()
}
