use super::*;
use crate::case::{CaseFile, Splice, Verdict, parse_json};
use crate::document::{Schema, Schemas};
use crate::expr::{Arena, SpanTree};
use crate::model::{
    Answer, Check, CheckOperator, Operation, Resource, ResourceRef, RuleInstance, Step,
};
use crate::source::{Sources, Span};

pub(super) fn model() -> Model {
    let span = Span::new(Sources::new().add("test.rules.yaml", ""), 0, 0);
    let mut arena = Arena::default();
    let mut schemas = Schemas::default();
    let request = schemas.add(Schema::anything("#", span));
    let holds = arena.boolean(true);
    let operation = |id: &str, path: &str, creates| Operation {
        id: id.to_owned(),
        method: "POST".to_owned(),
        path: path.to_owned(),
        request,
        media_type: Some("application/json; charset=utf-8".to_owned()),
        form: None,
        encodings: Vec::new(),
        binds: Vec::new(),
        ranges: Vec::new(),
        changes: Vec::new(),
        keeps: Vec::new(),
        creates,
        rules: Vec::new(),
        baselines: Vec::new(),
        accept: Answer::default(),
        invalid: Answer::default(),
        unique: Vec::new(),
        correlated: Vec::new(),
        base_url: None,
        awaits: None,
        clean_up: None,
        security: vec![model::Security::Bearer],
        span,
    };
    let rule = |id: &str, operation, statuses: &[u16]| RuleInstance {
        id: id.to_owned(),
        rule: id.to_owned(),
        operation: OperationRef(operation),
        about: None,
        expr: holds,
        spans: SpanTree::leaf(span),
        when: None,
        message: "It holds.".to_owned(),
        source: None,
        field_path: None,
        severity: None,
        tags: Vec::new(),
        expect: Answer {
            statuses: statuses.to_vec(),
            checks: vec![Check {
                path: vec!["code".to_owned()],
                operator: CheckOperator::Eq,
                literal: format!("\"{id}\""),
            }],
        },
        undefined_rejects: false,
        needs: Vec::new(),
        across: None,
        ensures: Vec::new(),
        is_derived: false,
        span,
    };
    Model {
        setup: Vec::new(),
        clock: crate::model::Clock::fixed(0),
        arena,
        schemas,
        operations: vec![
            operation("pay", "/payments", Some(ResourceRef(0))),
            operation("refund", "/payments/{id}/refunds", None),
        ],
        rules: vec![rule("fee-cap", 0, &[]), rule("within", 1, &[409])],
        existing: Vec::new(),
        resources: vec![Resource {
            name: "payment".to_owned(),
            plural: None,
            created_by: Some(OperationRef(0)),
            deleted_by: None,
            key: vec!["data".to_owned(), "id".to_owned()],
            attributes: Vec::new(),
            invariants: Vec::new(),
            view: None,
        }],
        ranged: Default::default(),
        compares_keys: false,
        identifiers: Default::default(),
        values: Vec::new(),
        clock_setter: None,
        actors: Vec::new(),
        nulls_distinct: true,
        whole_with_point: true,
    }
}

pub(super) fn trace(steps: &[(u32, &str)]) -> Trace {
    let steps = steps.iter().map(|(operation, request)| Step {
        operation: OperationRef(*operation),
        request: parse_json(request).unwrap(),
    });
    Trace {
        steps: steps.collect(),
    }
}

const PAY: &str = r#"{"query": {"at": [1, true]}, "body": {"fee": 1.5, "tier": "a", "note": "n"}}"#;
const REFUND: &str = r#"{"path": {"id": "key-of-step-1"}, "body": {"amount": 2}}"#;

fn file(model: &Model) -> CaseFile {
    let mut builder = Builder::new(model);
    let pay = trace(&[(0, PAY)]);
    let refund = trace(&[(0, PAY), (1, REFUND)]);
    builder.baseline("pay/default", &pay).unwrap();
    builder.baseline("refund/default", &refund).unwrap();
    let rejected = trace(&[
        (
            0,
            r#"{"body": {"extra": 1, "tier": "a", "fee": 1.75}, "query": {"at": [1, true]}}"#,
        ),
        (
            1,
            r#"{"path": {"id": "key-of-step-1"}, "body": {"amount": 2.25}}"#,
        ),
    ]);
    let draft = Draft {
        id: "within-2".to_owned(),
        rule: RuleRef(1),
        trace: &rejected,
        breaks: &[RuleRef(1)],
        detects: vec![crate::case::Detected {
            fault: "f".to_owned(),
            class: "dropped".to_owned(),
            words: "forgets it".to_owned(),
        }],
        primary: Some("f".to_owned()),
        reason: "2.25 is too much.".to_owned(),
        value: None,
        story: None,
        baseline: "refund/default",
        twin: None,
        assumes: &[],
        is_view: false,
        looks: &[],
        filled: &[],
    };
    let accepted = Draft {
        id: "within-1".to_owned(),
        trace: &refund,
        breaks: &[],
        ..draft.clone()
    };
    builder.case(draft).unwrap();
    builder.case(accepted).unwrap();
    builder.finish("test.rules.yaml", "Test", "5.4.0").unwrap()
}

#[test]
fn a_draft_becomes_changes_of_a_baseline() {
    let file = file(&model());
    let text = file.write().unwrap();
    assert_eq!(CaseFile::read(&text).unwrap(), file);
    let schema = jsonschema::validator_for(&crate::case::schema()).unwrap();
    assert!(schema.is_valid(&serde_json::from_str(&text).unwrap()));

    let ids: Vec<_> = file.cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(ids, ["within-1", "within-2"]);
    assert_eq!(file.cases[0].expected.verdict, Verdict::Accept);
    assert_eq!(file.cases[0].twin, None);
    let case = &file.cases[1];
    let shown: Vec<_> = case
        .changes
        .iter()
        .map(|change| {
            let of = change.of.as_ref().unwrap();
            format!(
                "{} {}: {:?} {:?}",
                of.baseline, of.step, change.set, change.unset
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            r#"refund/default 1: {"body.fee": "1.75", "body.extra": "1"} ["body.note"]"#,
            r#"refund/default 2: {"body.amount": "2.25"} []"#,
        ]
    );
    let places: Vec<_> = case
        .twin
        .as_ref()
        .unwrap()
        .differs
        .iter()
        .map(|place| (place.step, &*place.location))
        .collect();
    assert_eq!(
        places,
        [
            (1, "body.extra"),
            (1, "body.fee"),
            (1, "body.note"),
            (2, "body.amount")
        ]
    );
    assert_eq!(case.steps[0].save, [["data", "id"]]);
    let items = ["1", "true"].map(str::to_owned).to_vec();
    let at = &case.steps[0].request.query["at"];
    assert_eq!(*at, out::ParameterValue::List(items));
    let body = case.steps[0].request.body.as_deref().unwrap();
    assert_eq!(
        body,
        "{\n  \"fee\": 1.75,\n  \"tier\": \"a\",\n  \"extra\": 1\n}"
    );
    let Splice::Saved { location, step, .. } = &case.steps[1].splices[0] else {
        panic!("not saved");
    };
    assert_eq!((location.as_str(), *step), ("path.id", 1));
}

#[test]
fn a_rule_that_names_no_status_is_refused_by_the_usual_ones() {
    let model = model();
    let pay = trace(&[(0, PAY)]);
    let builder = Builder::new(&model);
    let expected = builder.expected(&pay, RuleRef(0), &[RuleRef(1), RuleRef(0)]);
    assert_eq!(expected.statuses, [400, 409, 422]);
    let answers: Vec<_> = expected
        .answers
        .iter()
        .map(|answer| (answer.rule.as_deref(), answer.statuses.len()))
        .collect();
    assert_eq!(answers, [(Some("fee-cap"), 3), (Some("within"), 1)]);
}

#[test]
fn the_digest_changes_with_the_content_only() {
    let file = file(&model());
    let mut case = file.cases[0].clone();
    assert_eq!(case.digest, case.content_digest());
    case.reason.push('!');
    assert_ne!(case.digest, case.content_digest());
}

#[test]
fn what_http_can_not_carry_is_refused() {
    let model = model();
    for (request, problem) in [
        (
            r#"{"path": {"id": ".."}}"#,
            "path.id is \"..\", which changes the path",
        ),
        (
            r#"{"path": {"id": ""}}"#,
            "path.id is \"\", which changes the path",
        ),
        (r#"{"body": {}}"#, "path.id is missing"),
        (
            r#"{"path": {"id": "a"}, "header": {"X-Y": "a\nb"}}"#,
            "header['X-Y'] holds a control character",
        ),
        (
            r#"{"path": {"id": "a"}, "header": {"X-Y": " a"}}"#,
            "header['X-Y'] starts or ends with a blank",
        ),
        (
            r#"{"path": {"id": "a"}, "query": {"q": {"a": {"b": 1}}}}"#,
            "query.q.a is no text",
        ),
        (
            r#"{"path": {"id": "a"}, "query": {"q": null}}"#,
            "query.q is null",
        ),
        (
            r#"{"path": {"id": "key-of-step-1"}}"#,
            "path.id names what step 1 makes",
        ),
    ] {
        let error = Builder::new(&model)
            .baseline("x", &trace(&[(1, request)]))
            .unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
    }
    let mut third = trace(&[(0, PAY)]);
    let number = Value::Number(crate::value::Number::new(1.into(), 3.into()));
    third.steps[0].request = Value::Map([("body".into(), number)].into_iter().collect());
    let error = Builder::new(&model).baseline("x", &third).unwrap_err();
    assert!(error.to_string().contains("body is 1/3"), "{error}");
}
