//! Random keywords that combine schemas, over the members of a body.

use crossfield::value::Value;
use fastrand::Rng;

use crate::fields::{Field, Kind, Taste, hundredths};

/// One or two keywords as JSON, each behind a comma; often none.
pub fn conditions(rng: &mut Rng, fields: &[Field]) -> String {
    if rng.u8(..3) > 0 || fields.len() < 2 {
        return String::new();
    }
    let mut text = format!(", {}", demand(rng, fields));
    if rng.u8(..3) == 0 {
        text += &format!(r#", "allOf": [{{{}}}]"#, demand(rng, fields));
    }
    text
}

fn demand(rng: &mut Rng, fields: &[Field]) -> String {
    let parts = [0; 3].map(|_| part(rng, fields));
    let [one, two, three] = &parts;
    let (a, b) = (name(rng, fields), name(rng, fields));
    let count = rng.usize(1..=fields.len());
    match rng.u8(..10) {
        0 | 1 => format!(r#""oneOf": [{one}, {two}, {three}]"#),
        2 | 3 => format!(r#""anyOf": [{one}, {two}]"#),
        4 => format!(r#""not": {one}"#),
        5 | 6 => format!(r#""if": {one}, "then": {two}, "else": {three}"#),
        7 => format!(r#""dependentRequired": {{"{a}": ["{b}"]}}"#),
        8 => format!(r#""dependentSchemas": {{"{a}": {one}}}"#),
        _ => format!(
            r#""minProperties": {}, "maxProperties": {count}"#,
            count / 2
        ),
    }
}

fn part(rng: &mut Rng, fields: &[Field]) -> String {
    let field = &fields[rng.usize(..fields.len())];
    let own = keyword(rng, &field.kind);
    let needed = name(rng, fields);
    match rng.u8(..4) {
        0 => format!(r#"{{"required": ["{needed}"]}}"#),
        1 => format!(r#"{{"properties": {{"{}": {own}}}}}"#, field.name),
        2 => format!(
            r#"{{"required": ["{}"], "properties": {{"{}": {own}}}}}"#,
            field.name, field.name
        ),
        _ => format!(
            r#"{{"required": ["{needed}"], "properties": {{"{}": {own}}}}}"#,
            field.name
        ),
    }
}

fn name(rng: &mut Rng, fields: &[Field]) -> String {
    fields[rng.usize(..fields.len())].name.clone()
}

/// A demand on one value.
fn keyword(rng: &mut Rng, kind: &Kind) -> String {
    let one = kind.value(rng, Taste::Plain);
    match kind {
        Kind::Int(..) | Kind::AnyInt => match rng.u8(..3) {
            0 => format!(r#"{{"minimum": {one}}}"#),
            1 => r#"{"multipleOf": 2}"#.into(),
            _ => format!(r#"{{"type": "integer", "maximum": {one}}}"#),
        },
        Kind::Decimal(..) => match rng.u8(..2) {
            0 => r#"{"type": "integer"}"#.into(),
            _ => format!(r#"{{"maximum": {}}}"#, hundredths(rng.i64(0..4) * 50)),
        },
        // A type would be taken for that of the field everywhere.
        Kind::Any if rng.bool() => r#"{"maxLength": 2}"#.into(),
        Kind::Any => r#"{"minimum": 0}"#.into(),
        Kind::Numeral(_) if rng.bool() => r#"{"pattern": "[05]$"}"#.into(),
        Kind::Text(..) | Kind::Pattern(..) if rng.bool() => r#"{"pattern": "a"}"#.into(),
        Kind::Text(..) | Kind::Pattern(..) | Kind::Numeral(_) => r#"{"minLength": 2}"#.into(),
        Kind::List(..) if rng.bool() => r#"{"uniqueItems": true}"#.into(),
        Kind::List(..) => format!(r#"{{"minItems": {}}}"#, rng.u8(1..3)),
        Kind::Map(_) | Kind::FreeForm => match rng.u8(..2) {
            0 => r#"{"minProperties": 1}"#.into(),
            _ => r#"{"maxProperties": 1}"#.into(),
        },
        Kind::Object(members) => match members.first() {
            Some(first) => format!(r#"{{"required": ["{}"]}}"#, first.name),
            None => "{}".into(),
        },
        Kind::Bool | Kind::Enum(_) | Kind::Date | Kind::DateEnum | Kind::DateTime => {
            let values = Value::List(vec![one, kind.value(rng, Taste::Plain)]);
            let values = distinct(values);
            format!(r#"{{"enum": {values}}}"#)
        }
    }
}

fn distinct(list: Value) -> Value {
    match list {
        Value::List(mut items) => {
            items.dedup();
            Value::List(items)
        }
        other => other,
    }
}
