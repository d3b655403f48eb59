//! What a right server answers: examples, schemas, repeats, lists and times.

#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod support;

use axum::http::StatusCode;
use serde_json::{Value, json};
use support::*;

fn get(path: &str) -> Step {
    Step {
        method: "GET",
        ..post(path, Value::Null)
    }
}

#[tokio::test]
async fn examples_are_accepted() {
    let steps = [
        room(json!({})),
        booked("workshop", json!({})),
        booked("hybrid", json!({})),
        booked("saturday", json!({})),
        series(json!({})),
        get("/rooms?min_capacity=20&layout=classroom"),
        get("/bookings?from=2031-05-01T00:00:00Z&status=confirmed,cancelled"),
    ];
    for (status, code) in play(&server(&[]), &steps).await {
        assert!(status < 300, "{code}");
    }
}

#[tokio::test]
async fn bookings_do_not_overlap_and_are_cancelled_in_time() {
    let steps = [
        room(json!({})),
        taken("09:00", "11:00"),
        taken("10:00", "12:00"),
        taken("11:00", "12:00"),
        cancelled(1, json!({})).at("2031-06-12T07:00:01Z"),
        cancelled(1, json!({})).at("soon"),
        cancelled(1, json!({})).at("2031-06-12T07:00:00Z"),
    ];
    let seen = play(&server(&[]), &steps).await;
    assert_eq!(seen[2], (409, "no-overlap".to_owned()));
    assert_eq!((seen[1].0, seen[3].0), (201, 201));
    assert_eq!(seen[4], (409, "cancelled-in-time".to_owned()));
    assert_eq!(seen[5], (400, "invalid_request".to_owned()));
    assert_eq!(seen[6].0, 200);
}

#[tokio::test]
async fn schemas_are_checked() {
    let bad = [
        room(json!({"zone": "Europe/Paris"})),
        room(json!({"layouts": {}})),
        room(json!({"layouts": {"sofa": 4}, "capacity": 4})),
        room(json!({"features": ["stage", "stage"]})),
        booking(json!({"room_id": "room_5D2C"})),
        booking(json!({"attendees": []})),
        booking(json!({"setup_minutes": 45})),
        booking(json!({"weekend_approval": "0412"})),
        booking(json!({"starts_at": "2031-06-12"})),
        booking(json!({"equipment": {"sound_system": 2}})),
        booking(json!({"price": 96.405})),
        booking(json!({"colour": "red"})),
        series(json!({"weekdays": ["TU", "TU"]})),
        series(json!({"every_weeks": 0})),
        get("/bookings?status=open"),
        get("/bookings?status=confirmed,cancelled,confirmed"),
        get("/rooms?min_capacity=none"),
    ];
    for step in bad {
        let seen = play(&server(&[]), &[room(json!({})), step.clone()]).await;
        assert_eq!(seen[1], (400, "invalid_request".to_owned()), "{step:?}");
    }
}

#[tokio::test]
async fn a_key_makes_one_booking() {
    let server = server(&[]);
    let request = asked("POST", "/rooms", "manager");
    let (_, made) = send(&server, request, room(json!({})).body.to_string()).await;
    let id = made["id"].as_str().unwrap();
    let body = booking(json!({"room_id": id})).body.to_string();
    let ask = async |key: &str| {
        let request = asked("POST", "/bookings", "oskar").header("Idempotency-Key", key);
        send(&server, request, body.clone()).await
    };
    let (first, again) = (ask("rooms-4c1b7a02").await, ask("rooms-4c1b7a02").await);
    assert_eq!(first, again);
    assert_eq!(first.0, StatusCode::CREATED);
    assert_eq!(ask("rooms-4c1b7a03").await.0, StatusCode::CONFLICT);
    assert_eq!(ask("short").await.0, StatusCode::BAD_REQUEST);
    let request = asked("GET", "/bookings", "oskar");
    let (_, listed) = send(&server, request, String::new()).await;
    assert_eq!(listed["bookings"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_booking_is_shown_as_it_is_now() {
    let server = server(&[]);
    let steps = [
        room(json!({})),
        taken("09:00", "11:00"),
        moved(1, "12:00", "14:00"),
        cancelled(1, json!({})),
    ];
    play(&server, &steps).await;
    let request = asked("GET", "/bookings?status=cancelled", "oskar");
    let (_, listed) = send(&server, request, String::new()).await;
    let shown = &listed["bookings"][0];
    assert_eq!(shown["starts_at"], "2031-06-12T12:00:00Z");
    assert_eq!(
        (&shown["status"], &shown["price"]),
        (&json!("cancelled"), &json!(96.4))
    );
    let request = asked("GET", "/rooms?layout=banquet", "oskar");
    let (_, rooms) = send(&server, request, String::new()).await;
    assert_eq!(rooms, json!({"rooms": []}));
}

#[tokio::test]
async fn a_token_is_needed_and_unknown_things_are_not_found() {
    let seen = play(
        &server(&[]),
        &[
            get("/rooms").by(""),
            get("/bookings/bk_80f3"),
            moved(7, "09:00", "10:00"),
            Step {
                method: "DELETE",
                ..post("/rooms/room_0000", Value::Null)
            },
        ],
    )
    .await;
    assert_eq!(seen[0], (401, "unauthorized".to_owned()));
    for (status, code) in &seen[1..] {
        assert_eq!((*status, code.as_str()), (404, "not_found"));
    }
}
