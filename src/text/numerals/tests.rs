//! Bounds and spellings, for patterns that people write and for random ones.

use std::collections::BTreeSet;

use super::*;
use crate::text::Taste;

fn set(pattern: &str) -> TextSet {
    TextSet::all().with_pattern(Pattern::compile(pattern).unwrap(), true)
}

fn number(text: &str) -> Number {
    parse_number(text).unwrap()
}

/// `[least, most]`, or `[least, ` without a limit.
fn shown(magnitudes: Option<Magnitudes>) -> String {
    let print = crate::value::print_number;
    magnitudes.map_or("none".to_owned(), |own| match &own.most {
        Some(most) => format!("[{}, {}]", print(&own.least), print(most)),
        None => format!("[{}, ", print(&own.least)),
    })
}

#[test]
fn bounds_and_places_follow_from_patterns() {
    let cases = [
        (r"^\d{1,7}(\.\d{2})?$", "none", "[0, 9999999.99]", Some(2)),
        (r"^[1-9][0-9]*$", "none", "[1, ", Some(0)),
        (r"^-?[1-9][0-9]{0,2}$", "[1, 999]", "[1, 999]", Some(0)),
        (r"^-[0-9]\.[05]0+$", "[0, 9.5]", "none", Some(1)),
        (r"^[2-7]?5\.0{0,3}1?$", "none", "[5, 75.1]", Some(4)),
        (r"^[0-9]+([.][0-9]+)?$", "none", "[0, ", None),
        (
            r"^((-?[0-9]+)|(-?([0-9]+)?[.][0-9]+))$",
            "[0, ",
            "[0, ",
            None,
        ),
        (r"^[0-9]e[0-9]$", "[0, ", "[0, ", None),
        (r"^[a-z]+$", "none", "none", Some(0)),
        (r"^0*5$", "none", "[0, ", Some(0)),
    ];
    for (pattern, negative, natural, places) in cases {
        let found = set(pattern).numerals();
        let own = (shown(found.negative), shown(found.natural), found.places);
        let wanted = (negative.to_owned(), natural.to_owned(), places);
        assert_eq!(own, wanted, "{pattern}");
    }
    let short = set("^[0-9.]+$").with_lengths(0, Some(4)).numerals();
    assert_eq!(shown(short.natural), "[0, 9999]");
    assert_eq!(short.places, Some(2));
}

#[test]
fn spellings_of_one_number() {
    let all = |pattern: &str, of: &str| {
        let set = set(pattern).naming(&number(of));
        let texts = (0..).map_while(|k| set.nth(k, &Taste::default()).ok());
        texts.take(9).collect::<BTreeSet<String>>()
    };
    let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
    assert_eq!(
        all(r"^\d{1,2}(\.\d{1,2})?$", "5.5"),
        texts(&["5.5", "5.50", "05.5", "05.50"])
    );
    assert_eq!(
        all(r"^-?\d(\.\d)?$", "0"),
        texts(&["0", "-0", "0.0", "-0.0"])
    );
    assert_eq!(all(r"^-?\d{3}$", "-7"), texts(&["-007"]));
    assert_eq!(all(r"^\d$", "0.5"), texts(&[]));
    let third = Number::new(1.into(), 3.into());
    assert!(set(".*").naming(&third).is_surely_empty());
    assert!(set(r"^(0|[1-9]\d*)[.]\d{2}$").names_each_number_once(2));
    for pattern in [
        r"^\d+[.]\d{2}$",
        r"^-?(0|[1-9]\d*)[.]\d{2}$",
        r"^\d([.]\d{2})?$",
        ".*",
    ] {
        assert!(!set(pattern).names_each_number_once(2), "{pattern}");
    }
}

const PIECES: [&str; 17] = [
    "-?",
    "-",
    "[0-9]",
    "[1-9]",
    "0",
    "0?",
    "5",
    "[25]?",
    "[0-9]{1,3}",
    "[0-9]*",
    "[.]",
    "([.][0-9]{2})?",
    "([.][0-9]+)?",
    "(1|22)",
    "0*",
    "[-0-9.]{1,3}",
    "[0-9.e-]{0,4}",
];

#[test]
fn numbers_of_random_patterns_lie_within_the_bounds() {
    let mut rng = fastrand::Rng::with_seed(7);
    let (mut named, mut exact) = (0, 0);
    for _ in 0..80 {
        let pieces = (0..rng.usize(1..5)).map(|_| PIECES[rng.usize(..PIECES.len())]);
        let pattern = format!("^{}$", pieces.collect::<String>());
        let set = set(&pattern).with_lengths(0, Some(rng.u64(1..9)));
        let found = set.numerals();
        let texts = (0..60).map_while(|k| set.nth(k, &Taste::default()).ok());
        let mut greatest = None;
        let mut count = 0;
        for text in texts {
            count += 1;
            let Some(number) = named_number(&text) else {
                continue;
            };
            named += 1;
            let (side, magnitude) = match text.strip_prefix('-') {
                Some(_) => (&found.negative, -number.clone()),
                None => (&found.natural, number.clone()),
            };
            let side = side.as_ref().unwrap();
            assert!(side.least <= magnitude, "{pattern} {text}");
            let most = side.most.as_ref();
            assert!(
                most.is_none_or(|most| *most >= magnitude),
                "{pattern} {text}"
            );
            let places = crate::value::decimal_places(&number).unwrap();
            let most = found.places;
            assert!(most.is_none_or(|most| most >= places), "{pattern} {text}");
            assert!(text.contains('e') || set.clone().naming(&number).contains(&text));
            if !text.starts_with('-') {
                greatest = greatest.max(Some(number));
            }
        }
        let most = found.natural.as_ref().and_then(|side| side.most.clone());
        if count < 60 && most.is_some() {
            assert_eq!(greatest, most, "{pattern}");
            exact += 1;
        }
    }
    assert!(named > 500 && exact > 10, "{named} {exact}");
}
