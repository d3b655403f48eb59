//! What a payment's amounts have to do with each other.

use rust_decimal::{Decimal, RoundingStrategy, dec};

use crate::api::order::{Line, LineKind};
use crate::api::payment::{PaymentRequest, SplitKind, Tier};
use crate::api::{Currency, cents};
use crate::faults::Fault::*;
use crate::faults::Faults;
use crate::problem::{Problem, rule};

pub fn check(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    amount_matches_lines(request, faults)?;
    line_discounts(request, faults)?;
    yen_has_no_decimals(request, faults)?;
    fee_within_tier_share(request, faults)?;
    splits_share_out_the_amount(request, faults)?;
    split_pays_a_seller(request, faults)?;
    rate_with_settlement_currency(request, faults)
}

fn amount_matches_lines(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    let counted =
        |line: &&Line| line.kind != LineKind::Service || !faults.on(TotalSkipsServiceLines);
    let cost = |line: &Line| {
        if faults.on(TotalIgnoresLineDiscounts) {
            line.price()
        } else {
            line.total()
        }
    };
    let lines: Decimal = request.order.lines.iter().filter(counted).map(cost).sum();
    let shipping = if faults.on(TotalForgetsShipping) {
        Decimal::ZERO
    } else {
        request.shipping_cost
    };
    let total = lines + shipping;
    let holds = if faults.on(TotalCheckedForUnderpaymentOnly) {
        request.amount >= total
    } else {
        request.amount == total
    };
    rule(
        "payment-amount-matches-lines",
        holds,
        "the amount isn't the total of the lines and shipping",
    )
}

fn line_discounts(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    let below_price = |line: &Line| {
        if faults.on(DiscountAgainstUnitPrice) {
            line.discount < line.unit_price
        } else if faults.on(DiscountUpToWholePrice) {
            line.discount <= line.price()
        } else {
            line.discount < line.price()
        }
    };
    let lines = &request.order.lines;
    let checked = if faults.on(DiscountOfFirstLineOnly) {
        1
    } else {
        lines.len()
    };
    let holds = lines.iter().take(checked).all(below_price);
    rule(
        "line-discount-below-line-price",
        holds,
        "a line's discount isn't below its price",
    )
}

fn yen_has_no_decimals(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    if request.order.currency != Currency::Jpy {
        return Ok(());
    }
    let whole = if faults.on(YenChecksTheFee) {
        request.platform_fee.fract().is_zero()
    } else {
        request.amount.fract().is_zero()
    };
    rule(
        "yen-has-no-decimals",
        whole,
        "an amount in yen has no decimals",
    )
}

fn fee_within_tier_share(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    if faults.on(FeeUncheckedWithoutTier) && request.tier_sent.is_none() {
        return Ok(());
    }
    let share = match request.tier() {
        Tier::Starter => dec!(0.05),
        Tier::Growth if faults.on(GrowthFeeAtStarterShare) => dec!(0.05),
        Tier::Growth => dec!(0.035),
        Tier::Enterprise => dec!(0.02),
    };
    let exact = request.amount * share;
    let cap = if faults.on(FeeCapRoundsDown) {
        exact.round_dp_with_strategy(2, RoundingStrategy::ToZero)
    } else {
        cents(exact)
    };
    let holds = request.platform_fee <= cap;
    rule(
        "fee-within-tier-share",
        holds,
        "the platform fee is above the tier's share of the amount",
    )
}

fn splits_share_out_the_amount(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    let Some(splits) = &request.splits else {
        return Ok(());
    };
    let shared: Decimal = splits.iter().map(|split| split.amount).sum();
    let to_share = if faults.on(SplitsForgetThePlatformFee) {
        request.amount
    } else {
        request.amount - request.platform_fee
    };
    let holds = if faults.on(SplitsMayStayBelow) {
        shared <= to_share
    } else {
        shared == to_share
    };
    rule(
        "splits-share-out-the-amount",
        holds,
        "the splits don't add up to the amount less the fee",
    )
}

fn split_pays_a_seller(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    let Some(splits) = &request.splits else {
        return Ok(());
    };
    let looked_at = if faults.on(SellerMustComeFirst) {
        1
    } else {
        splits.len()
    };
    let holds = splits.iter().take(looked_at).any(|split| match split.kind {
        SplitKind::Seller => true,
        SplitKind::Commission => faults.on(CommissionCountsAsSeller),
        SplitKind::Tax => false,
    });
    rule(
        "split-pays-a-seller",
        holds,
        "none of the splits goes to a seller",
    )
}

fn rate_with_settlement_currency(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    let currency = request.settlement_currency.is_some();
    let rate = request.conversion_rate.is_some();
    let holds = if faults.on(RateWithoutSettlementCurrency) {
        rate || !currency
    } else {
        rate == currency
    };
    rule(
        "rate-with-settlement-currency",
        holds,
        "settlement currency and conversion rate come together",
    )
}
