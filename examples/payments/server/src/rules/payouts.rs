//! Where a payout goes, how, when and at whose cost.

use rust_decimal::{Decimal, dec};

use crate::api::Currency;
use crate::api::payout::{FeeBearer, Method, PayoutRequest, Remittance, Repeat};
use crate::faults::Fault::*;
use crate::faults::Faults;
use crate::problem::{Problem, rule};

pub fn check(request: &PayoutRequest, faults: &Faults) -> Result<(), Problem> {
    goes_to_one_account(request, faults)?;
    needs_iban(request, faults)?;
    bic_exactly_for_swift(request, faults)?;
    account_with_routing_number(request, faults)?;
    instant_limit(request, faults)?;
    sepa_costs_are_shared(request, faults)?;
    swift_says_what_for(request, faults)?;
    not_before_request(request, faults)?;
    date_or_repetition(request, faults)?;
    contact_reachable(request, faults)?;
    wallet_payout_is_announced(request, faults)
}

fn contact_reachable(request: &PayoutRequest, faults: &Faults) -> Result<(), Problem> {
    let by_phone = request.has_phone && !faults.on(PayoutContactNeedsEmail);
    let reachable = request.has_email || by_phone || faults.on(PayoutContactUnchecked);
    rule(
        "payout-contact-reachable",
        reachable,
        "the contact has neither email nor phone",
    )
}

fn wallet_payout_is_announced(request: &PayoutRequest, faults: &Faults) -> Result<(), Problem> {
    let by_phone = request.has_phone && faults.on(WalletPayoutAnnouncedByPhone);
    let holds = !request.beneficiary.wallet_id || request.has_email || by_phone;
    rule(
        "wallet-payout-is-announced",
        holds,
        "a payout to a wallet is announced by email",
    )
}

fn goes_to_one_account(request: &PayoutRequest, faults: &Faults) -> Result<(), Problem> {
    let to = &request.beneficiary;
    let wallet = to.wallet_id && !faults.on(WalletNotCountedAsAccount);
    let accounts = [to.iban, to.account_number, wallet]
        .into_iter()
        .filter(|given| *given)
        .count();
    let holds = if faults.on(PayoutToSeveralAccounts) {
        accounts >= 1
    } else {
        accounts == 1
    };
    rule(
        "payout-goes-to-one-account",
        holds,
        "a payout goes to exactly one account",
    )
}

fn needs_iban(request: &PayoutRequest, faults: &Faults) -> Result<(), Problem> {
    let needed = match request.method {
        Method::Sepa => true,
        Method::Instant => !faults.on(InstantWithoutIban),
        Method::Swift | Method::Local => false,
    };
    rule(
        "euro-payout-needs-iban",
        request.beneficiary.iban || !needed,
        "the payout needs an IBAN",
    )
}

fn bic_exactly_for_swift(request: &PayoutRequest, faults: &Faults) -> Result<(), Problem> {
    let given = request.beneficiary.bic;
    let holds = match request.method {
        Method::Swift => given || faults.on(BicNotDemanded),
        Method::Sepa => !given || faults.on(BicToleratedForSepa),
        Method::Instant | Method::Local => !given,
    };
    rule(
        "bic-exactly-for-swift",
        holds,
        "the BIC goes with SWIFT payouts",
    )
}

fn account_with_routing_number(request: &PayoutRequest, faults: &Faults) -> Result<(), Problem> {
    let to = &request.beneficiary;
    let holds = if faults.on(RoutingNumberOptional) {
        to.account_number || !to.routing_number
    } else {
        to.account_number == to.routing_number
    };
    rule(
        "account-number-with-routing-number",
        holds,
        "account and routing number come together",
    )
}

fn instant_limit(request: &PayoutRequest, faults: &Faults) -> Result<(), Problem> {
    if request.method != Method::Instant {
        return Ok(());
    }
    let limit: Option<Decimal> = match request.currency {
        Currency::Eur => Some(dec!(15000)),
        Currency::Gbp if faults.on(PoundsAtTheEuroLimit) => Some(dec!(15000)),
        Currency::Gbp => Some(dec!(9500)),
        Currency::Usd | Currency::Chf | Currency::Sek | Currency::Jpy => None,
    };
    let holds = match limit {
        Some(limit) if faults.on(InstantLimitExclusive) => request.amount < limit,
        Some(limit) => request.amount <= limit,
        None => faults.on(InstantInAnyCurrency),
    };
    rule(
        "instant-payout-limit",
        holds,
        "this can't be paid out instantly",
    )
}

fn sepa_costs_are_shared(request: &PayoutRequest, faults: &Faults) -> Result<(), Problem> {
    if request.method != Method::Sepa {
        return Ok(());
    }
    let holds = if faults.on(SepaNeedsFeeBearerSent) {
        request.fee_bearer_sent == Some(FeeBearer::Shared)
    } else if faults.on(SepaOnlyRefusesBeneficiaryPays) {
        request.fee_bearer() != FeeBearer::Beneficiary
    } else {
        request.fee_bearer() == FeeBearer::Shared
    };
    rule(
        "sepa-costs-are-shared",
        holds,
        "the costs of a SEPA payout are shared",
    )
}

fn swift_says_what_for(request: &PayoutRequest, faults: &Faults) -> Result<(), Problem> {
    let said = match request.remittance {
        Remittance::Text => true,
        Remittance::Null => faults.on(NullRemittanceAccepted),
        Remittance::Absent => false,
    };
    rule(
        "swift-says-what-for",
        said || request.method != Method::Swift,
        "the remittance text is missing",
    )
}

fn not_before_request(request: &PayoutRequest, faults: &Faults) -> Result<(), Problem> {
    let Some(execution_on) = request.execution_on else {
        return Ok(());
    };
    if faults.on(InstantPayoutDateUnchecked) && request.method == Method::Instant {
        return Ok(());
    }
    let holds = if faults.on(PayoutOnRequestDayRefused) {
        request.requested_on < execution_on
    } else {
        request.requested_on <= execution_on
    };
    rule(
        "payout-not-before-request",
        holds,
        "the payout is executed before its request",
    )
}

fn date_or_repetition(request: &PayoutRequest, faults: &Faults) -> Result<(), Problem> {
    let holds = match (request.execution_on, request.repeat) {
        (Some(_), Some(Repeat::Monthly)) => faults.on(PayoutRepeatsAfterDate),
        (Some(_), Some(Repeat::Weekly)) => false,
        (None, None) => !faults.on(PayoutNeedsDateOrRepetition),
        _ => true,
    };
    rule(
        "payout-date-or-repetition",
        holds,
        "a payout has a date or repeats",
    )
}
