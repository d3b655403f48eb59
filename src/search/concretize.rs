//! From a model of the terms to requests.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::ToPrimitive;

use super::encode::Encoding;
use super::lower::{AnyValue, Kind, Leaf, Num, Slot, SlotId};
use super::smt::{Assignment, Term};
use crate::document::{Schema, complete, other_names};
use crate::model::Trace;
use crate::text::{Format, NoText, Taste};
use crate::value::location::Segment;
use crate::value::time::{print_date, print_time};
use crate::value::{Members, Number, Value, print_number};

/// Why a model could not be made concrete.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A text with the wanted properties was not found.
    #[error("no text was found for `{location}`: {reason}")]
    Text {
        /// Where.
        location: String,
        /// Why not.
        reason: NoText,
        /// The slots that should have it.
        slots: Vec<SlotId>,
    },
    /// A number or moment can't be written.
    #[error("`{0}` needs a number that can't be written as a decimal")]
    Number(String),
    /// An object could not be completed.
    #[error("`{0}` could not be completed: {1}")]
    Object(String, String),
}

/// The requests that an assignment describes: the baselines, changed where
/// the encoding has slots.
pub fn concretize(encoding: &Encoding<'_>, values: &Assignment) -> Result<Trace, Failure> {
    let model = encoding.lowering.model;
    let mut writer = Writer {
        encoding,
        values,
        texts: BTreeMap::new(),
        moments: BTreeMap::new(),
    };
    writer.choose_texts()?;
    writer.choose_writings();
    let mut requests = Vec::new();
    for index in 0..encoding.plan().steps.len() {
        let mut request = encoding.base(index).clone();
        for (_, slot) in encoding.lowering.slots() {
            if slot.step == index && !slot.location.0.is_empty() {
                writer.write(slot, &mut request)?;
            }
        }
        for (_, slot) in encoding.lowering.slots() {
            if slot.step == index {
                writer.lengthen(slot, &mut request);
            }
        }
        requests.push(request);
    }
    Ok(encoding.plan().with_requests(model, requests))
}

/// Writes requests from the values of terms.
pub(super) struct Writer<'a, 'm> {
    pub(super) encoding: &'a Encoding<'m>,
    pub(super) values: &'a Assignment,
    /// Fresh texts by identity and class.
    texts: BTreeMap<(Number, Term), String>,
    /// Moments that aren't written as the generator would, by identity.
    pub(super) moments: BTreeMap<(Number, i128), String>,
}

impl Writer<'_, '_> {
    pub(super) fn bool(&self, term: Term) -> bool {
        self.values.bool(&self.encoding.lowering.terms, term)
    }

    pub(super) fn number(&self, term: Term) -> Number {
        self.values.number(&self.encoding.lowering.terms, term)
    }

    pub(super) fn schema(&self, slot: &Slot) -> &Schema {
        self.encoding.lowering.model.schemas.get(slot.schema)
    }

    /// Finds a text for every fresh identity: all slots that have it must
    /// allow it, and it must differ from all others.
    fn choose_texts(&mut self) -> Result<(), Failure> {
        let known = self.encoding.lowering.known_texts();
        let mut wanted: BTreeMap<(Number, Term), Vec<SlotId>> = BTreeMap::new();
        for (id, slot) in self.encoding.lowering.slots() {
            if let Some(text) = slot.leaf.text()
                && self.is_text(slot)
                && text.time.is_none()
                && self.bool(slot.sent)
                && !self.bool(slot.null)
            {
                let identity = self.number(text.identity);
                let is_known = identity.to_usize().is_some_and(|n| n < known.len());
                if !is_known {
                    let class = self.class(text.identity);
                    wanted.entry((identity, class)).or_default().push(id);
                }
            }
        }
        let mut avoid: BTreeSet<String> = known.iter().map(ToString::to_string).collect();
        for (identity, slots) in wanted {
            let text = self.fresh_text(&slots, &avoid)?;
            avoid.insert(text.clone());
            self.texts.insert(identity, text);
        }
        Ok(())
    }

    /// The texts that may be compared with this one, named by their first:
    /// only among those does it matter which fresh texts are equal.
    fn class(&self, identity: Term) -> Term {
        let mut class = BTreeSet::from([identity]);
        loop {
            let before = class.len();
            for (a, b) in &self.encoding.lowering.compared {
                if class.contains(a) || class.contains(b) {
                    class.extend([*a, *b]);
                }
            }
            if class.len() == before {
                return class.first().copied().unwrap_or(identity);
            }
        }
    }

    fn fresh_text(&self, slots: &[SlotId], avoid: &BTreeSet<String>) -> Result<String, Failure> {
        let lowering = &self.encoding.lowering;
        let set = lowering.possible_texts(slots, self.values);
        let mut taste = Taste {
            example: None,
            avoid: avoid.iter().cloned().collect(),
        };
        let found = slots.iter().map(|id| lowering.slot(*id));
        for slot in found.clone() {
            let example = slot.baseline.as_ref().and_then(Value::as_str);
            let text = slot.leaf.text();
            let number = text.and_then(|text| lowering.number_read(text, self.values));
            let example = match number {
                Some(number) => written_like(&number, example.unwrap_or_default()),
                None => example.map(str::to_owned),
            };
            taste.example = taste.example.or(example);
        }
        let location = found.map(|slot| slot.location.to_string()).next();
        set.nth(0, &taste).map_err(|reason| Failure::Text {
            location: location.unwrap_or_default(),
            reason,
            slots: slots.to_vec(),
        })
    }

    /// Puts a slot's value into the request.
    fn write(&self, slot: &Slot, request: &mut Value) -> Result<(), Failure> {
        let location = &slot.location;
        if !self.bool(slot.sent) {
            let is_item = matches!(location.0.last(), Some(Segment::Index(_)));
            if !is_item {
                location.remove(request);
            }
            return Ok(());
        }
        let value = if self.bool(slot.null) {
            Value::Null
        } else {
            self.value(slot, location.read(request))?
        };
        let value = self.with_others(slot, value);
        if location.read(request) != Some(&value) {
            let _ = location.write(request, value);
        }
        Ok(())
    }

    /// An object with members that have no slot, or without, as the encoding
    /// has it.
    fn with_others(&self, slot: &Slot, value: Value) -> Value {
        let more = self.encoding.lowering.has_unnamed(slot);
        let (Value::Map(mut members), Some(more)) = (value.clone(), more) else {
            return value;
        };
        let has_slot = |name: &str| {
            let mut keys = slot.children().map(|(segment, _)| segment);
            keys.any(|own| matches!(own, Segment::Key(own) if **own == *name))
        };
        if !self.bool(more) {
            members.retain(|name, _| has_slot(name));
            return Value::Map(members);
        }
        let schemas = &self.encoding.lowering.model.schemas;
        let least = self.schema(slot).min_properties.as_ref();
        let least = least.map_or(1, |own| own.value.clamp(1, 64));
        let sent = slot
            .children()
            .map(|(_, child)| self.encoding.lowering.slot(child).sent);
        let known = sent.filter(|sent| self.bool(*sent)).count() as u64;
        let wanted = least.saturating_sub(known).max(1);
        for name in other_names(schemas, slot.schema, 128) {
            let others = members.keys().filter(|own| !has_slot(own)).count() as u64;
            if others >= wanted {
                break;
            }
            let made = match schemas.property(slot.schema, &name) {
                Some(part) => complete(schemas, part, None).ok(),
                None => Some(Value::string("any")),
            };
            if let Some(made) = made.filter(|_| !has_slot(&name)) {
                members.entry(name.into()).or_insert(made);
            }
        }
        Value::Map(members)
    }

    fn value(&self, slot: &Slot, now: Option<&Value>) -> Result<Value, Failure> {
        match &slot.leaf {
            Leaf::Bool(term) => Ok(Value::Bool(self.bool(*term))),
            Leaf::Number(num) => self.number_of(slot, num),
            Leaf::Text(_) => self.text(slot),
            Leaf::Object => match now {
                Some(value @ Value::Map(_)) => Ok(value.clone()),
                _ => self.completed(slot, None),
            },
            Leaf::List { length, .. } => self.list(slot, *length, now),
            Leaf::Any(any) => self.any(slot, any, now),
        }
    }

    fn number_of(&self, slot: &Slot, num: &Num) -> Result<Value, Failure> {
        let value = self.number(num.term) / Number::from_integer(num.denominator.clone());
        match crate::value::decimal_places(&value) {
            Some(places) if places <= 12 => Ok(Value::Number(value)),
            _ => Err(Failure::Number(slot.location.to_string())),
        }
    }

    /// A value of the kind that it has; lists and objects stay as they are.
    fn any(&self, slot: &Slot, any: &AnyValue, now: Option<&Value>) -> Result<Value, Failure> {
        let kind = self.number(any.kind);
        let is = |kind_of: Kind| kind == Number::from_integer((kind_of as i64).into());
        match now {
            _ if is(Kind::Bool) => Ok(Value::Bool(self.bool(any.truth))),
            _ if is(Kind::Number) => self.number_of(slot, &any.number),
            _ if is(Kind::Text) => self.text(slot),
            Some(value) if Kind::of(value).is_some_and(is) => Ok(value.clone()),
            _ if is(Kind::List) => Ok(Value::List(Vec::new())),
            _ => Ok(Value::Map(Members::new())),
        }
    }

    /// Whether a slot that is there holds a text.
    pub(super) fn is_text(&self, slot: &Slot) -> bool {
        match &slot.leaf {
            Leaf::Any(any) => {
                self.number(any.kind) == Number::from_integer((Kind::Text as i64).into())
            }
            _ => true,
        }
    }

    fn text(&self, slot: &Slot) -> Result<Value, Failure> {
        let Some(text) = slot.leaf.text() else {
            return Ok(Value::Null);
        };
        let identity = self.number(text.identity);
        let known = self.encoding.lowering.known_texts();
        let found = identity.to_usize().and_then(|number| known.get(number));
        if let (Some(_), Some(known)) = (&text.time, found) {
            return Ok(Value::String(known.clone()));
        }
        if let Some(time) = &text.time {
            let Some(nanos) = self.nanos(time) else {
                return Err(Failure::Number(slot.location.to_string()));
            };
            if let Some(written) = self.moments.get(&(identity.clone(), nanos)) {
                return Ok(Value::string(written.as_str()));
            }
            let format = self.schema(slot).format.as_ref();
            let is_date = format.is_some_and(|format| format.value == Format::Date);
            let written = if is_date {
                print_date(nanos)
            } else {
                print_time(nanos)
            };
            return Ok(Value::string(written));
        }
        let class = self.class(text.identity);
        Ok(match (found, self.texts.get(&(identity, class))) {
            (Some(known), _) => Value::String(known.clone()),
            (None, Some(fresh)) => Value::string(fresh.as_str()),
            (None, None) => Value::string(""),
        })
    }

    fn list(&self, slot: &Slot, length: Term, now: Option<&Value>) -> Result<Value, Failure> {
        let length = self.number(length).to_usize().unwrap_or(0);
        let mut items = match now {
            Some(Value::List(items)) => items.clone(),
            _ => Vec::new(),
        };
        items.truncate(length);
        while items.len() < length {
            let template = items.last().cloned();
            let item = self
                .encoding
                .lowering
                .model
                .schemas
                .item(slot.schema, items.len());
            let item = item
                .map(|id| complete(&self.encoding.lowering.model.schemas, id, template.as_ref()));
            match item {
                Some(Ok(item)) => items.push(item),
                Some(Err(error)) => {
                    let place = slot.location.to_string();
                    return Err(Failure::Object(place, error.to_string()));
                }
                None => items.push(Value::Null),
            }
        }
        Ok(Value::List(items))
    }

    fn completed(&self, slot: &Slot, preferred: Option<&Value>) -> Result<Value, Failure> {
        let schemas = &self.encoding.lowering.model.schemas;
        complete(schemas, slot.schema, preferred)
            .map_err(|error| Failure::Object(slot.location.to_string(), error.to_string()))
    }
}

/// A number with as many decimal places as the example has, if it needs no
/// more.
fn written_like(number: &Number, example: &str) -> Option<String> {
    let places = crate::value::decimal_places(number)?;
    let printed = print_number(number);
    let wanted = example
        .split_once('.')
        .map_or(0, |(_, digits)| digits.len());
    let missing = wanted.saturating_sub(usize::try_from(places).ok()?);
    let point = if places == 0 && missing > 0 { "." } else { "" };
    Some(format!("{printed}{point}{}", "0".repeat(missing)))
}
