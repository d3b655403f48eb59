//! Folds within folds over long lists: each outer item may need an inner one of
//! its own.

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
const RULES: &str = r#"{"crossfield": 1, "api": "api.json", "rules": [{"id": "not-everything", "operation": "seat",
  "rule": "!(body.asked.all(a, body.served.exists(s, s == a)) && body.asked.exists(a, a == 1) && body.asked.exists(a, a == 2) && body.served.exists(s, s == 3) && body.served.exists(s, s == 4))"}]}"#;

#[test]
fn each_outer_item_counts() {
    let built = build_texts(API, RULES).unwrap();
    let model = &built.model;
    let (rule, found) = model.rule_refs().next().unwrap();
    let proof = with_context(|| {
        let mut prover = Prover::new(model, found.operation, Reach::default());
        prover.ask(Situation::Broken(rule), &[])
    });
    assert!(!matches!(proof, Proof::Never(_)), "{proof:?}");
}
