//! How large suites are: over the whole file, few, one a fault, filled, in parts.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crossfield::case::{Case, CaseFile, TwinKind, Verdict};
use support::Server;
use tempfile::TempDir;

mod support;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cli")
}

/// Runs `generate`; exit status and all output, `OUT` for the folder.
fn generate(rules: &str, folder: &Path, options: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_crossfield"))
        .args(["generate", rules, "-o"])
        .arg(folder)
        .args(options)
        .current_dir(fixtures())
        .output()
        .unwrap();
    let parts = [&output.stdout, &output.stderr];
    let text = parts.map(|part| String::from_utf8_lossy(part)).concat();
    let text = text.replace(&folder.display().to_string(), "OUT");
    (output.status.code().unwrap(), text)
}

/// A suite of its own, and what was said.
fn suite(rules: &str, options: &[&str]) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let (status, said) = generate(rules, folder.path(), options);
    assert_eq!(status, 0, "{said}");
    (folder, said)
}

/// The case files of a suite, by name.
fn files(folder: &Path) -> BTreeMap<String, CaseFile> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names = names.filter(|name| name.ends_with(".cases.json"));
    let read = |name: &String| CaseFile::read(&fs::read_to_string(folder.join(name)).unwrap());
    names
        .map(|name| (name.clone(), read(&name).unwrap()))
        .collect()
}

fn cases(folder: &Path) -> Vec<Case> {
    files(folder)
        .into_values()
        .flat_map(|file| file.cases)
        .collect()
}

fn detected(cases: &[Case]) -> BTreeSet<&str> {
    let faults = cases.iter().flat_map(|case| &case.detects);
    faults.map(|fault| fault.fault.as_str()).collect()
}

fn ids(cases: &[Case]) -> BTreeSet<&str> {
    cases.iter().map(|case| case.id.as_str()).collect()
}

fn is_up_to_date(rules: &str, folder: &Path, options: &[&str]) {
    let options = [options, &["--check"]].concat();
    let (status, said) = generate(rules, folder, &options);
    assert_eq!(status, 0, "{said}");
}

fn numbers(said: &str) -> Vec<&str> {
    let total = said.lines().find(|line| line.starts_with("total")).unwrap();
    total.split_whitespace().skip(1).collect()
}

#[test]
fn the_smallest_suite_of_a_file_detects_the_same() {
    for (rules, fewer) in [
        ("suites/seats.rules.yaml", true),
        ("wallet.rules.yaml", false),
    ] {
        let (all, said) = suite(rules, &[]);
        let options = ["--compact", "global"];
        let (small, told) = suite(rules, &options);
        let (all, few) = (cases(all.path()), cases(small.path()));
        assert_eq!(detected(&all), detected(&few));
        assert!(if fewer {
            few.len() < all.len()
        } else {
            few.len() <= all.len()
        });
        // The same coverage, in the words of the summary.
        let line = |said: &str| {
            let mut lines = said.lines();
            lines
                .find(|line| line.starts_with("coverage"))
                .unwrap()
                .to_owned()
        };
        assert_eq!(line(&said), line(&told));
        // Each case is needed: for a fault that no other catches, or as a twin.
        let twins: BTreeSet<&str> = few
            .iter()
            .filter_map(|case| Some(&*case.twin.as_ref()?.id))
            .collect();
        for case in &few {
            let alone = case.value.unwrap().alone;
            assert!(alone > 0 || twins.contains(&*case.id), "{}", case.id);
            if let Some(twin) = case
                .twin
                .as_ref()
                .filter(|twin| twin.kind == TwinKind::Case)
            {
                assert!(ids(&few).contains(&*twin.id));
            }
            assert_eq!(
                case.twin.is_some(),
                case.expected.verdict == Verdict::Reject
            );
        }
        is_up_to_date(rules, small.path(), &options);
    }
}

#[test]
fn the_most_valuable_cases_keep_their_ids() {
    let rules = "suites/seats.rules.yaml";
    let (all, _) = suite(rules, &[]);
    let all = cases(all.path());
    for (options, most) in [
        (&["--max-cases", "2"][..], 6),
        (&["--max-cases", "3", "--compact", "global"], 3),
    ] {
        let (few, said) = suite(rules, options);
        let cases = cases(few.path());
        assert!(cases.len() <= most && said.contains("left out"), "{said}");
        assert!(ids(&cases).is_subset(&ids(&all)));
        is_up_to_date(rules, few.path(), options);
    }
    // Over the file, severity decides.
    let (few, _) = suite(rules, &["--max-cases", "2", "--compact", "global"]);
    let rules: BTreeSet<String> = cases(few.path())
        .into_iter()
        .map(|case| case.rule)
        .collect();
    assert_eq!(rules, ["paid-at-most-the-price".to_owned()].into());
}

#[test]
fn severe_rules_and_valuable_cases_come_first() {
    let (all, _) = suite("suites/seats.rules.yaml", &[]);
    let cases = cases(all.path());
    let mut rules: Vec<&str> = cases.iter().map(|case| &*case.rule).collect();
    rules.dedup();
    let by_severity = [
        "paid-at-most-the-price",
        "seats-have-a-price",
        "few-seats-in-basic",
    ];
    assert_eq!(rules, by_severity);
    for rule in by_severity {
        let own = cases.iter().filter(|case| case.rule == rule);
        let places: Vec<usize> = own.map(|case| case.value.unwrap().place).collect();
        assert_eq!(places, (1..=places.len()).collect::<Vec<_>>());
    }
    let first = fs::read_to_string(all.path().join("test_seats.py")).unwrap();
    assert!(first.contains("Place 1 of "), "{first}");
}

#[test]
fn each_fault_has_a_case_of_its_own() {
    let rules = "suites/seats.rules.yaml";
    let (isolated, said) = suite(rules, &["--isolate"]);
    let cases = cases(isolated.path());
    let own: Vec<&Case> = cases.iter().filter(|case| case.primary.is_some()).collect();
    assert_eq!(own.len().to_string(), numbers(&said)[1], "{said}");
    for case in &own {
        let told: Vec<&str> = case.detects.iter().map(|fault| &*fault.fault).collect();
        assert_eq!(told, [case.primary.as_deref().unwrap()]);
    }
    assert_eq!(detected(&cases).len(), own.len());
    is_up_to_date(rules, isolated.path(), &["--isolate"]);
}

#[test]
fn shards_together_are_the_suite() {
    for rules in ["suites/seats.rules.yaml", "wallet.rules.yaml"] {
        let (whole, _) = suite(rules, &[]);
        let folder = tempfile::tempdir().unwrap();
        for shard in ["2/3", "1/3", "3/3"] {
            let (status, said) = generate(rules, folder.path(), &["--shard", shard]);
            assert_eq!(status, 0, "{said}");
        }
        let by_id = |cases: Vec<Case>| -> BTreeMap<String, Case> {
            cases
                .into_iter()
                .map(|case| (case.id.clone(), case))
                .collect()
        };
        assert_eq!(by_id(cases(folder.path())), by_id(cases(whole.path())));
        let parts = files(folder.path());
        assert_eq!(parts.len(), 3);
        let sizes = parts.values().map(|part| part.cases.len());
        assert!(sizes.clone().filter(|size| *size > 0).count() > 1);
        assert_eq!(sizes.sum::<usize>(), cases(whole.path()).len());
        is_up_to_date(rules, folder.path(), &["--shard", "2/3"]);
        // A run without shards takes their place.
        let (status, said) = generate(rules, folder.path(), &[]);
        assert_eq!(status, 0, "{said}");
        assert_eq!(files(folder.path()), files(whole.path()));
        assert!(!folder.path().join("test_seats_1of3.py").exists());
    }
}

#[test]
fn free_fields_are_filled_pairwise() {
    let rules = "suites/seats.rules.yaml";
    let options = ["--fill", "pairwise"];
    let (plain, _) = suite(rules, &[]);
    let (filled, said) = suite(rules, &options);
    let (before, after) = (cases(plain.path()), cases(filled.path()));
    assert_eq!(ids(&before), ids(&after));
    assert_eq!(detected(&before), detected(&after));
    assert!(
        said.contains(" pairs of values of fields that no rule reads"),
        "{said}"
    );
    let before: BTreeMap<&str, &Case> = before.iter().map(|case| (&*case.id, case)).collect();
    let places: BTreeSet<&str> = after
        .iter()
        .flat_map(|case| &case.filled)
        .map(|own| &**own)
        .collect();
    assert_eq!(
        places,
        [
            "body.channel",
            "body.newsletter",
            "body.note",
            "body.priority"
        ]
        .into()
    );
    let bodies = files(filled.path()).into_values().flat_map(|file| {
        let requests: Vec<_> = file
            .requests()
            .filter_map(|step| step.request.body.clone())
            .collect();
        requests
    });
    let mut pairs = BTreeSet::new();
    for body in bodies {
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        let value = |key: &str| (key.to_owned(), body.get(key).map(ToString::to_string));
        let mut own = ["channel", "newsletter", "priority"].map(value).to_vec();
        own.push(("note".to_owned(), body.get("note").map(|_| String::new())));
        for (index, one) in own.iter().enumerate() {
            pairs.extend(
                own.iter()
                    .skip(index + 1)
                    .map(|other| (one.clone(), other.clone())),
            );
        }
    }
    assert_eq!(
        pairs.len(),
        37,
        "three channels and priorities, two of the others"
    );
    for case in &after {
        let own = before[&*case.id];
        assert_eq!(own.detects, case.detects);
        // A case and its twin differ in what they did before.
        assert_eq!(own.twin, case.twin);
        if case.filled.is_empty() {
            assert_eq!(own.steps, case.steps);
        }
    }
    // What was filled in isn't taken for a part of the case.
    is_up_to_date(rules, filled.path(), &options);
    generate(rules, filled.path(), &[]);
    assert_eq!(files(filled.path()), files(plain.path()));
}

/// Also where the baseline has no group of parameters at all.
#[test]
fn filled_parameters_are_no_part_of_a_case() {
    let rules = "suites/query.rules.yaml";
    let (plain, _) = suite(rules, &[]);
    let (filled, _) = suite(rules, &["--fill", "pairwise"]);
    let places = cases(filled.path()).into_iter().flat_map(|own| own.filled);
    assert!(places.collect::<BTreeSet<_>>().contains("query.dry"));
    is_up_to_date(rules, filled.path(), &["--fill", "pairwise"]);
    generate(rules, filled.path(), &[]);
    assert_eq!(files(filled.path()), files(plain.path()));
}

/// More parts than there is work.
#[test]
fn parts_without_work_say_so() {
    let (_, said) = suite("suites/query.rules.yaml", &["--shard", "5/5"]);
    assert!(said.contains("there is nothing to look for"), "{said}");
}

#[test]
fn what_can_not_be_combined_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |options: &[&str]| {
        let (status, said) = generate("wallet.rules.yaml", folder.path(), options);
        assert_eq!(status, 2, "{said}");
        said
    };
    insta::assert_snapshot!(
        [
            refused(&["--shard", "1/2", "--compact", "global"]),
            refused(&["--shard", "1/2", "--fill", "pairwise"]),
            refused(&["--isolate", "--compact", "global"]),
            refused(&["--isolate", "--max-cases", "3"]),
            refused(&["--shard", "3/2"]),
        ]
        .join("\n")
    );
}

/// What seats.py can do wrong. The complete suite misses one: no fault skips a rule
/// where a field that it doesn't read has another value than in the baseline.
const PLANTED: [&str; 12] = [
    "seven-seats",
    "nine-seats",
    "few-in-plus",
    "any-seats",
    "never-all-paid",
    "half-paid",
    "any-payment",
    "plus-pays-more",
    "four-each",
    "six-each",
    "five-in-all",
    "dearer-than-least",
];

/// Whether a suite finds something wrong with a server.
fn finds(folder: &Path, fault: &str) -> bool {
    let server = Server::start("tests/support/seats.py", &[fault]);
    let output = Command::new(env!("CARGO_BIN_EXE_crossfield"))
        .arg("run")
        .arg(folder)
        .args(["--url", &server.url])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    match output.status.code() {
        Some(0) => false,
        Some(1) => said.contains("failed"),
        _ => panic!("{said}"),
    }
}

#[test]
fn small_suites_find_planted_faults() {
    let rules = "suites/seats.rules.yaml";
    for (options, least) in [
        (&["--compact", "global"][..], PLANTED.len() - 1),
        (
            &["--fill", "pairwise", "--compact", "global"],
            PLANTED.len() - 1,
        ),
        (&["--max-cases", "4"], 10),
    ] {
        let (folder, _) = suite(rules, options);
        assert!(!finds(folder.path(), "none"), "{options:?}");
        let found = PLANTED.iter().filter(|fault| finds(folder.path(), fault));
        assert!(found.count() >= least, "{options:?}");
    }
}
