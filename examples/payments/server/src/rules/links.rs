//! Amounts, validity and quantities of payment links.

use jiff::SignedDuration;
use rust_decimal::{Decimal, RoundingStrategy, dec};

use crate::api::cents;
use crate::api::link::{LinkRequest, TaxCategory};
use crate::api::order::{Line, Range};
use crate::faults::Fault::*;
use crate::faults::Faults;
use crate::problem::{Problem, rule};

pub fn check(request: &LinkRequest, faults: &Faults) -> Result<(), Problem> {
    net_is_discounted_lines(request, faults)?;
    tax_on_net(request, faults)?;
    total_is_net_and_tax(request, faults)?;
    open_at_most_30_days(request, faults)?;
    let allowed = request.reusable || faults.on(MaxUsesOfSingleUseLink);
    let holds = request.max_uses.is_none() || allowed;
    rule(
        "max-uses-for-reusable-links",
        holds,
        "only reusable links limit their uses",
    )?;
    quantities_within_range(request, faults)
}

fn net_is_discounted_lines(request: &LinkRequest, faults: &Faults) -> Result<(), Problem> {
    let kept = dec!(100) - request.discount_percent;
    let exact = if faults.on(OrderDiscountOnListPrices) {
        let lines = &request.order.lines;
        let prices: Decimal = lines.iter().map(Line::price).sum();
        let discounts: Decimal = lines.iter().map(|line| line.discount).sum();
        prices * kept / dec!(100) - discounts
    } else {
        request.order.total_of_lines() * kept / dec!(100)
    };
    let net = if faults.on(HalfCentsGoToEven) {
        exact.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven)
    } else {
        cents(exact)
    };
    rule(
        "link-net-is-discounted-lines",
        request.net_amount == net,
        "the net amount is wrong",
    )
}

fn tax_on_net(request: &LinkRequest, faults: &Faults) -> Result<(), Problem> {
    let tax_rate = match request.tax_category {
        TaxCategory::Standard => dec!(0.21),
        TaxCategory::Reduced => dec!(0.09),
        TaxCategory::Books if faults.on(BooksTaxedAsReduced) => dec!(0.09),
        TaxCategory::Books => dec!(0.055),
    };
    let base = if faults.on(TaxBeforeOrderDiscount) {
        request.order.total_of_lines()
    } else {
        request.net_amount
    };
    let holds = request.tax_amount == cents(base * tax_rate);
    rule("link-tax-on-net", holds, "the tax amount is wrong")
}

fn total_is_net_and_tax(request: &LinkRequest, faults: &Faults) -> Result<(), Problem> {
    let difference = request.total - (request.net_amount + request.tax_amount);
    let tolerance = if faults.on(LinkTotalOffByACent) {
        dec!(0.01)
    } else {
        Decimal::ZERO
    };
    rule(
        "link-total-is-net-and-tax",
        difference.abs() <= tolerance,
        "the total isn't net plus tax",
    )
}

fn open_at_most_30_days(request: &LinkRequest, faults: &Faults) -> Result<(), Problem> {
    let open = request.expires_at.duration_since(request.starts_at);
    let days = if faults.on(LinkOpenForALongMonth) {
        31
    } else {
        30
    };
    let ordered = open > SignedDuration::ZERO || faults.on(LinkMayExpireBeforeItStarts);
    let holds = ordered && open <= SignedDuration::from_hours(days * 24);
    rule(
        "link-open-at-most-30-days",
        holds,
        "a link is open for at most 30 days",
    )
}

fn quantities_within_range(request: &LinkRequest, faults: &Faults) -> Result<(), Problem> {
    let within = |line: &Line, range: &Range| {
        let least = if faults.on(SmallestQuantityRefused) {
            range.minimum + 1
        } else {
            range.minimum
        };
        let most = if faults.on(LargestQuantityUnchecked) {
            i64::MAX
        } else {
            range.maximum
        };
        (least..=most).contains(&line.quantity)
    };
    let lines = &request.order.lines;
    let checked = if faults.on(QuantityOfFirstLineOnly) {
        1
    } else {
        lines.len()
    };
    let holds = lines.iter().take(checked).all(|line| {
        line.adjustable
            .as_ref()
            .is_none_or(|range| within(line, range))
    });
    rule(
        "quantity-within-adjustable-range",
        holds,
        "a quantity is outside of its range",
    )
}
