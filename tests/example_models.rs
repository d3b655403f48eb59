//! The rule files of `rules/` build into models without a finding.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::Path;

use crossfield::document::Document;
use crossfield::model::{Built, build};
use crossfield::rulefile::RuleFile;
use crossfield::source::{Diagnostics, Sources};

fn model_of(rules: &str) -> (Option<Built>, String) {
    let mut sources = Sources::default();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join(rules);
    let file = sources.read(&path).unwrap();
    let (parsed, mut diagnostics) = RuleFile::parse(&sources, file);
    let parsed = parsed.unwrap();
    let api = path.parent().unwrap().join(&parsed.api.value);
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

#[test]
fn payments_cases() {
    let (built, _) = model_of("rules/payments.rules.yaml");
    let mut built = built.unwrap();
    let start = std::time::Instant::now();
    let options = crossfield::generate::Options {
        threads: 2,
        ..Default::default()
    };
    let generated = crossfield::generate::generate(&mut built, &options, &|_, _| {});
    let mut fates = std::collections::BTreeMap::new();
    for (fate, fault) in generated.fates.iter().zip(&generated.faults.faults) {
        *fates.entry(fate.name()).or_insert(0) += 1;
        if !matches!(fate, crossfield::generate::Fate::Detected(_)) {
            println!("{}: {} {:?}", fault.id, fault.words, fate);
        }
    }
    println!(
        "{fates:?} {} cases, {} baselines, {:?}",
        generated.cases.len(),
        generated.baselines.len(),
        start.elapsed()
    );
    println!("{:?} {:?}", generated.examples, generated.unreachable);
    let file = crossfield::generate::case_file(&built, &generated, "payments.rules.yaml", "5.4.0")
        .unwrap();
    let mut outputs = crossfield::emit::case_files(std::slice::from_ref(&file)).unwrap();
    outputs.extend(crossfield::emit::pytest::emit(&[file]).unwrap());
    std::fs::create_dir_all("target/demo/payments").unwrap();
    crossfield::emit::write(Path::new("target/demo/payments"), &outputs).unwrap();
    for text in &generated.internal {
        println!("INTERNAL {text}");
    }
}
