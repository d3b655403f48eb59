//! What an expression is, symbolically.

use std::sync::Arc;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

use super::slots::SlotId;
use crate::model::ResourceRef;
use crate::search::smt::{Sort, Term, Terms};
use crate::value::Number;

/// A symbolic value: whether it is defined, whether it is null, and what it
/// is otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sym {
    /// Where this is false the expression is undefined.
    pub defined: Term,
    /// Where this is true the value is null.
    pub null: Term,
    /// The value elsewhere.
    pub shape: Shape,
}

/// The kinds of symbolic values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Nothing but null.
    Nothing,
    /// A Boolean.
    Bool(Term),
    /// A number.
    Number(Num),
    /// A text.
    Text(Text),
    /// A moment, in seconds since 1970-01-01T00:00:00Z.
    Time(Num),
    /// A length of time in seconds.
    Duration(Num),
    /// A list.
    List(List),
    /// An object of the request.
    Object(SlotId),
    /// The same as it was sent: its members without defaults.
    Sent(SlotId),
    /// What the server remembers of a resource: a state's number.
    Resource(usize),
    /// A map literal.
    Map(Vec<(Arc<str>, Sym)>),
    /// The one or the other, by a condition.
    Either(Term, Box<Shape>, Box<Shape>),
    /// A value of any kind of JSON.
    Any(Box<super::any::AnyValue>),
    /// Something that has no encoding.
    Opaque,
}

impl Shape {
    /// Whether this has members.
    pub(super) fn is_record(&self) -> bool {
        match self {
            Self::Object(_) | Self::Sent(_) | Self::Resource(_) | Self::Map(_) => true,
            Self::Either(_, a, b) => a.is_record() && b.is_record(),
            _ => false,
        }
    }

    /// Whether this has members, or may have some that are unknown.
    pub(super) fn may_be_record(&self) -> bool {
        match self {
            Self::Opaque => true,
            Self::Either(_, a, b) => a.may_be_record() && b.may_be_record(),
            other => other.is_record(),
        }
    }

    /// Whether this is more than one simple value, or unknown.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self, Self::Opaque | Self::List(_) | Self::Either(..)) || self.is_record()
    }

    /// Whether this is an object of JSON.
    pub(super) fn has_keys(&self) -> bool {
        match self {
            Self::Object(_) | Self::Sent(_) | Self::Map(_) => true,
            Self::Either(_, a, b) => a.has_keys() && b.has_keys(),
            _ => false,
        }
    }

    /// Whether both are known to be of different kinds of JSON.
    pub(super) fn is_json_kind_unlike(&self, other: &Self) -> bool {
        let kind = |shape: &Self| match shape {
            Self::List(_) => Some(0),
            Self::Bool(_) => Some(1),
            Self::Number(_) => Some(2),
            Self::Text(_) => Some(3),
            shape if shape.has_keys() => Some(4),
            _ => None,
        };
        kind(self).zip(kind(other)).is_some_and(|(a, b)| a != b)
    }
}

/// An item that may be in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Whether it is.
    pub active: Term,
    /// What it is.
    pub value: Sym,
}

/// A list: those of its items that are encoded, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The items.
    pub items: Vec<Item>,
    /// How many items it has, encoded or not; `None` where that isn't known.
    pub length: Option<Term>,
    /// The lists that its items come from, if they may have more items than are
    /// encoded.
    pub sources: Vec<Source>,
    /// Where it may have other items than those, whatever its sources say.
    pub unknown: Option<Term>,
    /// Whether no item that is there stands behind one that isn't.
    pub is_packed: bool,
    /// The items behind those that are encoded, where lists may be long.
    pub more: Option<More>,
}

/// A list that may have more items than are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// One of a request.
    Field(SlotId),
    /// All resources of a kind, in a free state.
    All(AnyNumber),
}

/// All resources of a kind, of which any number may be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnyNumber {
    /// The kind.
    pub resource: ResourceRef,
    /// How many are encoded, each of which may be there.
    pub encoded: usize,
    /// Whether there are more.
    pub more: Term,
}

/// Items of a long list that aren't encoded. So many that there are of each
/// kind is 0 where the list isn't longer than encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct More {
    /// How many are equal to the last that is encoded.
    pub repeats: Term,
    /// How many are like the last, but differ from each other and all before.
    pub others: Term,
}

/// Constants, each with the condition under which a text is that one.
pub type Literals = Vec<(Term, Arc<str>)>;

/// A text: its identity, and what else is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Equal texts have equal identities: known texts count from 0, fresh ones
    /// come behind them, days and moments are negative.
    pub identity: Term,
    /// Its length in characters, where something asks for it.
    pub length: Option<Term>,
    /// The moment that it names, if its schema says that it names one.
    pub time: Option<Num>,
    /// The constants of which it is one; empty where it may be another text.
    pub literals: Literals,
    /// Whether a text without a moment may still read like one.
    pub may_be_dated: bool,
}

/// An exact number: an integer over a constant, or a real.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Num {
    /// The numerator (of sort Int) or the value itself (Real).
    pub term: Term,
    /// The denominator, positive; 1 for reals.
    pub denominator: BigInt,
}

impl Num {
    /// An integer term.
    pub fn int(term: Term) -> Self {
        Self {
            term,
            denominator: BigInt::one(),
        }
    }

    /// A constant.
    pub fn constant(terms: &mut Terms, value: &Number) -> Self {
        Self {
            term: terms.int(value.numer().clone()),
            denominator: value.denom().clone(),
        }
    }

    /// Whether this is a real term.
    pub fn is_real(&self, terms: &Terms) -> bool {
        terms.sort(self.term) == Sort::Real
    }

    /// The constant value, if it is one.
    pub fn as_constant(&self, terms: &Terms) -> Option<Number> {
        let value = terms.as_number(self.term)?;
        Some(value / Number::from_integer(self.denominator.clone()))
    }

    /// As one real term.
    pub fn real(&self, terms: &mut Terms) -> Term {
        let divisor = terms.int(self.denominator.clone());
        terms.quotient(self.term, divisor)
    }

    /// Numerators over one denominator, or reals.
    pub fn aligned(terms: &mut Terms, all: &[Num]) -> (Vec<Term>, BigInt) {
        if all.iter().any(|num| num.is_real(terms)) {
            let reals = all.iter().map(|num| num.real(terms)).collect();
            return (reals, BigInt::one());
        }
        let common = all
            .iter()
            .fold(BigInt::one(), |common, num| common.lcm(&num.denominator));
        let scaled = all.iter().map(|num| {
            let factor = terms.int(&common / &num.denominator);
            terms.mul(factor, num.term)
        });
        let scaled: Vec<Term> = scaled.collect();
        (scaled, common)
    }

    /// The sum of all.
    pub fn sum(terms: &mut Terms, all: &[Num]) -> Num {
        let (scaled, denominator) = Self::aligned(terms, all);
        let term = if scaled.is_empty() {
            terms.int(0)
        } else {
            terms.add(scaled)
        };
        Num { term, denominator }
    }

    /// The opposite.
    pub fn negated(&self, terms: &mut Terms) -> Num {
        Num {
            term: terms.neg(self.term),
            denominator: self.denominator.clone(),
        }
    }

    /// The product.
    pub fn times(&self, terms: &mut Terms, other: &Num) -> Num {
        let (a, b) = if self.is_real(terms) || other.is_real(terms) {
            (self.real(terms), other.real(terms))
        } else {
            (self.term, other.term)
        };
        let denominator = if self.is_real(terms) || other.is_real(terms) {
            BigInt::one()
        } else {
            &self.denominator * &other.denominator
        };
        Num {
            term: terms.mul(a, b),
            denominator,
        }
    }

    /// The exact quotient. The caller sees to a divisor that isn't zero.
    pub fn over(&self, terms: &mut Terms, other: &Num) -> Num {
        if let Some(divisor) = other.as_constant(terms)
            && !divisor.is_zero()
        {
            let factor = Self::constant(terms, &divisor.recip());
            return self.times(terms, &factor);
        }
        let (a, b) = (self.real(terms), other.real(terms));
        Num::int(terms.quotient(a, b))
    }

    /// `a <= b`
    pub fn le(&self, terms: &mut Terms, other: &Num) -> Term {
        let (scaled, _) = Self::aligned(terms, &[self.clone(), other.clone()]);
        match scaled.as_slice() {
            [a, b] => terms.le(*a, *b),
            _ => terms.bool(false),
        }
    }

    /// `a == b`
    pub fn eq(&self, terms: &mut Terms, other: &Num) -> Term {
        let (scaled, _) = Self::aligned(terms, &[self.clone(), other.clone()]);
        match scaled.as_slice() {
            [a, b] => terms.eq(*a, *b),
            _ => terms.bool(false),
        }
    }

    /// `c ? a : b`
    pub fn ite(terms: &mut Terms, c: Term, a: &Num, b: &Num) -> Num {
        let (scaled, denominator) = Self::aligned(terms, &[a.clone(), b.clone()]);
        let term = match scaled.as_slice() {
            [x, y] => terms.ite(c, *x, *y),
            _ => terms.int(0),
        };
        Num { term, denominator }
    }
}
