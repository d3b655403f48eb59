//! Rules that read `now`: suites whose times are counted from the moment of
//! the test, run against a server with a running clock.
#![expect(clippy::unwrap_used, reason = "a test")]

mod support;

use std::path::Path;
use std::process::Command;

use crossfield::case::{Anchor, CaseFile, Splice, parse_json};
use crossfield::document::Document;
use crossfield::model::{Model, Patch, Step, Trace, build};
use crossfield::rulefile::RuleFile;
use crossfield::simulate::{Options, Verdict, is_steady, run as simulated};
use crossfield::source::Sources;
use support::{Server, python};

/// Faults of the server that rules about times of the same request show, and
/// those that rules about days show.
const FAULTS: [(&str, Anchor, &[&str]); 3] = [
    (
        "pickups",
        Anchor::Now,
        &[
            "lead-of-express",
            "lead-in-minutes",
            "lead-by-an-hour",
            "no-lead",
            "far-by-a-day",
            "far-from-start",
            "no-limit",
            "unordered",
            "promise-of-start",
            "promise-for-all",
        ],
    ),
    (
        "invoices",
        Anchor::Today,
        &[
            "invoice-any-day",
            "invoice-today",
            "invoice-after-tomorrow",
            "invoice-needed",
        ],
    ),
    (
        "opening",
        Anchor::Monday,
        &[
            "hours-in-utc",
            "long-saturdays",
            "closes-late",
            "opens-early",
            "open-on-sundays",
            "also-in-the-past",
            "two-weeks",
            "no-limit",
        ],
    ),
];

fn generated(folder: &Path, name: &str) -> CaseFile {
    let made = Command::new(env!("CARGO_BIN_EXE_crossfield"))
        .args(["generate", &format!("{name}.rules.yaml"), "-o"])
        .arg(folder)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cli/clock"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let text = std::fs::read_to_string(folder.join(format!("{name}.cases.json"))).unwrap();
    CaseFile::read(&text).unwrap()
}

fn pytest(server: &Server, suite: &Path) -> Command {
    let mut command = support::pytest(suite);
    command.env("API_BASE_URL", &server.url);
    command
}

fn run(server: &Server, suite: &Path) -> (i32, String) {
    let done = pytest(server, suite).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    (done.status.code().unwrap(), said)
}

#[test]
fn suites_hold_whenever_they_run() {
    for (name, wanted, faults) in FAULTS {
        let folder = tempfile::tempdir().unwrap();
        let cases = generated(folder.path(), name);
        let steps = cases.cases.iter().flat_map(|case| &case.steps);
        let anchors = steps
            .flat_map(|step| &step.splices)
            .map(|splice| match splice {
                Splice::Moment { anchor, .. } => *anchor,
                other => panic!("{other:?}"),
            });
        let anchors: Vec<Anchor> = anchors.collect();
        assert!(!anchors.is_empty() && anchors.iter().all(|own| *own == wanted));
        let serving = |fault| Server::start("tests/support/pickups.py", &[name, fault]);
        let (status, said) = run(&serving("none"), folder.path());
        assert_eq!(status, 0, "{name}: {said}");
        for fault in faults {
            let (status, said) = run(&serving(fault), folder.path());
            assert_eq!(status, 1, "{fault} escapes {name}:\n{said}");
            assert!(said.contains("failed: "), "{fault}:\n{said}");
        }
    }
}

/// What tests set the clock to is a part of their requests.
#[test]
fn suites_set_the_clock_of_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let cases = generated(folder.path(), "staged");
    let steps = cases.cases.iter().flat_map(|case| &case.steps);
    assert!(steps.map(|step| &step.request).all(|own| own.now.is_some()));
    let serving = |fault| Server::start("tests/support/pickups.py", &["staged", fault]);
    let (status, said) = run(&serving("none"), folder.path());
    assert_eq!(status, 0, "{said}");
    for fault in [
        "no-lead",
        "no-lead-at-the-border",
        "saturdays",
        "a-day-later",
        "a-month-longer",
    ] {
        let (status, said) = run(&serving(fault), folder.path());
        assert_eq!(status, 1, "{fault} escapes:\n{said}");
        assert!(said.contains("failed: "), "{fault}:\n{said}");
        assert!(said.contains("curl -X PUT"), "{fault}:\n{said}");
    }
    let (status, said) = run(&serving("broken-clock"), folder.path());
    assert_eq!(status, 1);
    assert!(said.contains("blocked: the clock must be set"), "{said}");
    assert!(!said.contains("failed: "), "{said}");
    // Several processes would set one clock.
    let mut parallel = pytest(&serving("none"), folder.path());
    let done = parallel.env("PYTEST_XDIST_WORKER", "gw0").output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(said.contains("can't do so in parallel"), "{said}");
}

const STAGED: &str = "\
crossfield: 1
api: openapi.yaml
clock: {set: {operation: setClock, field: body.now}, examples: '2024-05-29T12:00:00Z'}
operations:
  bookPickup:
    baselines:
      usual: {}
      later: {set: {now: '2024-07-01T00:00:00Z'}}
rules:
  - {id: ahead, operation: bookPickup, rule: timestamp(body.from) > now}
";

#[test]
fn baselines_say_what_the_clock_shows() {
    let model = built("staged.rules.yaml", STAGED);
    let operation = model.operation_named("bookPickup").unwrap();
    let shown = model.operation(operation).baselines.iter().map(|own| {
        let now = own.request.get("now").unwrap();
        (own.name.as_str(), now.as_str().unwrap())
    });
    let shown: Vec<(&str, &str)> = shown.collect();
    let wanted = [
        ("usual", "2024-05-29T12:00:00Z"),
        ("later", "2024-07-01T00:00:00Z"),
    ];
    assert_eq!(shown, wanted);
}

const OVERNIGHT: &str = "\
crossfield: 1
api: openapi.yaml
clock: {examples: '2024-05-29T12:00:00Z'}
rules:
  - id: ahead
    operation: bookPickup
    rule: timestamp(body.from) > now && timestamp(body.from).getDayOfWeek('Europe/Berlin') != 3
  - id: within-a-day
    operation: bookPickup
    rule: timestamp(body.until) - timestamp(body.from) <= duration('24h')
";

fn overnight() -> Model {
    built("overnight.rules.yaml", OVERNIGHT)
}

fn built(name: &str, text: &str) -> Model {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cli/clock");
    let mut sources = Sources::default();
    let file = sources.add(name, text);
    let (parsed, mut findings) = RuleFile::parse(&sources, file);
    let document = Document::open(&mut sources, &folder.join("openapi.yaml")).unwrap();
    let built = build(&document, &parsed.unwrap(), 0, &mut findings);
    built.unwrap().model
}

fn pickup(model: &Model, from: &str, until: &str) -> Trace {
    let body = format!(r#"{{"body": {{"from": "{from}", "until": "{until}", "express": true}}}}"#);
    let step = Step {
        operation: model.operation_named("bookPickup").unwrap(),
        request: parse_json(&body).unwrap(),
    };
    Trace { steps: vec![step] }
}

/// The night from Saturday to Sunday has 25 hours once a year.
#[test]
fn verdicts_hold_in_weeks_in_which_clocks_change() {
    let model = overnight();
    let verdict = |trace: &Trace| {
        let run = simulated(&model, &Patch::default(), trace, Options::default());
        run.verdicts
    };
    for (from, until, steady) in [
        ("2024-06-03T08:00:00Z", "2024-06-04T08:00:00Z", true),
        ("2024-06-08T08:00:00Z", "2024-06-09T08:00:00Z", false),
        ("2024-06-08T08:00:00Z", "2024-06-09T06:00:00Z", true),
    ] {
        let trace = pickup(&model, from, until);
        assert_eq!(verdict(&trace), [Verdict::Accept], "{from}");
        assert_eq!(is_steady(&model, &trace), steady, "{from} {until}");
    }
    // Within the week of `now` nobody knows whether it is ahead.
    let trace = pickup(&model, "2024-05-31T08:00:00Z", "2024-05-31T09:00:00Z");
    assert_eq!(verdict(&trace), [Verdict::Unsteady]);
}

/// What the emitted runtime makes of anchors at some moments: in weeks in which
/// clocks change, just after midnight elsewhere, in other ways of writing.
const WRITTEN: &str = r#"
from datetime import datetime, timezone
from crossfield_runtime.moments import from_monday, from_now, from_today, is_clear, zones

def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)

berlin = "Europe/Berlin"
print(from_monday(berlin, days=5, hours=10).text(at("2026-10-24T10:00:00")))
print(from_monday(berlin, days=6, hours=10).text(at("2026-10-24T10:00:00")))
print(from_monday(berlin, days=6, hours=2, minutes=30).text(at("2026-03-25T10:00:00")))
print(from_today(berlin, hours=9).text(at("2026-06-15T22:30:00")))
print(from_today(days=-1, like="2030-01-03").text(at("2026-06-15T22:30:00")))
print(from_now(hours=2, like="2030-05-01T09:00:00.250+02:00").text(at("2026-01-01T00:00:00")))
print(from_now(days=-1, hours=-2).text(at("2026-01-01T12:00:05")))
for second in ["23:58:40", "23:58:55", "00:00:59", "00:01:02"]:
    print(is_clear(at("2026-06-15T" + second), 60))
print(is_clear(at("2026-06-15T21:59:30").astimezone(zones[berlin]), 60))
"#;

#[test]
fn moments_are_written_by_the_clocks_of_their_zone() {
    let folder = tempfile::tempdir().unwrap();
    generated(folder.path(), "opening");
    let done = Command::new(python())
        .args(["-c", WRITTEN])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let wanted = [
        "2026-10-24T08:00:00Z",
        "2026-10-25T09:00:00Z",
        // Clocks skip half past two.
        "2026-03-29T01:30:00Z",
        "2026-06-16T07:00:00Z",
        "2026-06-14",
        "2026-01-01T04:00:00.250+02:00",
        "2025-12-31T10:00:05Z",
        "True",
        "False",
        "False",
        "True",
        "False",
    ];
    assert_eq!(said.lines().collect::<Vec<_>>(), wanted);
}
