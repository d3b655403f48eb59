//! What ties a booking to others.

use jiff::Timestamp;

use super::changes::Move;
use super::{NewBooking, Rule};
use crate::state::Booking;

pub const OF_BOOKINGS: &[Rule<NewBooking>] = &[
    Rule::conflict("no-overlap", "the room is taken then", is_free),
    Rule::conflict(
        "at-most-three-of-a-room",
        "three bookings of the room are held already",
        holds_at_most_three,
    ),
];

pub const OF_MOVES: &[Rule<Move>] = &[Rule::conflict(
    "no-overlap",
    "the room is taken then",
    is_free_to_move,
)];

/// How many bookings of a room one person holds at most.
pub const MOST: usize = 3;

fn is_free(new: &NewBooking) -> bool {
    let mut others = new.others.iter().filter(|other| is_of_the_room(new, other));
    !others.any(|other| overlaps(other, new.request.starts_at, new.request.ends_at))
}

/// Whether a booking takes the room that is asked for.
pub fn is_of_the_room(new: &NewBooking, other: &Booking) -> bool {
    !other.is_cancelled && other.room_id == new.request.room_id
}

/// One may begin when the other ends.
pub fn overlaps(other: &Booking, starts_at: Timestamp, ends_at: Timestamp) -> bool {
    other.starts_at < ends_at && starts_at < other.ends_at
}

fn holds_at_most_three(new: &NewBooking) -> bool {
    held(new) < MOST
}

/// How many bookings of the room are held by who asks for one more.
pub fn held(new: &NewBooking) -> usize {
    let is_held = |other: &&Booking| is_of_the_room(new, other) && other.booked_by == new.who;
    new.others.iter().filter(is_held).count()
}

fn is_free_to_move(change: &Move) -> bool {
    let mut others = change.all.iter().filter(|other| is_beside(change, other));
    !others.any(|other| overlaps(other, change.request.starts_at, change.request.ends_at))
}

/// Whether another booking takes the room of the one that is moved.
fn is_beside(change: &Move, other: &Booking) -> bool {
    let booking = &change.booking;
    other.id != booking.id && !other.is_cancelled && other.room_id == booking.room_id
}
