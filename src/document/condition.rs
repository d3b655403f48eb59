//! Demands that combine schemas or span the members of an object.

use super::schema::SchemaId;
use crate::source::Span;
use crate::value::Value;

/// What one keyword demands of a value as a whole; `S` is how schemas are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition<S = SchemaId> {
    /// The keyword.
    pub keyword: &'static str,
    /// Where it stands, as a JSON pointer.
    pub pointer: String,
    /// Where it stands.
    pub span: Span,
    /// The demand.
    pub formula: Formula<S>,
}

/// A Boolean formula over a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Formula<S = SchemaId> {
    /// The value satisfies the schema.
    Is(S),
    /// It is an object with this member.
    Has(String),
    /// It is an object whose member is one of these values.
    Holds(String, Vec<Value>),
    /// All hold; of none, always.
    All(Vec<Self>),
    /// At least one holds; of none, never.
    Any(Vec<Self>),
    /// Exactly one holds.
    One(Vec<Self>),
    /// It doesn't hold.
    Not(Box<Self>),
    /// Where the first holds, the second; else the third.
    If(Box<[Self; 3]>),
}

/// How many items of a list satisfy a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contains<S = SchemaId> {
    /// The schema.
    pub schema: S,
    /// At least so many.
    pub min: u64,
    /// At most so many.
    pub max: Option<u64>,
}

impl<S> Formula<S> {
    /// Where `condition` holds, `then`.
    pub(super) fn implies(condition: Self, then: Self) -> Self {
        Self::If(Box::new([condition, then, Self::All(Vec::new())]))
    }

    /// What never holds.
    pub(super) fn never() -> Self {
        Self::Any(Vec::new())
    }

    /// The same with schemas named otherwise.
    pub(super) fn map<T>(&self, name: &mut dyn FnMut(&S) -> T) -> Formula<T> {
        let mut all = |parts: &[Self]| parts.iter().map(|part| part.map(name)).collect();
        match self {
            Self::All(parts) => Formula::All(all(parts)),
            Self::Any(parts) => Formula::Any(all(parts)),
            Self::One(parts) => Formula::One(all(parts)),
            Self::Is(schema) => Formula::Is(name(schema)),
            Self::Has(member) => Formula::Has(member.clone()),
            Self::Holds(member, values) => Formula::Holds(member.clone(), values.clone()),
            Self::Not(part) => Formula::Not(Box::new(part.map(name))),
            Self::If(parts) => {
                let [a, b, c] = &**parts;
                Formula::If(Box::new([a.map(name), b.map(name), c.map(name)]))
            }
        }
    }

    /// The schemas in it, each with whether it stands outside of every `not`.
    pub fn schemas(&self) -> Vec<(&S, bool)> {
        let mut found = Vec::new();
        self.visit(true, &mut |part, positive| {
            if let Self::Is(schema) = part {
                found.push((schema, positive));
            }
        });
        found
    }

    /// The members that it names.
    pub fn members(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.visit(true, &mut |part, _| {
            if let Self::Has(member) | Self::Holds(member, _) = part {
                found.push(member.as_str());
            }
        });
        found
    }

    fn visit<'f>(&'f self, positive: bool, look: &mut dyn FnMut(&'f Self, bool)) {
        look(self, positive);
        match self {
            Self::All(parts) | Self::Any(parts) | Self::One(parts) => {
                parts.iter().for_each(|part| part.visit(positive, look));
            }
            Self::Not(part) => part.visit(false, look),
            Self::If(parts) => parts.iter().for_each(|part| part.visit(positive, look)),
            Self::Is(_) | Self::Has(_) | Self::Holds(..) => {}
        }
    }
}

impl<S> Condition<S> {
    /// The same with schemas named otherwise.
    pub(super) fn map<T>(&self, name: &mut dyn FnMut(&S) -> T) -> Condition<T> {
        Condition {
            keyword: self.keyword,
            pointer: self.pointer.clone(),
            span: self.span,
            formula: self.formula.map(name),
        }
    }
}
