//! How a payment is captured, what its method needs, and who the customer is.

use rust_decimal::{Decimal, dec};

use crate::api::payment::{
    CaptureMode, Challenge, CustomerType, Exemption, Method, PaymentRequest, Tier,
};
use crate::api::{Currency, SalesChannel};
use crate::faults::Fault::*;
use crate::faults::Faults;
use crate::problem::{Problem, rule};

pub fn check(
    request: &PaymentRequest,
    channel: SalesChannel,
    faults: &Faults,
) -> Result<(), Problem> {
    delay_hours_with_delayed_capture(request, faults)?;
    delay_within_window(request, faults)?;
    card_details(request, faults)?;
    low_value_exemption(request, faults)?;
    no_exemption_from_mandated_challenge(request, faults)?;
    no_3ds_by_phone(request, channel, faults)?;
    company_has_vat_number(request, faults)
}

fn delay_hours_with_delayed_capture(
    request: &PaymentRequest,
    faults: &Faults,
) -> Result<(), Problem> {
    let given = request.capture.delay_hours.is_some();
    let holds = match request.capture.mode {
        CaptureMode::Delayed => given || faults.on(DelayHoursNotDemanded),
        CaptureMode::Manual => !given || faults.on(DelayHoursAllowedForManual),
        CaptureMode::Automatic => !given,
    };
    rule(
        "delay-hours-with-delayed-capture",
        holds,
        "delay_hours goes with a delayed capture",
    )
}

fn delay_within_window(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    let Some(hours) = request.capture.delay_hours else {
        return Ok(());
    };
    let window = match request.method {
        Method::Card => 144,
        Method::Wallet if faults.on(WalletDelayedLikeCard) => 144,
        Method::Wallet => 72,
        Method::PayLater => 24,
        Method::SepaDebit => return Ok(()),
    };
    let holds = if faults.on(LastHourOfWindowRefused) {
        hours < window
    } else {
        hours <= window
    };
    rule(
        "delay-within-method-window",
        holds,
        "the authorisation doesn't hold until the capture",
    )
}

fn card_details(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    let given = request.card.is_some();
    let holds = match request.method {
        Method::Card => given || faults.on(CardDetailsOptional),
        Method::Wallet => !given || faults.on(CardDetailsWithWallet),
        Method::SepaDebit | Method::PayLater => !given,
    };
    rule(
        "card-details-exactly-for-cards",
        holds,
        "card details go with card payments",
    )
}

fn low_value_exemption(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    if request.exemption() != Some(Exemption::LowValue) {
        return Ok(());
    }
    let limit: Option<Decimal> = match request.order.currency {
        _ if faults.on(LowValueLimitInEurosForAll) => Some(dec!(30)),
        Currency::Eur => Some(dec!(30)),
        Currency::Gbp => Some(dec!(25)),
        Currency::Sek => Some(dec!(350)),
        Currency::Usd | Currency::Chf | Currency::Jpy => None,
    };
    let amount = if faults.on(LowValueWithoutShipping) {
        request.amount - request.shipping_cost
    } else {
        request.amount
    };
    let holds = match limit {
        Some(limit) => amount <= limit,
        None => faults.on(LowValueInOtherCurrencies),
    };
    rule(
        "low-value-exemption-limit",
        holds,
        "the amount isn't of low value",
    )
}

fn no_exemption_from_mandated_challenge(
    request: &PaymentRequest,
    faults: &Faults,
) -> Result<(), Problem> {
    let mandated = request
        .three_ds()
        .is_some_and(|three_ds| three_ds.challenge == Challenge::Mandated);
    let exempted = match request.exemption() {
        Some(Exemption::LowValue) => true,
        Some(_) => !faults.on(MandatedChallengeStopsLowValueOnly),
        None => false,
    };
    rule(
        "no-exemption-from-mandated-challenge",
        !(mandated && exempted),
        "a mandated challenge leaves no exemption",
    )
}

fn no_3ds_by_phone(
    request: &PaymentRequest,
    channel: SalesChannel,
    faults: &Faults,
) -> Result<(), Problem> {
    let asked = request.three_ds().is_some();
    let possible = match channel {
        SalesChannel::Phone => {
            faults.on(PhoneAuthenticatedForEnterprise) && request.tier() == Tier::Enterprise
        }
        SalesChannel::Terminal => !faults.on(TerminalTakenForPhone),
        SalesChannel::Web | SalesChannel::App => true,
    };
    rule(
        "no-3ds-by-phone",
        possible || !asked,
        "3-D Secure isn't possible by phone",
    )
}

fn company_has_vat_number(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    let customer = &request.customer;
    let needed = match customer.kind {
        CustomerType::Company => {
            let outside_eu = ["CH", "GB", "US"].contains(&customer.country.as_str());
            !(faults.on(VatNumberNotNeededAbroad) && outside_eu)
        }
        CustomerType::Person => false,
    };
    let refused = customer.kind == CustomerType::Person && faults.on(VatNumberRefusedForPersons);
    let holds = if customer.has_vat_number {
        !refused
    } else {
        !needed
    };
    rule(
        "company-has-vat-number",
        holds,
        "a company is named with its VAT number",
    )
}
