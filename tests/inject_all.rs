//! `crossfield audit --inject-all`: which faults a suite sends and doesn't notice.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

#[path = "support/fixture.rs"]
#[expect(dead_code, reason = "only what was said is needed")]
mod fixture;
mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use fixture::told;
use serde_json::Value as Json;
use support::Server;

fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The audit of a suite against a server of refunds that is right.
fn audit(options: &[&str], suite: &[&str]) -> (i32, String) {
    let server = Server::start("tests/support/refunds.py", &["none"]);
    let (status, said) = told(&command(&server, options, suite).output().unwrap());
    assert!(!said.contains("panicked"), "{said}");
    (status, said)
}

fn command(server: &Server, options: &[&str], suite: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crossfield"));
    command
        .args(["audit", "refused/payments.rules.yaml", "--inject-all"])
        .args(["--upstream", &server.url])
        .args(options)
        .arg("--")
        .arg(support::python())
        .args(suite)
        .current_dir(project().join("tests/fixtures/cli"))
        .env_remove("PYTEST_ADDOPTS")
        .env("NO_PROXY", "127.0.0.1")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Four tests by hand, one of which doesn't look at the answer.
const SUITE: [&str; 8] = [
    "-m",
    "pytest",
    "-q",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:randomly",
    "../audit/slips/test_refunds.py",
];

/// What slips through is named, with the request; what the other tests look at
/// isn't.
#[test]
fn what_a_suite_does_not_look_at_slips_through() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (markdown, html, kept) = (path("a.md"), path("a.html"), path("a.jsonl"));
    let mut options = vec![
        "--markdown",
        &markdown,
        "--html",
        &html,
        "--recording",
        &kept,
    ];
    // Of the rule that nobody looks at, and of one that a test is about.
    options.extend([
        "--filter",
        "not-void/",
        "--filter",
        "refund-within/boundary",
    ]);
    let (status, said) = audit(&options, &SUITE);
    assert_eq!(status, 0, "{said}");
    let start = said.find("runs with faults").unwrap() - 2;
    let end = said.find("requests in 1 file").unwrap() - 3;
    insta::assert_snapshot!(&said[start..end]);
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    assert!(read(&kept).lines().count() > 10);
    for page in [read(&markdown), read(&html)] {
        assert!(page.contains("it was accepted as new: 201"), "{page}");
    }
}

/// A suite of a few requests, some of which it looks at.
const SMALL: &str = "
import json, os, sys, urllib.error, urllib.request, uuid
from pathlib import Path
def ask(path, body):
    head = {'Content-Type': 'application/json', 'Idempotency-Key': uuid.uuid4().hex}
    url = os.environ['API_BASE_URL'] + path
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), head))
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, json.load(answer)
key = ask('/payments', {'amount': 100})[1]['id']
ask('/payments/' + key + '/refunds', {'amount': 40})
assert ask('/payments/' + key + '/refunds', {'amount': 61})[0] == 409
ask('/payments', {'amount': 501})
count = Path(sys.argv[1])
runs = int(count.read_text() if count.exists() else 0) + 1
count.write_text(str(runs))
print('run', runs)
assert runs not in map(int, sys.argv[2:])
";

/// The same of the small suite, which fails in some of its runs.
fn small(options: &[&str], failing: &[&str]) -> (i32, String, usize) {
    let folder = tempfile::tempdir().unwrap();
    let count = folder.path().join("runs");
    let suite = [&["-c", SMALL, count.to_str().unwrap()], failing].concat();
    let (status, said) = audit(options, &suite);
    (status, said, runs(&count))
}

fn runs(count: &Path) -> usize {
    let text = std::fs::read_to_string(count).unwrap_or_default();
    text.parse().unwrap_or_default()
}

fn noticed(said: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let data: Json = serde_json::from_str(said).unwrap();
    let faults = data["files"][0]["faults"].as_array().unwrap();
    let of = |notice: &str| {
        let own = faults.iter().filter(|own| own["notice"] == notice);
        own.map(|own| own["fault"].as_str().unwrap().to_owned())
            .collect()
    };
    (of("noticed"), of("not noticed"))
}

/// Whether faults are tried one by one or together, the same is said of them.
#[test]
fn faults_that_are_tried_together_are_told_apart() {
    let mut options = vec!["--format", "json"];
    for fault in [
        "note/dropped",
        "refund-within/dropped",
        "refund-within/boundary",
        "not-void",
    ] {
        options.extend(["--filter", fault]);
    }
    let (status, said, _) = small(&options, &[]);
    assert_eq!(status, 0, "{said}");
    let (yes, no) = noticed(&said);
    assert!(yes.contains("refund-within/dropped/all/rule"), "{said}");
    assert!(no.contains("note/dropped/all/rule"), "{said}");
    let (status, said, _) = small(&[&options[..], &["--together"]].concat(), &[]);
    assert_eq!(status, 0, "{said}");
    assert_eq!(noticed(&said), (yes, no));
}

/// A limit of what is noticed, and one of how often the suite runs.
#[test]
fn limits_are_kept() {
    let (status, said, count) = small(&["--max-runs", "2", "--fail-under", "90"], &[]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("that nobody tried"), "{said}");
    assert!(said.contains("are noticed ("), "{said}");
    assert!(count <= 2 + 2 + 1, "{count}");
}

/// A suite is only worth what its runs without faults are.
#[test]
fn suites_that_fail_by_themselves_are_told() {
    let (status, said, count) = small(&[], &["1"]);
    assert_eq!((status, count), (2, 1), "{said}");
    assert!(
        said.contains("the suite fails without any fault (status 1)"),
        "{said}"
    );
    assert!(
        said.contains("run 1\n") && said.contains("AssertionError"),
        "{said}"
    );

    let (status, said, count) = small(&[], &["2"]);
    assert_eq!((status, count), (2, 2), "{said}");
    assert!(said.contains("let COMMAND bring the API there"), "{said}");

    let only_one = ["--filter", "refund-within/dropped/all/rule"];
    let (status, said, _) = small(&only_one, &["3"]);
    assert_eq!(status, 3, "{said}");
    assert!(said.contains("nobody knows whether it noticed"), "{said}");
    let (status, said, _) = small(&only_one, &[]);
    assert_eq!(status, 0, "{said}");

    let (status, said) = audit(&[], &["-c", "pass"]);
    assert_eq!(status, 2);
    assert!(said.contains("COMMAND sent nothing to the proxy"), "{said}");
}
