//! Stories: what people read of a sequence is what both servers did.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use std::path::Path;
use std::process::Command;

use crossfield::case::{Case, CaseFile, Judged, Story, StoryStep, Told, Verdict};
use crossfield::document::Document;
use crossfield::emit::pytest;
use crossfield::generate::{Options, case_file, generate};
use crossfield::model::{Built, Patch, Place, RuleRef, Step, Trace, build, resource_key};
use crossfield::rulefile::RuleFile;
use crossfield::simulate::Look;
use crossfield::source::{Diagnostics, Sources};
use crossfield::story::Teller;
use crossfield::value::Value;

const NOW: i128 = 1_790_000_000_000_000_000;

const BANK: &str = r"
openapi: 3.0.3
info: {title: Bank, version: '1'}
paths:
  /payments:
    post:
      operationId: createPayment
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [amount]
              properties:
                amount: {type: integer, minimum: 1}
                method: {type: string, enum: [card, debit]}
                due_on: {type: string, format: date}
                lines:
                  type: array
                  items:
                    type: object
                    required: [price]
                    properties: {price: {type: integer}, tags: {type: array, items: {type: string}}}
            example: {amount: 100, method: card, lines: [{price: 60}, {price: 40}]}
      responses: {'201': {description: made}}
  /payments/{id}/refunds:
    post:
      operationId: refund
      parameters: [{name: id, in: path, required: true, schema: {type: string}, example: p1}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [amount]
              properties: {amount: {type: integer, minimum: 1}, note: {type: string}}
            example: {amount: 60}
      responses: {'201': {description: made}}
";

const STATE: &str = r"
resources:
  payment:
    createdBy: createPayment
    key: response.body.id
    state:
      amount: {init: body.amount}
      method: {init: body.method}
      refunded: {init: 0}
operations:
  refund:
    bind: {payment: path.id}
    set: {payment.refunded: payment.refunded + body.amount}
";

const WITHIN: &str = "payment.refunded + body.amount <= payment.amount";

/// The bank with one rule.
fn bank(operation: &str, rule: &str) -> Built {
    let text = format!(
        "crossfield: 1\napi: bank.yaml{STATE}rules:\n  - id: it\n    operation: {operation}\n    \
         rule: >-\n      {rule}\n    message: it must be so\n"
    );
    let mut sources = Sources::default();
    let api = sources.add("bank.yaml", BANK);
    let document = Document::read(&sources, api).unwrap();
    let file = sources.add("test.rules.yaml", text);
    let (parsed, mut diagnostics) = RuleFile::parse(&sources, file);
    let built = parsed.and_then(|parsed| build(&document, &parsed, NOW, &mut diagnostics));
    built.unwrap_or_else(|| panic!("{}", shown(&diagnostics, &sources)))
}

fn shown(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let rendered = diagnostics.iter().map(|d| d.render_human(sources, false));
    rendered.collect::<Vec<_>>().join("\n")
}

fn json(text: &str) -> Value {
    let mut sources = Sources::new();
    let file = sources.add("value.json", text);
    crossfield::tree::parse_json(&sources, file)
        .unwrap()
        .to_value()
}

/// Requests with these bodies, each about the resource of the step after it.
fn trace(built: &Built, steps: &[(&str, &str, Option<usize>)]) -> Trace {
    let step = |(operation, body, about): &(&str, &str, Option<usize>)| {
        let mut request = json(&format!("{{\"body\": {body}}}"));
        if let (Some(about), Value::Map(members)) = (about, &mut request) {
            let path = [("id".into(), resource_key(*about))];
            members.insert("path".into(), Value::Map(path.into_iter().collect()));
        }
        Step {
            operation: built.model.operation_named(operation).unwrap(),
            request,
        }
    };
    Trace {
        steps: steps.iter().map(step).collect(),
    }
}

/// Why a payment with this body is accepted or refused under a rule.
fn why(rule: &str, body: &str) -> Judged {
    let built = bank("createPayment", rule);
    let trace = trace(&built, &[("createPayment", body, None)]);
    let story = Teller::example(&built.model, &trace, RuleRef(0)).tell();
    let [told] = &*story.because else {
        panic!("{story:?}")
    };
    let accepted = story.steps[0].verdict == Verdict::Accept;
    assert_eq!(told.holds, Some(accepted), "{rule}: {told:?}");
    told.clone()
}

/// The same of a payment by card, under a rule with a guard.
fn why_when(guard: &str, rule: &str) -> Judged {
    let built = bank("createPayment", &format!("{rule}\n    when: {guard}"));
    let body = r#"{"amount": 100, "method": "card"}"#;
    let trace = trace(&built, &[("createPayment", body, None)]);
    let story = Teller::example(&built.model, &trace, RuleRef(0)).tell();
    story.because[0].clone()
}

#[test]
fn the_part_that_decides_is_told_with_its_values() {
    let body = r#"{"amount": 100, "method": "card", "lines": [{"price": 60}, {"price": -5, "tags": ["a", "b"]}]}"#;
    for (rule, words) in [
        ("body.amount < 100", "100 < 100 is false"),
        (
            "body.amount > 1 && body.amount * 2 < 150 && body.amount < 5",
            "100 * 2 < 150 is false",
        ),
        (
            "body.amount < 1 || body.method == 'card'",
            "'card' == 'card' is true",
        ),
        (
            "body.amount < 1 || body.method == 'debit'",
            "100 < 1 || 'card' == 'debit' is false",
        ),
        (
            "body.method == 'card' ? body.amount < 50 : body.amount < 70",
            "100 < 50 is false",
        ),
        (
            "body.amount == (body.method == 'card' ? body.amount + 1 : 3)",
            "100 == 100 + 1 is false",
        ),
        (
            "body.lines.all(l, l.price > 0)",
            "for body.lines[1], -5 > 0 is false",
        ),
        (
            "body.lines.all(l, l.price < 70 - l.price)",
            "for body.lines[0], 60 < 70 - 60 is false",
        ),
        (
            "body.lines.all(l, 0 - l.price < 5)",
            "for body.lines[1], 0 - -5 < 5 is false",
        ),
        (
            "sum(body.lines[*].price) == body.amount",
            "sum([60, -5]) == 100 is false",
        ),
        (
            "body.lines.map(l, l.price * 2).sum() < 0",
            "sum([120, -10]) < 0 is false",
        ),
        ("size(body.lines) < 2", "2 < 2 is false"),
        (
            "size(body.lines.filter(l, l.price > 0)) == 2",
            "1 == 2 is false",
        ),
        (
            "body.lines.all(l, !has(l.tags) || l.tags.all(t, t == 'a'))",
            "for body.lines[1], !has(item.tags) || ['a', 'b'].all(item2, item2 == 'a') is false",
        ),
        (
            "{'card': 50, 'debit': 70}[body.method] > body.amount",
            "50 > 100 is false",
        ),
        (
            "!has(body.due_on) || timestamp(body.due_on) > timestamp('2031-01-01')",
            "",
        ),
    ] {
        let told = why(rule, body);
        let found = told.in_words().unwrap_or_default();
        assert_eq!(found, words, "{rule}");
    }
}

#[test]
fn a_guard_that_does_not_hold_leaves_nothing_to_check() {
    let told = why_when("body.method == 'debit'", "body.amount < 5");
    assert!(told.guard, "{told:?}");
    assert_eq!(
        told.in_words().unwrap(),
        "there is nothing to check, since 'card' == 'debit' is false"
    );
    let told = why_when("body.method == 'card'", "body.amount < 5");
    assert!(!told.guard, "{told:?}");
    assert_eq!(told.in_words().unwrap(), "100 < 5 is false");
}

#[test]
fn what_has_no_value_is_said_to_be_absent() {
    let told = why(
        "has(body.method) && body.method == 'card' || body.amount == 7",
        r#"{"amount": 8}"#,
    );
    let words = told.in_words().unwrap();
    assert_eq!(
        words,
        "has(body.method) && (absent) == 'card' || 8 == 7 is false"
    );
}

fn attributes(step: &StoryStep) -> Vec<(String, Option<String>, Option<String>)> {
    let told =
        |(name, told): (&String, &Told)| (name.clone(), told.was.clone(), told.value.clone());
    let all = step.remembers.iter().flat_map(|own| &own.attributes);
    all.map(told).collect()
}

fn of(name: &str, was: &str, value: &str) -> (String, Option<String>, Option<String>) {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    (name.to_owned(), some(was), some(value))
}

/// Two refunds that are more than the payment together.
fn two_refunds(look: impl Fn(&Built, &Trace) -> Story) -> Story {
    let built = bank("refund", WITHIN);
    let steps = [
        (
            "createPayment",
            r#"{"amount": 100, "method": "card"}"#,
            None,
        ),
        ("refund", r#"{"amount": 60}"#, Some(0)),
        ("refund", r#"{"amount": 50, "note": "x"}"#, Some(0)),
    ];
    look(&built, &trace(&built, &steps))
}

#[test]
fn what_the_server_remembers_is_told_after_each_request() {
    let story = two_refunds(|built, trace| Teller::example(&built.model, trace, RuleRef(0)).tell());
    let [paid, first, second] = &*story.steps else {
        panic!("{story:?}")
    };
    // The method is read by nothing, so it isn't told.
    assert_eq!(
        attributes(paid),
        [of("amount", "", "100"), of("refunded", "", "0")]
    );
    assert_eq!(
        attributes(first),
        [of("amount", "", "100"), of("refunded", "0", "60")]
    );
    assert!(attributes(second).is_empty());
    let verdicts = [paid.verdict, first.verdict, second.verdict];
    assert_eq!(
        verdicts,
        [Verdict::Accept, Verdict::Accept, Verdict::Reject]
    );
    assert_eq!(second.about["payment"], 1);
    let sends: Vec<&str> = second.sends.keys().map(String::as_str).collect();
    assert_eq!(sends, ["body.amount", "body.note"]);
    assert_eq!(second.sends["body.amount"].was.as_deref(), Some("60"));
    assert_eq!(first.sends["body.amount"].was, None);
    assert_eq!(story.because[0].condition, WITHIN);
    assert_eq!(
        story.because[0].in_words().unwrap(),
        "60 + 50 <= 100 is false"
    );
}

#[test]
fn faulty_servers_are_told_by_their_own_state() {
    let story = two_refunds(|built, trace| {
        // It forgets what was refunded before.
        let operation = built.model.operation_named("refund").unwrap();
        let change = &built.model.operation(operation).changes[0];
        let forgotten = built.model.resource(change.resource).attributes[change.attribute].init;
        let patch = Patch([(Place::Set(operation, 0), forgotten)].into());
        let fault = Some((&patch, "forgets"));
        let teller = Teller::example(&built.model, trace, RuleRef(0));
        Teller { fault, ..teller }.tell()
    });
    let faulty = story.faulty.unwrap();
    assert_eq!(faulty.verdict, Some(Verdict::Accept));
    assert_eq!(
        faulty.because.unwrap().in_words().unwrap(),
        "0 + 50 <= 100 is true"
    );
}

#[test]
fn twins_are_told_by_what_they_do_otherwise() {
    let built = bank("refund", WITHIN);
    let paid = ("createPayment", r#"{"amount": 100}"#, None);
    let refund = |body| ("refund", body, Some(0));
    let case = trace(
        &built,
        &[
            paid,
            refund(r#"{"amount": 60}"#),
            refund(r#"{"amount": 50}"#),
        ],
    );
    let less = trace(
        &built,
        &[
            paid,
            refund(r#"{"amount": 60}"#),
            refund(r#"{"amount": 40}"#),
        ],
    );
    let shorter = trace(&built, &[paid, refund(r#"{"amount": 50}"#)]);
    let told = |twin: &Trace| {
        let teller = Teller::example(&built.model, &case, RuleRef(0));
        let twin = Some(twin);
        Teller {
            twin,
            look: Look::First,
            ..teller
        }
        .tell()
        .twin
        .unwrap()
    };
    let found = told(&less);
    assert_eq!(found.without, None);
    let [change] = &*found.changes else {
        panic!("{found:?}")
    };
    assert_eq!((change.step, change.location.as_str()), (3, "body.amount"));
    assert_eq!(change.told.value.as_deref(), Some("40"));
    assert_eq!(change.told.was.as_deref(), Some("50"));
    assert_eq!(
        found.because[0].in_words().unwrap(),
        "60 + 40 <= 100 is true"
    );
    let found = told(&shorter);
    assert_eq!((found.without, found.changes.len()), (Some(2), 0));
    assert_eq!(
        found.because[0].in_words().unwrap(),
        "0 + 50 <= 100 is true"
    );
}

/// The cases of a rule of `refund`.
fn cases(rule: &str) -> CaseFile {
    let mut built = bank("refund", rule);
    let generated = generate(&mut built, &Options::default(), &|_, _| {});
    assert_eq!(generated.internal, Vec::<String>::new());
    let file = case_file(&built, &generated, "test.rules.yaml", "z3").unwrap();
    file.check().unwrap();
    let schema = crossfield::case::schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let written = serde_json::to_value(&file).unwrap();
    let wrong: Vec<String> = validator
        .iter_errors(&written)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
    file
}

/// How many steps the refused cases have, and which one their twins leave out.
fn twins(rule: &str) -> Vec<(usize, Option<usize>)> {
    let file = cases(rule);
    let refused = file.cases.iter().filter(|case| !case.breaks.is_empty());
    let twin = |case: &Case| {
        let twin = case.twin.as_ref().unwrap();
        (case.steps.len(), twin.without)
    };
    refused.map(twin).collect()
}

#[test]
fn a_twin_is_a_step_less_where_no_single_value_decides() {
    // Whatever is refunded first, the second refund is refused.
    let once = twins("payment.refunded == 0");
    assert!(once.contains(&(3, Some(2))), "{once:?}");
    // A smaller amount is accepted after the same requests.
    let within = twins(WITHIN);
    assert!(within.iter().any(|(steps, _)| *steps == 3), "{within:?}");
    assert!(
        within.iter().all(|(_, without)| without.is_none()),
        "{within:?}"
    );
}

#[test]
fn suites_say_the_values_and_what_the_twin_leaves_out() {
    let outputs = pytest::emit(&[cases("payment.refunded == 0")]).unwrap();
    let text: String = outputs.iter().map(|output| output.text.as_str()).collect();
    assert!(text.contains("\n    Here 60 == 0 is false.\n"), "{text}");
    assert!(text.contains(", which leaves out request 2.\n"), "{text}");
}

/// A twin that leaves out a step calls the other operations in their order.
fn without_a_step(file: &CaseFile, case: &Case) {
    let twin = case.twin.as_ref().unwrap();
    let Some(without) = twin.without else { return };
    let cases = file.cases.iter().map(|own| (&own.id, &own.steps));
    let baselines = file.baselines.iter().map(|own| (&own.id, &own.steps));
    let (_, steps) = cases
        .chain(baselines)
        .find(|(id, _)| **id == twin.id)
        .unwrap();
    let operations = |steps: &[crossfield::case::Step]| -> Vec<String> {
        steps.iter().map(|step| step.operation.clone()).collect()
    };
    let mut expected = operations(&case.steps);
    expected.remove(without - 1);
    assert_eq!(operations(steps), expected, "{}", case.id);
    assert!(
        without < case.steps.len(),
        "the last step is never left out"
    );
}

/// Whatever is generated: a story ends as its case must, says of a refused
/// request what is false, and of its twin what is true.
#[test]
fn stories_agree_with_their_cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cli");
    let mut told = 0;
    for rules in [
        "wallet.rules.yaml",
        "actors/desks.rules.yaml",
        "clock/pickups.rules.yaml",
        "shop.rules.yaml",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let done = Command::new(env!("CARGO_BIN_EXE_crossfield"))
            .args(["generate", rules, "-o"])
            .arg(folder.path())
            .current_dir(&root)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        let name = Path::new(rules).file_name().unwrap().to_str().unwrap();
        let cases = folder
            .path()
            .join(name.replace(".rules.yaml", ".cases.json"));
        let file = CaseFile::read(&std::fs::read_to_string(cases).unwrap()).unwrap();
        for case in &file.cases {
            let story = case.story.as_ref().unwrap();
            told += 1;
            assert_eq!(story.steps.len(), case.steps.len(), "{}", case.id);
            let (last, earlier) = story.steps.split_last().unwrap();
            assert_eq!(last.verdict, case.expected.verdict, "{}", case.id);
            for (step, sent) in earlier.iter().zip(&case.steps) {
                let refusing = sent.refused.iter().filter_map(|own| own.rule.as_ref());
                let refusing: Vec<&String> = refusing.collect();
                assert_eq!(
                    step.breaks.iter().collect::<Vec<_>>(),
                    refusing,
                    "{}",
                    case.id
                );
                assert_eq!(step.verdict == Verdict::Reject, !refusing.is_empty());
            }
            if case.expected.verdict == Verdict::Reject {
                let rules: Vec<&String> = story.because.iter().map(|own| &own.rule).collect();
                assert_eq!(rules, case.breaks.iter().collect::<Vec<_>>(), "{}", case.id);
                assert!(story.because.iter().all(|own| own.holds == Some(false)));
                let twin = story.twin.as_ref().unwrap();
                assert!(twin.without.is_some() || !twin.changes.is_empty());
                without_a_step(&file, case);
            }
            let faulty = story.faulty.as_ref();
            if let Some(verdict) = faulty.and_then(|faulty| faulty.verdict) {
                let right = case.expected.verdict;
                assert!(verdict != right || right == Verdict::Reject, "{}", case.id);
            }
        }
    }
    assert!(told > 40, "{told} stories");
}
