//! Mistakes in the time of a cancellation.

use super::{Fault, Wrong};
use crate::rules::window::*;

pub const FAULTS: &[Fault] = &[
    Fault {
        name: "cancelled-until-the-start",
        rule: "cancelled-in-time",
        about: "accepts a cancellation until the start",
        wrong: Wrong::Cancel(|cancel| is_excused(cancel) || cancel.now <= cancel.booking.starts_at),
    },
    Fault {
        name: "cancelled-until-the-end",
        rule: "cancelled-in-time",
        about: "counts the two hours from the end",
        wrong: Wrong::Cancel(|cancel| {
            is_excused(cancel) || cancel.now <= cancel.booking.ends_at - WINDOW
        }),
    },
    Fault {
        name: "window-of-the-first-start",
        rule: "cancelled-in-time",
        about: "counts from when the booking was before it was moved",
        wrong: Wrong::Cancel(|cancel| {
            is_excused(cancel) || cancel.now <= cancel.booking.first_starts_at - WINDOW
        }),
    },
    Fault {
        name: "no-excuse-for-a-broken-room",
        rule: "cancelled-in-time",
        about: "lets nobody give back a room that can't be used",
        wrong: Wrong::Cancel(|cancel| cancel.now <= cancel.booking.starts_at - WINDOW),
    },
];
