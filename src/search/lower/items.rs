//! The items of a list as a schema sees them: how many, and which are equal.

use super::Lowering;
use super::sat::Sat;
use super::satisfy::is_free;
use super::slots::{Leaf, SlotId};
use crate::document::{Schema, SchemaId};
use crate::value::location::Segment;

/// How deep two items are compared.
const MAX_COMPARED: usize = 6;

impl Lowering<'_> {
    pub(super) fn list_satisfies(&mut self, id: SlotId, schema: SchemaId, depth: usize) -> Sat {
        let found = self.model.schemas.get(schema).clone();
        let Leaf::List { length, bound, .. } = self.slot(id).leaf else {
            return Sat::open(&mut self.terms);
        };
        let mut parts = Vec::new();
        let least = found.min_items.as_ref().map_or(0, |own| own.value);
        let most = found.max_items.as_ref().map(|own| own.value);
        if least > 0 || most.is_some() {
            parts.push(Sat::exactly(self.between(length, least, most)));
        }
        if found.items.is_some() || !found.prefix.is_empty() {
            for index in 0..bound {
                if let Some(part) = self.model.schemas.item(schema, index) {
                    parts.push(self.item_satisfies(id, index, part, depth));
                }
            }
            parts.push(self.unless_longer(id));
        }
        parts.extend(self.are_distinct(id, &found));
        parts.extend(self.are_contained(id, &found, depth));
        Sat::all(&mut self.terms, &parts)
    }

    fn item_satisfies(&mut self, id: SlotId, index: usize, part: SchemaId, depth: usize) -> Sat {
        if is_free(self.model.schemas.get(part)) {
            return Sat::always(&mut self.terms, true);
        }
        match self.child(id, &Segment::Index(index)) {
            Some(child) => {
                let value = self.satisfies(child, part, depth + 1);
                let sent = self.slot(child).sent;
                value.given(&mut self.terms, sent)
            }
            None => {
                let Leaf::List { length, .. } = self.slot(id).leaf else {
                    return Sat::open(&mut self.terms);
                };
                let index = self.terms.int(index);
                let is_in = self.terms.lt(index, length);
                let open = Sat::open(&mut self.terms);
                open.given(&mut self.terms, is_in)
            }
        }
    }

    /// Satisfied where all items have slots; else open.
    fn unless_longer(&mut self, id: SlotId) -> Sat {
        let Leaf::List { length, bound, .. } = self.slot(id).leaf else {
            return Sat::open(&mut self.terms);
        };
        let bound = self.terms.int(bound);
        Sat {
            sure: self.terms.le(length, bound),
            may: self.terms.bool(true),
        }
    }

    fn items_of(&mut self, id: SlotId) -> Vec<Option<SlotId>> {
        let Leaf::List { bound, .. } = self.slot(id).leaf else {
            return Vec::new();
        };
        let each = 0..bound;
        each.map(|index| self.child(id, &Segment::Index(index)))
            .collect()
    }

    /// `uniqueItems`
    pub(super) fn are_distinct(&mut self, id: SlotId, found: &Schema) -> Option<Sat> {
        found.unique_items.as_ref()?;
        let items = self.items_of(id);
        let mut parts = vec![self.unless_longer(id)];
        if let Leaf::List {
            more: Some(more), ..
        } = self.slot(id).leaf
        {
            let zero = self.terms.int(0);
            let none = self.terms.eq(more.repeats, zero);
            parts.push(Sat::exactly(none));
        }
        for (index, one) in items.iter().enumerate() {
            for other in items.iter().skip(index + 1) {
                let (Some(one), Some(other)) = (one, other) else {
                    parts.push(Sat::open(&mut self.terms));
                    continue;
                };
                let same = self.same_slots(*one, *other, 0);
                let (first, second) = (self.slot(*one).sent, self.slot(*other).sent);
                let both = self.terms.and([first, second]);
                let differ = same.not(&mut self.terms);
                parts.push(differ.given(&mut self.terms, both));
            }
        }
        Some(Sat::all(&mut self.terms, &parts))
    }

    /// Whether two slots are equal as JSON, both being sent.
    fn same_slots(&mut self, one: SlotId, other: SlotId, depth: usize) -> Sat {
        if depth > MAX_COMPARED {
            return Sat::open(&mut self.terms);
        }
        let (a, b) = (self.slot(one).clone(), self.slot(other).clone());
        let value = match (&a.leaf, &b.leaf) {
            (Leaf::Bool(a), Leaf::Bool(b)) => Sat::exactly(self.terms.eq(*a, *b)),
            (Leaf::Number(a), Leaf::Number(b)) => Sat::exactly(a.eq(&mut self.terms, b)),
            (Leaf::Text(a), Leaf::Text(b)) if a.time.is_some() == b.time.is_some() => {
                Sat::exactly(self.same_text(a, b))
            }
            (Leaf::Object, Leaf::Object) => self.same_objects(one, other, depth),
            (Leaf::List { length: x, .. }, Leaf::List { length: y, .. }) => {
                let lengths = Sat::exactly(self.terms.eq(*x, *y));
                let mut parts = vec![lengths, self.unless_longer(one)];
                let pairs = self.items_of(one).into_iter().zip(self.items_of(other));
                for pair in pairs.collect::<Vec<_>>() {
                    let (Some(a), Some(b)) = pair else {
                        parts.push(Sat::open(&mut self.terms));
                        continue;
                    };
                    let same = self.same_slots(a, b, depth + 1);
                    let sent = self.slot(a).sent;
                    parts.push(same.given(&mut self.terms, sent));
                }
                Sat::all(&mut self.terms, &parts)
            }
            _ => Sat::open(&mut self.terms),
        };
        let both_null = self.terms.and([a.null, b.null]);
        let (not_a, not_b) = (self.terms.not(a.null), self.terms.not(b.null));
        let neither = Sat::exactly(self.terms.and([not_a, not_b]));
        let equal = Sat::all(&mut self.terms, &[neither, value]);
        Sat::any(&mut self.terms, &[Sat::exactly(both_null), equal])
    }

    fn same_objects(&mut self, one: SlotId, other: SlotId, depth: usize) -> Sat {
        let (more, others) = (self.unnamed(one), self.unnamed(other));
        let some = self.terms.or([more, others]);
        let mut parts = vec![Sat {
            sure: self.terms.not(some),
            may: self.terms.bool(true),
        }];
        let mut names: Vec<String> = Vec::new();
        for side in [one, other] {
            let members = self.members_of(side).into_iter();
            names.extend(members.map(|(child, _)| self.name_of(child)));
        }
        names.sort();
        names.dedup();
        for name in names {
            let segment = Segment::Key(name.as_str().into());
            let (Some(a), Some(b)) = (self.child(one, &segment), self.child(other, &segment))
            else {
                parts.push(Sat::open(&mut self.terms));
                continue;
            };
            let same = self.same_slots(a, b, depth + 1);
            let (first, second) = (self.slot(a).sent, self.slot(b).sent);
            let there = Sat::exactly(self.terms.eq(first, second));
            let same = same.given(&mut self.terms, first);
            parts.extend([there, same]);
        }
        Sat::all(&mut self.terms, &parts)
    }

    /// `contains`
    pub(super) fn are_contained(
        &mut self,
        id: SlotId,
        found: &Schema,
        depth: usize,
    ) -> Option<Sat> {
        let Leaf::List { length, bound, .. } = self.slot(id).leaf else {
            return None;
        };
        let mut parts = Vec::new();
        for own in &found.contains {
            let (mut sure, mut may) = (Vec::new(), Vec::new());
            for item in self.items_of(id) {
                let fits = match item {
                    Some(item) => {
                        let fits = self.satisfies(item, own.value.schema, depth + 1);
                        let sent = Sat::exactly(self.slot(item).sent);
                        Sat::all(&mut self.terms, &[sent, fits])
                    }
                    None => Sat::open(&mut self.terms),
                };
                sure.push(fits.sure);
                may.push(fits.may);
            }
            let (sure, may) = (self.count(&sure), self.count(&may));
            let bound = self.terms.int(bound);
            let all_seen = self.terms.le(length, bound);
            let longer = self.terms.not(all_seen);
            let least = self.terms.int(own.value.min);
            let enough = self.terms.le(least, may);
            parts.push(Sat {
                sure: self.terms.le(least, sure),
                may: self.terms.or([enough, longer]),
            });
            if let Some(max) = own.value.max {
                let most = self.terms.int(max);
                let few = self.terms.le(may, most);
                parts.push(Sat {
                    sure: self.terms.and([few, all_seen]),
                    may: self.terms.le(sure, most),
                });
            }
        }
        (!parts.is_empty()).then(|| Sat::all(&mut self.terms, &parts))
    }
}
