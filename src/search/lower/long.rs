//! Lists with more items than are encoded: the others repeat the last of those
//! that are, or are like it and differ from all.
//!
//! What a list as a whole amounts to (its sum, how many of its items are kept)
//! is free where some items aren't encoded; under a restriction by name it is
//! what those two kinds of items make it.

use super::constrain::pattern_of;
use super::{Label, Leaf, List, Lowering, More, Num, Shape, Source, Sym};
use crate::document::Schema;
use crate::expr::ExprId;
use crate::search::smt::{Sort, Term};

impl Lowering<'_> {
    /// The items behind the first `bound` of a list of that schema.
    pub(super) fn more(&mut self, schema: &Schema, length: Term, bound: usize) -> Option<More> {
        let may_be_longer = schema
            .max_items
            .as_ref()
            .is_none_or(|most| most.value > bound as u64);
        if !self.config.long || !may_be_longer || bound == 0 {
            return None;
        }
        let repeats = self.terms.var("repeats", Sort::Int);
        let others = self.terms.var("others", Sort::Int);
        let (zero, encoded) = (self.terms.int(0), self.terms.int(bound));
        for count in [repeats, others] {
            let natural = self.terms.le(zero, count);
            self.facts.push(natural);
        }
        let both = self.terms.add([repeats, others]);
        let rest = self.terms.sub(length, encoded);
        let is_longer = self.terms.lt(encoded, length);
        let rest = self.terms.ite(is_longer, rest, zero);
        let fact = self.terms.eq(both, rest);
        self.facts.push(fact);
        Some(More { repeats, others })
    }

    /// Where some items of a list aren't encoded.
    pub(super) fn cut(&mut self, list: &List) -> Term {
        let mut cut: Vec<Term> = list.unknown.into_iter().collect();
        for source in &list.sources {
            match source {
                Source::Field(id) => {
                    if let Leaf::List { length, bound, .. } = self.slot(*id).leaf {
                        let bound = self.terms.int(bound);
                        cut.push(self.terms.lt(bound, length));
                    }
                }
                Source::All(all) => cut.push(all.more),
            }
        }
        self.terms.or(cut)
    }

    /// What `id` says of a list as a whole, which is one where `live`: `known` where all of its items are
    /// encoded, free elsewhere; under a restriction, what `long` makes of the
    /// items that aren't encoded.
    pub(super) fn whole_list(
        &mut self,
        id: ExprId,
        live: Term,
        list: &List,
        known: Sym,
        long: impl FnOnce(&mut Self, More) -> Option<Sym>,
    ) -> Sym {
        if list.sources.is_empty() && list.unknown.is_none() {
            return known;
        }
        let cut = self.cut(list);
        let free = self.free_where(id, live);
        if let Some(more) = list.more
            && let Some(long) = long(self, more)
        {
            let alike = self.alike(&free, &long);
            let fact = self.terms.implies(cut, alike);
            let words = self.restriction_of(&list.sources);
            self.assume(Label::Restriction(words), fact);
        }
        self.ite(cut, &free, &known)
    }

    /// So many different items beyond those encoded are none, by the
    /// restriction of long lists.
    pub(super) fn no_others(&mut self, list: &List) {
        if let Some(more) = list.more {
            let zero = self.terms.int(0);
            let none = self.terms.eq(more.others, zero);
            let words = self.restriction_of(&list.sources);
            self.assume(Label::Restriction(words), none);
        }
    }

    /// Of the items behind those of `list` that are encoded, none but those
    /// that repeat the last.
    pub(super) fn repeats_only(&mut self, list: &List, more: Option<More>) -> Option<More> {
        let more = more?;
        self.no_others(list);
        let others = self.terms.int(0);
        Some(More { others, ..more })
    }

    fn restriction_of(&self, sources: &[Source]) -> String {
        let mut fields = sources.iter().filter_map(|source| match source {
            Source::Field(id) => Some(*id),
            Source::All(_) => None,
        });
        let place = fields.next().map(|id| self.slot(id));
        let (place, bound) = place.map_or(("a list".to_owned(), 0), |slot| {
            let bound = match slot.leaf {
                Leaf::List { bound, .. } => bound,
                _ => 0,
            };
            (pattern_of(&slot.location), bound)
        });
        format!("the items of `{place}` after {bound} are like the last of those")
    }

    /// Whether two simple values are both undefined, or equal.
    fn alike(&mut self, a: &Sym, b: &Sym) -> Term {
        let defined = self.terms.eq(a.defined, b.defined);
        let null = self.terms.eq(a.null, b.null);
        let same = match (&a.shape, &b.shape) {
            (Shape::Bool(a), Shape::Bool(b)) => self.terms.eq(*a, *b),
            (Shape::Number(a), Shape::Number(b))
            | (Shape::Time(a), Shape::Time(b))
            | (Shape::Duration(a), Shape::Duration(b)) => a.eq(&mut self.terms, b),
            _ => self.terms.bool(true),
        };
        self.terms.and([defined, null, same])
    }

    /// As many more of the list as hold for its last encoded item.
    pub(super) fn kept_of(&mut self, more: Option<More>, last: Term) -> Option<More> {
        let More { repeats, others } = more?;
        let zero = self.terms.int(0);
        Some(More {
            repeats: self.terms.ite(last, repeats, zero),
            others: self.terms.ite(last, others, zero),
        })
    }

    /// A number of items as a value, with more of them.
    pub(super) fn counted(&mut self, size: Term, more: More) -> Shape {
        let total = self.terms.add([size, more.repeats, more.others]);
        Shape::Number(Num::int(total))
    }
}
