//! The suite that Crossfield writes for the rules, on the right server: what
//! `make mutants` counts.

use booking_server::clock::Clock;
use booking_server::faults::Faults;
use booking_server::routes::{App, router};
use booking_server::rules::RuleSet;
use serving::suite;

#[test]
fn the_emitted_suite_passes() {
    let app = App {
        rules: RuleSet::Basic,
        faults: Faults::default(),
        manager: "manager".to_owned(),
        clock: Clock::default(),
    };
    let tokens = [
        ("COLLEAGUE_TOKEN", "mira"),
        ("MANAGER_TOKEN", "manager"),
        ("ORGANIZER_TOKEN", "oskar"),
    ];
    let passes = suite::passes(router(app), &tokens);
    assert!(passes.unwrap_or(true), "the suite fails");
}
