//! Rules about several requests: suites and `run` against a server that makes
//! one payment for each idempotency key.
#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "support/fixture.rs"]
mod fixture;
mod support;

use fixture::Fixture;

const ACROSS: Fixture = Fixture {
    folder: "across",
    server: "tests/support/wallets.py",
    environment: &[],
};

const FAULTS: [&str; 6] = [
    "no-keys",
    "repeats-anything",
    "any-method",
    "any-note",
    "one-key",
    "refuses-repeats",
];

#[test]
fn keys_belong_to_one_request() {
    let (suite, status, said) = ACROSS.generated("payments.rules.yaml", &["--strict"]);
    assert_eq!(status, 0, "{said}");
    ACROSS.tells_apart(suite.path(), &FAULTS, "failed");
}

/// Nothing is left open, and no proof is refuted by a case.
#[test]
fn rules_about_several_requests_are_decided() {
    for rules in ["several", "slots", "sponsors", "rooms"] {
        let (_, status, said) = ACROSS.generated(&format!("{rules}.rules.yaml"), &["--strict"]);
        assert_eq!(status, 0, "{rules}:\n{said}");
        assert!(said.contains("coverage 100.0 %"), "{rules}:\n{said}");
    }
}

/// That earlier requests were accepted doesn't say that they keep rules that
/// they may leave undefined: what only those would show is unclear, not
/// untestable.
#[test]
fn what_earlier_requests_leave_undefined_is_unclear() {
    let (_, status, said) = ACROSS.generated("unknown.rules.yaml", &[]);
    assert_eq!(status, 0, "{said}");
    let coverage = "20 of 26 testable faults detected; 1 more is untestable";
    assert!(said.contains(coverage), "{said}");
    for rule in ["no-back-rows", "sponsors-by-name"] {
        let words = format!("only requests that leave {rule} undefined would show it");
        assert!(said.contains(&words), "{said}");
    }
}
