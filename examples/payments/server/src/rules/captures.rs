//! What may be captured and voided, given what happened to the payment before.

use rust_decimal::Decimal;

use crate::api::payment::{CaptureRequest, VoidReason, VoidRequest};
use crate::faults::Fault::*;
use crate::faults::Faults;
use crate::problem::{Problem, rule, state_rule};
use crate::state::Payment;

pub fn check_capture(
    payment: &Payment,
    request: &CaptureRequest,
    faults: &Faults,
) -> Result<(), Problem> {
    within_authorised(payment, request, faults)?;
    in_payment_currency(payment, request, faults)?;
    let holds = !payment.closed || (request.is_final && faults.on(SecondFinalCapture));
    state_rule(
        "no-capture-after-final",
        holds,
        "the final capture was already made",
    )?;
    let holds = !payment.voided || faults.on(CaptureAfterVoid);
    state_rule("no-capture-after-void", holds, "the payment was voided")
}

fn within_authorised(
    payment: &Payment,
    request: &CaptureRequest,
    faults: &Faults,
) -> Result<(), Problem> {
    if faults.on(FinalCaptureUnlimited) && request.is_final {
        return Ok(());
    }
    let before = if faults.on(OnlyLastCaptureCounts) {
        payment.last_capture
    } else {
        payment.captured
    };
    let limit = payment.amount - counted_discounts(payment, faults);
    let holds = if faults.on(FullCaptureRefused) {
        before + request.amount < limit
    } else {
        before + request.amount <= limit
    };
    state_rule(
        "capture-within-authorised",
        holds,
        "captures exceed the authorised amount",
    )
}

fn counted_discounts(payment: &Payment, faults: &Faults) -> Decimal {
    if faults.on(CapturesIgnoreDiscounts) {
        Decimal::ZERO
    } else if faults.on(OnlyLastDiscountCounts) {
        payment.last_discount
    } else {
        payment.discounted
    }
}

fn in_payment_currency(
    payment: &Payment,
    request: &CaptureRequest,
    faults: &Faults,
) -> Result<(), Problem> {
    let settled = faults.on(CaptureInSettlementCurrency)
        && payment.settlement_currency == Some(request.currency);
    let holds = request.currency == payment.currency || settled;
    rule(
        "capture-in-payment-currency",
        holds,
        "the payment is in another currency",
    )
}

pub fn check_void(
    payment: &Payment,
    request: &VoidRequest,
    faults: &Faults,
) -> Result<(), Problem> {
    before_capture(payment, faults)?;
    let holds = !payment.voided || faults.on(VoidTwice);
    state_rule("void-once", holds, "the payment was already voided")?;
    let excused = faults.on(VoidNoteNotDemanded);
    let holds = request.reason != VoidReason::Other || request.has_note || excused;
    rule("void-other-has-note", holds, "another reason needs a note")
}

fn before_capture(payment: &Payment, faults: &Faults) -> Result<(), Problem> {
    let holds = if faults.on(VoidAfterPartialCapture) {
        payment.captured < payment.amount
    } else {
        payment.captured.is_zero()
    };
    state_rule(
        "void-before-capture",
        holds,
        "the payment was captured already",
    )
}
