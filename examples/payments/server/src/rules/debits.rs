//! SEPA direct debits and their mandates.

use crate::api::Currency;
use crate::api::payment::{CaptureMode, CustomerType, Method, PaymentRequest, Sequence};
use crate::faults::Fault::*;
use crate::faults::Faults;
use crate::problem::{Problem, rule};

pub fn check(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    if request.method == Method::SepaDebit {
        captures_at_once(request, faults)?;
        needs_mandate(request, faults)?;
        is_in_euro(request, faults)?;
    }
    mandate_comes_with_account(request, faults)?;
    mandate_signed_by_order_date(request, faults)
}

fn captures_at_once(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    let holds = match request.capture.mode {
        CaptureMode::Automatic => true,
        CaptureMode::Manual => false,
        CaptureMode::Delayed => faults.on(DebitMayBeDelayed),
    };
    rule(
        "debit-captures-at-once",
        holds,
        "a direct debit is captured automatically",
    )
}

fn needs_mandate(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    let excused =
        faults.on(CompaniesNeedNoMandate) && request.customer.kind == CustomerType::Company;
    rule(
        "debit-needs-mandate",
        request.mandate.is_some() || excused,
        "a direct debit needs a mandate",
    )
}

fn is_in_euro(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    let holds = match request.order.currency {
        Currency::Eur => true,
        Currency::Sek | Currency::Chf => faults.on(DebitInOtherSepaCountries),
        Currency::Usd | Currency::Gbp | Currency::Jpy => false,
    };
    rule("debit-in-euro", holds, "direct debits are in euro")
}

fn mandate_comes_with_account(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    let mandate = request.mandate.is_some();
    let account = request.has_bank_account;
    let holds = if faults.on(AccountWithoutMandate) {
        account || !mandate
    } else {
        account == mandate
    };
    rule(
        "mandate-comes-with-account",
        holds,
        "a mandate and its bank account come together",
    )
}

fn mandate_signed_by_order_date(request: &PaymentRequest, faults: &Faults) -> Result<(), Problem> {
    let Some(mandate) = &request.mandate else {
        return Ok(());
    };
    if faults.on(RecurringMandateDateUnchecked) && mandate.sequence == Sequence::Recurring {
        return Ok(());
    }
    let ordered_on = request.order.order_date;
    let holds = if faults.on(MandateOfSameDayRefused) {
        mandate.signed_on < ordered_on
    } else {
        mandate.signed_on <= ordered_on
    };
    rule(
        "mandate-signed-by-order-date",
        holds,
        "the mandate was signed after the order",
    )
}
