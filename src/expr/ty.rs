//! The types of expressions.

use std::fmt;
use std::sync::Arc;

use crate::document::SchemaId;

/// How the text of a string may also be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TextView {
    /// As text only.
    Plain,
    /// As a day: format `date`.
    Date,
    /// As a moment: format `date-time`.
    DateTime,
}

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    /// Only `null`.
    Null,
    /// A Boolean.
    Bool,
    /// An integer, of any size.
    Int,
    /// An exact number.
    Decimal,
    /// A string.
    String(TextView),
    /// A moment.
    Time,
    /// A length of time.
    Duration,
    /// A list with items of one type.
    List(Arc<Type>),
    /// A JSON object as its schema describes it.
    Object(SchemaId),
    /// A map literal: string keys, values of one type.
    Map(Arc<Type>),
    /// A resource's remembered state: attributes by name.
    Resource(u32),
    /// Any value of JSON: the schema gives no type, or several.
    Any,
    /// What `type()` gives: the name of a type.
    Kind,
}

impl Type {
    /// Plain text.
    pub const TEXT: Self = Self::String(TextView::Plain);

    /// A list with items of the type `item`.
    pub fn list(item: Type) -> Self {
        Self::List(Arc::new(item))
    }

    /// Whether this is a number.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Decimal)
    }

    /// Whether `<` and its like apply to two values of this type.
    pub fn is_ordered(&self) -> bool {
        self.is_number() || matches!(self, Self::Time | Self::Duration)
    }

    /// Whether the values can be put in order: those of [`Type::is_ordered`],
    /// and texts by the code points of their characters. Date-times are
    /// ordered as moments only: their texts differ by zone.
    pub fn has_order(&self) -> bool {
        let text = matches!(self, Self::String(TextView::Plain | TextView::Date));
        self.is_ordered() || text
    }

    /// Whether the values are JSON.
    pub fn is_json(&self) -> bool {
        match self {
            Self::Time | Self::Duration | Self::Resource(_) | Self::Kind => false,
            Self::List(item) | Self::Map(item) => item.is_json(),
            Self::Null
            | Self::Bool
            | Self::Int
            | Self::Decimal
            | Self::String(_)
            | Self::Object(_)
            | Self::Any => true,
        }
    }

    /// The type that holds the values of both, if there is one.
    pub fn join(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (a, b) if a == b => Some(a.clone()),
            (a, b) if a.is_number() && b.is_number() => Some(Self::Decimal),
            (Self::String(_), Self::String(_)) => Some(Self::TEXT),
            (Self::Null, other) | (other, Self::Null) => Some(other.clone()),
            (Self::Any, other) | (other, Self::Any) if other.is_json() => Some(Self::Any),
            (Self::List(a), Self::List(b)) => Some(Self::list(a.join(b)?)),
            (Self::Map(a), Self::Map(b)) => Some(Self::Map(Arc::new(a.join(b)?))),
            _ => None,
        }
    }

    /// Whether values of the two types can be equal.
    pub fn comparable(&self, other: &Self) -> bool {
        let loose = |t: &Self| matches!(t, Self::Object(_) | Self::Map(_));
        match (self, other) {
            (Self::List(a), Self::List(b)) => a.comparable(b),
            (a, b) => a.join(b).is_some() || (loose(a) && loose(b)),
        }
    }
}

/// The name that messages use.
impl fmt::Display for Type {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => out.write_str("null"),
            Self::Bool => out.write_str("boolean"),
            Self::Int => out.write_str("integer"),
            Self::Decimal => out.write_str("number"),
            Self::String(TextView::Plain) => out.write_str("string"),
            Self::String(TextView::Date) => out.write_str("date string"),
            Self::String(TextView::DateTime) => out.write_str("date-time string"),
            Self::Time => out.write_str("timestamp"),
            Self::Duration => out.write_str("duration"),
            Self::List(item) => write!(out, "list of {item}"),
            Self::Object(_) => out.write_str("object"),
            Self::Map(value) => write!(out, "map of {value}"),
            Self::Resource(_) => out.write_str("resource"),
            Self::Any => out.write_str("any type"),
            Self::Kind => out.write_str("type"),
        }
    }
}
