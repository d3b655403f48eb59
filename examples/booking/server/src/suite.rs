//! The suite that Crossfield writes for the rules, on the right server: what
//! `make mutants` counts. It is a test of the library, so that a mutant is built once.

use crate::faults::Faults;
use crate::routes::{App, router};
use serving::suite;

#[test]
fn the_emitted_suite_passes() {
    let app = App {
        faults: Faults::default(),
        manager: "manager".to_owned(),
    };
    let tokens = [
        ("COLLEAGUE_TOKEN", "mira"),
        ("MANAGER_TOKEN", "manager"),
        ("ORGANIZER_TOKEN", "oskar"),
    ];
    let passes = suite::passes("booking", router(app), &tokens);
    assert!(passes.unwrap_or(true), "the suite fails");
}
