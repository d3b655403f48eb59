//! Free texts that requests have to invent.

use std::collections::BTreeMap;

use super::{Analysis, Sample, condition};
use crate::document::{JsonType, Schema};
use crate::expr::Node;
use crate::model::{Built, Model, RuleRef, Trace};
use crate::search::slice::{Read, reads};
use crate::source::{Code, Diagnostic, Diagnostics};
use crate::value::Value;
use crate::value::location::{Location, Segment};

/// A note for each field that a rule compares as text, that is text of any
/// kind to its schema, and for which a request of the analysis holds a value
/// that nobody wrote down.
pub(super) fn findings(built: &Built, analysis: &Analysis) -> Diagnostics {
    let model = &built.model;
    let mut told: BTreeMap<(u32, Vec<String>), Diagnostic> = BTreeMap::new();
    for samples in &analysis.rules {
        let operation = model.rule(samples.rule).operation;
        let fields = reads(model, model.rule(samples.rule).expr).into_iter();
        for read in fields {
            let Read::Field(path) = read else { continue };
            let key = (operation.0, path.clone());
            if told.contains_key(&key) || !is_free(model, samples.rule, &path) {
                continue;
            }
            let traces = [&samples.accepted, &samples.rejected].into_iter();
            let traces = traces.filter_map(|sample| match sample {
                Sample::Found(trace) => Some(trace),
                Sample::Never(_) | Sample::Undecided(_) => None,
            });
            let invented = traces
                .filter_map(|trace| invented(model, samples.rule, &path, trace))
                .next();
            if let Some(text) = invented {
                told.insert(key, finding(model, samples.rule, &path, &text));
            }
        }
    }
    told.into_values().collect()
}

fn finding(model: &Model, rule: RuleRef, path: &[String], text: &str) -> Diagnostic {
    let found = model.rule(rule);
    let shown = path.join(".").replace(".*", "[*]");
    let message = format!(
        "cases of the rule `{}` have to invent texts for `{shown}`",
        found.id
    );
    let operation = &model.operation(found.operation).id;
    Diagnostic::info(Code::FreeText, message)
        .at(condition(found, &model.arena), "compares free text")
        .note(format!(
            "its schema allows any text; one that was made up is \"{text}\", which a server may refuse for reasons that no rule states"
        ))
        .help(format!(
            "list what the server knows: under `operations:`, `{operation}: {{fields: {{{shown}: {{enum: [...]}}}}}}`"
        ))
}

/// Whether the schema of a field says no more of its texts than how long they
/// are.
fn is_free(model: &Model, rule: RuleRef, path: &[String]) -> bool {
    let mut at = model.operation(model.rule(rule).operation).request;
    for key in path {
        let schema = model.schemas.get(at);
        let next = if key == "*" {
            schema.items
        } else {
            model.schemas.property(at, key)
        };
        match next {
            Some(next) => at = next,
            None => return false,
        }
    }
    let schema: &Schema = model.schemas.get(at);
    schema.types.names(JsonType::String)
        && schema.enumeration.is_none()
        && schema.patterns.is_empty()
        && schema.format.is_none()
        && schema.examples.len() < 2
}

/// A text at a path of the last request that neither a baseline nor the rule
/// holds.
fn invented(model: &Model, rule: RuleRef, path: &[String], trace: &Trace) -> Option<String> {
    let found = model.rule(rule);
    let last = trace.steps.last()?;
    let mut known: Vec<String> = Vec::new();
    for operation in &model.operations {
        for baseline in &operation.baselines {
            texts(&baseline.request, &mut known);
        }
    }
    for (_, id) in model.arena.positions(found.expr) {
        if let Node::Const(constant) = model.arena.node(id) {
            texts(&constant.0, &mut known);
        }
    }
    let mut held = Vec::new();
    values(&last.request, path, &mut held);
    held.into_iter()
        .find(|text| !text.is_empty() && !known.contains(text))
}

/// All texts in a value.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.to_string()),
        Value::List(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Map(members) => members.iter().for_each(|(_, value)| texts(value, found)),
        _ => {}
    }
}

/// The texts at a path; `*` stands for all items.
fn values(value: &Value, path: &[String], found: &mut Vec<String>) {
    let Some((first, rest)) = path.split_first() else {
        if let Value::String(text) = value {
            found.push(text.to_string());
        }
        return;
    };
    match value {
        Value::List(items) if first == "*" => {
            items.iter().for_each(|item| values(item, rest, found));
        }
        _ => {
            if let Some(member) = Location(vec![Segment::Key(first.as_str().into())]).read(value) {
                values(member, rest, found);
            }
        }
    }
}
