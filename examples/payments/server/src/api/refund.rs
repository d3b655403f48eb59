//! Requests to refund a payment.

use rust_decimal::{Decimal, dec};

use super::{CENT, Currency, SKU, money};
use crate::choice;
use crate::json::{Node, Object, date, decimal, integer, one_of, pattern};
use crate::problem::Problem;

choice!(
    Reason {
        Duplicate = "duplicate",
        Fraud = "fraud",
        GoodsReturned = "goods_returned",
        Goodwill = "goodwill",
    }
);

pub struct RefundRequest {
    pub amount: Decimal,
    pub currency: Currency,
    pub reason: Reason,
    pub restocking_fee: Decimal,
    /// What each returned line is worth.
    pub lines: Option<Vec<Decimal>>,
}

impl RefundRequest {
    pub fn read(body: &Object) -> Result<Self, Problem> {
        body.optional("requested_on", date)?;
        Ok(Self {
            amount: body.required("amount", money)?,
            currency: body.required("currency", one_of)?,
            reason: body.required("reason", one_of)?,
            restocking_fee: body.or(
                "restocking_fee",
                Decimal::ZERO,
                decimal(Decimal::ZERO, dec!(500), CENT),
            )?,
            lines: body.optional("lines", |lines| lines.list(1, 10, read_line))?,
        })
    }
}

fn read_line(node: &Node) -> Result<Decimal, Problem> {
    let line = node.object()?;
    line.required("sku", pattern(SKU))?;
    line.required("quantity", integer(1, 999))?;
    line.required("amount", money)
}
