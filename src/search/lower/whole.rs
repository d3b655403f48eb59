//! Equality of whole lists and objects.

use std::sync::Arc;

use super::keys::Keys;
use super::{List, Lowering, Shape, Sym};
use crate::search::smt::{Sort, Term};
use crate::value::location::Segment;

impl Lowering<'_> {
    /// Whether two values, one of which has parts or isn't known, are equal as
    /// JSON.
    pub(super) fn same_whole(&mut self, a: &Shape, b: &Shape) -> Term {
        match (a, b) {
            (Shape::List(a), Shape::List(b)) => self.same_list(a, b),
            (a, b) if a.has_keys() && b.has_keys() => self.same_object(a, b),
            (a, b) if a.is_json_kind_unlike(b) => self.terms.bool(false),
            _ => self.terms.var("opaque", Sort::Bool),
        }
    }

    /// As many items, and equal ones at equal positions. Of lists that aren't
    /// encoded whole nothing is known.
    fn same_list(&mut self, a: &List, b: &List) -> Term {
        let cut: Vec<Term> = [a, b].into_iter().map(|list| self.cut(list)).collect();
        let (a, b) = (self.packed(a.clone()), self.packed(b.clone()));
        let mut same = Vec::new();
        let longer = a.items.len().max(b.items.len());
        for position in 0..longer {
            let (x, y) = (a.items.get(position), b.items.get(position));
            same.push(match (x, y) {
                (Some(x), Some(y)) => {
                    let both = self.terms.and([x.active, y.active]);
                    let alike = self.terms.eq(x.active, y.active);
                    let equal = self.equal(&x.value, &y.value).yes;
                    let equal = self.terms.implies(both, equal);
                    self.terms.and([alike, equal])
                }
                (Some(one), None) | (None, Some(one)) => self.terms.not(one.active),
                (None, None) => continue,
            });
        }
        let same = self.terms.and(same);
        let cut = self.terms.or(cut);
        let unknown = self.terms.var("opaque", Sort::Bool);
        self.terms.ite(cut, unknown, same)
    }

    /// The same members, with equal values.
    fn same_object(&mut self, a: &Shape, b: &Shape) -> Term {
        let (Some(of_a), Some(of_b)) = (self.keys(a), self.keys(b)) else {
            return self.open_part();
        };
        let (x, y) = (self.always(a.clone()), self.always(b.clone()));
        let mut same = Vec::new();
        let mut keys = of_a.all.clone();
        keys.extend(
            of_b.all
                .iter()
                .filter(|key| !of_a.all.contains(key))
                .cloned(),
        );
        for key in keys {
            let mut alike = self.same_member(&x, &y, &key);
            for (keys, shape, other) in [(&of_a, a, &y), (&of_b, b, &x)] {
                alike = self.unless_beside(&key, (keys, shape), other, alike);
            }
            same.push(alike);
        }
        for (keys, shape) in [(&of_a, a), (&of_b, b)] {
            if let Some(others) = self.other_keys(shape, keys) {
                // Members that nothing names may differ.
                let alike = self.terms.var("opaque", Sort::Bool);
                same.push(self.terms.implies(others, alike));
            }
        }
        self.terms.and(same)
    }

    /// `alike`, what is known of a member of two objects; but where the first
    /// may hold the key beside those that it is looked at with, it has the
    /// member or not: open, unless it has no other keys.
    fn unless_beside(
        &mut self,
        key: &Arc<str>,
        (keys, shape): (&Keys, &Shape),
        other: &Sym,
        alike: Term,
    ) -> Term {
        if keys.all.contains(key) || self.has_slot(shape, key) {
            return alike;
        }
        let Some(others) = self.other_keys(shape, keys) else {
            return alike;
        };
        let (_, in_other) = self.member(other, key);
        let absent = self.terms.not(in_other);
        let unknown = self.terms.var("opaque", Sort::Bool);
        self.terms.ite(others, unknown, absent)
    }

    /// Whether an object has a slot for a key wherever it may be there.
    fn has_slot(&mut self, record: &Shape, key: &Arc<str>) -> bool {
        match record {
            Shape::Object(slot) | Shape::Sent(slot) => {
                self.child(*slot, &Segment::Key(key.clone())).is_some()
            }
            _ => false,
        }
    }

    fn same_member(&mut self, a: &Sym, b: &Sym, key: &str) -> Term {
        let (x, in_a) = self.member(a, key);
        let (y, in_b) = self.member(b, key);
        let alike = self.terms.eq(in_a, in_b);
        let both = self.terms.and([in_a, in_b]);
        let equal = self.equal(&x, &y).yes;
        let equal = self.terms.implies(both, equal);
        self.terms.and([alike, equal])
    }
}
