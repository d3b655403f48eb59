//! What the server remembers: payments and quotes, in memory.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::Currency;
use crate::api::change::{DiscountRequest, MoveRequest};
use crate::api::conversion::{ConversionRequest, QuoteRequest};
use crate::api::payment::{CaptureMode, CaptureRequest, ListQuery, PaymentRequest, Status};
use crate::api::refund::RefundRequest;
use crate::faults::{Fault, Faults};
use crate::keys::Keys;
use crate::problem::Problem;

#[derive(Default)]
pub struct Store {
    payments: BTreeMap<String, Payment>,
    quotes: BTreeMap<String, Quote>,
    pub payment_keys: Keys,
    pub refund_keys: Keys,
}

pub struct Payment {
    pub reference: String,
    pub order_date: Date,
    pub amount: Decimal,
    pub currency: Currency,
    pub settlement_currency: Option<Currency>,
    pub captured: Decimal,
    /// The latest capture alone.
    pub last_capture: Decimal,
    pub refunded: Decimal,
    pub discounted: Decimal,
    /// The latest discount alone.
    pub last_discount: Decimal,
    /// Whether it was moved to another currency.
    pub converted: bool,
    pub closed: bool,
    pub voided: bool,
}

pub struct Quote {
    pub source_amount: Decimal,
    pub valid_from: Timestamp,
    pub valid_until: Timestamp,
    pub converted: Decimal,
}

/// A fresh id that can't be guessed.
pub fn new_id(prefix: &str) -> String {
    format!("{prefix}_{}", Uuid::new_v4().simple())
}

fn no_such_payment() -> Problem {
    Problem::not_found("there is no such payment")
}

fn no_such_quote() -> Problem {
    Problem {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        code: "quote_not_found",
        message: "there is no such quote".to_owned(),
    }
}

impl Store {
    pub fn add_payment(&mut self, request: &PaymentRequest, faults: &Faults) -> (String, &Payment) {
        let id = new_id("pay");
        let payment = Payment::new(request, faults);
        (id.clone(), self.payments.entry(id).or_insert(payment))
    }

    pub fn payment(&mut self, id: &str) -> Result<&mut Payment, Problem> {
        self.payments.get_mut(id).ok_or_else(no_such_payment)
    }

    pub fn void_all(&mut self) {
        self.payments
            .values_mut()
            .for_each(|payment| payment.voided = true);
    }

    /// The discounts of all payments together.
    pub fn discounts(&self) -> Decimal {
        self.payments
            .values()
            .map(|payment| payment.discounted)
            .sum()
    }

    pub fn list(&self, query: &ListQuery) -> Vec<Value> {
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let matching = self
            .payments
            .iter()
            .filter(|(_, payment)| payment.matches(query));
        matching
            .take(limit)
            .map(|(id, payment)| payment.view(id))
            .collect()
    }

    pub fn add_quote(&mut self, request: &QuoteRequest) -> String {
        let id = new_id("quo");
        let quote = Quote {
            source_amount: request.source_amount,
            valid_from: request.valid_from,
            valid_until: request.valid_until,
            converted: Decimal::ZERO,
        };
        self.quotes.insert(id.clone(), quote);
        id
    }

    pub fn quote(&mut self, id: &str) -> Result<&mut Quote, Problem> {
        self.quotes.get_mut(id).ok_or_else(no_such_quote)
    }
}

impl Payment {
    fn new(request: &PaymentRequest, faults: &Faults) -> Self {
        let automatic = request.capture.mode == CaptureMode::Automatic
            && !faults.on(Fault::AutomaticCaptureNotCounted);
        Self {
            reference: request.order.reference.clone(),
            order_date: request.order.order_date,
            amount: request.amount,
            currency: request.order.currency,
            settlement_currency: request.settlement_currency,
            captured: if automatic {
                request.amount
            } else {
                Decimal::ZERO
            },
            last_capture: if automatic {
                request.amount
            } else {
                Decimal::ZERO
            },
            refunded: Decimal::ZERO,
            discounted: Decimal::ZERO,
            last_discount: Decimal::ZERO,
            converted: false,
            closed: false,
            voided: false,
        }
    }

    pub fn capture(&mut self, request: &CaptureRequest, faults: &Faults) {
        if request.is_final || !faults.on(Fault::PartialCaptureNotRecorded) {
            self.captured += request.amount;
        }
        self.last_capture = request.amount;
        self.closed = if faults.on(Fault::FinalOnlyWhenAllIsCaptured) {
            request.is_final && self.captured == self.amount
        } else {
            request.is_final || faults.on(Fault::EveryCaptureIsFinal)
        };
    }

    pub fn refund(&mut self, request: &RefundRequest) {
        self.refunded += request.amount;
    }

    pub fn discount(&mut self, request: &DiscountRequest) {
        self.discounted += request.amount;
        self.last_discount = request.amount;
    }

    pub fn move_to(&mut self, request: &MoveRequest, faults: &Faults) {
        self.converted = true;
        if !faults.on(Fault::ConversionKeepsCurrency) {
            self.currency = request.currency;
        }
        if faults.on(Fault::ConversionForgetsDiscounts) {
            self.discounted = Decimal::ZERO;
        }
    }

    pub fn status(&self) -> Status {
        if self.voided {
            Status::Voided
        } else if self.captured > Decimal::ZERO {
            Status::Captured
        } else {
            Status::Authorized
        }
    }

    fn matches(&self, query: &ListQuery) -> bool {
        query
            .created_from
            .is_none_or(|from| self.order_date >= from)
            && query.created_to.is_none_or(|to| self.order_date <= to)
            && query.min_amount.is_none_or(|least| self.amount >= least)
            && query.max_amount.is_none_or(|most| self.amount <= most)
            && query
                .currency
                .is_none_or(|currency| self.currency == currency)
            && query.status.is_none_or(|status| self.status() == status)
    }

    pub fn view(&self, id: &str) -> Value {
        let status = match self.status() {
            Status::Authorized => "authorized",
            Status::Captured => "captured",
            Status::Voided => "voided",
        };
        json!({
            "id": id,
            "reference": self.reference,
            "order_date": self.order_date.to_string(),
            "amount": number(self.amount),
            "currency": self.currency.code(),
            "captured": number(self.captured),
            "refunded": number(self.refunded),
            "status": status,
        })
    }
}

/// Amounts have at most eight digits here, which a JSON number prints exactly.
fn number(amount: Decimal) -> Value {
    amount.to_f64().map_or(Value::Null, Value::from)
}

impl Quote {
    pub fn convert(&mut self, request: &ConversionRequest) {
        self.converted += request.amount;
    }
}
