//! The same input gives the same cases: for any number of threads, in any
//! order of the rules, and again with its own cases as previous ones.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::Path;

use crossfield::case::CaseFile;
use crossfield::document::Document;
use crossfield::generate::{Fate, Generated, Options, case_file, generate};
use crossfield::model::{Built, build};
use crossfield::rulefile::RuleFile;
use crossfield::source::Sources;

const NOW: i128 = 1_790_000_000_000_000_000;

const HEAD: &str = "\
crossfield: 1
api: ../examples/payments/openapi.yaml
defaults:
  expect: {status: 422, body: 'response.body.error.code == rule.id'}
resources:
  payment:
    createdBy: createPayment
    key: response.body.id
    state:
      captured: {init: \"body.capture.mode == 'automatic' ? body.amount : 0\"}
      refunded: {init: 0}
operations:
  createRefund:
    bind: {payment: path.payment_id}
    set: {payment.refunded: payment.refunded + body.amount}
rules:
";

const RULES: [&str; 4] = [
    "  - id: debit-in-euro
    operation: createPayment
    when: body.method == 'sepa_debit'
    rule: body.currency == 'EUR'
",
    "  - id: refund-within-captured
    operation: createRefund
    rule: payment.refunded + body.amount <= payment.captured
",
    "  - id: payout-to-one-account
    operation: createPayout
    zeroOrOne: [body.beneficiary.iban, body.beneficiary.account_number]
",
    "  - id: dates-in-order
    operation: listPayments
    when: has(query.created_from) && has(query.created_to)
    rule: query.created_from <= query.created_to
",
];

fn built(rules: &[&str]) -> Built {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Sources::default();
    let file = sources.add("small.rules.yaml", [&[HEAD], rules].concat().concat());
    let (parsed, mut diagnostics) = RuleFile::parse(&sources, file);
    let api = root.join("examples/payments/openapi.yaml");
    let document = Document::open(&mut sources, &api).unwrap();
    let built = build(&document, &parsed.unwrap(), NOW, &mut diagnostics);
    assert!(
        !diagnostics.has_errors(),
        "{}",
        diagnostics.render_human(&sources, false)
    );
    built.unwrap()
}

fn generated(rules: &[&str], threads: usize, previous: Option<CaseFile>) -> (Generated, CaseFile) {
    let mut built = built(rules);
    let options = Options {
        threads,
        previous,
        ..Options::default()
    };
    let generated = generate(&mut built, &options, &|_, _| {});
    let file = case_file(&built, &generated, "small.rules.yaml", "z3").unwrap();
    (generated, file)
}

fn of_rule(file: &CaseFile, rule: &str) -> Vec<String> {
    let own = file.cases.iter().filter(|case| case.rule == rule);
    own.map(|case| serde_json::to_string(case).unwrap())
        .collect()
}

#[test]
fn every_fault_has_its_fate_and_no_claim_is_contradicted() {
    let (generated, file) = generated(&RULES, 2, None);
    assert_eq!(generated.internal, Vec::<String>::new());
    let undecided = generated.fates.iter().zip(&generated.faults.faults);
    let undecided: Vec<_> = undecided
        .filter(|(fate, _)| !matches!(fate, Fate::Detected(_) | Fate::Untestable { .. }))
        .map(|(fate, fault)| format!("{}: {fate:?}", fault.id))
        .collect();
    assert_eq!(undecided, Vec::<String>::new());
    for rule in ["debit-in-euro", "refund-within-captured", "dates-in-order"] {
        assert!(of_rule(&file, rule).len() >= 2, "{rule}");
    }
    // The second refund is what shows that the first was forgotten.
    let longest = file.cases.iter().map(|case| case.steps.len()).max();
    assert!(longest >= Some(3));
}

#[test]
fn threads_and_order_change_nothing() {
    let (_, one) = generated(&RULES, 1, None);
    let (_, two) = generated(&RULES, 2, None);
    assert_eq!(one.write().unwrap(), two.write().unwrap());
    let mut turned = RULES;
    turned.reverse();
    let (_, turned) = generated(&turned, 2, None);
    assert_eq!(one.write().unwrap(), turned.write().unwrap());
}

#[test]
fn a_second_run_changes_nothing() {
    let (_, first) = generated(&RULES, 2, None);
    let (_, second) = generated(&RULES, 2, Some(first.clone()));
    assert_eq!(first.write().unwrap(), second.write().unwrap());
}

#[test]
fn editing_one_rule_leaves_the_cases_of_others() {
    let (_, before) = generated(&RULES, 2, None);
    let edited = RULES[0].replace("'EUR'", "'SEK'");
    let rules = [edited.as_str(), RULES[1], RULES[2], RULES[3]];
    let (_, after) = generated(&rules, 2, Some(before.clone()));
    for rule in [
        "refund-within-captured",
        "payout-to-one-account",
        "dates-in-order",
    ] {
        assert_eq!(of_rule(&before, rule), of_rule(&after, rule), "{rule}");
    }
    assert_ne!(
        of_rule(&before, "debit-in-euro"),
        of_rule(&after, "debit-in-euro")
    );
}
