//! Functions of lists.

use super::{Env, Item, List, Lowering, Num, Shape, Sym};
use crate::expr::{ExprId, ListOp};
use crate::search::smt::Term;

impl Lowering<'_> {
    pub(super) fn list_function(
        &mut self,
        id: ExprId,
        op: ListOp,
        operands: &[ExprId],
        env: &Env,
    ) -> Sym {
        match op {
            ListOp::Keys => return self.keys_of(id, operands, env),
            ListOp::Indexes => return self.positions_of(id, operands, env),
            ListOp::IndexOf | ListOp::LastIndexOf => {
                return self.position_in(id, op, operands, env);
            }
            _ => {}
        }
        let mut live = Vec::new();
        let mut lists = Vec::new();
        for operand in operands {
            match self.list(id, *operand, env) {
                Ok((there, list)) => {
                    live.push(there);
                    lists.push(list);
                }
                Err(other) => return other,
            }
        }
        let live = self.terms.and(live);
        let mut lists = lists.into_iter();
        let (Some(first), second) = (lists.next(), lists.next()) else {
            return self.undefined();
        };
        match (op, second) {
            (ListOp::Concat, Some(second)) => {
                let both = self.concatenated(first, second);
                self.when(live, Shape::List(both))
            }
            (ListOp::Flatten, None) => self.flattened(id, live, &first),
            (ListOp::Unique, None) => {
                let unique = self.unique(&first);
                self.when(live, Shape::List(unique))
            }
            (ListOp::Distinct, None) => {
                let pairs = self.pairs(&first);
                let differ = pairs.into_iter().map(|(both, a, b)| {
                    let equal = self.equal(&a, &b);
                    self.terms.implies(both, equal.no)
                });
                let differ: Vec<Term> = differ.collect();
                let distinct = self.terms.and(differ);
                let known = self.when(live, Shape::Bool(distinct));
                self.whole_list(id, live, &first, known, |this, more| {
                    let zero = this.terms.int(0);
                    let no_repeats = this.terms.eq(more.repeats, zero);
                    let distinct = this.terms.and([distinct, no_repeats]);
                    Some(this.when(live, Shape::Bool(distinct)))
                })
            }
            (ListOp::IsSorted, None) if has_texts(&first) => self.unencoded(id, operands, env),
            (ListOp::IsSorted, None) => self.sorted(id, live, &first),
            _ => self.unencoded(id, operands, env),
        }
    }

    /// The position of the first or last item that equals another value.
    fn position_in(&mut self, id: ExprId, op: ListOp, operands: &[ExprId], env: &Env) -> Sym {
        let [list, item] = operands else {
            return self.undefined();
        };
        let (live, list) = match self.list(id, *list, env) {
            Ok(found) => found,
            Err(other) => return other,
        };
        let item = self.lower(*item, env);
        let live = self.terms.and([live, item.defined]);
        if list.more.is_some() {
            self.no_others(&list);
        }
        let last = list.items.last().cloned();
        let list = self.packed(list);
        let mut at = Num::int(self.terms.int(-1));
        let mut defined = vec![live];
        let mut positions: Vec<(usize, &Item)> = list.items.iter().enumerate().collect();
        // The last choice that is made decides.
        if op == ListOp::IndexOf {
            positions.reverse();
        }
        let before = self.open_parts;
        for (position, one) in positions {
            let equal = self.equal(&item, &one.value);
            let known = self.terms.or([equal.yes, equal.no]);
            defined.push(self.terms.implies(one.active, known));
            let found = self.terms.and([one.active, equal.yes]);
            let here = Num::int(self.terms.int(position));
            at = Num::ite(&mut self.terms, found, &here, &at);
        }
        if self.open_parts > before {
            self.unencoded.insert(id);
        }
        let defined = self.terms.and(defined);
        let known = self.when(defined, Shape::Number(at.clone()));
        self.whole_list(id, live, &list, known, |this, more| {
            if op == ListOp::IndexOf {
                return Some(this.when(defined, Shape::Number(at)));
            }
            // Behind the last that is encoded stand more that equal it.
            let last = last?;
            let equal = this.equal(&item, &last.value);
            let active: Vec<Term> = list.items.iter().map(|item| item.active).collect();
            let encoded = this.count(&active);
            let (zero, one) = (this.terms.int(0), this.terms.int(1));
            let repeats = this.terms.lt(zero, more.repeats);
            let repeats = this.terms.and([last.active, equal.yes, repeats]);
            let end = this.terms.add([encoded, more.repeats]);
            let end = this.terms.sub(end, one);
            let at = Num::ite(&mut this.terms, repeats, &Num::int(end), &at);
            Some(this.when(defined, Shape::Number(at)))
        })
    }

    fn concatenated(&mut self, first: List, second: List) -> List {
        let length = match (first.length, second.length) {
            (Some(a), Some(b)) => Some(self.terms.add([a, b])),
            _ => None,
        };
        let unknown = self
            .terms
            .or(first.unknown.into_iter().chain(second.unknown));
        let is_full = |item: &Item| self.terms.as_bool(item.active) == Some(true);
        List {
            length,
            unknown: (self.terms.as_bool(unknown) != Some(false)).then_some(unknown),
            more: None,
            is_packed: first.items.iter().all(is_full) && second.is_packed,
            items: first.items.into_iter().chain(second.items).collect(),
            sources: first.sources.into_iter().chain(second.sources).collect(),
        }
    }

    fn flattened(&mut self, id: ExprId, live: Term, outer: &List) -> Sym {
        let mut defined = vec![live];
        let mut flat = List {
            sources: outer.sources.clone(),
            unknown: outer.unknown,
            ..List::default()
        };
        for item in &outer.items {
            let there = self.live(&item.value);
            defined.push(self.terms.implies(item.active, there));
            let inner = match &item.value.shape {
                Shape::List(inner) => inner.clone(),
                Shape::Nothing => continue,
                _ => return self.free(id),
            };
            for one in inner.items {
                let active = self.terms.and([item.active, one.active]);
                flat.items.push(Item {
                    active,
                    value: one.value,
                });
            }
            flat.sources.extend(inner.sources);
            flat.unknown = flat.unknown.or(inner.unknown);
        }
        let defined = self.terms.and(defined);
        self.when(defined, Shape::List(flat))
    }

    /// Without items that are equal to an earlier one.
    fn unique(&mut self, list: &List) -> List {
        let mut items: Vec<Item> = Vec::new();
        for (index, item) in list.items.iter().enumerate() {
            let mut is_first = vec![item.active];
            for earlier in list.items.iter().take(index) {
                let equal = self.equal(&earlier.value, &item.value);
                is_first.push(self.terms.implies(earlier.active, equal.no));
            }
            items.push(Item {
                active: self.terms.and(is_first),
                value: item.value.clone(),
            });
        }
        List {
            items,
            sources: list.sources.clone(),
            unknown: list.unknown,
            more: list.more.map(|more| super::More {
                repeats: self.terms.int(0),
                ..more
            }),
            ..List::default()
        }
    }

    /// The same list with every item at its position.
    pub(super) fn packed(&mut self, list: List) -> List {
        if list.is_packed {
            return list;
        }
        let mut items = Vec::new();
        for position in 0..list.items.len() {
            let at = super::Num::int(self.terms.int(position));
            let entries = self.entries(&list, &at);
            let active = self.terms.or(entries.iter().map(|(here, _)| *here));
            let mut value = self.undefined();
            for (here, entry) in entries.iter().rev() {
                value = self.ite(*here, entry, &value);
            }
            items.push(Item { active, value });
        }
        List {
            items,
            is_packed: true,
            ..list
        }
    }

    /// No item is less than one before it. An item without an order leaves
    /// this undefined where there is another one.
    fn sorted(&mut self, id: ExprId, live: Term, list: &List) -> Sym {
        let mut defined = vec![live];
        let mut sorted = Vec::new();
        for (both, a, b) in self.pairs(list) {
            let (x, y) = match (&a.shape, &b.shape) {
                (Shape::Number(x), Shape::Number(y))
                | (Shape::Time(x), Shape::Time(y))
                | (Shape::Duration(x), Shape::Duration(y)) => (x, y),
                // Null, or no value at all.
                (Shape::Nothing, _) | (_, Shape::Nothing) => {
                    defined.push(self.terms.not(both));
                    continue;
                }
                _ => return self.free_where(id, live),
            };
            let (live_a, live_b) = (self.live(&a), self.live(&b));
            let comparable = self.terms.and([live_a, live_b]);
            defined.push(self.terms.implies(both, comparable));
            let in_order = x.le(&mut self.terms, y);
            sorted.push(self.terms.implies(both, in_order));
        }
        let (defined, sorted) = (self.terms.and(defined), self.terms.and(sorted));
        let sorted = self.when(defined, Shape::Bool(sorted));
        self.unless_cut(id, live, list, sorted)
    }

    /// Every two items, the earlier first, and where both are there.
    fn pairs(&mut self, list: &List) -> Vec<(Term, Sym, Sym)> {
        let mut pairs = Vec::new();
        for (index, later) in list.items.iter().enumerate() {
            for earlier in list.items.iter().take(index) {
                let both = self.terms.and([earlier.active, later.active]);
                pairs.push((both, earlier.value.clone(), later.value.clone()));
            }
        }
        pairs
    }
}

/// Whether an item is a text, which has no encoding of its order.
pub(super) fn has_texts(list: &List) -> bool {
    let is_text = |item: &Item| matches!(item.value.shape, Shape::Text(_));
    list.items.iter().any(is_text)
}
