//! What sets of strings promise, and a comparison with the crate jsonschema.

use super::*;

fn matching(pattern: &str) -> TextSet {
    TextSet::all().with_pattern(Pattern::compile(pattern).expect(pattern), true)
}

fn first(set: &TextSet) -> String {
    set.nth(0, &Taste::default()).expect("a text")
}

#[test]
fn ecma_classes_are_ascii() {
    assert!(!Pattern::compile(r"^\d$").unwrap().is_match("٣"));
    assert!(!Pattern::compile(r"^\w$").unwrap().is_match("ä"));
    assert!(Pattern::compile(r"^\s$").unwrap().is_match("\u{feff}"));
    assert!(Pattern::compile(r"^[\W]$").unwrap().is_match("ä"));
    assert!(!Pattern::compile(r"^.$").unwrap().is_match("\u{2028}"));
}

#[test]
fn ecma_syntax_that_rust_lacks_is_translated() {
    for (pattern, yes, no) in [
        (r"^[^]$", "\n", ""),
        (r"^[a&&b]+$", "a&b", "c"),
        (r"^[[]$", "[", "]"),
        (r"^a{,3}$", "a{,3}", "aa"),
        (r"^{id}$", "{id}", "id"),
        (r"^\u{1F600}\uD83D\uDE00$", "😀😀", "😀"),
        (r"^\cA\x41\0$", "\u{1}A\0", "A"),
        (r"^[\w-]+$", "a-b", "a b"),
        (r"^[a-z-9]+$", "a-9", "5"),
        (r"^(?<year>\d{4})$", "2035", "35"),
        (r"^\/\-\_$", "/-_", "/"),
        (r"\bcat\b", "a cat.", "cats"),
        (r"^\p{Lu}$", "Ä", "ä"),
        (r"^[\]-a]$", "`", "-"),
        (r"^\p{L}{1,60}( \p{L}{1,60})?$", "Zoë Öhm", "Zoë 2"),
        (r"^\w+\b.$", "ab!", "abc"),
        (r"[A-Z0-9]{1,22000}", "xA", "x"),
        (r"(?:ab){2,4000}c$", "ababababc", "abc"),
    ] {
        let compiled = Pattern::compile(pattern).expect(pattern);
        assert!(compiled.is_match(yes), "{pattern} should match {yes:?}");
        assert!(!compiled.is_match(no), "{pattern} should not match {no:?}");
    }
}

#[test]
fn what_no_automaton_can_do_is_named() {
    let messages: Vec<String> = [
        r"(a)\1", r"a(?=b)", r"(?<!a)b", r"\Aa\z", r"a[b", r"(?s)a", r"\x4",
    ]
    .iter()
    .map(|pattern| format!("{pattern}: {}", Pattern::compile(pattern).unwrap_err()))
    .collect();
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn leading_lookaheads_become_conjuncts() {
    let password = matching(r"^(?=.*[A-Z])(?=.*\d)(?!.*\s).{8,12}$");
    assert!(password.contains("Passw0rd"));
    for weak in ["password1", "Password", "Pass w0rd", "Pw0"] {
        assert!(!password.contains(weak), "{weak}");
    }
    let other =
        matching("^(?!am|bi)[a-z]{5}$").with_pattern(Pattern::compile("^ce").unwrap(), false);
    assert_eq!(first(&other), "delta");
    assert_eq!(
        other.cardinality(u64::MAX),
        Ok(Cardinality::Exactly(26_u64.pow(5) - 3 * 26_u64.pow(3)))
    );
    let text = first(&password);
    assert!(password.contains(&text), "{text}");
}

#[test]
fn texts_are_readable() {
    let sets = [
        ("anything", TextSet::all()),
        ("two letters", TextSet::all().with_lengths(2, Some(2))),
        ("reference", matching("^[A-Z]{2}-[0-9]{4}$")),
        ("currency", matching("^[A-Z]{3}$")),
        ("word", matching("^[a-z]+$")),
        ("iban", matching("^[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}$")),
        ("umlauts", matching("^[äöü]{4}$")),
        ("long", matching("^[a-z]{1,22000}$").with_lengths(30, None)),
        ("uuid", TextSet::all().with_format(Format::Uuid)),
        ("email", TextSet::all().with_format(Format::Email)),
        (
            "short email",
            TextSet::all()
                .with_format(Format::Email)
                .with_lengths(0, Some(9)),
        ),
        ("uri", TextSet::all().with_format(Format::Uri)),
        ("date", TextSet::all().with_format(Format::Date)),
        ("leap day", matching("-02-29$").with_format(Format::Date)),
        ("time", TextSet::all().with_format(Format::DateTime)),
        (
            "not a word",
            matching("^[a-z]{5}$").with_pattern(Pattern::compile("^am").unwrap(), false),
        ),
    ];
    let mut shown = String::new();
    for (name, set) in &sets {
        let texts: Vec<String> = (0..3)
            .map(|k| {
                set.nth(k, &Taste::default())
                    .unwrap_or_else(|e| format!("<{e}>"))
            })
            .collect();
        for text in texts.iter().filter(|text| !text.starts_with('<')) {
            assert!(set.contains(text), "{name}: {text}");
        }
        shown.push_str(&format!("{name}: {}\n", texts.join(" | ")));
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn texts_stay_close_to_an_example() {
    let taste = |example: &str| Taste {
        example: Some(example.into()),
        avoid: vec!["cus_124".into()],
    };
    let ids = matching("^cus_[a-z0-9]+$");
    let texts: Vec<_> = (0..3)
        .map(|k| ids.nth(k, &taste("cus_123")).unwrap())
        .collect();
    assert_eq!(texts, ["cus_123", "cus_125", "cus_126"]);
    let longer = ids.clone().with_lengths(9, Some(9));
    assert_eq!(longer.nth(0, &taste("cus_123")).unwrap(), "cus_123hi");
}

#[test]
fn all_members_of_a_small_set_are_found_once() {
    let set = matching("^[abc]{1,2}$");
    let mut texts: Vec<String> = (0..12)
        .map(|k| set.nth(k, &Taste::default()).unwrap())
        .collect();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 12);
    assert_eq!(set.nth(12, &Taste::default()), Err(NoText::TooFew));
    assert_eq!(set.cardinality(100), Ok(Cardinality::Exactly(12)));
    assert_eq!(set.cardinality(10), Ok(Cardinality::AtLeast(10)));
}

#[test]
fn contradictions_are_proven_empty() {
    let set = matching("^\\+1").with_pattern(Pattern::compile("^\\+44").unwrap(), true);
    assert_eq!(set.nth(0, &Taste::default()), Err(NoText::Empty));
    assert_eq!(set.cardinality(10), Ok(Cardinality::Exactly(0)));
    assert_eq!(set.lengths(512).unwrap(), Lengths::default());
}

#[test]
fn lengths_are_exact() {
    let of = |pattern: &str| matching(pattern).lengths(512).unwrap();
    assert_eq!(of("^(ab|abcd)$").ranges, [(2, Some(2)), (4, Some(4))]);
    assert_eq!(of("^[a-z]{2,9000}$").ranges, [(2, Some(9000))]);
    assert_eq!(of("x").ranges, [(1, None)]);
    assert_eq!(of("^(äöü)?$").ranges, [(0, Some(0)), (3, Some(3))]);
    assert!(of("x").is_exact() && of("^(ab|abcd)$").is_exact());
    assert!(of("^(ab)*$").truncated);
    assert_eq!(
        TextSet::all()
            .with_lengths(3, Some(7))
            .lengths(512)
            .unwrap()
            .ranges,
        [(3, Some(7))]
    );
    let not = TextSet::all().with_pattern(Pattern::compile("^.{0,3}$").unwrap(), false);
    assert!(
        not.with_pattern(Pattern::compile("^[a-z]*$").unwrap(), true)
            .lengths(9)
            .unwrap()
            .ranges
            == [(4, None)]
    );
}

#[test]
fn cardinality_counts_all_of_unicode() {
    assert_eq!(
        matching("^[^]$").cardinality(u64::MAX),
        Ok(Cardinality::Exactly(0x11_0000 - 0x800))
    );
    assert_eq!(
        matching("^[à-ý]{2}$").cardinality(u64::MAX),
        Ok(Cardinality::Exactly(30 * 30))
    );
    assert_eq!(
        TextSet::all().with_lengths(0, Some(0)).cardinality(9),
        Ok(Cardinality::Exactly(1))
    );
}

#[test]
fn formats_agree_with_jsonschema() {
    let texts = [
        "2035-06-15",
        "2035-02-29",
        "2036-02-29",
        "1900-02-29",
        "2000-02-29",
        "2035-13-01",
        "35-01-01",
        "2035-06-15T10:30:00Z",
        "2035-06-15t23:59:60z",
        "2035-06-15T10:30:00.5+02:00",
        "2035-06-15T10:30:00",
        "2035-06-15T24:00:00Z",
        "3f2a7c1e-8b4d-4e6a-9c05-7d1e5b209a41",
        "3F2A7C1E-8B4D-0E6A-0C05-7D1E5B209A41",
        "3f2a7c1e8b4d4e6a9c057d1e5b209a41",
        "ada@example.com",
        "a.b+c@x-y.example",
        "a..b@example.com",
        "@example.com",
        "a@-x.com",
        "\"a b\"@example.com",
        "ada@localhost",
        "https://example.com/a?b=c#d",
        "example.com",
        "mailto:a@b.c",
        "https://example.com/a b",
        "urn:x:%zz",
        "1http://x",
        "192.0.2.1",
        "256.0.0.1",
        "01.2.3.4",
        "a.example",
        "-a.example",
        "",
    ];
    for name in [
        "date",
        "date-time",
        "uuid",
        "email",
        "uri",
        "ipv4",
        "hostname",
    ] {
        let schema = serde_json::json!({"format": name});
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap();
        let format = Format::from_name(name);
        for text in texts {
            let theirs = validator.is_valid(&serde_json::Value::from(text));
            assert_eq!(format.admits(text), theirs, "{name} {text:?}");
        }
        for k in [0, 1, 7, 99, 400] {
            let text = TextSet::all()
                .with_format(format.clone())
                .nth(k, &Taste::default())
                .expect(name);
            assert!(
                validator.is_valid(&serde_json::Value::from(text.as_str())),
                "{name} {text}"
            );
            assert!(format.admits(&text));
        }
    }
}

/// A random pattern of the usual kinds.
fn random_pattern(random: &mut fastrand::Rng, depth: u32) -> String {
    let atoms = [
        "a", "b", "0", r"\d", r"\w", "[a-c]", "[^ab]", r"[\s-]", ".", "é", r"\.", "(?:ab)",
        "[A-Z0-9]", "-",
    ];
    let atom = |random: &mut fastrand::Rng| atoms[random.usize(..atoms.len())].to_owned();
    if depth == 0 {
        return atom(random);
    }
    let one = random_pattern(random, depth - 1);
    match random.u8(..7) {
        0 => format!("{one}{}", random_pattern(random, depth - 1)),
        1 => format!("(?:{one}|{})", random_pattern(random, depth - 1)),
        2 => format!("(?:{one}){}", ["*", "+", "?"][random.usize(..3)]),
        3 => format!("(?:{one}){{{},{}}}", random.u8(..2), random.u8(2..5)),
        4 => format!("({one}){}", atom(random)),
        _ => format!("{}{one}", atom(random)),
    }
}

#[test]
fn random_patterns_agree_with_jsonschema() {
    let mut random = fastrand::Rng::with_seed(11);
    let (mut written, mut empty) = (0, 0);
    for _ in 0..200 {
        let mut schema = serde_json::json!({"allOf": []});
        let mut set = TextSet::all();
        for _ in 0..random.usize(1..3) {
            let body = random_pattern(&mut random, 3);
            let (start, end) = (["^", ""][random.usize(..2)], ["$", ""][random.usize(..2)]);
            let source = format!("{start}{body}{end}");
            let wanted = random.u8(..4) > 0;
            let keyword = serde_json::json!({"pattern": source});
            let keyword = if wanted {
                keyword
            } else {
                serde_json::json!({"not": keyword})
            };
            schema["allOf"].as_array_mut().unwrap().push(keyword);
            set = set.with_pattern(Pattern::compile(&source).expect(&source), wanted);
        }
        let (min, max) = (random.u64(..4), random.u64(4..9));
        schema["minLength"] = min.into();
        schema["maxLength"] = max.into();
        set = set.with_lengths(min, Some(max));
        let validator = jsonschema::validator_for(&schema).unwrap();
        for k in [0, 1, 5, 40] {
            match set.nth(k, &Taste::default()) {
                Ok(text) => {
                    written += 1;
                    assert!(
                        validator.is_valid(&text.clone().into()),
                        "{schema} {text:?}"
                    );
                    let length = text.chars().count() as u64;
                    assert!(
                        set.lengths(64).unwrap().contains(length),
                        "{schema} {text:?}"
                    );
                }
                Err(NoText::Empty) => empty += 1,
                Err(NoText::TooFew) => {}
                Err(NoText::TooLarge(error)) => panic!("{schema}: {error}"),
            }
        }
        for _ in 0..20 {
            let pool = ['a', 'b', '0', '7', 'Z', '-', ' ', '.', 'é', 'c'];
            let text: String = (0..random.usize(..9))
                .map(|_| pool[random.usize(..pool.len())])
                .collect();
            let theirs = validator.is_valid(&text.clone().into());
            assert_eq!(set.contains(&text), theirs, "{schema} {text:?}");
            if theirs {
                assert_ne!(
                    set.nth(0, &Taste::default()),
                    Err(NoText::Empty),
                    "{schema} {text:?}"
                );
            }
        }
    }
    assert!(
        written > 400 && empty > 0,
        "{written} written, {empty} empty"
    );
}
