//! What an answer must say, in words.

use crate::model::{Model, Patch, Relation, RuleRef, Trace, step_of_key};
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
        let key = step_of_key(value).map(|step| format!("the key of request {}", step + 1));
        let told = key.unwrap_or_else(|| value.to_string());
        let place = own.place();
        Some(match (own.relation, value.as_bool()) {
            (Relation::Has, Some(true)) => format!("has({place})"),
            (Relation::Has, _) => format!("!has({place})"),
            (relation, _) => format!("{place} {} {told}", relation.sign()),
        })
    });
    told.collect()
}
