//! `c ? a : b` of two symbolic values.

use super::sym::Literals;
use super::{List, Lowering, Num, Shape, Sym, Text};
use crate::search::smt::Term;

impl Lowering<'_> {
    /// `c ? a : b` of two symbolic values.
    pub fn ite(&mut self, c: Term, a: &Sym, b: &Sym) -> Sym {
        match self.terms.as_bool(c) {
            Some(true) => return a.clone(),
            Some(false) => return b.clone(),
            None => {}
        }
        Sym {
            defined: self.terms.ite(c, a.defined, b.defined),
            null: self.terms.ite(c, a.null, b.null),
            shape: self.ite_shape(c, &a.shape, &b.shape),
        }
    }

    fn ite_shape(&mut self, c: Term, a: &Shape, b: &Shape) -> Shape {
        match (a, b) {
            (Shape::Nothing, other) | (other, Shape::Nothing) => other.clone(),
            (Shape::Bool(a), Shape::Bool(b)) => Shape::Bool(self.terms.ite(c, *a, *b)),
            (Shape::Number(a), Shape::Number(b)) => {
                Shape::Number(Num::ite(&mut self.terms, c, a, b))
            }
            (Shape::Time(a), Shape::Time(b)) => Shape::Time(Num::ite(&mut self.terms, c, a, b)),
            (Shape::Duration(a), Shape::Duration(b)) => {
                Shape::Duration(Num::ite(&mut self.terms, c, a, b))
            }
            (Shape::Text(a), Shape::Text(b)) => {
                let text = self.ite_text(c, a, b);
                text.map_or(Shape::Opaque, Shape::Text)
            }
            (Shape::Object(a), Shape::Object(b)) if a == b => Shape::Object(*a),
            (Shape::Resource(a), Shape::Resource(b)) if a == b => Shape::Resource(*a),
            (Shape::List(a), Shape::List(b)) => {
                // One list's items after the other's: order is kept in each.
                let not = self.terms.not(c);
                let mut merged = List::default();
                for (side, list) in [(c, a), (not, b)] {
                    for item in &list.items {
                        let mut item = item.clone();
                        item.active = self.terms.and([side, item.active]);
                        merged.items.push(item);
                    }
                    merged.sources.extend(&list.sources);
                }
                if let (Some(a), Some(b)) = (a.length, b.length) {
                    merged.length = Some(self.terms.ite(c, a, b));
                }
                if a.unknown.is_some() || b.unknown.is_some() {
                    let known = self.terms.bool(false);
                    let (a, b) = (a.unknown.unwrap_or(known), b.unknown.unwrap_or(known));
                    merged.unknown = Some(self.terms.ite(c, a, b));
                }
                Shape::List(merged)
            }
            (Shape::Any(_), _) | (_, Shape::Any(_)) => self.ite_any(c, a, b),
            (Shape::Opaque, Shape::Opaque) => Shape::Opaque,
            (a, b) if a.may_be_record() && b.may_be_record() => {
                Shape::Either(c, Box::new(a.clone()), Box::new(b.clone()))
            }
            _ => Shape::Opaque,
        }
    }

    /// `None` where a date and a text that may be none can't be told apart
    /// any more.
    pub(super) fn ite_text(&mut self, c: Term, a: &Text, b: &Text) -> Option<Text> {
        let (a, b) = match (&a.time, &b.time) {
            (Some(_), None) => (a.clone(), self.as_moment(b)?),
            (None, Some(_)) => (self.as_moment(a)?, b.clone()),
            _ => (a.clone(), b.clone()),
        };
        let time = match (&a.time, &b.time) {
            (Some(a), Some(b)) => Some(Num::ite(&mut self.terms, c, a, b)),
            _ => None,
        };
        Some(Text {
            identity: self.terms.ite(c, a.identity, b.identity),
            length: match (a.length, b.length) {
                (Some(a), Some(b)) => Some(self.terms.ite(c, a, b)),
                _ => None,
            },
            time,
            literals: self.ite_literals(c, &a.literals, &b.literals),
            may_be_dated: a.may_be_dated || b.may_be_dated,
        })
    }

    fn ite_literals(&mut self, c: Term, a: &Literals, b: &Literals) -> Literals {
        if a.is_empty() || b.is_empty() {
            return Vec::new();
        }
        let not = self.terms.not(c);
        let mut found: Literals = Vec::new();
        for (arm, literals) in [(c, a), (not, b)] {
            for (condition, text) in literals {
                let condition = self.terms.and([arm, *condition]);
                found.push((condition, text.clone()));
            }
        }
        found
    }

    /// One of some constants as the date or date-time that it names.
    fn as_moment(&mut self, text: &Text) -> Option<Text> {
        let mut found: Option<(Term, Num)> = None;
        for (condition, literal) in &text.literals {
            let canonical = Self::canonical_moment(literal);
            let (moment, is_date) = canonical.filter(|(moment, _)| moment.is_integer())?;
            let time = Num::constant(&mut self.terms, &moment);
            let identity = self.time_identity(&time, is_date);
            found = Some(match found {
                None => (identity, time),
                Some((other, moment)) => (
                    self.terms.ite(*condition, identity, other),
                    Num::ite(&mut self.terms, *condition, &time, &moment),
                ),
            });
        }
        let (identity, time) = found?;
        Some(Text {
            identity,
            time: Some(time),
            ..text.clone()
        })
    }
}
