//! The right server: it takes the API document's examples, and refuses what the
//! document refuses.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where it goes wrong"
)]

mod support;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use payments_server::faults::Faults;
use payments_server::routes::{App, router};
use serde_json::{Value, json};
use support::*;
use tower::ServiceExt;

#[tokio::test]
async fn the_examples_are_accepted() {
    let steps = [
        payment("card", json!({})),
        payment("manual", json!({})),
        payment("debit", json!({})),
        payment("delayed", json!({})),
        discount(1, json!({})),
        convert(1, json!({})),
        capture(1, json!({"currency": "USD"})),
        refund_of_goods(0, json!({})),
        void(3, json!({})),
        payout("sepa", json!({})),
        payout("swift", json!({})),
        link(json!({})),
        list(
            "created_from=2031-05-04&created_to=2031-05-29&min_amount=12.75&currency=EUR&limit=35",
        ),
    ];
    let conversion = [quote(json!({})), conversion(json!({}))];
    for steps in [&steps[..], &conversion[..]] {
        for (step, seen) in steps.iter().zip(play(&server(&[]), steps).await) {
            assert!(seen.0.is_success(), "{step:?}: {seen:?}");
        }
    }
}

#[tokio::test]
async fn what_happened_to_a_payment_can_be_seen() {
    let server = server(&[]);
    let body = example("/payments", "manual").to_string();
    let (status, made) = send(&server, "POST", "/payments", "web", body).await;
    assert_eq!(status, StatusCode::CREATED);
    let path = format!("/payments/{}", made["id"].as_str().unwrap());
    let captured = json!({"amount": 61.75, "currency": "GBP"}).to_string();
    send(
        &server,
        "POST",
        &format!("{path}/captures"),
        "web",
        captured,
    )
    .await;
    let (status, seen) = send(&server, "GET", &path, "web", String::new()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(seen["amount"], json!(160.9));
    assert_eq!(seen["captured"], json!(61.75));
    assert_eq!(seen["status"], json!("captured"));
    let (_, listed) = send(
        &server,
        "GET",
        "/payments?status=captured",
        "web",
        String::new(),
    )
    .await;
    assert_eq!(listed["payments"], json!([seen]));
    let (_, listed) = send(
        &server,
        "GET",
        "/payments?status=voided",
        "web",
        String::new(),
    )
    .await;
    assert_eq!(listed["payments"], json!([]));
}

#[tokio::test]
async fn a_request_that_is_sent_again_gets_its_first_answer() {
    let key = "key-of-tests-3";
    let manual = || payment("manual", json!({}));
    let refund = |of: usize| refund(of, 94.15, json!({}));
    let steps = [
        payment("card", json!({})).keyed(key),
        payment("card", json!({})).keyed(key),
        manual().keyed(key),
        manual(),
        manual(),
        payment("card", json!({})),
        // One key each: of payments, of refunds, and of each payment's refunds.
        refund(0).keyed(key),
        refund(5).keyed(key),
        refund(0).keyed(key),
    ];
    let seen = play_with_ids(&server(&[]), &steps).await;
    let ids: Vec<Again> = seen.iter().map(|(_, again)| *again).collect();
    let (none, first) = (None, Some(0));
    assert_eq!(
        ids,
        [none, first, none, none, none, none, none, none, Some(6)]
    );
    for (i, ((status, code), _)) in seen.into_iter().enumerate() {
        match i {
            2 => assert_eq!(
                (status, code.as_deref()),
                (
                    StatusCode::CONFLICT,
                    Some("idempotency-key-keeps-its-payment")
                )
            ),
            _ => assert_eq!(status, StatusCode::CREATED, "step {i}: {code:?}"),
        }
    }
}

#[tokio::test]
async fn a_default_is_the_same_whether_it_is_sent_or_not() {
    let card = |changes: Value| payment("card", changes).keyed("key-of-tests-5");
    let explicit = json!({"lines": [
        {"sku": "TENT-204", "kind": "goods", "quantity": 3, "unit_price": 93.65, "discount": 0.2},
    ]});
    let mut implied = explicit.clone();
    change(&mut implied, &json!({"capture": {"mode": null}}));
    implied["lines"][0].as_object_mut().unwrap().remove("kind");
    let seen = play_with_ids(&server(&[]), &[card(explicit), card(implied)]).await;
    let again: Vec<Again> = seen.iter().map(|(_, again)| *again).collect();
    assert_eq!(again, [None, Some(0)], "{seen:?}");
}

#[tokio::test]
async fn numbers_are_the_same_however_they_are_written() {
    let server = server(&[]);
    let mut seen = Vec::new();
    for amount in ["160.9", "160.90", "1609e-1"] {
        let body = example("/payments", "manual").to_string();
        let body = body.replace("\"amount\":160.9", &format!("\"amount\":{amount}"));
        let key = Some("key-of-tests-4");
        let (status, made) = send_keyed(&server, "POST", "/payments", "web", key, body).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        seen.push(made);
    }
    assert!(seen.iter().all(|made| *made == seen[0]));
}

#[tokio::test]
async fn what_does_not_exist_is_refused() {
    let unknown = "pay_c1f08e2b7d4649a3b95e10d76a8f3e42";
    let mut refund = refund(0, 12.35, json!({}));
    refund.path = format!("/payments/{unknown}/refunds");
    let quote_id = example("/conversions", "part_of_a_quote");
    let seen = play(&server(&[]), &[refund, post("/conversions", quote_id)]).await;
    assert_eq!(
        seen[0],
        (StatusCode::NOT_FOUND, Some("not_found".to_owned()))
    );
    assert_eq!(
        seen[1],
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            Some("quote_not_found".to_owned())
        )
    );
}

#[tokio::test]
async fn a_bearer_token_is_needed() {
    let status = async |token: Option<&str>, credentials: Option<&str>| {
        let app = App::new(Faults::default(), token.map(str::to_owned));
        let mut request = Request::builder().uri("/payments");
        if let Some(credentials) = credentials {
            request = request.header("Authorization", credentials);
        }
        router(app)
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap()
            .status()
    };
    assert_eq!(status(None, None).await, StatusCode::UNAUTHORIZED);
    assert_eq!(
        status(None, Some("Bearer ")).await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        status(None, Some("Basic abc")).await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(status(None, Some("Bearer abc")).await, StatusCode::OK);
    assert_eq!(
        status(Some("abc"), Some("Bearer abc")).await,
        StatusCode::OK
    );
    assert_eq!(
        status(Some("abc"), Some("Bearer abd")).await,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn headers_and_queries_have_schemas_too() {
    let bad = |query: &str| (list(query), StatusCode::BAD_REQUEST);
    let steps = [
        (
            payment("manual", json!({})).through("fax"),
            StatusCode::BAD_REQUEST,
        ),
        (
            payment("manual", json!({})).keyed("short"),
            StatusCode::BAD_REQUEST,
        ),
        bad("limit=0"),
        bad("limit=201"),
        bad("limit=7.5"),
        bad("limit=many"),
        bad("created_from=2031-02-30"),
        bad("currency=DKK"),
        bad("currency=EUR&min_amount=0"),
        bad("currency=EUR&max_amount=12.345"),
        bad("status=refunded"),
        (list("limit=200&status=voided"), StatusCode::OK),
    ];
    for (step, expected) in steps {
        let seen = play(&server(&[]), std::slice::from_ref(&step)).await;
        assert_eq!(seen[0].0, expected, "{step:?}");
    }
}

#[tokio::test]
async fn what_is_no_json_is_refused() {
    for body in ["", "{", "[]", "null", "\"x\"", "{\"amount\": }"] {
        let (status, answer) = send(&server(&[]), "POST", "/quotes", "web", body.to_owned()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer["error"]["code"], Value::from("invalid_request"));
    }
}
