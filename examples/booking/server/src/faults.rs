//! Mistakes that can be switched on, one by one: what hurried teams get wrong.
//!
//! A fault takes the place of a rule, by the rule's id, or changes what the server does
//! beside its rules (see [`Effect`]).

mod access;
mod calendar;
mod catering;
mod changes;
mod people;
mod rooms;
mod series;
mod times;
mod window;

use crate::api::room::RoomRequest;
use crate::api::series::SeriesRequest;
use crate::rules::NewBooking;
use crate::rules::access::{Access, Management};
use crate::rules::changes::{Cancel, Move};

/// A mistake, as it is listed and switched on.
pub struct Fault {
    pub name: &'static str,
    /// The rule that it breaks, as named in the rule file.
    pub rule: &'static str,
    pub about: &'static str,
    wrong: Wrong,
}

/// What a mistake does.
enum Wrong {
    Room(fn(&RoomRequest) -> bool),
    Management(fn(&Management) -> bool),
    Booking(fn(&NewBooking) -> bool),
    Access(fn(&Access) -> bool),
    Move(fn(&Move) -> bool),
    Cancel(fn(&Cancel) -> bool),
    Series(fn(&SeriesRequest) -> bool),
    Effect(Effect),
}

/// Mistakes in what happens around the rules.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    BookingsBelongToManagers,
    BookingsOfNoRoom,
    SeriesOfNoRoom,
    ClosedRoomsStay,
    MovedBookingsStay,
}

/// What rules are about: a fault's function for it, if the fault has one.
pub trait Judged: Sized {
    #[doc(hidden)]
    fn wrong(fault: &Fault) -> Option<fn(&Self) -> bool>;
}

macro_rules! judged {
    ($($about:ident => $variant:ident;)+) => {
        $(impl Judged for $about {
            fn wrong(fault: &Fault) -> Option<fn(&Self) -> bool> {
                match fault.wrong {
                    Wrong::$variant(holds) => Some(holds),
                    _ => None,
                }
            }
        })+
    };
}

judged! {
    RoomRequest => Room;
    Management => Management;
    NewBooking => Booking;
    Access => Access;
    Move => Move;
    Cancel => Cancel;
    SeriesRequest => Series;
}

/// All mistakes, in the order of the rules.
const ALL: &[&[Fault]] = &[
    rooms::FAULTS,
    times::FAULTS,
    people::FAULTS,
    catering::FAULTS,
    changes::FAULTS,
    window::FAULTS,
    access::FAULTS,
    series::FAULTS,
    calendar::FAULTS,
];

impl Fault {
    /// As `--list-faults` prints it.
    pub fn columns(&self) -> [&'static str; 3] {
        [self.name, self.rule, self.about]
    }
}

/// The mistakes that are switched on.
#[derive(Default)]
pub struct Faults(Vec<&'static Fault>);

impl Faults {
    /// All mistakes.
    pub fn known() -> impl Iterator<Item = &'static Fault> {
        ALL.iter().copied().flatten()
    }

    /// The mistakes of these names, or a message about a name that isn't known.
    pub fn named(names: &[String]) -> Result<Self, String> {
        names
            .iter()
            .map(|name| find(name))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// What is checked instead of a rule.
    pub fn instead_of<C: Judged>(&self, rule: &str) -> Option<fn(&C) -> bool> {
        let of_rule = self.0.iter().filter(|fault| fault.rule == rule);
        of_rule.filter_map(|fault| C::wrong(fault)).next()
    }

    pub fn on(&self, effect: Effect) -> bool {
        let is_on = |fault: &&Fault| matches!(fault.wrong, Wrong::Effect(own) if own == effect);
        self.0.iter().any(is_on)
    }
}

fn find(name: &str) -> Result<&'static Fault, String> {
    Faults::known()
        .find(|fault| fault.name == name)
        .ok_or_else(|| format!("there is no fault named {name}; --list-faults prints them all"))
}
