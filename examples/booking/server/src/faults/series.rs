//! Mistakes about series.

use super::{Fault, Wrong};
use crate::rules::series::*;

pub const FAULTS: &[Fault] = &[
    Fault {
        name: "count-beside-until",
        rule: "series-ends-by-date-or-count",
        about: "accepts a number of bookings beside a date",
        wrong: Wrong::Series(|series| series.until.is_some() || series.count.is_some()),
    },
    Fault {
        name: "weeks-begin-on-monday",
        rule: "first-day-is-one-of-the-weekdays",
        about: "counts weekdays from the wrong one",
        wrong: Wrong::Series(|series| {
            series
                .first_on
                .tomorrow()
                .is_ok_and(|day| series.weekdays.contains(&day.weekday().into()))
        }),
    },
    Fault {
        name: "weeks-without-interval",
        rule: "series-of-at-most-26-weeks",
        about: "counts all weeks, also those between",
        wrong: Wrong::Series(|series| {
            series.until.is_none_or(|until| {
                is_in_order(series, until) && is_paid(series, until) && is_short(series, until, 1)
            })
        }),
    },
    Fault {
        name: "any-budget",
        rule: "series-of-at-most-26-weeks",
        about: "doesn't look at the year",
        wrong: Wrong::Series(|series| {
            series.until.is_none_or(|until| {
                is_in_order(series, until) && is_short(series, until, series.every_weeks)
            })
        }),
    },
];
