//! Values of the environment and of setup that are numbers: suites and `run` against
//! a server that knows shops, customers and orders by number.
#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "support/fixture.rs"]
mod fixture;
mod support;

use fixture::{Fixture, told};

const NUMBERS: Fixture = Fixture {
    folder: "numbers",
    server: "tests/support/chain.py",
    // As many as goods of a line, which is no clash.
    environment: &[("SHOP_ID", "3")],
};

const FAULTS: [&str; 6] = [
    "any-shop",
    "first-line",
    "gifts-for-oneself",
    "transfers-to-oneself",
    "forgets-transfers",
    "shows-the-key",
];

#[test]
fn numbers_of_the_server_are_sent() {
    let (suite, status, said) = NUMBERS.generated("orders.rules.yaml", &["--strict"]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("coverage 100.0 %"), "{said}");
    // What would order them is said to be left out.
    assert!(
        said.contains("not counted here: what tests show of them"),
        "{said}"
    );
    NUMBERS.tells_apart(suite.path(), &FAULTS, "failed");
}

/// A number that isn't one is told before anything is sent; one that requests hold for
/// something else proves nothing.
#[test]
fn numbers_that_cannot_be_used_are_told() {
    let (suite, _, _) = NUMBERS.generated("orders.rules.yaml", &[]);
    for ask in fixture::WAYS {
        for (environment, server, status, words) in [
            (
                &[("SHOP_ID", "three")],
                "none",
                [2, 4],
                "SHOP_ID is no number",
            ),
            // Another shop than that under test, in a case; and a customer of an
            // example, which no rule compares with shops.
            (
                &[("SHOP_ID", "700000")],
                "shop-700000",
                [1, 1],
                "700000', which the requests of the",
            ),
            (&[("SHOP_ID", "31")], "shop-31", [0, 0], "pass"),
        ] {
            let other = Fixture {
                environment,
                ..NUMBERS
            };
            let (found, said) = ask(&other, &NUMBERS.serving(server), suite.path());
            assert!(status.contains(&found), "{found}: {said}");
            assert!(said.contains(words), "{said}");
        }
    }
}

/// Schemas that refer to each other have more places than anybody lists; and a number
/// where no value may be costs that one case.
#[test]
fn places_are_found_in_recursive_schemas() {
    for layers in ["rule,state", "rule,field"] {
        let (suite, status, said) =
            NUMBERS.generated("recursive.rules.yaml", &["--layers", layers]);
        assert_eq!(status, 0, "{said}");
        let file = suite.path().join("recursive.cases.json");
        let file = crossfield::case::CaseFile::read(&std::fs::read_to_string(file).unwrap());
        let operation = file.unwrap().operations.remove(0);
        assert!(operation.identifiers.contains_key("body.merchant"));
    }
}

/// Small numbers are other things, too; numbers that nobody knows have no order.
#[test]
fn rules_only_compare_such_numbers() {
    let check = |name: &str| told(&NUMBERS.crossfield().args(["check", name]).output().unwrap());
    let (status, said) = check("wrong.rules.yaml");
    assert_eq!(status, 2, "{said}");
    insta::assert_snapshot!(said);
    let (status, said) = check("text.rules.yaml");
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("`example: 700001`"), "{said}");
    let (status, said) = check("ordered.rules.yaml");
    assert_eq!(status, 2, "{said}");
    insta::assert_snapshot!(said);
}
