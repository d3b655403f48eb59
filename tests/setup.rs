//! Setup steps, waiting and clean-up: suites and `run` against a server where
//! people log in, payments settle later, and what is made has to be deleted.
#![expect(clippy::unwrap_used, reason = "a test")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value as Json;
use support::Server;

const PROGRAM: &str = "examples/settlements/server.py";
const CLERK: [(&str, &str); 2] = [("CLERK_USER", "clara"), ("CLERK_PASSWORD", "open sesame")];
const VARIABLES: [&str; 3] = ["CLERK_USER", "CLERK_PASSWORD", "AUTH_URL"];

/// The folder of the suite, which is generated once.
fn suite() -> &'static Path {
    static SUITE: OnceLock<PathBuf> = OnceLock::new();
    SUITE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("settlements");
        let _ = fs::remove_dir_all(&folder);
        let made = Command::new(env!("CARGO_BIN_EXE_crossfield"))
            .args(["generate", "examples/settlements", "--strict", "-o"])
            .arg(&folder)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", text(&made));
        folder
    })
}

/// A server with a fault, and what it was asked.
struct Settlements {
    server: Server,
    folder: tempfile::TempDir,
}

impl Settlements {
    fn new(fault: &str) -> Self {
        Self::with(&["--fault", fault])
    }

    /// Without a fault.
    fn right() -> Self {
        Self::with(&[])
    }

    fn with(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("requests.jsonl");
        let arguments = [options, &["--log", log.to_str().unwrap()]].concat();
        let server = Server::start(PROGRAM, &arguments);
        Self { server, folder }
    }

    fn log(&self) -> Vec<Json> {
        let path: PathBuf = self.folder.path().join("requests.jsonl");
        let text = fs::read_to_string(path).unwrap_or_default();
        let lines = text.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().unwrap()
    }

    /// What was asked with a method, at paths that start so.
    fn asked(&self, method: &str, path: &str) -> Vec<Json> {
        let is_meant = |entry: &Json| {
            entry["method"] == method && entry["path"].as_str().unwrap().starts_with(path)
        };
        self.log().into_iter().filter(is_meant).collect()
    }

    /// What is left of all that was made.
    fn left(&self) -> Vec<Json> {
        let log = self.log();
        log.last().unwrap()["left"].as_array().unwrap().clone()
    }
}

fn text(output: &Output) -> String {
    let both = [&output.stdout, &output.stderr];
    both.map(|own| String::from_utf8_lossy(own).into_owned())
        .concat()
}

type Ask = fn(&Settlements, &Path, &[(&str, &str)]) -> (i32, String);

/// The exit status of the emitted suite, and what it says.
fn pytest(server: &Settlements, suite: &Path, environment: &[(&str, &str)]) -> (i32, String) {
    let mut command = support::pytest(suite);
    for name in VARIABLES {
        command.env_remove(name);
    }
    command.env("API_BASE_URL", &server.server.url);
    let done = command.envs(environment.iter().copied()).output().unwrap();
    (done.status.code().unwrap(), text(&done))
}

/// The same of `crossfield run`.
fn sent(server: &Settlements, suite: &Path, environment: &[(&str, &str)]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crossfield"));
    for name in VARIABLES {
        command.env_remove(name);
    }
    command.arg("run").arg(suite);
    command.args(["--url", &server.server.url]);
    let done = command.envs(environment.iter().copied()).output().unwrap();
    (done.status.code().unwrap(), text(&done))
}

const WAYS: [Ask; 2] = [pytest, sent];

/// All that a suite needs of the environment, with logins at the same server.
fn whole(server: &Settlements) -> Vec<(&str, &str)> {
    let mut all: Vec<(&str, &str)> = CLERK.to_vec();
    all.push(("AUTH_URL", &server.server.url));
    all
}

/// What is written is what the published schema says.
#[test]
fn case_files_with_setup_satisfy_their_schema() {
    let text = fs::read_to_string(suite().join("settlements.cases.json")).unwrap();
    let file: Json = serde_json::from_str(&text).unwrap();
    let schema = crossfield::case::schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let found: Vec<String> = validator
        .iter_errors(&file)
        .map(|error| format!("{} {error}", error.instance_path()))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
    for kind in ["setup", "sent", "header", "body"] {
        assert!(text.contains(&format!("\"kind\": \"{kind}\"")), "{kind}");
    }
}

#[test]
fn a_right_server_passes_and_nothing_is_left() {
    let suite = suite();
    for ask in WAYS {
        let server = Settlements::right();
        let (status, said) = ask(&server, suite, &whole(&server));
        assert_eq!(status, 0, "{said}");
        assert!(!said.contains("not cleaned up"), "{said}");
        assert_eq!(server.left(), Vec::<Json>::new(), "{said}");
        assert_eq!(server.asked("POST", "/login").len(), 1);
        // One customer for all, and one for each case and baseline.
        let customers = server.asked("POST", "/customers").len();
        assert!(customers > 20, "{customers}");
        let deletions = server.asked("DELETE", "/customers").into_iter();
        let deletions = deletions.filter(|own| own["status"] == 204);
        assert_eq!(deletions.count(), customers);
        // Customers with payments can't be deleted: the last goes first. Cases
        // delete what isn't there.
        let refused = server.asked("DELETE", "").into_iter();
        let gone = |own: &Json| own["status"] == 204 || own["status"] == 404;
        let refused: Vec<Json> = refused.filter(|own| !gone(own)).collect();
        assert!(refused.is_empty(), "{refused:?}");
        assert!(server.asked("GET", "/payments").len() >= server.asked("POST", "/customers").len());
    }
}

/// Each process has a session of its own, and ends it.
#[test]
fn suites_in_several_processes_clean_up_as_well() {
    let server = Settlements::right();
    let mut command = support::pytest(suite());
    command.env("API_BASE_URL", &server.server.url);
    let done = command.args(["-n", "2"]).envs(whole(&server)).output();
    let done = done.unwrap();
    let said = text(&done);
    assert_eq!(done.status.code(), Some(0), "{said}");
    assert_eq!(server.asked("POST", "/login").len(), 2, "{said}");
    assert_eq!(server.left(), Vec::<Json>::new(), "{said}");
    let server = Settlements::new("keeps-payments");
    let mut command = support::pytest(suite());
    command.env("API_BASE_URL", &server.server.url);
    let done = command.args(["-n", "2"]).envs(whole(&server)).output();
    let done = done.unwrap();
    assert!(text(&done).contains("NotCleanedUp: payment: DELETE /payments/pay_"));
}

/// Cases, twins, baselines and setup steps alike.
#[test]
fn every_request_has_fresh_texts() {
    let suite = suite();
    for ask in WAYS {
        let server = Settlements::right();
        let (status, said) = ask(&server, suite, &whole(&server));
        assert_eq!(status, 0, "{said}");
        for (path, field) in [("/customers", "email"), ("/payments", "reference")] {
            let asked = server.asked("POST", path).into_iter();
            let texts = asked.filter_map(|own| Some(own["body"][field].as_str()?.to_owned()));
            let texts: Vec<String> = texts.collect();
            let distinct: BTreeSet<&String> = texts.iter().collect();
            assert!(
                texts.len() > 20 && distinct.len() == texts.len(),
                "{texts:?}"
            );
        }
    }
}

#[test]
fn failing_tests_clean_up_as_well() {
    let suite = suite();
    for fault in [
        "fee-up-to-amount",
        "others-pay",
        "refunds-too-much",
        "deletes-nothing",
    ] {
        for ask in WAYS {
            let server = Settlements::new(fault);
            let (status, said) = ask(&server, suite, &whole(&server));
            assert_eq!(status, 1, "{fault} escapes:\n{said}");
            assert!(said.contains("failed: "), "{fault}:\n{said}");
            assert_eq!(server.left(), Vec::<Json>::new(), "{fault}:\n{said}");
        }
    }
}

/// Ctrl-C ends a run in order: what was made by then is deleted.
#[cfg(unix)]
#[test]
fn an_interrupted_run_cleans_up_as_well() {
    let server = Settlements::right();
    let mut command = Command::new(env!("CARGO_BIN_EXE_crossfield"));
    for name in VARIABLES {
        command.env_remove(name);
    }
    command.arg("run").arg(suite()).envs(whole(&server));
    command.args(["--url", &server.server.url, "--rate", "40"]);
    command.stdout(std::process::Stdio::piped());
    command.stderr(std::process::Stdio::piped());
    let mut running = command.spawn().unwrap();
    while server.asked("POST", "/payments").len() < 4 {
        assert!(running.try_wait().unwrap().is_none(), "ended by itself");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let id = running.id().to_string();
    let told = Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(told.success());
    let done = running.wait_with_output().unwrap();
    let said = text(&done);
    assert_eq!(done.status.code(), Some(130), "{said}");
    assert!(said.contains("error: interrupted"), "{said}");
    assert!(
        said.contains("the run was interrupted before it was sent"),
        "{said}"
    );
    assert_eq!(server.left(), Vec::<Json>::new(), "{said}");
}

#[test]
fn what_isnt_deleted_is_told_and_fails_only_what_deletes() {
    let suite = suite();
    for ask in WAYS {
        let server = Settlements::new("keeps-payments");
        let (_, said) = ask(&server, suite, &whole(&server));
        assert!(!said.contains("failed: "), "{said}");
        assert!(said.contains("not cleaned up"), "{said}");
        let told = "payment: DELETE /payments/pay_";
        assert!(said.contains(told), "{said}");
        assert!(
            said.contains("the server answered deletePayment with 500"),
            "{said}"
        );
        // Whoever has payments stays, too.
        assert!(said.contains("answered deleteCustomer with 409"), "{said}");
    }
}

#[test]
fn what_never_settles_blocks() {
    let suite = suite();
    for ask in WAYS {
        let server = Settlements::new("never-settles");
        let (status, said) = ask(&server, suite, &whole(&server));
        assert_eq!(status, 1, "{said}");
        let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let told = "what createPayment started wasn't done within 2 s: getPayment answered 200, \
                    and any 2xx with status == \"settled\" was awaited";
        assert!(flat.contains(told), "{said}");
        assert!(
            flat.contains("blocked: ") && !flat.contains("failed: "),
            "{said}"
        );
        assert_eq!(server.left(), Vec::<Json>::new(), "{said}");
    }
}

#[test]
fn a_refused_setup_step_blocks_all_and_shows_no_secret() {
    let suite = suite();
    for (fault, told) in [
        ("no-login", "auth.openapi.yaml#logIn with 401"),
        ("no-customers", "createCustomer with 422"),
        // It repeats what it was sent.
        ("forgets-tokens", "createCustomer with 401"),
    ] {
        for ask in WAYS {
            let server = Settlements::new(fault);
            let (status, said) = ask(&server, suite, &whole(&server));
            assert_eq!(status, 1, "{said}");
            let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(flat.contains(told), "{said}");
            assert!(flat.contains("setup step "), "{said}");
            assert!(
                flat.contains("blocked: ") && !flat.contains("failed: "),
                "{said}"
            );
            assert!(
                !said.contains("sesame") && !said.contains("token-"),
                "{said}"
            );
            assert_eq!(server.asked("POST", "/payments").len(), 0);
            let asked = server.log().len();
            // Some cases are about what isn't there, and need no customer.
            assert!(asked < 10, "{asked} requests");
            assert!(said.contains("***") || fault == "no-customers", "{said}");
        }
    }
}

#[test]
fn all_that_is_missing_is_told_before_the_first_request() {
    let suite = suite();
    let server = Settlements::right();
    for (given, missing) in [
        (&CLERK[..0], &VARIABLES[..]),
        (&CLERK[..1], &["CLERK_PASSWORD", "AUTH_URL"]),
    ] {
        for ask in WAYS {
            let (status, said) = ask(&server, suite, given);
            assert_ne!(status, 0, "{said}");
            for name in missing {
                assert!(said.contains(name), "{name}:\n{said}");
            }

            assert!(given.iter().all(|(name, _)| !said.contains(name)), "{said}");
        }
    }
    let (_, said) = sent(&server, suite, &[]);
    assert!(
        said.contains("AUTH_URL: where auth.openapi.yaml#logIn is"),
        "{said}"
    );
    // The address of the API is one of them.
    let done = support::pytest(suite).output().unwrap();
    let said = text(&done);
    assert_eq!(done.status.code(), Some(4), "{said}");
    for name in VARIABLES.iter().chain(&["API_BASE_URL"]) {
        assert!(said.contains(name), "{name}:\n{said}");
    }
    assert_eq!(server.log().len(), 0);
}

/// Another API is no way around the question where requests may go.
#[test]
fn other_hosts_have_to_be_allowed_as_well() {
    let suite = suite();
    let server = Settlements::right();
    let mut environment = CLERK.to_vec();
    environment.push(("AUTH_URL", "http://crossfield.invalid:8080"));
    let (status, said) = sent(&server, suite, &environment);
    assert_eq!(status, 2, "{said}");
    assert!(
        said.contains("crossfield.invalid is not this machine"),
        "{said}"
    );
    assert_eq!(server.log().len(), 0);
}
