//! Every way of writing a value, from an API document to a server that reads
//! requests with parsers of its own.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod support;

use std::path::Path;
use std::process::Command;

use crossfield::case::{CaseFile, schema};
use support::Server;

fn serving(forgotten: &str) -> Server {
    Server::start("tests/support/parsing_server.py", &[forgotten])
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn generated(folder: &Path) -> CaseFile {
    let output = Command::new(env!("CARGO_BIN_EXE_crossfield"))
        .args(["generate", "wire.rules.yaml", "--strict", "-o"])
        .arg(folder)
        .current_dir(root().join("tests/fixtures/cli/wire"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let text = std::fs::read_to_string(folder.join("wire.cases.json")).unwrap();
    let written = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::validator_for(&schema()).unwrap();
    assert_eq!(
        validator.validate(&written).err().map(|e| e.to_string()),
        None
    );
    CaseFile::read(&text).unwrap()
}

/// What the suite says of a server: its outcomes by case, and all its words.
fn run(folder: &Path, server: &Server) -> (Vec<(String, String)>, String) {
    let report = folder.join("report.jsonl");
    let _ = std::fs::remove_file(&report);
    let output = support::pytest(folder)
        .args(["-p", "no:randomly"])
        .env("API_BASE_URL", &server.url)
        .env("API_KEY", "sesame")
        .env("CROSSFIELD_REPORT", &report)
        .output()
        .unwrap();
    let lines = std::fs::read_to_string(report).unwrap();
    let outcomes = lines.lines().map(|line| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| record[key].as_str().unwrap().to_owned();
        (text("case"), text("outcome"))
    });
    (
        outcomes.collect(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

#[test]
fn what_is_written_is_read_back_as_meant() {
    let folder = tempfile::tempdir().unwrap();
    let file = generated(folder.path());
    assert!(file.cases.len() > 60, "{}", file.cases.len());
    let (outcomes, said) = run(folder.path(), &serving("none"));
    assert_eq!(outcomes.len(), file.cases.len(), "{said}");
    for (case, outcome) in &outcomes {
        assert_eq!(outcome, "passed", "{case}\n{said}");
    }

    let (outcomes, said) = run(folder.path(), &serving("all"));
    for (case, outcome) in &outcomes {
        let found = file.cases.iter().find(|own| own.id == *case).unwrap();
        let expected = match found.breaks.is_empty() {
            true => "passed",
            false => "failed",
        };
        assert_eq!(outcome, expected, "{case}\n{said}");
    }
}

#[test]
fn a_command_that_is_shown_sends_the_same() {
    let folder = tempfile::tempdir().unwrap();
    generated(folder.path());
    let server = serving("all");
    let (_, said) = run(folder.path(), &server);
    let commands = said.split("\n\n").filter_map(|part| {
        let (command, answer) = part.split_once("\nanswered: ")?;
        Some((command.trim_start_matches("E   "), answer))
    });
    let commands: Vec<_> = commands
        .filter(|(command, _)| command.starts_with("curl "))
        .collect();
    assert!(commands.len() > 20, "{said}");
    for kind in ["/documents", "/orders", "/search/", "/labels/"] {
        let (command, _) = commands.iter().find(|own| own.0.contains(kind)).unwrap();
        let output = Command::new("bash")
            .args(["-c", &format!("{command} -s -w '%{{http_code}}'")])
            .env("API_BASE_URL", &server.url)
            .env("API_KEY", "sesame")
            .env("NO_PROXY", "127.0.0.1")
            .output();
        let Ok(output) = output else {
            eprintln!("skipped: bash is missing");
            return;
        };
        if output.status.code() == Some(127) {
            eprintln!("skipped: curl is missing");
            return;
        }
        let answer = String::from_utf8(output.stdout).unwrap();
        assert_eq!(answer, "{}200", "{command}");
    }
}
