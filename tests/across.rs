//! Rules about several requests: suites and `run` against a server that makes
//! one payment for each idempotency key.
#![expect(clippy::unwrap_used, reason = "a test")]

mod support;

use std::path::Path;
use std::process::{Command, Output};

use support::Server;

const FAULTS: [&str; 6] = [
    "no-keys",
    "repeats-anything",
    "any-method",
    "any-note",
    "one-key",
    "refuses-repeats",
];

fn crossfield() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crossfield"));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cli/across"));
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
fn keys_belong_to_one_request() {
    let folder = tempfile::tempdir().unwrap();
    let made = crossfield()
        .args(["generate", "payments.rules.yaml", "--strict", "-o"])
        .arg(folder.path())
        .output()
        .unwrap();
    let (status, said) = told(&made);
    assert_eq!(status, 0, "{said}");
    for ask in [pytest, sent] {
        let right = Server::start("tests/support/wallets.py", &["none"]);
        // What earlier tests left on a server is in nobody's way.
        for _ in 0..2 {
            let (status, said) = ask(&right, folder.path());
            assert_eq!(status, 0, "{said}");
        }
        for fault in FAULTS {
            let wrong = Server::start("tests/support/wallets.py", &[fault]);
            let (status, said) = ask(&wrong, folder.path());
            assert_eq!(status, 1, "{fault} escapes:\n{said}");
            assert!(said.contains("failed"), "{fault}:\n{said}");
        }
    }
}

/// What `generate` says of a rule file of the fixtures.
fn generated(rules: &str, options: &[&str]) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    let made = crossfield()
        .args(["generate", rules, "-o"])
        .arg(folder.path())
        .args(options)
        .output()
        .unwrap();
    told(&made)
}

/// Nothing is left open, and no proof is refuted by a case.
#[test]
fn rules_about_several_requests_are_decided() {
    for rules in ["several", "slots", "sponsors", "rooms"] {
        let (status, said) = generated(&format!("{rules}.rules.yaml"), &["--strict"]);
        assert_eq!(status, 0, "{rules}:\n{said}");
        assert!(said.contains("coverage 100.0 %"), "{rules}:\n{said}");
    }
}

/// That earlier requests were accepted doesn't say that they keep rules that
/// they may leave undefined: what only those would show is unclear, not
/// untestable.
#[test]
fn what_earlier_requests_leave_undefined_is_unclear() {
    let (status, said) = generated("unknown.rules.yaml", &[]);
    assert_eq!(status, 0, "{said}");
    let coverage = "20 of 26 testable faults detected; 1 more is untestable";
    assert!(said.contains(coverage), "{said}");
    for rule in ["no-back-rows", "sponsors-by-name"] {
        let words = format!("only requests that leave {rule} undefined would show it");
        assert!(said.contains(&words), "{said}");
    }
}
