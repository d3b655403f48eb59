//! A client that talks to the router in the same process, and requests to start from.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;
use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{Request, StatusCode};
use booking_server::faults::Faults;
use booking_server::routes::{App, router};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

/// One request; `{0}` in its path or body is the id that step 0 was answered.
#[derive(Clone, Debug)]
pub struct Step {
    pub method: &'static str,
    pub path: String,
    pub who: &'static str,
    /// When it is sent, as far as the server asks.
    pub now: &'static str,
    pub body: Value,
}

/// What a client sees: the status, and the error's code if it is one.
pub type Seen = (u16, String);

pub fn server(faults: &[&str]) -> Router {
    let names: Vec<String> = faults.iter().map(|name| (*name).to_owned()).collect();
    router(App {
        faults: Faults::named(&names).unwrap(),
        manager: "manager".to_owned(),
    })
}

/// Sends the steps one after the other.
pub async fn play(server: &Router, steps: &[Step]) -> Vec<Seen> {
    let mut ids: Vec<String> = Vec::new();
    let mut seen = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let (mut path, mut body) = (step.path.clone(), step.body.to_string());
        for (i, id) in ids.iter().enumerate() {
            path = path.replace(&format!("{{{i}}}"), id);
            body = body.replace(&format!("{{{i}}}"), id);
        }
        let key = format!("key-of-step-{number}");
        let request = asked(step.method, &path, step.who)
            .header("Idempotency-Key", key)
            .header("X-Test-Now", step.now);
        let (status, answer) = send(server, request, body).await;
        ids.push(answer["id"].as_str().unwrap_or_default().to_owned());
        let code = answer["error"]["code"].as_str().unwrap_or_default();
        seen.push((status.as_u16(), code.to_owned()));
    }
    seen
}

pub fn asked(method: &str, path: &str, who: &str) -> Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("Authorization", format!("Bearer {who}"))
}

pub async fn send(server: &Router, request: Builder, body: String) -> (StatusCode, Value) {
    let request = request.body(Body::from(body)).unwrap();
    let answer = server.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    (
        status,
        serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    )
}

pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi.yaml");
        serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    });
    &DOCUMENT
}

/// The body of an example of the API document.
pub fn example(path: &str, name: &str) -> Value {
    let body = &document()["paths"][path]["post"]["requestBody"]["content"]["application/json"];
    let value = body["examples"][name]["value"].clone();
    assert!(value.is_object(), "{path} has no example {name}");
    value
}

/// Changes members of a body; null takes one away.
fn changed(mut body: Value, changes: &Value) -> Value {
    let members = body.as_object_mut().unwrap();
    for (name, change) in changes.as_object().unwrap() {
        if change.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), change.clone());
        }
    }
    body
}

pub fn post(path: &str, body: Value) -> Step {
    Step {
        method: "POST",
        path: path.to_owned(),
        who: "oskar",
        now: "2031-01-01T00:00:00Z",
        body,
    }
}

impl Step {
    pub fn by(mut self, who: &'static str) -> Self {
        self.who = who;
        self
    }

    pub fn at(mut self, now: &'static str) -> Self {
        self.now = now;
        self
    }
}

pub fn room(changes: Value) -> Step {
    post("/rooms", changed(example("/rooms", "harbour"), &changes)).by("manager")
}

/// A booking of the room of step 0: the example `hybrid`, which no weekday or setup
/// time is special for.
pub fn booking(changes: Value) -> Step {
    booked("hybrid", changes)
}

pub fn booked(name: &str, changes: Value) -> Step {
    let body = changed(example("/bookings", name), &json!({"room_id": "{0}"}));
    post("/bookings", changed(body, &changes))
}

/// From one hour of a Thursday to another, in UTC.
pub fn times(from: &str, until: &str) -> Value {
    let at = |hour: &str| format!("2031-06-12T{hour}:00Z");
    json!({"starts_at": at(from), "ends_at": at(until)})
}

pub fn taken(from: &str, until: &str) -> Step {
    booking(times(from, until))
}

pub fn moved(of: usize, from: &str, until: &str) -> Step {
    post(
        &format!("/bookings/{{{of}}}/reschedule"),
        times(from, until),
    )
}

/// Gives up a booking of the price of `hybrid`, more than 72 hours before.
pub fn cancelled(of: usize, changes: Value) -> Step {
    let body = json!({"reason": "illness", "notice_hours": 80, "fee": 0});
    post(
        &format!("/bookings/{{{of}}}/cancel"),
        changed(body, &changes),
    )
}

pub fn series(changes: Value) -> Step {
    let body = example("/booking-series", "fortnightly");
    let body = changed(body, &json!({"room_id": "{0}"}));
    post("/booking-series", changed(body, &changes))
}
