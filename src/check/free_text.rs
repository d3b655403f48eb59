//! Free texts that requests have to invent.

use std::collections::BTreeSet;

use super::{Analysis, Sample, condition};
use crate::document::{JsonType, Schema};
use crate::expr::{Node, Op, Type};
use crate::model::{Built, Model, Operation, RuleRef, Trace};
use crate::search::slice::{Read, reads};
use crate::source::{Code, Diagnostic, Diagnostics};
use crate::value::Value;
use crate::value::location::{Location, Segment};

/// A note for each rule that compares fields as texts which are texts of any
/// kind to their schemas, where a request of the analysis holds a value that
/// nobody wrote down; each field once for an operation.
pub(super) fn findings(built: &Built, analysis: &Analysis) -> Diagnostics {
    let model = &built.model;
    let mut told: BTreeSet<(u32, Vec<String>)> = BTreeSet::new();
    let mut found = Diagnostics::new();
    for samples in &analysis.rules {
        let operation = model.rule(samples.rule).operation;
        let traces = [&samples.accepted, &samples.rejected].into_iter();
        let traces: Vec<&Trace> = traces
            .filter_map(|sample| match sample {
                Sample::Found(trace) => Some(trace),
                Sample::Never(_) | Sample::Undecided(_) => None,
            })
            .collect();
        let mut fields: Vec<(Vec<String>, String)> = Vec::new();
        for path in texts_read(model, samples.rule) {
            if !is_free(model, samples.rule, &path) {
                continue;
            }
            let mut texts = traces
                .iter()
                .filter_map(|trace| invented(model, samples.rule, &path, trace));
            if let Some(text) = texts.next()
                && told.insert((operation.0, path.clone()))
            {
                fields.push((path, text));
            }
        }
        found.extend(finding(model, samples.rule, &fields));
    }
    found
}

/// The fields that a rule compares as texts: asking whether they are there, or
/// how long they are, doesn't.
fn texts_read(model: &Model, rule: RuleRef) -> BTreeSet<Vec<String>> {
    let arena = &model.arena;
    let positions = arena.positions(model.rule(rule).expr).into_iter();
    let compared = positions.filter_map(|(_, id)| match arena.node(id) {
        Node::Call(Op::Size, _) => None,
        Node::Call(_, operands) => Some(operands.to_vec()),
        _ => None,
    });
    let texts = compared.flatten().filter(|id| {
        matches!(arena.node(*id), Node::Get(..)) && matches!(arena.ty(*id), Type::String(_))
    });
    let fields = texts.flat_map(|id| reads(model, id));
    let paths = fields.filter_map(|read| match read {
        Read::Field(path) => Some(path),
        Read::Earlier(_) | Read::Attribute(..) => None,
    });
    paths.collect()
}

fn finding(model: &Model, rule: RuleRef, fields: &[(Vec<String>, String)]) -> Option<Diagnostic> {
    let (_, text) = fields.first()?;
    let found = model.rule(rule);
    let names: Vec<String> = fields
        .iter()
        .map(|(path, _)| path.join(".").replace(".*", "[*]"))
        .collect();
    let message = format!(
        "cases of the rule `{}` have to invent texts for `{}`",
        found.id,
        names.join("` and `")
    );
    let operation = &model.operation(found.operation).id;
    let given: Vec<String> = names
        .iter()
        .map(|name| format!("{name}: {{enum: [...]}}"))
        .collect();
    Some(
        Diagnostic::info(Code::FreeText, message)
            .at(condition(found, &model.arena), "compares free text")
            .note(format!(
                "the schema allows any text; one that was made up is \"{text}\", which a server \
                 may refuse for reasons that no rule states"
            ))
            .help(format!(
                "list what the server knows: under `operations:`, `{operation}: {{fields: {{{}}}}}`",
                given.join(", ")
            )),
    )
}

/// Whether the schema of a field says no more of its texts than how long they
/// are.
fn is_free(model: &Model, rule: RuleRef, path: &[String]) -> bool {
    let operation = model.operation(model.rule(rule).operation);
    if is_filled(operation, path) {
        return false;
    }
    let mut at = operation.request;
    for key in path {
        let schema = model.schemas.get(at);
        if is_discriminator(model, schema, key, 0) {
            return false;
        }
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

/// Whether tests know what to put into a field: the key of what they made, or a
/// text that is another one in each of them.
fn is_filled(operation: &Operation, path: &[String]) -> bool {
    let binds = operation.binds.iter().map(|bind| &bind.location);
    let unique = operation.correlated.iter().chain(&operation.unique);
    let mut filled = binds.chain(unique.map(|own| &own.location));
    filled.any(|place| {
        place.0.len() == path.len()
            && place
                .0
                .iter()
                .zip(path)
                .all(|(segment, key)| match segment {
                    Segment::Key(own) => **own == **key,
                    Segment::Index(_) => key == "*",
                })
    })
}

/// Whether a member names one of some alternatives.
fn is_discriminator(model: &Model, schema: &Schema, key: &str, depth: usize) -> bool {
    let conditions = schema.conditions.iter();
    let mut named = conditions.filter(|own| own.keyword == "discriminator");
    let mut alternatives = schema.alternatives.iter();
    named.any(|own| own.formula.members().contains(&key))
        || depth < MAX_DEPTH
            && alternatives
                .any(|id| is_discriminator(model, model.schemas.get(*id), key, depth + 1))
}

/// How deep alternatives within alternatives are looked into.
const MAX_DEPTH: usize = 4;

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
