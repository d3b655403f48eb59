//! What answers hold (`ensure`): suites and `run` against a server that shows
//! what it calculated and remembers.
#![expect(clippy::unwrap_used, reason = "a test")]

mod support;

use std::path::Path;
use std::process::{Command, Output};

use support::Server;

const FAULTS: [&str; 14] = [
    "rounds-down",
    "unrounded",
    "rate-first",
    "one-item",
    "no-total",
    "fee-for-all",
    "no-note",
    "always-note",
    "any-discount",
    "last-only",
    "paid-before",
    "old-after",
    "open-total",
    "key-of-another",
];

fn crossfield() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crossfield"));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cli/ensure"));
    command
}

fn told(output: &Output) -> (i32, String) {
    let both = [&output.stdout, &output.stderr];
    let both = both.map(|own| String::from_utf8_lossy(own).into_owned());
    (output.status.code().unwrap(), both.concat())
}

/// What the emitted suite says of a server.
fn pytest(server: &Server, suite: &Path) -> (i32, String) {
    let mut command = support::pytest(suite);
    command.env("API_BASE_URL", &server.url);
    told(&command.output().unwrap())
}

/// The same of `crossfield run`.
fn sent(server: &Server, suite: &Path) -> (i32, String) {
    let mut command = crossfield();
    command.arg("run").arg(suite).args(["--url", &server.url]);
    told(&command.output().unwrap())
}

#[test]
fn answers_show_what_a_server_calculates_and_remembers() {
    let folder = tempfile::tempdir().unwrap();
    let made = crossfield()
        .args(["generate", "orders.rules.yaml", "--strict", "-o"])
        .arg(folder.path())
        .output()
        .unwrap();
    let (status, said) = told(&made);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("coverage 100.0 %"), "{said}");
    for ask in [pytest, sent] {
        let right = Server::start("tests/support/orders.py", &["none"]);
        let (status, said) = ask(&right, folder.path());
        assert_eq!(status, 0, "{said}");
        for fault in FAULTS {
            let wrong = Server::start("tests/support/orders.py", &[fault]);
            let (status, said) = ask(&wrong, folder.path());
            assert_eq!(status, 1, "{fault} escapes:\n{said}");
            assert!(said.contains("failed"), "{fault}:\n{said}");
        }
    }
}

/// Whoever reads a failure sees what was expected and what was found.
#[test]
fn failures_tell_the_difference() {
    let folder = tempfile::tempdir().unwrap();
    let made = crossfield()
        .args(["generate", "orders.rules.yaml", "-o"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(told(&made).0, 0);
    let wrong = Server::start("tests/support/orders.py", &["paid-before"]);
    for ask in [pytest, sent] {
        let (_, said) = ask(&wrong, folder.path());
        assert!(said.contains(" as paid, and 10 was expected"), "{said}");
        // Nothing else suffers: the requests were accepted.
        assert!(!said.contains("was not accepted"), "{said}");
    }
}

/// `check` shows an accepted request and what its answer must say.
#[test]
fn check_shows_what_the_answer_must_say() {
    let output = crossfield()
        .args(["check", "orders.rules.yaml"])
        .output()
        .unwrap();
    insta::assert_snapshot!(told(&output).1);
}
