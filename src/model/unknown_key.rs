//! Keys of resources that don't exist.

use super::build::schema_at;
use super::{Bind, Model, OperationRef};
use crate::document::{JsonType, Schema};
use crate::text::{Format, Taste};
use crate::value::{Number, Value};

/// Greater than any number that servers count to soon, within 32 bits.
const LARGE: i64 = 2_147_480_017;

/// A UUID (RFC 9562, version 4) that nobody draws.
const UUID: &str = "00000000-0000-4000-8000-00000000dead";

/// The position of a text among all that its schema allows: far enough from
/// those that examples have.
const FAR: u64 = 977;

/// A key that the schema allows at `bind` and that names nothing.
pub fn unknown_key(model: &Model, operation: OperationRef, bind: &Bind) -> Value {
    let request = model.operation(operation).request;
    let name = &model.resource(bind.resource).name;
    let Some(schema) = schema_at(&model.schemas, request, &bind.location) else {
        return Value::string(format!("no-such-{name}"));
    };
    let schema = model.schemas.get(schema);
    if let Some(members) = &schema.enumeration {
        return members.value.last().cloned().unwrap_or(Value::Null);
    }
    let types = schema.types;
    if !types.allows(JsonType::String) && types.allows(JsonType::Integer) {
        return Value::Number(unknown_number(schema));
    }
    Value::string(unknown_text(schema, name))
}

fn unknown_number(schema: &Schema) -> Number {
    let large = Number::from_integer(LARGE.into());
    match &schema.maximum {
        Some(maximum) if maximum.value.value < large => {
            let greatest = maximum.value.value.floor();
            let is_outside = maximum.value.exclusive && greatest == maximum.value.value;
            match is_outside {
                true => greatest - Number::from_integer(1.into()),
                false => greatest,
            }
        }
        _ => large,
    }
}

fn unknown_text(schema: &Schema, name: &str) -> String {
    let set = schema.text_set();
    let format = schema.format.as_ref().map(|format| &format.value);
    if format == Some(&Format::Uuid) && set.contains(UUID) {
        return UUID.to_owned();
    }
    let plain = format!("no-such-{name}");
    if format.is_none_or(Format::is_silent) && set.contains(&plain) {
        return plain;
    }
    let taste = Taste::default();
    let far = set.nth(FAR, &taste).or_else(|_| set.nth(0, &taste));
    far.unwrap_or(plain)
}
