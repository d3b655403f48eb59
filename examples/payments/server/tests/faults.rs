//! Every fault shows: there is a sequence of requests that the faulty server answers
//! differently from the right one.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where it goes wrong"
)]

mod support;

use std::collections::BTreeSet;

use axum::http::StatusCode;
use payments_server::faults::{Entry, FAULTS};
use serde_json::json;
use support::*;

/// A sequence whose last request tells the faulty server from the right one.
fn scenario(fault: &str) -> Vec<Step> {
    let steps = payments(fault)
        .or_else(|| methods(fault))
        .or_else(|| installments(fault))
        .or_else(|| keys(fault))
        .or_else(|| lifecycle(fault))
        .or_else(|| discounts(fault))
        .or_else(|| moves(fault))
        .or_else(|| refunds(fault))
        .or_else(|| refund_keys(fault))
        .or_else(|| payouts(fault))
        .or_else(|| conversions(fault))
        .or_else(|| links_and_lists(fault));
    steps.unwrap_or_else(|| panic!("{fault} has no scenario"))
}

fn payments(fault: &str) -> Option<Vec<Step>> {
    Some(vec![match fault {
        "total-ignores-line-discounts" | "total-forgets-shipping" => payment("manual", json!({})),
        "total-skips-service-lines" => payment("debit", json!({})),
        "total-checked-for-underpayment-only" => payment("manual", json!({"amount": 160.91})),
        "discount-against-unit-price" => payment(
            "manual",
            json!({"lines": [line(7, 23.85, 30.0)], "amount": 142.25, "platform_fee": 2.15}),
        ),
        "discount-up-to-whole-price" => payment(
            "manual",
            json!({"lines": [line(2, 20.15, 5.1), line(3, 4.5, 13.5)], "amount": 40.5, "platform_fee": 0.65}),
        ),
        "discount-of-first-line-only" => payment(
            "manual",
            json!({"lines": [line(2, 20.15, 5.1), line(3, 4.5, 14.0)], "amount": 40, "platform_fee": 0.65}),
        ),
        "yen-checks-the-fee" => payment("manual", json!({"currency": "JPY", "platform_fee": 3})),
        "growth-fee-at-starter-share" => payment(
            "card",
            json!({"platform_fee": 12.4, "splits": [split("seller", 180.5), split("tax", 95.5)]}),
        ),
        "fee-unchecked-without-tier" => {
            payment("debit", json!({"tier": null, "platform_fee": 9.9}))
        }
        "fee-cap-rounds-down" => payment("debit", json!({"platform_fee": 4.62})),
        "splits-forget-the-platform-fee" => payment("card", json!({})),
        "splits-may-stay-below" => payment("card", json!({"splits": [split("seller", 200.1)]})),
        "commission-counts-as-seller" => {
            payment("card", json!({"splits": [split("commission", 280.25)]}))
        }
        "seller-must-come-first" => payment(
            "card",
            json!({"splits": [split("commission", 80.15), split("seller", 200.1)]}),
        ),
        "rate-without-settlement-currency" => payment("manual", json!({"conversion_rate": 1.2715})),
        _ => return None,
    }])
}

fn split(kind: &str, amount: f64) -> serde_json::Value {
    json!({"account": "acct_7kq2m9xd", "kind": kind, "amount": amount})
}

fn methods(fault: &str) -> Option<Vec<Step>> {
    let three_ds = |challenge: &str, exemption: &str| {
        json!({
            "lines": [line(2, 12.15, 2.2)],
            "amount": 27.4,
            "platform_fee": 0.45,
            "card": {"three_ds": {"challenge": challenge, "exemption": exemption}},
        })
    };
    Some(vec![match fault {
        "delay-hours-not-demanded" => payment("delayed", json!({"capture": {"delay_hours": null}})),
        "delay-hours-allowed-for-manual" => {
            payment("manual", json!({"capture": {"delay_hours": 19}}))
        }
        "wallet-delayed-like-card" => payment("delayed", json!({"capture": {"delay_hours": 73}})),
        "last-hour-of-window-refused" => {
            payment("delayed", json!({"capture": {"delay_hours": 72}}))
        }
        "debit-may-be-delayed" => payment(
            "debit",
            json!({"capture": {"mode": "delayed", "delay_hours": 9}}),
        ),
        "card-details-optional" => payment("manual", json!({"card": null})),
        "card-details-with-wallet" => payment(
            "delayed",
            json!({"card": {"token": "c83e5d17-90b2-4fa6-a4d8-17e6b93c250f", "network": "visa"}}),
        ),
        "companies-need-no-mandate" => payment(
            "debit",
            json!({
                "mandate": null,
                "bank_account": null,
                "customer": {"type": "company", "vat_number": "DE811907980"},
            }),
        ),
        "account-without-mandate" => payment(
            "delayed",
            json!({"bank_account": {"iban": "CH9300762011623852957", "holder": "Lena Odermatt"}}),
        ),
        "debit-in-other-sepa-countries" => payment("debit", json!({"currency": "CHF"})),
        "mandate-of-same-day-refused" => {
            payment("debit", json!({"mandate": {"signed_on": "2031-05-23"}}))
        }
        "recurring-mandate-date-unchecked" => {
            payment("debit", json!({"mandate": {"signed_on": "2031-05-24"}}))
        }
        "low-value-limit-in-euros-for-all" | "low-value-without-shipping" => {
            payment("manual", three_ds("preferred", "low_value"))
        }
        "low-value-in-other-currencies" => {
            let mut changes = three_ds("preferred", "low_value");
            change(&mut changes, &json!({"currency": "CHF"}));
            payment("manual", changes)
        }
        "mandated-challenge-stops-low-value-only" => {
            payment("manual", three_ds("mandated", "low_risk"))
        }
        "terminal-taken-for-phone" => payment("card", json!({})).through("terminal"),
        "phone-authenticated-for-enterprise" => {
            payment("manual", three_ds("preferred", "low_risk")).through("phone")
        }
        "vat-number-not-needed-abroad" => payment(
            "card",
            json!({"customer": {"country": "CH", "vat_number": null}}),
        ),
        "vat-number-refused-for-persons" => {
            payment("card", json!({"customer": {"type": "person"}}))
        }
        _ => return None,
    }])
}

fn installments(fault: &str) -> Option<Vec<Step>> {
    let eleven = |discount: f64, amount: f64| {
        json!({
            "lines": [line(3, 89.9, discount)],
            "amount": amount,
            "splits": null,
            "installments": {"count": 11},
        })
    };
    let gift_card = json!({"sku": "GIFT-50", "kind": "gift_card", "quantity": 2, "unit_price": 14.35, "discount": 4.2});
    Some(vec![match fault {
        "pay-later-installments-refused" => {
            payment("card", json!({"method": "pay_later", "card": null}))
        }
        "wallet-installments" => payment("card", json!({"method": "wallet", "card": null})),
        "growth-installments-like-enterprise" => payment(
            "card",
            json!({
                "lines": [line(6, 89.9, 13.45)],
                "amount": 533.6,
                "splits": null,
                "installments": {"count": 13},
            }),
        ),
        "installment-minimum-without-shipping" => payment("card", eleven(0.0, 277.35)),
        "installment-rounded-to-whole-units" => payment("card", eleven(6.75, 270.6)),
        "installment-minimum-exclusive" => payment("card", eleven(2.35, 275.0)),
        "installment-due-on-order-day" => payment(
            "card",
            json!({"installments": {"first_due_on": "2031-05-19"}}),
        ),
        "gift-card-on-first-line-only" | "gift-cards-only-among-themselves" => {
            payment("card", json!({"lines": [line(3, 89.9, 13.45), gift_card]}))
        }
        _ => return None,
    }])
}

fn keys(fault: &str) -> Option<Vec<Step>> {
    let keyed = |changes: serde_json::Value| payment("delayed", changes).keyed("key-of-tests-1");
    let first = || keyed(json!({}));
    Some(match fault {
        "key-ignored" | "repeat-refused" => vec![first(), first()],
        "key-replays-anything" => {
            vec![
                first(),
                payment("manual", json!({})).keyed("key-of-tests-1"),
            ]
        }
        "key-ignores-method" => {
            let small = json!({"capture": {"delay_hours": 20}});
            let mut other = small.clone();
            change(&mut other, &json!({"method": "pay_later"}));
            vec![keyed(small), keyed(other)]
        }
        "key-ignores-amount" => vec![first(), keyed(json!({"amount": 74.56}))],
        "key-compares-reference" => vec![first(), keyed(json!({"capture": {"delay_hours": 36}}))],
        "refused-payment-takes-key" => vec![keyed(json!({"amount": 74.56})), first()],
        _ => return None,
    })
}

fn lifecycle(fault: &str) -> Option<Vec<Step>> {
    let manual = || payment("manual", json!({}));
    let take = |amount: f64| capture(0, json!({"amount": amount}));
    let take_final = |amount: f64| capture(0, json!({"amount": amount, "final": true}));
    Some(match fault {
        "only-last-capture-counts" => vec![manual(), take(61.75), take(20.1), take(90.05)],
        "final-capture-unlimited" => vec![manual(), take_final(161.9)],
        "partial-capture-not-recorded" => vec![manual(), take(100.35), take(90.05)],
        "full-capture-refused" => vec![manual(), take(160.9)],
        "capture-in-settlement-currency" => vec![
            payment(
                "manual",
                json!({"settlement_currency": "CHF", "conversion_rate": 1.1285}),
            ),
            capture(0, json!({"currency": "CHF"})),
        ],
        "second-final-capture" => vec![manual(), take_final(40.15), take_final(30.2)],
        "final-only-when-all-is-captured" => vec![manual(), take_final(40.15), take(30.2)],
        "every-capture-is-final" => vec![manual(), take(40.15), take(30.2)],
        "capture-after-void" => vec![manual(), void(0, json!({})), take(40.15)],
        "void-hits-every-payment" => vec![manual(), manual(), void(1, json!({})), take(40.15)],
        "void-after-partial-capture" => vec![manual(), take(40.15), void(0, json!({}))],
        "void-twice" => vec![manual(), void(0, json!({})), void(0, json!({}))],
        "void-note-not-demanded" => vec![manual(), void(0, json!({"note": null}))],
        _ => return None,
    })
}

fn discounts(fault: &str) -> Option<Vec<Step>> {
    let manual = || payment("manual", json!({}));
    let off = |amount: f64| discount(0, json!({"amount": amount}));
    let take = |amount: f64| capture(0, json!({"amount": amount}));
    Some(match fault {
        "captures-ignore-discounts" => vec![manual(), off(12.85), take(160.9)],
        "only-last-discount-counts" => vec![manual(), off(12.85), off(3.4), take(157.5)],
        "discounts-compared-alone" => vec![manual(), off(20.15), off(12.85)],
        "discounts-of-others-counted" => vec![
            manual(),
            manual(),
            discount(1, json!({"amount": 20.15})),
            off(12.85),
        ],
        // A fifth of 160.90.
        "whole-fifth-refused" => vec![manual(), off(32.18)],
        "discount-after-capture" => vec![manual(), take(160.9), off(12.85)],
        "discount-after-conversion" => vec![manual(), convert(0, json!({})), off(12.85)],
        "discount-after-void" => vec![manual(), void(0, json!({})), off(12.85)],
        "unknown-payment-discounted" => {
            let mut unknown = off(12.85);
            unknown.path = "/payments/pay_c1f08e2b7d4649a3b95e10d76a8f3e42/discounts".to_owned();
            vec![unknown]
        }
        _ => return None,
    })
}

fn moves(fault: &str) -> Option<Vec<Step>> {
    let manual = || payment("manual", json!({}));
    let to_dollars = || convert(0, json!({}));
    let take = |amount: f64| capture(0, json!({"amount": amount, "currency": "USD"}));
    Some(match fault {
        "conversion-keeps-currency" => vec![manual(), to_dollars(), take(61.75)],
        "conversion-forgets-discounts" => {
            vec![manual(), discount(0, json!({})), to_dollars(), take(160.9)]
        }
        "converted-twice" => vec![
            manual(),
            to_dollars(),
            convert(0, json!({"currency": "CHF"})),
        ],
        "conversion-after-capture" => vec![manual(), capture(0, json!({})), to_dollars()],
        "conversion-after-void" => vec![manual(), void(0, json!({})), to_dollars()],
        _ => return None,
    })
}

fn refunds(fault: &str) -> Option<Vec<Step>> {
    let mut steps = vec![payment("card", json!({}))];
    let fraud = json!({"reason": "fraud"});
    match fault {
        "earlier-refunds-ignored" => {
            steps.extend([refund(0, 190.2, json!({})), refund(0, 150.3, json!({}))]);
        }
        "refund-up-to-authorised" => {
            steps = vec![
                payment("manual", json!({})),
                capture(0, json!({"amount": 60.4})),
                refund(0, 70.1, json!({"currency": "GBP"})),
            ];
        }
        "last-cent-not-refundable" => steps.push(refund(0, 288.4, json!({}))),
        "automatic-capture-not-counted" => steps.push(refund(0, 94.15, json!({}))),
        "refund-currency-unchecked-for-full-refund" => {
            steps.push(refund(0, 288.4, json!({"currency": "CHF"})));
        }
        "fraud-refund-may-be-partial" => steps.push(refund(0, 100.05, fraud)),
        "fraud-refund-of-all-that-was-captured" => {
            steps.extend([refund(0, 88.15, json!({})), refund(0, 200.25, fraud)]);
        }
        "refund-counts-first-line-only" | "restocking-fee-forgotten" => {
            steps.push(refund_of_goods(0, json!({})));
        }
        "returns-need-no-lines" => steps.push(refund_of_goods(0, json!({"lines": null}))),
        _ => return None,
    }
    Some(steps)
}

fn refund_keys(fault: &str) -> Option<Vec<Step>> {
    let card = || payment("card", json!({}));
    let keyed = |of, amount: f64| refund(of, amount, json!({})).keyed("key-of-tests-2");
    Some(match fault {
        "refund-key-ignored" | "refund-repeat-refused" => {
            vec![card(), keyed(0, 94.15), keyed(0, 94.15)]
        }
        "refund-key-replays-anything" | "refund-key-ignores-amount" => {
            vec![card(), keyed(0, 94.15), keyed(0, 60.4)]
        }
        "refund-key-for-all-payments" => {
            vec![card(), card(), keyed(0, 94.15), keyed(1, 94.15)]
        }
        "refund-repeat-checked-again" => vec![card(), keyed(0, 288.4), keyed(0, 288.4)],
        "refund-repeat-booked" => vec![
            card(),
            keyed(0, 150.3),
            keyed(0, 150.3),
            refund(0, 138.1, json!({})),
        ],
        _ => return None,
    })
}

fn payouts(fault: &str) -> Option<Vec<Step>> {
    let wallet = "9a2f4c61-7be3-4d08-8f15-3c6e0d92b74a";
    let to_wallet = |contact: serde_json::Value| {
        let beneficiary = json!({
            "bic": null,
            "account_number": null,
            "routing_number": null,
            "wallet_id": wallet,
        });
        payout(
            "swift",
            json!({"method": "local", "beneficiary": beneficiary, "contact": contact}),
        )
    };
    let local = json!({"account_number": "40281736", "routing_number": "121000358"});
    Some(vec![match fault {
        "payout-to-several-accounts" => payout("sepa", json!({"beneficiary": local})),
        "wallet-not-counted-as-account" => to_wallet(json!({"email": "ap@calder.example"})),
        "wallet-payout-announced-by-phone" => to_wallet(json!({})),
        "instant-without-iban" => payout(
            "sepa",
            json!({"method": "instant", "beneficiary": {"iban": null, "wallet_id": wallet}}),
        ),
        "bic-not-demanded" => payout("swift", json!({"beneficiary": {"bic": null}})),
        "bic-tolerated-for-sepa" => payout("sepa", json!({"beneficiary": {"bic": "KREDBEBB"}})),
        "routing-number-optional" => {
            payout("swift", json!({"beneficiary": {"routing_number": null}}))
        }
        "pounds-at-the-euro-limit" => payout(
            "sepa",
            json!({"method": "instant", "currency": "GBP", "amount": 12046.35}),
        ),
        "instant-limit-exclusive" => payout(
            "sepa",
            json!({"method": "instant", "currency": "GBP", "amount": 9500}),
        ),
        "instant-in-any-currency" => {
            payout("sepa", json!({"method": "instant", "currency": "SEK"}))
        }
        "sepa-needs-fee-bearer-sent" => payout("sepa", json!({"fee_bearer": null})),
        "sepa-only-refuses-beneficiary-pays" => payout("sepa", json!({"fee_bearer": "ours"})),
        "null-remittance-accepted" => payout("swift", json!({"remittance_text": NULL})),
        "payout-on-request-day-refused" => payout("sepa", json!({"execution_on": "2031-07-08"})),
        "instant-payout-date-unchecked" => payout(
            "sepa",
            json!({"method": "instant", "execution_on": "2031-07-07"}),
        ),
        "payout-needs-date-or-repetition" => payout("sepa", json!({"execution_on": null})),
        "payout-repeats-after-date" => payout("sepa", json!({"repeat": "monthly"})),
        "payout-contact-needs-email" => payout("swift", json!({})),
        "payout-contact-unchecked" => payout("swift", json!({"contact": {"phone": null}})),
        _ => return None,
    }])
}

fn conversions(fault: &str) -> Option<Vec<Step>> {
    let executed =
        |at: &str| conversion(json!({"executed_at": at, "settles_at": "2031-08-18T10:25:00Z"}));
    Some(match fault {
        "quote-forgets-markup" | "quote-adds-markup" | "quote-cuts-cents" => vec![quote(json!({}))],
        "quote-counts-whole-days" => vec![quote(json!({"valid_until": "2031-08-15T20:10:00Z"}))],
        "quote-may-end-before-it-starts" => {
            vec![quote(json!({"valid_until": "2031-08-11T22:35:00Z"}))]
        }
        "earlier-conversions-ignored" => vec![
            quote(json!({})),
            conversion(json!({"amount": 512.65})),
            conversion(json!({"amount": 301.8})),
        ],
        "conversion-before-quote-starts" => {
            vec![quote(json!({})), executed("2031-08-12T07:44:59Z")]
        }
        "quote-ends-at-midnight" => vec![quote(json!({})), executed("2031-08-14T16:20:01Z")],
        "last-second-of-quote-refused" => {
            vec![quote(json!({})), executed("2031-08-14T18:20:00+02:00")]
        }
        "settlement-on-next-calendar-day" => {
            vec![
                quote(json!({})),
                conversion(json!({"settles_at": "2031-08-14T11:05:29Z"})),
            ]
        }
        _ => return None,
    })
}

fn links_and_lists(fault: &str) -> Option<Vec<Step>> {
    Some(vec![match fault {
        "order-discount-on-list-prices" | "tax-before-order-discount" => link(json!({})),
        "half-cents-go-to-even" => link(json!({
            "lines": [line(5, 8.21, 0.0)],
            "discount_percent": 50,
            "net_amount": 20.53,
            "tax_amount": 1.85,
            "total": 22.38,
        })),
        "books-taxed-as-reduced" => {
            link(json!({"tax_category": "books", "tax_amount": 12.05, "total": 231.09}))
        }
        "link-total-off-by-a-cent" => link(json!({"total": 238.76})),
        "link-open-for-a-long-month" => link(json!({"expires_at": "2031-10-03T08:15:01Z"})),
        "link-may-expire-before-it-starts" => link(json!({"expires_at": "2031-09-02T19:40:00Z"})),
        "max-uses-of-single-use-link" => link(json!({"reusable": null})),
        // 4 times 59.20 is what the example's lines cost.
        "smallest-quantity-refused" => link(json!({"lines": [adjustable(4, 4, 9)]})),
        "largest-quantity-unchecked" => link(json!({"lines": [adjustable(4, 2, 3)]})),
        "quantity-of-first-line-only" => link(json!({
            "lines": [line(3, 59.2, 59.2), adjustable(2, 3, 7)],
        })),
        "one-day-list-refused" => list("created_from=2031-05-21&created_to=2031-05-21"),
        "list-dates-unchecked-with-status" => {
            list("created_from=2031-05-21&created_to=2031-05-20&status=captured")
        }
        "maximum-without-currency" => list("max_amount=431.60"),
        _ => return None,
    }])
}

/// Faults that show only behind a request that was refused.
const BEHIND_REFUSALS: [&str; 1] = ["refused-payment-takes-key"];

#[tokio::test]
async fn every_fault_shows() {
    for entry in FAULTS {
        let steps = scenario(entry.name);
        let right = play_with_ids(&server(&[]), &steps).await;
        let faulty = play_with_ids(&server(&[entry.name]), &steps).await;
        let (right_end, right_start) = right.split_last().unwrap();
        let (faulty_end, faulty_start) = faulty.split_last().unwrap();
        let context = format!("{}: right {right:?}, faulty {faulty:?}", entry.name);

        assert_eq!(right_start, faulty_start, "{context}");
        let accepted = right_start
            .iter()
            .all(|((status, _), _)| status.is_success());
        let refusals = BEHIND_REFUSALS.contains(&entry.name);
        assert_eq!(accepted, !refusals, "{context}");
        let outcome = |end: &(Seen, Again)| (end.0.0.is_success(), end.1);
        assert_ne!(outcome(right_end), outcome(faulty_end), "{context}");
        for ((status, code), _) in [right_end, faulty_end] {
            let by_rule = code.as_deref() == Some(code_of(entry));
            assert!(status.is_success() || by_rule, "{context}");
            let refusal = [
                StatusCode::CONFLICT,
                StatusCode::UNPROCESSABLE_ENTITY,
                StatusCode::NOT_FOUND,
            ];
            assert!(status.is_success() || refusal.contains(status), "{context}");
        }
    }
}

/// The code of the refusal by which a fault shows.
fn code_of(entry: &Entry) -> &'static str {
    match entry.name {
        "unknown-payment-discounted" => "not_found",
        "refund-repeat-checked-again" => "refund-within-captured",
        _ => entry.rule,
    }
}

#[test]
fn every_rule_has_a_fault_and_every_fault_a_rule() {
    let file = read_yaml("../../../rules/payments.rules.yaml");
    let resources = file["resources"].as_object().unwrap().values();
    let invariants = resources.filter_map(|resource| resource["invariants"].as_array());
    let rules = file["rules"].as_array().into_iter().chain(invariants);
    // A fault changes what is accepted: what answers show has none.
    let rules: BTreeSet<&str> = rules
        .flatten()
        .filter(|rule| rule["ensure"].is_null())
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    let broken: BTreeSet<&str> = FAULTS.iter().map(|entry| entry.rule).collect();
    assert_eq!(rules, broken);
}

#[test]
fn names_are_unique() {
    let names: BTreeSet<&str> = FAULTS.iter().map(|entry| entry.name).collect();
    assert_eq!(names.len(), FAULTS.len());
}
