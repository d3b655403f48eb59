//! Who takes part, and whether the room has place for them.

use super::{NewBooking, Rule};
use crate::api::Layout;
use crate::api::booking::{Attendee, BookingRequest, Presence, Role};

pub const RULES: &[Rule<NewBooking>] = &[
    Rule::new(
        "layout-of-the-room",
        "the room can't be arranged so",
        layout_of_the_room,
    ),
    Rule::new(
        "onsite-attendees-have-seats",
        "the room has too few seats in this layout",
        onsite_attendees_have_seats,
    ),
    Rule::new(
        "names-on-the-invitation",
        "the host and the speakers aren't on the first page of the invitation",
        names_on_the_invitation,
    ),
    Rule::new(
        "setup-time-by-layout",
        "arranging the room takes longer",
        setup_time_by_layout,
    ),
];

/// How many names the first page of an invitation has room for.
pub const PAGE: usize = 5;

fn layout_of_the_room(new: &NewBooking) -> bool {
    new.room.layouts.contains_key(&new.request.layout)
}

fn onsite_attendees_have_seats(new: &NewBooking) -> bool {
    fits(onsite(&new.request), seats(new))
}

/// How many come to the room.
pub fn onsite(request: &BookingRequest) -> usize {
    let comes = |one: &&Attendee| one.presence == Presence::Onsite;
    request.attendees.iter().filter(comes).count()
}

/// None for a layout that the room doesn't have.
pub fn seats(new: &NewBooking) -> Option<i64> {
    new.room.layouts.get(&new.request.layout).copied()
}

pub fn fits(people: usize, seats: Option<i64>) -> bool {
    seats.is_none_or(|seats| i64::try_from(people).is_ok_and(|people| people <= seats))
}

fn names_on_the_invitation(new: &NewBooking) -> bool {
    host_within(&new.request, PAGE) && speakers_within(&new.request, PAGE)
}

pub fn host_within(request: &BookingRequest, page: usize) -> bool {
    let mut first = request.attendees.iter().take(page);
    first.any(|one| one.role == Role::Host)
}

pub fn speakers_within(request: &BookingRequest, page: usize) -> bool {
    let mut others = request.attendees.iter().skip(page);
    others.all(|one| one.role != Role::Speaker)
}

fn setup_time_by_layout(new: &NewBooking) -> bool {
    let request = &new.request;
    request.setup_minutes() >= setup_minutes(request.layout, request.attendees.len())
}

/// How long it takes to arrange a room for so many.
pub fn setup_minutes(layout: Layout, people: usize) -> i64 {
    match layout {
        Layout::Boardroom => 0,
        Layout::Classroom if people >= 20 => 30,
        Layout::Theatre if people >= 40 => 30,
        Layout::Classroom | Layout::Theatre => 15,
        Layout::Banquet => 60,
    }
}
