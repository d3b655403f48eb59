//! The internal form of schemas: JSON Schema 2020-12 in meaning, with places.

use indexmap::{IndexMap, IndexSet};

use super::condition::{Condition, Contains};
pub use super::types::{JsonType, TypeSet};
use crate::source::Span;
use crate::text::{Format, Pattern, TextSet, named_number};
use crate::value::{Number, Value, decimal_places};

/// A schema of a [`Schemas`] arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaId(pub(super) u32);

/// Something of a document and where it stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// What stands there.
    pub value: T,
    /// Where.
    pub span: Span,
    /// Where, as a JSON pointer into its file.
    pub pointer: String,
}

impl<T> Placed<T> {
    /// Something else at the same place.
    pub fn with<U>(&self, value: U) -> Placed<U> {
        Placed {
            value,
            span: self.span,
            pointer: self.pointer.clone(),
        }
    }
}

/// An end of a range of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The number.
    pub value: Number,
    /// Whether the number itself is outside.
    pub exclusive: bool,
}

/// What an object may hold beside its declared properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Additional {
    /// Anything.
    Any,
    /// Nothing.
    Forbidden(Placed<()>),
    /// Values of this schema.
    Schema(SchemaId),
}

/// A demand of a schema that the internal form doesn't hold. The independent
/// validator checks it all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmodelled {
    /// The keyword.
    pub keyword: String,
    /// Why, where the keyword alone doesn't tell.
    pub reason: Option<String>,
    /// Where the keyword stands, as a JSON pointer.
    pub pointer: String,
    /// Where the keyword stands.
    pub span: Span,
}

/// What a value must be. `allOf` is merged in, references are resolved.
#[derive(Clone, Debug)]
pub struct Schema {
    /// Where the schema stands, as a JSON pointer; the first place where
    /// several were merged.
    pub pointer: String,
    /// Where the schema stands.
    pub span: Span,
    /// Allowed types.
    pub types: TypeSet,
    /// Where the types are given.
    pub types_place: Option<Placed<()>>,
    /// The only allowed values.
    pub enumeration: Option<Placed<Vec<Value>>>,
    /// Least number.
    pub minimum: Option<Placed<Bound>>,
    /// Greatest number.
    pub maximum: Option<Placed<Bound>>,
    /// Numbers are multiples of this.
    pub multiple_of: Option<Placed<Number>>,
    /// Least number of characters.
    pub min_length: Option<Placed<u64>>,
    /// Greatest number of characters.
    pub max_length: Option<Placed<u64>>,
    /// Strings match all of these somewhere.
    pub patterns: Vec<Placed<Pattern>>,
    /// What strings look like; `int32` and `int64` also set the bounds.
    pub format: Option<Placed<Format>>,
    /// The items of arrays.
    pub items: Option<SchemaId>,
    /// Least number of items.
    pub min_items: Option<Placed<u64>>,
    /// Greatest number of items.
    pub max_items: Option<Placed<u64>>,
    /// Schemas of the first items of arrays; `items` is of those behind them.
    pub prefix: Vec<SchemaId>,
    /// Whether no two items are equal.
    pub unique_items: Option<Placed<()>>,
    /// How many items satisfy a schema.
    pub contains: Vec<Placed<Contains>>,
    /// Declared members, without read-only ones, and those that only some
    /// alternative (a branch of `oneOf`, say) declares: of these nothing is
    /// demanded here but a type that an alternative gives.
    pub properties: IndexMap<String, SchemaId>,
    /// Those of them that only alternatives declare.
    pub hinted: IndexSet<String>,
    /// Members that must be there, each with its place.
    pub required: IndexMap<String, Placed<()>>,
    /// Members by patterns of their names.
    pub pattern_properties: Vec<(Placed<Pattern>, SchemaId)>,
    /// Other members.
    pub additional: Additional,
    /// Whether all members count as evaluated (`additionalProperties` is given).
    pub evaluates_all: bool,
    /// `unevaluatedProperties: false`.
    pub unevaluated: Option<Placed<()>>,
    /// The names of members.
    pub property_names: Vec<Placed<SchemaId>>,
    /// Least number of members.
    pub min_properties: Option<Placed<u64>>,
    /// Greatest number of members.
    pub max_properties: Option<Placed<u64>>,
    /// Demands that combine schemas or members.
    pub conditions: Vec<Condition>,
    /// Whether nothing is demanded here: type and format are those that
    /// alternatives around it give.
    pub is_hint: bool,
    /// What alternatives around it say of the value, none of which is demanded
    /// here.
    pub alternatives: Vec<SchemaId>,
    /// What an absent value is taken as. One that the schema itself refuses
    /// is reported and left out.
    pub default: Option<Placed<Value>>,
    /// Documented examples.
    pub examples: Vec<Placed<Value>>,
    /// Sent by the server alone.
    pub read_only: bool,
    /// The members that were left out as read-only.
    pub read_only_properties: IndexSet<String>,
    /// A short name.
    pub title: Option<String>,
    /// Prose.
    pub description: Option<String>,
    /// What is not said above.
    pub unmodelled: Vec<Unmodelled>,
}

impl Schema {
    /// Whether it is an object of which nothing is said but that: its members
    /// are what the requests make them, as in `metadata`.
    pub fn is_free_form(&self) -> bool {
        let types = self.types.iter();
        types
            .filter(|one| *one != JsonType::Null)
            .eq([JsonType::Object])
            && self.additional == Additional::Any
            && self.properties.is_empty()
            && self.pattern_properties.is_empty()
            && self.conditions.is_empty()
            && self.alternatives.is_empty()
            && self.unmodelled.is_empty()
    }

    /// A schema that demands nothing.
    pub fn anything(pointer: impl Into<String>, span: Span) -> Self {
        Self {
            pointer: pointer.into(),
            span,
            types: TypeSet::UNTYPED,
            types_place: None,
            enumeration: None,
            minimum: None,
            maximum: None,
            multiple_of: None,
            min_length: None,
            max_length: None,
            patterns: Vec::new(),
            format: None,
            items: None,
            min_items: None,
            max_items: None,
            prefix: Vec::new(),
            unique_items: None,
            contains: Vec::new(),
            properties: IndexMap::new(),
            hinted: IndexSet::new(),
            required: IndexMap::new(),
            pattern_properties: Vec::new(),
            additional: Additional::Any,
            evaluates_all: false,
            unevaluated: None,
            property_names: Vec::new(),
            min_properties: None,
            max_properties: None,
            conditions: Vec::new(),
            is_hint: false,
            alternatives: Vec::new(),
            default: None,
            examples: Vec::new(),
            read_only: false,
            read_only_properties: IndexSet::new(),
            title: None,
            description: None,
            unmodelled: Vec::new(),
        }
    }

    /// Whether the schema itself, its branches aside, speaks of the member.
    pub fn evaluates(&self, name: &str) -> bool {
        let mut patterns = self.pattern_properties.iter();
        self.evaluates_all
            || self.properties.contains_key(name) && !self.hinted.contains(name)
            || self.read_only_properties.contains(name)
            || patterns.any(|(pattern, _)| pattern.value.is_match(name))
    }

    /// The schemas that this one leads to.
    pub fn parts(&self) -> Vec<SchemaId> {
        let additional = match self.additional {
            Additional::Schema(id) => Some(id),
            _ => None,
        };
        let demanded = self.conditions.iter();
        let demanded = demanded.flat_map(|own| own.formula.schemas());
        let parts = self.properties.values().chain(&self.items);
        let parts = parts.chain(&self.prefix).chain(&additional);
        let parts = parts.chain(self.pattern_properties.iter().map(|(_, id)| id));
        let parts = parts.chain(self.property_names.iter().map(|names| &names.value));
        let parts = parts.chain(self.contains.iter().map(|own| &own.value.schema));
        let parts = parts.chain(demanded.map(|(id, _)| id));
        parts.chain(&self.alternatives).copied().collect()
    }

    /// The same with its parts elsewhere.
    fn moved(mut self, shift: Shift) -> Self {
        let mut to = |id: &SchemaId| shift.shifted(*id);
        let parts = self.properties.values_mut().chain(&mut self.items);
        let parts = parts.chain(&mut self.prefix);
        let parts = parts.chain(self.pattern_properties.iter_mut().map(|(_, id)| id));
        let parts = parts.chain(self.property_names.iter_mut().map(|own| &mut own.value));
        let parts = parts.chain(self.contains.iter_mut().map(|own| &mut own.value.schema));
        for id in parts.chain(&mut self.alternatives) {
            *id = to(id);
        }
        if let Additional::Schema(id) = &mut self.additional {
            *id = to(id);
        }
        let conditions = self.conditions.iter();
        self.conditions = conditions.map(|own| own.map(&mut to)).collect();
        self
    }

    /// What this schema says about strings: patterns, format, lengths.
    pub fn text_set(&self) -> TextSet {
        let min = self.min_length.as_ref().map_or(0, |min| min.value);
        let max = self.max_length.as_ref().map(|max| max.value);
        let set = TextSet::all().with_lengths(min, max);
        let set = self.patterns.iter().fold(set, |set, pattern| {
            set.with_pattern(pattern.value.clone(), true)
        });
        match &self.format {
            Some(format) => set.with_format(format.value.clone()),
            None => set,
        }
    }

    /// How many digits after the point count at most in its strings that name
    /// numbers; `None` where there is no limit.
    pub fn text_places(&self) -> Option<u32> {
        let Some(members) = &self.enumeration else {
            return self.text_set().numerals().places;
        };
        let texts = members.value.iter().filter_map(Value::as_str);
        let mut places = texts.filter_map(named_number).map(|n| decimal_places(&n));
        places.try_fold(0, |most, places| Some(most.max(places?)))
    }
}

/// How far ids moved when [`Schemas::absorb`] took their schemas in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift(u32);

impl Shift {
    /// Where the schema is now.
    pub fn shifted(self, id: SchemaId) -> SchemaId {
        SchemaId(id.0.saturating_add(self.0))
    }
}

/// The schemas of one operation.
#[derive(Clone, Debug, Default)]
pub struct Schemas {
    list: Vec<Schema>,
    anything: Option<SchemaId>,
}

impl Schemas {
    /// The schema of an id of this arena. An id of another arena gives another
    /// schema, or the last one.
    #[expect(
        clippy::indexing_slicing,
        reason = "ids are made by `add` alone, and nothing is ever removed"
    )]
    pub fn get(&self, id: SchemaId) -> &Schema {
        &self.list[id.0 as usize]
    }

    /// Takes in a schema.
    pub fn add(&mut self, schema: Schema) -> SchemaId {
        // Documents are limited to some million nodes.
        let id = SchemaId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(schema);
        id
    }

    /// Replaces a schema.
    pub fn set(&mut self, id: SchemaId, schema: Schema) {
        if let Some(slot) = self.list.get_mut(id.0 as usize) {
            *slot = schema;
        }
    }

    /// Gives an object a member that it must have.
    pub fn add_member(&mut self, object: SchemaId, name: &str, schema: SchemaId) {
        let own = self.get(schema);
        let place = Placed {
            value: (),
            span: own.span,
            pointer: own.pointer.clone(),
        };
        if let Some(object) = self.list.get_mut(object.0 as usize) {
            object.properties.insert(name.to_owned(), schema);
            object.required.insert(name.to_owned(), place);
        }
    }

    /// Takes in all schemas of another arena; their ids are shifted.
    pub fn absorb(&mut self, other: &Schemas) -> Shift {
        let shift = Shift(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        let moved = other.list.iter().cloned();
        self.list.extend(moved.map(|schema| schema.moved(shift)));
        shift
    }

    /// All schemas in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (SchemaId, &Schema)> {
        let ids = (0..).map(SchemaId);
        ids.zip(&self.list)
    }

    /// The schemas that `root` leads to, itself first, each once.
    pub fn reachable(&self, root: SchemaId) -> IndexSet<SchemaId> {
        let mut found = IndexSet::from([root]);
        let mut next = 0;
        while let Some(&id) = found.get_index(next) {
            found.extend(self.get(id).parts());
            next += 1;
        }
        found
    }

    /// The schema of a property of `id`: declared, by a pattern of its name,
    /// else of additional ones.
    pub fn property(&self, id: SchemaId, key: &str) -> Option<SchemaId> {
        let schema = self.get(id);
        if let Some(&declared) = schema.properties.get(key) {
            return Some(declared);
        }
        let mut patterns = schema.pattern_properties.iter();
        let by_pattern = patterns.find(|(pattern, _)| pattern.value.is_match(key));
        match (by_pattern, &schema.additional) {
            (Some((_, own)), _) => Some(*own),
            (None, Additional::Schema(other)) => Some(*other),
            (None, _) => None,
        }
    }

    /// The schema of a member of `id` with that key: of a property, else one
    /// that demands nothing where the object may hold what nothing declares.
    /// `None` where it can't be there.
    pub fn member(&self, id: SchemaId, key: &str) -> Option<SchemaId> {
        let is_open = self.get(id).additional == Additional::Any;
        let undeclared = self.anything.filter(|_| is_open);
        self.property(id, key).or(undeclared)
    }

    /// Whether this is the schema of members that nothing declares.
    pub fn is_undeclared(&self, id: SchemaId) -> bool {
        self.anything == Some(id)
    }

    /// Makes the schema of members that nothing declares.
    pub fn add_anything(&mut self) {
        if let Some(first) = self.list.first() {
            let schema = Schema::anything("", first.span);
            self.anything = Some(self.add(schema));
        }
    }

    /// The schema of the item at `index` of arrays of `id`.
    pub fn item(&self, id: SchemaId, index: usize) -> Option<SchemaId> {
        let schema = self.get(id);
        schema.prefix.get(index).copied().or(schema.items)
    }
}
