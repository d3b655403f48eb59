//! Quotes, and conversions on them.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::{Decimal, RoundingStrategy, dec};

use crate::api::cents;
use crate::api::conversion::{ConversionRequest, QuoteRequest};
use crate::faults::Fault::*;
use crate::faults::Faults;
use crate::problem::{Problem, rule, state_rule};
use crate::state::Quote;

pub fn check_quote(request: &QuoteRequest, faults: &Faults) -> Result<(), Problem> {
    target_is_converted(request, faults)?;
    valid_at_most_72_hours(request, faults)
}

fn target_is_converted(request: &QuoteRequest, faults: &Faults) -> Result<(), Problem> {
    let markup = if faults.on(QuoteForgetsMarkup) {
        Decimal::ZERO
    } else {
        request.markup_percent
    };
    let percent = if faults.on(QuoteAddsMarkup) {
        dec!(100) + markup
    } else {
        dec!(100) - markup
    };
    let exact = request.source_amount * request.rate * percent / dec!(100);
    let target = if faults.on(QuoteCutsCents) {
        exact.round_dp_with_strategy(2, RoundingStrategy::ToZero)
    } else {
        cents(exact)
    };
    rule(
        "quote-target-is-converted",
        request.target_amount == target,
        "the target amount is wrong",
    )
}

fn valid_at_most_72_hours(request: &QuoteRequest, faults: &Faults) -> Result<(), Problem> {
    let lasts = request.valid_until.duration_since(request.valid_from);
    let ordered = lasts > SignedDuration::ZERO || faults.on(QuoteMayEndBeforeItStarts);
    let short = if faults.on(QuoteCountsWholeDays) {
        lasts.as_hours() / 24 <= 3
    } else {
        lasts <= SignedDuration::from_hours(72)
    };
    rule(
        "quote-valid-at-most-72-hours",
        ordered && short,
        "a quote is valid for at most 72 hours",
    )
}

pub fn check_conversion(
    quote: &Quote,
    request: &ConversionRequest,
    faults: &Faults,
) -> Result<(), Problem> {
    let before = if faults.on(EarlierConversionsIgnored) {
        Decimal::ZERO
    } else {
        quote.converted
    };
    let holds = before + request.amount <= quote.source_amount;
    state_rule(
        "conversion-within-quote",
        holds,
        "conversions exceed the quote",
    )?;
    while_quote_valid(quote, request, faults)?;
    settles_a_day_later(request, faults)
}

fn while_quote_valid(
    quote: &Quote,
    request: &ConversionRequest,
    faults: &Faults,
) -> Result<(), Problem> {
    let at = request.executed_at;
    let started = at >= quote.valid_from || faults.on(ConversionBeforeQuoteStarts);
    let ended = if faults.on(QuoteEndsAtMidnight) {
        utc_day(at) > utc_day(quote.valid_until)
    } else if faults.on(LastSecondOfQuoteRefused) {
        at >= quote.valid_until
    } else {
        at > quote.valid_until
    };
    state_rule(
        "conversion-while-quote-valid",
        started && !ended,
        "the quote isn't valid then",
    )
}

fn settles_a_day_later(request: &ConversionRequest, faults: &Faults) -> Result<(), Problem> {
    let holds = if faults.on(SettlementOnNextCalendarDay) {
        utc_day(request.settles_at) > utc_day(request.executed_at)
    } else {
        request.settles_at.duration_since(request.executed_at) >= SignedDuration::from_hours(24)
    };
    rule(
        "conversion-settles-a-day-later",
        holds,
        "a conversion settles after 24 hours",
    )
}

/// Days since 1970, in UTC.
fn utc_day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(86_400)
}
