//! What ties a cancellation to the time.

use jiff::SignedDuration;

use super::Rule;
use super::changes::Cancel;
use crate::api::change::Reason;

pub const OF_CANCELLATIONS: &[Rule<Cancel>] = &[Rule::conflict(
    "cancelled-in-time",
    "it is too late to cancel the booking",
    cancelled_in_time,
)];

/// How long before the start a booking can be given up.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(2);

fn cancelled_in_time(cancel: &Cancel) -> bool {
    is_excused(cancel) || cancel.now <= cancel.booking.starts_at - WINDOW
}

/// A room that can't be used may be given back at any time.
pub fn is_excused(cancel: &Cancel) -> bool {
    cancel.request.reason == Reason::RoomUnusable
}
