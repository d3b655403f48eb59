//! Expressions by themselves: typed and evaluated without any request.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crossfield::document::Document;
use crossfield::eval::{Env, evaluate};
use crossfield::expr::{Arena, DefTable, NowIs, Scope, StateRead, elaborate, parse};
use crossfield::model::{Model, build};
use crossfield::rulefile::RuleFile;
use crossfield::source::{Diagnostics, Sources, Span};
use crossfield::value::{Members, Value};

/// The folder with the cases of cel-spec.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cel-spec")
}

/// A model that brings nothing but an operation without fields.
pub fn model() -> Model {
    let mut sources = Sources::default();
    let rules =
        "crossfield: 1\napi: api.yaml\nrules:\n  - {id: any, operation: ping, rule: 'true'}\n";
    let file = sources.add("any.rules.yaml", rules);
    let (parsed, mut findings) = RuleFile::parse(&sources, file);
    let document = Document::open(&mut sources, &folder().join("api.yaml")).unwrap();
    let built = build(&document, &parsed.unwrap(), 0, &mut findings);
    built.unwrap().model
}

/// What became of an expression.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    Value(Value),
    /// It has no value: why.
    Undefined(String),
    /// The first line of what is wrong with it.
    Refused(String),
}

/// The value of `text`, which may use the names of `defs`.
pub fn outcome(model: &Model, text: &str, defs: &DefTable) -> Outcome {
    let mut sources = Sources::default();
    let file = sources.add("expression", text);
    let syntax = match parse(text) {
        Ok(syntax) => syntax,
        Err(error) => return Outcome::Refused(error.message),
    };
    let operation = model.operation_named("ping").unwrap();
    let scope = Scope {
        now: NowIs::Clock,
        actors: &[],
        state: StateRead::Before,
        schemas: &model.schemas,
        request: model.operation(operation).request,
        resources: &[],
        bound: &[],
        defs,
    };
    let (mut arena, mut findings) = (Arena::default(), Diagnostics::default());
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
    match evaluate(&arena, Env::of_right(&request, &[], 0), read.expr) {
        Ok(value) => Outcome::Value(value),
        Err(undefined) => Outcome::Undefined(undefined.reason.to_string()),
    }
}
