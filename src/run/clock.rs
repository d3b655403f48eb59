//! Times that are counted from the moment of the test.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use jiff::Timestamp;

use crate::case::Anchor;
use crate::value::time::{DAY, SECOND, off_wall, parse_date, parse_time, print_date, wall};
use crate::value::writings::written_like;

/// How many seconds the requests of a case may take where days count.
pub(super) const PLAYED: u32 = 10;

/// A time that is counted from the moment of the test.
#[derive(Clone, Debug)]
pub(super) struct Moment<'f> {
    /// Shows how it is written: as a date, or with how many digits of a second
    /// and in which zone.
    pub(super) like: &'f str,
    pub(super) anchor: Anchor,
    /// The zone whose days and weeks count.
    pub(super) zone: &'f str,
    /// So many seconds after the anchor.
    pub(super) seconds: i64,
}

impl Moment<'_> {
    /// Its text where the test runs at `now`, in nanoseconds since 1970; none
    /// where there is no such time or zone.
    pub(super) fn text(&self, now: i128) -> Option<String> {
        let after = i128::from(self.seconds) * SECOND;
        let is_date = parse_date(self.like).is_some();
        let shown = match self.anchor {
            Anchor::Now => {
                let moment = now + after;
                return if is_date {
                    Some(print_date(moment))
                } else {
                    written(moment, self.like)
                };
            }
            Anchor::Today => start_of_day(now, self.zone)? + after,
            Anchor::Monday => {
                let day = start_of_day(now, self.zone)?;
                // The first of January 1970 was a Thursday.
                let weekday = (day.div_euclid(DAY) + 3).rem_euclid(7);
                day - weekday * DAY + after
            }
        };
        if is_date {
            return Some(print_date(shown));
        }
        written(off_wall(shown, self.zone)?, self.like)
    }
}

/// What clocks of a zone show at the start of its day, as if it were UTC.
fn start_of_day(now: i128, zone: &str) -> Option<i128> {
    let shown = wall(now, zone)?;
    Some(shown - shown.rem_euclid(DAY))
}

/// A moment written as `like` is, whose parts of a second it has.
fn written(moment: i128, like: &str) -> Option<String> {
    let part = parse_time(like)?.rem_euclid(SECOND);
    written_like(moment + part, like)
}

/// The moment of a test, to the second. Where days of zones count it is one at
/// which it is the same day on the server, whose clock may differ by
/// `tolerance` seconds: shortly before and after midnight, it waits.
pub(super) fn current(zones: &BTreeSet<&str>, tolerance: Option<u32>) -> i128 {
    loop {
        let now = i128::from(Timestamp::now().as_second()) * SECOND;
        let is_clear = |zone: &&str| tolerance.is_none_or(|own| is_clear(now, zone, own));
        if zones.iter().all(is_clear) {
            return now;
        }
        thread::sleep(Duration::from_secs(1));
    }
}

fn is_clear(now: i128, zone: &str, tolerance: u32) -> bool {
    let day = |at| start_of_day(at, zone);
    let before = i128::from(tolerance) + 1;
    let after = i128::from(tolerance) + i128::from(PLAYED);
    day(now - before * SECOND) == day(now) && day(now + after * SECOND) == day(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(like: &str, anchor: Anchor, zone: &str, seconds: i64, now: &str) -> String {
        let moment = Moment {
            like,
            anchor,
            zone,
            seconds,
        };
        moment.text(parse_time(now).unwrap()).unwrap()
    }

    #[test]
    fn moments_are_written_as_in_the_file() {
        let now = "2030-01-01T23:30:00Z";
        for (like, seconds, written) in [
            ("2025-05-05T05:05:05Z", 3_600, "2030-01-02T00:30:00Z"),
            ("2025-05-05T05:05:05.250z", -1, "2030-01-01T23:29:59.250z"),
            ("2025-05-05T05:05:05+05:30", 0, "2030-01-02T05:00:00+05:30"),
            ("2025-05-05T05:05:05-01:00", 0, "2030-01-01T22:30:00-01:00"),
            ("2025-05-05", 3_600, "2030-01-02"),
        ] {
            assert_eq!(text(like, Anchor::Now, "UTC", seconds, now), written);
        }
    }

    #[test]
    fn days_and_weeks_start_on_the_wall() {
        let zone = "Europe/Berlin";
        // Half past midnight on Wednesday, in Berlin.
        let now = "2030-01-01T23:30:00Z";
        let nine = 9 * 3_600;
        let like = "2025-05-05T05:05:05Z";
        assert_eq!(
            text(like, Anchor::Today, zone, nine, now),
            "2030-01-02T08:00:00Z"
        );
        assert_eq!(
            text(like, Anchor::Monday, zone, nine, now),
            "2029-12-31T08:00:00Z"
        );
        assert_eq!(
            text("2025-05-05", Anchor::Today, zone, 0, now),
            "2030-01-02"
        );
        assert_eq!(
            text("2025-05-05", Anchor::Today, "UTC", 0, now),
            "2030-01-01"
        );
        // A day later by the clock on the wall, whose hour was put forward.
        assert_eq!(
            text(
                like,
                Anchor::Today,
                zone,
                86_400 + nine,
                "2030-03-30T12:00:00Z"
            ),
            "2030-03-31T07:00:00Z"
        );
    }

    #[test]
    fn no_test_starts_near_midnight() {
        let clear = |now: &str| is_clear(parse_time(now).unwrap(), "Europe/Berlin", 60);
        assert!(clear("2030-01-01T22:58:40Z"));
        assert!(!clear("2030-01-01T22:58:55Z"));
        assert!(!clear("2030-01-01T23:00:30Z"));
        assert!(clear("2030-01-01T23:01:05Z"));
    }
}
