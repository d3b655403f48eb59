//! What the internal form says of a value.

use num_traits::Zero;

use super::location::Location;
use super::schema::{Additional, Bound, JsonType, Placed, Schema, SchemaId, Schemas};
use crate::source::Span;
use crate::value::{Members, Number, Value, print_number};

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
    let mut visit = Visit::new(schemas);
    visit.active.push(id);
    visit.value(id, value, location);
    visit.found
}

/// A walk over a value and its schema.
pub(super) struct Visit<'a> {
    pub schemas: &'a Schemas,
    pub found: Vec<Refusal>,
    /// Whether something that isn't modelled may refuse the value.
    pub is_open: bool,
    /// The schemas that led to the first one, of the same value.
    pub active: Vec<SchemaId>,
}

impl<'a> Visit<'a> {
    pub(super) fn new(schemas: &'a Schemas) -> Self {
        Self {
            schemas,
            found: Vec::new(),
            is_open: false,
            active: Vec::new(),
        }
    }

    pub(super) fn value(&mut self, id: SchemaId, value: &Value, location: &Location) {
        let schema = self.schemas.get(id);
        if !schema.is_hint {
            self.found.extend(own_refusals(schema, value, location));
        }
        // `nullable` without a type says nothing.
        let mut unmodelled = schema.unmodelled.iter();
        self.is_open |= unmodelled.any(|own| own.keyword != "nullable");
        self.spanning(schema, value, location);
        match value {
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    if let Some(part) = self.schemas.item(id, index) {
                        self.value(part, item, &location.index(index));
                    }
                }
            }
            Value::Map(members) => self.parts(id, members, location),
            _ => {}
        }
    }

    fn parts(&mut self, id: SchemaId, members: &Members, location: &Location) {
        let schema = self.schemas.get(id);
        for (name, place) in &schema.required {
            let is_missing = !members.contains_key(name.as_str());
            let at = location.key(name);
            self.check("required", is_missing, &at, place, || {
                format!("`{name}` is missing")
            });
        }
        for (name, member) in members {
            let location = location.key(name);
            match (self.schemas.property(id, name), &schema.additional) {
                (Some(part), _) => self.value(part, member, &location),
                (None, Additional::Forbidden(place)) => {
                    self.check("additionalProperties", true, &location, place, || {
                        format!("`{name}` is not declared")
                    });
                }
                (None, _) => {}
            }
        }
    }

    pub(super) fn check<T>(
        &mut self,
        keyword: &'static str,
        refused: bool,
        location: &Location,
        place: &Placed<T>,
        message: impl FnOnce() -> String,
    ) {
        if refused {
            let refusal = refusal(location.clone(), keyword, message(), place);
            self.found.push(refusal);
        }
    }
}

pub(super) fn refusal<T>(
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
