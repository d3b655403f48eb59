//! Requests for a series of bookings.

use jiff::civil::Date;

use super::{Weekday, room_id, title, year};
use crate::json::{Node, Object, date, integer, one_of};
use crate::problem::Problem;

pub struct SeriesRequest {
    pub room_id: String,
    pub first_on: Date,
    pub every_weeks: i64,
    pub weekdays: Vec<Weekday>,
    pub budget_year: i64,
    pub until: Option<Date>,
    pub count: Option<i64>,
}

impl SeriesRequest {
    pub fn read(body: &Object) -> Result<Self, Problem> {
        body.only(&[
            "room_id",
            "title",
            "first_on",
            "every_weeks",
            "weekdays",
            "budget_year",
            "until",
            "count",
            "except_on",
        ])?;
        body.required("title", title)?;
        body.optional("except_on", |days| days.list(0, 6, date))?;
        Ok(Self {
            room_id: body.required("room_id", room_id)?,
            first_on: body.required("first_on", date)?,
            every_weeks: body.required("every_weeks", integer(1, 8))?,
            weekdays: body.required("weekdays", read_weekdays)?,
            budget_year: body.required("budget_year", year)?,
            until: body.optional("until", date)?,
            count: body.optional("count", integer(2, 104))?,
        })
    }
}

fn read_weekdays(node: &Node) -> Result<Vec<Weekday>, Problem> {
    let days = node.list(1, 7, one_of)?;
    node.distinct(&days)?;
    Ok(days)
}
