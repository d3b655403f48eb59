//! Mistakes in the rules about other bookings.

use super::{Effect, Fault, Wrong};
use crate::rules::NewBooking;
use crate::rules::calendar::*;
use crate::rules::changes::Move;
use crate::state::Booking;

pub const FAULTS: &[Fault] = &[
    Fault {
        name: "back-to-back-is-overlap",
        rule: "no-overlap",
        about: "refuses a booking that begins when another ends",
        wrong: Wrong::Booking(|new| {
            is_free_of(new, |other| {
                let request = &new.request;
                other.starts_at <= request.ends_at && request.starts_at <= other.ends_at
            })
        }),
    },
    Fault {
        name: "overlap-of-equal-starts-only",
        rule: "no-overlap",
        about: "compares nothing but the starts",
        wrong: Wrong::Booking(|new| {
            is_free_of(new, |other| other.starts_at == new.request.starts_at)
        }),
    },
    Fault {
        name: "overlap-of-the-start-only",
        rule: "no-overlap",
        about: "asks whether the room is taken at the start, not until the end",
        wrong: Wrong::Booking(|new| {
            is_free_of(new, |other| {
                let at = new.request.starts_at;
                other.starts_at <= at && at < other.ends_at
            })
        }),
    },
    Fault {
        name: "cancelled-bookings-block",
        rule: "no-overlap",
        about: "doesn't look whether the other booking was cancelled",
        wrong: Wrong::Booking(|new| {
            !new.others
                .iter()
                .any(|other| other.room_id == new.request.room_id && is_in_the_way(new, other))
        }),
    },
    Fault {
        name: "overlap-in-any-room",
        rule: "no-overlap",
        about: "doesn't look at the room",
        wrong: Wrong::Booking(|new| {
            !new.others
                .iter()
                .any(|other| !other.is_cancelled && is_in_the_way(new, other))
        }),
    },
    Fault {
        name: "overlap-with-the-latest-only",
        rule: "no-overlap",
        about: "looks at the latest booking of the room only",
        wrong: Wrong::Booking(|new| {
            let latest = new.others.iter().rfind(|other| is_of_the_room(new, other));
            !latest.is_some_and(|other| is_in_the_way(new, other))
        }),
    },
    Fault {
        name: "overlap-with-own-bookings-only",
        rule: "no-overlap",
        about: "lets others book what is taken",
        wrong: Wrong::Booking(|new| {
            is_free_of(new, |other| {
                other.booked_by == new.who && is_in_the_way(new, other)
            })
        }),
    },
    Fault {
        name: "moves-may-overlap",
        rule: "no-overlap",
        about: "checks new bookings only",
        wrong: Wrong::Move(|_| true),
    },
    Fault {
        name: "moves-overlap-themselves",
        rule: "no-overlap",
        about: "takes a booking that is moved for one that is in its way",
        wrong: Wrong::Move(|change| !blocks(change, |_| true)),
    },
    Fault {
        name: "moves-overlap-the-latest-only",
        rule: "no-overlap",
        about: "compares a move with the latest booking only",
        wrong: Wrong::Move(|change| {
            let latest = change.all.last().map(|last| last.id.clone());
            !blocks(change, |other| {
                other.id != change.booking.id && Some(&other.id) == latest.as_ref()
            })
        }),
    },
    Fault {
        name: "moved-bookings-stay",
        rule: "no-overlap",
        about: "forgets that a booking was moved",
        wrong: Wrong::Effect(Effect::MovedBookingsStay),
    },
    Fault {
        name: "fourth-booking-of-a-room",
        rule: "at-most-three-of-a-room",
        about: "lets one person hold four bookings",
        wrong: Wrong::Booking(|new| held(new) <= MOST),
    },
    Fault {
        name: "quota-counts-cancelled",
        rule: "at-most-three-of-a-room",
        about: "counts cancelled bookings as well",
        wrong: Wrong::Booking(|new| {
            count(new, |other| {
                other.room_id == new.request.room_id && other.booked_by == new.who
            }) < MOST
        }),
    },
    Fault {
        name: "quota-of-everybody",
        rule: "at-most-three-of-a-room",
        about: "counts everybody's bookings of the room",
        wrong: Wrong::Booking(|new| count(new, |other| is_of_the_room(new, other)) < MOST),
    },
    Fault {
        name: "quota-over-all-rooms",
        rule: "at-most-three-of-a-room",
        about: "counts bookings of all rooms",
        wrong: Wrong::Booking(|new| {
            count(new, |other| {
                !other.is_cancelled && other.booked_by == new.who
            }) < MOST
        }),
    },
];

/// Whether none of the bookings that take the room is in the way.
fn is_free_of(new: &NewBooking, is_in_the_way: impl Fn(&Booking) -> bool) -> bool {
    let mut others = new.others.iter().filter(|other| is_of_the_room(new, other));
    !others.any(is_in_the_way)
}

fn is_in_the_way(new: &NewBooking, other: &Booking) -> bool {
    overlaps(other, new.request.starts_at, new.request.ends_at)
}

/// Whether a booking that is looked at is in the way of a move.
fn blocks(change: &Move, is_looked_at: impl Fn(&Booking) -> bool) -> bool {
    change.all.iter().any(|other| {
        let takes_the_room = !other.is_cancelled && other.room_id == change.booking.room_id;
        let (starts_at, ends_at) = (change.request.starts_at, change.request.ends_at);
        takes_the_room && is_looked_at(other) && overlaps(other, starts_at, ends_at)
    })
}

fn count(new: &NewBooking, is_counted: impl Fn(&Booking) -> bool) -> usize {
    new.others.iter().filter(|other| is_counted(other)).count()
}
