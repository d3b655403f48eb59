//! When the crate `cel` has a say, and what it says.

use std::collections::BTreeMap;

use crossfield::expr::{Arena, Fold, Node, Op, Root, TextView, Type};
use crossfield::value::Value;
use crossfield::value::time::parse_time;
use crossfield::witness::{Opinion, Question, interpret, second_opinion};

use crate::support::{expr, json};

/// What `cel` makes of a text; the request has a body and a header.
fn read(text: &str) -> Result<Option<bool>, &'static str> {
    let names = [
        (
            "body",
            r#"{"n": null, "i": 5, "o": {"k": null}, "price": 1.5}"#,
        ),
        ("caps", r#"{"eur": 7}"#),
    ];
    let names = names.map(|(name, value)| (name.to_owned(), json(value)));
    interpret(text, &BTreeMap::from(names))
}

#[test]
fn presence_means_what_rule_files_mean() {
    for (text, expected) in [
        ("has(body.n)", true),
        ("has(body.x)", false),
        ("has(body.x.y)", false),
        ("has(body.n.y)", false),
        ("has(body.o.k)", true),
        ("has(body.o.k.z)", false),
        ("[body].all(b, has(b.i) && !has(b.x.y))", true),
    ] {
        assert_eq!(read(text), Ok(Some(expected)), "{text}");
    }
}

#[test]
fn undefined_is_told_from_what_it_cannot_run() {
    assert_eq!(read("body.i <= caps['eur']"), Ok(Some(true)));
    assert_eq!(read("body.i <= caps['usd']"), Ok(None));
    assert_eq!(read("body.x > 1"), Ok(None));
    assert_eq!(read("body.n > 1"), Ok(None));
    assert_eq!(read("body.i"), Ok(None));
    assert_eq!(read("body.i / 0 == 1 || true"), Ok(Some(true)));
    assert_eq!(read("unknown > 1 || true"), Err("a name is no variable"));
    assert_eq!(read("has(unknown.x)"), Err("a name is no variable"));
    let lacks = Err("it calls what CEL lacks");
    assert_eq!(read("half(body.i) > 1 || body.x > 1"), lacks);
    assert_eq!(
        read("sum(body.o[*].k) > 1"),
        Err("the text is more than CEL")
    );
    let huge = "body.i * 9223372036854775807 > 1";
    assert_eq!(read(huge), Err("a number is beyond 64 bits"));
    let names = BTreeMap::from([("body".to_owned(), json("[9007199254740992]"))]);
    assert_eq!(interpret("true", &names), Ok(Some(true)));
    let big = interpret("size(body) == 1", &names);
    assert_eq!(big, Err("a number is beyond 2^53"));
}

/// Asks about a rule over `body` and `header`, which `ours` says.
fn ask(guard: Option<&str>, rule: &str, ours: Option<bool>) -> Opinion {
    let mut arena = Arena::default();
    let whole = guard.map_or(rule.to_owned(), |guard| format!("guard({guard}, {rule})"));
    let id = expr(&mut arena, &whole, &[]);
    let request = json(
        r#"{"body": {"i": 5, "at": "2030-05-01T00:00:00Z", "bad": "soon"},
            "header": {"If-Match": "x"}}"#,
    );
    let question = Question {
        now: 0,
        arena: &arena,
        expr: id,
        guard,
        rule,
        request: &request,
        resources: &BTreeMap::new(),
        data: &BTreeMap::from([("cap".to_owned(), Value::int(5))]),
    };
    second_opinion(&question, ours)
}

#[test]
fn whole_rules_are_judged() {
    assert_eq!(ask(None, "body.i <= cap", Some(true)), Opinion::Agree);
    let wrong = ask(None, "body.i < cap", Some(true));
    assert_eq!(wrong, Opinion::Disagree(Some(false)));
    assert_eq!(ask(Some("body.i > 9"), "false", Some(true)), Opinion::Agree);
    assert_eq!(
        ask(Some("body.i > 4"), "false", Some(false)),
        Opinion::Agree
    );
    assert_eq!(ask(Some("body.x > 4"), "true", None), Opinion::Agree);
    assert_eq!(
        ask(None, "header['if-match'] == 'x'", Some(true)),
        Opinion::Agree
    );
    assert_eq!(ask(None, "has(header.etag)", Some(false)), Opinion::Agree);
    assert_eq!(ask(None, "query.page > 1", None), Opinion::Agree);
}

#[test]
fn now_is_the_moment_that_is_asked_about() {
    let mut arena = Arena::default();
    let moment = parse_time("2030-05-01T00:00:00Z").unwrap();
    let may = arena.constant(Value::Time(moment), Type::Time);
    let now = arena.add(Node::Root(Root::Now), Type::Time);
    let later = arena.call_bool(Op::Gt, &[may, now]);
    let none = BTreeMap::new();
    let judge = |now, ours| {
        let question = Question {
            now,
            arena: &arena,
            expr: later,
            guard: None,
            rule: "timestamp('2030-05-01T00:00:00Z') > now",
            request: &json("{}"),
            resources: &none,
            data: &none,
        };
        second_opinion(&question, Some(ours))
    };
    assert_eq!(judge(moment - 1, true), Opinion::Agree);
    assert_eq!(judge(moment, false), Opinion::Agree);
    assert_eq!(judge(moment, true), Opinion::Disagree(Some(false)));
}

#[test]
fn moments_are_judged_where_both_read_them_alike() {
    let later = "timestamp(body.at) > timestamp(body.at) - duration('36h')";
    let mut arena = Arena::default();
    let request = arena.add(Node::Root(Root::Request), Type::Null);
    let body = arena.add(Node::Get(request, "body".into()), Type::Null);
    let dated = |view, arena: &mut Arena| {
        let text = arena.add(Node::Get(body, "at".into()), Type::String(view));
        arena.call(Op::Timestamp, &[text], Type::Time)
    };
    let at = dated(TextView::DateTime, &mut arena);
    let hours = arena.constant(Value::Duration(1), Type::Duration);
    let before = arena.call(Op::TimeSub, &[at, hours], Type::Time);
    let moments = arena.call_bool(Op::Gt, &[at, before]);
    let day = dated(TextView::Date, &mut arena);
    let days = arena.call_bool(Op::Gt, &[day, day]);
    let decimal = arena.add(Node::Get(body, "price".into()), Type::Decimal);
    let prices = arena.call_bool(Op::Gt, &[decimal, decimal]);
    let present = arena.add(
        Node::Fold(Fold::MapPresent, body, at),
        Type::list(Type::Time),
    );
    let request = json(r#"{"body": {"at": "2030-05-01T00:00:00Z"}}"#);
    let none = BTreeMap::new();
    let judge = |expr, rule| {
        let question = Question {
            now: 0,
            arena: &arena,
            expr,
            guard: None,
            rule,
            request: &request,
            resources: &none,
            data: &none,
        };
        second_opinion(&question, Some(true))
    };
    assert_eq!(judge(moments, later), Opinion::Agree);
    for (expr, rule, reason) in [
        (moments, "body.at > body.at", "it takes a text for a moment"),
        (
            moments,
            "timestamp(body.at) > timestamp('2030-01-01')",
            "it takes a date for a moment",
        ),
        (
            moments,
            "body.at > duration('1d')",
            "CEL's durations have no days",
        ),
        (
            days,
            "timestamp(body.at) > timestamp(body.at)",
            "it takes a date for a moment",
        ),
        (prices, "body.price > body.price", "it reads decimals"),
        (present, "true", "it uses `[*]`"),
    ] {
        assert_eq!(judge(expr, rule), Opinion::NotApplicable(reason), "{rule}");
    }
}
