//! `format`: texts that look almost right, and right ones that look unusual.

use super::{Demand, Mistake, Probe, Spot};
use crate::document::Format;
use crate::value::Value;

pub(super) fn demands(spot: &Spot<'_>) -> Vec<Demand> {
    let Some(at) = &spot.schema().format else {
        return Vec::new();
    };
    // `int32` and `int64` are bounds; of the others nothing is checked.
    let (format, name) = (&at.value, spot.name);
    if format.is_silent() || matches!(format, Format::Int32 | Format::Int64) {
        return Vec::new();
    }
    let wrong = wrong(format, spot.value);
    let all = wrong.iter().flat_map(|(_, _, texts)| texts.clone());
    let words = format!("takes any text for {name}, which is a {format}");
    let any = ["not so", "other text", "x"].map(str::to_owned);
    let any = any.into_iter().chain(all).map(Probe::text);
    let mut mistakes = vec![Mistake::lax("unchecked", words, any.collect())];
    for (variant, what, texts) in wrong {
        let probes = texts.into_iter().flat_map(|text| {
            let probe = Probe::text(text);
            [probe.clone().taken_as(spot.value.clone()), probe]
        });
        let words = format!("takes {what} for {name}, which is a {format}");
        mistakes.push(Mistake::lax(variant, words, probes.collect()));
    }
    for (variant, what, texts) in unusual(format, spot.value) {
        let probes = texts.into_iter().map(Probe::text);
        let words = format!("refuses {what} for {name}, which is a {format}");
        mistakes.push(Mistake::strict(variant, words, probes.collect()));
    }
    vec![Demand::new(
        "format",
        format!("format {format}"),
        at,
        mistakes,
    )]
}

/// A name, what the texts are, and the texts.
type Kind = (&'static str, &'static str, Vec<String>);

fn texts<const N: usize>(all: [&str; N]) -> Vec<String> {
    all.map(str::to_owned).to_vec()
}

/// Texts that are almost of the format.
fn wrong(format: &Format, now: &Value) -> Vec<Kind> {
    let now = now.as_str().unwrap_or_default();
    let year = now
        .get(..4)
        .filter(|year| year.bytes().all(|own| own.is_ascii_digit()));
    let year = year.unwrap_or("2031");
    match format {
        Format::Date => vec![
            (
                "no-such-day",
                "a day that the calendar lacks",
                vec![format!("{year}-02-30")],
            ),
            (
                "with-time",
                "a day with a time",
                vec![format!("{now}T00:00:00Z")],
            ),
        ],
        Format::DateTime => {
            let rest = now.get(10..).unwrap_or("T10:30:00Z");
            let bare = now.trim_end_matches(['Z', 'z']);
            let bare = if bare.len() < now.len() {
                bare
            } else {
                "2031-05-14T10:30:00"
            };
            let day = now.get(..10).unwrap_or("2031-05-14");
            vec![
                (
                    "no-such-day",
                    "a day that the calendar lacks",
                    vec![format!("{year}-02-30{rest}")],
                ),
                (
                    "without-zone",
                    "a time without its zone",
                    vec![bare.to_owned()],
                ),
                ("day-alone", "a day without a time", vec![day.to_owned()]),
            ]
        }
        Format::Uuid => {
            let mut cut = now.to_owned();
            cut.pop();
            vec![
                ("cut", "a UUID without its last digit", vec![cut]),
                (
                    "without-hyphens",
                    "a UUID without its hyphens",
                    vec![now.replace('-', "")],
                ),
            ]
        }
        Format::Email => vec![
            (
                "no-name",
                "an address without a name",
                texts(["@example.com"]),
            ),
            ("no-host", "an address without a host", texts(["nobody@"])),
        ],
        Format::Uri => vec![(
            "no-scheme",
            "an address without a scheme",
            texts(["//example.com/x", "example.com/x y"]),
        )],
        Format::Int32 | Format::Int64 => Vec::new(),
        Format::Other(name) => match name.as_str() {
            "ipv4" => vec![("too-large", "a number beyond 255", texts(["192.0.2.256"]))],
            "hostname" => vec![(
                "hyphen",
                "a name that ends in a hyphen",
                texts(["example-.com", "-"]),
            )],
            _ => Vec::new(),
        },
    }
}

/// Texts of the format that aren't written as usual.
fn unusual(format: &Format, now: &Value) -> Vec<Kind> {
    let now = now.as_str().unwrap_or_default();
    match format {
        Format::Date => vec![(
            "leap-day",
            "29 February",
            texts(["2032-02-29", "2028-02-29"]),
        )],
        Format::DateTime => {
            let bare = now.strip_suffix('Z');
            let with = |end: &str| {
                bare.map(|bare| format!("{bare}{end}"))
                    .into_iter()
                    .collect::<Vec<String>>()
            };
            let fraction = match bare.is_some_and(|bare| bare.contains('.')) {
                true => Vec::new(),
                false => with(".250Z"),
            };
            vec![
                (
                    "offset",
                    "a time with an offset",
                    [with("+02:00"), with("-02:00")].concat(),
                ),
                ("fraction", "parts of a second", fraction),
            ]
        }
        Format::Uuid => vec![("capitals", "a UUID in capitals", vec![now.to_uppercase()])],
        Format::Email => vec![(
            "plus",
            "a `+` in the name",
            texts(["ada+field@example.com"]),
        )],
        Format::Uri => vec![(
            "query",
            "a query behind the path",
            texts(["https://example.com/a?b=c"]),
        )],
        _ => Vec::new(),
    }
}
