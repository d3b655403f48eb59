//! Requests as changes of baselines.

use std::fmt::Write;

use serde::Serialize;

use super::shortened;
use crate::case::Changes;
use crate::document::SchemaId;
use crate::model::{Model, Step, Trace, step_of_key};
use crate::value::Value;
use crate::value::location::Location;

/// How long a value may be in a text.
const LONGEST: usize = 36;

/// How long the members or items of a value may be together.
const LONGEST_PARTS: usize = 70;

/// A sequence of requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Requests(pub Vec<RequestDiff>);

/// A request, by what tells it from a baseline of its operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestDiff {
    /// The operation's id.
    pub operation: String,
    /// The baseline that is nearest.
    pub baseline: String,
    /// What differs, in the order of places.
    pub changes: Vec<Change>,
}

/// A place with another value than in the baseline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// The place in the request: `body.lines[0].amount`.
    pub location: String,
    /// The baseline's value as JSON text; none where it has none.
    pub from: Option<String>,
    /// The value as JSON text; none where there is none any more.
    pub to: Option<String>,
    /// The step, from 1, whose resource's key is the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_of_step: Option<usize>,
    /// For a time that is counted from the moment of the test: `now + 2h`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moment: Option<String>,
}

impl Requests {
    /// The requests of a trace.
    pub fn new(model: &Model, trace: &Trace) -> Self {
        Self(trace.steps.iter().map(|step| diff(model, step)).collect())
    }

    /// The requests in words, each line behind `indent` blanks; the first one
    /// stands behind `title` instead.
    pub fn render(&self, title: &str, indent: usize) -> String {
        let mut out = String::new();
        let several = self.0.len() > 1;
        for (index, request) in self.0.iter().enumerate() {
            let lead = if index == 0 { title } else { "" };
            let _ = write!(out, "{lead:indent$}");
            if several {
                let _ = write!(out, "{}. ", index + 1);
            }
            request.render(&mut out, indent + if several { 3 } else { 0 });
        }
        out
    }
}

impl RequestDiff {
    fn render(&self, out: &mut String, indent: usize) {
        let ending = if self.changes.is_empty() {
            "as it is"
        } else {
            "with"
        };
        let _ = writeln!(
            out,
            "{}, baseline `{}`, {ending}",
            self.operation, self.baseline
        );
        for change in &self.changes {
            let _ = writeln!(out, "{:indent$}  {change}", "");
        }
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = |value: &Option<String>, none: &str| {
            let text = value.as_deref().unwrap_or(none);
            whole_parts(text).unwrap_or_else(|| shortened(text, LONGEST))
        };
        let from = value(&self.from, "(absent)");
        let to = match self.key_of_step {
            Some(step) => format!("(the key from step {step})"),
            None => value(&self.to, "(left out)"),
        };
        write!(out, "{}: {from} -> {to}", self.location)?;
        match &self.moment {
            Some(moment) => write!(out, " ({moment})"),
            None => Ok(()),
        }
    }
}

/// The members or items of an object or a list that fit, each as a whole; none
/// for other values.
fn whole_parts(text: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let (open, parts, close) = match &value {
        serde_json::Value::Object(members) => {
            let part = |(key, value): (&String, _)| format!("{}: {}", quoted(key), inner(value));
            ('{', members.iter().map(part).collect::<Vec<String>>(), '}')
        }
        serde_json::Value::Array(items) => ('[', items.iter().map(inner).collect(), ']'),
        _ => return None,
    };
    let mut out = String::from(open);
    let count = parts.len();
    for (index, part) in parts.into_iter().enumerate() {
        let lead = if index == 0 { "" } else { ", " };
        // The first stands there in any case.
        if index > 0 && out.chars().count() + part.chars().count() > LONGEST_PARTS {
            let _ = write!(out, ", … {} more", count - index);
            break;
        }
        let _ = write!(out, "{lead}{part}");
    }
    out.push(close);
    Some(out)
}

/// A member or an item: lists and objects only by their kind where they are
/// long.
fn inner(value: &serde_json::Value) -> String {
    let text = spaced(value);
    match value {
        _ if text.chars().count() <= LONGEST => text,
        serde_json::Value::Object(members) => format!("{{… {} members}}", members.len()),
        serde_json::Value::Array(items) => format!("[… {} items]", items.len()),
        _ => shortened(&text, LONGEST),
    }
}

fn quoted(key: &str) -> String {
    serde_json::Value::from(key).to_string()
}

/// A value as JSON with blanks behind commas and colons.
fn spaced(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Object(members) => {
            let part = |(key, value): (&String, _)| format!("{}: {}", quoted(key), spaced(value));
            let parts: Vec<String> = members.iter().map(part).collect();
            format!("{{{}}}", parts.join(", "))
        }
        serde_json::Value::Array(items) => {
            let parts: Vec<String> = items.iter().map(spaced).collect();
            format!("[{}]", parts.join(", "))
        }
        other => other.to_string(),
    }
}

/// A step by the baseline with the fewest changes; of equal ones the first.
fn diff(model: &Model, step: &Step) -> RequestDiff {
    let operation = model.operation(step.operation);
    let candidates = operation.baselines.iter().map(|baseline| {
        let mut changes = changes(&baseline.request, &step.request);
        for change in &mut changes {
            change.moment = moment(model, operation.request, &step.request, &change.location);
        }
        (baseline.name.clone(), changes)
    });
    let nearest = candidates.min_by_key(|(_, changes)| changes.len());
    let (baseline, changes) = nearest.unwrap_or_default();
    RequestDiff {
        operation: operation.id.clone(),
        baseline,
        changes,
    }
}

/// The time at a place, counted from the moment of the test.
fn moment(model: &Model, schema: SchemaId, request: &Value, place: &str) -> Option<String> {
    let mut places = model.anchored_places(schema, request).into_iter();
    let place = places.find(|own| own.to_string() == place)?;
    let text = place.read(request)?.as_str()?;
    model.clock.in_words(text)
}

fn changes(from: &Value, to: &Value) -> Vec<Change> {
    let places = Changes::between(from, to).places().into_iter();
    let change = |place: Location| {
        let (from, to) = (place.read(from), place.read(to));
        Change {
            location: place.to_string(),
            from: from.map(ToString::to_string),
            to: to.map(ToString::to_string),
            moment: None,
            key_of_step: to.and_then(step_of_key).map(|step| step + 1),
        }
    };
    places.map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::resource_key;

    fn object(members: &[(&str, Value)]) -> Value {
        let members = members.iter();
        Value::Map(
            members
                .map(|(key, value)| ((*key).into(), value.clone()))
                .collect(),
        )
    }

    #[test]
    fn changes_are_told_place_by_place() {
        let old = object(&[
            ("id", Value::string("p_1")),
            ("lines", Value::List(vec![Value::int(1), Value::int(2)])),
            ("note", Value::Null),
        ]);
        let new = object(&[
            ("id", resource_key(0)),
            ("lines", Value::List(vec![Value::int(3)])),
            ("fee", Value::int(9)),
        ]);
        let shown = changes(&old, &new);
        let shown: Vec<String> = shown.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "fee: (absent) -> 9",
                "id: \"p_1\" -> (the key from step 1)",
                "lines[0]: 1 -> 3",
                "lines[1]: 2 -> (left out)",
                "note: null -> (left out)",
            ]
        );
    }
}
