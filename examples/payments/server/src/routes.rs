//! Paths, credentials and answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use serving::program::bearer_token;

use crate::api::SalesChannel;
use crate::api::change::{DiscountRequest, MoveRequest};
use crate::api::conversion::{ConversionRequest, QuoteRequest};
use crate::api::link::LinkRequest;
use crate::api::payment::{CaptureRequest, ListQuery, PaymentRequest, VoidRequest};
use crate::api::payout::PayoutRequest;
use crate::api::refund::RefundRequest;
use crate::faults::{Fault, Faults};
use crate::json::{Node, Object, one_of, text, uuid};
use crate::keys::{Keyed, Policy};
use crate::problem::Problem;
use crate::rules;
use crate::state::{Store, new_id};

type Answer = Result<(StatusCode, Json<Value>), Problem>;

/// What every request handler shares.
#[derive(Clone)]
pub struct App {
    store: Arc<Mutex<Store>>,
    faults: Arc<Faults>,
    token: Option<Arc<str>>,
}

impl App {
    /// A server without data. Without a token it accepts every bearer token.
    pub fn new(faults: Faults, token: Option<String>) -> Self {
        Self {
            store: Arc::default(),
            faults: Arc::new(faults),
            token: token.map(Arc::from),
        }
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub fn router(app: App) -> Router {
    Router::new()
        .route("/payments", get(list_payments).post(create_payment))
        .route("/payments/{payment_id}", get(get_payment))
        .route("/payments/{payment_id}/captures", post(capture_payment))
        .route("/payments/{payment_id}/discounts", post(discount_payment))
        .route("/payments/{payment_id}/conversion", post(convert_payment))
        .route("/payments/{payment_id}/void", post(void_payment))
        .route("/payments/{payment_id}/refunds", post(create_refund))
        .route("/payouts", post(create_payout))
        .route("/quotes", post(create_quote))
        .route("/conversions", post(create_conversion))
        .route("/payment-links", post(create_payment_link))
        .layer(middleware::from_fn_with_state(app.clone(), authorize))
        .with_state(app)
}

async fn authorize(State(app): State<App>, request: Request, next: Next) -> Response {
    let token = bearer_token(request.headers());
    let known = match (&app.token, token) {
        (Some(expected), Some(token)) => **expected == *token,
        (None, Some(token)) => !token.is_empty(),
        (_, None) => false,
    };
    if known {
        next.run(request).await
    } else {
        Problem::unauthorized().into_response()
    }
}

fn created(id: &str) -> Answer {
    Ok((StatusCode::CREATED, Json(json!({"id": id}))))
}

fn read_header<T>(
    headers: &HeaderMap,
    name: &str,
    read: impl Fn(&Node) -> Result<T, Problem>,
) -> Result<Option<T>, Problem> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
    read(&Node::plain(&format!("header {name}"), text)).map(Some)
}

fn read_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    read_header(headers, "Idempotency-Key", text(8, 64))
}

async fn create_payment(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Answer {
    let channel = read_header(&headers, "Sales-Channel", one_of::<SalesChannel>)?
        .ok_or_else(|| Problem::invalid("the header Sales-Channel is missing".to_owned()))?;
    read_header(&headers, "Request-Id", uuid)?;
    let request = PaymentRequest::read(&Object::body(&body)?)?;
    let keyed = Keyed::new(read_key(&headers)?, "", &body);
    let policy = Policy::of_payments(&app.faults);
    let mut store = app.store();
    if let Some(first) = store.payment_keys.answer(keyed.as_ref(), &policy)? {
        return Ok((StatusCode::CREATED, Json(first)));
    }
    if let Err(problem) = rules::check_payment(&request, channel, &app.faults) {
        store.payment_keys.refused(keyed, &policy);
        return Err(problem);
    }
    let (id, payment) = store.add_payment(&request, &app.faults);
    let view = payment.view(&id);
    store.payment_keys.accepted(keyed, &view);
    Ok((StatusCode::CREATED, Json(view)))
}

async fn list_payments(
    State(app): State<App>,
    Query(parameters): Query<BTreeMap<String, String>>,
) -> Answer {
    let query = ListQuery::read(&Object::query(parameters))?;
    rules::lists::check(&query, &app.faults)?;
    Ok((
        StatusCode::OK,
        Json(json!({"payments": app.store().list(&query)})),
    ))
}

async fn get_payment(State(app): State<App>, Path(id): Path<String>) -> Answer {
    let view = app.store().payment(&id)?.view(&id);
    Ok((StatusCode::OK, Json(view)))
}

async fn capture_payment(State(app): State<App>, Path(id): Path<String>, body: Bytes) -> Answer {
    let request = CaptureRequest::read(&Object::body(&body)?)?;
    let mut store = app.store();
    let payment = store.payment(&id)?;
    rules::captures::check_capture(payment, &request, &app.faults)?;
    payment.capture(&request, &app.faults);
    created(&new_id("cap"))
}

async fn discount_payment(State(app): State<App>, Path(id): Path<String>, body: Bytes) -> Answer {
    let request = DiscountRequest::read(&Object::body(&body)?)?;
    let mut store = app.store();
    if app.faults.on(Fault::UnknownPaymentDiscounted) && store.payment(&id).is_err() {
        return created(&new_id("dis"));
    }
    let of_all = store.discounts();
    let payment = store.payment(&id)?;
    rules::changes::check_discount(payment, of_all, &request, &app.faults)?;
    payment.discount(&request);
    created(&new_id("dis"))
}

async fn convert_payment(State(app): State<App>, Path(id): Path<String>, body: Bytes) -> Answer {
    let request = MoveRequest::read(&Object::body(&body)?)?;
    let mut store = app.store();
    let payment = store.payment(&id)?;
    rules::changes::check_move(payment, &app.faults)?;
    payment.move_to(&request, &app.faults);
    created(&new_id("move"))
}

async fn void_payment(State(app): State<App>, Path(id): Path<String>, body: Bytes) -> Answer {
    let request = VoidRequest::read(&Object::body(&body)?)?;
    let mut store = app.store();
    let payment = store.payment(&id)?;
    rules::captures::check_void(payment, &request, &app.faults)?;
    payment.voided = true;
    if app.faults.on(Fault::VoidHitsEveryPayment) {
        store.void_all();
    }
    created(&new_id("void"))
}

async fn create_refund(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let request = RefundRequest::read(&Object::body(&body)?)?;
    let key = read_key(&headers)?;
    let (faults, mut store) = (&app.faults, app.store());
    let one_for_all = faults.on(Fault::RefundKeyForAllPayments);
    let keyed = Keyed::new(key, if one_for_all { "" } else { &id }, &body);
    let first = first_refund(&mut store, &id, &request, keyed.as_ref(), faults)?;
    if let Some(first) = first {
        return Ok((StatusCode::CREATED, Json(first)));
    }
    let payment = store.payment(&id)?;
    if let Err(problem) = rules::refunds::check(payment, &request, faults) {
        let policy = Policy::of_refunds(faults);
        store.refund_keys.refused(keyed, &policy);
        return Err(problem);
    }
    payment.refund(&request);
    let answer = json!({"id": new_id("ref")});
    store.refund_keys.accepted(keyed, &answer);
    Ok((StatusCode::CREATED, Json(answer)))
}

/// The answer to the request that this one repeats.
fn first_refund(
    store: &mut Store,
    id: &str,
    request: &RefundRequest,
    keyed: Option<&Keyed>,
    faults: &Faults,
) -> Result<Option<Value>, Problem> {
    store.payment(id)?;
    let first = store
        .refund_keys
        .answer(keyed, &Policy::of_refunds(faults))?;
    if first.is_some() {
        let payment = store.payment(id)?;
        if faults.on(Fault::RefundRepeatCheckedAgain) {
            rules::refunds::check(payment, request, faults)?;
        }
        if faults.on(Fault::RefundRepeatBooked) {
            payment.refund(request);
        }
    }
    Ok(first)
}

async fn create_payout(State(app): State<App>, body: Bytes) -> Answer {
    let request = PayoutRequest::read(&Object::body(&body)?)?;
    rules::payouts::check(&request, &app.faults)?;
    created(&new_id("out"))
}

async fn create_quote(State(app): State<App>, body: Bytes) -> Answer {
    let request = QuoteRequest::read(&Object::body(&body)?)?;
    rules::conversions::check_quote(&request, &app.faults)?;
    let id = app.store().add_quote(&request);
    created(&id)
}

async fn create_conversion(State(app): State<App>, body: Bytes) -> Answer {
    let request = ConversionRequest::read(&Object::body(&body)?)?;
    let mut store = app.store();
    let quote = store.quote(&request.quote_id)?;
    rules::conversions::check_conversion(quote, &request, &app.faults)?;
    quote.convert(&request);
    created(&new_id("con"))
}

async fn create_payment_link(State(app): State<App>, body: Bytes) -> Answer {
    let request = LinkRequest::read(&Object::body(&body)?)?;
    rules::links::check(&request, &app.faults)?;
    created(&new_id("link"))
}
