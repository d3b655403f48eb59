//! Verdicts, state and what an observer can tell apart.

use std::collections::BTreeSet;

use crossfield::model::{
    Answer, Check, CheckOperator, Maker, OperationRef, Patch, Place, ResourceRef, RuleRef,
};
use crossfield::simulate::{
    Detection, Look, Options, Verdict, apply_defaults, compare, detect, detects, prepare, run,
};

use crate::models::{Build, status, trace};
use crate::support::json;

const RIGHT: Patch = Patch(std::collections::BTreeMap::new());
const BY_VERDICT: bool = false;
const BY_STATUS: bool = true;

fn broken(rules: &[u32]) -> BTreeSet<RuleRef> {
    rules.iter().map(|r| RuleRef(*r)).collect()
}

/// What one request shows of one patch, at one operation with these rules.
fn seen(
    rules: &[(&str, Answer)],
    patch: &[(u32, &str)],
    body: &str,
) -> (Verdict, Verdict, Option<Detection>) {
    let mut build = Build::new();
    let operation = build.operation("create");
    for (text, expect) in rules {
        build.rule(operation, text, expect.clone());
    }
    let places: Vec<_> = patch
        .iter()
        .map(|(r, t)| (Place::Rule(RuleRef(*r)), *t))
        .collect();
    let patch = build.patch(&places);
    let trace = trace(&[(operation, &format!(r#"{{"body": {body}}}"#))]);
    let right = run(&build.model, &RIGHT, &trace, Options::default());
    let patched = run(&build.model, &patch, &trace, Options::default());
    let found = compare(&build.model, &trace, &right, &patched);
    let matrix = detects(&build.model, &[trace], &[patch], Look::First);
    assert_eq!(matrix.detects(0, 0), found.is_some_and(|f| !f.by_status));
    assert_eq!(
        matrix.detects_by_status(0, 0),
        found.is_some_and(|f| f.by_status)
    );
    (
        right.verdicts[0].clone(),
        patched.verdicts[0].clone(),
        found,
    )
}

fn at_once(by_status: bool) -> Option<Detection> {
    Some(Detection {
        step: 0,
        by_status,
        by_view: false,
    })
}

#[test]
fn verdicts_follow_the_table() {
    let default = Answer::default;
    let rules = [("body.a <= 3", default()), ("body.b == 1", default())];
    let accept_reject = seen(&rules, &[(0, "body.a < 3")], r#"{"a": 3, "b": 1}"#);
    assert_eq!(accept_reject.0, Verdict::Accept);
    assert_eq!(accept_reject.1, Verdict::Reject(broken(&[0])));
    assert_eq!(accept_reject.2, at_once(BY_VERDICT));

    let reject_accept = seen(&rules, &[(0, "true")], r#"{"a": 4, "b": 1}"#);
    assert_eq!(reject_accept.2, at_once(BY_VERDICT));

    let masked = seen(&rules, &[(0, "true")], r#"{"a": 4, "b": 2}"#);
    assert_eq!(masked.0, Verdict::Reject(broken(&[0, 1])));
    assert_eq!(masked.1, Verdict::Reject(broken(&[1])));
    assert_eq!(masked.2, None);

    let accept_crash = seen(&rules, &[(0, "body.c <= 3")], r#"{"a": 3, "b": 1}"#);
    assert_eq!(accept_crash.1, Verdict::Crash(Place::Rule(RuleRef(0))));
    assert_eq!(accept_crash.2, at_once(BY_VERDICT));

    let reject_crash = seen(&rules, &[(0, "body.c <= 3")], r#"{"a": 4, "b": 1}"#);
    assert_eq!(reject_crash.2, None);

    let unclear = seen(&rules, &[(0, "true")], r#"{"a": 4}"#);
    assert_eq!(
        unclear.0,
        Verdict::Unclear([Place::Rule(RuleRef(1))].into())
    );
    assert_eq!(unclear.2, None);
}

#[test]
fn refusals_differ_only_where_no_answer_fits_both() {
    // Of two broken rules the fault drops one: the other's answer fits both.
    let masked = [("body.a <= 3", status(409)), ("body.b == 1", status(422))];
    assert_eq!(seen(&masked, &[(0, "true")], r#"{"a": 4, "b": 2}"#).2, None);

    // A fault that makes another rule refuse than the right one.
    let swapped = |a: Answer, b: Answer| {
        let rules = [("body.a <= 3", a), ("true", b)];
        seen(&rules, &[(0, "true"), (1, "body.a <= 3")], r#"{"a": 4}"#).2
    };
    assert_eq!(swapped(status(409), status(422)), at_once(BY_STATUS));
    assert_eq!(swapped(status(409), Answer::default()), None);
    assert_eq!(swapped(status(404), Answer::default()), at_once(BY_STATUS));
    let with = |literal: &str, operator| Answer {
        statuses: Vec::new(),
        checks: vec![Check {
            path: vec!["error".into(), "code".into()],
            operator,
            literal: literal.into(),
        }],
    };
    let eq = CheckOperator::Eq;
    assert_eq!(
        swapped(with("\"a\"", eq), with("\"b\"", eq)),
        at_once(BY_STATUS)
    );
    assert_eq!(swapped(with("\"a\"", eq), with("\"a\"", eq)), None);
    assert_eq!(swapped(with("1", eq), with("1.0", eq)), None);
    assert_eq!(
        swapped(with("\"a\"", eq), with("\"b\"", CheckOperator::Ne)),
        None
    );
}

#[test]
fn undefined_may_count_as_refused_or_as_held() {
    let mut build = Build::new();
    let operation = build.operation("create");
    let limit = build.rule(operation, "body.a <= 3", Answer::default());
    build.rule(operation, "body.b == 1", Answer::default());
    let patch = build.patch(&[(Place::Rule(limit), "true")]);
    let trace = trace(&[(operation, r#"{"body": {"a": 4}}"#)]);
    assert_eq!(detect(&build.model, &trace, &patch, Look::First), None);
    let second = Look::Second.at(&patch);
    let right = run(&build.model, &RIGHT, &trace, second);
    let patched = run(&build.model, &patch, &trace, second);
    assert_eq!(right.verdicts, [Verdict::Reject(broken(&[0]))]);
    let found = compare(&build.model, &trace, &right, &patched);
    assert_eq!(found, at_once(BY_VERDICT));
    let patches = [patch];
    let matrix = detects(
        &build.model,
        std::slice::from_ref(&trace),
        &patches,
        Look::Second,
    );
    assert!(matrix.detects(0, 0));

    build.model.rules[1].undefined_rejects = true;
    let right = run(&build.model, &RIGHT, &trace, Options::default());
    assert_eq!(right.verdicts, [Verdict::Reject(broken(&[0, 1]))]);
}

/// Payments that are refunded: amount and refunded are remembered.
fn payments() -> (Build, OperationRef, OperationRef) {
    let mut build = Build::new();
    let create = build.operation("createPayment");
    let refund = build.operation("createRefund");
    let attributes = [
        ("amount", "body.amount"),
        ("refunded", "0"),
        ("note", "body.note"),
    ];
    let payment = build.resource("payment", create, &attributes);
    build.bind(refund, payment);
    build.change(refund, payment, 1, "payment.refunded + body.amount");
    let within = "payment.refunded + body.amount <= payment.amount";
    build.rule(refund, within, status(409));
    (build, create, refund)
}

const CREATE: &str = r#"{"body": {"amount": 100}}"#;

fn refund_of(step: usize, amount: u32) -> String {
    format!(r#"{{"path": {{"id": "key-of-step-{step}"}}, "body": {{"amount": {amount}}}}}"#)
}

#[test]
fn state_is_read_before_and_changed_after() {
    let (mut build, create, refund) = payments();
    let exists = build.exists(refund);
    let requests = [
        refund_of(1, 60),
        refund_of(1, 41),
        refund_of(1, 40),
        refund_of(2, 1),
    ];
    let mut steps = vec![(create, CREATE)];
    steps.extend(requests.iter().map(|request| (refund, request.as_str())));
    let run = run(&build.model, &RIGHT, &trace(&steps), Options::default());
    assert_eq!(
        run.verdicts,
        [
            Verdict::Accept,
            Verdict::Accept,
            Verdict::Reject(broken(&[0])),
            Verdict::Accept,
            Verdict::Reject(BTreeSet::from([exists])),
        ]
    );
    let refunded =
        |step: usize| run.states[step].made[&Maker::Step(0)].attributes["refunded"].to_string();
    let after: Vec<String> = (0..5).map(refunded).collect();
    assert_eq!(after, ["0", "60", "60", "100", "100"]);
    assert!(
        !run.states[0].made[&Maker::Step(0)]
            .attributes
            .contains_key("note")
    );
}

#[test]
fn what_does_not_exist_breaks_nothing_else_and_changes_nothing() {
    let (mut build, create, refund) = payments();
    let exists = build.exists(refund);
    let unchecked = build.patch(&[(Place::Rule(exists), "true")]);
    let of_nothing = refund_of(7, 500);
    let steps = [(create, CREATE), (refund, of_nothing.as_str())];
    let trace = trace(&steps);
    let of = |patch| run(&build.model, patch, &trace, Options::default());
    let (right, patched) = (of(&RIGHT), of(&unchecked));
    let refused = Verdict::Reject(BTreeSet::from([exists]));
    assert_eq!(right.verdicts, [Verdict::Accept, refused]);
    assert_eq!(patched.verdicts, [Verdict::Accept, Verdict::Accept]);
    assert_eq!(patched.states[0], patched.states[1]);
    let found = detect(&build.model, &trace, &unchecked, Look::First);
    let at = Detection {
        step: 1,
        by_status: BY_VERDICT,
        by_view: false,
    };
    assert_eq!(found, Some(at));
}

#[test]
fn faults_of_state_show_in_later_steps() {
    let (mut build, create, refund) = payments();
    let forgotten = build.patch(&[(Place::Set(refund, 0), "payment.refunded")]);
    let latest = build.patch(&[(Place::Set(refund, 0), "body.amount")]);
    let crashing = build.patch(&[(Place::Set(refund, 0), "body.nope")]);
    let init = build.patch(&[(Place::Init(ResourceRef(0), 0), "body.amount + 1")]);
    let absent = build.patch(&[(Place::Init(ResourceRef(0), 1), "body.nope")]);
    let patches = [forgotten, latest, crashing, init, absent];
    let (sixty, forty, over) = (refund_of(1, 60), refund_of(1, 40), refund_of(1, 41));
    let one_over = refund_of(1, 1);
    let once = trace(&[(create, CREATE), (refund, &sixty)]);
    let twice = trace(&[(create, CREATE), (refund, &sixty), (refund, &over)]);
    let thrice = trace(&[
        (create, CREATE),
        (refund, &sixty),
        (refund, &forty),
        (refund, &one_over),
    ]);
    let matrix = detects(
        &build.model,
        &[once, twice.clone(), thrice],
        &patches,
        Look::First,
    );
    let rows = (0..3).map(|row| matrix.detected_by(row).collect::<Vec<_>>());
    assert_eq!(
        rows.collect::<Vec<_>>(),
        [vec![2, 4], vec![0, 2, 3, 4], vec![0, 1, 2, 3, 4]]
    );
    let run_of = |patch| run(&build.model, patch, &twice, Options::default());
    let found = compare(&build.model, &twice, &run_of(&RIGHT), &run_of(&patches[0]));
    assert_eq!(
        found,
        Some(Detection {
            step: 2,
            by_status: BY_VERDICT,
            by_view: false,
        })
    );
}

#[test]
fn defaults_are_applied_before_rules_read() {
    let mut build = Build::new();
    let flag = build.schema(&[], Some("false"));
    let inner = build.schema(&[("flag", flag)], None);
    let made = build.schema(&[("flag", flag)], Some("{}"));
    let body = build.schema(&[("inner", inner), ("made", made)], None);
    let query = build.schema(&[("flag", flag)], None);
    let request = build.schema(&[("body", body), ("query", query), ("header", inner)], None);
    let operation = build.operation("create");
    build.model.operations[0].request = request;
    let apply = |text: &str| apply_defaults(&build.model, operation, &json(text));
    assert_eq!(
        apply(r#"{"body": {}, "header": {"flag": true}}"#),
        json(
            r#"{"body": {"made": {"flag": false}}, "header": {"flag": true},
                "query": {"flag": false}}"#
        )
    );
    assert_eq!(
        apply(r#"{"body": {"inner": {}, "made": null}}"#).get("body"),
        Some(&json(r#"{"inner": {"flag": false}, "made": null}"#))
    );
    assert_eq!(apply("{}").get("body"), None);

    build.model.nulls_distinct = false;
    let prepared = prepare(
        &build.model,
        operation,
        &json(r#"{"body": {"made": null}}"#),
    );
    let body = prepared.get("body");
    assert_eq!(body, Some(&json(r#"{"made": {"flag": false}}"#)));
}
