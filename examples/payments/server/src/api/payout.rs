//! Requests to pay money out.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Currency, IBAN, country, money};
use crate::choice;
use crate::json::{Node, Object, date, email, one_of, pattern, text, uuid};
use crate::problem::Problem;

choice!(Method { Sepa = "sepa", Instant = "instant", Swift = "swift", Local = "local" });
choice!(FeeBearer { Shared = "shared", Ours = "ours", Beneficiary = "beneficiary" });
choice!(Repeat { Weekly = "weekly", Monthly = "monthly" });

pub struct PayoutRequest {
    pub amount: Decimal,
    pub currency: Currency,
    pub method: Method,
    /// As sent; see [`PayoutRequest::fee_bearer`].
    pub fee_bearer_sent: Option<FeeBearer>,
    pub requested_on: Date,
    pub execution_on: Option<Date>,
    pub repeat: Option<Repeat>,
    pub beneficiary: Beneficiary,
    pub has_email: bool,
    pub has_phone: bool,
    pub remittance: Remittance,
}

/// The accounts that a beneficiary is named by.
pub struct Beneficiary {
    pub iban: bool,
    pub account_number: bool,
    pub routing_number: bool,
    pub wallet_id: bool,
    pub bic: bool,
}

/// The remittance text can be left out, null or a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Remittance {
    Absent,
    Null,
    Text,
}

impl PayoutRequest {
    pub fn read(body: &Object) -> Result<Self, Problem> {
        let contact = body.required("contact", Node::object)?;
        Ok(Self {
            amount: body.required("amount", money)?,
            currency: body.required("currency", one_of)?,
            method: body.required("method", one_of)?,
            fee_bearer_sent: body.optional("fee_bearer", one_of)?,
            requested_on: body.required("requested_on", date)?,
            execution_on: body.optional("execution_on", date)?,
            repeat: body.optional("repeat", one_of)?,
            beneficiary: body.required("beneficiary", Beneficiary::read)?,
            has_email: contact.optional("email", email)?.is_some(),
            has_phone: contact
                .optional("phone", pattern("^[+][0-9]{8,14}$"))?
                .is_some(),
            remittance: read_remittance(body)?,
        })
    }

    /// Who pays the costs: shared, where nothing is sent.
    pub fn fee_bearer(&self) -> FeeBearer {
        self.fee_bearer_sent.unwrap_or(FeeBearer::Shared)
    }
}

fn read_remittance(body: &Object) -> Result<Remittance, Problem> {
    if !body.has("remittance_text") {
        return Ok(Remittance::Absent);
    }
    let text = body.nullable("remittance_text", text(3, 140))?;
    Ok(if text.is_some() {
        Remittance::Text
    } else {
        Remittance::Null
    })
}

impl Beneficiary {
    fn read(node: &Node) -> Result<Self, Problem> {
        let beneficiary = node.object()?;
        beneficiary.required("name", text(2, 70))?;
        beneficiary.required("country", country)?;
        let bic = "^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$";
        Ok(Self {
            iban: beneficiary.optional("iban", pattern(IBAN))?.is_some(),
            account_number: beneficiary
                .optional("account_number", pattern("^[0-9]{6,12}$"))?
                .is_some(),
            routing_number: beneficiary
                .optional("routing_number", pattern("^[0-9]{9}$"))?
                .is_some(),
            wallet_id: beneficiary.optional("wallet_id", uuid)?.is_some(),
            bic: beneficiary.optional("bic", pattern(bic))?.is_some(),
        })
    }
}
