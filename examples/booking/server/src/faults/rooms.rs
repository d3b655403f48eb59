//! Mistakes about rooms.

use super::{Fault, Wrong};
use crate::rules::rooms::are_different;

pub const FAULTS: &[Fault] = &[
    Fault {
        name: "capacity-of-the-first-layout",
        rule: "capacity-is-the-largest-layout",
        about: "compares the capacity with the first layout",
        wrong: Wrong::Room(|room| room.layouts.values().next() == Some(&room.capacity)),
    },
    Fault {
        name: "capacity-of-all-layouts-together",
        rule: "capacity-is-the-largest-layout",
        about: "adds the layouts up",
        wrong: Wrong::Room(|room| room.layouts.values().sum::<i64>() == room.capacity),
    },
    Fault {
        name: "weekdays-within-each-entry-only",
        rule: "each-weekday-once",
        about: "looks for weekdays twice within an entry only",
        wrong: Wrong::Room(|room| room.opening_days.iter().all(|days| are_different(days))),
    },
];
