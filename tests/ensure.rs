//! What answers hold (`ensure`): suites and `run` against a server that shows
//! what it calculated and remembers.
#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "support/fixture.rs"]
mod fixture;
mod support;

use fixture::{Fixture, WAYS, told};

const ORDERS: Fixture = Fixture {
    folder: "ensure",
    server: "tests/support/orders.py",
    environment: &[],
};

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

#[test]
fn answers_show_what_a_server_calculates_and_remembers() {
    let (suite, status, said) = ORDERS.generated("orders.rules.yaml", &["--strict"]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("coverage 100.0 %"), "{said}");
    ORDERS.tells_apart(suite.path(), &FAULTS, "failed");
}

/// Whoever reads a failure sees what was expected and what was found.
#[test]
fn failures_tell_the_difference() {
    let (suite, status, said) = ORDERS.generated("orders.rules.yaml", &[]);
    assert_eq!(status, 0, "{said}");
    let wrong = ORDERS.serving("paid-before");
    for ask in WAYS {
        let (_, said) = ask(&ORDERS, &wrong, suite.path());
        assert!(said.contains(" as paid, and 10 was expected"), "{said}");
        // Nothing else suffers: the requests were accepted.
        assert!(!said.contains("was not accepted"), "{said}");
    }
}

/// `check` shows an accepted request and what its answer must say.
#[test]
fn check_shows_what_the_answer_must_say() {
    let mut command = ORDERS.crossfield();
    let output = command.args(["check", "orders.rules.yaml"]).output();
    insta::assert_snapshot!(told(&output.unwrap()).1);
}
