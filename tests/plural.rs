//! Rules that range over all there is: suites and `run` against a server of
//! bookings that don't overlap, e-mails that differ, quotas and capacities.
#![expect(clippy::unwrap_used, reason = "a test")]

mod support;

use std::path::Path;
use std::process::{Command, Output};

use support::Server;

const FAULTS: [&str; 15] = [
    "overlaps-anything",
    "only-the-latest",
    "only-the-first",
    "any-room",
    "touching",
    "compares-starts",
    "keeps-bookings",
    "meets-itself",
    "moves-anywhere",
    "stays",
    "emails-twice",
    "keeps-members",
    "three-members",
    "one-member",
    "own-seats-free",
];

fn crossfield() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crossfield"));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cli/plural"));
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

/// The suite, and what is said of it.
fn generated(rules: &str) -> (tempfile::TempDir, i32, String) {
    let folder = tempfile::tempdir().unwrap();
    let made = crossfield()
        .args(["generate", rules, "-o"])
        .arg(folder.path())
        .output()
        .unwrap();
    let (status, said) = told(&made);
    (folder, status, said)
}

#[test]
fn what_is_there_already_counts() {
    let (suite, status, said) = generated("studios.rules.yaml");
    assert_eq!(status, 0, "{said}");
    for ask in [pytest, sent] {
        let right = Server::start("tests/support/studios.py", &["none"]);
        // What earlier tests left on a server is in nobody's way.
        for _ in 0..2 {
            let (status, said) = ask(&right, suite.path());
            assert_eq!(status, 0, "{said}");
        }
        for fault in FAULTS {
            let wrong = Server::start("tests/support/studios.py", &[fault]);
            let (status, said) = ask(&wrong, suite.path());
            assert_eq!(status, 1, "{fault} escapes:\n{said}");
            assert!(said.contains("failed"), "{fault}:\n{said}");
        }
    }
}
