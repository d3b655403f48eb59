//! One small rule for each construct of the language and for combinations of
//! them: what becomes of its faults, as a snapshot.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Mutex;

use crossfield::document::Document;
use crossfield::generate::{Fate, Options, generate};
use crossfield::model::{Built, build};
use crossfield::rulefile::RuleFile;
use crossfield::simulate::settle_clock;
use crossfield::source::Sources;

const NOW: i128 = 1_790_000_000_000_000_000;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/constructs")
}

/// The rules of the list: names and expressions.
fn rules() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(folder().join("constructs.yaml")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let rules = lines.map(|line| {
        let (name, rule) = line.split_once(": ").unwrap();
        (name.to_owned(), rule.to_owned())
    });
    rules.collect()
}

fn built(name: &str, rule: &str) -> Built {
    let text = format!(
        "crossfield: 1\napi: api.yaml\nrules:\n  - id: {name}\n    operation: placeOrder\n    rule: {rule}\n"
    );
    let mut sources = Sources::default();
    let file = sources.add("construct.rules.yaml", text);
    let (parsed, mut findings) = RuleFile::parse(&sources, file);
    let document = Document::open(&mut sources, &folder().join("api.yaml")).unwrap();
    let built = parsed.and_then(|parsed| build(&document, &parsed, NOW, &mut findings));
    assert!(
        !findings.has_errors(),
        "{}",
        findings.render_human(&sources, false)
    );
    let mut built = built.unwrap();
    settle_clock(&mut built.model);
    built
}

/// How many faults have which fate, and what is left open why.
fn fates(name: &str, rule: &str) -> String {
    let mut built = built(name, rule);
    let generated = generate(&mut built, &Options::default(), &|_, _| {});
    assert!(
        generated.internal.is_empty(),
        "{name}: {:?}",
        generated.internal
    );
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut open = String::new();
    for (fault, fate) in generated.faults.faults.iter().zip(&generated.fates) {
        *counts.entry(fate.name()).or_default() += 1;
        if !matches!(fate.name(), "detected" | "untestable") {
            let _ = writeln!(open, "    {}: {}", fault.words, why(fate));
        }
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(name, n)| format!("{n} {name}"))
        .collect();
    format!("{name}: {rule}\n    {}\n{open}", counts.join(", "))
}

fn why(fate: &Fate) -> String {
    match fate {
        Fate::Bounded(words) => format!("only within {}", words.join(", ")),
        Fate::Unknown(reason) => reason.clone(),
        fate => fate.name().to_owned(),
    }
}

#[test]
fn every_construct_has_its_fates() {
    let rules = rules();
    let next = Mutex::new(rules.iter().enumerate());
    let done = Mutex::new(BTreeMap::new());
    let work = || {
        loop {
            let Some((at, (name, rule))) = next.lock().unwrap().next() else {
                return;
            };
            let fates = fates(name, rule);
            done.lock().unwrap().insert(at, fates);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, |n| n.get()) {
            scope.spawn(work);
        }
    });
    let all: Vec<String> = done.into_inner().unwrap().into_values().collect();
    assert_eq!(all.len(), rules.len());
    insta::assert_snapshot!("fates", all.concat());
}
