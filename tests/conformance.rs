//! The conformance tests of cel-spec that apply to rules, as a table of facts:
//! an expression and its value. Those that don't apply, or whose value is
//! another one here, are listed with the reason.
//!
//! The facts come from <https://github.com/google/cel-spec> (Apache-2.0).
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;

use crossfield::expr::{Def, DefBody, DefTable, parse};
use crossfield::source::{Sources, Span};
use crossfield::tree::Text;
use crossfield::value::{Value, parse_number};
use serde_json::Value as Json;
use support::{Outcome, folder, model, outcome};

#[path = "support/language.rs"]
mod support;

/// What the names of a case stand for.
fn defs(bindings: Option<&Json>) -> DefTable {
    let mut sources = Sources::default();
    let mut defs = DefTable::default();
    for (name, value) in bindings.and_then(Json::as_object).into_iter().flatten() {
        let text = literal(value);
        let span = Span {
            file: sources.add(name.clone(), text.clone()),
            start: 0,
            end: text.len(),
        };
        let syntax = parse(&text).unwrap();
        let body = DefBody::Expression(syntax, Text::synthetic(text, span));
        let params = Vec::new();
        defs.0.insert(name.clone(), Def { params, body });
    }
    defs
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
        let found = outcome(&model, expr, &defs(case.get("bindings")));
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
