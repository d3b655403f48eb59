//! The filters of lists.

use jiff::Timestamp;

use super::{Layout, count, room_id};
use crate::choice;
use crate::json::{Object, date_time, one_of};
use crate::problem::Problem;

choice!(Status { Confirmed = "confirmed", Cancelled = "cancelled" });

pub struct RoomQuery {
    pub min_capacity: Option<i64>,
    pub layout: Option<Layout>,
}

impl RoomQuery {
    pub fn read(query: &Object) -> Result<Self, Problem> {
        Ok(Self {
            min_capacity: query.optional("min_capacity", count(1))?,
            layout: query.optional("layout", one_of)?,
        })
    }
}

pub struct BookingQuery {
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    pub room_id: Option<String>,
    /// Any, where none is named.
    pub status: Vec<Status>,
}

impl BookingQuery {
    pub fn read(query: &Object) -> Result<Self, Problem> {
        Ok(Self {
            from: query.optional("from", date_time)?,
            to: query.optional("to", date_time)?,
            room_id: query.optional("room_id", room_id)?,
            status: query.or("status", Vec::new(), |node| node.separated(2, one_of))?,
        })
    }
}
