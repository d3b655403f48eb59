//! Lists: folds, sums, sizes and entries.

use super::any::Kind;
use super::constrain::pattern_of;
use super::lists::has_texts;
use super::slots::{Leaf, Slot};
use super::{Env, Item, List, Lowering, Num, Shape, Source, Sym, Truth};
use crate::expr::{ExprId, Fold, Op, Type};
use crate::search::smt::{Sort, Term};
use crate::value::Number;

impl Lowering<'_> {
    pub(super) fn list_literal(&mut self, items: Vec<Sym>) -> Sym {
        let defined: Vec<Term> = items.iter().map(|item| item.defined).collect();
        let defined = self.terms.and(defined);
        let active = self.terms.bool(true);
        let length = self.terms.int(items.len());
        let items = items.into_iter().map(|value| Item { active, value });
        let list = List {
            items: items.collect(),
            length: Some(length),
            is_packed: true,
            ..List::default()
        };
        self.when(defined, Shape::List(list))
    }

    /// A list, and where it is one at all; else what `id`, which reads it, is.
    pub(super) fn list(
        &mut self,
        id: ExprId,
        list: ExprId,
        env: &Env,
    ) -> Result<(Term, List), Sym> {
        let list = self.lower(list, env);
        let live = self.live(&list);
        match list.shape {
            Shape::List(list) => Ok((live, list)),
            Shape::Nothing => Err(self.undefined()),
            _ => Err(self.free(id)),
        }
    }

    pub(super) fn fold(
        &mut self,
        id: ExprId,
        (fold, list, body): (Fold, ExprId, ExprId),
        env: &Env,
    ) -> Sym {
        let (live, list) = match self.list(id, list, env) {
            Ok(found) => found,
            Err(other) => return other,
        };
        let needed = if fold == Fold::ExistsOne { 2 } else { 1 };
        self.looks_for(needed, id, &list, env);
        let items = &list.items;
        let mut inner = env.clone();
        inner.width *= items.len().max(1);
        let bodies: Vec<Sym> = items
            .iter()
            .map(|item| {
                let mut inner = inner.clone();
                inner.items.push(item.value.clone());
                self.lower(body, &inner)
            })
            .collect();
        let unknown = list.unknown;
        let truth = match fold {
            Fold::Map | Fold::MapPresent | Fold::Filter => {
                return self.new_list(fold, live, &list, &bodies);
            }
            Fold::All => {
                let mut negated = self.truths(items, &bodies, true);
                negated.extend(self.others_of(unknown));
                let any = self.any(&negated);
                Truth {
                    yes: any.no,
                    no: any.yes,
                }
            }
            Fold::Exists => {
                let mut truths = self.truths(items, &bodies, false);
                truths.extend(self.others_of(unknown));
                self.any(&truths)
            }
            Fold::ExistsOne => self.exactly_one(items, &bodies),
        };
        let truth = Truth {
            yes: self.terms.and([live, truth.yes]),
            no: self.terms.and([live, truth.no]),
        };
        let known = self.condition(truth);
        match unknown.filter(|_| fold == Fold::ExistsOne) {
            Some(unknown) => {
                let free = self.free_where(id, live);
                self.ite(unknown, &free, &known)
            }
            None => known,
        }
    }

    /// Items of which nothing is known, as one: true, false or undefined.
    fn others_of(&mut self, unknown: Option<Term>) -> Option<(Term, Truth)> {
        let unknown = unknown?;
        let [yes, known] = ["opaque"; 2].map(|name| self.terms.var(name, Sort::Bool));
        let not = self.terms.not(yes);
        let truth = Truth {
            yes: self.terms.and([known, yes]),
            no: self.terms.and([known, not]),
        };
        Some((unknown, truth))
    }

    fn truths(&mut self, items: &[Item], bodies: &[Sym], negated: bool) -> Vec<(Term, Truth)> {
        let pairs = items.iter().zip(bodies).map(|(item, body)| {
            let truth = self.truth_of(body);
            let truth = if negated {
                Truth {
                    yes: truth.no,
                    no: truth.yes,
                }
            } else {
                truth
            };
            (item.active, truth)
        });
        pairs.collect()
    }

    fn exactly_one(&mut self, items: &[Item], bodies: &[Sym]) -> Truth {
        let truths = self.truths(items, bodies, false);
        let (zero, one) = (self.terms.int(0), self.terms.int(1));
        let mut defined = Vec::new();
        let mut counted = vec![zero];
        for (active, truth) in truths {
            let known = self.terms.or([truth.yes, truth.no]);
            defined.push(self.terms.implies(active, known));
            let counts = self.terms.and([active, truth.yes]);
            counted.push(self.terms.ite(counts, one, zero));
        }
        let defined = self.terms.and(defined);
        let count = self.terms.add(counted);
        let is_one = self.terms.eq(count, one);
        let not = self.terms.not(is_one);
        Truth {
            yes: self.terms.and([defined, is_one]),
            no: self.terms.and([defined, not]),
        }
    }

    fn new_list(&mut self, fold: Fold, live: Term, list: &List, bodies: &[Sym]) -> Sym {
        let mut defined = vec![live];
        let mut made = Vec::new();
        // Whether the last encoded item, which others are like, is kept.
        let mut last = self.terms.bool(true);
        for (item, body) in list.items.iter().zip(bodies) {
            let (kept, value) = match fold {
                Fold::Filter => {
                    let truth = self.truth_of(body);
                    let known = self.terms.or([truth.yes, truth.no]);
                    defined.push(self.terms.implies(item.active, known));
                    (truth.yes, item.value.clone())
                }
                Fold::MapPresent => (body.defined, body.clone()),
                _ => {
                    defined.push(self.terms.implies(item.active, body.defined));
                    (self.terms.bool(true), body.clone())
                }
            };
            let active = self.terms.and([item.active, kept]);
            made.push(Item { active, value });
            last = kept;
        }
        let defined = self.terms.and(defined);
        let more = self.kept_of(list.more, last);
        let more = match fold {
            Fold::Filter => more,
            // What differs may be alike once it is mapped.
            _ => self.repeats_only(list, more),
        };
        let list = List {
            items: made,
            length: list.length.filter(|_| fold == Fold::Map),
            more,
            is_packed: fold == Fold::Map && list.is_packed,
            sources: list.sources.clone(),
            unknown: list.unknown,
        };
        self.when(defined, Shape::List(list))
    }

    pub(super) fn sum(&mut self, id: ExprId, operands: &[ExprId], env: &Env) -> Sym {
        let Some(list) = operands.first() else {
            return self.undefined();
        };
        let (live, list) = match self.list(id, *list, env) {
            Ok(found) => found,
            Err(other) => return other,
        };
        let items = &list.items;
        let unknown = |item: &Item| !matches!(item.value.shape, Shape::Number(_) | Shape::Nothing);
        if items.iter().any(unknown) {
            return self.free(id);
        }
        let zero = Num::constant(&mut self.terms, &Number::default());
        let mut defined = vec![live];
        let mut parts = Vec::new();
        for item in items {
            let item_live = self.live(&item.value);
            defined.push(self.terms.implies(item.active, item_live));
            if let Shape::Number(num) = &item.value.shape {
                parts.push(Num::ite(&mut self.terms, item.active, num, &zero));
            }
        }
        let defined = self.terms.and(defined);
        let last = parts.last().cloned();
        let total = Num::sum(&mut self.terms, &parts);
        if list.more.is_some() {
            self.no_others(&list);
        }
        let known = self.when(defined, Shape::Number(total.clone()));
        self.whole_list(id, live, &list, known, |this, more| {
            let last = last?;
            let repeats = Num::int(more.repeats);
            let rest = repeats.times(&mut this.terms, &last);
            let total = Num::sum(&mut this.terms, &[total, rest]);
            Some(this.when(defined, Shape::Number(total)))
        })
    }

    /// `min` and `max`: of the operands, or of the only operand's items.
    pub(super) fn extreme(&mut self, id: ExprId, op: Op, operands: &[ExprId], env: &Env) -> Sym {
        let is_list = |of: &ExprId| matches!(self.model.arena.ty(*of), Type::List(_));
        if let [only] = operands
            && is_list(only)
        {
            let (live, list) = match self.list(id, *only, env) {
                Ok(found) => found,
                Err(other) => return other,
            };
            if has_texts(&list) {
                return self.unencoded(id, operands, env);
            }
            let some = self.terms.or(list.items.iter().map(|item| item.active));
            let live = self.terms.and([live, some]);
            let found = self.extreme_of(id, op, live, &list.items);
            return self.unless_cut(id, live, &list, found);
        }
        let always = self.terms.bool(true);
        let values = operands.iter().map(|of| Item {
            active: always,
            value: self.lower(*of, env),
        });
        let values: Vec<Item> = values.collect();
        let list = List {
            items: values,
            ..List::default()
        };
        if has_texts(&list) {
            return self.unencoded(id, operands, env);
        }
        self.extreme_of(id, op, always, &list.items)
    }

    fn extreme_of(&mut self, id: ExprId, op: Op, live: Term, items: &[Item]) -> Sym {
        let mut defined = vec![live];
        // The extreme of the items so far, and whether there is one.
        let mut best: Option<(Term, Num)> = None;
        for item in items {
            let item_live = self.live(&item.value);
            defined.push(self.terms.implies(item.active, item_live));
            let num = match &item.value.shape {
                Shape::Number(num) | Shape::Time(num) | Shape::Duration(num) => num.clone(),
                Shape::Nothing => continue,
                _ => return self.free(id),
            };
            best = Some(match best {
                None => (item.active, num),
                Some((some, before)) => {
                    let wins = if op == Op::Min {
                        num.le(&mut self.terms, &before)
                    } else {
                        before.le(&mut self.terms, &num)
                    };
                    let none = self.terms.not(some);
                    let wins = self.terms.or([none, wins]);
                    let wins = self.terms.and([item.active, wins]);
                    let extreme = Num::ite(&mut self.terms, wins, &num, &before);
                    (self.terms.or([some, item.active]), extreme)
                }
            });
        }
        let Some((_, best)) = best else {
            return self.undefined();
        };
        let defined = self.terms.and(defined);
        let shape = match self.model.arena.ty(id) {
            Type::Time => Shape::Time(best),
            Type::Duration => Shape::Duration(best),
            _ => Shape::Number(best),
        };
        self.when(defined, shape)
    }

    pub(super) fn size(&mut self, id: ExprId, operands: &[ExprId], env: &Env) -> Sym {
        let Some(of) = operands.first().map(|of| self.lower(*of, env)) else {
            return self.undefined();
        };
        let live = self.live(&of);
        let size = match &of.shape {
            Shape::Text(text) => {
                self.asks_length = true;
                text.length
            }
            Shape::Any(value) => {
                self.asks_length = true;
                let kinds = [Kind::Text, Kind::List, Kind::Object];
                let [is_text, is_list, is_object] = kinds.map(|kind| self.is_kind(value, kind));
                let length = value.text.length.unwrap_or_else(|| self.terms.int(0));
                let has_size = self.terms.or([is_text, is_list, is_object]);
                let live = self.terms.and([live, has_size]);
                let of_text = self.when(live, Shape::Number(Num::int(length)));
                // Of lists and objects it isn't known.
                self.unencoded.insert(id);
                let mut other = self.free(id);
                other.defined = live;
                other.null = self.terms.bool(false);
                return self.ite(is_text, &of_text, &other);
            }
            Shape::List(list) => {
                if let Some(length) = list.length {
                    return self.when(live, Shape::Number(Num::int(length)));
                }
                let (zero, one) = (self.terms.int(0), self.terms.int(1));
                let counted = list.items.iter();
                let counted: Vec<Term> = counted
                    .map(|item| self.terms.ite(item.active, one, zero))
                    .collect();
                let size = self.terms.add(counted.into_iter().chain([zero]));
                let known = self.when(live, Shape::Number(Num::int(size)));
                return self.whole_list(id, live, list, known, |this, more| {
                    let counted = this.counted(size, more);
                    Some(this.when(live, counted))
                });
            }
            Shape::Map(entries) => Some(self.terms.int(entries.len())),
            record if record.has_keys() => return self.members(id, &of),
            Shape::Nothing => return self.undefined(),
            _ => None,
        };
        match size {
            Some(size) => self.when(live, Shape::Number(Num::int(size))),
            None => self.free(id),
        }
    }

    /// How many members an object has.
    fn members(&mut self, id: ExprId, of: &Sym) -> Sym {
        let Some(keys) = self.keys(&of.shape) else {
            return self.free(id);
        };
        let live = self.live(of);
        let (zero, one) = (self.terms.int(0), self.terms.int(1));
        let mut counted = vec![zero];
        for key in &keys.all {
            let (_, there) = self.member(of, key);
            counted.push(self.terms.ite(there, one, zero));
        }
        let count = self.terms.add(counted);
        let known = self.when(live, Shape::Number(Num::int(count)));
        self.unless_others(id, live, (&of.shape, &keys), known)
    }

    /// `list[i]` or `map[key]`
    pub(super) fn index(&mut self, id: ExprId, operands: &[ExprId], env: &Env) -> Sym {
        let Some((base, at)) = self.pair(operands, env) else {
            return self.undefined();
        };
        let (live_base, live_at) = (self.live(&base), self.live(&at));
        let live = self.terms.and([live_base, live_at]);
        let choices: Vec<(Term, Sym)> = match (&base.shape, &at.shape) {
            (record, Shape::Text(key)) if record.has_keys() => match self.at_key(key, &base) {
                Some(entries) => entries,
                None => return self.unencoded(id, operands, env),
            },
            (Shape::List(list), Shape::Number(at)) => self.entries(list, at),
            (Shape::Nothing, _) | (_, Shape::Nothing) => return self.undefined(),
            _ => return self.free(id),
        };
        let mut found = self.undefined();
        for (chosen, value) in choices.iter().rev() {
            found = self.ite(*chosen, value, &found);
        }
        found.defined = self.terms.and([live, found.defined]);
        match &base.shape {
            record if record.has_keys() => {
                let by = operands.last().copied().unwrap_or(id);
                match self.keys(&base.shape) {
                    Some(keys) if !self.are_all(by, &keys) && !keys.hold(&at.shape) => {
                        self.unless_others(id, live, (&base.shape, &keys), found)
                    }
                    _ => found,
                }
            }
            Shape::List(list) => self.unless_cut(id, live, list, found),
            _ => found,
        }
    }

    /// Notes that `id` asks whether a list has certain items, so many at most.
    /// A list that is too long to be encoded may stand for the items asked
    /// for, filled up with others: its encoded items can be any of its own.
    /// That is exact as long as no more are asked for than are encoded.
    pub(super) fn looks_for(&mut self, needed: usize, id: ExprId, list: &List, env: &Env) {
        // Within other folds once for each of their items.
        let times = if self.open_depth(id) > 0 {
            env.width
        } else {
            1
        };
        let needed = needed * times;
        for source in &list.sources {
            let looks = self.looked_at.entry(*source).or_default();
            looks.insert((id, env.state_version, env.moment), needed);
        }
    }

    /// The lists that are asked for more items than are encoded, in words.
    pub fn overdrawn(&self) -> Vec<String> {
        let overdrawn = self.looked_at.iter().filter_map(|(source, looks)| {
            let needed: usize = looks.values().sum();
            let bound = match source {
                Source::Field(id) => match self.slot(*id).leaf {
                    Leaf::List { bound, .. } => bound,
                    _ => return None,
                },
                Source::All(all) => all.encoded,
            };
            (needed > bound).then(|| self.at_most(*source)).flatten()
        });
        overdrawn.collect()
    }

    /// How a list is restricted, in words.
    fn at_most(&self, source: Source) -> Option<String> {
        match source {
            Source::Field(id) => {
                let slot = self.slot(id);
                match slot.leaf {
                    Leaf::List { bound, .. } => Some(at_most(slot, bound)),
                    _ => None,
                }
            }
            Source::All(all) => {
                let found = self.model.resource(all.resource);
                let plural = found.plural.as_deref().unwrap_or(&found.name);
                Some(format!("at most {} `{plural}`", all.encoded))
            }
        }
    }

    /// What `id` says of a list as a whole: known only where all of its items
    /// are encoded.
    pub(super) fn unless_cut(&mut self, id: ExprId, live: Term, list: &List, known: Sym) -> Sym {
        if is_plain(&known.shape) {
            return self.whole_list(id, live, list, known, |_, _| None);
        }
        for source in &list.sources {
            let words = self.at_most(*source);
            self.narrowed.extend(words);
        }
        known
    }

    /// For each item, where it is the one at position `at`: so many active
    /// items stand before it.
    pub(super) fn entries(&mut self, list: &List, at: &Num) -> Vec<(Term, Sym)> {
        let (zero, one) = (self.terms.int(0), self.terms.int(1));
        let mut before = zero;
        let mut found = Vec::new();
        for (position, item) in list.items.iter().enumerate() {
            let position = self.terms.int(position);
            let here = Num::int(if list.is_packed { position } else { before });
            let is_here = at.eq(&mut self.terms, &here);
            found.push((self.terms.and([item.active, is_here]), item.value.clone()));
            let step = self.terms.ite(item.active, one, zero);
            before = self.terms.add([before, step]);
        }
        found
    }
}

/// Whether an unknown value can stand for one of this kind without blurring
/// what is known of it. Of a text it is known whether it may be a date.
fn is_plain(shape: &Shape) -> bool {
    matches!(
        shape,
        Shape::Nothing | Shape::Bool(_) | Shape::Number(_) | Shape::Time(_) | Shape::Duration(_)
    )
}

/// How a list of a request is restricted, in words.
pub(super) fn at_most(slot: &Slot, bound: usize) -> String {
    format!("`{}` has at most {bound} items", pattern_of(&slot.location))
}
