//! What may be taken off a payment, and when it may move to another currency.

use rust_decimal::{Decimal, dec};

use crate::api::change::DiscountRequest;
use crate::faults::Fault::*;
use crate::faults::Faults;
use crate::problem::{Problem, state_rule};
use crate::state::Payment;

/// `of_all`: the discounts of all payments together.
pub fn check_discount(
    payment: &Payment,
    of_all: Decimal,
    request: &DiscountRequest,
    faults: &Faults,
) -> Result<(), Problem> {
    at_most_a_fifth(payment, of_all, request, faults)?;
    let holds = payment.captured.is_zero() || faults.on(DiscountAfterCapture);
    let id = "no-discount-after-capture";
    state_rule(id, holds, "the payment was captured already")?;
    let holds = !payment.converted || faults.on(DiscountAfterConversion);
    let id = "no-discount-after-conversion";
    state_rule(id, holds, "the payment was moved to another currency")?;
    let holds = !payment.voided || faults.on(DiscountAfterVoid);
    state_rule("no-discount-after-void", holds, "the payment was voided")
}

fn at_most_a_fifth(
    payment: &Payment,
    of_all: Decimal,
    request: &DiscountRequest,
    faults: &Faults,
) -> Result<(), Problem> {
    let before = if faults.on(DiscountsComparedAlone) {
        Decimal::ZERO
    } else if faults.on(DiscountsOfOthersCounted) {
        of_all
    } else {
        payment.discounted
    };
    let fifth = payment.amount * dec!(0.2);
    let holds = if faults.on(WholeFifthRefused) {
        before + request.amount < fifth
    } else {
        before + request.amount <= fifth
    };
    state_rule(
        "discounts-at-most-a-fifth",
        holds,
        "discounts exceed a fifth of the amount",
    )
}

pub fn check_move(payment: &Payment, faults: &Faults) -> Result<(), Problem> {
    let holds = !payment.converted || faults.on(ConvertedTwice);
    state_rule("convert-once", holds, "the payment was already moved")?;
    let holds = payment.captured.is_zero() || faults.on(ConversionAfterCapture);
    let id = "no-conversion-after-capture";
    state_rule(id, holds, "the payment was captured already")?;
    let holds = !payment.voided || faults.on(ConversionAfterVoid);
    state_rule("no-conversion-after-void", holds, "the payment was voided")
}
