//! The rule files of `rules/` build into models without a finding.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::Path;

use crossfield::document::Document;
use crossfield::emit::pytest;
use crossfield::generate::{Fate, Options, case_file, generate};
use crossfield::model::{Built, build};
use crossfield::rulefile::{Api, RuleFile};
use crossfield::search::lower::Label;
use crossfield::source::{Diagnostics, Sources};

fn model_of(rules: &str) -> (Option<Built>, String) {
    let mut sources = Sources::default();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join(rules);
    let file = sources.read(&path).unwrap();
    let (parsed, mut diagnostics) = RuleFile::parse(&sources, file);
    let parsed = parsed.unwrap();
    let api = match &parsed.api {
        Api::Document(path) => path,
        Api::Schema(own) => &own.schema,
    };
    let api = path.parent().unwrap().join(&api.value);
    let document = Document::open(&mut sources, &api).unwrap();
    let built = build(
        &document,
        &parsed,
        1_790_000_000_000_000_000,
        &mut diagnostics,
    );
    (built, render(&diagnostics, &sources))
}

fn render(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let rendered = diagnostics.iter().map(|d| d.render_human(sources, false));
    rendered.collect::<Vec<_>>().join("\n")
}

#[test]
fn payments() {
    let (built, findings) = model_of("rules/payments.rules.yaml");
    println!("{findings}");
    assert_eq!(findings, "");
    let model = built.unwrap().model;
    assert!(model.rules.len() >= 50, "{} rules", model.rules.len());
}

/// Every fault of the payments rules is detected or proven untestable, but for
/// one: once a payment is voided, all that reads its discounts is refused for ever,
/// which no template says. One proof needs an induction: `captured <= 0` for
/// `captured == 0`.
#[test]
fn payments_cases() {
    let (built, _) = model_of("rules/payments.rules.yaml");
    let mut built = built.unwrap();
    let options = Options {
        threads: 2,
        ..Options::default()
    };
    let generated = generate(&mut built, &options, &|_, _| {});
    assert_eq!(generated.internal, Vec::<String>::new());
    let fates = generated.fates.iter().zip(&generated.faults.faults);
    let open: Vec<&str> = fates
        .filter(|(fate, _)| !matches!(fate, Fate::Detected(_) | Fate::Untestable { .. }))
        .map(|(_, fault)| fault.id.as_str())
        .collect();
    assert_eq!(open, ["payment@voidPayment/state/all/reset-discounted"]);
    let by_induction = generated.fates.iter().filter(|fate| {
        matches!(fate, Fate::Untestable { core, .. }
            if core.iter().any(|label| matches!(label, Label::Invariant(_))))
    });
    assert!(by_induction.count() >= 1);
    let file = case_file(&built, &generated, "payments.rules.yaml", "z3").unwrap();
    let outputs = pytest::emit(&[file]).unwrap();
    let tests: String = outputs.into_iter().map(|output| output.text).collect();
    assert!(
        tests.contains(readme_case()),
        "README.md shows a case that no longer comes out"
    );
}

/// The case in README.md.
fn readme_case() -> &'static str {
    let (_, from) = include_str!("../README.md")
        .split_once("```python\n")
        .unwrap();
    from.split_once("```").unwrap().0
}
