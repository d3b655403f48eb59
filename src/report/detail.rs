//! What `check --verbose` tells of operations: baselines, and fields that
//! nothing reads.

use std::fmt::Write;

use serde::Serialize;

use super::place::place;
use super::{shortened, wrapped};
use crate::case::Changes;
use crate::check::Analysis;
use crate::document::Example;
use crate::model::{Baseline, Built, OperationRef};
use crate::source::Sources;
use crate::value::{Members, Value};

/// How long a value may be in a text.
const LONGEST: usize = 36;

/// An operation with rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OperationDetail {
    /// The operation's id.
    pub operation: String,
    /// The requests that all others are changes of; the first comes first.
    pub baselines: Vec<BaselineDetail>,
    /// Fields that no rule reads, as paths.
    pub unmentioned: Vec<String>,
}

/// A baseline and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BaselineDetail {
    /// Its name.
    pub name: String,
    /// Where it comes from, in words.
    pub origin: String,
    /// What was added to it or changed, so that the schema allows it.
    pub completed: Vec<String>,
}

impl OperationDetail {
    /// All operations with rules.
    pub fn all(built: &Built, sources: &Sources, analysis: &Analysis) -> Vec<Self> {
        let each = analysis.unmentioned.iter();
        each.map(|(operation, unmentioned)| {
            let found = built.model.operation(*operation);
            let baselines = found.baselines.iter();
            Self {
                operation: found.id.clone(),
                baselines: baselines
                    .map(|baseline| detail(built, sources, *operation, baseline))
                    .collect(),
                unmentioned: unmentioned.clone(),
            }
        })
        .collect()
    }

    /// The text for people.
    pub(super) fn render(&self, out: &mut String) {
        let _ = writeln!(out, "{}", self.operation);
        for baseline in &self.baselines {
            let _ = writeln!(out, "  baseline `{}`, {}", baseline.name, baseline.origin);
            for place in &baseline.completed {
                let _ = writeln!(out, "    completed: {place}");
            }
        }
        if !self.unmentioned.is_empty() {
            let all = format!("no rule mentions: {}", self.unmentioned.join(", "));
            out.push_str(&wrapped(&all, "  "));
        }
    }
}

fn detail(
    built: &Built,
    sources: &Sources,
    operation: OperationRef,
    baseline: &Baseline,
) -> BaselineDetail {
    let documented = built.documented.get(operation.0 as usize);
    let documented = documented.map(|documented| &documented.operation);
    // Those of the document have the operation's place.
    let is_own = documented.is_none_or(|found| found.span != baseline.span);
    let examples = documented.and_then(|found| found.body.as_ref());
    let mut examples = examples.into_iter().flat_map(|body| &body.examples);
    let example = examples.find(|example| example.name == baseline.name);
    let (origin, completed) = match example {
        _ if is_own => (
            format!("of the rule file ({})", place(sources, baseline.span)),
            Vec::new(),
        ),
        Some(example) => (
            format!(
                "the documented example ({})",
                place(sources, example.node.span)
            ),
            completed(example, &baseline.request),
        ),
        None => (
            "made from the schema: no example is documented".to_owned(),
            Vec::new(),
        ),
    };
    BaselineDetail {
        name: baseline.name.clone(),
        origin,
        completed,
    }
}

/// What the request has otherwise than the example of its body.
fn completed(example: &Example, request: &Value) -> Vec<String> {
    let body = request.get("body").cloned().unwrap_or(Value::Null);
    let within = |body: Value| Value::Map(Members::from_iter([("body".into(), body)]));
    let (from, to) = (within(example.value.clone()), within(body));
    let places = Changes::between(&from, &to).places().into_iter();
    places
        .map(|place| match place.read(&to) {
            Some(value) => format!("{place} = {}", shortened(&value.to_string(), LONGEST)),
            None => format!("{place} was left out"),
        })
        .collect()
}
