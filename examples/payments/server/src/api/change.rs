//! Requests to take something off a payment and to move it to another currency.

use rust_decimal::Decimal;

use super::{Currency, money, rate};
use crate::choice;
use crate::json::{Object, one_of};
use crate::problem::Problem;

choice!(
    DiscountReason {
        LateDelivery = "late_delivery",
        PriceMatch = "price_match",
        Goodwill = "goodwill",
    }
);

pub struct DiscountRequest {
    pub amount: Decimal,
}

impl DiscountRequest {
    pub fn read(body: &Object) -> Result<Self, Problem> {
        body.required("reason", one_of::<DiscountReason>)?;
        Ok(Self {
            amount: body.required("amount", money)?,
        })
    }
}

pub struct MoveRequest {
    pub currency: Currency,
}

impl MoveRequest {
    pub fn read(body: &Object) -> Result<Self, Problem> {
        body.required("rate", rate)?;
        Ok(Self {
            currency: body.required("currency", one_of)?,
        })
    }
}
