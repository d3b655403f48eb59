//! Paths, credentials and answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Extension, Json, Router};
use jiff::Timestamp;
use serde_json::{Value, json};
use serving::program::bearer_token;

use crate::api::booking::BookingRequest;
use crate::api::change::{CancelRequest, MoveRequest};
use crate::api::list::{BookingQuery, RoomQuery};
use crate::api::room::RoomRequest;
use crate::api::series::SeriesRequest;
use crate::faults::{Effect, Faults};
use crate::json::{Node, Object, date_time, text};
use crate::problem::Problem;
use crate::rules::access::{Access, Management, Purpose};
use crate::rules::changes::{Cancel, Move};
use crate::rules::{self, NewBooking, check};
use crate::state::{Booking, Store, new_id};

type Answer = Result<(StatusCode, Json<Value>), Problem>;

/// What makes one server different from another.
pub struct App {
    pub faults: Faults,
    /// The token of managers.
    pub manager: String,
}

/// What every request handler shares.
#[derive(Clone)]
struct Shared {
    app: Arc<App>,
    store: Arc<Mutex<Store>>,
}

/// Who asks, by their token.
#[derive(Clone)]
struct Who(String);

impl Shared {
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn management(&self, who: Who) -> Management {
        Management {
            who: who.0,
            manager: self.app.manager.clone(),
        }
    }

    /// The booking, for somebody who may see it or change it.
    fn booking(
        &self,
        store: &mut Store,
        id: &str,
        who: Who,
        purpose: Purpose,
    ) -> Result<Booking, Problem> {
        let access = Access {
            by: self.management(who),
            booking: store.booking(id)?.clone(),
            purpose,
        };
        check(rules::access::OF_BOOKINGS, &access, &self.app.faults)?;
        Ok(access.booking)
    }
}

/// A server without data.
pub fn router(app: App) -> Router {
    let shared = Shared {
        app: Arc::new(app),
        store: Arc::default(),
    };
    Router::new()
        .route("/rooms", get(list_rooms).post(create_room))
        .route("/rooms/{room_id}", delete(close_room))
        .route("/bookings", get(list_bookings).post(create_booking))
        .route("/bookings/{booking_id}", get(get_booking))
        .route(
            "/bookings/{booking_id}/reschedule",
            post(reschedule_booking),
        )
        .route("/bookings/{booking_id}/cancel", post(cancel_booking))
        .route("/booking-series", post(create_series))
        .layer(middleware::from_fn(identify))
        .with_state(shared)
}

async fn identify(mut request: Request, next: Next) -> Response {
    let token = bearer_token(request.headers()).filter(|token| !token.is_empty());
    let Some(who) = token.map(|token| Who(token.to_owned())) else {
        return Problem::unauthorized().into_response();
    };
    request.extensions_mut().insert(who);
    next.run(request).await
}

fn done(status: StatusCode, id: &str) -> Answer {
    Ok((status, Json(json!({"id": id}))))
}

fn no_such_room() -> Problem {
    Problem {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        code: "no-such-room",
        message: "there is no such room".to_owned(),
    }
}

async fn create_room(
    State(shared): State<Shared>,
    Extension(who): Extension<Who>,
    body: Bytes,
) -> Answer {
    let (by, faults) = (shared.management(who), &shared.app.faults);
    check(rules::access::OF_NEW_ROOMS, &by, faults)?;
    let request = RoomRequest::read(&Object::body(&body)?)?;
    check(rules::rooms::RULES, &request, faults)?;
    let view = serde_json::from_slice(&body).unwrap_or_default();
    done(StatusCode::CREATED, &shared.store().add_room(request, view))
}

async fn list_rooms(
    State(shared): State<Shared>,
    Query(parameters): Query<BTreeMap<String, String>>,
) -> Answer {
    let query = RoomQuery::read(&Object::query(parameters))?;
    let rooms = shared.store().list_rooms(&query);
    Ok((StatusCode::OK, Json(json!({"rooms": rooms}))))
}

async fn close_room(
    State(shared): State<Shared>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
) -> Answer {
    let (by, faults) = (shared.management(who), &shared.app.faults);
    let mut store = shared.store();
    if store.room(&id).is_none() {
        return Err(Problem::not_found("there is no such room"));
    }
    check(rules::access::OF_ROOMS, &by, faults)?;
    if !faults.on(Effect::ClosedRoomsStay) {
        store.close(&id);
    }
    done(StatusCode::OK, &id)
}

fn header(headers: &HeaderMap, name: &str) -> Result<Node, Problem> {
    let value = headers
        .get(name)
        .ok_or_else(|| Problem::invalid(format!("the header {name} is missing")))?;
    let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
    Ok(Node::plain(&format!("header {name}"), value))
}

fn read_key(headers: &HeaderMap) -> Result<String, Problem> {
    text(8, 64)(&header(headers, "Idempotency-Key")?)
}

/// When a request is made: tests say so, since the time is no concern of an example.
fn read_now(headers: &HeaderMap) -> Result<Timestamp, Problem> {
    date_time(&header(headers, "X-Test-Now")?)
}

async fn create_booking(
    State(shared): State<Shared>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let key = read_key(&headers)?;
    let mut store = shared.store();
    if let Some(first) = store.made_with(&key) {
        return Ok((StatusCode::CREATED, Json(first.view())));
    }
    let request = BookingRequest::read(&Object::body(&body)?)?;
    let booking = book(&shared, &store, request, who)?;
    let view = booking.view();
    store.add_booking(key, booking);
    Ok((StatusCode::CREATED, Json(view)))
}

/// The booking that a request makes, where the rules allow it.
fn book(
    shared: &Shared,
    store: &Store,
    request: BookingRequest,
    who: Who,
) -> Result<Booking, Problem> {
    let faults = &shared.app.faults;
    let Who(who) = who;
    let owner = if faults.on(Effect::BookingsBelongToManagers) {
        &shared.app.manager
    } else {
        &who
    };
    let booking = Booking::new(&request, owner);
    let Some(room) = store.room(&request.room_id).cloned() else {
        return if faults.on(Effect::BookingsOfNoRoom) {
            Ok(booking)
        } else {
            Err(no_such_room())
        };
    };
    let others = store.bookings().to_vec();
    let new = NewBooking {
        request,
        room,
        who,
        others,
    };
    rules::check_booking(&new, faults)?;
    Ok(booking)
}

async fn list_bookings(
    State(shared): State<Shared>,
    Query(parameters): Query<BTreeMap<String, String>>,
) -> Answer {
    let query = BookingQuery::read(&Object::query(parameters))?;
    let bookings = shared.store().list_bookings(&query);
    Ok((StatusCode::OK, Json(json!({"bookings": bookings}))))
}

async fn get_booking(
    State(shared): State<Shared>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
) -> Answer {
    let mut store = shared.store();
    let booking = shared.booking(&mut store, &id, who, Purpose::Look)?;
    Ok((StatusCode::OK, Json(booking.view())))
}

async fn reschedule_booking(
    State(shared): State<Shared>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    body: Bytes,
) -> Answer {
    let request = MoveRequest::read(&Object::body(&body)?)?;
    let (mut store, faults) = (shared.store(), &shared.app.faults);
    let booking = shared.booking(&mut store, &id, who, Purpose::Move)?;
    let all = store.bookings().to_vec();
    let change = Move {
        request,
        booking,
        all,
    };
    check(rules::changes::OF_MOVES, &change, faults)?;
    check(rules::calendar::OF_MOVES, &change, faults)?;
    if !faults.on(Effect::MovedBookingsStay) {
        store.booking(&id)?.move_to(&change.request);
    }
    done(StatusCode::OK, &id)
}

async fn cancel_booking(
    State(shared): State<Shared>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let now = read_now(&headers)?;
    let request = CancelRequest::read(&Object::body(&body)?)?;
    let (mut store, faults) = (shared.store(), &shared.app.faults);
    let booking = shared.booking(&mut store, &id, who, Purpose::Cancel)?;
    let cancel = Cancel {
        request,
        booking,
        now,
    };
    check(rules::changes::OF_CANCELLATIONS, &cancel, faults)?;
    check(rules::window::OF_CANCELLATIONS, &cancel, faults)?;
    store.booking(&id)?.is_cancelled = true;
    done(StatusCode::OK, &id)
}

async fn create_series(State(shared): State<Shared>, body: Bytes) -> Answer {
    let request = SeriesRequest::read(&Object::body(&body)?)?;
    let faults = &shared.app.faults;
    let is_known = shared.store().room(&request.room_id).is_some();
    if !is_known && !faults.on(Effect::SeriesOfNoRoom) {
        return Err(no_such_room());
    }
    check(rules::series::RULES, &request, faults)?;
    done(StatusCode::CREATED, &new_id("series"))
}
