//! Audits of recorded traffic and suites.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

#[path = "support/fixture.rs"]
#[expect(dead_code, reason = "audits need a part of it")]
mod fixture;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crossfield::audit::{Setting, Watch, observe_all};
use crossfield::document::Document;
use crossfield::fault::faults;
use crossfield::generate::{Options, case_file, generate};
use crossfield::model::{Built, Patch, Trace, build};
use crossfield::rulefile::RuleFile;
use crossfield::run::Environment;
use crossfield::simulate::{Look, Sight, detects, settle_clock};
use crossfield::source::{Diagnostics, Sources};
use crossfield::traffic::{Exchange, read};
use fixture::{Fixture, told};
use serde_json::{Value, json};
use support::Server;

const HALLS: Fixture = Fixture {
    folder: "existing",
    server: "tests/support/halls.py",
    environment: &[
        ("HALL_ID", "room-h"),
        ("ATTIC_ID", "room-a"),
        ("OLD_BOOKING_ID", "4711"),
    ],
};

/// The suite of [`HALLS`].
static SUITE: LazyLock<tempfile::TempDir> =
    LazyLock::new(|| HALLS.generated("halls.rules.yaml", &[]).0);

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// `crossfield audit` in the folder of the command line's fixtures.
fn crossfield() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crossfield"));
    command.arg("audit").current_dir(fixtures().join("cli"));
    command
}

/// What it says.
fn audit(arguments: &[&str]) -> (i32, String) {
    let (status, said) = told(&crossfield().args(arguments).output().unwrap());
    assert!(!said.contains("panicked"), "{said}");
    (status, said)
}

/// The data of an audit.
fn data(arguments: &[&str]) -> Value {
    let mut command = crossfield();
    parsed(command.args(arguments).args(["--format", "json"]))
}

fn parsed(command: &mut Command) -> Value {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn exercised(audit: &Value) -> BTreeSet<String> {
    let faults = audit["faults"].as_array().unwrap().iter();
    let own = faults.filter(|fault| fault["fate"] == "exercised");
    own.map(|fault| fault["fault"].as_str().unwrap().to_owned())
        .collect()
}

/// What is recorded of the suite in `folder` that `run` sends to a server.
fn recorded(
    fixture: &Fixture,
    server: &Server,
    suite: &Path,
    filters: &[&str],
) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("traffic.jsonl");
    let recorder = Server::start(
        "tests/support/recorder.py",
        &[&server.url, file.to_str().unwrap()],
    );
    let mut command = fixture.crossfield();
    command.arg("run").arg(suite).args(["--url", &recorder.url]);
    for filter in filters {
        command.args(["--filter", filter]);
    }
    told(&command.output().unwrap());
    assert!(file.exists(), "nothing was recorded");
    folder
}

/// The audit of traffic by the rules of a fixture.
fn of(fixture: &Fixture, rules: &str, traffic: &Path) -> Value {
    let mut command = fixture.crossfield();
    command
        .args(["audit", rules, "--format", "json", "--traffic"])
        .arg(traffic);
    parsed(&mut command)["files"][0].clone()
}

/// What cases of a suite say that they detect.
fn detected(suite: &Path, name: &str, is_own: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    let text = std::fs::read_to_string(suite.join(name)).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let cases = file["cases"].as_array().unwrap().iter();
    let faults = cases
        .filter(|case| is_own(case))
        .flat_map(|case| case["detects"].as_array().unwrap());
    faults
        .map(|own| own["fault"].as_str().unwrap().to_owned())
        .collect()
}

/// A suite that detects everything exercises everything, with the data that is
/// there before, sent to a server and as a file; and a part of it what that part
/// detects.
#[test]
fn a_suite_exercises_what_its_cases_detect() {
    let suite = &*SUITE;
    let all = detected(suite.path(), "halls.cases.json", |_| true);
    let server = HALLS.serving("none");
    let traffic = recorded(&HALLS, &server, suite.path(), &[]);
    let found = of(&HALLS, "halls.rules.yaml", traffic.path());
    assert_eq!(found["disagreements"], json!([]), "{found:#}");
    assert_eq!(found["to_add"], json!([]));
    assert_eq!(exercised(&found), all);
    assert_eq!(found["coverage"]["percent"], 100.0);

    // The case file says the same without a server.
    let planned = of(
        &HALLS,
        "halls.rules.yaml",
        &suite.path().join("halls.cases.json"),
    );
    assert_eq!(exercised(&planned), all);

    let rule = "guests-have-seats";
    let part = recorded(&HALLS, &server, suite.path(), &[rule]);
    let found = of(&HALLS, "halls.rules.yaml", part.path());
    let own = detected(suite.path(), "halls.cases.json", |case| {
        case["rule"] == rule
    });
    let seen = exercised(&found);
    assert!(own.is_subset(&seen), "{:?}", own.difference(&seen));
    assert!(seen.len() < all.len(), "{seen:?}");
}

/// A server that forgets a rule disagrees with it.
#[test]
fn a_wrong_server_disagrees_with_its_rule() {
    let suite = &*SUITE;
    let traffic = recorded(&HALLS, &HALLS.serving("any-guests"), suite.path(), &[]);
    let found = of(&HALLS, "halls.rules.yaml", traffic.path());
    let told: Vec<&str> = found["disagreements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["what"].as_str().unwrap())
        .collect();
    assert!(!told.is_empty());
    for what in told {
        assert!(
            what.starts_with("accepted with 201, though guests-have-seats"),
            "{what}"
        );
    }
}

/// So does one whose answers show something else.
#[test]
fn answers_disagree_with_what_is_remembered() {
    let found = &data(&[
        "ensure/orders.rules.yaml",
        "--traffic",
        "../audit/odd/orders.jsonl",
    ])["files"][0];
    let told = found["disagreements"].as_array().unwrap().iter();
    let told: Vec<&str> = told.map(|own| own["what"].as_str().unwrap()).collect();
    let wanted = [("note", "note-shown"), ("total", "order-total")].map(|(place, rule)| {
        format!("accepted with 201, but response.body.{place} of the answer isn't what {rule} says")
    });
    assert_eq!(told, wanted);
}

/// What is missing is written as tests, and then nothing is missing.
#[test]
fn the_complement_exercises_the_rest() {
    let traffic = "../audit/formats/lines.jsonl";
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let before = &data(&[
        "wallet.rules.yaml",
        "--traffic",
        traffic,
        "--complement",
        out,
    ])["files"][0];
    assert!(before["coverage"]["percent"].as_f64().unwrap() < 100.0);
    assert!(folder.path().join("test_wallet.py").exists());
    let written = detected(folder.path(), "wallet.cases.json", |_| true);
    assert!(written.is_disjoint(&exercised(before)), "{written:?}");
    let after = &data(&["wallet.rules.yaml", "--traffic", traffic, out])["files"][0];
    assert_eq!(after["coverage"]["percent"], 100.0, "{after:#}");
}

/// Each format holds the same requests, and shows the same.
#[test]
fn formats_say_the_same() {
    let folder = fixtures().join("audit/formats");
    let mut all = std::fs::read_dir(&folder)
        .unwrap()
        .map(|own| own.unwrap().path());
    let all: BTreeSet<PathBuf> = all.by_ref().collect();
    assert_eq!(all.len(), 6, "{all:?}");
    let mut wanted = None;
    for file in all {
        let found = &data(&["wallet.rules.yaml", "--traffic", file.to_str().unwrap()])["files"][0];
        let traffic = &found["traffic"];
        let counts = [&traffic["entries"], &traffic["matched"], &traffic["judged"]];
        assert_eq!(counts, [6, 5, 4], "{}", file.display());
        let unjudged = traffic["unjudged"][0]["what"].as_str().unwrap();
        assert!(unjudged.starts_with("state unknown: nothing in the recording makes the wallet"));
        let seen = exercised(found);
        assert!(
            seen.contains("pay-within-balance/dropped/all/rule"),
            "{seen:?}"
        );
        let wanted = wanted.get_or_insert_with(|| seen.clone());
        assert_eq!(*wanted, seen, "{}", file.display());
    }
}

/// Requests of all kinds, as people see it.
#[test]
fn an_audit_reads_well() {
    let (status, said) = audit(&[
        "shop.rules.yaml",
        "--traffic",
        "../audit/odd/shop.jsonl",
        "--verbose",
    ]);
    assert_eq!(status, 0, "{said}");
    insta::assert_snapshot!(said);
}

/// Requests of a suite that nobody has run count by what the rules say, and
/// saved answers as recorded ones.
#[test]
fn collections_are_suites() {
    let traffic = "../audit/odd/shop.postman_collection.json";
    let found = &data(&["shop.rules.yaml", "--traffic", traffic])["files"][0];
    assert_eq!(found["traffic"]["judged"], 2, "{found:#}");
    let skipped = &found["traffic"]["skipped"][0];
    assert_eq!(
        skipped["what"],
        "it has variables that nothing gives a value"
    );
    let seen = exercised(found);
    for fault in [
        "discount-below-amount/dropped/all/rule",
        "premium-discount/dropped/all/rule",
    ] {
        assert!(seen.contains(fault), "{seen:?}");
    }
}

/// Pages, summaries, and what ends with which status.
#[test]
fn reports_and_statuses() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (html, markdown, baseline) = (path("a.html"), path("a.md"), path("a.json"));
    let traffic = [
        "wallet.rules.yaml",
        "--traffic",
        "../audit/formats/lines.jsonl",
    ];
    let with = |more: &[&str]| audit(&[&traffic[..], more].concat());
    let (status, said) = with(&["--html", &html, "--markdown", &markdown]);
    assert_eq!(status, 0, "{said}");
    let page = std::fs::read_to_string(&html).unwrap();
    for part in [
        "<title>",
        "pay-within-balance",
        "curl -X POST",
        "class=\"none\"",
        "</html>",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let is_alone = |text: &str| {
        !text.contains("src=") && !text.contains("secret") && !text.contains("@import")
    };
    assert!(is_alone(&page));
    insta::assert_snapshot!(std::fs::read_to_string(&markdown).unwrap());

    assert_eq!(with(&["--fail-under", "10"]).0, 0);
    let (status, said) = with(&["--fail-under", "99.9"]);
    assert_eq!(status, 1);
    assert!(said.contains("under the limit of 99.9 %"), "{said}");
    // What is compared isn't what is shown, which is rounded down.
    let coverage = &data(&traffic)["files"][0]["coverage"];
    let count = |name: &str| coverage[name].as_u64().unwrap() as f64;
    let exactly = 100.0 * count("detected") / count("testable");
    let limit = (exactly - 0.001).to_string();
    assert!(exactly - 0.001 > coverage["percent"].as_f64().unwrap());
    assert_eq!(with(&["--fail-under", &limit]).0, 0);
    assert_eq!(with(&["--fail-under", "101"]).0, 2);

    let before = serde_json::to_string(&data(&traffic)).unwrap();
    std::fs::write(&baseline, &before).unwrap();
    assert_eq!(with(&["--baseline", &baseline]).0, 0);
    let less = [
        "wallet.rules.yaml",
        "--traffic",
        "../audit/odd/less.jsonl",
        "--baseline",
        &baseline,
    ];
    let (status, said) = audit(&less);
    assert_eq!(status, 1, "{said}");
    assert!(
        said.contains("Less is exercised than before\n  pay-within-balance: "),
        "{said}"
    );
    let spelt_otherwise = [&["./wallet.rules.yaml"], &less[1..]].concat();
    assert_eq!(audit(&spelt_otherwise).0, 1);
    for other in ["{}", r#"{"files": []}"#] {
        std::fs::write(&baseline, other).unwrap();
        assert_eq!(with(&["--baseline", &baseline]).0, 2, "{other}");
    }
    let (status, said) = with(&["--cases", folder.path().to_str().unwrap()]);
    assert_eq!(status, 2);
    assert!(
        said.contains("holds no cases of `wallet.rules.yaml`"),
        "{said}"
    );
}

/// Files that can't be used are told, with what to do.
/// Masked values, bodies that were cut, and made-up answers aren't what was sent
/// and answered.
#[test]
fn what_recordings_hide_is_not_judged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hidden.jsonl");
    let body = r#""body": {"amount": 5, "discount": 5.01, "tier": "standard""#;
    let line = |rest: &str| {
        format!("{{\"method\": \"POST\", \"url\": \"http://h/orders\", {body}{rest}\n")
    };
    let told = |rest: &str| {
        std::fs::write(&file, line(rest)).unwrap();
        let traffic = ["shop.rules.yaml", "--traffic", file.to_str().unwrap()];
        data(&traffic)["files"][0].clone()
    };
    let shown = told(r#"}, "status": 201}"#);
    assert_eq!(shown["traffic"]["judged"], 1);
    assert_eq!(shown["disagreements"].as_array().unwrap().len(), 1);
    let hidden = [
        (r#", "note": "***1f"}, "status": 201}"#, "masked"),
        (r#"}, "truncated": true, "status": 201}"#, "cut"),
        (r#"}, "injected": true, "status": 201}"#, "--inject"),
    ];
    for (rest, why) in hidden {
        let told = told(rest);
        assert_eq!(told["traffic"]["judged"], 0, "{told}");
        assert_eq!(told["disagreements"], json!([]), "{told}");
        let reason = told["traffic"]["unjudged"][0]["what"].as_str().unwrap();
        assert!(reason.contains(why), "{reason}");
    }
}

#[test]
fn what_is_switched_off_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (html, markdown) = (path("a.html"), path("a.md"));
    let (status, said) = audit(&[
        "settings/wallet.rules.yaml",
        "--traffic",
        "../audit/formats/lines.jsonl",
        "--html",
        &html,
        "--markdown",
        &markdown,
    ]);
    assert_eq!(status, 0, "{said}");
    assert!(!said.contains("(operand)"), "{said}");
    let reports = [html, markdown].map(|path| std::fs::read_to_string(path).unwrap());
    for report in reports.iter().chain([&said]) {
        let words = "3 faults switched off, not counted here: amounts have types of their own";
        assert!(report.contains(words), "{report}");
    }
}

#[test]
fn what_is_no_traffic_is_told() {
    for (file, said) in [
        (
            "shop.openapi.yaml",
            "it is no recording that Crossfield knows",
        ),
        ("no-such-file.har", "can't be read"),
    ] {
        let (status, found) = audit(&["shop.rules.yaml", "--traffic", file]);
        assert_eq!(status, 2, "{file}: {found}");
        assert!(found.contains(said), "{file}: {found}");
    }
}

/// When it was sent and who sent it has to be known where rules ask.
#[test]
fn what_the_recording_does_not_tell_is_not_judged() {
    let unjudged = |rules: &str, traffic: &str| -> Vec<String> {
        let found = data(&[rules, "--traffic", traffic]);
        let all = found["files"][0]["traffic"]["unjudged"]
            .as_array()
            .unwrap()
            .clone();
        let words = all
            .iter()
            .map(|own| format!("{} {}", own["count"], own["what"].as_str().unwrap()));
        words.collect()
    };
    assert_eq!(
        unjudged("clock/pickups.rules.yaml", "../audit/odd/pickups.jsonl"),
        ["1 nobody knows when it was sent, and rules read `now`"]
    );
    assert_eq!(
        unjudged("actors/desks.rules.yaml", "../audit/odd/desks.jsonl"),
        ["1 nobody knows who sent it, and rules read `actor`"]
    );
}

/// Whatever stands in a file, it is told and nothing breaks.
#[test]
fn broken_files_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = fastrand::Rng::with_seed(7);
    let mut count = 0;
    for file in std::fs::read_dir(fixtures().join("audit/formats")).unwrap() {
        let file = file.unwrap().path();
        let bytes = std::fs::read(&file).unwrap();
        let path = folder.path().join("broken");
        for _ in 0..60 {
            let mut broken = bytes.clone();
            for _ in 0..random.usize(1..4) {
                let at = random.usize(..broken.len());
                match random.u8(..3) {
                    0 => broken.truncate(at.max(1)),
                    1 => broken[at] = random.u8(..),
                    _ => broken.insert(at, *random.choice(b"\"{}[]\\\n:, \xff").unwrap()),
                }
            }
            std::fs::write(&path, &broken).unwrap();
            let read = read(&path, &mut |entry| {
                count += usize::from(entry.is_err());
                true
            });
            count += usize::from(read.is_err());
        }
    }
    assert!(count > 50, "{count}");
}

/// Files that end too early, or hold what is no text, no JSON or no request, lose
/// these entries and no others.
#[test]
fn what_is_whole_in_broken_files_counts() {
    let folder = fixtures().join("audit/broken");
    let files = std::fs::read_dir(&folder).unwrap();
    let files: BTreeSet<PathBuf> = files.map(|own| own.unwrap().path()).collect();
    let mut said = String::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let traffic = format!("../audit/broken/{name}");
        let own =
            data(&["wallet.rules.yaml", "--traffic", &traffic])["files"][0]["traffic"].clone();
        said += &format!(
            "{name}: {} entries, {} judged\n",
            own["entries"], own["judged"]
        );
        for kind in ["skipped", "unmatched", "unjudged", "malformed", "unread"] {
            for one in own[kind].as_array().unwrap() {
                let first = one["first"].as_str().unwrap().rsplit('/').next().unwrap();
                said += &format!("  {kind}: {} {} ({first})\n", one["count"], one["what"]);
            }
        }
    }
    insta::assert_snapshot!(said);
}

/// A body of 100 MB is one entry among others.
#[test]
fn large_bodies_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.jsonl");
    let line = std::fs::read_to_string(fixtures().join("audit/formats/lines.jsonl")).unwrap();
    let text = "a".repeat(100_000_000);
    let large =
        format!(r#"{{"method":"POST","url":"http://h/wallets","body":"{text}","status":422}}"#);
    std::fs::write(&path, format!("{large}\n{line}")).unwrap();
    let found = data(&["wallet.rules.yaml", "--traffic", path.to_str().unwrap()]);
    let traffic = &found["files"][0]["traffic"];
    assert_eq!(
        (&traffic["entries"], &traffic["judged"]),
        (&json!(7), &json!(4)),
        "{traffic}"
    );
}

/// What `generate` wrote isn't replaced by a part of it, and rule files may stand
/// behind traffic.
#[test]
fn a_suite_is_no_place_for_a_complement() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_crossfield"));
    command.current_dir(fixtures().join("cli"));
    let written = command
        .args(["generate", "wallet.rules.yaml", "-o", out])
        .output();
    assert!(written.unwrap().status.success());
    let suite = std::fs::read(folder.path().join("wallet.cases.json")).unwrap();
    let traffic = "../audit/formats/lines.jsonl";
    let complement = [
        "--complement",
        out,
        "--traffic",
        traffic,
        "wallet.rules.yaml",
    ];
    let (status, said) = audit(&complement);
    assert_eq!(status, 2, "{said}");
    assert!(
        said.contains("holds a suite that `generate` wrote"),
        "{said}"
    );
    assert_eq!(
        std::fs::read(folder.path().join("wallet.cases.json")).unwrap(),
        suite
    );

    let other = tempfile::tempdir().unwrap();
    let complement = [
        "--complement",
        other.path().to_str().unwrap(),
        "--traffic",
        traffic,
        "wallet.rules.yaml",
    ];
    for _ in 0..2 {
        let (status, said) = audit(&complement);
        assert_eq!(status, 0, "{said}");
    }
    assert!(other.path().join("test_wallet.py").exists());
    let (status, said) = audit(&["--traffic", traffic, "."]);
    assert_eq!(status, 2);
    assert!(said.contains("put the rule files before it"), "{said}");
}

/// The document of a rule file, and its model.
fn model_of(name: &str) -> (Document, Built) {
    let mut sources = Sources::new();
    let path = fixtures().join("cli").join(name);
    let opened = RuleFile::open(&mut sources, &path).unwrap();
    let file = opened.file.unwrap();
    let crossfield::rulefile::Api::Document(api) = &file.api else {
        unreachable!("no document");
    };
    let document = Document::open(&mut sources, &path.parent().unwrap().join(&api.value)).unwrap();
    let mut findings = Diagnostics::new();
    let mut built = build(&document, &file, 1_790_000_000_000_000_000, &mut findings).unwrap();
    settle_clock(&mut built.model);
    (document, built)
}

/// Audits say of each sequence of a suite what fault simulation says of its trace,
/// no more and no less.
#[test]
fn audits_agree_with_simulation() {
    let mut compared = 0;
    for name in [
        "shop.rules.yaml",
        "wallet.rules.yaml",
        "refused/payments.rules.yaml",
        "across/payments.rules.yaml",
        "across/slots.rules.yaml",
        "clock/staged.rules.yaml",
    ] {
        let (document, mut built) = model_of(name);
        let generated = generate(&mut built, &Options::default(), &|_, _| {});
        let patches: Vec<Patch> = faults(&mut built.model)
            .faults
            .into_iter()
            .map(|fault| fault.patch)
            .collect();
        let environment = Environment::default();
        let watch = Watch::new(
            &built,
            &document,
            &patches,
            &Setting::default(),
            &environment,
        );
        let sequences = sequences(&case_file(&built, &generated, "t.rules.yaml", "z3").unwrap());
        let traces = generated
            .baselines
            .iter()
            .map(|own| (own.id.clone(), own.trace.clone()));
        let cases = generated
            .cases
            .iter()
            .filter(|case| case.assumes.is_empty())
            .map(|case| {
                let (last, earlier) = case.trace.steps.split_last().unwrap();
                let steps = earlier.iter().chain(&case.looks).chain([last]);
                let steps = steps.cloned().collect();
                (case.id.clone(), Trace { steps })
            });
        for (id, trace) in traces.chain(cases) {
            let matrix = detects(&built.model, &[trace], &patches, Look::First);
            let wanted: BTreeSet<usize> = matrix.detected_by(0).collect();
            let seen = observe_all(&watch, &sequences[&id]);
            let found = seen
                .faults
                .iter()
                .filter(|(_, own)| own.by != Sight::Status);
            let found: BTreeSet<usize> = found.map(|(fault, _)| *fault).collect();
            assert_eq!(found, wanted, "{name}: {id}");
            assert!(seen.disagreements.is_empty(), "{:?}", seen.disagreements);
            compared += wanted.len();
        }
    }
    assert!(compared > 500, "{compared}");
}

/// The exchanges of each case and baseline of a file.
fn sequences(file: &crossfield::case::CaseFile) -> BTreeMap<String, Vec<Exchange>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.cases.json");
    std::fs::write(&path, file.write().unwrap()).unwrap();
    let mut found: BTreeMap<String, Vec<Exchange>> = BTreeMap::new();
    read(&path, &mut |entry| {
        let own = entry.unwrap();
        found
            .entry(own.name.clone().unwrap())
            .or_default()
            .push(own);
        true
    })
    .unwrap();
    found
}
