//! What folds ask of lists that aren't encoded whole: an item each, and within
//! other folds one for each outer item.

use crossfield::search::decide::Reach;
use crossfield::search::prove::{Proof, Prover, Situation};
use crossfield::search::smt::with_context;

use crate::world::build_texts;

const API: &str = r#"{"openapi": "3.0.3", "info": {"title": "guests", "version": "1"}, "paths": {"/tables": {"post": {
  "operationId": "seat", "requestBody": {"required": true, "content": {"application/json": {
    "schema": {"type": "object", "required": ["asked", "served"], "properties": {
      "asked": {"type": "array", "items": {"type": "integer"}},
      "served": {"type": "array", "items": {"type": "integer"}}}},
    "example": {"asked": [1], "served": [1]}}}},
  "responses": {"201": {"description": "made"}}}}}}"#;

/// Two that are asked for need two that are served, beside two more.
const WITHIN: &str = r#"{"crossfield": 1, "api": "api.json", "rules": [{"id": "not-everything", "operation": "seat",
  "rule": "!(body.asked.all(a, body.served.exists(s, s == a)) && body.asked.exists(a, a == 1) && body.asked.exists(a, a == 2) && body.served.exists(s, s == 3) && body.served.exists(s, s == 4))"}]}"#;

/// Broken by four orders at least that are there already.
const OF_ALL: &str = r#"{"crossfield": 1, "api": "api.json", "resources": {"order": {"plural": "orders", "createdBy": "seat",
  "key": "response.body.id", "state": {"first": {"init": "body.asked[0]"}}}}, "rules": [{"id": "not-everything", "operation": "seat",
  "rule": "!(orders.exists(o, o.first == 1) && orders.exists(o, o.first == 2) && orders.exists(o, o.first == 3) && orders.exists(o, o.first == 4))"}]}"#;

/// What is proven of breaking the only rule.
fn proof_of(rules: &str) -> Proof {
    let built = build_texts(API, rules).unwrap();
    let model = &built.model;
    let (rule, found) = model.rule_refs().next().unwrap();
    with_context(|| {
        let mut prover = Prover::new(model, found.operation, Reach::default());
        prover.ask(Situation::Broken(rule), &[])
    })
}

#[test]
fn each_outer_item_counts() {
    let proof = proof_of(WITHIN);
    assert!(!matches!(proof, Proof::Never(_)), "{proof:?}");
}

#[test]
fn all_resources_that_are_asked_for_count() {
    let proof = proof_of(OF_ALL);
    assert!(!matches!(proof, Proof::Never(_)), "{proof:?}");
}
