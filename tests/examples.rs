//! The examples with a server of their own, from the rule files to runs against
//! the server: right, and with each of its faults.
//!
//! The faults were written from the rules' messages, before anybody looked at
//! what the suites hold.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::process::{Command, Output};

use itertools::Itertools;
use support::{Server, python};

mod support;

/// An example: its rules, its server, and what tests need to know.
struct Example {
    name: &'static str,
    rules: &'static str,
    /// The package of its server, where that isn't a Python program.
    package: Option<&'static str>,
    /// What its server is always started with.
    options: &'static [&'static str],
    /// Values of the environment, the server's own.
    environment: &'static [(&'static str, &'static str)],
    /// How many faults the server has at least.
    faults: usize,
    /// Faults of the server that the suite misses, and why.
    missed: &'static [(&'static str, &'static str)],
    /// Faults of the rules that are neither detected nor proven untestable, and
    /// why.
    open: &'static [(&'static str, &'static str)],
}

const PARCELS: Example = Example {
    name: "parcels",
    rules: "examples/parcels",
    package: None,
    options: &[],
    environment: &[("MERCHANT_ID", "acme")],
    faults: 9,
    missed: &[],
    open: &[
        (
            "collected-within-two-weeks/relational/1.0/ge-gt",
            OF_A_CLOCK,
        ),
        (
            "collected-within-two-weeks/relational/1.1/le-lt",
            OF_A_CLOCK,
        ),
    ],
};

const OF_A_CLOCK: &str = "at one moment only, which a running clock meets by chance";
const OF_A_CALL: &str = "no fault splits a text at other places";

const BOOKING: Example = Example {
    name: "booking",
    rules: "rules/booking.rules.yaml",
    package: Some("booking-server"),
    options: &[],
    environment: &[
        ("COLLEAGUE_TOKEN", "mira"),
        ("MANAGER_TOKEN", "manager"),
        ("ORGANIZER_TOKEN", "oskar"),
    ],
    faults: 66,
    missed: &[],
    open: &[],
};

const SUBSCRIPTIONS: Example = Example {
    name: "subscriptions",
    rules: "rules/subscriptions.rules.yaml",
    package: None,
    options: &[],
    environment: &[("API_KEY", "any")],
    faults: 36,
    missed: &[
        (
            "sku-in-any-case",
            "the schema allows capitals only, and would have to be ignored, too",
        ),
        (
            "sku-without-months",
            "no fault leaves out a part on both sides of a comparison",
        ),
        (
            "quarters-begin-in-february-too",
            "the other months are tried by one of them, not by each",
        ),
    ],
    open: &[(
        "year-costs-ten-months/clause/all/converse",
        "the number of months in the SKU isn't encoded",
    )],
};

const IDENTITY: Example = Example {
    name: "identity",
    rules: "rules/identity.rules.yaml",
    package: None,
    options: &[],
    environment: &[("API_TOKEN", "any"), ("TENANT_ID", "ten_acme")],
    faults: 38,
    missed: &[
        ("code-token-is-one-word", OF_A_CALL),
        ("subdomains-invited", OF_A_CALL),
    ],
    open: &[
        (
            "live-keys-are-narrow/text/0/contains",
            "the pattern allows the prefix at the start only, which isn't proven",
        ),
        (
            "relying-party-of-the-origin/clause/1/either-or",
            "no text ends in both ways, which isn't proven",
        ),
    ],
};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Example {
    /// Its server, right or with what the options say.
    fn command(&self, options: &[&str]) -> Command {
        let mut command = if let Some(package) = self.package {
            Command::new(support::program(package))
        } else {
            let mut python = Command::new(python());
            python.arg(project().join(format!("examples/{}/server.py", self.name)));
            python
        };
        command.args(self.options).args(options);
        command
    }

    fn server(&self, options: &[&str]) -> Server {
        Server::of(&mut self.command(options))
    }

    /// The names of the server's faults.
    fn faults(&self) -> Vec<String> {
        let question: &[&str] = if self.package.is_some() {
            &["--list-faults"]
        } else {
            &["--fault", "list"]
        };
        let listed = text(&self.command(question).output().unwrap());
        let name = |line: &str| line.split('\t').next().unwrap_or_default().to_owned();
        listed.lines().map(name).collect()
    }

    /// Its suite, and the table of what became of the faults.
    fn suite(&self) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let made = Command::new(env!("CARGO_BIN_EXE_crossfield"))
            .args(["generate", self.rules, "-o"])
            .arg(folder.path())
            .current_dir(project())
            .output()
            .unwrap();
        let said = text(&made);
        assert!(made.status.success(), "{said}");
        // How many files there are is no matter of the example.
        let out = format!("{}: ", folder.path().display());
        let lines = said.lines().filter(|line| !line.starts_with(&out));
        let table: Vec<&str> = lines.collect();
        let places = said.lines().filter(|line| line.contains(".rules.yaml:"));
        let ids = places.filter_map(|line| line.split_once(" ["));
        let open = ids.filter_map(|(_, id)| id.strip_suffix(']')).sorted();
        let known = self.open.iter().map(|(fault, _)| *fault).sorted();
        assert!(open.eq(known), "{said}");
        (folder, table.join("\n"))
    }

    fn run(&self, server: &Server, suite: &Path) -> (i32, String) {
        run(server, suite, self.environment, &[])
    }

    /// Whether the suite fails on a server with that fault. A few tests mostly tell;
    /// where those are only blocked, all are asked.
    fn catches(&self, fault: &str, suite: &Path) -> bool {
        let told = |options: &[&str]| {
            let server = self.server(&["--fault", fault]);
            let (status, said) = run(&server, suite, self.environment, options);
            (status == 1).then_some(said)
        };
        let fails = |said: &String| said.contains("failed: ");
        let first = told(&["--maxfail=3"]);
        first.is_some_and(|said| fails(&said) || told(&[]).as_ref().is_some_and(fails))
    }

    /// The right server passes; every fault but those that are named as missed
    /// is caught. Gives the table.
    fn holds(&self) -> String {
        let (suite, table) = self.suite();
        let (status, said) = self.run(&self.server(&[]), suite.path());
        assert_eq!(status, 0, "{said}");
        let faults = self.faults();
        assert!(faults.len() >= self.faults, "{faults:?}");
        for (missed, _) in self.missed {
            assert!(faults.iter().any(|fault| fault == missed), "{missed}");
        }
        let mut wrong = Vec::new();
        for fault in &faults {
            let is_missed = self.missed.iter().any(|(missed, _)| missed == fault);
            if self.catches(fault, suite.path()) == is_missed {
                wrong.push(format!("{fault}: missed: {is_missed}"));
            }
        }
        assert!(wrong.is_empty(), "not as expected: {wrong:#?}");
        table
    }
}

fn text(output: &Output) -> String {
    let parts = [&output.stdout, &output.stderr];
    parts.map(|part| String::from_utf8_lossy(part)).concat()
}

/// Runs a suite; its exit status and what it said.
fn run(
    server: &Server,
    suite: &Path,
    environment: &[(&str, &str)],
    options: &[&str],
) -> (i32, String) {
    let mut command = support::pytest(suite);
    command
        .args(options)
        .env_remove("MERCHANT_ID")
        .env("API_BASE_URL", &server.url)
        .envs(environment.iter().copied());
    let done = command.output().unwrap();
    (done.status.code().unwrap(), text(&done))
}

#[test]
fn parcels() {
    PARCELS.holds();
}

#[test]
fn booking() {
    insta::assert_snapshot!(BOOKING.holds());
}

#[test]
fn subscriptions() {
    insta::assert_snapshot!(SUBSCRIPTIONS.holds());
}

#[test]
fn identity() {
    insta::assert_snapshot!(IDENTITY.holds());
}

#[test]
fn values_of_the_environment_are_looked_at_first() {
    let (suite, _) = PARCELS.suite();
    let server = PARCELS.server(&["--merchant", "mer_demp"]);
    let (status, said) = run(&server, suite.path(), &[], &[]);
    assert_eq!(status, 4, "{said}");
    assert!(said.contains("not set: MERCHANT_ID"), "{said}");
    // The text that a case sends as somebody else's.
    let cases = std::fs::read_to_string(suite.path().join("parcels.cases.json")).unwrap();
    assert!(cases.contains("mer_demp"), "the case sends another text");
    let (status, said) = run(&server, suite.path(), &[("MERCHANT_ID", "mer_demp")], &[]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("MERCHANT_ID is 'mer_demp'"), "{said}");
}
