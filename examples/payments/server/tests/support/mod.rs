//! A client that talks to the router in the same process, and requests to start from.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;
use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use payments_server::faults::Faults;
use payments_server::routes::{App, router};
use serde_json::{Value, json};
use tower::ServiceExt;

/// Stands for an explicit null in a change, where null takes a member away.
pub const NULL: &str = "<null>";

/// One request; `{0}` in its path or body is the id that step 0 was answered.
#[derive(Clone, Debug)]
pub struct Step {
    pub method: &'static str,
    pub path: String,
    pub channel: &'static str,
    pub key: Option<&'static str>,
    pub body: Value,
}

/// What a client sees: the status, and the error's code if it is one.
pub type Seen = (StatusCode, Option<String>);

/// Where an answer gives the id of an earlier one again: which step that was.
pub type Again = Option<usize>;

pub fn server(faults: &[&str]) -> Router {
    let names: Vec<String> = faults.iter().map(|name| (*name).to_owned()).collect();
    router(App::new(Faults::named(&names).unwrap(), None))
}

/// Sends the steps one after the other.
pub async fn play(server: &Router, steps: &[Step]) -> Vec<Seen> {
    let seen = play_with_ids(server, steps).await.into_iter();
    seen.map(|(seen, _)| seen).collect()
}

pub async fn play_with_ids(server: &Router, steps: &[Step]) -> Vec<(Seen, Again)> {
    let mut ids: Vec<String> = Vec::new();
    let mut seen = Vec::new();
    for step in steps {
        let (mut path, mut body) = (step.path.clone(), step.body.to_string());
        for (i, id) in ids.iter().enumerate() {
            path = path.replace(&format!("{{{i}}}"), id);
            body = body.replace(&format!("{{{i}}}"), id);
        }
        let (method, channel) = (step.method, step.channel);
        let (status, answer) = send_keyed(server, method, &path, channel, step.key, body).await;
        let id = answer["id"].as_str().unwrap_or_default().to_owned();
        let again = ids.iter().position(|known| !id.is_empty() && *known == id);
        ids.push(id);
        let code = answer["error"]["code"].as_str().map(str::to_owned);
        seen.push(((status, code), again));
    }
    seen
}

pub async fn send(
    server: &Router,
    method: &str,
    path: &str,
    channel: &str,
    body: String,
) -> (StatusCode, Value) {
    send_keyed(server, method, path, channel, None, body).await
}

pub async fn send_keyed(
    server: &Router,
    method: &str,
    path: &str,
    channel: &str,
    key: Option<&str>,
    body: String,
) -> (StatusCode, Value) {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("Authorization", "Bearer some-token")
        .header("Content-Type", "application/json")
        .header("Sales-Channel", channel);
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    let request = request.body(Body::from(body)).unwrap();
    let answer = server.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    (
        status,
        serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    )
}

pub fn read_yaml(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(&path).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| read_yaml("../openapi.yaml"));
    &DOCUMENT
}

/// The body of an example of the API document.
pub fn example(path: &str, name: &str) -> Value {
    let body = &document()["paths"][path]["post"]["requestBody"]["content"]["application/json"];
    let value = body["examples"][name]["value"].clone();
    assert!(value.is_object(), "{path} has no example {name}");
    value
}

/// Changes a body as JSON Merge Patch does.
pub fn change(body: &mut Value, changes: &Value) {
    let Value::Object(changes) = changes else {
        *body = if changes == NULL {
            Value::Null
        } else {
            changes.clone()
        };
        return;
    };
    if !body.is_object() {
        *body = json!({});
    }
    let members = body.as_object_mut().unwrap();
    for (name, change_to) in changes {
        if change_to.is_null() {
            members.remove(name);
        } else {
            change(
                members.entry(name.clone()).or_insert(Value::Null),
                change_to,
            );
        }
    }
}

fn changed(path: &str, name: &str, changes: &Value) -> Value {
    let mut body = example(path, name);
    change(&mut body, changes);
    body
}

pub fn post(path: &str, body: Value) -> Step {
    Step {
        method: "POST",
        path: path.to_owned(),
        channel: "web",
        key: None,
        body,
    }
}

pub fn payment(name: &str, changes: Value) -> Step {
    post("/payments", changed("/payments", name, &changes))
}

impl Step {
    pub fn through(mut self, channel: &'static str) -> Self {
        self.channel = channel;
        self
    }

    pub fn keyed(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }
}

pub fn capture(of: usize, changes: Value) -> Step {
    let body = changed("/payments/{payment_id}/captures", "partial", &changes);
    post(&format!("/payments/{{{of}}}/captures"), body)
}

pub fn discount(of: usize, changes: Value) -> Step {
    let body = changed("/payments/{payment_id}/discounts", "late", &changes);
    post(&format!("/payments/{{{of}}}/discounts"), body)
}

pub fn convert(of: usize, changes: Value) -> Step {
    let body = changed("/payments/{payment_id}/conversion", "dollars", &changes);
    post(&format!("/payments/{{{of}}}/conversion"), body)
}

pub fn void(of: usize, changes: Value) -> Step {
    let body = changed("/payments/{payment_id}/void", "other", &changes);
    post(&format!("/payments/{{{of}}}/void"), body)
}

/// A refund without lines, unless the changes say otherwise.
pub fn refund(of: usize, amount: f64, changes: Value) -> Step {
    let mut body = json!({"amount": amount, "currency": "EUR", "reason": "goodwill"});
    change(&mut body, &changes);
    post(&format!("/payments/{{{of}}}/refunds"), body)
}

pub fn refund_of_goods(of: usize, changes: Value) -> Step {
    let body = changed("/payments/{payment_id}/refunds", "returned", &changes);
    post(&format!("/payments/{{{of}}}/refunds"), body)
}

pub fn payout(name: &str, changes: Value) -> Step {
    post("/payouts", changed("/payouts", name, &changes))
}

pub fn quote(changes: Value) -> Step {
    post("/quotes", changed("/quotes", "euros_to_kronor", &changes))
}

/// A conversion on the quote of step 0.
pub fn conversion(changes: Value) -> Step {
    let mut body = changed("/conversions", "part_of_a_quote", &changes);
    change(&mut body, &json!({"quote_id": "{0}"}));
    post("/conversions", body)
}

pub fn link(changes: Value) -> Step {
    post(
        "/payment-links",
        changed("/payment-links", "workshop", &changes),
    )
}

pub fn list(query: &str) -> Step {
    let path = format!("/payments?{query}");
    Step {
        method: "GET",
        path,
        channel: "web",
        key: None,
        body: Value::Null,
    }
}

pub fn line(quantity: i64, unit_price: f64, discount: f64) -> Value {
    json!({"sku": "LAMP-315", "quantity": quantity, "unit_price": unit_price, "discount": discount})
}

pub fn adjustable(quantity: i64, minimum: i64, maximum: i64) -> Value {
    let range = json!({"minimum": minimum, "maximum": maximum});
    let mut line = line(quantity, 59.2, 0.0);
    change(&mut line, &json!({"adjustable": range}));
    line
}
