//! One schema as it is written, before its parts are looked up.

use indexmap::IndexMap;
use num_integer::Integer;
use num_traits::Zero;

use super::schema::{Bound, Placed, Schema, Unmodelled};
use crate::source::Span;
use crate::value::{Number, Value};

/// The places (JSON pointers) whose schemas a value must satisfy together.
pub(super) type Key = Vec<String>;

/// A schema whose parts are still places.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// All but the parts.
    pub schema: Schema,
    pub properties: IndexMap<String, Key>,
    pub items: Option<Key>,
    pub additional: DraftAdditional,
}

/// What an object may hold beside its declared properties.
#[derive(Clone, Debug)]
pub(super) enum DraftAdditional {
    Any,
    Forbidden(Placed<()>),
    Schema(Key),
}

impl Draft {
    pub(super) fn anything(pointer: &str, span: Span) -> Self {
        Self {
            schema: Schema::anything(pointer, span),
            properties: IndexMap::new(),
            items: None,
            additional: DraftAdditional::Any,
        }
    }

    /// Demands what `other` demands as well. Annotations stay where there are
    /// some.
    pub(super) fn merge(&mut self, other: Self) {
        self.merge_members(&other);
        let (own, other_schema) = (&mut self.schema, other.schema);
        merge_types(own, &other_schema);
        merge_values(own, &other_schema);
        merge_texts(own, &other_schema);
        own.min_items = greater(own.min_items.take(), other_schema.min_items);
        own.max_items = lesser(own.max_items.take(), other_schema.max_items);
        own.required.extend(other_schema.required);
        own.read_only |= other_schema.read_only;
        own.default = own.default.take().or(other_schema.default);
        own.examples.extend(other_schema.examples);
        own.title = own.title.take().or(other_schema.title);
        own.description = own.description.take().or(other_schema.description);
        own.unmodelled.extend(other_schema.unmodelled);
        self.items = match (self.items.take(), other.items) {
            (Some(own), Some(other)) => Some(joined(own, other)),
            (own, other) => own.or(other),
        };
    }

    /// Properties and additional properties: a property that only one side
    /// declares must satisfy the other side's `additionalProperties`.
    fn merge_members(&mut self, other: &Self) {
        let mut merged = IndexMap::new();
        let names = self.properties.keys().chain(other.properties.keys());
        for name in names {
            let both = [self, other].map(|side| match side.properties.get(name) {
                Some(key) => DraftAdditional::Schema(key.clone()),
                None => side.additional.clone(),
            });
            let [own, others] = both;
            if let DraftAdditional::Schema(key) = own.and(others) {
                merged.insert(name.clone(), key);
            }
        }
        self.properties = merged;
        self.additional = self.additional.clone().and(other.additional.clone());
    }
}

impl DraftAdditional {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Forbidden(place), _) | (_, Self::Forbidden(place)) => Self::Forbidden(place),
            (Self::Schema(own), Self::Schema(other)) => Self::Schema(joined(own, other)),
            (Self::Any, other) => other,
            (own, Self::Any) => own,
        }
    }
}

fn joined(mut own: Key, other: Key) -> Key {
    for pointer in other {
        if !own.contains(&pointer) {
            own.push(pointer);
        }
    }
    own
}

fn merge_types(own: &mut Schema, other: &Schema) {
    match own.types.intersect(other.types) {
        Some(both) => own.types = both,
        None => conflict(own, "type", other),
    }
    own.types_place = own.types_place.take().or(other.types_place.clone());
}

/// Records that no value satisfies both demands, which the form can't hold.
fn conflict(own: &mut Schema, keyword: &str, other: &Schema) {
    own.unmodelled.push(Unmodelled {
        keyword: keyword.to_owned(),
        reason: Some(format!("it contradicts the `{keyword}` at {}", own.pointer)),
        pointer: format!("{}/{keyword}", other.pointer),
        span: other.span,
    });
}

fn merge_values(own: &mut Schema, other: &Schema) {
    own.enumeration = match (own.enumeration.take(), other.enumeration.clone()) {
        (Some(mut own), Some(other)) => {
            own.value.retain(|value| other.value.contains(value));
            Some(own)
        }
        (own, other) => own.or(other),
    };
    own.minimum = tighter_minimum(own.minimum.take(), other.minimum.clone());
    own.maximum = tighter_maximum(own.maximum.take(), other.maximum.clone());
    own.multiple_of = match (own.multiple_of.take(), other.multiple_of.clone()) {
        (Some(mut own), Some(other)) => {
            own.value = common_multiple(&own.value, &other.value);
            Some(own)
        }
        (own, other) => own.or(other),
    };
}

fn merge_texts(own: &mut Schema, other: &Schema) {
    own.min_length = greater(own.min_length.take(), other.min_length.clone());
    own.max_length = lesser(own.max_length.take(), other.max_length.clone());
    for pattern in &other.patterns {
        if !own
            .patterns
            .iter()
            .any(|known| known.value == pattern.value)
        {
            own.patterns.push(pattern.clone());
        }
    }
    match (&own.format, &other.format) {
        (Some(kept), Some(format)) if kept.value != format.value => {
            own.unmodelled.push(Unmodelled {
                keyword: "format".to_owned(),
                reason: Some(format!("`{}` is asked for as well", kept.value)),
                pointer: format.pointer.clone(),
                span: format.span,
            });
        }
        (None, _) => own.format.clone_from(&other.format),
        _ => {}
    }
}

/// The least number that is a multiple of both.
fn common_multiple(a: &Number, b: &Number) -> Number {
    if a.is_zero() || b.is_zero() {
        return a.clone();
    }
    Number::new(a.numer().lcm(b.numer()), a.denom().gcd(b.denom()))
}

type PlacedBound = Option<Placed<Bound>>;

/// The lower limit that leaves less.
pub(super) fn tighter_minimum(a: PlacedBound, b: PlacedBound) -> PlacedBound {
    tighter(a, b, |a, b| a.value > b.value)
}

/// The upper limit that leaves less.
pub(super) fn tighter_maximum(a: PlacedBound, b: PlacedBound) -> PlacedBound {
    tighter(a, b, |a, b| a.value < b.value)
}

fn tighter(a: PlacedBound, b: PlacedBound, is_beyond: fn(&Bound, &Bound) -> bool) -> PlacedBound {
    match (a, b) {
        (Some(a), Some(b)) => {
            let same = a.value.value == b.value.value;
            let first =
                is_beyond(&a.value, &b.value) || same && (a.value.exclusive || !b.value.exclusive);
            Some(if first { a } else { b })
        }
        (a, b) => a.or(b),
    }
}

fn greater(a: Option<Placed<u64>>, b: Option<Placed<u64>>) -> Option<Placed<u64>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if a.value >= b.value { a } else { b }),
        (a, b) => a.or(b),
    }
}

fn lesser(a: Option<Placed<u64>>, b: Option<Placed<u64>>) -> Option<Placed<u64>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if a.value <= b.value { a } else { b }),
        (a, b) => a.or(b),
    }
}

/// Adds `null` where a schema is nullable: to its types, and to its values.
pub(super) fn allow_null(schema: &mut Schema) {
    schema.types = schema.types.with(super::schema::JsonType::Null);
    if let Some(enumeration) = &mut schema.enumeration
        && !enumeration.value.contains(&Value::Null)
    {
        enumeration.value.push(Value::Null);
    }
}
