//! Small valid values.

use num_traits::{One, Zero};

use super::conform::own_refusal;
use super::location::Location;
use super::schema::{Additional, JsonType, Schema, SchemaId, Schemas};
use crate::text::Taste;
use crate::value::{Members, Number, Value};

/// Why no valid value was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no value was found for `{location}`: {reason}")]
pub struct NoValue {
    /// The part that has none, seen from where the search began.
    pub location: Location,
    /// What is in the way.
    pub reason: String,
    /// Where the schema of that part stands, as a JSON pointer.
    pub pointer: String,
}

/// How deep values are nested at most.
const DEPTH_LIMIT: usize = 48;

/// A small value that the schema `id` allows, as far as it is modelled: what is
/// valid of `preferred` is kept but for read-only members, parts that are refused are replaced, members
/// that are required are added. Where nothing is preferred the value comes from
/// examples, defaults, enumerations, bounds, patterns and formats, in this order.
///
/// # Errors
/// Some part has no valid value: its keywords contradict each other, or it must
/// hold itself.
pub fn complete(
    schemas: &Schemas,
    id: SchemaId,
    preferred: Option<&Value>,
) -> Result<Value, NoValue> {
    Completion { schemas }.value(id, preferred, &Location::default())
}

struct Completion<'a> {
    schemas: &'a Schemas,
}

impl Completion<'_> {
    fn value(
        &self,
        id: SchemaId,
        preferred: Option<&Value>,
        at: &Location,
    ) -> Result<Value, NoValue> {
        let schema = self.schemas.get(id);
        if at.0.len() > DEPTH_LIMIT {
            return Err(no_value(schema, at, "it must hold itself without end"));
        }
        let examples = schema.examples.iter().map(|example| &example.value);
        let default = schema.default.iter().map(|default| &default.value);
        let listed = schema.enumeration.iter().flat_map(|values| &values.value);
        let listed = listed
            .clone()
            .filter(|value| **value != Value::Null)
            .chain(listed);
        let sources = preferred
            .into_iter()
            .chain(examples)
            .chain(default)
            .chain(listed);
        for source in sources {
            // A container is mended, a plain value is taken as it is or not.
            let fits = match source {
                Value::List(_) => {
                    schema.types.allows(JsonType::Array) && schema.enumeration.is_none()
                }
                Value::Map(_) => {
                    schema.types.allows(JsonType::Object) && schema.enumeration.is_none()
                }
                plain => own_refusal(schema, plain, at).is_none(),
            };
            if fits {
                let made = self.from(id, source, at)?;
                if own_refusal(schema, &made, at).is_none() {
                    return Ok(made);
                }
            }
        }
        if schema.enumeration.is_some() {
            return Err(no_value(
                schema,
                at,
                "none of the listed values is allowed by the other keywords",
            ));
        }
        let made = self.fresh(id, at)?;
        match own_refusal(schema, &made, at) {
            None => Ok(made),
            Some(refusal) => Err(no_value(schema, at, &refusal.message)),
        }
    }

    /// `source` with its parts completed.
    fn from(&self, id: SchemaId, source: &Value, at: &Location) -> Result<Value, NoValue> {
        match source {
            Value::Map(members) => self.object(id, members, at),
            Value::List(items) => self.array(id, items, at),
            plain => Ok(plain.clone()),
        }
    }

    fn object(&self, id: SchemaId, members: &Members, at: &Location) -> Result<Value, NoValue> {
        let schema = self.schemas.get(id);
        let mut made = Members::new();
        let sent = |name: &str| !schema.read_only_properties.contains(name);
        for (name, member) in members.iter().filter(|(name, _)| sent(name)) {
            match self.schemas.property(id, name) {
                Some(part) => {
                    let value = self.value(part, Some(member), &at.key(name));
                    // What can't be mended is left out, unless it is required.
                    if value.is_ok() || schema.required.contains_key(&**name) {
                        made.insert(name.clone(), value?);
                    }
                }
                None if matches!(schema.additional, Additional::Any) => {
                    made.insert(name.clone(), member.clone());
                }
                None => {}
            }
        }
        for name in schema.required.keys() {
            if made.contains_key(name.as_str()) {
                continue;
            }
            let value = match self.schemas.property(id, name) {
                Some(part) => self.value(part, None, &at.key(name))?,
                None if matches!(schema.additional, Additional::Forbidden(_)) => {
                    let reason =
                        format!("`{name}` is required, but `additionalProperties` forbids it");
                    return Err(no_value(schema, at, &reason));
                }
                None => Value::string("any"),
            };
            made.insert(name.as_str().into(), value);
        }
        Ok(Value::Map(made))
    }

    fn array(&self, id: SchemaId, items: &[Value], at: &Location) -> Result<Value, NoValue> {
        let schema = self.schemas.get(id);
        let least = schema.min_items.as_ref().map_or(0, |least| least.value);
        let most = schema
            .max_items
            .as_ref()
            .map_or(u64::MAX, |most| most.value);
        let mut made = Vec::new();
        for (index, item) in items
            .iter()
            .enumerate()
            .take(usize::try_from(most).unwrap_or(usize::MAX))
        {
            made.push(self.item(schema, Some(item), &at.index(index))?);
        }
        while (made.len() as u64) < least {
            made.push(self.item(schema, None, &at.index(made.len()))?);
        }
        Ok(Value::List(made))
    }

    fn item(
        &self,
        schema: &Schema,
        preferred: Option<&Value>,
        at: &Location,
    ) -> Result<Value, NoValue> {
        match (schema.items, preferred) {
            (Some(part), _) => self.value(part, preferred, at),
            (None, Some(item)) => Ok(item.clone()),
            (None, None) => Ok(Value::string("any")),
        }
    }

    /// A value from the keywords alone.
    fn fresh(&self, id: SchemaId, at: &Location) -> Result<Value, NoValue> {
        let schema = self.schemas.get(id);
        match likely_type(schema) {
            JsonType::Null => Ok(Value::Null),
            JsonType::Boolean => Ok(Value::Bool(true)),
            JsonType::Integer => number(schema, true)
                .ok_or_else(|| no_value(schema, at, "its bounds hold no number")),
            JsonType::Number => number(schema, false)
                .ok_or_else(|| no_value(schema, at, "its bounds hold no number")),
            JsonType::String => {
                let text = schema.text_set().nth(0, &Taste::default());
                text.map(Value::string)
                    .map_err(|error| no_value(schema, at, &error.to_string()))
            }
            JsonType::Array => self.array(id, &[], at),
            JsonType::Object => self.object(id, &Members::new(), at),
        }
    }
}

fn no_value(schema: &Schema, at: &Location, reason: &str) -> NoValue {
    NoValue {
        location: at.clone(),
        reason: reason.to_owned(),
        pointer: schema.pointer.clone(),
    }
}

/// The type to write: the named one that is no null, else what the keywords
/// speak of.
fn likely_type(schema: &Schema) -> JsonType {
    let preferred = [
        JsonType::Object,
        JsonType::Array,
        JsonType::String,
        JsonType::Integer,
        JsonType::Number,
        JsonType::Boolean,
        JsonType::Null,
    ];
    if !schema.types.is_untyped() {
        let named = preferred.into_iter().find(|&own| schema.types.names(own));
        return named.unwrap_or(JsonType::Null);
    }
    let numeric =
        schema.minimum.is_some() || schema.maximum.is_some() || schema.multiple_of.is_some();
    if !schema.properties.is_empty() || !schema.required.is_empty() {
        JsonType::Object
    } else if schema.items.is_some() || schema.min_items.is_some() {
        JsonType::Array
    } else if numeric {
        JsonType::Number
    } else {
        JsonType::String
    }
}

/// The least number from the lower bound on; from 1 where there is none, or down
/// from the upper bound.
fn number(schema: &Schema, integral: bool) -> Option<Value> {
    let step = match &schema.multiple_of {
        Some(step) if integral => lowest_integral_multiple(&step.value),
        Some(step) => step.value.clone(),
        None if integral => Number::one(),
        None => Number::new(1.into(), 100.into()),
    };
    let fits = |number: &Number| {
        let value = Value::Number(number.clone());
        own_refusal(schema, &value, &Location::default()).is_none()
    };
    let round_up = |number: &Number| (number / &step).ceil() * &step;
    let round_down = |number: &Number| (number / &step).floor() * &step;
    let mut tries = Vec::new();
    match (&schema.minimum, &schema.maximum) {
        (Some(low), _) => {
            let first = round_up(&low.value.value);
            tries.extend([first.clone(), first + &step]);
        }
        (None, Some(high)) => {
            let last = round_down(&high.value.value);
            tries.extend([
                step.clone().max(Number::one()),
                Number::zero(),
                last.clone(),
                last - &step,
            ]);
        }
        (None, None) => tries.push(round_up(&Number::one())),
    }
    if let (Some(low), Some(high), None, false) = (
        &schema.minimum,
        &schema.maximum,
        &schema.multiple_of,
        integral,
    ) {
        tries.push((&low.value.value + &high.value.value) / Number::from_integer(2.into()));
    }
    tries.into_iter().find(fits).map(Value::Number)
}

/// The least positive integer that is a multiple of `step`.
fn lowest_integral_multiple(step: &Number) -> Number {
    Number::from_integer(step.numer().clone())
}
