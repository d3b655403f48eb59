//! Payment in installments.

use rust_decimal::{Decimal, dec};

use crate::api::order::LineKind;
use crate::api::payment::{Installments, Method, PaymentRequest, Tier};
use crate::faults::Fault::*;
use crate::faults::Faults;
use crate::problem::{Problem, rule};

pub fn check(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    let Some(installments) = &request.installments else {
        return Ok(());
    };
    by_card_or_pay_later(request, faults)?;
    within_tier(request, installments, faults)?;
    large_enough(request, installments, faults)?;
    start_after_order(request, installments, faults)?;
    no_gift_cards(request, faults)
}

fn by_card_or_pay_later(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    let holds = match request.method {
        Method::Card => true,
        Method::PayLater => !faults.on(PayLaterInstallmentsRefused),
        Method::Wallet => faults.on(WalletInstallments),
        Method::SepaDebit => false,
    };
    rule(
        "installments-for-card-and-pay-later",
        holds,
        "this method has no installments",
    )
}

fn within_tier(
    request: &PaymentRequest,
    installments: &Installments,
    faults: &Faults,
) -> Result<(), Problem> {
    let most = match request.tier() {
        Tier::Starter => 6,
        Tier::Growth if faults.on(GrowthInstallmentsLikeEnterprise) => 24,
        Tier::Growth => 12,
        Tier::Enterprise => 24,
    };
    rule(
        "installments-within-tier",
        installments.count <= most,
        "too many installments for the tier",
    )
}

fn large_enough(
    request: &PaymentRequest,
    installments: &Installments,
    faults: &Faults,
) -> Result<(), Problem> {
    let smallest = dec!(25);
    let amount = if faults.on(InstallmentMinimumWithoutShipping) {
        request.order.total_of_lines()
    } else {
        request.amount
    };
    let payments = Decimal::from(installments.count);
    let holds = if faults.on(InstallmentRoundedToWholeUnits) {
        (amount / payments).round() >= smallest
    } else if faults.on(InstallmentMinimumExclusive) {
        amount > smallest * payments
    } else {
        amount >= smallest * payments
    };
    rule(
        "installment-minimum",
        holds,
        "the installments are too small",
    )
}

fn start_after_order(
    request: &PaymentRequest,
    installments: &Installments,
    faults: &Faults,
) -> Result<(), Problem> {
    let ordered_on = request.order.order_date;
    let holds = if faults.on(InstallmentDueOnOrderDay) {
        installments.first_due_on >= ordered_on
    } else {
        installments.first_due_on > ordered_on
    };
    rule(
        "first-installment-after-order",
        holds,
        "the first installment is due too early",
    )
}

fn no_gift_cards(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    let mut kinds = request.order.lines.iter().map(|line| line.kind);
    let found = if faults.on(GiftCardOnFirstLineOnly) {
        kinds.next() == Some(LineKind::GiftCard)
    } else if faults.on(GiftCardsOnlyAmongThemselves) {
        kinds.all(|kind| kind == LineKind::GiftCard)
    } else {
        kinds.any(|kind| kind == LineKind::GiftCard)
    };
    rule(
        "no-gift-cards-in-installments",
        !found,
        "gift cards aren't paid in installments",
    )
}
