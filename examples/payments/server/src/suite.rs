//! The suite that Crossfield writes for the rules, on the right server: what
//! `make mutants` counts. It is a test of the library, so that a mutant is built once.

use crate::faults::Faults;
use crate::routes::{App, router};
use serving::suite;

#[test]
fn the_emitted_suite_passes() {
    let app = App::new(Faults::default(), None);
    let passes = suite::passes("payments", router(app), &[("API_TOKEN", "any")]);
    assert!(passes.unwrap_or(true), "the suite fails");
}
