//! Mistakes about who takes part.

use super::{Fault, Wrong};
use crate::api::booking::{Attendee, BookingRequest, Role};
use crate::rules::people::*;

pub const FAULTS: &[Fault] = &[
    Fault {
        name: "remote-attendees-need-seats",
        rule: "onsite-attendees-have-seats",
        about: "counts everybody",
        wrong: Wrong::Booking(|new| fits(new.request.attendees.len(), seats(new))),
    },
    Fault {
        name: "seats-of-the-capacity",
        rule: "onsite-attendees-have-seats",
        about: "compares with the room's capacity, whatever the layout",
        wrong: Wrong::Booking(|new| fits(onsite(&new.request), Some(new.room.capacity))),
    },
    Fault {
        name: "large-classes-as-fast-as-small-ones",
        rule: "setup-time-by-layout",
        about: "forgets that many take longer",
        wrong: Wrong::Booking(|new| {
            let request = &new.request;
            request.setup_minutes() >= setup_minutes(request.layout, 0)
        }),
    },
    Fault {
        name: "setup-without-default",
        rule: "setup-time-by-layout",
        about: "takes an hour where nothing is sent",
        wrong: Wrong::Booking(|new| {
            let request = &new.request;
            request.setup_minutes_sent.unwrap_or(60)
                >= setup_minutes(request.layout, request.attendees.len())
        }),
    },
    Fault {
        name: "no-host-needed",
        rule: "names-on-the-invitation",
        about: "accepts a booking without a host",
        wrong: Wrong::Booking(|new| {
            (host_within(&new.request, PAGE) || !has_host(&new.request))
                && speakers_within(&new.request, PAGE)
        }),
    },
    Fault {
        name: "invitations-of-six",
        rule: "names-on-the-invitation",
        about: "has six names on the first page",
        wrong: Wrong::Booking(|new| {
            host_within(&new.request, PAGE + 1) && speakers_within(&new.request, PAGE + 1)
        }),
    },
    Fault {
        name: "first-speaker-on-the-invitation",
        rule: "names-on-the-invitation",
        about: "looks at the first speaker only",
        wrong: Wrong::Booking(|new| {
            host_within(&new.request, PAGE) && first_speaker_within(&new.request)
        }),
    },
];

fn has_host(request: &BookingRequest) -> bool {
    host_within(request, request.attendees.len())
}

fn first_speaker_within(request: &BookingRequest) -> bool {
    let is_speaker = |one: &Attendee| one.role == Role::Speaker;
    let first = request.attendees.iter().position(is_speaker);
    first.is_none_or(|first| first < PAGE)
}
