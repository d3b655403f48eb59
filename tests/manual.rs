//! The manual of the language: what it says is so.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::rc::Rc;

use crossfield::document::Document;
use crossfield::eval::{Env, evaluate};
use crossfield::expr::{Arena, DefTable, Fold, Op, Scope, elaborate, parse};
use crossfield::model::{Model, build};
use crossfield::report::language;
use crossfield::rulefile::RuleFile;
use crossfield::source::{Diagnostics, Sources, Span};
use crossfield::value::{Members, Value};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `CROSSFIELD_UPDATE=1 cargo test --test manual` writes the page anew.
#[test]
fn the_page_is_printed_from_the_table() {
    let page = root().join("docs/language.md");
    let printed = language();
    if std::env::var_os("CROSSFIELD_UPDATE").is_some() {
        std::fs::write(&page, &printed).unwrap();
    }
    let written = std::fs::read_to_string(&page).unwrap();
    assert_eq!(
        written, printed,
        "docs/language.md is stale: set CROSSFIELD_UPDATE=1"
    );
}

fn model() -> Model {
    let mut sources = Sources::default();
    let rules =
        "crossfield: 1\napi: api.yaml\nrules:\n  - {id: any, operation: ping, rule: 'true'}\n";
    let file = sources.add("any.rules.yaml", rules);
    let (parsed, mut findings) = RuleFile::parse(&sources, file);
    let api = root().join("tests/fixtures/cel-spec/api.yaml");
    let document = Document::open(&mut sources, &api).unwrap();
    build(&document, &parsed.unwrap(), 0, &mut findings)
        .unwrap()
        .model
}

fn value(model: &Model, text: &str) -> String {
    let mut sources = Sources::default();
    let file = sources.add("example", text);
    let defs = DefTable::default();
    let operation = model.operation_named("ping").unwrap();
    let scope = Scope {
        schemas: &model.schemas,
        request: model.operation(operation).request,
        resources: &[],
        bound: &[],
        defs: &defs,
    };
    let syntax = parse(text).unwrap();
    let (mut arena, mut findings) = (Arena::default(), Diagnostics::default());
    let locate = Rc::new(move |range: std::ops::Range<usize>| Span {
        file,
        start: range.start,
        end: range.end,
    });
    let read = elaborate(&mut arena, scope, &syntax, locate, &mut findings);
    let Some(read) = read else {
        return findings.render_human(&sources, false);
    };
    let request = Value::Map(Members::default());
    match evaluate(&arena, Env::of_right(&request, &[]), read.expr) {
        Ok(value) => value.to_string(),
        Err(undefined) => format!("undefined: {}", undefined.reason),
    }
}

#[test]
fn examples_have_the_values_that_are_said() {
    let model = model();
    for op in Op::all() {
        let (example, expected) = op.manual().example;
        assert_eq!(value(&model, example), expected, "{example}");
    }
    for fold in Fold::WRITTEN {
        let (_, example, expected) = fold.manual();
        assert_eq!(value(&model, example), expected, "{example}");
    }
}
