//! Who may do what.

use super::Rule;
use crate::state::Booking;

/// Who asks for something that managers do.
pub struct Management {
    pub who: String,
    /// The token of managers.
    pub manager: String,
}

/// Who asks for a booking, and what for.
pub struct Access {
    pub by: Management,
    pub booking: Booking,
    pub purpose: Purpose,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Look,
    Move,
    Cancel,
}

pub const OF_NEW_ROOMS: &[Rule<Management>] = &[Rule::forbidden(
    "managers-open-rooms",
    "only managers add rooms",
    Management::is_manager,
)];

pub const OF_ROOMS: &[Rule<Management>] = &[Rule::forbidden(
    "managers-close-rooms",
    "only managers close rooms",
    Management::is_manager,
)];

pub const OF_BOOKINGS: &[Rule<Access>] = &[Rule::forbidden(
    "own-bookings",
    "the booking is somebody else's",
    own_bookings,
)];

impl Management {
    pub fn is_manager(&self) -> bool {
        self.who == self.manager
    }
}

pub fn own_bookings(access: &Access) -> bool {
    access.by.is_manager() || is_own(access)
}

pub fn is_own(access: &Access) -> bool {
    access.by.who == access.booking.booked_by
}
