//! What answers say of what a server remembers and computes.

use crate::case::{Comparison, compared, comparison};
use crate::model::{Model, Place};
use crate::run::is_shown;
use crate::simulate::{Answered, entry_of};
use crate::value::Value;

use super::standing::at;

/// The first place at which the answer to an accepted request shows something
/// else than it has to: what demands it (a rule, or the view of a resource), and
/// the place.
pub fn other(model: &Model, answered: &Answered, answer: &Value) -> Option<(String, String)> {
    of_rules(model, answered, answer).or_else(|| of_views(model, answered, answer))
}

fn of_rules(model: &Model, answered: &Answered, answer: &Value) -> Option<(String, String)> {
    let mut parts = answered.ensured.0.keys();
    parts.find_map(|(rule, part)| {
        let own = model.ensured(Place::Ensure(*rule, *part))?;
        let value = answered.ensured.expected(*rule, *part)?;
        let (value, comparison) = compared(own.relation, value);
        let is_same = is_shown(comparison, value, at(answer, &own.path));
        (!is_same).then(|| (model.rule(*rule).id.clone(), own.place()))
    })
}

fn of_views(model: &Model, answered: &Answered, answer: &Value) -> Option<(String, String)> {
    answered.shown.iter().find_map(|seen| {
        let viewed = entry_of(model, seen)?;
        let found = at(answer, &viewed.path);
        let is_same = match &seen.value {
            None => is_shown(Comparison::Equal, None, found),
            Some(value) => is_shown(comparison(viewed, value), Some(value), found),
        };
        let place = format!("response.body.{}", viewed.path.join("."));
        (!is_same).then(|| (model.view_id(seen.resource), place))
    })
}
