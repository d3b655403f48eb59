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
        let may: Vec<Term> = parts.iter().map(|part| part.may).collect();
        let sure: Vec<Term> = parts.iter().map(|part| part.sure).collect();
        let apart_surely = at_most_one(terms, &may);
        let apart_maybe = at_most_one(terms, &sure);
        Self {
            sure: terms.and([apart_surely, some.sure]),
            may: terms.and([apart_maybe, some.may]),
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

/// No two of `parts` are true: neither in either half, nor one in each. Pairs
/// would be quadratic in the number of parts.
fn at_most_one(terms: &mut Terms, parts: &[Term]) -> Term {
    let (first, second) = parts.split_at(parts.len() / 2);
    if first.is_empty() {
        return terms.bool(true);
    }
    let in_first = at_most_one(terms, first);
    let in_second = at_most_one(terms, second);
    let some_first = terms.or(first.iter().copied());
    let some_second = terms.or(second.iter().copied());
    let both = terms.and([some_first, some_second]);
    let apart = terms.not(both);
    terms.and([in_first, in_second, apart])
}
