//! The business rules, in the order in which they are checked.
//!
//! A rule is a function that says whether it holds, and how a request is refused where it
//! doesn't. The functions know nothing of faults: a fault takes a function's place.

pub mod access;
pub mod calendar;
pub mod catering;
pub mod changes;
pub mod people;
pub mod rooms;
pub mod series;
pub mod times;
pub mod window;

use axum::http::StatusCode;

use crate::api::booking::BookingRequest;
use crate::faults::{Faults, Judged};
use crate::problem::{Problem, refuse_unless};
use crate::state::{Booking, Room};

/// A rule about `C`: a request with what the server knows of it.
pub struct Rule<C> {
    /// As named in the rule file; the code of its refusals.
    pub id: &'static str,
    pub status: StatusCode,
    pub message: &'static str,
    pub holds: fn(&C) -> bool,
}

impl<C> Rule<C> {
    /// A rule about the request: 422.
    const fn new(id: &'static str, message: &'static str, holds: fn(&C) -> bool) -> Self {
        Self {
            id,
            status: StatusCode::UNPROCESSABLE_ENTITY,
            message,
            holds,
        }
    }

    /// A rule about what happened before: 409.
    const fn conflict(id: &'static str, message: &'static str, holds: fn(&C) -> bool) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            ..Self::new(id, message, holds)
        }
    }

    /// A rule about who asks: 403.
    const fn forbidden(id: &'static str, message: &'static str, holds: fn(&C) -> bool) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            ..Self::new(id, message, holds)
        }
    }
}

/// A request to book a room.
pub struct NewBooking {
    pub request: BookingRequest,
    pub room: Room,
    pub who: String,
    /// All bookings so far.
    pub others: Vec<Booking>,
}

/// The first rule that doesn't hold decides.
pub fn check<C: Judged>(rules: &[Rule<C>], about: &C, faults: &Faults) -> Result<(), Problem> {
    rules.iter().try_for_each(|rule| {
        let holds = faults.instead_of(rule.id).unwrap_or(rule.holds);
        refuse_unless(holds(about), rule.status, rule.id, rule.message)
    })
}

/// All rules of createBooking.
pub fn check_booking(new: &NewBooking, faults: &Faults) -> Result<(), Problem> {
    check(times::RULES, new, faults)?;
    check(people::RULES, new, faults)?;
    check(catering::RULES, new, faults)?;
    check(calendar::OF_BOOKINGS, new, faults)
}
