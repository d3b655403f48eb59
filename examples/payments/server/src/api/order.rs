//! What payments and payment links have in common: an order with its lines.

use jiff::civil::Date;
use rust_decimal::{Decimal, dec};

use super::{CENT, Currency, LARGEST_AMOUNT, SKU};
use crate::choice;
use crate::json::{Node, Object, date, decimal, integer, one_of, pattern, text};
use crate::problem::Problem;

choice!(LineKind { Goods = "goods", Service = "service", GiftCard = "gift_card" });

pub struct Order {
    pub reference: String,
    pub order_date: Date,
    pub currency: Currency,
    pub lines: Vec<Line>,
}

pub struct Line {
    pub kind: LineKind,
    pub quantity: i64,
    pub unit_price: Decimal,
    pub discount: Decimal,
    pub adjustable: Option<Range>,
}

/// How far the buyer may change a quantity.
pub struct Range {
    pub minimum: i64,
    pub maximum: i64,
}

impl Order {
    pub fn read(body: &Object) -> Result<Self, Problem> {
        let reference = body.required("reference", pattern("^[A-Z]+-[0-9]+$"))?;
        body.required("reference", text(4, 30))?;
        body.nullable("note", text(0, 140))?;
        Ok(Self {
            reference,
            order_date: body.required("order_date", date)?,
            currency: body.required("currency", one_of)?,
            lines: body.required("lines", |lines| lines.list(1, 10, Line::read))?,
        })
    }

    pub fn total_of_lines(&self) -> Decimal {
        self.lines.iter().map(Line::total).sum()
    }
}

impl Line {
    fn read(node: &Node) -> Result<Self, Problem> {
        let line = node.object()?;
        line.required("sku", pattern(SKU))?;
        line.optional("name", text(1, 60))?;
        Ok(Self {
            kind: line.or("kind", LineKind::Goods, one_of)?,
            quantity: line.required("quantity", integer(1, 999))?,
            unit_price: line.required("unit_price", decimal(CENT, dec!(25000), CENT))?,
            discount: line.or(
                "discount",
                Decimal::ZERO,
                decimal(Decimal::ZERO, LARGEST_AMOUNT, CENT),
            )?,
            adjustable: line.optional("adjustable", Range::read)?,
        })
    }

    /// Quantity times unit price, before the discount.
    pub fn price(&self) -> Decimal {
        Decimal::from(self.quantity) * self.unit_price
    }

    pub fn total(&self) -> Decimal {
        self.price() - self.discount
    }
}

impl Range {
    fn read(node: &Node) -> Result<Self, Problem> {
        let range = node.object()?;
        Ok(Self {
            minimum: range.required("minimum", integer(1, 999))?,
            maximum: range.required("maximum", integer(1, 999))?,
        })
    }
}
