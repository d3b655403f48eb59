//! What the internal form says of a value.

use num_traits::Zero;

use super::location::Location;
use super::schema::{Additional, Bound, JsonType, Placed, Schema, SchemaId, Schemas};
use crate::source::Span;
use crate::value::{Number, Value, print_number};

/// A place of a value that a keyword of its schema refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Where in the value.
    pub location: Location,
    /// The keyword.
    pub keyword: &'static str,
    /// What is wrong, without the place.
    pub message: String,
    /// Where the keyword stands.
    pub span: Span,
    /// Where the keyword stands, as a JSON pointer.
    pub pointer: String,
}

/// Everything that the schema `id` refuses in `value`, which stands at
/// `location`. What is unmodelled is not looked at.
pub fn refusals(
    schemas: &Schemas,
    id: SchemaId,
    value: &Value,
    location: &Location,
) -> Vec<Refusal> {
    let mut found = Vec::new();
    visit(schemas, id, value, location, &mut found);
    found
}

fn visit(
    schemas: &Schemas,
    id: SchemaId,
    value: &Value,
    location: &Location,
    found: &mut Vec<Refusal>,
) {
    let schema = schemas.get(id);
    found.extend(own_refusals(schema, value, location));
    match value {
        Value::List(items) => {
            if let Some(part) = schema.items {
                for (index, item) in items.iter().enumerate() {
                    visit(schemas, part, item, &location.index(index), found);
                }
            }
        }
        Value::Map(members) => {
            for (name, place) in &schema.required {
                if !members.contains_key(name.as_str()) {
                    let message = format!("`{name}` is missing");
                    found.push(refusal(location.key(name), "required", message, place));
                }
            }
            for (name, member) in members {
                let location = location.key(name);
                match (schemas.property(id, name), &schema.additional) {
                    (Some(part), _) => visit(schemas, part, member, &location, found),
                    (None, Additional::Forbidden(place)) => {
                        let message = format!("`{name}` is not declared");
                        found.push(refusal(location, "additionalProperties", message, place));
                    }
                    (None, _) => {}
                }
            }
        }
        _ => {}
    }
}

fn refusal<T>(
    location: Location,
    keyword: &'static str,
    message: String,
    place: &Placed<T>,
) -> Refusal {
    Refusal {
        location,
        keyword,
        message,
        span: place.span,
        pointer: place.pointer.clone(),
    }
}

/// The first keyword that refuses the value itself, its parts aside.
pub(super) fn own_refusal(schema: &Schema, value: &Value, location: &Location) -> Option<Refusal> {
    own_refusals(schema, value, location).into_iter().next()
}

/// The keywords that refuse the value itself, its parts aside.
fn own_refusals(schema: &Schema, value: &Value, location: &Location) -> Vec<Refusal> {
    let mut found = Found {
        location,
        refusals: Vec::new(),
    };
    of_type(schema, value, &mut found);
    if let Some(values) = &schema.enumeration {
        found.check("enum", !values.value.contains(value), values, || {
            let shown: Vec<String> = values.value.iter().map(Value::to_string).collect();
            format!("{value} is none of {}", shown.join(", "))
        });
    }
    match value {
        Value::Number(number) => of_number(schema, number, &mut found),
        Value::String(text) => of_text(schema, text, &mut found),
        Value::List(items) => of_count(schema, items.len() as u64, &mut found),
        _ => {}
    }
    found.refusals
}

struct Found<'a> {
    location: &'a Location,
    refusals: Vec<Refusal>,
}

impl Found<'_> {
    fn check<T>(
        &mut self,
        keyword: &'static str,
        refused: bool,
        place: &Placed<T>,
        message: impl FnOnce() -> String,
    ) {
        if refused {
            let location = self.location.clone();
            self.refusals
                .push(refusal(location, keyword, message(), place));
        }
    }
}

fn of_type(schema: &Schema, value: &Value, found: &mut Found<'_>) {
    let refused = !schema.types.allows(type_of(value));
    let whole = Placed {
        value: (),
        span: schema.span,
        pointer: schema.pointer.clone(),
    };
    let place = schema.types_place.as_ref().unwrap_or(&whole);
    found.check("type", refused, place, || {
        let names: Vec<&str> = schema.types.iter().map(JsonType::name).collect();
        format!(
            "{value} is of type {}, not {}",
            type_of(value).name(),
            names.join(" or ")
        )
    });
}

/// The narrowest type of a value.
pub(super) fn type_of(value: &Value) -> JsonType {
    match value {
        Value::Null => JsonType::Null,
        Value::Bool(_) => JsonType::Boolean,
        Value::Number(number) if number.is_integer() => JsonType::Integer,
        Value::Number(_) => JsonType::Number,
        Value::String(_) | Value::Time(_) | Value::Duration(_) => JsonType::String,
        Value::List(_) => JsonType::Array,
        Value::Map(_) => JsonType::Object,
    }
}

fn of_number(schema: &Schema, number: &Number, found: &mut Found<'_>) {
    let shown = print_number(number);
    if let Some(bound) = &schema.minimum {
        let Bound {
            value: limit,
            exclusive,
        } = &bound.value;
        found.check(
            "minimum",
            number < limit || *exclusive && number == limit,
            bound,
            || {
                let than = if *exclusive { "not above" } else { "below" };
                format!("{shown} is {than} {}", print_number(limit))
            },
        );
    }
    if let Some(bound) = &schema.maximum {
        let Bound {
            value: limit,
            exclusive,
        } = &bound.value;
        found.check(
            "maximum",
            number > limit || *exclusive && number == limit,
            bound,
            || {
                let than = if *exclusive { "not below" } else { "above" };
                format!("{shown} is {than} {}", print_number(limit))
            },
        );
    }
    if let Some(step) = &schema.multiple_of {
        let divides = step.value.is_zero() || (number / &step.value).is_integer();
        found.check("multipleOf", !divides, step, || {
            format!("{shown} is no multiple of {}", print_number(&step.value))
        });
    }
}

fn of_text(schema: &Schema, text: &str, found: &mut Found<'_>) {
    let length = text.chars().count() as u64;
    if let Some(least) = &schema.min_length {
        found.check("minLength", length < least.value, least, || {
            format!(
                "{text:?} has {length} characters, fewer than {}",
                least.value
            )
        });
    }
    if let Some(most) = &schema.max_length {
        found.check("maxLength", length > most.value, most, || {
            format!("{text:?} has {length} characters, more than {}", most.value)
        });
    }
    for pattern in &schema.patterns {
        found.check("pattern", !pattern.value.is_match(text), pattern, || {
            format!("{text:?} doesn't match `{}`", pattern.value.source())
        });
    }
    if let Some(format) = &schema.format {
        found.check("format", !format.value.admits(text), format, || {
            format!("{text:?} is no `{}`", format.value)
        });
    }
}

fn of_count(schema: &Schema, count: u64, found: &mut Found<'_>) {
    if let Some(least) = &schema.min_items {
        found.check("minItems", count < least.value, least, || {
            format!("there are {count} items, fewer than {}", least.value)
        });
    }
    if let Some(most) = &schema.max_items {
        found.check("maxItems", count > most.value, most, || {
            format!("there are {count} items, more than {}", most.value)
        });
    }
}
