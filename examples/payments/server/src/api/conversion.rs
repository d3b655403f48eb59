//! Requests to quote and to convert between currencies.

use jiff::Timestamp;
use rust_decimal::{Decimal, dec};

use super::{CENT, Currency, money, rate};
use crate::json::{Object, date_time, decimal, one_of, pattern, uri};
use crate::problem::Problem;

pub struct QuoteRequest {
    pub source_amount: Decimal,
    pub target_amount: Decimal,
    pub rate: Decimal,
    pub markup_percent: Decimal,
    pub valid_from: Timestamp,
    pub valid_until: Timestamp,
}

impl QuoteRequest {
    pub fn read(body: &Object) -> Result<Self, Problem> {
        body.required("source_currency", one_of::<Currency>)?;
        body.required("target_currency", one_of::<Currency>)?;
        Ok(Self {
            source_amount: body.required("source_amount", money)?,
            target_amount: body.required("target_amount", decimal(CENT, dec!(50000000), CENT))?,
            rate: body.required("rate", rate)?,
            markup_percent: body.or(
                "markup_percent",
                Decimal::ZERO,
                decimal(Decimal::ZERO, dec!(6), dec!(0.05)),
            )?,
            valid_from: body.required("valid_from", date_time)?,
            valid_until: body.required("valid_until", date_time)?,
        })
    }
}

pub struct ConversionRequest {
    pub quote_id: String,
    pub amount: Decimal,
    pub executed_at: Timestamp,
    pub settles_at: Timestamp,
}

impl ConversionRequest {
    pub fn read(body: &Object) -> Result<Self, Problem> {
        body.optional("webhook_url", uri)?;
        Ok(Self {
            quote_id: body.required("quote_id", pattern("^quo_[0-9a-f]{32}$"))?,
            amount: body.required("amount", money)?,
            executed_at: body.required("executed_at", date_time)?,
            settles_at: body.required("settles_at", date_time)?,
        })
    }
}
