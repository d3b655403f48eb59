//! Meals, and what is kept of the price when a booking is given up.

use jiff::{SignedDuration, Timestamp, tz};

use super::{NewBooking, Rule};
use crate::api::booking::{CancellationStep, Meal};

pub const RULES: &[Rule<NewBooking>] = &[
    Rule::new(
        "caterer-has-two-days",
        "the portions of a meal aren't final two days before",
        caterer_has_two_days,
    ),
    Rule::new(
        "kitchen-serves-on-the-quarter",
        "a meal isn't served on a quarter of an hour",
        kitchen_serves_on_the_quarter,
    ),
    Rule::new(
        "diets-within-portions",
        "there are more portions for diets than portions",
        diets_within_portions,
    ),
    Rule::new(
        "meals-in-order",
        "the meals aren't in order, or not while the booking lasts",
        meals_in_order,
    ),
    Rule::new(
        "later-cancellation-costs-more",
        "a later step of the cancellation policy doesn't cost more",
        later_cancellation_costs_more,
    ),
];

pub fn meals(new: &NewBooking) -> &[Meal] {
    new.request.meals.as_deref().unwrap_or_default()
}

fn caterer_has_two_days(new: &NewBooking) -> bool {
    meals(new)
        .iter()
        .all(|meal| is_final_for(meal, meal.served_at))
}

/// Whether the portions are final two days before this moment.
pub fn is_final_for(meal: &Meal, served_at: Timestamp) -> bool {
    meal.final_at <= served_at - SignedDuration::from_hours(48)
}

fn kitchen_serves_on_the_quarter(new: &NewBooking) -> bool {
    meals(new)
        .iter()
        .all(|meal| is_quarter(meal.served_at) && is_whole_minute(meal.served_at))
}

pub fn is_quarter(at: Timestamp) -> bool {
    tz::Offset::UTC.to_datetime(at).minute() % 15 == 0
}

/// Down to the millisecond: what is smaller isn't looked at.
fn is_whole_minute(at: Timestamp) -> bool {
    let at = tz::Offset::UTC.to_datetime(at);
    at.second() == 0 && at.millisecond() == 0
}

fn diets_within_portions(new: &NewBooking) -> bool {
    meals(new)
        .iter()
        .all(|meal| meal.diets.iter().sum::<i64>() <= meal.portions)
}

fn meals_in_order(new: &NewBooking) -> bool {
    are_sorted(new) && are_served_by(new, |at, ends| at < ends)
}

pub fn are_sorted(new: &NewBooking) -> bool {
    meals(new).is_sorted_by_key(|meal| meal.served_at)
}

/// Whether all meals are served after the start and in time for the end.
pub fn are_served_by(new: &NewBooking, in_time: fn(Timestamp, Timestamp) -> bool) -> bool {
    let request = &new.request;
    meals(new)
        .iter()
        .all(|meal| request.starts_at <= meal.served_at && in_time(meal.served_at, request.ends_at))
}

fn later_cancellation_costs_more(new: &NewBooking) -> bool {
    steps(new).all(|(one, next)| is_later(one, next) && next.fee_percent > one.fee_percent)
}

/// Each step of the cancellation policy with the next one.
pub fn steps(new: &NewBooking) -> impl Iterator<Item = (&CancellationStep, &CancellationStep)> {
    let steps = &new.request.cancellation;
    steps.iter().zip(steps.iter().skip(1))
}

pub fn is_later(one: &CancellationStep, next: &CancellationStep) -> bool {
    next.hours_before < one.hours_before
}
