//! Mistakes about meals and cancellation policies.

use super::{Fault, Wrong};
use crate::rules::catering::*;

pub const FAULTS: &[Fault] = &[
    Fault {
        name: "portions-final-two-days-before-the-first-meal",
        rule: "caterer-has-two-days",
        about: "wants all portions two days before the first meal",
        wrong: Wrong::Booking(|new| {
            meals(new).first().is_none_or(|first| {
                meals(new)
                    .iter()
                    .all(|meal| is_final_for(meal, first.served_at))
            })
        }),
    },
    Fault {
        name: "meals-to-the-minute",
        rule: "kitchen-serves-on-the-quarter",
        about: "looks at the minute only",
        wrong: Wrong::Booking(|new| meals(new).iter().all(|meal| is_quarter(meal.served_at))),
    },
    Fault {
        name: "meals-in-any-order",
        rule: "meals-in-order",
        about: "doesn't compare meals with each other",
        wrong: Wrong::Booking(|new| are_served_by(new, |at, ends| at < ends)),
    },
    Fault {
        name: "meal-at-the-end",
        rule: "meals-in-order",
        about: "accepts a meal at the end of the booking",
        wrong: Wrong::Booking(|new| are_sorted(new) && are_served_by(new, |at, ends| at <= ends)),
    },
    Fault {
        name: "diets-counted-once-each",
        rule: "diets-within-portions",
        about: "compares the diets one by one",
        wrong: Wrong::Booking(|new| {
            meals(new)
                .iter()
                .all(|meal| meal.diets.iter().all(|diet| *diet <= meal.portions))
        }),
    },
    Fault {
        name: "steps-compared-with-the-first",
        rule: "later-cancellation-costs-more",
        about: "compares each step with the first one",
        wrong: Wrong::Booking(|new| {
            new.request.cancellation.first().is_none_or(|first| {
                steps(new)
                    .all(|(_, next)| is_later(first, next) && next.fee_percent > first.fee_percent)
            })
        }),
    },
    Fault {
        name: "same-share-again",
        rule: "later-cancellation-costs-more",
        about: "accepts a step that costs as much as the one before",
        wrong: Wrong::Booking(|new| {
            steps(new).all(|(one, next)| is_later(one, next) && next.fee_percent >= one.fee_percent)
        }),
    },
];
