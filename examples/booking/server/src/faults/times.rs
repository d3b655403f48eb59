//! Mistakes about when a booking may be.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::{Fault, Wrong};
use crate::api::Weekday;
use crate::rules::times::*;

pub const FAULTS: &[Fault] = &[
    Fault {
        name: "ends-when-it-starts",
        rule: "ends-after-start",
        about: "accepts bookings that end when they start",
        wrong: Wrong::Booking(|new| {
            let request = &new.request;
            request.starts_at <= request.ends_at && is_short(request, first_break(request))
        }),
    },
    Fault {
        name: "length-with-the-break",
        rule: "ends-after-start",
        about: "counts the first break as well",
        wrong: Wrong::Booking(|new| {
            let request = &new.request;
            request.starts_at < request.ends_at && is_short(request, SignedDuration::ZERO)
        }),
    },
    Fault {
        name: "opening-hours-in-utc",
        rule: "within-opening-hours",
        about: "takes the opening hours for those in UTC",
        wrong: Wrong::Booking(|new| {
            is_open(new.request.starts_at, &TimeZone::UTC)
                && closes_later(last_minute(&new.request), &TimeZone::UTC)
        }),
    },
    Fault {
        name: "open-until-the-start-of-the-last-hour",
        rule: "within-opening-hours",
        about: "refuses what ends when the room closes",
        wrong: Wrong::Booking(|new| {
            let zone = &new.room.zone;
            is_open(new.request.starts_at, zone) && closes_later(new.request.ends_at, zone)
        }),
    },
    Fault {
        name: "opening-hours-of-the-start-only",
        rule: "within-opening-hours",
        about: "doesn't look at the end",
        wrong: Wrong::Booking(|new| is_open(new.request.starts_at, &new.room.zone)),
    },
    Fault {
        name: "weekend-in-utc",
        rule: "weekend-needs-approval",
        about: "asks for the weekday in UTC",
        wrong: Wrong::Booking(|new| {
            let day = weekday(new.request.starts_at, &TimeZone::UTC);
            is_weekend(day) == new.request.has_weekend_approval
        }),
    },
    Fault {
        name: "sunday-is-no-weekend",
        rule: "weekend-needs-approval",
        about: "knows Saturdays only",
        wrong: Wrong::Booking(|new| {
            let day = weekday(new.request.starts_at, &new.room.zone);
            (day == Weekday::Saturday) == new.request.has_weekend_approval
        }),
    },
    Fault {
        name: "approval-on-any-day",
        rule: "weekend-needs-approval",
        about: "accepts an approval of any booking",
        wrong: Wrong::Booking(|new| {
            let day = weekday(new.request.starts_at, &new.room.zone);
            !is_weekend(day) || new.request.has_weekend_approval
        }),
    },
    Fault {
        name: "break-after-the-end",
        rule: "breaks-within-booking",
        about: "accepts breaks that end after the booking",
        wrong: Wrong::Booking(|new| {
            let request = &new.request;
            request
                .breaks
                .iter()
                .all(|pause| starts_within(pause, request))
                && are_in_order(&request.breaks)
        }),
    },
    Fault {
        name: "breaks-may-overlap",
        rule: "breaks-within-booking",
        about: "doesn't compare breaks with each other",
        wrong: Wrong::Booking(|new| {
            let request = &new.request;
            request
                .breaks
                .iter()
                .all(|pause| starts_within(pause, request) && pause.until <= request.ends_at)
        }),
    },
];
