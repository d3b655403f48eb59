//! What the server remembers: rooms and bookings, in memory.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::Layout;
use crate::api::booking::BookingRequest;
use crate::api::change::MoveRequest;
use crate::api::list::{BookingQuery, RoomQuery, Status};
use crate::api::room::RoomRequest;
use crate::problem::Problem;

#[derive(Default)]
pub struct Store {
    rooms: BTreeMap<String, Room>,
    bookings: Vec<Booking>,
    /// Ids of bookings by the keys of the requests that made them.
    keys: BTreeMap<String, String>,
}

#[derive(Clone)]
pub struct Room {
    pub zone: TimeZone,
    pub capacity: i64,
    /// Seats by layout.
    pub layouts: BTreeMap<Layout, i64>,
    /// As it was asked for, with its id.
    view: Value,
}

#[derive(Clone)]
pub struct Booking {
    pub id: String,
    pub room_id: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// When it was to start before it was moved.
    pub first_starts_at: Timestamp,
    pub price: Decimal,
    pub booked_by: String,
    pub is_cancelled: bool,
}

/// A fresh id that can't be guessed; short enough for the ids of rooms.
pub fn new_id(prefix: &str) -> String {
    let digits: String = Uuid::new_v4().simple().to_string();
    format!("{prefix}_{}", digits.get(..12).unwrap_or(&digits))
}

impl Store {
    pub fn add_room(&mut self, request: RoomRequest, mut view: Value) -> String {
        let id = new_id("room");
        view["id"] = Value::from(id.clone());
        let room = Room {
            zone: request.zone,
            capacity: request.capacity,
            layouts: request.layouts,
            view,
        };
        self.rooms.insert(id.clone(), room);
        id
    }

    pub fn room(&self, id: &str) -> Option<&Room> {
        self.rooms.get(id)
    }

    /// Closes a room for good; its bookings stay.
    pub fn close(&mut self, id: &str) {
        self.rooms.remove(id);
    }

    pub fn list_rooms(&self, query: &RoomQuery) -> Vec<Value> {
        let matching = self.rooms.values().filter(|room| room.matches(query));
        matching.map(|room| room.view.clone()).collect()
    }

    /// The booking that a request with this key made.
    pub fn made_with(&self, key: &str) -> Option<&Booking> {
        let id = self.keys.get(key)?;
        self.bookings.iter().find(|booking| booking.id == *id)
    }

    pub fn add_booking(&mut self, key: String, booking: Booking) {
        self.keys.insert(key, booking.id.clone());
        self.bookings.push(booking);
    }

    pub fn booking(&mut self, id: &str) -> Result<&mut Booking, Problem> {
        self.bookings
            .iter_mut()
            .find(|booking| booking.id == id)
            .ok_or_else(|| Problem::not_found("there is no such booking"))
    }

    /// All bookings, cancelled ones included, in the order in which they were made.
    pub fn bookings(&self) -> &[Booking] {
        &self.bookings
    }

    pub fn list_bookings(&self, query: &BookingQuery) -> Vec<Value> {
        let matching = self.bookings.iter().filter(|known| known.matches(query));
        matching.map(Booking::view).collect()
    }
}

impl Room {
    fn matches(&self, query: &RoomQuery) -> bool {
        query
            .min_capacity
            .is_none_or(|least| self.capacity >= least)
            && query
                .layout
                .is_none_or(|layout| self.layouts.contains_key(&layout))
    }
}

impl Booking {
    pub fn new(request: &BookingRequest, booked_by: &str) -> Self {
        Self {
            id: new_id("bk"),
            room_id: request.room_id.clone(),
            starts_at: request.starts_at,
            ends_at: request.ends_at,
            first_starts_at: request.starts_at,
            price: request.price,
            booked_by: booked_by.to_owned(),
            is_cancelled: false,
        }
    }

    pub fn length(&self) -> SignedDuration {
        self.ends_at.duration_since(self.starts_at)
    }

    pub fn move_to(&mut self, request: &MoveRequest) {
        self.starts_at = request.starts_at;
        self.ends_at = request.ends_at;
    }

    fn status(&self) -> Status {
        if self.is_cancelled {
            Status::Cancelled
        } else {
            Status::Confirmed
        }
    }

    fn matches(&self, query: &BookingQuery) -> bool {
        query.from.is_none_or(|from| self.starts_at >= from)
            && query.to.is_none_or(|to| self.starts_at < to)
            && query.room_id.as_ref().is_none_or(|id| self.room_id == *id)
            && (query.status.is_empty() || query.status.contains(&self.status()))
    }

    pub fn view(&self) -> Value {
        let status = match self.status() {
            Status::Confirmed => "confirmed",
            Status::Cancelled => "cancelled",
        };
        json!({
            "id": self.id,
            "room_id": self.room_id,
            "starts_at": self.starts_at.to_string(),
            "ends_at": self.ends_at.to_string(),
            // At most seven digits, which a JSON number prints exactly.
            "price": self.price.to_f64(),
            "status": status,
        })
    }
}
