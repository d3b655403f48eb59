//! Emitted pytest suites against a server in several moods: what passes, what
//! doesn't, and what is said about it.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crossfield::case::{CaseFile, parse_json};
use crossfield::emit::{pytest, write};
use crossfield::value::Value;

const SHOP: &str = include_str!("fixtures/emit/shop.cases.json");
const TOKEN: &str = "sesame-4711";
const CASES: [&str; 6] = [
    "fee-within-cap-1a2b3c",
    "fee-within-cap-4d5e6f",
    "fee-within-cap-9f8e7d",
    "refund-within-amount-aa11",
    "refund-within-amount-bb22",
    "refund-within-amount-cc33",
];

/// A server in a mood, and what it was sent.
struct Server {
    /// Gone with this value.
    _process: support::Server,
    url: String,
    log: PathBuf,
}

impl Server {
    fn start(mood: &str, folder: &Path) -> Self {
        let log = folder.join("requests.jsonl");
        let arguments = [mood, log.to_str().unwrap()];
        let process = support::Server::start("tests/support/fake_payments.py", &arguments);
        Self {
            url: process.url.clone(),
            _process: process,
            log,
        }
    }

    fn requests(&self) -> Vec<serde_json::Value> {
        let log = fs::read_to_string(&self.log).unwrap();
        log.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// What a run of the suite gave.
struct Run {
    status: Option<i32>,
    outcomes: BTreeMap<String, String>,
    messages: String,
    output: String,
}

impl Run {
    fn all(&self, outcome: &str) {
        self.each(&CASES.map(|_| outcome));
    }

    /// Outcomes in the order of [`CASES`].
    fn each(&self, outcomes: &[&str]) {
        let expected: BTreeMap<_, _> = CASES
            .iter()
            .zip(outcomes)
            .map(|(c, o)| (c.to_string(), o.to_string()))
            .collect();
        assert_eq!(self.outcomes, expected, "{}", self.output);
        let passed = outcomes.iter().all(|outcome| *outcome == "passed");
        assert_eq!(self.status, Some(i32::from(!passed)), "{}", self.output);
        let not_passed = outcomes
            .iter()
            .filter(|outcome| **outcome != "passed")
            .count();
        assert_eq!(
            not_passed > 0,
            self.output.contains(&format!("{not_passed} failed")),
            "{}",
            self.output
        );
        assert!(!self.output.contains(TOKEN), "{}", self.output);
        assert!(!self.messages.contains(TOKEN), "{}", self.messages);
    }

    fn says(&self, words: &str) {
        assert!(
            self.output.contains(words),
            "{words:?} isn't in\n{}",
            self.output
        );
    }
}

fn suite() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let outputs = pytest::emit(&[CaseFile::read(SHOP).unwrap()]).unwrap();
    write(folder.path(), &outputs).unwrap();
    folder
}

fn run(folder: &Path, url: Option<&str>, options: &[&str]) -> Run {
    finish(folder, &mut pytest_command(folder, url, options))
}

fn pytest_command(folder: &Path, url: Option<&str>, options: &[&str]) -> Command {
    // Credentials of other programs must not replace those of the suite.
    let netrc = folder.join("netrc");
    fs::write(&netrc, "machine 127.0.0.1 login other password other\n").unwrap();
    let mut command = support::pytest(folder);
    command
        .args(options)
        .env("API_TOKEN", TOKEN)
        .env("API_TIMEOUT", "1")
        .env("NETRC", netrc)
        .env("CROSSFIELD_REPORT", folder.join("report.jsonl"));
    if let Some(url) = url {
        command.env("API_BASE_URL", url);
    }
    command
}

fn finish(folder: &Path, command: &mut Command) -> Run {
    let report = folder.join("report.jsonl");
    let _ = fs::remove_file(&report);
    let done = command.output().unwrap();
    let messages = fs::read_to_string(&report).unwrap_or_default();
    let records = messages.lines().map(|line| {
        let record: BTreeMap<String, String> = serde_json::from_str(line).unwrap();
        (record["case"].clone(), record["outcome"].clone())
    });
    Run {
        status: done.status.code(),
        outcomes: records.collect(),
        output: String::from_utf8_lossy(&done.stdout).into_owned()
            + &String::from_utf8_lossy(&done.stderr),
        messages,
    }
}

fn in_mood(mood: &str) -> Run {
    let folder = suite();
    let server = Server::start(mood, folder.path());
    run(folder.path(), Some(&server.url), &["-p", "no:randomly"])
}

#[test]
fn a_right_server_passes_every_time_in_any_order() {
    let folder = suite();
    let server = Server::start("right", folder.path());
    for options in [
        ["-p", "no:randomly", "-p", "no:xdist"],
        ["-n", "2", "-p", "randomly"],
        ["-p", "randomly", "-p", "no:xdist"],
    ] {
        let options = if options.contains(&"randomly") {
            &options[..2]
        } else {
            &options[..]
        };
        run(folder.path(), Some(&server.url), options).all("passed");
    }
    for case in CASES {
        let name = format!("test_{}", case.replace('-', "_"));
        let alone = run(folder.path(), Some(&server.url), &["-k", &name]);
        assert_eq!(
            (alone.status, alone.outcomes.len()),
            (Some(0), 1),
            "{}",
            alone.output
        );
    }
}

#[test]
fn what_is_sent_is_what_the_case_file_says() {
    let folder = suite();
    let server = Server::start("right", folder.path());
    run(folder.path(), Some(&server.url), &[]).all("passed");
    let requests = server.requests();
    let bodies: Vec<Value> = requests
        .iter()
        .map(|request| parse_json(request["body"].as_str().unwrap()).unwrap())
        .collect();
    for case in CaseFile::read(SHOP).unwrap().cases {
        for step in case.steps.iter().filter(|step| step.splices.is_empty()) {
            let body = parse_json(step.request.body.as_ref().unwrap()).unwrap();
            assert!(bodies.contains(&body), "{}: {body}", case.id);
        }
    }
    let paths: Vec<_> = requests
        .iter()
        .map(|request| request["path"].as_str().unwrap())
        .collect();
    assert!(
        paths.contains(&"/v1/payments?expand=lines&expand=fee&at=a%20b%26c%3D1%2F%25"),
        "{paths:?}"
    );
    assert!(
        paths.contains(&"/v1/payments?expand=fee&at=a%20b%26c%3D1%2F%25"),
        "{paths:?}"
    );
    let channels: Vec<_> = requests
        .iter()
        .map(|request| request["headers"]["Sales-Channel"].clone())
        .collect();
    assert!(channels.contains(&"web".into()) && channels.contains(&"app".into()));
    assert!(
        requests
            .iter()
            .all(|request| !request["body"].as_str().unwrap().contains("key-of-step"))
    );
}

#[test]
fn a_server_that_forgets_a_rule_fails() {
    let run = in_mood("careless");
    run.each(&["passed", "passed", "failed", "passed", "passed", "failed"]);
    run.says("failed: the server accepted what the rule fee-within-cap forbids");
    run.says("https://docs.example/limits#fees");
    run.says("expected: 422 with error.code == \"fee-within-cap\"");
    run.says("\"fee\": 300.01, ");
    run.says("\"serial\": 123456789012345678901234567890");
    run.says("-H \"Authorization: Bearer $API_TOKEN\"");
    run.says("curl -X POST \"$API_BASE_URL\"/payments/pay%2F");
}

#[test]
fn a_server_that_refuses_what_is_right_fails_and_proves_nothing_else() {
    let run = in_mood("strict");
    run.each(&["failed", "passed", "blocked", "passed", "passed", "passed"]);
    run.says("failed: the server refused what the rule fee-within-cap allows");
    run.says("blocked: the request of test_fee_within_cap_1a2b3c, which differs little and is right, was not accepted");
}

#[test]
fn a_baseline_that_is_refused_by_name_convicts_the_rule() {
    let run = in_mood("mistaken");
    run.each(&[
        "failed", "failed", "blocked", "blocked", "blocked", "blocked",
    ]);
    run.says("failed: the server refused what the rule fee-within-cap allows: baseline createPayment/card must be accepted");
}

#[test]
fn a_refusal_for_another_reason_is_no_evidence() {
    let run = in_mood("mute");
    run.each(&["passed", "passed", "blocked", "passed", "passed", "passed"]);
    run.says("its answer doesn't say that it was for the rule fee-within-cap");
}

#[test]
fn only_an_expected_status_is_evidence() {
    let hiding = in_mood("hiding");
    hiding.each(&["passed", "passed", "blocked", "passed", "passed", "passed"]);
    hiding.says("status 404 is no sign that the rule fee-within-cap was checked");
    for (mood, outcome) in [("moved", "blocked"), ("tired", "inconclusive")] {
        in_mood(mood).each(&["passed", "passed", outcome, "passed", "passed", "passed"]);
    }
}

#[test]
fn missing_credentials_are_named() {
    let folder = suite();
    let server = Server::start("right", folder.path());
    let options = ["-p", "no:randomly"];
    let mut command = pytest_command(folder.path(), Some(&server.url), &options);
    let run = finish(folder.path(), command.env_remove("API_TOKEN"));
    run.all("blocked");
    run.says("the server answered createPayment with 401 (API_TOKEN not set)");
}

#[test]
fn breaking_down_is_no_refusal() {
    let run = in_mood("crashing");
    run.each(&["passed", "passed", "failed", "passed", "passed", "passed"]);
    run.says("the server broke down (503)");
}

#[test]
fn a_step_that_gives_no_key_blocks() {
    let run = in_mood("forgetful");
    run.each(&[
        "passed", "passed", "passed", "blocked", "blocked", "blocked",
    ]);
    run.says("the answer to request 1 has no data.id to go on with");
    run.says("same cause as test_refund_within_amount_aa11");
}

#[test]
fn a_server_that_asks_for_other_credentials_passes_nothing() {
    let run = in_mood("unauthorized");
    run.all("blocked");
    run.says("the server answered createPayment with 401");
    run.says("same cause as test_fee_within_cap_1a2b3c");
    run.says("\"given\": \"Bearer ***\"");
}

#[test]
fn a_server_that_refuses_the_baseline_passes_nothing() {
    let run = in_mood("refuses");
    run.all("blocked");
    run.says("baseline createPayment/card must be accepted, and the server answered createPayment with 400");
}

#[test]
fn a_broken_server_passes_nothing() {
    in_mood("broken").all("blocked");
}

#[test]
fn a_busy_or_slow_server_is_inconclusive() {
    in_mood("busy").all("inconclusive");
    let slow = in_mood("slow");
    slow.all("inconclusive");
    slow.says("no answer within 1 s");
}

#[test]
fn a_dead_server_passes_nothing() {
    let folder = suite();
    let server = Server::start("right", folder.path());
    let url = server.url.clone();
    drop(server);
    let run = run(folder.path(), Some(&url), &["-p", "no:randomly"]);
    run.all("blocked");
    run.says("the server at API_BASE_URL is out of reach");
    run.says("same cause as test_fee_within_cap_1a2b3c");
}

#[test]
fn without_an_address_nothing_starts() {
    let folder = suite();
    for (url, options, words) in [
        (None, &[][..], "API_BASE_URL is not set"),
        (None, &["-n", "2"][..], "API_BASE_URL is not set"),
        (
            Some("localhost:80"),
            &[][..],
            "API_BASE_URL is not an address",
        ),
        (
            Some("https://me:secret@localhost"),
            &[][..],
            "API_BASE_URL holds a user name",
        ),
    ] {
        let run = run(folder.path(), url, options);
        assert_eq!(run.status, Some(4), "{}", run.output);
        run.says(words);
        assert!(run.outcomes.is_empty());
        assert!(run.output.lines().count() < 5, "{}", run.output);
    }
}
