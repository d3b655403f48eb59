//! Lists: folds, sums, sizes and entries.

use super::{Env, Item, Lowering, Num, Shape, Sym, Truth};
use crate::expr::{ExprId, Fold};
use crate::search::smt::Term;
use crate::value::Number;

impl Lowering<'_> {
    pub(super) fn list_literal(&mut self, items: Vec<Sym>) -> Sym {
        let defined: Vec<Term> = items.iter().map(|item| item.defined).collect();
        let defined = self.terms.and(defined);
        let active = self.terms.bool(true);
        let items = items.into_iter().map(|value| Item { active, value });
        let items = items.collect();
        self.when(defined, Shape::List(items))
    }

    /// The items of a list, and where it is a list at all; else what `id`,
    /// which reads them, is.
    fn items(&mut self, id: ExprId, list: ExprId, env: &Env) -> Result<(Term, Vec<Item>), Sym> {
        let list = self.lower(list, env);
        let live = self.live(&list);
        match list.shape {
            Shape::List(items) => Ok((live, items)),
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
        let (live, items) = match self.items(id, list, env) {
            Ok(found) => found,
            Err(other) => return other,
        };
        let bodies: Vec<Sym> = items
            .iter()
            .map(|item| {
                let mut inner = env.clone();
                inner.items.push(item.value.clone());
                self.lower(body, &inner)
            })
            .collect();
        let truth = match fold {
            Fold::Map | Fold::MapPresent | Fold::Filter => {
                return self.new_list(fold, live, &items, &bodies);
            }
            Fold::All => {
                let negated = self.truths(&items, &bodies, true);
                let any = self.any(&negated);
                Truth {
                    yes: any.no,
                    no: any.yes,
                }
            }
            Fold::Exists => {
                let truths = self.truths(&items, &bodies, false);
                self.any(&truths)
            }
            Fold::ExistsOne => self.exactly_one(&items, &bodies),
        };
        let truth = Truth {
            yes: self.terms.and([live, truth.yes]),
            no: self.terms.and([live, truth.no]),
        };
        self.condition(truth)
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

    fn new_list(&mut self, fold: Fold, live: Term, items: &[Item], bodies: &[Sym]) -> Sym {
        let mut defined = vec![live];
        let mut made = Vec::new();
        for (item, body) in items.iter().zip(bodies) {
            let (active, value) = match fold {
                Fold::Filter => {
                    let truth = self.truth_of(body);
                    let known = self.terms.or([truth.yes, truth.no]);
                    defined.push(self.terms.implies(item.active, known));
                    (self.terms.and([item.active, truth.yes]), item.value.clone())
                }
                Fold::MapPresent => (self.terms.and([item.active, body.defined]), body.clone()),
                _ => {
                    defined.push(self.terms.implies(item.active, body.defined));
                    (item.active, body.clone())
                }
            };
            made.push(Item { active, value });
        }
        let defined = self.terms.and(defined);
        self.when(defined, Shape::List(made))
    }

    pub(super) fn sum(&mut self, id: ExprId, operands: &[ExprId], env: &Env) -> Sym {
        let Some(list) = operands.first() else {
            return self.undefined();
        };
        let (live, items) = match self.items(id, *list, env) {
            Ok(found) => found,
            Err(other) => return other,
        };
        let unknown = |item: &Item| !matches!(item.value.shape, Shape::Number(_) | Shape::Nothing);
        if items.iter().any(unknown) {
            return self.free(id);
        }
        let zero = Num::constant(&mut self.terms, &Number::default());
        let mut defined = vec![live];
        let mut parts = Vec::new();
        for item in &items {
            let item_live = self.live(&item.value);
            defined.push(self.terms.implies(item.active, item_live));
            if let Shape::Number(num) = &item.value.shape {
                parts.push(Num::ite(&mut self.terms, item.active, num, &zero));
            }
        }
        let defined = self.terms.and(defined);
        let total = Num::sum(&mut self.terms, &parts);
        self.when(defined, Shape::Number(total))
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
            Shape::List(items) => {
                let (zero, one) = (self.terms.int(0), self.terms.int(1));
                let counted: Vec<Term> = items
                    .iter()
                    .map(|item| self.terms.ite(item.active, one, zero))
                    .collect();
                Some(self.terms.add(counted.into_iter().chain([zero])))
            }
            Shape::Map(entries) => Some(self.terms.int(entries.len())),
            Shape::Nothing => return self.undefined(),
            _ => None,
        };
        match size {
            Some(size) => self.when(live, Shape::Number(Num::int(size))),
            None => self.free(id),
        }
    }

    /// `list[i]` or `map[key]`
    pub(super) fn index(&mut self, id: ExprId, operands: &[ExprId], env: &Env) -> Sym {
        let Some((base, at)) = self.pair(operands, env) else {
            return self.undefined();
        };
        let (live_base, live_at) = (self.live(&base), self.live(&at));
        let live = self.terms.and([live_base, live_at]);
        let choices: Vec<(Term, Sym)> = match (&base.shape, &at.shape) {
            (Shape::Map(entries), Shape::Text(key)) => entries
                .iter()
                .map(|(name, value)| {
                    let name = self.text_constant(name);
                    (self.same_text(key, &name), value.clone())
                })
                .collect(),
            (Shape::List(items), Shape::Number(at)) => self.entries(items, at),
            (Shape::Nothing, _) | (_, Shape::Nothing) => return self.undefined(),
            _ => return self.free(id),
        };
        let mut found = self.undefined();
        for (chosen, value) in choices.iter().rev() {
            found = self.ite(*chosen, value, &found);
        }
        found.defined = self.terms.and([live, found.defined]);
        found
    }

    /// For each item, where it is the one at position `at`: so many active
    /// items stand before it.
    fn entries(&mut self, items: &[Item], at: &Num) -> Vec<(Term, Sym)> {
        let (zero, one) = (self.terms.int(0), self.terms.int(1));
        let mut before = zero;
        let mut found = Vec::new();
        for item in items {
            let here = Num::int(before);
            let is_here = at.eq(&mut self.terms, &here);
            found.push((self.terms.and([item.active, is_here]), item.value.clone()));
            let step = self.terms.ite(item.active, one, zero);
            before = self.terms.add([before, step]);
        }
        found
    }
}
