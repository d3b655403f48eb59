//! Equality, order and membership.

use itertools::Itertools;
use num_traits::ToPrimitive;

use super::{Env, Lowering, Num, Shape, Sym, Text, Truth};
use crate::expr::{ExprId, Op};
use crate::search::smt::{Sort, Term, TermNode};
use crate::value::time::parse_time;

impl Lowering<'_> {
    /// `a == b`: where it is true, and where false.
    pub(super) fn equality(&mut self, id: ExprId, operands: &[ExprId], env: &Env) -> Truth {
        let Some((a, b)) = self.pair(operands, env) else {
            let no = self.terms.bool(false);
            return Truth { yes: no, no };
        };
        self.noting_open_parts(id, |lowering| lowering.equal(&a, &b))
    }

    /// Compares: what is left open where whole lists or objects of which no
    /// more is known are among the parts isn't encoded.
    fn noting_open_parts(&mut self, id: ExprId, compare: impl FnOnce(&mut Self) -> Truth) -> Truth {
        let before = self.open_parts;
        let found = compare(self);
        if self.open_parts > before {
            self.unencoded.insert(id);
        }
        found
    }

    pub(in crate::search) fn equal(&mut self, a: &Sym, b: &Sym) -> Truth {
        let both = self.terms.and([a.defined, b.defined]);
        let same = self.same(a, b);
        let differs = self.terms.not(same);
        Truth {
            yes: self.terms.and([both, same]),
            no: self.terms.and([both, differs]),
        }
    }

    /// Whether two defined values are equal as JSON.
    fn same(&mut self, a: &Sym, b: &Sym) -> Term {
        let both_null = self.terms.and([a.null, b.null]);
        let (na, nb) = (self.terms.not(a.null), self.terms.not(b.null));
        let same = match (&a.shape, &b.shape) {
            (Shape::Bool(a), Shape::Bool(b)) => self.terms.eq(*a, *b),
            (Shape::Number(a), Shape::Number(b))
            | (Shape::Time(a), Shape::Time(b))
            | (Shape::Duration(a), Shape::Duration(b)) => a.eq(&mut self.terms, b),
            (Shape::Text(a), Shape::Text(b)) => self.same_text(a, b),
            (Shape::Object(a), Shape::Object(b)) if a == b => self.terms.bool(true),
            (Shape::Resource(a), Shape::Resource(b)) => self.same_resource(*a, *b),
            (Shape::Nothing, _) | (_, Shape::Nothing) => self.terms.bool(false),
            (Shape::Any(any), other) | (other, Shape::Any(any)) => self.same_any(any, other),
            (a, b) if a.is_whole() || b.is_whole() => self.same_whole(a, b),
            // Different kinds of JSON are never equal.
            _ => self.terms.bool(false),
        };
        let equal = self.terms.and([na, nb, same]);
        self.terms.or([both_null, equal])
    }

    /// Whether two states are of one resource.
    fn same_resource(&mut self, a: usize, b: usize) -> Term {
        match (self.state_key(a).cloned(), self.state_key(b).cloned()) {
            (Some(a), Some(b)) => self.same(&a, &b),
            _ => self.terms.bool(false),
        }
    }

    /// The identities of which a conditional one is one.
    fn choices(&self, identity: Term) -> Vec<Term> {
        match self.terms.node(identity) {
            TermNode::Ite(_, a, b) => [self.choices(*a), self.choices(*b)].concat(),
            _ => vec![identity],
        }
    }

    /// Whether two texts are equal.
    pub(super) fn same_text(&mut self, a: &Text, b: &Text) -> Term {
        let same = self.same_writing(a, b);
        if let (Some(x), Some(y)) = (a.length, b.length)
            && self.terms.as_bool(same).is_none()
        {
            // Equal texts have equal lengths.
            let lengths = self.terms.eq(x, y);
            let fact = self.terms.implies(same, lengths);
            self.facts.push(fact);
        }
        if let (Some(x), Some(y)) = (&a.time, &b.time)
            && self.terms.as_bool(same).is_none()
        {
            // Equal texts name one moment.
            let moments = x.eq(&mut self.terms, y);
            let fact = self.terms.implies(same, moments);
            self.facts.push(fact);
        }
        same
    }

    fn same_writing(&mut self, a: &Text, b: &Text) -> Term {
        match (&a.time, &b.time) {
            (Some(time), None) if !b.literals.is_empty() => self.is_one(a.identity, time, b),
            (None, Some(time)) if !a.literals.is_empty() => self.is_one(b.identity, time, a),
            // A plain text may happen to be a date.
            (Some(time), None) => {
                let possible = a.may_be_dated && b.may_be_dated;
                self.is_dated((a.identity, time), b.identity, possible)
            }
            (None, Some(time)) => {
                let possible = a.may_be_dated && b.may_be_dated;
                self.is_dated((b.identity, time), a.identity, possible)
            }
            _ => {
                if a.literals.is_empty() && b.literals.is_empty() {
                    let (a, b) = (self.choices(a.identity), self.choices(b.identity));
                    self.compared.extend(a.into_iter().cartesian_product(b));
                }
                self.terms.eq(a.identity, b.identity)
            }
        }
    }

    /// Whether a date or date-time is written as a plain text: known for those
    /// of its choices that are known texts.
    fn is_dated(&mut self, moment: (Term, &Num), text: Term, possible: bool) -> Term {
        match self.terms.node(text).clone() {
            TermNode::Ite(c, a, b) => {
                let a = self.is_dated(moment, a, possible);
                let b = self.is_dated(moment, b, possible);
                self.terms.ite(c, a, b)
            }
            node => {
                let known = match node {
                    TermNode::Int(number) => number.to_usize(),
                    _ => None,
                };
                let known = known.and_then(|number| self.known_texts().get(number).cloned());
                if let Some(known) = known {
                    return self.is_moment(moment.0, moment.1, &known);
                }
                let opaque = self.terms.var("opaque", Sort::Bool);
                let possible = self.terms.bool(possible);
                self.terms.and([possible, opaque])
            }
        }
    }

    /// Whether a date or date-time is written as the constant that `text` is.
    fn is_one(&mut self, identity: Term, time: &Num, text: &Text) -> Term {
        let literals = text.literals.iter();
        let ways: Vec<Term> = literals
            .map(|(condition, literal)| {
                let is = self.is_moment(identity, time, literal);
                self.terms.and([*condition, is])
            })
            .collect();
        self.terms.or(ways)
    }

    /// Whether a date or date-time is written as `literal`. Where its writing
    /// is free (dense), that may be one of the known texts, which the generator
    /// wouldn't write.
    fn is_moment(&mut self, identity: Term, time: &Num, literal: &str) -> Term {
        let mut ways = Vec::new();
        let canonical = Self::canonical_moment(literal);
        if let Some((moment, is_date)) = canonical.filter(|(moment, _)| moment.is_integer()) {
            let moment = Num::constant(&mut self.terms, &moment);
            let own = self.time_identity(&moment, is_date);
            ways.push(self.terms.eq(identity, own));
        }
        if self.config.dense
            && let Some(nanos) = parse_time(literal)
        {
            // A text has one identity.
            if ways.is_empty() {
                let known = self.text_constant(literal).identity;
                ways.push(self.terms.eq(identity, known));
            }
            let same = self.terms.or(ways.clone());
            let moment = self.seconds(nanos);
            let at_that = time.eq(&mut self.terms, &moment);
            let fact = self.terms.implies(same, at_that);
            self.facts.push(fact);
        }
        self.terms.or(ways)
    }

    /// `<`, `<=`, `>`, `>=`
    pub(super) fn order(&mut self, id: ExprId, op: Op, operands: &[ExprId], env: &Env) -> Sym {
        let Some((a, b)) = self.pair(operands, env) else {
            return self.undefined();
        };
        let (live_a, live_b) = (self.live(&a), self.live(&b));
        let live = self.terms.and([live_a, live_b]);
        let (x, y) = match (&a.shape, &b.shape) {
            (Shape::Number(x), Shape::Number(y))
            | (Shape::Time(x), Shape::Time(y))
            | (Shape::Duration(x), Shape::Duration(y)) => (x, y),
            (Shape::Text(_), Shape::Text(_)) => return self.unencoded(id, operands, env),
            (Shape::Opaque, _) | (_, Shape::Opaque) => {
                let free = self.terms.var("opaque", Sort::Bool);
                return self.when(live, Shape::Bool(free));
            }
            _ => return self.undefined(),
        };
        let holds = match op {
            Op::Le => x.le(&mut self.terms, y),
            Op::Ge => y.le(&mut self.terms, x),
            Op::Lt => {
                let ge = y.le(&mut self.terms, x);
                self.terms.not(ge)
            }
            _ => {
                let le = x.le(&mut self.terms, y);
                self.terms.not(le)
            }
        };
        self.when(live, Shape::Bool(holds))
    }

    /// `a in list`, `key in map`
    pub(super) fn within(&mut self, id: ExprId, operands: &[ExprId], env: &Env) -> Sym {
        let Some((a, list)) = self.pair(operands, env) else {
            return self.undefined();
        };
        let live = self.live(&list);
        let known = match list.shape {
            // A null is no key.
            Shape::List(_) => a.defined,
            _ => self.live(&a),
        };
        let known = self.terms.and([live, known]);
        let truth = match &list.shape {
            Shape::List(list) => {
                if let Some(of) = operands.last() {
                    self.looks_for(1, *of, list, env);
                }
                self.noting_open_parts(id, |lowering| {
                    let items = list.items.iter();
                    let found: Vec<(Term, Truth)> = items
                        .map(|item| (item.active, lowering.equal(&a, &item.value)))
                        .collect();
                    lowering.any(&found)
                })
            }
            record if record.has_keys() => match operands.first() {
                Some(by) => self.noting_open_parts(id, |lowering| lowering.has_key(&a, *by, &list)),
                None => return self.undefined(),
            },
            Shape::Nothing => return self.undefined(),
            _ => {
                let free = self.terms.var("opaque", Sort::Bool);
                let not = self.terms.not(free);
                Truth { yes: free, no: not }
            }
        };
        let truth = Truth {
            yes: self.terms.and([known, truth.yes]),
            no: self.terms.and([known, truth.no]),
        };
        self.condition(truth)
    }

    /// True where a condition holds for an item that is there; false where it
    /// is false for all of those.
    pub(super) fn any(&mut self, items: &[(Term, Truth)]) -> Truth {
        let yes: Vec<Term> = items
            .iter()
            .map(|(active, truth)| self.terms.and([*active, truth.yes]))
            .collect();
        let no: Vec<Term> = items
            .iter()
            .map(|(active, truth)| self.terms.implies(*active, truth.no))
            .collect();
        Truth {
            yes: self.terms.or(yes),
            no: self.terms.and(no),
        }
    }
}
