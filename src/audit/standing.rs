//! What a recorded status says of a request.

use std::collections::BTreeSet;

use crate::model::{Answer, Check, CheckOperator, Model, OperationRef};
use crate::simulate::expected;
use crate::traffic::{Body, Exchange, When};
use crate::value::Value;
use crate::value::json::exact;

/// Whether a server took a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It was accepted.
    Accepted(u16),
    /// It was refused, by a status that says something of rules.
    Refused(u16),
    /// It was refused for something else: who asks, how often, and the like.
    Silent(u16),
    /// The server broke down, or gave no answer that says whether it took it.
    Lost(Option<u16>),
    /// Nobody sent it: it does what the rules say.
    Planned,
}

/// Statuses that say nothing of rules, unless a rule expects them.
const SILENT: [u16; 9] = [401, 403, 404, 405, 406, 408, 413, 415, 429];

impl Standing {
    /// What the answer to a request to `operation` says.
    pub fn of(model: &Model, operation: OperationRef, exchange: &Exchange) -> Self {
        let Some(answer) = &exchange.answer else {
            return match exchange.at {
                When::Planned => Self::Planned,
                _ => Self::Lost(None),
            };
        };
        let status = answer.status;
        let found = model.operation(operation);
        if accepts(&found.accept, status, answer.body.as_ref()) {
            return Self::Accepted(status);
        }
        if refusals(model, operation).contains(&status) {
            return Self::Refused(status);
        }
        match status {
            status if SILENT.contains(&status) => Self::Silent(status),
            // Redirections, and clients' mistakes that no rule speaks of.
            300..=499 => Self::Silent(status),
            status => Self::Lost(Some(status)),
        }
    }

    /// Whether a right server had to decide by its rules.
    pub fn is_evidence(self) -> bool {
        matches!(self, Self::Accepted(_) | Self::Refused(_) | Self::Planned)
    }

    /// The status, if there is one.
    pub fn status(self) -> Option<u16> {
        match self {
            Self::Accepted(status) | Self::Refused(status) | Self::Silent(status) => Some(status),
            Self::Lost(status) => status,
            Self::Planned => None,
        }
    }
}

/// The statuses by which rules of an operation may refuse.
fn refusals(model: &Model, operation: OperationRef) -> BTreeSet<u16> {
    let found = model.operation(operation);
    let rules = found.rules.iter();
    let rules = rules.flat_map(|rule| expected(&model.rule(*rule).expect).statuses);
    let missing = found
        .binds
        .iter()
        .flat_map(|bind| bind.missing.statuses.clone());
    rules.chain(missing).chain(Answer::REFUSED).collect()
}

/// Whether an answer says that a request was accepted.
fn accepts(accept: &Answer, status: u16, body: Option<&Body>) -> bool {
    let fits = match accept.statuses.as_slice() {
        [] => (200..=299).contains(&status),
        statuses => statuses.contains(&status),
    };
    fits && (accept.checks.is_empty() || {
        let body = body.and_then(Body::json).and_then(exact);
        accept
            .checks
            .iter()
            .all(|check| passes(check, body.as_ref()))
    })
}

fn passes(check: &Check, body: Option<&Value>) -> bool {
    let found = body.and_then(|body| at(body, &check.path));
    let literal = crate::case::parse_json(&check.literal).ok();
    match (found, check.operator) {
        (None, _) => false,
        (Some(_), CheckOperator::Has) => true,
        (Some(found), CheckOperator::Eq) => literal.as_ref() == Some(found),
        (Some(found), CheckOperator::Ne) => literal.as_ref() != Some(found),
    }
}

/// What stands below members, or item numbers, of a value.
pub fn at<'v>(value: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| match value {
        Value::Map(members) => members.get(key.as_str()),
        Value::List(items) => items.get(key.parse::<usize>().ok()?),
        _ => None,
    })
}
