//! Requests to add a room.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::{Layout, Weekday, count, price};
use crate::choice;
use crate::json::{Choice, Node, Object, integer, one_of, text};
use crate::problem::Problem;

choice!(Zone { Berlin = "Europe/Berlin", Singapore = "Asia/Singapore" });
choice!(
    Feature {
        Projector = "projector",
        Stage = "stage",
        Whiteboard = "whiteboard",
        Kitchen = "kitchen",
        Daylight = "daylight",
    }
);

pub struct RoomRequest {
    pub zone: TimeZone,
    pub capacity: i64,
    /// Seats by layout.
    pub layouts: BTreeMap<Layout, i64>,
    /// The weekdays of each entry of the opening hours.
    pub opening_days: Vec<Vec<Weekday>>,
}

impl RoomRequest {
    pub fn read(body: &Object) -> Result<Self, Problem> {
        body.only(&[
            "name",
            "zone",
            "capacity",
            "layouts",
            "opening_hours",
            "features",
            "day_rate",
        ])?;
        body.required("name", text(2, 40))?;
        body.required("day_rate", price)?;
        body.optional("features", read_features)?;
        Ok(Self {
            zone: body.required("zone", read_zone)?,
            capacity: body.required("capacity", count(2))?,
            layouts: body.required("layouts", read_layouts)?,
            opening_days: body
                .required("opening_hours", |node| node.list(1, 4, read_opening_days))?,
        })
    }
}

fn read_zone(node: &Node) -> Result<TimeZone, Problem> {
    one_of::<Zone>(node)?;
    let name = node.string()?;
    TimeZone::get(&name).map_err(|_| Problem::invalid(format!("{name} isn't a time zone")))
}

fn read_layouts(node: &Node) -> Result<BTreeMap<Layout, i64>, Problem> {
    let layouts = node.object()?;
    let names: Vec<&str> = Layout::ALL.iter().map(|(name, _)| *name).collect();
    layouts.only(&names)?;
    let mut seats = BTreeMap::new();
    for (name, layout) in Layout::ALL {
        if let Some(number) = layouts.optional(name, count(2))? {
            seats.insert(*layout, number);
        }
    }
    if seats.is_empty() {
        return Err(Problem::invalid("body.layouts is empty".to_owned()));
    }
    Ok(seats)
}

fn read_opening_days(node: &Node) -> Result<Vec<Weekday>, Problem> {
    let entry = node.object()?;
    entry.only(&["days", "opens", "closes"])?;
    entry.required("opens", integer(0, 23))?;
    entry.required("closes", integer(1, 24))?;
    entry.required("days", |days| days.list(1, 7, one_of))
}

fn read_features(node: &Node) -> Result<(), Problem> {
    let features = node.list(0, 5, one_of::<Feature>)?;
    node.distinct(&features)
}
