//! An audit in one sentence.

use super::{Coverage, Missing, Tried};
use crate::report::counted;

/// How many rules lack what.
pub(super) fn missing<'r>(rules: impl Iterator<Item = &'r super::AuditedRule>) -> Missing {
    let mut missing = Missing::default();
    for rule in rules.filter(|rule| rule.is_broken_alone != Tried::None) {
        missing.rules += 1;
        missing.never_broken_alone += usize::from(rule.is_broken_alone == Tried::No);
        missing.borders_never_touched += usize::from(rule.is_at_border == Tried::No);
        missing.never_accepted += usize::from(rule.is_accepted == Tried::No);
    }
    missing
}

/// `26 rules: 9 never broken alone, 12 borders never touched, 3 never accepted;
/// 40 of 120 testable faults exercised`
pub(super) fn headline(missing: &Missing, coverage: &Coverage, to_add: usize) -> String {
    let rules = counted(missing.rules, "rule");
    let mut parts = Vec::new();
    let mut add = |count: usize, words: String| {
        if count > 0 {
            parts.push(format!("{count} {words}"));
        }
    };
    add(missing.never_broken_alone, "never broken alone".to_owned());
    let border = match missing.borders_never_touched {
        1 => "border never touched",
        _ => "borders never touched",
    };
    add(missing.borders_never_touched, border.to_owned());
    add(missing.never_accepted, "never accepted".to_owned());
    let rules = match parts.is_empty() {
        true => format!("{rules}, each broken alone, tried at its border and accepted"),
        false => format!("{rules}: {}", parts.join(", ")),
    };
    let faults = format!(
        "{} of {} exercised",
        coverage.detected,
        counted(coverage.testable, "testable fault")
    );
    match to_add {
        0 => format!("{rules}; {faults}"),
        1 => format!("{rules}; {faults}; there is a request to add"),
        count => format!(
            "{rules}; {faults}; the {} to add first are below",
            counted(count, "request")
        ),
    }
}
