//! The internal form of schemas: JSON Schema 2020-12 in meaning, with places.

use indexmap::{IndexMap, IndexSet};

use crate::source::Span;
use crate::text::{Format, Pattern, TextSet};
use crate::value::{Number, Value};

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

/// A set of JSON types. An empty set is no demand at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TypeSet(u8);

/// A JSON type; `integer` is the part of `number` without fractions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JsonType {
    /// `null`.
    Null,
    /// `boolean`.
    Boolean,
    /// `integer`.
    Integer,
    /// `number`.
    Number,
    /// `string`.
    String,
    /// `array`.
    Array,
    /// `object`.
    Object,
}

impl JsonType {
    /// All types.
    pub const ALL: [Self; 7] = [
        Self::Null,
        Self::Boolean,
        Self::Integer,
        Self::Number,
        Self::String,
        Self::Array,
        Self::Object,
    ];

    /// The name in schemas.
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.name() == name)
    }
}

impl TypeSet {
    /// No demand.
    pub const UNTYPED: Self = Self(0);

    /// This set and `added`.
    #[must_use]
    pub fn with(self, added: JsonType) -> Self {
        Self(self.0 | 1 << added as u8)
    }

    /// Whether any value has a right type.
    pub fn is_untyped(self) -> bool {
        self.0 == 0
    }

    /// Whether values of `wanted` are allowed: a set with `number` holds
    /// `integer`, an untyped one everything.
    pub fn allows(self, wanted: JsonType) -> bool {
        self.is_untyped()
            || self.names(wanted)
            || wanted == JsonType::Integer && self.names(JsonType::Number)
    }

    /// Whether `wanted` is in the set by name.
    pub fn names(self, wanted: JsonType) -> bool {
        self.0 >> wanted as u8 & 1 == 1
    }

    /// The types in the set.
    pub fn iter(self) -> impl Iterator<Item = JsonType> {
        JsonType::ALL
            .into_iter()
            .filter(move |&own| self.names(own))
    }

    /// What both sets allow; `None` where that is nothing.
    pub fn intersect(self, other: Self) -> Option<Self> {
        if self.is_untyped() {
            return Some(other);
        }
        if other.is_untyped() {
            return Some(self);
        }
        let both = JsonType::ALL
            .into_iter()
            .filter(|&own| self.allows(own) && other.allows(own))
            .fold(Self::UNTYPED, Self::with);
        (!both.is_untyped()).then_some(both)
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
    /// Declared members, without read-only ones.
    pub properties: IndexMap<String, SchemaId>,
    /// Members that must be there, each with its place.
    pub required: IndexMap<String, Placed<()>>,
    /// Other members.
    pub additional: Additional,
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
            properties: IndexMap::new(),
            required: IndexMap::new(),
            additional: Additional::Any,
            default: None,
            examples: Vec::new(),
            read_only: false,
            read_only_properties: IndexSet::new(),
            title: None,
            description: None,
            unmodelled: Vec::new(),
        }
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
    pub(super) fn set(&mut self, id: SchemaId, schema: Schema) {
        if let Some(slot) = self.list.get_mut(id.0 as usize) {
            *slot = schema;
        }
    }

    /// Takes in all schemas of another arena; their ids are shifted.
    pub fn absorb(&mut self, other: &Schemas) -> Shift {
        let shift = Shift(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list
            .extend(other.list.iter().cloned().map(|mut schema| {
                schema.items = schema.items.map(|id| shift.shifted(id));
                for id in schema.properties.values_mut() {
                    *id = shift.shifted(*id);
                }
                if let Additional::Schema(id) = &mut schema.additional {
                    *id = shift.shifted(*id);
                }
                schema
            }));
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
            let schema = self.get(id);
            found.extend(schema.properties.values().copied().chain(schema.items));
            if let Additional::Schema(other) = schema.additional {
                found.insert(other);
            }
            next += 1;
        }
        found
    }

    /// The schema of a property of `id`: declared, else of additional ones.
    pub fn property(&self, id: SchemaId, key: &str) -> Option<SchemaId> {
        let schema = self.get(id);
        match (schema.properties.get(key), &schema.additional) {
            (Some(&declared), _) => Some(declared),
            (None, Additional::Schema(other)) => Some(*other),
            (None, _) => None,
        }
    }
}
