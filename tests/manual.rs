//! The manual of the language: what it says is so.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::Path;

use crossfield::expr::{DefTable, EXTENSIONS, Fold, Op};
use crossfield::model::Model;
use crossfield::report::language;
use support::{Outcome, model, outcome};

#[path = "support/language.rs"]
mod support;

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

fn value(model: &Model, text: &str) -> String {
    match outcome(model, text, &DefTable::default()) {
        Outcome::Value(value) => value.to_string(),
        Outcome::Undefined(why) | Outcome::Refused(why) => why,
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
    for (_, _, example, expected) in EXTENSIONS {
        assert_eq!(value(&model, example), expected, "{example}");
    }
}
