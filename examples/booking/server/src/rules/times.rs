//! When a booking may be, and when its breaks.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{NewBooking, Rule};
use crate::api::Weekday;
use crate::api::booking::{BookingRequest, Break};

pub const RULES: &[Rule<NewBooking>] = &[
    Rule::new(
        "ends-after-start",
        "the booking ends before it starts, or is longer than ten hours",
        ends_after_start,
    ),
    Rule::new(
        "within-opening-hours",
        "the room isn't open then",
        within_opening_hours,
    ),
    Rule::new(
        "weekend-needs-approval",
        "an approval comes exactly with bookings on weekends",
        weekend_needs_approval,
    ),
    Rule::new(
        "breaks-within-booking",
        "the breaks don't lie within the booking, one after the other",
        breaks_within_booking,
    ),
];

const LONGEST: SignedDuration = SignedDuration::from_hours(10);
const OPENS: i8 = 7;
const CLOSES: i8 = 20;

fn ends_after_start(new: &NewBooking) -> bool {
    let request = &new.request;
    request.starts_at < request.ends_at && is_short(request, first_break(request))
}

/// Whether a booking is short enough, pauses not counted.
pub fn is_short(request: &BookingRequest, pauses: SignedDuration) -> bool {
    request.ends_at.duration_since(request.starts_at) - pauses <= LONGEST
}

/// How long the first break is: it isn't counted.
pub fn first_break(request: &BookingRequest) -> SignedDuration {
    let first = request.breaks.first();
    first.map_or(SignedDuration::ZERO, |pause| {
        pause.until.duration_since(pause.from)
    })
}

fn within_opening_hours(new: &NewBooking) -> bool {
    let zone = &new.room.zone;
    is_open(new.request.starts_at, zone) && closes_later(last_minute(&new.request), zone)
}

/// What ends at eight is over when the room closes.
pub fn last_minute(request: &BookingRequest) -> Timestamp {
    request.ends_at - SignedDuration::from_mins(1)
}

pub fn is_open(at: Timestamp, zone: &TimeZone) -> bool {
    zone.to_datetime(at).hour() >= OPENS
}

pub fn closes_later(at: Timestamp, zone: &TimeZone) -> bool {
    zone.to_datetime(at).hour() < CLOSES
}

fn weekend_needs_approval(new: &NewBooking) -> bool {
    let day = weekday(new.request.starts_at, &new.room.zone);
    is_weekend(day) == new.request.has_weekend_approval
}

pub fn weekday(at: Timestamp, zone: &TimeZone) -> Weekday {
    zone.to_datetime(at).weekday().into()
}

pub fn is_weekend(day: Weekday) -> bool {
    matches!(day, Weekday::Saturday | Weekday::Sunday)
}

fn breaks_within_booking(new: &NewBooking) -> bool {
    let request = &new.request;
    request
        .breaks
        .iter()
        .all(|pause| starts_within(pause, request) && pause.until <= request.ends_at)
        && are_in_order(&request.breaks)
}

pub fn starts_within(pause: &Break, request: &BookingRequest) -> bool {
    request.starts_at <= pause.from && pause.from < pause.until
}

pub fn are_in_order(breaks: &[Break]) -> bool {
    breaks
        .iter()
        .zip(breaks.iter().skip(1))
        .all(|(one, next)| next.from >= one.until)
}
