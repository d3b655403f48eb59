use super::super::parse::{compiles, parse};

/// What a text is mended to.
fn mended(text: &str) -> String {
    let error = parse(text).unwrap_err();
    let fix = error
        .fix
        .unwrap_or_else(|| panic!("{text}: {} {:?}", error.message, error.help));
    let mut mended = text.to_owned();
    mended.replace_range(fix.span, &fix.text);
    mended
}

#[test]
fn fixes_leave_what_was_meant() {
    for (text, expected) in [
        ("body.a is None", "!has(body.a)"),
        ("body.a IS NOT NULL && b", "has(body.a) && b"),
        ("body.a is not 'x'", "body.a != 'x'"),
        ("has(body?.a.b)", "has(body.a.b)"),
        ("body?.a ?? 0 > 1", "body.?a.orValue(0) > 1"),
        ("body.a.b ?? '' == ''", "body.a.?b.orValue('') == ''"),
        ("body.a > 10%", "body.a > 0.1"),
        ("body.a >= 50% of body.b", "body.a >= 0.5 * body.b"),
        ("body.a > 1,000", "body.a > 1000"),
        ("body.a > 1_000_000", "body.a > 1000000"),
        ("body.a > 10.00 EUR", "body.a > 10.00"),
        ("b - a > 2h", "b - a > duration('2h')"),
        ("b - a > 2 hours", "b - a > duration('2h')"),
        ("a > 2031-01-01", "a > timestamp('2031-01-01')"),
        (
            "a > 2031-01-01T10:00:00Z",
            "a > timestamp('2031-01-01T10:00:00Z')",
        ),
        ("a.b.0.c == 'x'", "a.b[0].c == 'x'"),
        ("x in 'a', 'b' && y", "x in ['a', 'b'] && y"),
        ("x IN ('a', 'b')", "x in ['a', 'b']"),
        ("x IN ['a', 'b']", "x in ['a', 'b']"),
        ("x not in ['a', 'b'] || y", "!(x in ['a', 'b']) || y"),
        ("x.y not in ('a', 'b')", "!(x.y in ['a', 'b'])"),
        ("a.matches('^\\d+$')", "a.matches(r'^\\d+$')"),
        ("any(x > 1 for x in l)", "l.exists(x, x > 1)"),
        ("sum([m.a for m in l]) > 1", "sum(l.map(m, m.a)) > 1"),
        (
            "len([m for m in b.l if m.a > 1]) > 1",
            "size(b.l.filter(m, m.a > 1)) > 1",
        ),
        ("l.some(a => a.x > 1)", "l.exists(a, a.x > 1)"),
        ("b.l.every((a) => a.x > 1)", "b.l.all(a, a.x > 1)"),
        ("x in {'a', 'b'}", "x in ['a', 'b']"),
        ("x == 1;", "x == 1"),
        ("b.x ** 2 > 4", "b.x * b.x > 4"),
        ("$.price > 3", "body.price > 3"),
        ("${body.price} > 3", "body.price > 3"),
        ("{{body.price}} > 3", "body.price > 3"),
        ("x == ‘theatre’", "x == 'theatre'"),
        ("x == “a b”", "x == 'a b'"),
        ("b.x LIKE 'A%'", "b.x.startsWith('A')"),
        ("b.x like '%A%' && y", "b.x.contains('A') && y"),
        ("b.x =~ '^A'", "b.x.matches('^A')"),
        ("b.x between 1 and 5", "1 <= b.x && b.x <= 5"),
        ("b.x contains 'a'", "b.x.contains('a')"),
        ("not b.x", "!b.x"),
        ("not b.x == 1 && y", "!(b.x == 1) && y"),
    ] {
        let found = mended(text);
        assert_eq!(found, expected, "{text}");
        assert!(compiles(&found), "{found}");
    }
}

#[test]
fn what_is_not_expected_is_named() {
    for (text, place, message) in [
        (
            "body.price > 10)",
            15..16,
            "`)` closes nothing: no `(` is open",
        ),
        ("(body.price > 10", 0..1, "`(` is never closed"),
        ("(a]", 2..3, "`]` closes nothing: `(` is open there"),
        ("body.a body.b", 7..11, "`body` isn't expected here"),
        ("a; b", 1..2, "`;` isn't expected here"),
        ("a > 1, b > 2", 5..6, "`,` isn't expected here"),
        ("x == 'a", 5..6, "this text has no closing quote"),
        ("a &&", 4..4, "the expression ends too early"),
        ("let x = 1", 0..3, "an expression can't define names"),
        ("l[1:]", 3..4, "there are no slices"),
        ("a?.b > 1", 1..3, "`?.` isn't CEL"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!((error.span, &*error.message), (place, message), "{text}");
    }
}

#[test]
fn what_can_be_parsed_is_no_habit() {
    for text in [
        "a - 2031 - 1 > 0",
        "'2031-01-01' == a",
        "a[?0].orValue(1) > 1 ? b : c",
        "{'a': 1}.a == 1",
        "has(body.x) && has(body.y)",
        "body.is.like == 1",
    ] {
        assert!(parse(text).is_ok(), "{text}");
    }
}

#[test]
fn comments_that_are_remarks_are_left_alone() {
    use super::super::parse::misread;
    for text in [
        "body.a > 1 // cents",
        "body.a > 1 // at most one cent, two for B",
        "// body.a / 2 is half\nbody.a > 1",
        "body.a > 1 &&\n// body.b > 1\nbody.c > 1",
        "body.a == 'http://x.y/z // 3'",
        "body.a.matches(r'\\bx\\b')",
        "body.a.matches('\\\\bx')",
        "body.a == '${' || body.b == '$5'",
    ] {
        assert!(misread(text).is_empty(), "{text}: {:?}", misread(text));
    }
    for text in ["a // 2", "a.b // 2 > 1", "a // (b + 1)", "a > b // c.d"] {
        assert_eq!(misread(text).len(), 1, "{text}");
    }
}
