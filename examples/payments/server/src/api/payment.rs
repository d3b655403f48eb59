//! Requests to take, capture, void and list payments.

use jiff::civil::Date;
use rust_decimal::{Decimal, dec};

use super::order::Order;
use super::{CENT, Currency, IBAN, country, money, rate};
use crate::choice;
use crate::json::{Node, Object, date, decimal, email, integer, one_of, pattern, text, uri, uuid};
use crate::problem::Problem;

choice!(
    Method { Card = "card", SepaDebit = "sepa_debit", Wallet = "wallet", PayLater = "pay_later" }
);
choice!(Tier { Starter = "starter", Growth = "growth", Enterprise = "enterprise" });
choice!(CaptureMode { Automatic = "automatic", Manual = "manual", Delayed = "delayed" });
choice!(Network { Visa = "visa", Mastercard = "mastercard", Amex = "amex" });
choice!(Challenge { None = "none", Preferred = "preferred", Mandated = "mandated" });
choice!(
    Exemption {
        LowValue = "low_value",
        LowRisk = "low_risk",
        TrustedBeneficiary = "trusted_beneficiary",
    }
);
choice!(Sequence { First = "first", Recurring = "recurring", Final = "final" });
choice!(SplitKind { Seller = "seller", Commission = "commission", Tax = "tax" });
choice!(CustomerType { Person = "person", Company = "company" });
choice!(Status { Authorized = "authorized", Captured = "captured", Voided = "voided" });
choice!(
    VoidReason {
        CustomerRequest = "customer_request",
        OutOfStock = "out_of_stock",
        SuspectedFraud = "suspected_fraud",
        Other = "other",
    }
);

pub struct PaymentRequest {
    pub order: Order,
    pub amount: Decimal,
    pub shipping_cost: Decimal,
    pub method: Method,
    /// As sent; see [`PaymentRequest::tier`].
    pub tier_sent: Option<Tier>,
    pub platform_fee: Decimal,
    pub capture: CapturePlan,
    pub card: Option<Card>,
    pub mandate: Option<Mandate>,
    pub has_bank_account: bool,
    pub installments: Option<Installments>,
    pub splits: Option<Vec<Split>>,
    pub settlement_currency: Option<Currency>,
    pub conversion_rate: Option<Decimal>,
    pub customer: Customer,
}

pub struct CapturePlan {
    pub mode: CaptureMode,
    pub delay_hours: Option<i64>,
}

pub struct Card {
    pub three_ds: Option<ThreeDs>,
}

pub struct ThreeDs {
    pub challenge: Challenge,
    pub exemption: Option<Exemption>,
}

pub struct Mandate {
    pub signed_on: Date,
    pub sequence: Sequence,
}

pub struct Installments {
    pub count: i64,
    pub first_due_on: Date,
}

pub struct Split {
    pub kind: SplitKind,
    pub amount: Decimal,
}

pub struct Customer {
    pub kind: CustomerType,
    pub country: String,
    pub has_vat_number: bool,
}

impl PaymentRequest {
    pub fn read(body: &Object) -> Result<Self, Problem> {
        read_addresses(body)?;
        body.optional("return_url", uri)?;
        body.optional("merchant_order_number", integer(1000, 999_999_999_999))?;
        Ok(Self {
            order: Order::read(body)?,
            amount: body.required("amount", money)?,
            shipping_cost: body.or(
                "shipping_cost",
                Decimal::ZERO,
                decimal(Decimal::ZERO, dec!(5000), CENT),
            )?,
            method: body.required("method", one_of)?,
            tier_sent: body.optional("tier", one_of)?,
            platform_fee: body.or(
                "platform_fee",
                Decimal::ZERO,
                decimal(Decimal::ZERO, dec!(10000), CENT),
            )?,
            capture: body.required("capture", CapturePlan::read)?,
            card: body.optional("card", Card::read)?,
            mandate: body.optional("mandate", Mandate::read)?,
            has_bank_account: body.optional("bank_account", read_bank_account)?.is_some(),
            installments: body.optional("installments", Installments::read)?,
            splits: body.optional("splits", |splits| splits.list(1, 8, Split::read))?,
            settlement_currency: body.optional("settlement_currency", one_of)?,
            conversion_rate: body.optional("conversion_rate", rate)?,
            customer: body.required("customer", Customer::read)?,
        })
    }

    /// The merchant's pricing tier: starter, where none is sent.
    pub fn tier(&self) -> Tier {
        self.tier_sent.unwrap_or(Tier::Starter)
    }

    pub fn three_ds(&self) -> Option<&ThreeDs> {
        self.card.as_ref().and_then(|card| card.three_ds.as_ref())
    }

    pub fn exemption(&self) -> Option<Exemption> {
        self.three_ds().and_then(|three_ds| three_ds.exemption)
    }
}

fn read_addresses(body: &Object) -> Result<(), Problem> {
    body.optional("shipping_address", |node| read_address(&node.object()?))?;
    body.optional("billing_address", |node| {
        let address = node.object()?;
        address.optional("attention", text(2, 60))?;
        read_address(&address)
    })?;
    Ok(())
}

fn read_address(address: &Object) -> Result<(), Problem> {
    address.required("street", text(2, 80))?;
    address.required("city", text(2, 60))?;
    address.required("postal_code", pattern("^[A-Z0-9][A-Z0-9 -]{2,9}$"))?;
    address.required("country", country)?;
    Ok(())
}

fn read_bank_account(node: &Node) -> Result<(), Problem> {
    let account = node.object()?;
    account.required("iban", pattern(IBAN))?;
    account.required("holder", text(2, 70))?;
    Ok(())
}

impl CapturePlan {
    fn read(node: &Node) -> Result<Self, Problem> {
        let plan = node.object()?;
        Ok(Self {
            mode: plan.or("mode", CaptureMode::Automatic, one_of)?,
            delay_hours: plan.optional("delay_hours", integer(1, 240))?,
        })
    }
}

impl Card {
    fn read(node: &Node) -> Result<Self, Problem> {
        let card = node.object()?;
        card.required("token", uuid)?;
        card.required("network", one_of::<Network>)?;
        Ok(Self {
            three_ds: card.optional("three_ds", ThreeDs::read)?,
        })
    }
}

impl ThreeDs {
    fn read(node: &Node) -> Result<Self, Problem> {
        let three_ds = node.object()?;
        Ok(Self {
            challenge: three_ds.required("challenge", one_of)?,
            exemption: three_ds.optional("exemption", one_of)?,
        })
    }
}

impl Mandate {
    fn read(node: &Node) -> Result<Self, Problem> {
        let mandate = node.object()?;
        mandate.required("id", pattern("^MND-[0-9]{4,9}$"))?;
        Ok(Self {
            signed_on: mandate.required("signed_on", date)?,
            sequence: mandate.required("sequence", one_of)?,
        })
    }
}

impl Installments {
    fn read(node: &Node) -> Result<Self, Problem> {
        let installments = node.object()?;
        Ok(Self {
            count: installments.required("count", integer(2, 36))?,
            first_due_on: installments.required("first_due_on", date)?,
        })
    }
}

impl Split {
    fn read(node: &Node) -> Result<Self, Problem> {
        let split = node.object()?;
        split.required("account", pattern("^acct_[a-z0-9]{8}$"))?;
        Ok(Self {
            kind: split.required("kind", one_of)?,
            amount: split.required("amount", money)?,
        })
    }
}

impl Customer {
    fn read(node: &Node) -> Result<Self, Problem> {
        let customer = node.object()?;
        customer.required("name", text(2, 70))?;
        customer.required("email", email)?;
        customer.nullable("birth_date", date)?;
        let vat_number = customer.optional("vat_number", pattern("^[A-Z]{2}[A-Z0-9]{8,12}$"))?;
        Ok(Self {
            kind: customer.required("type", one_of)?,
            country: customer.required("country", country)?,
            has_vat_number: vat_number.is_some(),
        })
    }
}

pub struct CaptureRequest {
    pub amount: Decimal,
    pub currency: Currency,
    pub is_final: bool,
}

impl CaptureRequest {
    pub fn read(body: &Object) -> Result<Self, Problem> {
        body.optional("descriptor", pattern("^[A-Z0-9 ]{5,22}$"))?;
        Ok(Self {
            amount: body.required("amount", money)?,
            currency: body.required("currency", one_of)?,
            is_final: body.or("final", false, Node::boolean)?,
        })
    }
}

pub struct VoidRequest {
    pub reason: VoidReason,
    pub has_note: bool,
}

impl VoidRequest {
    pub fn read(body: &Object) -> Result<Self, Problem> {
        Ok(Self {
            reason: body.required("reason", one_of)?,
            has_note: body.optional("note", text(5, 140))?.is_some(),
        })
    }
}

/// The filters of a list of payments.
pub struct ListQuery {
    pub created_from: Option<Date>,
    pub created_to: Option<Date>,
    pub min_amount: Option<Decimal>,
    pub max_amount: Option<Decimal>,
    pub currency: Option<Currency>,
    pub status: Option<Status>,
    pub limit: i64,
}

impl ListQuery {
    pub fn read(query: &Object) -> Result<Self, Problem> {
        Ok(Self {
            created_from: query.optional("created_from", date)?,
            created_to: query.optional("created_to", date)?,
            min_amount: query.optional("min_amount", money)?,
            max_amount: query.optional("max_amount", money)?,
            currency: query.optional("currency", one_of)?,
            status: query.optional("status", one_of)?,
            limit: query.or("limit", 50, integer(1, 200))?,
        })
    }
}
