//! What answers show.

use super::moments::Words;
use crate::case::Showing;
use crate::model::{Ensure, Model, Place, Relation, RuleRef};
use crate::simulate::Run;
use crate::value::Value;

/// What the last answer has to show by a rule.
pub(super) fn expected(model: &Model, right: &Run, rule: RuleRef, words: &Words) -> Vec<Showing> {
    let Some(ensured) = right.ensured.last() else {
        return Vec::new();
    };
    let parts = model.rule(rule).ensures.iter().enumerate();
    let told = parts.filter_map(|(part, own)| {
        let value = ensured.expected(rule, part)?;
        Some(match (own.relation, value.as_bool()) {
            (Relation::Has, Some(true)) => showing(own, Some("is there"), None),
            (Relation::Has, _) => showing(own, None, None),
            (Relation::Eq, _) => showing(own, None, Some(words.told(value))),
            (relation, _) => showing(own, Some(relation.sign()), Some(words.told(value))),
        })
    });
    told.collect()
}

/// What the last answer of a faulty server shows instead.
pub(super) fn otherwise(
    model: &Model,
    right: &Run,
    faulty: &Run,
    rule: RuleRef,
    words: &Words,
) -> Vec<Showing> {
    let (Some(right), Some(faulty)) = (right.ensured.last(), faulty.ensured.last()) else {
        return Vec::new();
    };
    let parts = 0..model.rule(rule).ensures.len();
    let told = parts.filter_map(|part| {
        let own = model.ensured(Place::Ensure(rule, part))?;
        let expected = right.expected(rule, part)?;
        let found = faulty.0.get(&(rule, part))?.first()?.as_ref();
        if found == Some(expected) {
            return None;
        }
        let is_there = found.and_then(Value::as_bool) == Some(true);
        Some(match (own.relation, found) {
            (Relation::Has, _) if is_there => showing(own, Some("is there"), None),
            (Relation::Has, _) | (_, None) => showing(own, None, None),
            (Relation::Eq, Some(value)) => showing(own, None, Some(words.told(value))),
            _ => return None,
        })
    });
    told.collect()
}

fn showing(own: &Ensure, relation: Option<&str>, value: Option<String>) -> Showing {
    Showing {
        place: own.place(),
        relation: relation.map(str::to_owned),
        value,
    }
}
