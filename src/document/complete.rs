//! Small valid values.

use std::cell::{Cell, RefCell};

use num_traits::{One, Zero};

use super::choice::{Choice, Whole, choices};
use super::conform::own_refusal;
use super::judge::verdict;
use super::location::Location;
use super::schema::{JsonType, Schema, SchemaId, Schemas};
use super::vary::changes;
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

/// Values that are judged near refused ones for one completion, at most.
const MAX_NEARBY: usize = 300;

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
    completion(schemas, MAX_NEARBY).value(&[id], preferred, &Location::default())
}

/// The same from the keywords alone, where the first choice has to do.
pub(super) fn first_value(schemas: &Schemas, id: SchemaId) -> Option<Value> {
    let made = completion(schemas, 0).value(&[id], None, &Location::default());
    made.ok()
}

fn completion(schemas: &Schemas, nearby: usize) -> Completion<'_> {
    Completion {
        schemas,
        nearby: Cell::new(nearby),
        open: RefCell::new(Vec::new()),
    }
}

/// Makes values.
pub(super) struct Completion<'a> {
    pub schemas: &'a Schemas,
    /// Values near refused ones that may still be judged.
    nearby: Cell<usize>,
    /// What values are being made for without a model, from the outside in.
    open: RefCell<Vec<Vec<SchemaId>>>,
}

const ENDLESS: &str = "it must hold itself without end";

impl Completion<'_> {
    /// A value for schemas that must hold together.
    pub(super) fn value(
        &self,
        demands: &[SchemaId],
        preferred: Option<&Value>,
        at: &Location,
    ) -> Result<Value, NoValue> {
        if at.0.len() > DEPTH_LIMIT {
            return Err(self.no_value(demands, at, ENDLESS));
        }
        if preferred.is_some() {
            return self.choose(demands, preferred, at);
        }
        // The smallest value holds no other one of its kind.
        if self.open.borrow().iter().any(|own| own == demands) {
            return Err(self.no_value(demands, at, ENDLESS));
        }
        self.open.borrow_mut().push(demands.to_vec());
        let made = self.choose(demands, preferred, at);
        self.open.borrow_mut().pop();
        made
    }

    fn choose(
        &self,
        demands: &[SchemaId],
        preferred: Option<&Value>,
        at: &Location,
    ) -> Result<Value, NoValue> {
        let choices = choices(self.schemas, demands, preferred);
        let is_plain = choices.len() == 1 && !self.spans(demands);
        if let Some(kept) = preferred.filter(|_| !is_plain)
            && let Some(made) = self.kept(demands, kept, &choices, at)
        {
            return Ok(made);
        }
        let mut problem = None;
        let mut refused = Vec::new();
        for choice in &choices {
            match self.chosen(choice, preferred, at) {
                Ok(made) if is_plain || self.accept(demands, &made) => return Ok(made),
                Ok(made) => refused.push(made),
                Err(error) => {
                    problem.get_or_insert(error);
                }
            }
        }
        // Some branch that should fail holds as well.
        if let Some(made) = self.nearby(demands, &refused) {
            return Ok(made);
        }
        let none = "no choice among its alternatives gives one";
        Err(problem.unwrap_or_else(|| self.no_value(demands, at, none)))
    }

    /// What is preferred where it is allowed, but for read-only members: by the
    /// choice that changes nothing else.
    fn kept(
        &self,
        demands: &[SchemaId],
        preferred: &Value,
        choices: &[Choice],
        at: &Location,
    ) -> Option<Value> {
        let mut verdicts = demands.iter();
        let is_allowed = verdicts.all(|id| verdict(self.schemas, *id, preferred) == Some(true));
        let mut made = choices
            .iter()
            .filter(|_| is_allowed)
            .filter_map(|choice| self.chosen(choice, Some(preferred), at).ok());
        made.find(|made| is_part(made, preferred) && self.accept(demands, made))
    }

    /// An allowed value one or two changes away from a refused one.
    fn nearby(&self, demands: &[SchemaId], refused: &[Value]) -> Option<Value> {
        let judge = |value: &Value| {
            let left = self.nearby.get();
            self.nearby.set(left.saturating_sub(1));
            left > 0 && self.accept(demands, value)
        };
        let mut once = Vec::new();
        for value in refused {
            if self.nearby.get() == 0 {
                return None;
            }
            for other in changes(self.schemas, demands, value) {
                if judge(&other) {
                    return Some(other);
                }
                once.push(other);
            }
        }
        let twice = once.iter().take_while(|_| self.nearby.get() > 0);
        let mut twice = twice.flat_map(|value| changes(self.schemas, demands, value));
        twice.find(judge)
    }

    /// Whether something is demanded that making the parts doesn't see to.
    fn spans(&self, demands: &[SchemaId]) -> bool {
        demands.iter().any(|id| {
            let schema = self.schemas.get(*id);
            !schema.conditions.is_empty()
                || !schema.contains.is_empty()
                || !schema.property_names.is_empty()
                || schema.unique_items.is_some()
                || schema.min_properties.is_some()
                || schema.max_properties.is_some()
                || schema.unevaluated.is_some()
        })
    }

    pub(super) fn accept(&self, demands: &[SchemaId], value: &Value) -> bool {
        let mut verdicts = demands.iter().map(|id| verdict(self.schemas, *id, value));
        verdicts.all(|own| own != Some(false))
    }

    pub(super) fn no_value(&self, demands: &[SchemaId], at: &Location, reason: &str) -> NoValue {
        let first = demands.first().map(|id| self.schemas.get(*id));
        NoValue {
            location: at.clone(),
            reason: reason.to_owned(),
            pointer: first.map_or_else(String::new, |schema| schema.pointer.clone()),
        }
    }

    /// A value of one choice among the alternatives.
    fn chosen(
        &self,
        choice: &Choice,
        preferred: Option<&Value>,
        at: &Location,
    ) -> Result<Value, NoValue> {
        let whole = Whole::of(self.schemas, &choice.schemas);
        let Some(whole) = whole else {
            let reason = "its schemas contradict each other";
            return Err(self.no_value(&choice.schemas, at, reason));
        };
        let schema = &*whole.values;
        let examples = whole.each(self.schemas).flat_map(|own| &own.examples);
        let default = whole.each(self.schemas).flat_map(|own| &own.default);
        let listed = schema.enumeration.iter().flat_map(|values| &values.value);
        let listed = listed
            .clone()
            .filter(|value| **value != Value::Null)
            .chain(listed);
        let sources = preferred
            .into_iter()
            .chain(examples.map(|example| &example.value))
            .chain(default.map(|default| &default.value))
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
                let made = self.from(&whole, choice, source, at)?;
                if own_refusal(schema, &made, at).is_none() {
                    return Ok(made);
                }
            }
            // Values that are listed are taken as they are.
            if schema.enumeration.is_some() && self.accept(&choice.schemas, source) {
                return Ok(source.clone());
            }
        }
        if schema.enumeration.is_some() {
            return Err(no_value(
                schema,
                at,
                "none of the listed values is allowed by the other keywords",
            ));
        }
        let made = self.fresh(&whole, choice, at)?;
        match own_refusal(schema, &made, at) {
            None => Ok(made),
            Some(refusal) => Err(no_value(schema, at, &refusal.message)),
        }
    }

    /// `source` with its parts completed.
    fn from(
        &self,
        whole: &Whole<'_>,
        choice: &Choice,
        source: &Value,
        at: &Location,
    ) -> Result<Value, NoValue> {
        match source {
            Value::Map(members) => self.object(whole, choice, members, at),
            Value::List(items) => self.array(whole, items, at),
            plain => Ok(plain.clone()),
        }
    }

    /// A value from the keywords alone.
    fn fresh(&self, whole: &Whole<'_>, choice: &Choice, at: &Location) -> Result<Value, NoValue> {
        let schema = &*whole.values;
        let is_record = whole.has_members(self.schemas) || !choice.has.is_empty();
        match likely_type(schema, is_record) {
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
            JsonType::Array => self.array(whole, &[], at),
            JsonType::Object => self.object(whole, choice, &Members::new(), at),
        }
    }
}

/// Whether `whole` holds all of `part`.
fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Map(part), Value::Map(whole)) => part
            .iter()
            .all(|(key, own)| whole.get(key).is_some_and(|other| is_part(own, other))),
        (Value::List(part), Value::List(whole)) => {
            part.len() == whole.len()
                && part
                    .iter()
                    .zip(whole)
                    .all(|(own, other)| is_part(own, other))
        }
        _ => part == whole,
    }
}

pub(super) fn no_value(schema: &Schema, at: &Location, reason: &str) -> NoValue {
    NoValue {
        location: at.clone(),
        reason: reason.to_owned(),
        pointer: schema.pointer.clone(),
    }
}

/// The type to write: the named one that is no null, else what the keywords
/// speak of.
fn likely_type(schema: &Schema, is_record: bool) -> JsonType {
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
    if is_record {
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
