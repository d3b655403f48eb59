//! The requests of the API, read from JSON and checked against their schemas.

pub mod change;
pub mod conversion;
pub mod link;
pub mod order;
pub mod payment;
pub mod payout;
pub mod refund;

use rust_decimal::{Decimal, dec};

use crate::choice;
use crate::json::{Node, decimal, pattern};
use crate::problem::Problem;

choice!(Currency { Eur = "EUR", Usd = "USD", Gbp = "GBP", Chf = "CHF", Sek = "SEK", Jpy = "JPY" });

choice!(
    /// Where the customer ordered.
    SalesChannel { Web = "web", App = "app", Terminal = "terminal", Phone = "phone" }
);

impl Currency {
    pub fn code(self) -> &'static str {
        match self {
            Self::Eur => "EUR",
            Self::Usd => "USD",
            Self::Gbp => "GBP",
            Self::Chf => "CHF",
            Self::Sek => "SEK",
            Self::Jpy => "JPY",
        }
    }
}

const CENT: Decimal = dec!(0.01);
const LARGEST_AMOUNT: Decimal = dec!(250000);
const COUNTRY: &str = "^[A-Z]{2}$";
const IBAN: &str = "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$";
const SKU: &str = "^[A-Z]{2,8}-[0-9]{2,4}$";

fn money(node: &Node) -> Result<Decimal, Problem> {
    decimal(CENT, LARGEST_AMOUNT, CENT)(node)
}

fn money_or_zero(node: &Node) -> Result<Decimal, Problem> {
    decimal(Decimal::ZERO, LARGEST_AMOUNT, CENT)(node)
}

fn rate(node: &Node) -> Result<Decimal, Problem> {
    decimal(dec!(0.0001), dec!(9999), dec!(0.0001))(node)
}

fn country(node: &Node) -> Result<String, Problem> {
    pattern(COUNTRY)(node)
}

/// Rounds to the cent; half a cent goes away from zero.
pub fn cents(exact: Decimal) -> Decimal {
    exact.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}
