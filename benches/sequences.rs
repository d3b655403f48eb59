//! How long it takes to find sequences of requests, by their length: an account,
//! a card on it, payments by the card until their sum is at its limit.
//!
//! Run by `make bench`. Each length has a rule file of its own, in which a server
//! without one rule shows after so many requests and not before; the median of
//! several runs of the whole program counts.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// The length for which there is a goal, and the goal in milliseconds.
const GOAL: (usize, u128) = (6, 1_000);

const RUNS: usize = 5;

const DOCUMENT: &str = r"openapi: 3.0.3
info: {title: Cards, version: '1'}
paths:
  /accounts:
    post:
      operationId: openAccount
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [kind], properties: {kind: {type: string, enum: [private, business]}}}, example: {kind: private}}}}
      responses: {'201': {$ref: '#/components/responses/Made'}}
  /accounts/{account}/cards:
    post:
      operationId: issueCard
      parameters: [{name: account, in: path, required: true, schema: {type: string}}]
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [brand], properties: {brand: {type: string, enum: [red, blue, gold]}}}, example: {brand: red}}}}
      responses: {'201': {$ref: '#/components/responses/Made'}}
  /cards/{card}/payments:
    post:
      operationId: pay
      parameters: [{name: card, in: path, required: true, schema: {type: string}}]
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [amount], properties: {amount: {type: integer, minimum: 1, maximum: 10}}}, example: {amount: 4}}}}
      responses: {'201': {$ref: '#/components/responses/Made'}}
  /payments/{payment}/refund:
    post:
      operationId: refund
      parameters: [{name: payment, in: path, required: true, schema: {type: string}}, {name: card, in: query, required: true, schema: {type: string}}]
      responses: {'200': {description: done}}
components:
  responses:
    Made: {description: made, content: {application/json: {schema: {type: object, properties: {id: {type: string}}}}}}
";

fn main() -> ExitCode {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cards.openapi.yaml"), DOCUMENT).unwrap();
    println!("requests  milliseconds");
    let mut met = true;
    for length in 5..=8 {
        fs::write(folder.path().join("cards.rules.yaml"), rules(length)).unwrap();
        let mut times: Vec<Duration> = (0..RUNS).map(|_| run(folder.path())).collect();
        times.sort();
        let median = times[RUNS / 2].as_millis();
        println!("{length:8}  {median:12}");
        met &= length != GOAL.0 || median <= GOAL.1;
    }
    println!("the goal for {} requests is {} ms", GOAL.0, GOAL.1);
    // Without optimisation the numbers say nothing.
    if !met && !cfg!(debug_assertions) {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Three resources. The account, the card, payments of at most 10 that use up the
/// card's limit, one of them small; then the refund that its phase allows only so.
fn rules(length: usize) -> String {
    let limit = 10 * (length - 4);
    format!(
        r#"crossfield: 1
api: cards.openapi.yaml
resources:
  account:
    createdBy: openAccount
    key: response.body.id
    state: {{kind: {{init: body.kind}}}}
  card:
    createdBy: issueCard
    key: response.body.id
    state:
      brand: {{init: body.brand}}
      spent: {{init: 0}}
      phase: {{init: "'open'"}}
  payment:
    createdBy: pay
    key: response.body.id
    state: {{amount: {{init: body.amount}}}}
operations:
  issueCard:
    bind: {{account: path.account}}
  pay:
    bind: {{card: path.card}}
    set:
      card.spent: card.spent + body.amount
      card.phase: "card.spent + body.amount == {limit} ? 'full' : 'open'"
  refund:
    bind: {{payment: path.payment, card: query.card}}
rules:
  - {{id: only-gold-for-business, operation: issueCard, rule: "account.kind == 'business' || body.brand != 'gold'"}}
  - {{id: within-the-limit, operation: pay, rule: card.spent + body.amount <= {limit}}}
  - {{id: refunds-while-open, operation: refund, rule: "card.phase == 'open' || payment.amount < 5"}}
"#
    )
}

fn run(folder: &Path) -> Duration {
    let start = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_crossfield"))
        .args(["generate", "cards.rules.yaml", "--fresh", "-o", "out"])
        .current_dir(folder)
        .output()
        .unwrap();
    let time = start.elapsed();
    let said = String::from_utf8(output.stdout).unwrap();
    let of_last = said
        .lines()
        .find(|line| line.starts_with("refunds-while-open "));
    let counts: Vec<&str> = of_last.unwrap().split_whitespace().collect();
    assert_eq!(counts[1], counts[2], "{said}");
    time
}
