//! What may be refunded, given what was captured and refunded before.

use rust_decimal::Decimal;

use crate::api::refund::{Reason, RefundRequest};
use crate::faults::Fault::*;
use crate::faults::Faults;
use crate::problem::{Problem, rule, state_rule};
use crate::state::Payment;

pub fn check(payment: &Payment, request: &RefundRequest, faults: &Faults) -> Result<(), Problem> {
    within_captured(payment, request, faults)?;
    in_payment_currency(payment, request, faults)?;
    fraud_returns_the_rest(payment, request, faults)?;
    lines_add_up(request, faults)?;
    let listed = request.lines.is_some() || faults.on(ReturnsNeedNoLines);
    let holds = request.reason != Reason::GoodsReturned || listed;
    rule(
        "returned-goods-are-listed",
        holds,
        "the returned lines aren't listed",
    )
}

fn within_captured(
    payment: &Payment,
    request: &RefundRequest,
    faults: &Faults,
) -> Result<(), Problem> {
    let before = if faults.on(EarlierRefundsIgnored) {
        Decimal::ZERO
    } else {
        payment.refunded
    };
    let limit = if faults.on(RefundUpToAuthorised) {
        payment.amount
    } else {
        payment.captured
    };
    let holds = if faults.on(LastCentNotRefundable) {
        before + request.amount < limit
    } else {
        before + request.amount <= limit
    };
    state_rule(
        "refund-within-captured",
        holds,
        "refunds exceed what was captured",
    )
}

fn in_payment_currency(
    payment: &Payment,
    request: &RefundRequest,
    faults: &Faults,
) -> Result<(), Problem> {
    if faults.on(RefundCurrencyUncheckedForFullRefund) && request.amount == payment.captured {
        return Ok(());
    }
    let holds = request.currency == payment.currency;
    rule(
        "refund-in-payment-currency",
        holds,
        "the payment is in another currency",
    )
}

fn fraud_returns_the_rest(
    payment: &Payment,
    request: &RefundRequest,
    faults: &Faults,
) -> Result<(), Problem> {
    if request.reason != Reason::Fraud || faults.on(FraudRefundMayBePartial) {
        return Ok(());
    }
    let rest = if faults.on(FraudRefundOfAllThatWasCaptured) {
        payment.captured
    } else {
        payment.captured - payment.refunded
    };
    rule(
        "fraud-refund-returns-the-rest",
        request.amount == rest,
        "a fraud refund returns all that is left",
    )
}

fn lines_add_up(request: &RefundRequest, faults: &Faults) -> Result<(), Problem> {
    let Some(lines) = &request.lines else {
        return Ok(());
    };
    let counted = if faults.on(RefundCountsFirstLineOnly) {
        1
    } else {
        lines.len()
    };
    let lines: Decimal = lines.iter().take(counted).sum();
    let holds = if faults.on(RestockingFeeForgotten) {
        request.amount == lines
    } else {
        request.amount == lines - request.restocking_fee
    };
    rule(
        "refund-lines-add-up",
        holds,
        "the amount isn't the lines less the restocking fee",
    )
}
