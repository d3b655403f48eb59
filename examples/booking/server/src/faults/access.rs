//! Mistakes about who may do what, and about what exists.

use super::{Effect, Fault, Wrong};
use crate::rules::access::*;

pub const FAULTS: &[Fault] = &[
    Fault {
        name: "rooms-by-anybody",
        rule: "managers-open-rooms",
        about: "forgets the check",
        wrong: Wrong::Management(|_| true),
    },
    Fault {
        name: "rooms-closed-by-anybody",
        rule: "managers-close-rooms",
        about: "forgets the check",
        wrong: Wrong::Management(|_| true),
    },
    Fault {
        name: "anybody-moves",
        rule: "own-bookings",
        about: "lets everybody move a booking",
        wrong: Wrong::Access(|access| access.purpose == Purpose::Move || own_bookings(access)),
    },
    Fault {
        name: "anybody-cancels",
        rule: "own-bookings",
        about: "lets everybody give a booking up",
        wrong: Wrong::Access(|access| access.purpose == Purpose::Cancel || own_bookings(access)),
    },
    Fault {
        name: "bookings-looked-up-by-anybody",
        rule: "own-bookings",
        about: "shows everybody a booking",
        wrong: Wrong::Access(|access| access.purpose == Purpose::Look || own_bookings(access)),
    },
    Fault {
        name: "managers-own-nothing",
        rule: "own-bookings",
        about: "forgets that managers may",
        wrong: Wrong::Access(is_own),
    },
    Fault {
        name: "bookings-belong-to-managers",
        rule: "own-bookings",
        about: "remembers the manager as who made a booking",
        wrong: Wrong::Effect(Effect::BookingsBelongToManagers),
    },
    Fault {
        name: "bookings-of-no-room",
        rule: "createBooking-exists",
        about: "books rooms that it doesn't know",
        wrong: Wrong::Effect(Effect::BookingsOfNoRoom),
    },
    Fault {
        name: "series-of-no-room",
        rule: "createSeries-exists",
        about: "accepts series in rooms that it doesn't know",
        wrong: Wrong::Effect(Effect::SeriesOfNoRoom),
    },
    Fault {
        name: "closed-rooms-stay",
        rule: "createBooking-exists",
        about: "forgets that a room was closed",
        wrong: Wrong::Effect(Effect::ClosedRoomsStay),
    },
];
