//! The requests of the API, read from JSON and checked against their schemas.

pub mod booking;
pub mod change;
pub mod list;
pub mod room;
pub mod series;

use jiff::civil;
use rust_decimal::{Decimal, dec};

use crate::choice;
use crate::json::{Node, decimal, email, integer, pattern, text};
use crate::problem::Problem;

choice!(
    /// How a room is arranged.
    #[derive(PartialOrd, Ord)]
    Layout {
        Theatre = "theatre",
        Classroom = "classroom",
        Boardroom = "boardroom",
        Banquet = "banquet",
    }
);
choice!(
    Weekday {
        Sunday = "SU",
        Monday = "MO",
        Tuesday = "TU",
        Wednesday = "WE",
        Thursday = "TH",
        Friday = "FR",
        Saturday = "SA",
    }
);

impl From<civil::Weekday> for Weekday {
    fn from(day: civil::Weekday) -> Self {
        match day {
            civil::Weekday::Sunday => Self::Sunday,
            civil::Weekday::Monday => Self::Monday,
            civil::Weekday::Tuesday => Self::Tuesday,
            civil::Weekday::Wednesday => Self::Wednesday,
            civil::Weekday::Thursday => Self::Thursday,
            civil::Weekday::Friday => Self::Friday,
            civil::Weekday::Saturday => Self::Saturday,
        }
    }
}

fn room_id(node: &Node) -> Result<String, Problem> {
    pattern("^room_[0-9a-z]{4,12}$")(node)
}

fn title(node: &Node) -> Result<String, Problem> {
    text(3, 80)(node)
}

fn address(node: &Node) -> Result<String, Problem> {
    text(0, 80)(node)?;
    email(node)
}

fn price(node: &Node) -> Result<Decimal, Problem> {
    decimal(Decimal::ZERO, dec!(20000), dec!(0.01))(node)
}

fn year(node: &Node) -> Result<i64, Problem> {
    integer(2020, 2044)(node)
}

/// A number of seats, portions or people.
fn count(least: i64) -> impl Fn(&Node) -> Result<i64, Problem> {
    integer(least, 400)
}
