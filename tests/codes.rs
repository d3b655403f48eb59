//! The examples that `explain CODE` shows: each bad one leads to its code, and
//! its mend doesn't.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crossfield::source::{Code, ExamplePart, ORDER, ORDERS};

#[test]
fn bad_examples_lead_to_their_codes_and_their_mends_do_not() {
    let mut problems = Vec::new();
    let mut count = 0;
    for code in Code::ALL {
        let Some(example) = code.example() else {
            continue;
        };
        count += 1;
        for (text, wanted) in [(example.bad, true), (example.good, false)] {
            let found = codes(example.part, text);
            let other_error = !wanted && found.iter().any(|one| one.starts_with("error "));
            if found.iter().any(|one| one.ends_with(&format!(" {code}"))) != wanted || other_error {
                problems.push(format!("{code}, {wanted}: {found:?}\n{text}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
    assert!(count > 30, "only {count}");
}

/// What `check` finds in an example: severity and code.
fn codes(part: ExamplePart, text: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let document = |properties: &str, example: &str| {
        let properties: String = properties
            .lines()
            .map(|line| format!("        {line}\n"))
            .collect();
        ORDERS
            .replace("PROPERTIES\n", &properties)
            .replace("EXAMPLE", example)
    };
    let some = "- {id: some, operation: createOrder, rule: body.discount <= body.amount}";
    let rules = |text: &str| {
        let lines: String = text.lines().map(|line| format!("  {line}\n")).collect();
        format!("crossfield: 1\napi: orders.openapi.yaml\nrules:\n{lines}")
    };
    let newer = || document(text, ORDER).replace("openapi: 3.0.3", "openapi: 3.1.0");
    let indented = |depth: usize| -> String {
        let lines = text.lines();
        lines
            .map(|line| format!("{}{line}\n", " ".repeat(depth)))
            .collect()
    };
    let imported = |kind: &str, api: String| {
        fs::write(folder.path().join("orders.openapi.yaml"), api).unwrap();
        let arguments = ["import", kind, "orders.openapi.yaml", "--format", "json"];
        found(folder.path(), &arguments)
    };
    let (api, file) = match part {
        ExamplePart::Rules => (document("", ORDER), rules(text)),
        ExamplePart::RuleFile => (document("", ORDER), text.to_owned()),
        ExamplePart::Properties => (document(text, ORDER), rules(some)),
        ExamplePart::NewerProperties => (newer(), rules(some)),
        ExamplePart::Dependencies => {
            let id = "      operationId: createOrder\n";
            let api = document("", ORDER).replace(id, &format!("{id}{}", indented(6)));
            return imported("idl", api);
        }
        ExamplePart::Conditionals => {
            return imported(
                "jsonschema",
                format!("{}{}", document("", ORDER), indented(6)),
            );
        }
        ExamplePart::OrderExample => (document("", text), rules(some)),
        ExamplePart::Document if text == ORDERS => (document("", ORDER), rules(some)),
        ExamplePart::Document => (text.to_owned(), rules(some)),
    };
    fs::write(folder.path().join("orders.openapi.yaml"), api).unwrap();
    fs::write(folder.path().join("x.rules.yaml"), file).unwrap();
    let arguments = ["check", "x.rules.yaml", "--format", "json", "--jobs", "1"];
    found(folder.path(), &arguments)
}

fn found(folder: &Path, arguments: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_crossfield"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let data: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let all = data["diagnostics"].as_array().unwrap().iter();
    all.map(|one| {
        format!(
            "{} {}",
            one["severity"].as_str().unwrap(),
            one["code"].as_str().unwrap()
        )
    })
    .collect()
}
