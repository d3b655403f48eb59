//! Idempotency keys: a request that is sent again with its key gets its first answer.

use std::collections::BTreeMap;

use axum::body::Bytes;
use serde_json::{Map, Value, json};

use crate::faults::{Fault, Faults};
use crate::problem::{Problem, state_rule};

/// The requests that were accepted with a key.
#[derive(Default)]
pub struct Keys(BTreeMap<String, First>);

struct First {
    body: Value,
    /// None for a request that was refused.
    answer: Option<Value>,
}

/// A request that names a key.
pub struct Keyed {
    key: String,
    body: Value,
}

/// How an operation treats keys, and what it gets wrong.
pub struct Policy {
    pub rule: &'static str,
    pub is_ignored: bool,
    pub replays_anything: bool,
    pub refuses_repeats: bool,
    pub refused_take_keys: bool,
    /// The member that isn't compared.
    pub left_out: Option<&'static str>,
    /// The only member that is compared.
    pub compared: Option<&'static str>,
}

impl Policy {
    pub fn of_payments(faults: &Faults) -> Self {
        Self {
            rule: "idempotency-key-keeps-its-payment",
            is_ignored: faults.on(Fault::KeyIgnored),
            replays_anything: faults.on(Fault::KeyReplaysAnything),
            refuses_repeats: faults.on(Fault::RepeatRefused),
            refused_take_keys: faults.on(Fault::RefusedPaymentTakesKey),
            left_out: payment_left_out(faults),
            compared: faults
                .on(Fault::KeyComparesReference)
                .then_some("reference"),
        }
    }

    pub fn of_refunds(faults: &Faults) -> Self {
        Self {
            rule: "idempotency-key-keeps-its-refund",
            is_ignored: faults.on(Fault::RefundKeyIgnored),
            replays_anything: faults.on(Fault::RefundKeyReplaysAnything),
            refuses_repeats: faults.on(Fault::RefundRepeatRefused),
            refused_take_keys: false,
            left_out: faults.on(Fault::RefundKeyIgnoresAmount).then_some("amount"),
            compared: None,
        }
    }
}

fn payment_left_out(faults: &Faults) -> Option<&'static str> {
    let method = faults.on(Fault::KeyIgnoresMethod).then_some("method");
    let amount = faults.on(Fault::KeyIgnoresAmount).then_some("amount");
    method.or(amount)
}

impl Keyed {
    /// The request, if it has a key. `scope` is what else has to be the same.
    pub fn new(key: Option<String>, scope: &str, body: &Bytes) -> Option<Self> {
        Some(Self {
            key: format!("{scope} {}", key?),
            body: meant(serde_json::from_slice(body).unwrap_or_default()),
        })
    }
}

impl Keys {
    /// The first answer, where the request is a repeat of one that was accepted.
    pub fn answer(&self, keyed: Option<&Keyed>, policy: &Policy) -> Result<Option<Value>, Problem> {
        let Some(keyed) = keyed.filter(|_| !policy.is_ignored) else {
            return Ok(None);
        };
        let Some(first) = self.0.get(&keyed.key) else {
            return Ok(None);
        };
        let is_same = policy.replays_anything
            || compared(&first.body, policy) == compared(&keyed.body, policy);
        let holds = is_same && first.answer.is_some() && !policy.refuses_repeats;
        state_rule(policy.rule, holds, "the key belongs to another request")?;
        Ok(first.answer.clone())
    }

    pub fn accepted(&mut self, keyed: Option<Keyed>, answer: &Value) {
        self.remember(keyed, Some(answer.clone()));
    }

    pub fn refused(&mut self, keyed: Option<Keyed>, policy: &Policy) {
        if policy.refused_take_keys {
            self.remember(keyed, None);
        }
    }

    fn remember(&mut self, keyed: Option<Keyed>, answer: Option<Value>) {
        if let Some(Keyed { key, body }) = keyed {
            self.0.entry(key).or_insert(First { body, answer });
        }
    }
}

/// What is compared of a body.
fn compared(body: &Value, policy: &Policy) -> Value {
    if let Some(name) = policy.compared {
        return body[name].clone();
    }
    let mut body = body.clone();
    if let (Some(name), Some(members)) = (policy.left_out, body.as_object_mut()) {
        members.remove(name);
    }
    body
}

/// What a body means: a default is the same whether it is sent or left out.
fn meant(body: Value) -> Value {
    let mut body = plain(body);
    let lines = body.get_mut("lines").and_then(Value::as_array_mut);
    for line in lines.into_iter().flatten() {
        fill(line, "kind", json!("goods"));
        fill(line, "discount", json!(0.0));
    }
    if let Some(capture) = body.get_mut("capture") {
        fill(capture, "mode", json!("automatic"));
    }
    fill(&mut body, "tier", json!("starter"));
    for amount in ["shipping_cost", "platform_fee", "restocking_fee"] {
        fill(&mut body, amount, json!(0.0));
    }
    body
}

/// Harmless where the member isn't one of the schema: all bodies get it.
fn fill(object: &mut Value, name: &str, default: Value) {
    if let Some(members) = object.as_object_mut() {
        members.entry(name).or_insert(default);
    }
}

/// Numbers are the same however they are written: `12`, `12.0` and `1.2e1`.
fn plain(value: Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().map_or(Value::Null, Value::from),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(members) => {
            let members = members
                .into_iter()
                .map(|(name, value)| (name, plain(value)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        other => other,
    }
}
