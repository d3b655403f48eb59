//! Witnesses become minimal, and find their twins, by evaluation alone.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;

use crossfield::document::Document;
use crossfield::expr::{Node, Op};
use crossfield::model::{
    Built, Model, OperationRef, Patch, Place, RuleRef, Step, Trace, build, resource_key,
};
use crossfield::rulefile::RuleFile;
use crossfield::simulate::{Look, Options, Verdict, detect, run};
use crossfield::source::{Diagnostics, Sources};
use crossfield::value::Value;
use crossfield::value::location::Location;
use crossfield::witness::minimal::BUDGET;
use crossfield::witness::{
    Aim, Candidates, Minimiser, Paths, Ties, Twins, distance, is_valid, paths_read, twin,
    violations,
};

const NOW: i128 = 1_790_000_000_000_000_000;

const SHOP: &str = r"
openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /orders:
    post:
      operationId: createOrder
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [amount, fee, rate, lines, tier, due_on, made_at, note]
              properties:
                amount: {type: number, multipleOf: 0.01}
                fee: {type: number, multipleOf: 0.01, minimum: 0}
                rate: {type: number, minimum: 0}
                tier: {type: string, enum: [free, gold, vip]}
                due_on: {type: string, format: date}
                made_at: {type: string, format: date-time}
                note: {type: string}
                voucher: {type: string, minLength: 3}
                reason: {type: string}
                tip: {type: number, multipleOf: 0.01, minimum: 2.5}
                lines:
                  type: array
                  items:
                    type: object
                    required: [price, quantity]
                    properties:
                      price: {type: number, multipleOf: 0.01}
                      quantity: {type: integer, minimum: 1}
            example:
              amount: 97.4
              fee: 3.2
              rate: 1
              tier: gold
              due_on: '2031-05-20'
              made_at: '2031-05-19T09:30:00Z'
              note: hello
              lines: [{price: 24.5, quantity: 3}, {price: 23.9, quantity: 1}]
      responses: {'201': {description: made}}
";

fn model_of(api: &str, path: &Path, rules: &str) -> Built {
    let mut sources = Sources::default();
    let document = match api {
        "" => Document::open(&mut sources, path).unwrap(),
        text => {
            let file = sources.add("shop.yaml", text);
            Document::read(&sources, file).unwrap()
        }
    };
    let file = sources.add("test.rules.yaml", rules);
    let (parsed, mut diagnostics) = RuleFile::parse(&sources, file);
    let built = parsed.and_then(|parsed| build(&document, &parsed, NOW, &mut diagnostics));
    built.unwrap_or_else(|| panic!("{}", render(&diagnostics, &sources)))
}

fn render(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let rendered = diagnostics.iter().map(|d| d.render_human(sources, false));
    rendered.collect::<Vec<_>>().join("\n")
}

/// The shop with these rules (id and expression).
fn shop(rules: &[(&str, &str)]) -> Built {
    let mut text = "crossfield: 1\napi: shop.yaml\nrules:\n".to_owned();
    for (id, rule) in rules {
        text += &format!(
            "  - id: {id}\n    operation: createOrder\n    rule: >-\n      {rule}\n    message: it must be so\n"
        );
    }
    model_of(SHOP, Path::new(""), &text)
}

fn payments() -> Built {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules = std::fs::read_to_string(root.join("rules/payments.rules.yaml")).unwrap();
    model_of("", &root.join("examples/payments/openapi.yaml"), &rules)
}

fn json(text: &str) -> Value {
    let mut sources = Sources::new();
    let file = sources.add("value.json", text);
    crossfield::tree::parse_json(&sources, file)
        .unwrap()
        .to_value()
}

fn baseline(model: &Model, operation: OperationRef) -> Value {
    model.operation(operation).baselines[0].request.clone()
}

fn set(request: &mut Value, pointer: &str, value: &str) {
    let mut at = crossfield::value::location::Location::default();
    for key in pointer.split('.') {
        at = key
            .parse()
            .map_or_else(|_| at.key(key), |index| at.index(index));
    }
    assert!(at.write(request, json(value)), "{pointer}");
}

fn rule(model: &Model, id: &str) -> RuleRef {
    let found = model.rule_refs().find(|(_, rule)| rule.id == id);
    found.unwrap_or_else(|| panic!("no rule {id}")).0
}

/// The requests of the baseline with changes, a step each.
fn trace(model: &Model, steps: &[(&str, &[(&str, &str)])]) -> (Trace, Vec<Value>) {
    let mut found = Vec::new();
    let mut baselines = Vec::new();
    for (operation, changes) in steps {
        let operation = model.operation_named(operation).unwrap();
        let mut request = baseline(model, operation);
        baselines.push(request.clone());
        for (pointer, value) in *changes {
            set(&mut request, pointer, value);
        }
        found.push(Step { operation, request });
    }
    (Trace { steps: found }, baselines)
}

fn right(model: &Model, trace: &Trace) -> Vec<Verdict> {
    run(model, &Patch::default(), trace, Options::default()).verdicts
}

fn last(model: &Model, trace: &Trace) -> Verdict {
    right(model, trace).last().unwrap().clone()
}

/// Minimises, keeping that `rules` alone are broken; `and` must hold besides.
fn minimal(
    built: &Built,
    (trace, baselines): (Trace, Vec<Value>),
    rules: &[&str],
    and: &dyn Fn(&Trace) -> bool,
) -> Vec<String> {
    let model = &built.model;
    let refs: Vec<RuleRef> = rules.iter().map(|id| rule(model, id)).collect();
    let roots: Vec<_> = refs.iter().map(|rule| model.rule(*rule).expr).collect();
    let broken: BTreeSet<RuleRef> = refs.into_iter().collect();
    let reads = paths_read(model, &trace, &roots);
    let keeps = |trace: &Trace| last(model, trace) == Verdict::Reject(broken.clone()) && and(trace);
    shown(built, trace, &baselines, &reads, &keeps)
}

fn shown(
    built: &Built,
    trace: Trace,
    baselines: &[Value],
    reads: &[Paths],
    keeps: &dyn Fn(&Trace) -> bool,
) -> Vec<String> {
    let valid = |trace: &Trace| is_valid(built, trace);
    assert_eq!(violations(built, &trace), [""; 0]);
    let verdicts = right(&built.model, &trace);
    assert!(keeps(&trace), "{verdicts:?}: {trace}");
    let aim = Aim {
        baselines,
        reads,
        keeps,
    };
    let minimiser = Minimiser::new(&built.model, &valid);
    let found = minimiser.minimal(trace.clone(), aim);
    assert_eq!(found, minimiser.minimal(trace, aim));
    assert!(found.looked_at <= BUDGET);
    assert!(valid(&found.trace) && keeps(&found.trace));
    against(&built.model, &found.trace, baselines)
}

/// What differs from the baselines: `step: location = value`.
fn against(model: &Model, trace: &Trace, baselines: &[Value]) -> Vec<String> {
    let steps = trace.steps.iter().zip(baselines);
    let steps = steps.map(|(step, request)| Step {
        operation: step.operation,
        request: request.clone(),
    });
    let base = Trace {
        steps: steps.collect(),
    };
    changes(model, &base, trace)
}

fn changes(model: &Model, from: &Trace, to: &Trace) -> Vec<String> {
    let differing = distance(model, from, to).into_iter();
    let shown = differing.map(|(step, at)| {
        let value = at.read(&to.steps[step].request);
        let value = value.map_or("absent".to_owned(), Value::to_string);
        format!("{at} = {value}")
    });
    shown.collect()
}

fn any(_: &Trace) -> bool {
    true
}

const WILD: [(&str, &str); 8] = [
    ("body.amount", "8589934592.37"),
    ("body.rate", "77.13"),
    ("body.tier", "\"vip\""),
    ("body.note", "\"qqqq\""),
    ("body.voucher", "\"zzz\""),
    ("body.due_on", "\"2044-02-03\""),
    ("body.lines.1.price", "11.11"),
    ("body.lines.2", "{\"price\": 3, \"quantity\": 4}"),
];

#[test]
fn a_wild_request_comes_back_to_the_baseline() {
    let built = shop(&[("cap", "body.amount <= 250.5")]);
    let case = trace(&built.model, &[("createOrder", &WILD)]);
    assert_eq!(minimal(&built, case, &["cap"], &any), ["body.amount = 251"]);
}

#[test]
fn the_border_that_a_fault_needs_is_kept() {
    let mut built = shop(&[("cap", "body.amount <= 250.5")]);
    let cap = rule(&built.model, "cap");
    let arena = &mut built.model.arena;
    let Node::Call(Op::Le, sides) = arena.node(built.model.rules[0].expr).clone() else {
        panic!("no comparison");
    };
    let wrong = arena.call_bool(Op::Lt, &sides);
    let patch = Patch([(Place::Rule(cap), wrong)].into());
    let mut changes = WILD;
    changes[0] = ("body.amount", "250.5");
    let model = &built.model;
    let (case, baselines) = trace(model, &[("createOrder", &changes)]);
    let reads = paths_read(model, &case, &[wrong]);
    let keeps = |trace: &Trace| detect(model, trace, &patch, Look::First).is_some();
    let found = shown(&built, case, &baselines, &reads, &keeps);
    assert_eq!(found, ["body.amount = 250.5"]);
}

#[test]
fn an_equation_is_kept_by_changing_its_other_field() {
    let rules = [
        (
            "sum",
            "body.amount == sum(body.lines.map(l, l.price * l.quantity))",
        ),
        ("tiers", "body.tier != 'vip'"),
    ];
    let built = shop(&rules);
    let changes: [(&str, &str); 4] = [
        ("body.tier", "\"vip\""),
        ("body.lines.0.price", "4711.07"),
        ("body.lines.1.quantity", "9"),
        ("body.amount", "14348.31"),
    ];
    let case = trace(&built.model, &[("createOrder", &changes)]);
    assert_eq!(
        minimal(&built, case, &["tiers"], &any),
        ["body.tier = \"vip\""]
    );
    // Where a line must stay changed, the amount follows it.
    let case = trace(&built.model, &[("createOrder", &changes)]);
    let dear = |trace: &Trace| {
        let request = &trace.steps[0].request;
        let lines = request.get("body").and_then(|body| body.get("lines"));
        let Some(Value::List(lines)) = lines else {
            return false;
        };
        let price = lines[0].get("price").and_then(Value::as_number);
        price > json("100").as_number()
    };
    assert_eq!(
        minimal(&built, case, &["tiers"], &dear),
        [
            "body.amount = 326",
            "body.lines[0].price = 100.7",
            "body.tier = \"vip\""
        ]
    );
}

#[test]
fn tied_optional_parts_go_together() {
    let built = shop(&[
        ("both", "has(body.voucher) == has(body.reason)"),
        ("cap", "body.amount <= 250.5"),
    ]);
    let changes: [(&str, &str); 3] = [
        ("body.voucher", "\"abc\""),
        ("body.reason", "\"because\""),
        ("body.amount", "300"),
    ];
    let case = trace(&built.model, &[("createOrder", &changes)]);
    assert_eq!(minimal(&built, case, &["cap"], &any), ["body.amount = 251"]);
}

#[test]
fn a_neutral_baseline_value_is_moved() {
    let built = shop(&[("converted", "body.fee * body.rate <= 4")]);
    let changes: [(&str, &str); 1] = [("body.fee", "10")];
    let case = trace(&built.model, &[("createOrder", &changes)]);
    let found = minimal(&built, case, &["converted"], &any);
    assert_eq!(found, ["body.rate = 2"]);
    // Unless the fault demands it.
    let case = trace(&built.model, &[("createOrder", &changes)]);
    let one = |trace: &Trace| trace.to_string().contains("\"rate\": 1,");
    let found = minimal(&built, case, &["converted"], &one);
    assert_eq!(found, ["body.fee = 4.1"]);
}

#[test]
fn days_and_moments_come_near_the_baseline() {
    let built = shop(&[
        ("days", "body.due_on <= '2031-06-15'"),
        (
            "late",
            "timestamp(body.made_at) <= timestamp('2031-06-01T10:15:20Z')",
        ),
    ]);
    let changes: [(&str, &str); 2] = [
        ("body.due_on", "\"2099-12-30\""),
        ("body.made_at", "\"2077-03-04T05:06:07.5Z\""),
    ];
    let case = trace(&built.model, &[("createOrder", &changes)]);
    assert_eq!(
        minimal(&built, case, &["days", "late"], &any),
        [
            "body.due_on = \"2031-06-16\"",
            "body.made_at = \"2031-06-02T00:00:00Z\""
        ]
    );
}

#[test]
fn an_optional_part_that_rules_read_is_sent_with_accepting_cases() {
    let built = shop(&[("tips", "!has(body.tip) || body.tip <= body.amount")]);
    let model = &built.model;
    let (case, baselines) = trace(model, &[("createOrder", &[("body.note", "\"x\"")])]);
    let reads = paths_read(model, &case, &[model.rule(rule(model, "tips")).expr]);
    let keeps = |trace: &Trace| last(model, trace) == Verdict::Accept;
    let found = shown(&built, case, &baselines, &reads, &keeps);
    assert_eq!(found, ["body.tip = 3"]);
}

fn twin_of(built: &Built, case: &Trace, baselines: &[Value]) -> Option<Vec<String>> {
    let model = &built.model;
    let Verdict::Reject(broken) = last(model, case) else {
        panic!("not refused: {case}");
    };
    let valid = |trace: &Trace| is_valid(built, trace);
    let twins = Twins {
        model,
        is_valid: &valid,
        baselines,
        budget: BUDGET,
        ties: Ties::new(model),
    };
    let found = twin(twins, case, &broken)?;
    assert!(valid(&found));
    assert!(right(model, &found).iter().all(|v| *v == Verdict::Accept));
    Some(changes(model, case, &found))
}

#[test]
fn a_twin_differs_in_one_field() {
    let built = shop(&[("cap", "body.amount <= 250.5")]);
    let changes: [(&str, &str); 2] = [("body.amount", "250.51"), ("body.note", "\"other\"")];
    let (case, baselines) = trace(&built.model, &[("createOrder", &changes)]);
    let found = twin_of(&built, &case, &baselines).unwrap();
    assert_eq!(found, ["body.amount = 250.5"]);
}

#[test]
fn a_twin_of_an_equation_takes_the_first_field() {
    let sum = "body.amount == body.fee * body.rate + 94.2";
    let built = shop(&[("sum", sum), ("cap", "body.amount > 97.39")]);
    let (case, baselines) = trace(&built.model, &[("createOrder", &[("body.fee", "3.7")])]);
    let found = twin_of(&built, &case, &baselines).unwrap();
    assert_eq!(found, ["body.amount = 97.9"]);
    // Another rule holds the amount: the fee gives way.
    let built = shop(&[("sum", sum), ("cap", "body.amount == 97.4")]);
    let found = twin_of(&built, &case, &baselines).unwrap();
    assert_eq!(found, ["body.fee = 3.2"]);
}

#[test]
fn a_twin_may_need_two_fields_or_none_is_found() {
    let both = "(body.tier == 'vip') == (body.fee == 7.1) && body.tier != 'gold'";
    let built = shop(&[("both", both)]);
    let (case, baselines) = trace(&built.model, &[("createOrder", &[("body.fee", "7.1")])]);
    let found = twin_of(&built, &case, &baselines).unwrap();
    assert_eq!(found, ["body.tier = \"vip\""]);
    let built = shop(&[(
        "both",
        "body.tier == 'vip' && body.fee == 7.1 && body.amount == 97.4",
    )]);
    let (case, baselines) = trace(&built.model, &[("createOrder", &[])]);
    let found = twin_of(&built, &case, &baselines).unwrap();
    assert_eq!(found, ["body.fee = 7.1", "body.tier = \"vip\""]);
    let built = shop(&[("never", "body.amount == 97.4 && body.fee != body.fee")]);
    assert_eq!(twin_of(&built, &case, &baselines), None);
}

#[test]
fn a_payment_comes_back_with_its_sums() {
    let built = payments();
    let changes: [(&str, &str); 8] = [
        ("body.lines.0.unit_price", "21827.45"),
        ("body.lines.0.discount", "0.01"),
        ("body.shipping_cost", "100"),
        ("body.amount", "65606.84"),
        ("body.splits.0.amount", "65516.04"),
        ("body.card.network", "\"amex\""),
        ("body.customer.country", "\"XX\""),
        ("body.installments.first_due_on", "\"2031-05-19\""),
    ];
    let case = trace(&built.model, &[("createPayment", &changes)]);
    let found = minimal(&built, case, &["first-installment-after-order"], &any);
    assert_eq!(found, ["body.installments.first_due_on = \"2031-05-19\""]);
    let (case, baselines) = trace(
        &built.model,
        &[(
            "createPayment",
            &[("body.installments.first_due_on", "\"2031-05-19\"")],
        )],
    );
    let found = twin_of(&built, &case, &baselines).unwrap();
    assert_eq!(found, ["body.installments.first_due_on = \"2031-05-20\""]);
}

#[test]
fn a_wrong_sum_takes_the_splits_along() {
    let built = payments();
    let changes: [(&str, &str); 4] = [
        ("body.lines.0.unit_price", "21827.45"),
        ("body.amount", "99999.99"),
        ("body.splits.0.amount", "99909.19"),
        ("body.note", "\"zzzzzzzz\""),
    ];
    let (case, baselines) = trace(&built.model, &[("createPayment", &changes)]);
    let rules = ["payment-amount-matches-lines"];
    let found = minimal(&built, (case, baselines.clone()), &rules, &any);
    assert_eq!(
        found,
        ["body.amount = 288.3", "body.splits[0].amount = 197.5"]
    );
    let changes: [(&str, &str); 2] = [("body.amount", "288.3"), ("body.splits.0.amount", "197.5")];
    let (case, _) = trace(&built.model, &[("createPayment", &changes)]);
    let found = twin_of(&built, &case, &baselines).unwrap();
    assert_eq!(found, ["body.lines[0].discount = 13.55"]);
}

#[test]
fn a_sequence_keeps_the_resource_that_it_is_about() {
    let built = payments();
    let model = &built.model;
    let steps: [(&str, &[(&str, &str)]); 2] = [
        ("createPayment", &[("body.note", "\"other\"")]),
        ("createRefund", &[("body.amount", "4711.53")]),
    ];
    let (mut case, baselines) = trace(model, &steps);
    let key = crossfield::value::location::Location::default()
        .key("path")
        .key("payment_id");
    assert!(key.write(&mut case.steps[1].request, resource_key(0)));
    let Verdict::Reject(broken) = last(model, &case) else {
        panic!("not refused");
    };
    let ids: Vec<&str> = broken
        .iter()
        .map(|rule| model.rule(*rule).id.as_str())
        .collect();
    println!("{ids:?}");
    let found = minimal(&built, (case.clone(), baselines.clone()), &ids, &any);
    assert_eq!(
        found,
        ["body.amount = 288.5", "path.payment_id = \"key-of-step-1\""]
    );
    let found = twin_of(&built, &case, &baselines).unwrap();
    assert_eq!(found, ["body.amount = 94.15"]);
}

#[test]
fn candidates_stand_at_borders_and_change_kinds() {
    let built = shop(&[("cap", "body.tier == 'vip' || body.fee <= body.amount / 10")]);
    let model = &built.model;
    let cap = rule(model, "cap");
    let (base, _) = trace(model, &[("createOrder", &[])]);
    let ties = Ties::new(model);
    let candidates = Candidates::new(&ties, vec![cap], vec![model.rule(cap).expr]);
    let near: Vec<Trace> = Rc::new(candidates).near(base.clone()).collect();
    assert_eq!(near.first(), Some(&base));
    let read = |pointer: &str| -> BTreeSet<String> {
        let at = Location::parse(pointer).unwrap();
        let values = near.iter().filter_map(|t| at.read(&t.steps[0].request));
        values.map(ToString::to_string).collect()
    };
    // 10 % of 97.4 and a cent beside, and what a fee of 3.2 is 10 % of.
    for fee in ["9.74", "9.75", "9.73"] {
        assert!(read("body.fee").contains(fee), "{fee}");
    }
    for amount in ["32", "32.01", "31.99"] {
        assert!(read("body.amount").contains(amount), "{amount}");
    }
    let tiers = ["\"free\"", "\"gold\"", "\"vip\""];
    assert_eq!(read("body.tier"), tiers.map(str::to_owned).into());
    // Nothing is changed that the rule doesn't read.
    assert_eq!(read("body.note").len(), 1);
    let both = near.iter().any(|near| {
        let request = &near.steps[0].request;
        let at = |pointer| Location::parse(pointer).unwrap().read(request).cloned();
        at("body.tier") == Some(json("\"vip\"")) && at("body.fee") == Some(json("9.75"))
    });
    assert!(both, "two changes");
}
