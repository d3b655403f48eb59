//! One schema as it is written, before its parts are looked up.

use indexmap::IndexMap;
use num_integer::Integer;
use num_traits::Zero;

use super::combine::clash;
use super::condition::{Condition, Contains, Formula};
use super::location::pointer_step;
use super::schema::{Bound, Placed, Schema, Unmodelled};
use crate::source::Span;
use crate::text::Pattern;
use crate::tree::Entry;
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
    /// Whether `additionalProperties` or `unevaluatedProperties` is `true` in so
    /// many words, and every member counts as evaluated.
    pub evaluates_all: bool,
    pub prefix: Vec<Key>,
    pub pattern_properties: Vec<(Placed<Pattern>, Key)>,
    pub property_names: Vec<Placed<Key>>,
    pub contains: Vec<Placed<Contains<Key>>>,
    pub conditions: Vec<Condition<Key>>,
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
            evaluates_all: false,
            prefix: Vec::new(),
            pattern_properties: Vec::new(),
            property_names: Vec::new(),
            contains: Vec::new(),
            conditions: Vec::new(),
        }
    }

    /// `value`, said by a keyword of this schema.
    pub(super) fn place<T>(&self, entry: &Entry, value: T) -> Placed<T> {
        Placed {
            value,
            span: entry.key_span.join(entry.value.span),
            pointer: format!("{}/{}", self.schema.pointer, pointer_step(&entry.key)),
        }
    }

    /// Notes that the form doesn't hold what a keyword says.
    pub(super) fn unmodelled(&mut self, entry: &Entry, reason: Option<String>) {
        let place = self.place(entry, ());
        self.schema.unmodelled.push(Unmodelled {
            keyword: entry.key.clone(),
            reason,
            pointer: place.pointer,
            span: entry.key_span,
        });
    }

    /// What the schema demands of a member of that name.
    pub(super) fn member(&self, name: &str) -> DraftAdditional {
        let declared = self.properties.get(name).into_iter();
        let patterns = self.pattern_properties.iter();
        let matching = patterns.filter(|(pattern, _)| pattern.value.is_match(name));
        let keys = declared.chain(matching.map(|(_, key)| key)).cloned();
        match keys.reduce(joined) {
            Some(key) => DraftAdditional::Schema(key),
            None => self.additional.clone(),
        }
    }

    /// Demands what `other` demands as well. Annotations stay where there are
    /// some.
    pub(super) fn merge(&mut self, other: Self) {
        self.merge_members(&other);
        self.merge_lists(&other);
        self.evaluates_all |= other.evaluates_all;
        self.property_names.extend(other.property_names);
        self.contains.extend(other.contains);
        self.conditions.extend(other.conditions);
        let conflict = types_conflict(&self.schema, &other.schema);
        self.conditions.extend(conflict);
        let (own, other_schema) = (&mut self.schema, other.schema);
        merge_types(own, &other_schema);
        merge_values(own, &other_schema);
        merge_texts(own, &other_schema);
        merge_counts(own, &other_schema);
        merge_unevaluated(own, &other_schema);
        own.required.extend(other_schema.required);
        own.read_only |= other_schema.read_only;
        own.default = own.default.take().or(other_schema.default);
        own.examples.extend(other_schema.examples);
        own.title = own.title.take().or(other_schema.title);
        own.description = own.description.take().or(other_schema.description);
        own.unmodelled.extend(other_schema.unmodelled);
    }

    /// Items: those at the same index must satisfy both sides.
    fn merge_lists(&mut self, other: &Self) {
        let count = self.prefix.len().max(other.prefix.len());
        let both = |index: usize| {
            let own = self.prefix.get(index).or(self.items.as_ref());
            let others = other.prefix.get(index).or(other.items.as_ref());
            own.into_iter().chain(others).cloned().reduce(joined)
        };
        let prefix = (0..count).map(|index| both(index).unwrap_or_default());
        let prefix = prefix.collect();
        self.items = both(usize::MAX);
        self.prefix = prefix;
    }

    /// Properties and additional properties: a property that only one side
    /// declares must satisfy the other side's `additionalProperties`.
    fn merge_members(&mut self, other: &Self) {
        let mut merged = IndexMap::new();
        let names = self.properties.keys().chain(other.properties.keys());
        for name in names {
            if let DraftAdditional::Schema(key) = self.member(name).and(other.member(name)) {
                merged.insert(name.clone(), key);
            }
        }
        self.properties = merged;
        self.merge_patterns(other);
        self.additional = self.additional.clone().and(other.additional.clone());
    }
}

impl Draft {
    /// A member that a pattern of one side matches is none of the other side's
    /// additional members here: there the form is too wide.
    fn merge_patterns(&mut self, other: &Self) {
        let limited = |own: &Self, others: &Self| {
            let is_open = matches!(others.additional, DraftAdditional::Any);
            let pattern = own.pattern_properties.first().filter(|_| !is_open);
            pattern.map(|(pattern, _)| pattern.with(()))
        };
        if let Some(place) = limited(self, other).or_else(|| limited(other, self)) {
            let reason = "another part of `allOf` limits `additionalProperties`";
            let clash = clash("patternProperties", reason, &place);
            self.schema.unmodelled.push(clash);
        }
        let others = other.pattern_properties.iter().cloned();
        self.pattern_properties.extend(others);
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
    // A contradiction is a condition of its own.
    own.types = own.types.intersect(other.types).unwrap_or(own.types);
    own.types_place = own.types_place.take().or(other.types_place.clone());
}

/// What never holds, where no type is allowed by both.
fn types_conflict(own: &Schema, other: &Schema) -> Option<Condition<Key>> {
    let place = other.types_place.as_ref();
    own.types
        .intersect(other.types)
        .is_none()
        .then(|| Condition {
            keyword: "type",
            pointer: place.map_or(&other.pointer, |place| &place.pointer).clone(),
            span: place.map_or(other.span, |place| place.span),
            formula: Formula::never(),
        })
}

/// What single values must satisfy together; `None` where the types say that
/// none can.
pub(super) fn merged_values(own: &Schema, other: &Schema) -> Option<Schema> {
    own.types.intersect(other.types)?;
    let mut merged = own.clone();
    merge_types(&mut merged, other);
    merge_values(&mut merged, other);
    merge_texts(&mut merged, other);
    merge_counts(&mut merged, other);
    Some(merged)
}

fn merge_counts(own: &mut Schema, other: &Schema) {
    own.min_items = greater(own.min_items.take(), other.min_items.clone());
    own.max_items = lesser(own.max_items.take(), other.max_items.clone());
    own.min_properties = greater(own.min_properties.take(), other.min_properties.clone());
    own.max_properties = lesser(own.max_properties.take(), other.max_properties.clone());
    own.unique_items = own.unique_items.take().or(other.unique_items.clone());
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

/// `unevaluatedProperties` sees its own part of `allOf` alone, the form all of it.
fn merge_unevaluated(own: &mut Schema, other: &Schema) {
    for place in [own.unevaluated.take(), other.unevaluated.clone()]
        .into_iter()
        .flatten()
    {
        let reason = "it stands in a part of `allOf`";
        let clash = clash("unevaluatedProperties", reason, &place);
        own.unmodelled.push(clash);
    }
}
