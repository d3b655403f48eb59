//! The example of declarations, from its rule files to a run against its
//! server: right, with each of its faults, and with values of the environment
//! that prove nothing.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::process::{Command, Output};

use support::{Server, python};

mod support;

/// The example's server, from the project's folder.
const SERVER: &str = "examples/parcels/server.py";

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn suite() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new(env!("CARGO_BIN_EXE_crossfield"))
        .arg("generate")
        .arg(project().join("examples/parcels"))
        .arg("-o")
        .arg(folder.path())
        .arg("--strict")
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", text(&made));
    folder
}

fn text(output: &Output) -> String {
    let parts = [&output.stdout, &output.stderr];
    parts.map(|part| String::from_utf8_lossy(part)).concat()
}

/// Runs the suite; its exit status and what it said.
fn run(server: &Server, suite: &Path, merchant: Option<&str>) -> (i32, String) {
    let mut command = Command::new(python());
    command
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "--color=no"])
        .current_dir(suite)
        .env_remove("PYTEST_ADDOPTS")
        .env_remove("MERCHANT_ID")
        .env("NO_PROXY", "127.0.0.1")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("API_BASE_URL", &server.url);
    if let Some(merchant) = merchant {
        command.env("MERCHANT_ID", merchant);
    }
    let done = command.output().unwrap();
    (done.status.code().unwrap(), text(&done))
}

#[test]
fn the_right_server_passes_and_every_fault_is_caught() {
    let suite = suite();
    let (status, said) = run(&Server::start(SERVER, &[]), suite.path(), Some("acme"));
    assert_eq!(status, 0, "{said}");
    let faults = Command::new(python())
        .arg(project().join(SERVER))
        .args(["--fault", "list"])
        .output()
        .unwrap();
    let faults = text(&faults);
    assert!(faults.lines().count() >= 9, "{faults}");
    for fault in faults.lines() {
        let server = Server::start(SERVER, &["--fault", fault]);
        let (status, said) = run(&server, suite.path(), Some("acme"));
        assert_eq!(status, 1, "{fault} escapes:\n{said}");
        assert!(said.contains("failed: "), "{fault}:\n{said}");
    }
}

#[test]
fn values_of_the_environment_are_looked_at_first() {
    let suite = suite();
    let server = Server::start(SERVER, &["--merchant", "mer_demp"]);
    let (status, said) = run(&server, suite.path(), None);
    assert_eq!(status, 4, "{said}");
    assert!(said.contains("not set: MERCHANT_ID"), "{said}");
    // The text that a case sends as somebody else's.
    let cases = std::fs::read_to_string(suite.path().join("parcels.cases.json")).unwrap();
    assert!(cases.contains("mer_demp"), "the case sends another text");
    let (status, said) = run(&server, suite.path(), Some("mer_demp"));
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("MERCHANT_ID is 'mer_demp'"), "{said}");
}
