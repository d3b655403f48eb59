//! `type`: values of other types, and what JSON can write that is easily taken
//! for something else.

use num_traits::One;

use super::numbers::is_whole;
use super::{Demand, Mistake, Probe, Spot, Taken, Wire};
use crate::document::{JsonType, Schema, TypeSet};
use crate::text::named_number;
use crate::value::{Members, Number, Value};

/// How long a text is that nothing limits.
const LONG: usize = 10_000;

pub(super) fn demands(spot: &Spot<'_>) -> Vec<Demand> {
    let schema = spot.schema();
    let Some(place) = &schema.types_place else {
        return Vec::new();
    };
    let types = schema.types;
    // Whatever is sent as a text is one.
    let is_any = types.is_untyped() || !spot.is_json() && types.allows(JsonType::String);
    let mut mistakes = Vec::new();
    if !is_any {
        mistakes.extend(wrong(spot, types));
    }
    if types.names(JsonType::Null) && spot.is_json() {
        let words = format!("refuses null for {}", spot.name);
        mistakes.push(Mistake::strict(
            "null",
            words,
            vec![Probe::set(Value::Null)],
        ));
    }
    if schema.enumeration.is_none() {
        mistakes.extend(whole_numbers(spot));
        mistakes.extend(plain_texts(spot));
    }
    if mistakes.is_empty() {
        return Vec::new();
    }
    vec![Demand::new("type", named_types(schema), place, mistakes)]
}

fn named_types(schema: &Schema) -> String {
    let names: Vec<&str> = schema.types.iter().map(JsonType::name).collect();
    format!("type {}", names.join(" or "))
}

/// A value of each type that isn't allowed.
fn wrong(spot: &Spot<'_>, types: TypeSet) -> Vec<Mistake> {
    let (now, name) = (spot.value, spot.name);
    let mut found = Vec::new();
    let mut add = |kind: &str, words: String, sent: Value, taken: Vec<Taken>| {
        let taken = taken.into_iter().chain([Taken::AsSent]);
        let probes = taken.map(|taken| Probe {
            taken,
            ..Probe::set(sent.clone())
        });
        found.push(Mistake::lax(kind, words, probes.collect()));
    };
    let as_now = || vec![Taken::As(now.clone())];
    if !spot.is_json() {
        if !types.allows(JsonType::Array) && !types.allows(JsonType::Object) {
            let words = format!("takes any text for {name}");
            add("text", words, Value::string("many"), as_now());
        }
        if is_whole(spot.schema()) {
            let words = format!("takes fractions for {name}, which is a whole number");
            add("fraction", words, fraction(now), as_now());
        }
        return found;
    }
    let takes = |what: &str| format!("takes {what} for {name}, which has another type");
    if !types.allows(JsonType::Null) {
        add("null", takes("null"), Value::Null, vec![Taken::Absent]);
    }
    if !types.allows(JsonType::String) {
        let text = match now {
            Value::List(_) | Value::Map(_) | Value::Null => "text".to_owned(),
            plain => plain.to_string(),
        };
        add("text", takes("a text"), Value::string(text), as_now());
    }
    if !types.allows(JsonType::Integer) {
        let number = now
            .as_str()
            .and_then(named_number)
            .unwrap_or_else(|| Number::from_integer(7.into()));
        let text = Value::string(crate::value::print_number(&number));
        add(
            "number",
            takes("a number"),
            Value::Number(number),
            vec![Taken::As(text), Taken::As(now.clone())],
        );
    }
    if is_whole(spot.schema()) {
        let words = format!("takes fractions for {name}, which is a whole number");
        add("fraction", words, fraction(now), as_now());
    }
    if !types.allows(JsonType::Boolean) {
        add("boolean", takes("a Boolean"), Value::Bool(true), as_now());
    }
    if !types.allows(JsonType::Array) {
        add(
            "list",
            takes("a list"),
            Value::List(vec![now.clone()]),
            as_now(),
        );
    }
    if !types.allows(JsonType::Object) {
        let inner = Members::from_iter([("value".into(), now.clone())]);
        add("object", takes("an object"), Value::Map(inner), as_now());
    }
    found.extend(twice(spot));
    found
}

fn fraction(now: &Value) -> Value {
    let half = Number::new(1.into(), 2.into());
    let now = now.as_number().map_or_else(Number::one, Number::floor);
    Value::Number(now + half)
}

/// The name of the member stands twice, first with a right value, then with one
/// of another type: a server that checks the first and one that goes on with the
/// last accept it.
fn twice(spot: &Spot<'_>) -> Option<Mistake> {
    let member = spot.member.filter(|_| spot.tries_twice)?;
    let wrong = match spot.value {
        Value::String(_) => Value::int(7),
        _ => Value::string("text"),
    };
    let name = Value::string(member.name);
    let written = format!("{}, {name}: {wrong}", spot.value);
    let probe = Probe::set(wrong)
        .taken_as(spot.value.clone())
        .written_as(written);
    let words = format!(
        "checks the first of two members that are both {}",
        spot.name
    );
    Some(Mistake::lax("twice", words, vec![probe]))
}

/// Whole numbers are whole however they are written, and may be large.
fn whole_numbers(spot: &Spot<'_>) -> Vec<Mistake> {
    let (schema, name) = (spot.schema(), spot.name);
    if !is_whole(schema) {
        return Vec::new();
    }
    let mut found = Vec::new();
    if spot.is_json() && spot.whole_with_point {
        let written = spot.value.as_number().filter(|own| own.is_integer());
        let written =
            written.map(|_| Probe::set(spot.value.clone()).written_as(format!("{}.0", spot.value)));
        let words = format!("refuses a whole number for {name} that is written with .0");
        found.push(Mistake::strict(
            "written-with-point",
            words,
            written.into_iter().collect(),
        ));
    }
    for bits in [31_u32, 53, 63] {
        let number = Number::from_integer(num_bigint::BigInt::from(2).pow(bits) + 1);
        let most = schema.maximum.as_ref();
        if most.is_some_and(|most| most.value.value < number) {
            continue;
        }
        let step = schema.multiple_of.as_ref().map(|own| own.value.clone());
        let step = step.filter(Number::is_integer);
        let number = step.map_or(number.clone(), |step| (number / &step).ceil() * step);
        let words = format!(
            "can't hold {} for {name}, which has no bound before it",
            crate::value::print_number(&number)
        );
        let probe = Probe::set(Value::Number(number));
        found.push(Mistake::strict(
            format!("beyond-2^{bits}"),
            words,
            vec![probe],
        ));
    }
    found
}

/// Texts that may be anything.
fn plain_texts(spot: &Spot<'_>) -> Vec<Mistake> {
    let (schema, name) = (spot.schema(), spot.name);
    let is_free = schema.types.names(JsonType::String)
        && schema.patterns.is_empty()
        && schema
            .format
            .as_ref()
            .is_none_or(|format| format.value.is_silent())
        && schema.unmodelled.is_empty();
    if !is_free {
        return Vec::new();
    }
    let least = schema.min_length.as_ref().map_or(0, |own| own.value);
    let most = schema.max_length.as_ref().map(|own| own.value);
    let fits = |text: &str| {
        let length = text.chars().count() as u64;
        length >= least && most.is_none_or(|most| length <= most)
    };
    let mut found = Vec::new();
    let mut add = |variant: &str, words: String, text: String| {
        if fits(&text) {
            found.push(Mistake::strict(variant, words, vec![Probe::text(text)]));
        }
    };
    let width = usize::try_from(least.clamp(1, 5_000)).unwrap_or(1);
    if spot.wire != Wire::Line {
        add(
            "empty",
            format!("refuses an empty text for {name}"),
            String::new(),
        );
        add(
            "blank",
            format!("refuses blanks for {name}, which may be any text"),
            " ".repeat(width),
        );
        let text = "Zoë 東京 🚲 "
            .repeat(width)
            .trim_end()
            .chars()
            .take(width.max(8))
            .collect::<String>();
        let text = text.trim_end().to_owned();
        add(
            "beyond-ascii",
            format!("refuses or breaks letters beyond ASCII in {name}"),
            text,
        );
    }
    if most.is_none() && spot.is_json() {
        let words =
            format!("refuses a text of {LONG} characters for {name}, which has no greatest length");
        add("long", words, "long text ".repeat(LONG / 10));
    }
    found
}
