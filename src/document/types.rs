//! The types of JSON, and sets of them.

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
