//! What ties a room's layouts and opening hours together.

use super::Rule;
use crate::api::Weekday;
use crate::api::room::RoomRequest;

pub const RULES: &[Rule<RoomRequest>] = &[
    Rule::new(
        "capacity-is-the-largest-layout",
        "the capacity isn't the number of seats of the largest layout",
        capacity_is_the_largest_layout,
    ),
    Rule::new(
        "each-weekday-once",
        "a weekday is named twice in the opening hours",
        each_weekday_once,
    ),
];

fn capacity_is_the_largest_layout(room: &RoomRequest) -> bool {
    room.layouts.values().max() == Some(&room.capacity)
}

fn each_weekday_once(room: &RoomRequest) -> bool {
    are_different(&room.opening_days.concat())
}

pub fn are_different(days: &[Weekday]) -> bool {
    days.iter()
        .enumerate()
        .all(|(i, day)| days.iter().skip(i + 1).all(|other| other != day))
}
