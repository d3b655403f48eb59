//! Requests to move a booking or to give it up.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::price;
use crate::choice;
use crate::json::{Object, date_time, integer, one_of, text};
use crate::problem::Problem;

choice!(
    Reason {
        NoLongerNeeded = "no_longer_needed",
        Illness = "illness",
        RoomUnusable = "room_unusable",
    }
);

pub struct MoveRequest {
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
}

impl MoveRequest {
    pub fn read(body: &Object) -> Result<Self, Problem> {
        body.only(&["starts_at", "ends_at", "reason"])?;
        body.optional("reason", text(5, 140))?;
        Ok(Self {
            starts_at: body.required("starts_at", date_time)?,
            ends_at: body.required("ends_at", date_time)?,
        })
    }
}

pub struct CancelRequest {
    pub reason: Reason,
    pub notice_hours: i64,
    pub fee: Decimal,
}

impl CancelRequest {
    pub fn read(body: &Object) -> Result<Self, Problem> {
        body.only(&["reason", "notice_hours", "fee"])?;
        Ok(Self {
            reason: body.required("reason", one_of)?,
            notice_hours: body.required("notice_hours", integer(0, 720))?,
            fee: body.required("fee", price)?,
        })
    }
}
