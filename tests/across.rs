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

const APPROVALS: Fixture = Fixture {
    folder: "approvals",
    server: "tests/support/approvals.py",
    environment: &[
        ("ANN_TOKEN", "of-ann"),
        ("BOB_TOKEN", "of-bob"),
        ("EVE_TOKEN", "of-eve"),
    ],
};

/// Who sent an earlier request is known as who sends the last one.
#[test]
fn two_people_of_two_teams_approve() {
    let (suite, status, said) = APPROVALS.generated("approvals.rules.yaml", &[]);
    assert_eq!(status, 0, "{said}");
    // Who was refused once is refused again: that takes a relation of three.
    assert!(said.contains("35 of 36 testable faults detected"), "{said}");
    let faults = ["own-orders", "one-team", "audit-is-sales", "all-orders"];
    APPROVALS.tells_apart(suite.path(), &faults, "failed");
}

/// Nothing is left open, and no proof is refuted by a case.
#[test]
fn rules_about_several_requests_are_decided() {
    for rules in ["several", "slots", "sponsors", "default"] {
        let (_, status, said) = ACROSS.generated(&format!("{rules}.rules.yaml"), &["--strict"]);
        assert_eq!(status, 0, "{rules}:\n{said}");
        assert!(said.contains("coverage 100.0 %"), "{rules}:\n{said}");
    }
}

const TOPUPS: Fixture = Fixture {
    folder: "topups",
    server: "tests/support/topups.py",
    environment: &[],
};

/// A repeat gets the first answer; that it is booked again shows only later.
#[test]
fn repeats_are_booked_once() {
    for order in ["first", "last"] {
        let rules = format!("{order}.rules.yaml");
        let (suite, status, said) = TOPUPS.generated(&rules, &["--strict"]);
        assert_eq!(status, 0, "{order}:\n{said}");
        assert!(said.contains("coverage 100.0 %"), "{order}:\n{said}");
        for ask in fixture::WAYS {
            for (wrong, expected) in [("", 0), ("+books-repeats", 1), ("+no-keys", 1)] {
                let server = TOPUPS.serving(&format!("{order}{wrong}"));
                let (status, said) = ask(&TOPUPS, &server, suite.path());
                assert_eq!(status, expected, "{order}{wrong}:\n{said}");
            }
        }
    }
}

/// A room that was full when a request was refused stays full: that is known to
/// nobody, so what such a request leaves behind is looked for, and not proven.
#[test]
fn what_a_full_room_refuses_is_looked_for() {
    let (_, status, said) = ACROSS.generated("rooms.rules.yaml", &[]);
    assert_eq!(status, 0, "{said}");
    let coverage = "42 of 43 testable faults detected; 3 more are untestable";
    assert!(said.contains(coverage), "{said}");
    assert!(
        said.contains("[colours-differ/state/all/refused]"),
        "{said}"
    );
}

/// That earlier requests were accepted doesn't say that they keep rules that
/// they may leave undefined: what only those would show is unclear, not
/// untestable.
#[test]
fn what_earlier_requests_leave_undefined_is_unclear() {
    let (_, status, said) = ACROSS.generated("unknown.rules.yaml", &[]);
    assert_eq!(status, 0, "{said}");
    let coverage = "33 of 37 testable faults detected; 2 more are untestable";
    assert!(said.contains(coverage), "{said}");
    let words = "only requests that leave sponsors-by-name undefined would show it";
    assert_eq!(said.matches(words).count(), 4, "{said}");
}

/// Equal texts name one moment: a request that repeats another can't keep a rule
/// about time that the other breaks.
#[test]
fn repeats_have_one_moment() {
    let (_, _, said) = ACROSS.generated("moments.rules.yaml", &[]);
    let unclear = "unclear: only requests that leave later undefined would show it";
    let (_, any) = said
        .split_once("[key-keeps-its-request/state/all/any]\n")
        .unwrap();
    assert!(any.trim_start().starts_with(unclear), "{said}");
}

/// What a first request changed may break other rules, which don't concern its
/// repeat.
#[test]
fn a_repeat_is_no_second_request() {
    let (suite, status, said) = ACROSS.generated("last-seat.rules.yaml", &[]);
    assert_eq!(status, 0, "{said}");
    let cases = std::fs::read_to_string(suite.path().join("last-seat.cases.json")).unwrap();
    let late = "applies the other rules to a repeat, too";
    assert!(cases.contains(late), "{cases}");
}
