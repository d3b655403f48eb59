//! What each operator means.

use crossfield::eval::{Env, Evaluator, Reason, Shared, evaluate};
use crossfield::expr::{Arena, Op, TimePart, Type};
use crossfield::value::Value;
use crossfield::value::time::PRINTABLE;

use crate::support::{expr, json};

/// The value of `text` over the body `body` and a resource `payment`, as JSON
/// text; the reason where it is undefined.
fn value(text: &str, body: &str) -> String {
    let mut arena = Arena::default();
    let id = expr(&mut arena, text, &["payment", "ghost"]);
    let request = json(&format!(r#"{{"body": {body}}}"#));
    let payment = json(r#"{"amount": 250, "note": null}"#);
    let resources = [Some(payment), None];
    let env = Env::of_right(&request, &resources, 0);
    let plain = evaluate(&arena, env, id);
    let mut remembering = Evaluator::new(&arena, env);
    for _ in 0..2 {
        let again = remembering
            .eval(id)
            .map(|value| Shared::get(&value).clone());
        assert_eq!(again, plain, "{text}");
    }
    match plain {
        Ok(value) => value.to_string(),
        Err(undefined) => format!("{:?}", undefined.reason),
    }
}

#[track_caller]
fn check(body: &str, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(value(text, body), *expected, "{text}");
    }
}

#[test]
fn logic_absorbs_what_is_undefined() {
    check(
        r#"{"t": true, "f": false, "n": null}"#,
        &[
            ("body.x || body.t", "true"),
            ("body.t || body.x", "true"),
            ("body.x || body.f", "Absent"),
            ("body.x && body.f", "false"),
            ("body.x && body.t", "Absent"),
            ("body.n && body.f", "false"),
            ("body.n || body.f", "WrongKind"),
            ("!body.x", "Absent"),
            ("guard(body.x, body.t)", "Absent"),
            ("guard(body.f, body.x)", "true"),
            ("guard(body.t, body.x)", "Absent"),
            ("guard(body.t, body.f)", "false"),
            ("guard(body.t, body.n)", "WrongKind"),
            ("body.t ? 1 : body.x", "1"),
            ("body.f ? 1 : body.x", "Absent"),
            ("body.x ? 1 : 1", "Absent"),
            ("or_else(body.x, 0)", "0"),
            ("or_else(body.n, 0)", "null"),
        ],
    );
}

#[test]
fn equality_is_that_of_json() {
    check(
        r#"{"n": null, "one": 1.0, "s": "1", "a": {"p": 1, "q": [2]}, "b": {"q": [2.0], "p": 1}}"#,
        &[
            ("body.n == null", "true"),
            ("body.one == 1", "true"),
            ("body.one == body.s", "false"),
            ("body.n == body.one", "false"),
            ("body.a == body.b", "true"),
            ("body.a != body.b", "false"),
            ("body.x == null", "Absent"),
            ("body.n < 1", "WrongKind"),
            ("body.n + 1", "WrongKind"),
            ("body.s + 1", "WrongKind"),
            ("body.s < body.s", "false"),
        ],
    );
}

#[test]
fn presence_is_read_along_the_path() {
    check(
        r#"{"n": null, "o": {"k": null}}"#,
        &[
            ("has(body.n)", "true"),
            ("has(body.x)", "false"),
            ("has(body.x.y.z)", "false"),
            ("has(body.n.y)", "false"),
            ("has(body.o.k)", "true"),
            ("body.n.y", "WrongKind"),
            ("body.x.y", "Absent"),
            ("payment.amount", "250"),
            ("payment.refunded", "Absent"),
            ("has(payment.note)", "true"),
            ("ghost.amount", "Absent"),
            ("has(ghost.amount)", "false"),
        ],
    );
}

#[test]
fn arithmetic_is_exact() {
    check(
        r#"{"price": 10.10, "big": 9007199254740993}"#,
        &[
            ("body.price * 3 == 30.3", "true"),
            ("body.big + 1", "9007199254740994"),
            ("-7 / 2", "-3"),
            ("-7 % 2", "-1"),
            ("7 % -2", "1"),
            ("-7 / -2", "3"),
            ("div(1, 3) * 3 == 1", "true"),
            ("7 / 0", "DivisionByZero"),
            ("7 % 0", "DivisionByZero"),
            ("div(7, 0)", "DivisionByZero"),
            ("body.price / 2", "WrongKind"),
            ("-body.price", "-10.1"),
            ("floor(-0.5)", "-1"),
            ("ceil(-0.5)", "0"),
        ],
    );
}

#[test]
fn rounding_has_four_modes() {
    check(
        "{}",
        &[
            ("round(2.345, 2)", "2.35"),
            ("round(-2.345, 2)", "-2.35"),
            ("round(2.345, 2, half_even)", "2.34"),
            ("round(2.355, 2, half_even)", "2.36"),
            ("round(2.341, 2, up)", "2.35"),
            ("round(-2.341, 2, up)", "-2.35"),
            ("round(-2.349, 2, down)", "-2.34"),
            ("round(2.34, 2, up)", "2.34"),
            ("round(0.5, 0)", "1"),
            ("round(1, 19)", "WrongKind"),
            ("round(1, -1)", "WrongKind"),
        ],
    );
}

#[test]
fn moments_beyond_what_can_be_printed_have_no_parts() {
    let mut arena = Arena::default();
    let request = json("{}");
    let env = Env::of_right(&request, &[], 0);
    for part in TimePart::ALL.iter().copied() {
        let mut of = |nanos: i128| {
            let moment = arena.constant(Value::Time(nanos), Type::Time);
            let part = arena.call(Op::TimePart(part), &[moment], Type::Int);
            evaluate(&arena, env, part).map_err(|undefined| undefined.reason)
        };
        for (last, beyond) in [(*PRINTABLE.start(), -1), (*PRINTABLE.end(), 1)] {
            let known = of(last).unwrap();
            let known = crossfield::value::to_i64(known.as_number().unwrap()).unwrap();
            assert!(part.range().contains(&known), "{part:?}: {known}");
            assert_eq!(of(last + beyond), Err(Reason::OutOfRange), "{part:?}");
        }
    }
}

#[test]
fn moments_are_nanoseconds() {
    check(
        r#"{"at": "1970-01-02T00:00:00Z", "day": "1970-01-03", "bad": "soon"}"#,
        &[
            ("timestamp(body.at)", "86400000000000"),
            (
                "time_diff(timestamp(body.day), timestamp(body.at)) == duration('1d')",
                "true",
            ),
            (
                "time_add(timestamp(body.at), duration('1h')) < timestamp(body.day)",
                "true",
            ),
            ("time_sub(timestamp(body.at), duration('24h'))", "0"),
            (
                "duration_add(duration('1s'), duration('-2s'))",
                "-1000000000",
            ),
            (
                "duration_sub(duration('1s'), duration('2s')) < duration('0s')",
                "true",
            ),
            ("timestamp(body.bad)", "NotAMoment"),
            ("timestamp(body.bad2)", "Absent"),
            ("timestamp(3)", "WrongKind"),
            ("time_add(body.at, duration('1h'))", "WrongKind"),
            ("timestamp(body.at) < duration('1h')", "WrongKind"),
        ],
    );
}

#[test]
fn collections_have_entries() {
    check(
        r#"{"l": [1, 2.0, null], "m": {"EUR": 2}, "s": "aé😀", "i": 1, "n": null}"#,
        &[
            ("2 in body.l", "true"),
            ("null in body.l", "true"),
            ("'2' in body.l", "false"),
            ("'EUR' in {'EUR': 1}", "true"),
            ("'CHF' in {'EUR': 1}", "false"),
            ("1 in [body.i, body.x]", "Absent"),
            ("1 in body.n", "WrongKind"),
            ("size(body.l)", "3"),
            ("size(body.s)", "3"),
            ("size(body.m)", "1"),
            ("size(body.n)", "WrongKind"),
            ("body.l[body.i]", "2"),
            ("body.l[3]", "NoEntry"),
            ("body.l[-1]", "NoEntry"),
            ("{'a': 1, 'b': 2}['b']", "2"),
            ("{'a': 1, 'b': 2}['c']", "NoEntry"),
            ("body.m[0]", "WrongKind"),
            ("sum([])", "0"),
            ("sum([0.1, 0.2]) == 0.3", "true"),
            ("sum(body.l)", "WrongKind"),
        ],
    );
}

#[test]
fn folds_absorb_as_their_operators_do() {
    check(
        r#"{"l": [{"a": 1, "t": [1]}, {"a": 2, "t": [2, 3]}, {"t": []}], "e": []}"#,
        &[
            ("body.l.all(x, x.a > 0)", "Absent"),
            ("body.l.all(x, x.a > 1)", "false"),
            ("body.l.exists(x, x.a > 1)", "true"),
            ("body.l.exists(x, x.a > 2)", "Absent"),
            ("body.e.all(x, x.a > 0)", "true"),
            ("body.e.exists(x, x.a > 0)", "false"),
            ("body.x.all(x, true)", "Absent"),
            ("body.l.exists_one(x, size(x.t) == 1)", "true"),
            ("body.l.exists_one(x, x.a == 1)", "Absent"),
            ("body.l.map(x, size(x.t))", "[1, 2, 0]"),
            ("body.l.map(x, x.a)", "Absent"),
            ("body.l[*].a", "[1, 2]"),
            ("sum(body.l[*].a)", "3"),
            ("size(body.l.filter(x, size(x.t) > 0))", "2"),
            ("body.l.filter(x, x.a > 0)", "Absent"),
            (
                "body.l.map(x, x.t.filter(y, y > size(x.t)))",
                "[[], [3], []]",
            ),
            ("body.l.map(x, body.e.all(y, false))", "[true, true, true]"),
            (
                "body.l.map(x, x.t.map(y, x.t.map(z, z + y)))",
                "[[[2]], [[4, 5], [5, 6]], []]",
            ),
        ],
    );
}

#[test]
fn a_condition_is_a_boolean() {
    let mut arena = Arena::default();
    let id = expr(&mut arena, "1 + 1", &[]);
    let env = Env::of_right(&Value::Null, &[], 0);
    let undefined = Evaluator::new(&arena, env).holds(id).unwrap_err();
    assert_eq!(undefined.reason, Reason::WrongKind);
    assert_eq!(undefined.at, id);
}
