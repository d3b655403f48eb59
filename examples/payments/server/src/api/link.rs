//! Requests to publish a payment link.

use jiff::Timestamp;
use rust_decimal::{Decimal, dec};

use super::order::Order;
use super::{money, money_or_zero};
use crate::choice;
use crate::json::{Node, Object, date_time, decimal, integer, one_of, uri};
use crate::problem::Problem;

choice!(TaxCategory { Standard = "standard", Reduced = "reduced", Books = "books" });

pub struct LinkRequest {
    pub order: Order,
    pub discount_percent: Decimal,
    pub net_amount: Decimal,
    pub tax_category: TaxCategory,
    pub tax_amount: Decimal,
    pub total: Decimal,
    pub starts_at: Timestamp,
    pub expires_at: Timestamp,
    pub reusable: bool,
    pub max_uses: Option<i64>,
}

impl LinkRequest {
    pub fn read(body: &Object) -> Result<Self, Problem> {
        body.optional("success_url", uri)?;
        Ok(Self {
            order: Order::read(body)?,
            discount_percent: body.or(
                "discount_percent",
                Decimal::ZERO,
                decimal(Decimal::ZERO, dec!(60), dec!(0.5)),
            )?,
            net_amount: body.required("net_amount", money_or_zero)?,
            tax_category: body.required("tax_category", one_of)?,
            tax_amount: body.required("tax_amount", money_or_zero)?,
            total: body.required("total", money)?,
            starts_at: body.required("starts_at", date_time)?,
            expires_at: body.required("expires_at", date_time)?,
            reusable: body.or("reusable", false, Node::boolean)?,
            max_uses: body.optional("max_uses", integer(2, 500))?,
        })
    }
}
