//! The suite that Crossfield writes for the rules, on the right server: what
//! `make mutants` counts.

use payments_server::faults::Faults;
use payments_server::routes::{App, router};
use serving::suite;

#[test]
fn the_emitted_suite_passes() {
    let app = App::new(Faults::default(), None);
    let passes = suite::passes(router(app), &[("API_TOKEN", "any")]);
    assert!(passes.unwrap_or(true), "the suite fails");
}
