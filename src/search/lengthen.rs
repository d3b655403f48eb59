//! Items of long lists that aren't encoded: copies of the last that is, and
//! items like it that differ from all others.

use std::collections::BTreeSet;

use num_traits::{One, ToPrimitive};

use super::concretize::Writer;
use super::lower::{Leaf, Slot};
use crate::document::{SchemaId, Schemas, refusals};
use crate::text::Taste;
use crate::value::location::Segment;
use crate::value::{Number, Value};

/// How many numbers are tried for one that is new.
const MAX_TRIES: usize = 4096;

impl Writer<'_, '_> {
    /// Makes the items of a long list what the encoding says they are.
    pub(super) fn lengthen(&self, slot: &Slot, request: &mut Value) {
        let Leaf::List {
            length,
            bound,
            more: Some(more),
        } = &slot.leaf
        else {
            return;
        };
        let count = |term| self.number(term).to_usize().unwrap_or(0);
        let (length, repeats) = (count(*length), count(more.repeats));
        let Some(Value::List(items)) = slot.location.read(request) else {
            return;
        };
        if length <= *bound || items.len() < *bound {
            return;
        }
        let mut items: Vec<Value> = items.iter().take(*bound).cloned().collect();
        let Some(last) = items.last().cloned() else {
            return;
        };
        items.extend(std::iter::repeat_n(last.clone(), repeats));
        while items.len() < length {
            let new = self.unlike(slot, *bound, &last, &items);
            items.push(new.unwrap_or_else(|| last.clone()));
        }
        // It was read there.
        let _ = slot.location.write(request, Value::List(items));
    }

    /// An item like the last that is encoded, but none of `items`.
    fn unlike(&self, list: &Slot, bound: usize, last: &Value, items: &[Value]) -> Option<Value> {
        let schemas = &self.encoding.lowering.model.schemas;
        let item = schemas.get(list.schema).items?;
        if let (Value::String(_), Some(text)) = (last, self.unlike_text(list, bound, items)) {
            return Some(text);
        }
        unlike(schemas, item, last, items)
    }

    /// A new text for which the same predicates hold as for the last.
    fn unlike_text(&self, list: &Slot, bound: usize, items: &[Value]) -> Option<Value> {
        let location = list.location.child(Segment::Index(bound - 1));
        let mut slots = self.encoding.lowering.slots();
        let (_, slot) =
            slots.find(|(_, slot)| slot.step == list.step && slot.location == location)?;
        let (schema, Some(text)) = (self.schema(slot), slot.leaf.text()) else {
            return None;
        };
        let mut set = schema.text_set();
        for facet in self.encoding.lowering.facets.of(text.identity) {
            set = set.with_pattern(facet.pattern.clone(), self.bool(facet.holds));
        }
        // None of the texts that rules speak of.
        let mut taste = taste(items);
        let known = self.encoding.lowering.known_texts();
        taste.avoid.extend(known.iter().map(ToString::to_string));
        set.nth(0, &taste).ok().map(Value::string)
    }
}

fn taste(items: &[Value]) -> Taste {
    Taste {
        example: items.last().and_then(Value::as_str).map(str::to_owned),
        avoid: items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
    }
}

/// A value of the schema like `last`, but none of `items`; `None` where that
/// isn't found.
fn unlike(schemas: &Schemas, id: SchemaId, last: &Value, items: &[Value]) -> Option<Value> {
    let schema = schemas.get(id);
    if let Some(members) = &schema.enumeration {
        let mut members = members.value.iter();
        return members.find(|member| !items.contains(member)).cloned();
    }
    match last {
        Value::String(_) => {
            let text = schema.text_set().nth(0, &taste(items)).ok()?;
            Some(Value::string(text))
        }
        Value::Number(number) => unlike_number(schemas, id, number, items),
        Value::Map(members) => members.iter().find_map(|(key, value)| {
            let member = schema.properties.get(&**key)?;
            let others: Vec<Value> = items
                .iter()
                .filter_map(|item| item.get(key).cloned())
                .collect();
            let new = unlike(schemas, *member, value, &others)?;
            let mut object = members.clone();
            object.insert(key.clone(), new);
            Some(Value::Map(object))
        }),
        _ => None,
    }
}

fn unlike_number(schemas: &Schemas, id: SchemaId, last: &Number, items: &[Value]) -> Option<Value> {
    let step = schemas.get(id).multiple_of.as_ref();
    let step = step.map_or_else(Number::one, |step| step.value.clone());
    let taken: BTreeSet<&Number> = items.iter().filter_map(Value::as_number).collect();
    let fits = |number: &Number| {
        let value = Value::Number(number.clone());
        refusals(schemas, id, &value, &Default::default()).is_empty()
    };
    let upwards = (1..=MAX_TRIES).map(|n| last + &step * Number::from_integer(n.into()));
    let downwards = (1..=MAX_TRIES).map(|n| last - &step * Number::from_integer(n.into()));
    let mut tried = upwards.take_while(&fits).chain(downwards.take_while(&fits));
    tried
        .find(|number| !taken.contains(number))
        .map(Value::Number)
}
