//! Documented examples and baselines that break a rule.

use std::collections::BTreeMap;

use super::condition;
use crate::document::{self, Example};
use crate::eval::{Env, Evaluator};
use crate::generate::beside;
use crate::model::{Built, Documented, Model, OperationRef, Patch, RuleRef, Trace};
use crate::search::slice::{Read, reads};
use crate::simulate::{Options, prepare, run};
use crate::source::{Code, Diagnostic, Diagnostics, Span};
use crate::tree::{Node, NodeKind};
use crate::value::Value;

/// How many values of an example are marked.
const MARKED: usize = 6;

/// A request that somebody wrote down.
struct Written<'a> {
    /// The example's or the baseline's name.
    name: &'a str,
    /// What it is: completes "the ... breaks".
    what: String,
    /// The request state.
    request: Value,
    /// Where it stands.
    span: Span,
    /// Its body as it was written.
    body: Option<&'a Node>,
}

/// An example that breaks a rule, and its request as the server takes it.
struct Breach<'a> {
    written: &'a Written<'a>,
    request: Value,
}

/// A warning for each example and each rule that it breaks, and one for a rule
/// that all examples break: it is the one that is wrong. `accepted` holds a
/// sequence that a right server accepts for each operation that has one.
pub(super) fn findings(
    built: &Built,
    now: i128,
    accepted: &BTreeMap<OperationRef, Trace>,
) -> Diagnostics {
    let model = &built.model;
    let mut found = Diagnostics::new();
    for ((operation, _), documented) in model.operation_refs().zip(&built.documented) {
        let all = written(model, operation, documented, now);
        let mut breaks: BTreeMap<RuleRef, Vec<Breach<'_>>> = BTreeMap::new();
        for written in &all {
            let request = prepare(model, operation, &written.request);
            for rule in broken(model, operation, &request) {
                let request = request.clone();
                breaks
                    .entry(rule)
                    .or_default()
                    .push(Breach { written, request });
            }
        }
        for (rule, breaches) in breaks {
            if breaches.len() > 1 && breaches.len() == all.len() {
                found.push(by_all(model, rule, operation, &breaches));
                continue;
            }
            let each = breaches.iter();
            found.extend(each.map(|one| finding(model, rule, one.written, &one.request)));
        }
        if let Some(nearest) = accepted.get(&operation) {
            found.extend(after_others(built, operation, &all, nearest));
        }
    }
    found
}

/// The same for rules that read what earlier requests left: those before the
/// example are as the other operations' examples have them.
fn after_others(
    built: &Built,
    operation: OperationRef,
    all: &[Written<'_>],
    nearest: &Trace,
) -> Vec<Diagnostic> {
    let model = &built.model;
    if !model.operation(operation).reads_state() {
        return Vec::new();
    }
    let (_, found) = beside(built, operation, nearest);
    let mut findings = Vec::new();
    for example in found {
        let Some(written) = all.iter().find(|written| written.name == example.example) else {
            continue;
        };
        let request = prepare(model, operation, &written.request);
        for rule in &example.breaks {
            let state = state_read(model, *rule, &example.trace);
            if !state.is_empty() {
                let note = format!(
                    "where {}, as the requests before it left it",
                    state.join(" and ")
                );
                findings.push(finding(model, *rule, written, &request).note(note));
            }
        }
    }
    findings
}

/// What a rule reads of the state before the last request, in words.
fn state_read(model: &Model, rule: RuleRef, trace: &Trace) -> Vec<String> {
    let run = run(model, &Patch::default(), trace, Options::default());
    let (Some(last), Some(before)) = (trace.steps.last(), run.states.iter().rev().nth(1)) else {
        return Vec::new();
    };
    let attributes = reads(model, model.rule(rule).expr).into_iter();
    let words = attributes.filter_map(|read| {
        let Read::Attribute(resource, name) = read else {
            return None;
        };
        let binds = &model.operation(last.operation).binds;
        let bind = binds.iter().find(|bind| bind.resource == resource)?;
        let maker = model.maker_of(bind.location.read(&last.request)?)?;
        let value = before.made.get(&maker)?.attributes.get(name.as_str())?;
        Some(format!(
            "{}.{name} is {}",
            model.resource(resource).name,
            short(value)
        ))
    });
    words.collect()
}

/// The documented examples, and the baselines of the rule file.
fn written<'a>(
    model: &'a Model,
    operation: OperationRef,
    documented: &'a Documented,
    now: i128,
) -> Vec<Written<'a>> {
    let of = &documented.operation;
    let examples = of.body.iter().flat_map(|body| &body.examples);
    let examples = examples.filter_map(|example: &Example| {
        let completed = document::baseline(of, Some(&example.name), now).ok()?;
        Some(Written {
            name: &example.name,
            what: format!("example `{}` of `{}`", example.name, of.id),
            request: completed.value,
            span: example.node.span,
            body: Some(&example.node),
        })
    });
    let own = model.operation(operation).baselines.iter();
    // Those of the document have the operation's place.
    let own = own.filter(|baseline| baseline.span != of.span);
    let own = own.map(|baseline| Written {
        name: &baseline.name,
        what: format!("baseline `{}` of `{}`", baseline.name, of.id),
        request: baseline.request.clone(),
        span: baseline.span,
        body: None,
    });
    examples.chain(own).collect()
}

fn broken(model: &Model, operation: OperationRef, request: &Value) -> Vec<RuleRef> {
    let resources = vec![None; model.resources.len()];
    let env = Env::of_right(request, &resources, model.clock.now);
    let mut evaluator = Evaluator::new(&model.arena, env);
    let rules = model.operation(operation).rules.iter().copied();
    rules
        .filter(|rule| !is_about_more(model, *rule))
        .filter(|rule| evaluator.holds(model.rule(*rule).expr) == Ok(false))
        .collect()
}

/// Whether a rule is about more than a request alone says: earlier ones, or
/// resources.
fn is_about_more(model: &Model, rule: RuleRef) -> bool {
    let own = model.rule(rule);
    let mut resources = model.resource_refs();
    own.across.is_some()
        || !own.needs.is_empty()
        || resources.any(|(resource, _)| model.asks_for(rule, resource))
}

fn finding(model: &Model, rule: RuleRef, written: &Written<'_>, request: &Value) -> Diagnostic {
    let own = model.rule(rule);
    let message = format!("the {} breaks the rule `{}`", written.what, own.id);
    let mut finding = Diagnostic::warning(Code::ExampleBreaksRule, message);
    let values = values(model, rule, request);
    let mut marked = 0;
    let mut said = Vec::new();
    for (place, value) in values.into_iter().take(MARKED) {
        let words = format!("{} is {}", shown(&place), short(&value));
        match written.body.and_then(|body| node(body, &place)) {
            Some(node) => {
                finding = finding.at(node.span, words);
                marked += 1;
            }
            None => said.push(words),
        }
    }
    if marked == 0 {
        finding = finding.at(written.span, "this one");
    }
    if !said.is_empty() {
        finding = finding.note(format!("where {}", said.join(", ")));
    }
    finding
        .also(condition(own, &model.arena), "the rule")
        .help("correct the example; if it is right, the rule is wrong")
}

/// A rule that all examples break.
fn by_all(
    model: &Model,
    rule: RuleRef,
    operation: OperationRef,
    breaches: &[Breach<'_>],
) -> Diagnostic {
    let own = model.rule(rule);
    let has_baselines = breaches.iter().any(|one| one.written.body.is_none());
    let all = match breaches.len() {
        2 => "both".to_owned(),
        count => format!("all {count}"),
    };
    let message = format!(
        "{all} {} of `{}` break the rule `{}`",
        if has_baselines {
            "examples and baselines"
        } else {
            "examples"
        },
        model.operation(operation).id,
        own.id
    );
    let mut finding = Diagnostic::warning(Code::ExampleBreaksRule, message)
        .at(condition(own, &model.arena), "true for none of them");
    let mut left_out = Vec::new();
    for (index, one) in breaches.iter().enumerate() {
        if index >= MARKED {
            left_out.push(format!("`{}`", one.written.name));
            continue;
        }
        let values = values(model, rule, &one.request);
        let words =
            |(place, value): &(Vec<String>, Value)| format!("{} is {}", shown(place), short(value));
        let in_body = values.iter().find_map(|value| {
            let node = node(one.written.body?, &value.0)?;
            Some((node.span, words(value)))
        });
        let (span, words) = in_body.unwrap_or_else(|| {
            let words = values.first().map_or_else(String::new, words);
            (one.written.span, words)
        });
        finding = finding.also(span, words);
    }
    if !left_out.is_empty() {
        finding = finding.note(format!("so do {}", left_out.join(", ")));
    }
    finding.help(
        "is a comparison the wrong way round, or a case left out? \
         if the rule is right, correct the examples",
    )
}

/// The values of a request that a rule reads, and their places.
fn values(model: &Model, rule: RuleRef, request: &Value) -> Vec<(Vec<String>, Value)> {
    let mut values = Vec::new();
    for read in reads(model, model.rule(rule).expr) {
        let Read::Field(path) = read else { continue };
        collect(request, &path, &mut Vec::new(), &mut values);
    }
    values
}

/// The values at a path; `*` stands for all items.
fn collect(
    value: &Value,
    path: &[String],
    place: &mut Vec<String>,
    found: &mut Vec<(Vec<String>, Value)>,
) {
    let Some((first, rest)) = path.split_first() else {
        if !matches!(value, Value::Map(_) | Value::List(_)) {
            found.push((place.clone(), value.clone()));
        }
        return;
    };
    let mut visit = |step: String, value: &Value| {
        place.push(step);
        collect(value, rest, place, found);
        place.pop();
    };
    match value {
        Value::List(items) if first == "*" => {
            for (index, item) in items.iter().enumerate() {
                visit(index.to_string(), item);
            }
        }
        _ => {
            if let Some(member) = value.get(first) {
                visit(first.clone(), member);
            }
        }
    }
}

/// The node of an example's body at a place of the request.
fn node<'a>(body: &'a Node, place: &[String]) -> Option<&'a Node> {
    let (first, rest) = place.split_first()?;
    let start = (first == "body").then_some(body)?;
    rest.iter().try_fold(start, |node, step| match &node.kind {
        NodeKind::Sequence(items) => items.get(step.parse::<usize>().ok()?),
        _ => node.get(step),
    })
}

fn shown(place: &[String]) -> String {
    let mut text = String::new();
    for step in place {
        if step.bytes().all(|byte| byte.is_ascii_digit()) {
            text.push_str(&format!("[{step}]"));
        } else {
            if !text.is_empty() {
                text.push('.');
            }
            text.push_str(step);
        }
    }
    text
}

fn short(value: &Value) -> String {
    const LONGEST: usize = 40;
    let text = value.to_string();
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}
