//! Requests that are refused and have an effect all the same: suites and `run`
//! send one before the last request, which shows it.
#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "support/fixture.rs"]
mod fixture;
mod support;

use fixture::{Fixture, WAYS};

const REFUSED: Fixture = Fixture {
    folder: "refused",
    server: "tests/support/refunds.py",
    environment: &[],
};

const FAULTS: [&str; 5] = [
    "refused-refund-counts",
    "refused-void-voids",
    "refused-payment-takes-key",
    "void-forgotten",
    "everything-is-refunded",
];

#[test]
fn what_a_refused_request_does_shows() {
    let (suite, status, said) = REFUSED.generated("payments.rules.yaml", &["--strict"]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("coverage 100.0 %"), "{said}");
    REFUSED.tells_apart(suite.path(), &FAULTS, "failed");
}

/// A request that must be refused before the last one and isn't: that case says
/// nothing, and another one finds the server wrong.
#[test]
fn a_case_is_blocked_whose_earlier_request_is_accepted() {
    let (suite, status, said) = REFUSED.generated("payments.rules.yaml", &[]);
    assert_eq!(status, 0, "{said}");
    for ask in WAYS {
        let (status, said) = ask(&REFUSED, &REFUSED.serving("voids-refunded"), suite.path());
        assert_eq!(status, 1, "{said}");
        assert!(said.contains("voidPayment must be refused"), "{said}");
        assert!(said.contains("before the last request"), "{said}");
        assert!(
            said.contains("accepted what the rule void-unrefunded forbids"),
            "{said}"
        );
    }
}

/// The story says which rule refuses the earlier request.
#[test]
fn stories_tell_what_is_refused_on_the_way() {
    let mut command = REFUSED.crossfield();
    let (suite, ..) = REFUSED.generated("payments.rules.yaml", &[]);
    let cases = std::fs::read_to_string(suite.path().join("payments.cases.json")).unwrap();
    let cases: serde_json::Value = serde_json::from_str(&cases).unwrap();
    let fault = "payment.status@voidPayment/state/all/refused";
    let mut cases = cases["cases"].as_array().unwrap().iter();
    let case = cases.find(|case| case["primary"] == fault).unwrap();
    command.args([
        "explain",
        case["id"].as_str().unwrap(),
        "payments.rules.yaml",
    ]);
    let (status, said) = fixture::told(&command.output().unwrap());
    assert_eq!(status, 0, "{said}");
    assert!(
        said.contains("refused: void-unrefunded is broken"),
        "{said}"
    );
}
