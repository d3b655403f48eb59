//! How long `check` takes on 100 rules over an API document of 1 MB.
//!
//! Run by `make bench`. The program is started as a user starts it; the median
//! of several runs counts. A framework for benchmarks would measure functions,
//! and what users wait for is the whole.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark"
)]

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// The goal, in milliseconds.
const GOAL: u128 = 300;

const RUNS: usize = 9;
const OPERATIONS: usize = 20;
const FIELDS: usize = 40;

fn main() -> ExitCode {
    let folder = tempfile::tempdir().unwrap();
    let document = document();
    let rules = rules();
    println!(
        "{} rules over an API document of {} kB",
        rules.matches("- id:").count(),
        document.len() / 1000
    );
    fs::write(folder.path().join("bench.openapi.json"), &document).unwrap();
    fs::write(folder.path().join("bench.rules.yaml"), rules).unwrap();
    let mut times: Vec<Duration> = (0..RUNS).map(|_| run(folder.path())).collect();
    times.sort();
    let median = times[RUNS / 2].as_millis();
    println!(
        "check: {median} ms in the median of {RUNS} runs ({} to {}); the goal is {GOAL} ms",
        times[0].as_millis(),
        times[RUNS - 1].as_millis()
    );
    // Without optimisation the number says nothing.
    if median > GOAL && !cfg!(debug_assertions) {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn run(folder: &Path) -> Duration {
    let start = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_crossfield"))
        .args(["check", "bench.rules.yaml"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{status}");
    start.elapsed()
}

/// Operations with rules, each with a large body, and many without.
fn document() -> String {
    let mut paths = String::new();
    let mut schemas = String::new();
    for operation in 0..OPERATIONS {
        let _ = writeln!(
            paths,
            r##""/things{operation}": {{"post": {{"operationId": "make{operation}", "requestBody": {{"required": true, "content": {{"application/json": {{"schema": {{"$ref": "#/components/schemas/Thing{operation}"}}, "examples": {{"basic": {{"value": {}}}}}}}}}}}, "responses": {{"201": {{"description": "made"}}}}}}}},"##,
            example()
        );
        let _ = writeln!(schemas, r#""Thing{operation}": {},"#, schema());
    }
    for other in 0..600 {
        let words = "What this one does is told at some length. ".repeat(8);
        let _ = writeln!(
            paths,
            r#""/others{other}": {{"get": {{"operationId": "get{other}", "description": "{words}", "responses": {{"200": {{"description": "found"}}}}}}}},"#
        );
    }
    format!(
        r#"{{"openapi": "3.0.3", "info": {{"title": "Bench", "version": "1"}},
"paths": {{{}}},
"components": {{"schemas": {{{}}}}}}}
"#,
        paths.trim_end().trim_end_matches(','),
        schemas.trim_end().trim_end_matches(',')
    )
}

fn schema() -> String {
    let words = |count| "Words on what this field stands for. ".repeat(count);
    let mut properties = String::new();
    for field in 0..FIELDS {
        let _ = write!(
            properties,
            r#""num_{field}": {{"type": "number", "minimum": 0, "maximum": 1000000, "multipleOf": 0.01, "description": "{}"}},
"txt_{field}": {{"type": "string", "maxLength": 100, "description": "{}"}},
"kind_{field}": {{"type": "string", "enum": ["alpha", "beta", "gamma"], "description": "{}"}},
"#,
            words(8),
            words(6),
            words(4)
        );
    }
    let required: Vec<String> = (0..20).map(|field| format!("\"num_{field}\"")).collect();
    format!(
        r#"{{"type": "object", "required": [{}, "kind_0"], "properties": {{{properties}
"lines": {{"type": "array", "maxItems": 20, "items": {{"type": "object", "required": ["quantity"], "properties": {{"quantity": {{"type": "integer", "minimum": 1, "maximum": 100}}, "cost": {{"type": "number", "minimum": 0, "multipleOf": 0.01}}}}}}}}}}}}"#,
        required.join(", ")
    )
}

fn example() -> String {
    let numbers: Vec<String> = (0..20)
        .map(|field| format!("\"num_{field}\": {}", 100 + 10 * field))
        .collect();
    format!(
        r#"{{{}, "kind_0": "alpha", "lines": [{{"quantity": 2, "cost": 3.5}}]}}"#,
        numbers.join(", ")
    )
}

/// Five rules an operation: comparisons, guards, optional fields, lists.
fn rules() -> String {
    let kinds = [
        ("", "body.num_1 <= body.num_2"),
        (
            "body.kind_0 == 'alpha'",
            "body.num_3 + body.num_4 < body.num_5 * 3",
        ),
        (
            "",
            "!has(body.num_30) || body.num_30 <= body.num_6 && body.num_6 > 10",
        ),
        (
            "has(body.kind_1)",
            "body.kind_1 != 'beta' || has(body.txt_1)",
        ),
        (
            "has(body.lines)",
            "body.lines.all(l, !has(l.cost) || l.cost <= 500) && size(body.lines) <= 10",
        ),
    ];
    let mut text = "crossfield: 1\napi: bench.openapi.json\nrules:\n".to_owned();
    for operation in 0..OPERATIONS {
        for (index, (guard, rule)) in kinds.iter().enumerate() {
            let _ = writeln!(text, "  - id: rule-{operation}-{index}");
            let _ = writeln!(text, "    operation: make{operation}");
            if !guard.is_empty() {
                let _ = writeln!(text, "    when: \"{guard}\"");
            }
            let _ = writeln!(text, "    rule: \"{rule}\"");
        }
    }
    text
}
