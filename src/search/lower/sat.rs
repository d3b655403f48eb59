//! Where a demand is satisfied: surely, and possibly.
//!
//! What has no encoding leaves a gap between the two, so that a demand under
//! `not` is as sound as one that is stated.

use crate::search::smt::{Term, Terms};

/// Two bounds of a truth value. Equal ones are exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sat {
    /// Where this is true, the demand is satisfied.
    pub sure: Term,
    /// Where this is false, it is not.
    pub may: Term,
}

impl Sat {
    /// Known exactly.
    pub fn exactly(term: Term) -> Self {
        Self {
            sure: term,
            may: term,
        }
    }

    /// A constant.
    pub fn always(terms: &mut Terms, value: bool) -> Self {
        Self::exactly(terms.bool(value))
    }

    /// Nothing is known.
    pub fn open(terms: &mut Terms) -> Self {
        Self {
            sure: terms.bool(false),
            may: terms.bool(true),
        }
    }

    /// It is not satisfied.
    pub fn not(self, terms: &mut Terms) -> Self {
        Self {
            sure: terms.not(self.may),
            may: terms.not(self.sure),
        }
    }

    /// All are.
    pub fn all(terms: &mut Terms, parts: &[Self]) -> Self {
        Self {
            sure: terms.and(parts.iter().map(|part| part.sure)),
            may: terms.and(parts.iter().map(|part| part.may)),
        }
    }

    /// At least one is.
    pub fn any(terms: &mut Terms, parts: &[Self]) -> Self {
        Self {
            sure: terms.or(parts.iter().map(|part| part.sure)),
            may: terms.or(parts.iter().map(|part| part.may)),
        }
    }

    /// Exactly one is.
    pub fn one(terms: &mut Terms, parts: &[Self]) -> Self {
        let some = Self::any(terms, parts);
        let (mut apart_surely, mut apart_maybe) = (Vec::new(), Vec::new());
        for (index, one) in parts.iter().enumerate() {
            for other in parts.iter().skip(index + 1) {
                let both = terms.and([one.may, other.may]);
                apart_surely.push(terms.not(both));
                let both = terms.and([one.sure, other.sure]);
                apart_maybe.push(terms.not(both));
            }
        }
        Self {
            sure: terms.and(apart_surely.into_iter().chain([some.sure])),
            may: terms.and(apart_maybe.into_iter().chain([some.may])),
        }
    }

    /// Where `condition` is satisfied `then`, else `otherwise`.
    pub fn choose(terms: &mut Terms, condition: Self, then: Self, otherwise: Self) -> Self {
        let not = condition.not(terms);
        let first = [
            terms.implies(condition.may, then.sure),
            terms.implies(not.may, otherwise.sure),
        ];
        let second = [
            terms.and([condition.may, then.may]),
            terms.and([not.may, otherwise.may]),
        ];
        Self {
            sure: terms.and(first),
            may: terms.or(second),
        }
    }

    /// Where `condition` holds, this; else satisfied.
    pub fn given(self, terms: &mut Terms, condition: Term) -> Self {
        Self {
            sure: terms.implies(condition, self.sure),
            may: terms.implies(condition, self.may),
        }
    }
}
