//! Rules about who asks: suites and `run` against a server that knows people
//! by their tokens.
#![expect(clippy::unwrap_used, reason = "a test")]

mod support;

use std::path::Path;
use std::process::{Command, Output};

use support::Server;

const RULES: &str = "desks.rules.yaml";

const FAULTS: [&str; 6] = [
    "one-limit-for-all",
    "staff-owns-all",
    "staff-is-nobody",
    "anybody-cancels",
    "owners-are-nobody",
    "cancels-twice",
];

const TOKENS: [(&str, &str); 3] = [
    ("ANN_TOKEN", "of-ann"),
    ("BOB_TOKEN", "of-bob"),
    ("STAFF_TOKEN", "of-staff"),
];

fn crossfield() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crossfield"));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cli/actors"));
    for (name, _) in TOKENS {
        command.env_remove(name);
    }
    command.env_remove("API_TOKEN");
    command
}

fn text(output: &Output) -> String {
    let both = [&output.stdout, &output.stderr];
    both.map(|own| String::from_utf8_lossy(own).into_owned())
        .concat()
}

/// The exit status of the emitted suite, and what it says.
fn pytest(server: &Server, suite: &Path, tokens: &[(&str, &str)]) -> (i32, String) {
    let mut command = support::pytest(suite);
    command.env("API_BASE_URL", &server.url);
    for (name, _) in TOKENS {
        command.env_remove(name);
    }
    let done = command.envs(tokens.iter().copied()).output().unwrap();
    (done.status.code().unwrap(), text(&done))
}

/// The same of `crossfield run`.
fn sent(server: &Server, suite: &Path, tokens: &[(&str, &str)]) -> (i32, String) {
    let mut command = crossfield();
    command.arg("run").arg(suite).args(["--url", &server.url]);
    let done = command.envs(tokens.iter().copied()).output().unwrap();
    (done.status.code().unwrap(), text(&done))
}

#[test]
fn suites_ask_as_the_right_people() {
    let folder = tempfile::tempdir().unwrap();
    let made = crossfield()
        .args(["generate", RULES, "--strict", "-o"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", text(&made));
    let serving = |fault| Server::start("tests/support/desks.py", &[fault]);
    for ask in [pytest, sent] {
        let (status, said) = ask(&serving("none"), folder.path(), &TOKENS);
        assert_eq!(status, 0, "{said}");
        for fault in FAULTS {
            let (status, said) = ask(&serving(fault), folder.path(), &TOKENS);
            assert_eq!(status, 1, "{fault} escapes:\n{said}");
            assert!(said.contains("failed"), "{fault}:\n{said}");
            for (_, token) in TOKENS {
                assert!(!said.contains(token), "{token} is shown:\n{said}");
            }
        }
    }
}

/// Ways to carry a credential, as `desks.py` and as documents call them.
const WAYS: [(&str, &str); 4] = [
    ("basic", "{type: http, scheme: basic}"),
    ("header", "{type: apiKey, in: header, name: X-Key}"),
    ("query", "{type: apiKey, in: query, name: key}"),
    ("cookie", "{type: apiKey, in: cookie, name: key}"),
];

#[test]
fn people_are_known_in_every_way() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cli/actors");
    let read = |name| std::fs::read_to_string(fixtures.join(name)).unwrap();
    let document = read("openapi.yaml");
    for (by, scheme) in WAYS {
        let folder = tempfile::tempdir().unwrap();
        let write = |name, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let changed = document.replace("{type: http, scheme: bearer}", scheme);
        assert_ne!(changed, document);
        write("openapi.yaml", &changed);
        write(RULES, &read(RULES));
        let suite = folder.path().join("suite");
        let made = crossfield()
            .current_dir(folder.path())
            .args(["generate", RULES, "--strict", "-o"])
            .arg(&suite)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", text(&made));
        for ask in [pytest, sent] {
            let right = Server::start("tests/support/desks.py", &["none", by]);
            let (status, said) = ask(&right, &suite, &TOKENS);
            assert_eq!(status, 0, "{by}:\n{said}");
            let wrong = Server::start("tests/support/desks.py", &["anybody-cancels", by]);
            let (status, said) = ask(&wrong, &suite, &TOKENS);
            assert_eq!(status, 1, "{by}:\n{said}");
            assert!(!said.contains("of-"), "{by} is shown:\n{said}");
        }
    }
}

#[test]
fn all_credentials_that_are_missing_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let made = crossfield()
        .args(["generate", RULES, "-o"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", text(&made));
    let server = Server::start("tests/support/desks.py", &["none"]);
    for ask in [pytest, sent] {
        let (status, said) = ask(&server, folder.path(), &TOKENS[..1]);
        assert_ne!(status, 0, "{said}");
        assert!(
            said.contains("BOB_TOKEN") && said.contains("STAFF_TOKEN"),
            "{said}"
        );
        assert!(!said.contains("ANN_TOKEN"), "{said}");
        let one = TOKENS.map(|(name, _)| (name, "of-ann"));
        let (status, said) = ask(&server, folder.path(), &one);
        assert_ne!(status, 0, "{said}");
        assert!(
            said.contains("ANN_TOKEN and BOB_TOKEN are the same"),
            "{said}"
        );
        // The name of an actor is no text of the request.
        let named = [TOKENS[0], TOKENS[1], ("STAFF_TOKEN", "staff")];
        let (_, said) = ask(&server, folder.path(), &named);
        assert!(!said.contains("something else"), "{said}");
    }
}
