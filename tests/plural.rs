//! Rules that range over all there is: suites and `run` against a server of
//! bookings that don't overlap, e-mails that differ, quotas and capacities.
#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "support/fixture.rs"]
mod fixture;
mod support;

use fixture::Fixture;

const STUDIOS: Fixture = Fixture {
    folder: "plural",
    server: "tests/support/studios.py",
    environment: &[],
};

const FAULTS: [&str; 17] = [
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
    "deletes-all",
    "moves-all",
];

#[test]
fn what_is_there_already_counts() {
    let (suite, status, said) = STUDIOS.generated("studios.rules.yaml", &[]);
    assert_eq!(status, 0, "{said}");
    // That the number of members never is beyond the limit is known to nobody; and
    // two members with seats of their own take a longer sequence.
    assert!(
        said.contains("132 of 135 testable faults detected"),
        "{said}"
    );
    for open in [
        "[seats-of-the-room/collection/0.0/first]",
        "[seats-of-the-room/collection/0.0/last]",
        "[two-members-a-room/relational/all/lt-ne]",
    ] {
        assert!(said.contains(open), "{said}");
    }
    STUDIOS.tells_apart(suite.path(), &FAULTS, "failed");
}

/// Operations that name no resource look at what is there as well.
#[test]
fn a_first_request_is_not_all_there_is() {
    let (_, status, said) = STUDIOS.generated("users.rules.yaml", &[]);
    assert_eq!(status, 0, "{said}");
    for rule in ["one-user-an-email", "email-of-nobody-else"] {
        let line = said.lines().find(|line| line.starts_with(rule));
        let counts: Vec<&str> = line.unwrap().split_whitespace().skip(1).take(2).collect();
        assert_eq!(counts[0], counts[1], "{said}");
    }
    assert!(said.contains("4 more are untestable"), "{said}");
}
