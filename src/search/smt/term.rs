//! Terms, made only by functions that check sorts and fold constants.
//!
//! Lowering builds these; the session translates them to Z3. Trivial goals
//! never reach the solver, equal terms are one, and encodings can be tested
//! without a solver.

use std::collections::HashMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use crate::value::{Hashed, Number};

/// The sort of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sort {
    /// true or false.
    Bool,
    /// Mathematical integers.
    Int,
    /// Reals.
    Real,
}

/// A reference to a term of a [`Terms`]; equal terms have equal references.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term(u32);

impl Term {
    /// The position among all terms, dense from 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One term.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TermNode {
    /// A Boolean constant.
    Bool(bool),
    /// An integer constant.
    Int(BigInt),
    /// A real constant.
    Real(Hashed),
    /// A variable: its number and sort.
    Var(u32, Sort),
    /// Negation.
    Not(Term),
    /// Conjunction of two or more.
    And(Box<[Term]>),
    /// Disjunction of two or more.
    Or(Box<[Term]>),
    /// The second or third, by the first.
    Ite(Term, Term, Term),
    /// Equality of two terms of one sort.
    Eq(Term, Term),
    /// `a <= b` of two integers or two reals.
    Le(Term, Term),
    /// Sum of two or more integers or reals.
    Add(Box<[Term]>),
    /// Product.
    Mul(Term, Term),
    /// Euclidean quotient of integers, the divisor a nonzero constant or
    /// guarded by the caller.
    Div(Term, Term),
    /// Euclidean remainder.
    Mod(Term, Term),
    /// An integer as a real.
    ToReal(Term),
    /// Quotient of reals, the divisor guarded by the caller.
    Quotient(Term, Term),
    /// The greatest integer not above a real.
    Floor(Term),
}

/// All terms of one encoding.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    nodes: Vec<(TermNode, Sort)>,
    ids: HashMap<TermNode, Term>,
    names: Vec<String>,
}

impl Terms {
    fn add_node(&mut self, node: TermNode, sort: Sort) -> Term {
        if let Some(term) = self.ids.get(&node) {
            return *term;
        }
        let term = Term(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push((node.clone(), sort));
        self.ids.insert(node, term);
        term
    }

    /// The node of a term.
    #[expect(clippy::indexing_slicing, reason = "terms are only made by `add_node`")]
    pub fn node(&self, term: Term) -> &TermNode {
        &self.nodes[term.index()].0
    }

    /// The sort of a term.
    #[expect(clippy::indexing_slicing, reason = "terms are only made by `add_node`")]
    pub fn sort(&self, term: Term) -> Sort {
        self.nodes[term.index()].1
    }

    /// How many terms there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The name that a variable was given.
    pub fn name(&self, variable: u32) -> &str {
        self.names
            .get(variable as usize)
            .map_or("?", String::as_str)
    }

    /// A new variable.
    pub fn var(&mut self, name: impl Into<String>, sort: Sort) -> Term {
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.into());
        self.add_node(TermNode::Var(number, sort), sort)
    }

    /// A Boolean constant.
    pub fn bool(&mut self, value: bool) -> Term {
        self.add_node(TermNode::Bool(value), Sort::Bool)
    }

    /// An integer constant.
    pub fn int(&mut self, value: impl Into<BigInt>) -> Term {
        self.add_node(TermNode::Int(value.into()), Sort::Int)
    }

    /// A real constant.
    pub fn real(&mut self, value: Number) -> Term {
        self.add_node(TermNode::Real(Hashed(value)), Sort::Real)
    }

    /// The value of a Boolean constant.
    pub fn as_bool(&self, term: Term) -> Option<bool> {
        match self.node(term) {
            TermNode::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The value of an integer constant.
    pub fn as_int(&self, term: Term) -> Option<&BigInt> {
        match self.node(term) {
            TermNode::Int(value) => Some(value),
            _ => None,
        }
    }

    /// The value of a numeric constant.
    pub fn as_number(&self, term: Term) -> Option<Number> {
        match self.node(term) {
            TermNode::Int(value) => Some(Number::from_integer(value.clone())),
            TermNode::Real(value) => Some(value.0.clone()),
            _ => None,
        }
    }

    /// `!a`
    pub fn not(&mut self, a: Term) -> Term {
        match self.node(a) {
            TermNode::Bool(value) => {
                let value = !value;
                self.bool(value)
            }
            TermNode::Not(inner) => *inner,
            _ => self.add_node(TermNode::Not(a), Sort::Bool),
        }
    }

    /// The conjunction of all.
    pub fn and(&mut self, parts: impl IntoIterator<Item = Term>) -> Term {
        self.junction(parts, true)
    }

    /// The disjunction of all.
    pub fn or(&mut self, parts: impl IntoIterator<Item = Term>) -> Term {
        self.junction(parts, false)
    }

    fn junction(&mut self, parts: impl IntoIterator<Item = Term>, neutral: bool) -> Term {
        let mut flat: Vec<Term> = Vec::new();
        for part in parts {
            match (self.node(part), neutral) {
                (TermNode::Bool(value), _) if *value == neutral => {}
                (TermNode::Bool(_), _) => return self.bool(!neutral),
                (TermNode::And(inner), true) | (TermNode::Or(inner), false) => {
                    flat.extend(inner.iter().copied());
                }
                _ => flat.push(part),
            }
        }
        flat.sort_unstable();
        flat.dedup();
        for part in &flat {
            if let TermNode::Not(inner) = self.node(*part)
                && flat.binary_search(inner).is_ok()
            {
                return self.bool(!neutral);
            }
        }
        match flat.as_slice() {
            [] => self.bool(neutral),
            [one] => *one,
            _ if neutral => self.add_node(TermNode::And(flat.into()), Sort::Bool),
            _ => self.add_node(TermNode::Or(flat.into()), Sort::Bool),
        }
    }

    /// `a` implies `b`.
    pub fn implies(&mut self, a: Term, b: Term) -> Term {
        let not = self.not(a);
        self.or([not, b])
    }

    /// `c ? a : b`
    pub fn ite(&mut self, c: Term, a: Term, b: Term) -> Term {
        if a == b {
            return a;
        }
        if let Some(value) = self.as_bool(c) {
            return if value { a } else { b };
        }
        if self.sort(a) == Sort::Bool {
            let yes = self.and([c, a]);
            let not = self.not(c);
            let no = self.and([not, b]);
            return self.or([yes, no]);
        }
        let (a, b) = self.same_sort(a, b);
        let sort = self.sort(a);
        self.add_node(TermNode::Ite(c, a, b), sort)
    }

    /// Both as reals if one is.
    fn same_sort(&mut self, a: Term, b: Term) -> (Term, Term) {
        match (self.sort(a), self.sort(b)) {
            (Sort::Int, Sort::Real) => (self.to_real(a), b),
            (Sort::Real, Sort::Int) => (a, self.to_real(b)),
            _ => (a, b),
        }
    }

    /// `a == b`
    pub fn eq(&mut self, a: Term, b: Term) -> Term {
        let (a, b) = self.same_sort(a, b);
        if a == b {
            return self.bool(true);
        }
        if self.sort(a) == Sort::Bool {
            let both = self.and([a, b]);
            let (na, nb) = (self.not(a), self.not(b));
            let neither = self.and([na, nb]);
            return self.or([both, neither]);
        }
        if let (Some(x), Some(y)) = (self.as_number(a), self.as_number(b)) {
            return self.bool(x == y);
        }
        self.add_node(TermNode::Eq(a.min(b), a.max(b)), Sort::Bool)
    }

    /// `a <= b`
    pub fn le(&mut self, a: Term, b: Term) -> Term {
        let (a, b) = self.same_sort(a, b);
        if a == b {
            return self.bool(true);
        }
        if let (Some(x), Some(y)) = (self.as_number(a), self.as_number(b)) {
            return self.bool(x <= y);
        }
        self.add_node(TermNode::Le(a, b), Sort::Bool)
    }

    /// `a < b`
    pub fn lt(&mut self, a: Term, b: Term) -> Term {
        let ge = self.le(b, a);
        self.not(ge)
    }

    /// The sum of all.
    pub fn add(&mut self, parts: impl IntoIterator<Item = Term>) -> Term {
        let mut parts: Vec<Term> = parts.into_iter().collect();
        if parts.iter().any(|part| self.sort(*part) == Sort::Real) {
            parts = parts.into_iter().map(|part| self.to_real(part)).collect();
        }
        let is_real = parts
            .first()
            .is_some_and(|part| self.sort(*part) == Sort::Real);
        let mut constant = Number::zero();
        let mut rest = Vec::new();
        for part in parts {
            match self.as_number(part) {
                Some(value) => constant += value,
                None => rest.push(part),
            }
        }
        if !constant.is_zero() || rest.is_empty() {
            rest.push(if is_real {
                self.real(constant)
            } else {
                self.int(constant.to_integer())
            });
        }
        match rest.as_slice() {
            [one] => *one,
            _ => {
                let sort = if is_real { Sort::Real } else { Sort::Int };
                self.add_node(TermNode::Add(rest.into()), sort)
            }
        }
    }

    /// `a - b`
    pub fn sub(&mut self, a: Term, b: Term) -> Term {
        let negated = self.neg(b);
        self.add([a, negated])
    }

    /// `-a`
    pub fn neg(&mut self, a: Term) -> Term {
        let minus = self.int(-1);
        self.mul(minus, a)
    }

    /// `a * b`
    pub fn mul(&mut self, a: Term, b: Term) -> Term {
        let (a, b) = self.same_sort(a, b);
        let sort = self.sort(a);
        match (self.as_number(a), self.as_number(b)) {
            (Some(x), Some(y)) => self.number(x * y, sort),
            (Some(x), None) => self.scale(x, b, sort),
            (None, Some(y)) => self.scale(y, a, sort),
            (None, None) => self.add_node(TermNode::Mul(a.min(b), a.max(b)), sort),
        }
    }

    fn scale(&mut self, factor: Number, a: Term, sort: Sort) -> Term {
        if factor.is_zero() {
            return self.number(factor, sort);
        }
        if factor.is_one() {
            return a;
        }
        let factor = self.number(factor, sort);
        self.add_node(TermNode::Mul(factor, a), sort)
    }

    fn number(&mut self, value: Number, sort: Sort) -> Term {
        match sort {
            Sort::Real => self.real(value),
            _ => self.int(value.to_integer()),
        }
    }

    /// The Euclidean quotient of integers. The caller sees to `b != 0`.
    pub fn div(&mut self, a: Term, b: Term) -> Term {
        match (self.as_int(a), self.as_int(b)) {
            (_, Some(y)) if y.is_one() => a,
            (Some(x), Some(y)) if !y.is_zero() => {
                let (quotient, _) = euclid(x, y);
                self.int(quotient)
            }
            _ => self.add_node(TermNode::Div(a, b), Sort::Int),
        }
    }

    /// The Euclidean remainder of integers. The caller sees to `b != 0`.
    pub fn modulo(&mut self, a: Term, b: Term) -> Term {
        match (self.as_int(a), self.as_int(b)) {
            (_, Some(y)) if y.is_one() => self.int(0),
            (Some(x), Some(y)) if !y.is_zero() => {
                let (_, remainder) = euclid(x, y);
                self.int(remainder)
            }
            _ => self.add_node(TermNode::Mod(a, b), Sort::Int),
        }
    }

    /// An integer as a real; a real stays as it is.
    pub fn to_real(&mut self, a: Term) -> Term {
        match self.node(a) {
            _ if self.sort(a) == Sort::Real => a,
            TermNode::Int(value) => {
                let value = Number::from_integer(value.clone());
                self.real(value)
            }
            _ => self.add_node(TermNode::ToReal(a), Sort::Real),
        }
    }

    /// The quotient of two numbers as a real. The caller sees to `b != 0`.
    pub fn quotient(&mut self, a: Term, b: Term) -> Term {
        let (a, b) = (self.to_real(a), self.to_real(b));
        match (self.as_number(a), self.as_number(b)) {
            (Some(x), Some(y)) if !y.is_zero() => self.real(x / y),
            (None, Some(y)) if !y.is_zero() => self.scale(y.recip(), a, Sort::Real),
            _ => self.add_node(TermNode::Quotient(a, b), Sort::Real),
        }
    }

    /// The greatest integer that is not above.
    pub fn floor(&mut self, a: Term) -> Term {
        match self.node(a) {
            _ if self.sort(a) == Sort::Int => a,
            TermNode::Real(value) => {
                let value = value.0.floor().to_integer();
                self.int(value)
            }
            TermNode::ToReal(inner) => *inner,
            _ => self.add_node(TermNode::Floor(a), Sort::Int),
        }
    }

    /// `|a|` of an integer.
    pub fn abs(&mut self, a: Term) -> Term {
        if let Some(value) = self.as_int(a) {
            let value = value.abs();
            return self.int(value);
        }
        let zero = self.int(0);
        let is_negative = self.lt(a, zero);
        let negated = self.neg(a);
        self.ite(is_negative, negated, a)
    }
}

/// Quotient and remainder as SMT-LIB defines them: `0 <= r < |b|`.
fn euclid(a: &BigInt, b: &BigInt) -> (BigInt, BigInt) {
    let remainder = a.mod_floor(&b.abs());
    ((a - &remainder) / b, remainder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_fold() {
        let mut t = Terms::default();
        let (x, two, three) = (t.var("x", Sort::Int), t.int(2), t.int(3));
        let five = t.add([two, three]);
        assert_eq!(t.as_int(five), Some(&5.into()));
        let le = t.le(three, two);
        assert_eq!(t.as_bool(le), Some(false));
        let a = t.add([x, two]);
        let b = t.add([x, two]);
        assert_eq!(a, b);
        let (p, q) = (t.var("p", Sort::Bool), t.var("q", Sort::Bool));
        let np = t.not(p);
        let contradiction = t.and([p, q, np]);
        assert_eq!(t.as_bool(contradiction), Some(false));
        let minus_seven = t.int(-7);
        let (quotient, rest) = (t.div(minus_seven, two), t.modulo(minus_seven, two));
        assert_eq!(t.as_int(quotient), Some(&(-4).into()));
        assert_eq!(t.as_int(rest), Some(&1.into()));
    }

    #[test]
    fn integers_mix_with_reals_as_reals() {
        let mut t = Terms::default();
        let (x, half) = (
            t.var("x", Sort::Int),
            t.real(Number::new(1.into(), 2.into())),
        );
        let sum = t.add([x, half]);
        assert_eq!(t.sort(sum), Sort::Real);
        let one = t.int(1);
        let quotient = t.quotient(one, half);
        assert_eq!(t.as_number(quotient), Some(Number::from_integer(2.into())));
    }

    #[test]
    fn long_decimals_are_constants_like_others() {
        // The continued fraction of a quotient of Fibonacci numbers is as long
        // as can be.
        let (mut a, mut b) = (BigInt::from(1), BigInt::from(1));
        for _ in 0..200_000 {
            (a, b) = (&a + &b, a);
        }
        let mut terms = Terms::default();
        let long = Number::new(a, b);
        assert_eq!(terms.real(long.clone()), terms.real(long));
    }
}
