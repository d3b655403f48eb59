//! When a booking may be moved or given up, and what that costs.

use jiff::Timestamp;
use rust_decimal::{Decimal, RoundingStrategy};

use super::Rule;
use crate::api::change::{CancelRequest, MoveRequest, Reason};
use crate::state::Booking;

/// A request to move a booking.
pub struct Move {
    pub request: MoveRequest,
    pub booking: Booking,
    /// All bookings, the one that is moved included.
    pub all: Vec<Booking>,
}

/// A request to give a booking up.
pub struct Cancel {
    pub request: CancelRequest,
    pub booking: Booking,
    pub now: Timestamp,
}

pub const OF_MOVES: &[Rule<Move>] = &[
    Rule::new(
        "move-keeps-the-length",
        "a booking that is moved stays as long as it was",
        keeps_the_length,
    ),
    Rule::conflict(
        "no-move-after-cancelling",
        "the booking was cancelled",
        is_there_to_move,
    ),
];

pub const OF_CANCELLATIONS: &[Rule<Cancel>] = &[
    Rule::conflict(
        "is-cancelled",
        "the booking was cancelled already",
        is_there_to_cancel,
    ),
    Rule::new(
        "fee-by-notice",
        "the fee isn't what the notice amounts to",
        fee_by_notice,
    ),
];

fn keeps_the_length(change: &Move) -> bool {
    let request = &change.request;
    request.ends_at.duration_since(request.starts_at) == change.booking.length()
}

fn is_there_to_move(change: &Move) -> bool {
    !change.booking.is_cancelled
}

fn is_there_to_cancel(cancel: &Cancel) -> bool {
    !cancel.booking.is_cancelled
}

fn fee_by_notice(cancel: &Cancel) -> bool {
    cancel.request.fee
        == share(
            cancel,
            percent(cancel),
            RoundingStrategy::MidpointNearestEven,
        )
}

pub fn percent(cancel: &Cancel) -> i64 {
    if cancel.request.reason == Reason::RoomUnusable {
        0
    } else {
        kept_percent(cancel.request.notice_hours)
    }
}

/// What is kept of the price by so many hours before the start.
pub fn kept_percent(hours: i64) -> i64 {
    if hours >= 72 {
        0
    } else if hours >= 24 {
        25
    } else {
        80
    }
}

/// So many percent of the price, in cents.
pub fn share(cancel: &Cancel, percent: i64, rounding: RoundingStrategy) -> Decimal {
    let exact = cancel.booking.price * Decimal::from(percent) / Decimal::from(100);
    exact.round_dp_with_strategy(2, rounding)
}
