use super::*;
use crate::tree::{NodeKind, TextStyle};

fn read(text: &str) -> Result<Node, String> {
    let mut sources = Sources::new();
    let file = sources.add("a.yaml", text);
    parse_yaml(&sources, file).map_err(|found| found.render_human(&sources, false))
}

fn value(text: &str) -> String {
    read(text).unwrap().to_value().to_string()
}

#[test]
fn scalars_follow_the_core_schema() {
    for (text, expected) in [
        ("on", r#""on""#),
        ("yes", r#""yes""#),
        ("NO", r#""NO""#),
        ("true", "true"),
        ("TRUE", "true"),
        ("~", "null"),
        ("", "null"),
        ("012", r#""012""#),
        ("1_000", r#""1_000""#),
        ("00.5", r#""00.5""#),
        ("0.50", "0.5"),
        ("-1.25e2", "-125"),
        ("+1", "1"),
        (".5", "0.5"),
        ("1.", "1"),
        ("1e", r#""1e""#),
        ("1.2.3", r#""1.2.3""#),
        (".", r#"".""#),
        ("-", r#"[null]"#),
        ("0x1F", "31"),
        ("0o17", "15"),
        ("0x", r#""0x""#),
        ("0x-1", r#""0x-1""#),
        ("2024-01-01", r#""2024-01-01""#),
        ("12:30:45", r#""12:30:45""#),
        ("'12'", r#""12""#),
        ("!!str 12", r#""12""#),
        ("!!int '12'", "12"),
        ("12345678901234567890123", "12345678901234567890123"),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn numbers_keep_their_text() {
    let node = read("a: 1.50").unwrap();
    let NodeKind::Number { text, .. } = &node.get("a").unwrap().kind else {
        panic!("no number");
    };
    assert_eq!(text, "1.50");
}

#[test]
fn keys_become_texts() {
    assert_eq!(
        value("200: a\nnull: b\ntrue: c\n1.0: d\n'x': e"),
        r#"{"200": "a", "null": "b", "true": "c", "1.0": "d", "x": "e"}"#
    );
}

#[test]
fn anchors_aliases_and_merge_keys_are_resolved() {
    let text =
        "base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\na: *b\nc: {<<: [*b, *m], x: 0}\n&k d: *k\n";
    assert_eq!(
        value(text),
        r#"{"base": {"x": 1, "y": 2}, "more": {"y": 3, "z": 4}, "a": {"x": 1, "y": 2}, "c": {"x": 0, "y": 2, "z": 4}, "d": "d"}"#
    );
    assert_eq!(value("'<<': 1"), r#"{"<<": 1}"#);
}

#[test]
fn spans_cover_what_is_written() {
    let text = "a:\n  b: [x, {y: z}]\n  c:\n    - 1\n    - 22\nd: >-\n  one\n  two\n\ne: 'q'\nf:\n";
    let mut sources = Sources::new();
    let file = sources.add("a.yaml", text);
    let node = parse_yaml(&sources, file).unwrap();
    let written = |pointer: &str| sources.excerpt(node.at_pointer(pointer).unwrap().span);
    assert_eq!(written("/a"), "b: [x, {y: z}]\n  c:\n    - 1\n    - 22");
    assert_eq!(written("/a/b"), "[x, {y: z}]");
    assert_eq!(written("/a/b/1"), "{y: z}");
    assert_eq!(written("/a/c"), "- 1\n    - 22");
    assert_eq!(written("/d"), "one\n  two");
    assert_eq!(written("/e"), "'q'");
    assert_eq!(written("/f"), "");
    let entry = node.entry("f").unwrap();
    assert_eq!(sources.excerpt(entry.value_span()), "f");
    assert_eq!(
        node.get("d").unwrap().as_text().unwrap().style,
        TextStyle::Block
    );
}

#[test]
fn several_errors_are_shown_at_once_and_the_tree_is_kept() {
    let text = "a: !has(x)\nb: 1\nb: 2\nc: *d\n";
    let mut sources = Sources::new();
    let file = sources.add("a.yaml", text);
    let (node, found) = parse_yaml_tolerant(&sources, file);
    assert_eq!(found.len(), 3);
    assert_eq!(
        node.unwrap().to_value().to_string(),
        r#"{"a": "!has(x)", "b": 1, "c": "*d"}"#
    );
}

#[test]
fn a_bomb_of_aliases_is_refused_early() {
    let mut text = "a0: &a0 x\n".to_owned();
    for level in 1..4 {
        let before = level - 1;
        let items = vec![format!("*a{before}"); 200].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    let error = read(&text).map(drop).unwrap_err();
    assert!(error.contains("more than 5000000 nodes"), "{error}");
}

#[test]
fn nesting_is_limited_also_through_aliases() {
    assert!(read(&format!("{}{}", "[".repeat(128), "]".repeat(128))).is_ok());
    for text in ["[".repeat(129), "- ".repeat(129), "[".repeat(100_000)] {
        let error = read(&text).map(drop).unwrap_err();
        assert!(error.contains("more than 128 deep"), "{error}");
    }
    let deep = |open: usize| {
        let (before, after) = ("[".repeat(open), "]".repeat(open));
        format!(
            "a: &a {before}{after}\nb: {}*a{}\n",
            "[".repeat(63),
            "]".repeat(63)
        )
    };
    assert!(read(&deep(64)).is_ok());
    assert!(read(&deep(65)).unwrap_err().contains("more than 128 deep"));
}

#[test]
fn what_is_wrong_is_explained() {
    let texts = [
        "rule: a ? b : c\n",
        "rule: 'a' in b\n",
        "rule: \"a\" in body['x']\n",
        "rule: a: b\n",
        "rule: !has(x)\n",
        "rule: !has(x) || y\n",
        "rule: !(a && b)\n",
        "rule: [1, 2].all(x, y)\n",
        "rule: @x\n",
        "rule: *x\n",
        "oneOf: [body.items[0].x, body.y]\n",
        "rule: a\n rule: b\n",
        "a: 1\nb: 2\na: 3\n",
        "a: 1\n---\nb: 1\n",
        "a: &a [*a]\n",
        "a: .inf\n",
        "? [a]\n: b\n",
        "<<: 1\n",
        "a: [1, 2\n",
        "a:\n\t- b\n",
        "a: 'x\n",
    ];
    let shown: Vec<String> = texts.iter().map(|text| read(text).unwrap_err()).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn what_is_not_closed_is_shown_where_it_opens() {
    let rules = [
        "  - id: a\n    rule: \"x > 1\n  - id: b\n    rule: y > 1\n",
        "  - id: a\n    rule: 'x > 1\n    message: it\n  - id: b\n    rule: y == 'x'\n",
        "  - id: a\n    rule: 'it''s > 1\n",
        "  - id: a\n    tags: [a, 'b]\n    rule: x > 1\n",
        "  - {id: a, rule: \"x > 1}\n  - {id: b, rule: y > 1}\n",
        "  - id: a\n    tags: [b, c\n    rule: x > 1\n",
        "  - id: a\n    tags: [b, c\n",
        "  - {id: a, rule: x > 1\n  - {id: b, rule: y > 1}\n",
        "  - id: a\n    rule: \"x > 1\n  && y > 1\"\n",
    ];
    let texts = rules.iter().map(|rule| format!("rules:\n{rule}"));
    let shown: Vec<String> = texts.map(|text| read(&text).unwrap_err()).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

/// Under a list of rules, as most slips are made there.
#[test]
fn slips_in_the_layout_are_explained() {
    let rules = [
        "  - id: a\n   rule: x > 1\n",
        "  - id: a\n  rule: x > 1\n",
        "  - id: a\n      rule: x > 1\n",
        "  - id: a\n    rule: x > 1\n - id: b\n",
        "  - id: a\n    rule: x > 1\n      - id: b\n",
        "  - id: a\n    table:\n      allow: [1]\n     columns: [2]\n",
        "  - id: a\n\trule: x > 1\n",
        "\t- id: a\n",
        "  - id: a\n    rule: >\n\tx > 1\n",
        "  - id: a\n    rule x > 1\n    tags: [b]\n",
        "  - id a\n    rule: x > 1\n",
        "  - id: a\n    rule: x > 1 &&\n    y > 1\n    tags: [b]\n",
        "  - id: a\n    rule: >-\n    x > 1\n    tags: [b]\n",
        "  - id: a\n    rule:x > 1\n",
        "  - id:a\n    rule: x > 1\n",
        "  -id: a\n   rule: x > 1\n",
        "  - id: a\n  -id: b\n",
    ];
    let texts = rules.iter().map(|rule| format!("rules:\n{rule}"));
    let shown: Vec<String> = texts.map(|text| read(&text).unwrap_err()).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn what_needs_quotes_is_shown_with_them() {
    let texts = [
        "rule: \"x.matches('^\\d+$')\"\n",
        "pattern: \"^\\d+$\"\n",
        "- {id: x, rule: a in ['b', 'c'], tags: [d]}\n",
        "- {id: x, is: !has(a)}\n",
        "- {id: x, rule: \"a\" == b}\n",
        "- [theatre, -]\n",
        "- [theatre, > 10]\n",
        "- [!theatre, 10]\n",
        "- [a.all(x, x['b'] == \"c\"), d]\n",
        "rule: \"a == \"b\"\"\n",
        "rule: \"a\" == \"b\"\n",
        "message: 'It's too cheap'\n",
        "- {id: x b: [2]}\n",
        "- [[a, b] [c, d]]\n",
        "rule: > a > 10\n",
        "rule: | a ? b : c\n",
    ];
    let shown: Vec<String> = texts.iter().map(|text| read(text).unwrap_err()).collect();
    insta::assert_snapshot!(shown.join("\n"));
}
