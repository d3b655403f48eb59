//! The business rules, in the order in which they are checked.
//!
//! Each function is one rule; it also holds the ways in which it can be told to go
//! wrong (see [`crate::faults`]).

mod amounts;
pub mod captures;
pub mod changes;
pub mod conversions;
mod debits;
mod installments;
pub mod links;
pub mod lists;
mod methods;
pub mod payouts;
pub mod refunds;

use crate::api::SalesChannel;
use crate::api::payment::PaymentRequest;
use crate::faults::Faults;
use crate::problem::Problem;

/// All rules of createPayment.
pub fn check_payment(
    request: &PaymentRequest,
    channel: SalesChannel,
    faults: &Faults,
) -> Result<(), Problem> {
    amounts::check(request, faults)?;
    methods::check(request, channel, faults)?;
    debits::check(request, faults)?;
    installments::check(request, faults)
}
