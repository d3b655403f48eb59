//! Requests to book a room.

use jiff::Timestamp;
use rust_decimal::{Decimal, dec};

use super::{Layout, address, count, price, room_id, title, year};
use crate::choice;
use crate::json::{Node, Object, date_time, decimal, integer, one_of, pattern};
use crate::problem::Problem;

choice!(Role { Host = "host", Speaker = "speaker", Guest = "guest" });
choice!(Presence { Onsite = "onsite", Remote = "remote" });

pub struct BookingRequest {
    pub room_id: String,
    pub layout: Layout,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// As sent; see [`BookingRequest::setup_minutes`].
    pub setup_minutes_sent: Option<i64>,
    pub breaks: Vec<Break>,
    pub attendees: Vec<Attendee>,
    /// None without catering.
    pub meals: Option<Vec<Meal>>,
    pub has_weekend_approval: bool,
    pub cancellation: Vec<CancellationStep>,
    pub price: Decimal,
}

pub struct Break {
    pub from: Timestamp,
    pub until: Timestamp,
}

pub struct Attendee {
    pub role: Role,
    pub presence: Presence,
}

pub struct Meal {
    pub served_at: Timestamp,
    pub final_at: Timestamp,
    pub portions: i64,
    /// The portions of each diet.
    pub diets: Vec<i64>,
}

pub struct CancellationStep {
    pub hours_before: i64,
    pub fee_percent: i64,
}

impl BookingRequest {
    pub fn read(body: &Object) -> Result<Self, Problem> {
        body.only(&[
            "room_id",
            "title",
            "layout",
            "starts_at",
            "ends_at",
            "setup_minutes",
            "breaks",
            "attendees",
            "catering",
            "equipment",
            "meeting_link",
            "weekend_approval",
            "purchase_order",
            "cancellation",
            "price",
        ])?;
        read_extras(body)?;
        let approval = body.optional("weekend_approval", pattern("^WE-[0-9]{4}$"))?;
        Ok(Self {
            room_id: body.required("room_id", room_id)?,
            layout: body.required("layout", one_of)?,
            starts_at: body.required("starts_at", date_time)?,
            ends_at: body.required("ends_at", date_time)?,
            setup_minutes_sent: body.optional("setup_minutes", read_setup)?,
            breaks: body.or("breaks", Vec::new(), |node| node.list(0, 3, Break::read))?,
            attendees: body.required("attendees", |node| node.list(1, 60, Attendee::read))?,
            meals: body.optional("catering", read_catering)?,
            has_weekend_approval: approval.is_some(),
            cancellation: body.or("cancellation", Vec::new(), |node| {
                node.list(1, 4, CancellationStep::read)
            })?,
            price: body.required("price", price)?,
        })
    }

    /// How long before the start the room is arranged: not at all, where nothing is sent.
    pub fn setup_minutes(&self) -> i64 {
        self.setup_minutes_sent.unwrap_or(0)
    }
}

/// What no rule looks at.
fn read_extras(body: &Object) -> Result<(), Problem> {
    body.required("title", title)?;
    let link = r"^https://meet\.quayside\.example/[a-z0-9-]{3,30}$";
    body.optional("meeting_link", pattern(link))?;
    body.optional("purchase_order", |node| {
        let order = node.object()?;
        order.only(&["number", "year"])?;
        order.required("number", integer(10_000, 99_999))?;
        order.required("year", year)
    })?;
    body.optional("equipment", |node| {
        let equipment = node.object()?;
        equipment.only(&[
            "microphones",
            "sound_system",
            "video_conference",
            "flip_charts",
        ])?;
        equipment.optional("microphones", integer(1, 12))?;
        equipment.optional("sound_system", integer(1, 1))?;
        equipment.optional("video_conference", integer(1, 1))?;
        equipment.optional("flip_charts", integer(1, 8))
    })?;
    Ok(())
}

fn read_setup(node: &Node) -> Result<i64, Problem> {
    let minutes = integer(0, 60)(node)?;
    if [0, 15, 30, 60].contains(&minutes) {
        Ok(minutes)
    } else {
        let message = "body.setup_minutes isn't 0, 15, 30 or 60".to_owned();
        Err(Problem::invalid(message))
    }
}

impl Break {
    fn read(node: &Node) -> Result<Self, Problem> {
        let pause = node.object()?;
        pause.only(&["from", "until"])?;
        Ok(Self {
            from: pause.required("from", date_time)?,
            until: pause.required("until", date_time)?,
        })
    }
}

impl Attendee {
    fn read(node: &Node) -> Result<Self, Problem> {
        let attendee = node.object()?;
        attendee.only(&["email", "role", "presence"])?;
        attendee.required("email", address)?;
        Ok(Self {
            role: attendee.required("role", one_of)?,
            presence: attendee.required("presence", one_of)?,
        })
    }
}

fn read_catering(node: &Node) -> Result<Vec<Meal>, Problem> {
    let catering = node.object()?;
    catering.only(&["contact", "budget", "meals"])?;
    catering.required("contact", address)?;
    catering.optional("budget", price)?;
    catering.required("meals", |meals| meals.list(1, 4, Meal::read))
}

impl Meal {
    fn read(node: &Node) -> Result<Self, Problem> {
        let meal = node.object()?;
        meal.only(&[
            "served_at",
            "final_at",
            "portions",
            "portion_price",
            "diets",
        ])?;
        meal.required("portion_price", decimal(dec!(0.5), dec!(150), dec!(0.01)))?;
        Ok(Self {
            served_at: meal.required("served_at", date_time)?,
            final_at: meal.required("final_at", date_time)?,
            portions: meal.required("portions", count(1))?,
            diets: meal.or("diets", Vec::new(), read_diets)?,
        })
    }
}

fn read_diets(node: &Node) -> Result<Vec<i64>, Problem> {
    const DIETS: [&str; 5] = ["vegetarian", "vegan", "halal", "kosher", "gluten_free"];
    let diets = node.object()?;
    diets.only(&DIETS)?;
    let portions = DIETS
        .iter()
        .filter_map(|diet| diets.optional(diet, count(1)).transpose());
    portions.collect()
}

impl CancellationStep {
    fn read(node: &Node) -> Result<Self, Problem> {
        let step = node.object()?;
        step.only(&["hours_before", "fee_percent"])?;
        Ok(Self {
            hours_before: step.required("hours_before", integer(0, 720))?,
            fee_percent: step.required("fee_percent", integer(5, 100))?,
        })
    }
}
