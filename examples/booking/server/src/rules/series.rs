//! Series of bookings: when they begin and end.

use jiff::civil::Date;

use super::Rule;
use crate::api::series::SeriesRequest;

pub const RULES: &[Rule<SeriesRequest>] = &[
    Rule::new(
        "series-ends-by-date-or-count",
        "a series ends on a date or after a number of bookings",
        ends_by_date_or_count,
    ),
    Rule::new(
        "first-day-is-one-of-the-weekdays",
        "the first day isn't one of the weekdays",
        first_day_is_one_of_the_weekdays,
    ),
    Rule::new(
        "series-of-at-most-26-weeks",
        "the series ends too late, or before it begins",
        at_most_26_weeks,
    ),
];

fn ends_by_date_or_count(series: &SeriesRequest) -> bool {
    series.until.is_some() != series.count.is_some()
}

fn first_day_is_one_of_the_weekdays(series: &SeriesRequest) -> bool {
    series.weekdays.contains(&series.first_on.weekday().into())
}

fn at_most_26_weeks(series: &SeriesRequest) -> bool {
    let is_kept = |until| {
        is_in_order(series, until)
            && is_paid(series, until)
            && is_short(series, until, series.every_weeks)
    };
    series.until.is_none_or(is_kept)
}

pub fn is_in_order(series: &SeriesRequest, until: Date) -> bool {
    until >= series.first_on
}

/// Whether the series ends in the year whose budget pays for it.
pub fn is_paid(series: &SeriesRequest, until: Date) -> bool {
    i64::from(until.year()) == series.budget_year
}

/// Whether there are bookings in at most 26 weeks.
pub fn is_short(series: &SeriesRequest, until: Date, every_weeks: i64) -> bool {
    let days = until.duration_since(series.first_on).as_hours() / 24;
    days / (7 * every_weeks) < 26
}
