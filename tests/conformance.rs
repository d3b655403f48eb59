//! The conformance tests of cel-spec that apply to rules, as a table of facts:
//! an expression and its value. Those that don't apply, or whose value is
//! another one here, are listed with the reason.
//!
//! The facts come from <https://github.com/google/cel-spec> (Apache-2.0).
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crossfield::document::Document;
use crossfield::eval::{Env, evaluate};
use crossfield::expr::{Arena, Def, DefBody, DefTable, Scope, elaborate, parse};
use crossfield::model::{Model, build};
use crossfield::rulefile::RuleFile;
use crossfield::source::{Diagnostics, Sources, Span};
use crossfield::tree::Text;
use crossfield::value::{Members, Value, parse_number};
use serde_json::Value as Json;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cel-spec")
}

/// A model that brings nothing but an operation without fields.
fn model() -> Model {
    let mut sources = Sources::default();
    let rules =
        "crossfield: 1\napi: api.yaml\nrules:\n  - {id: any, operation: ping, rule: 'true'}\n";
    let file = sources.add("any.rules.yaml", rules);
    let (parsed, mut findings) = RuleFile::parse(&sources, file);
    let document = Document::open(&mut sources, &folder().join("api.yaml")).unwrap();
    build(&document, &parsed.unwrap(), 0, &mut findings)
        .unwrap()
        .model
}

/// What became of an expression.
#[derive(Debug, PartialEq)]
enum Outcome {
    Value(Value),
    Undefined(String),
    Refused(String),
}

fn outcome(model: &Model, expr: &str, bindings: Option<&Json>) -> Outcome {
    let mut sources = Sources::default();
    let file = sources.add("conformance", expr);
    let syntax = match parse(expr) {
        Ok(syntax) => syntax,
        Err(errors) => return Outcome::Refused(errors[0].message.clone()),
    };
    let mut defs = DefTable::default();
    for (name, value) in bindings.and_then(Json::as_object).into_iter().flatten() {
        let text = literal(value);
        let at = sources.add(name.clone(), text.clone());
        let span = Span {
            file: at,
            start: 0,
            end: text.len(),
        };
        let syntax = parse(&text).unwrap();
        let body = DefBody::Expression(syntax, Text::synthetic(text, span));
        let params = Vec::new();
        defs.0.insert(name.clone(), Def { params, body });
    }
    let operation = model.operation_named("ping").unwrap();
    let scope = Scope {
        schemas: &model.schemas,
        request: model.operation(operation).request,
        resources: &[],
        bound: &[],
        defs: &defs,
    };
    let mut arena = Arena::default();
    let mut findings = Diagnostics::default();
    let locate = Rc::new(move |range: Range<usize>| Span {
        file,
        start: range.start,
        end: range.end,
    });
    let Some(read) = elaborate(&mut arena, scope, &syntax, locate, &mut findings) else {
        let text = findings.render_human(&sources, false);
        return Outcome::Refused(text.lines().next().unwrap_or_default().to_owned());
    };
    let request = Value::Map(Members::default());
    match evaluate(&arena, Env::of_right(&request, &[]), read.expr) {
        Ok(value) => Outcome::Value(value),
        Err(undefined) => Outcome::Undefined(undefined.reason.to_string()),
    }
}

/// A value of the table as an expression.
fn literal(value: &Json) -> String {
    match value {
        Json::Object(special) => match (special.get("decimal"), special.get("map")) {
            (Some(number), _) => number.as_str().unwrap().to_owned(),
            (_, Some(Json::Object(entries))) => {
                let entries = entries.iter();
                let entries = entries.map(|(key, value)| format!("{key:?}: {}", literal(value)));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
            _ => panic!("no literal for {value}"),
        },
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(literal).collect();
            format!("[{}]", items.join(", "))
        }
        simple => simple.to_string(),
    }
}

/// A value of the table.
fn value(json: &Json) -> Value {
    let nanos = |parts: &Json| -> i128 {
        let part = |at: usize| parts[at].as_str().unwrap().parse::<i128>().unwrap();
        part(0) * 1_000_000_000 + part(1)
    };
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Number(parse_number(&number.to_string()).unwrap()),
        Json::String(text) => Value::string(text.as_str()),
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(special) => {
            let (kind, of) = special.iter().next().unwrap();
            match kind.as_str() {
                "decimal" => Value::Number(parse_number(of.as_str().unwrap()).unwrap()),
                "time" => Value::Time(nanos(of)),
                "duration" => Value::Duration(nanos(of)),
                "map" => {
                    let entries = of.as_object().unwrap().iter();
                    let entries = entries.map(|(key, of)| (key.as_str().into(), value(of)));
                    Value::Map(entries.collect())
                }
                other => panic!("{other}"),
            }
        }
    }
}

/// What is wrong with the outcome of a case, if anything is.
fn deviation(case: &Json, found: &Outcome) -> Option<String> {
    match (case.get("value").map(value), found) {
        (Some(expected), Outcome::Value(found)) if expected == *found => None,
        (Some(expected), Outcome::Value(found)) => Some(format!("{found}, not {expected}")),
        (Some(_), Outcome::Undefined(why)) => Some(format!("undefined: {why}")),
        (Some(_), Outcome::Refused(why)) => Some(format!("refused: {why}")),
        (None, Outcome::Value(found)) => Some(format!("{found}, not an error")),
        (None, _) => None,
    }
}

#[test]
fn cases_of_cel_spec_have_their_values() {
    let model = model();
    let text = std::fs::read_to_string(folder().join("cases.jsonl")).unwrap();
    let listed = std::fs::read_to_string(folder().join("exceptions.tsv")).unwrap();
    let mut listed: BTreeMap<&str, &str> = listed
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once('\t').unwrap())
        .collect();
    let (mut passed, mut wrong) = (0, Vec::new());
    for line in text.lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        let (name, expr) = (
            case["case"].as_str().unwrap(),
            case["expr"].as_str().unwrap(),
        );
        let found = outcome(&model, expr, case.get("bindings"));
        let reason = listed.remove(name);
        match (deviation(&case, &found), reason) {
            (None, None) => passed += 1,
            (None, Some(_)) => wrong.push(format!("{name}\tpasses, but is listed")),
            (Some(_), Some(reason)) => assert!(!reason.trim().is_empty(), "{name}"),
            (Some(what), None) => wrong.push(format!("{name}\t{expr:?}\t{what}")),
        }
    }
    println!("{passed} pass");
    let unknown: Vec<&&str> = listed.keys().collect();
    assert!(unknown.is_empty(), "no such cases: {unknown:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(passed >= 500, "only {passed} cases pass");
}
