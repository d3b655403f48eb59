//! Requests as changes of baselines.

use std::fmt::Write;
use std::iter;

use itertools::Itertools;
use serde::Serialize;

use super::WIDTH;
use super::abridged::abridged;
use crate::case::Changes;
use crate::document::SchemaId;
use crate::model::{ACTOR, Model, RuleRef, Step, Trace, step_of_key};
use crate::search::slice::{Read, reads};
use crate::value::Value;
use crate::value::location::{Location, Segment};

/// A sequence of requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Requests(pub Vec<RequestDiff>);

/// A request, by what tells it from a baseline of its operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestDiff {
    /// The operation's id.
    pub operation: String,
    /// Who sends it, where rules tell people apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
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
    /// The place as a path with `*` for items.
    #[serde(skip)]
    path: Vec<String>,
    /// What is read below the place, as paths with `*` for items: to be seen
    /// in any case.
    #[serde(skip)]
    pub reads: Vec<Vec<String>>,
}

impl Requests {
    /// The requests of a trace, for the reader of a rule about the last.
    pub fn new(model: &Model, trace: &Trace, rule: RuleRef) -> Self {
        let steps = trace.steps.iter();
        let mut requests: Vec<RequestDiff> = steps.map(|step| diff(model, step)).collect();
        if let Some(last) = requests.last_mut() {
            let paths = paths_read(model, rule);
            for change in &mut last.changes {
                change.reads = paths
                    .iter()
                    .filter_map(|path| below(path, &change.path))
                    .collect();
            }
        }
        Self(requests)
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
        // Who sends it is said up front.
        let changes = self.changes.iter();
        let changes: Vec<&Change> = changes.filter(|own| own.location != ACTOR).collect();
        let ending = if changes.is_empty() {
            "as it is"
        } else {
            "with"
        };
        let actor = self.actor.as_ref();
        let actor = actor.map_or(String::new(), |name| format!(" as {name}"));
        let _ = writeln!(
            out,
            "{}{actor}, baseline `{}`, {ending}",
            self.operation, self.baseline
        );
        for change in changes {
            let line = folded(&change.to_string(), indent + 2);
            let _ = writeln!(out, "{:indent$}  {line}", "");
        }
    }
}

/// A text behind `indent` blanks in lines of at most [`WIDTH`], where it has
/// blanks to part it; further lines stand further in.
fn folded(text: &str, indent: usize) -> String {
    let mut out = String::new();
    let mut column = indent;
    let mut words = text.split(' ');
    let mut index = 0;
    while let Some(first) = words.next() {
        // What is left out is said in one line: `… 2 more`.
        let rest = if first == "…" { 2 } else { 0 };
        let word = iter::once(first).chain(words.by_ref().take(rest)).join(" ");
        let length = word.chars().count();
        if index > 0 && column + 1 + length > WIDTH {
            let _ = write!(out, "\n{:1$}", "", indent + 2);
            column = indent + 2;
        } else if index > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(&word);
        column += length;
        index += 1;
    }
    out
}

impl std::fmt::Display for Change {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let reads: Vec<&[String]> = self.reads.iter().map(Vec::as_slice).collect();
        let value = |value: &Option<String>, none: &str| match value {
            Some(text) => abridged(text, &reads),
            None => none.to_owned(),
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

/// The paths of the request that a rule reads.
fn paths_read(model: &Model, rule: RuleRef) -> Vec<Vec<String>> {
    let found = reads(model, model.rule(rule).expr).into_iter();
    let paths = found.filter_map(|read| match read {
        Read::Field(path) => Some(path),
        Read::Earlier(_) | Read::Attribute(..) => None,
    });
    paths.collect()
}

/// The rest of a path that leads to a place or below; `*` is any key.
fn below(path: &[String], place: &[String]) -> Option<Vec<String>> {
    let (above, rest) = path.split_at_checked(place.len())?;
    let fits = |(step, key): (&String, &String)| step == key || step == "*";
    above.iter().zip(place).all(fits).then(|| rest.to_vec())
}

fn path_of(place: &Location) -> Vec<String> {
    let segments = place.0.iter();
    let step = |segment: &Segment| match segment {
        Segment::Key(key) => key.to_string(),
        Segment::Index(_) => "*".to_owned(),
    };
    segments.map(step).collect()
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
        actor: step
            .request
            .get(ACTOR)
            .and_then(Value::as_str)
            .map(str::to_owned),
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
            path: path_of(&place),
            reads: Vec::new(),
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
