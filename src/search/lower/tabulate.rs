//! Operators without an encoding, as tables: where each operand is one of a
//! few values, so is the result, by evaluation.
//!
//! Members of enumerations are all of those that there are. Elsewhere, in the
//! configuration that tries values, it is a restriction by name that a text or
//! number is among those: a trace that is found counts, a proof is bounded.

use std::sync::Arc;

use indexmap::IndexMap;
use itertools::Itertools;
use num_traits::ToPrimitive;

use super::constrain::pattern_of;
use super::slots::{Leaf, Slot, SlotId};
use super::{Env, Label, List, Lowering, Num, Shape, Sym, Text};
use crate::eval::{self, evaluate};
use crate::expr::{Arena, ExprId, Node, Op, Type};
use crate::search::smt::{Term, TermNode};
use crate::value::Value;

/// Combinations of operands in one table, at most.
const MAX_ROWS: usize = 400;

/// Items of lists that are looked at one by one.
const MAX_ITEMS: usize = 3;

/// A value and where it is the one; `None` where there is none.
pub(super) type Alternatives = Vec<(Term, Option<Value>)>;

impl Lowering<'_> {
    /// The operator as a table; `None` where its operands are too many values.
    pub(super) fn table(
        &mut self,
        id: ExprId,
        op: Op,
        operands: &[ExprId],
        env: &Env,
    ) -> Option<Sym> {
        let sides: Option<Vec<Alternatives>> = operands
            .iter()
            .map(|operand| self.values_of(*operand, env))
            .collect();
        self.table_over(id, op, sides?)
    }

    /// The values that an expression may have. Functions of texts within each
    /// other are tabulated in one go, since the result of a table may also be
    /// something else where none of its rows holds.
    fn values_of(&mut self, id: ExprId, env: &Env) -> Option<Alternatives> {
        let sym = self.lower(id, env);
        if let Some(known) = self.alternatives(&sym) {
            return Some(known);
        }
        let (op, operands) = match self.model.arena.node(id) {
            Node::Call(op, operands) if is_strict(*op) => (*op, operands.clone()),
            _ => return None,
        };
        let sides: Option<Vec<Alternatives>> = operands
            .iter()
            .map(|operand| self.values_of(*operand, env))
            .collect();
        self.applied(id, op, sides?)
    }

    /// The operator of `id` over symbolic values as a table.
    pub(super) fn table_of(&mut self, id: ExprId, op: Op, operands: &[Sym]) -> Option<Sym> {
        let mut sides = Vec::new();
        for operand in operands {
            sides.push(self.alternatives(operand)?);
        }
        self.table_over(id, op, sides)
    }

    fn table_over(&mut self, id: ExprId, op: Op, sides: Vec<Alternatives>) -> Option<Sym> {
        let mut rows = Vec::new();
        for (here, result) in self.applied(id, op, sides)? {
            let result = match result {
                Some(value) => self.constant(&value),
                None => self.undefined(),
            };
            rows.push((here, result));
        }
        Some(self.one_or_free(id, &rows))
    }

    /// The result whose condition holds; without the restrictions, operands may
    /// have other values.
    pub(super) fn one_or_free(&mut self, id: ExprId, rows: &[(Term, Sym)]) -> Sym {
        let is_tried = self.terms.or(rows.iter().map(|(here, _)| *here));
        let tried = self.one_of(rows);
        let free = self.free(id);
        self.ite(is_tried, &tried, &free)
    }

    /// The results over all combinations of operands, each once.
    fn applied(&mut self, id: ExprId, op: Op, sides: Vec<Alternatives>) -> Option<Alternatives> {
        let rows: usize = sides.iter().map(Vec::len).product();
        if rows > MAX_ROWS {
            return None;
        }
        let ty = self.model.arena.ty(id).clone();
        let mut results: IndexMap<Option<String>, (Option<Value>, Vec<Term>)> = IndexMap::new();
        for row in sides.into_iter().multi_cartesian_product() {
            let here = self.terms.and(row.iter().map(|(here, _)| *here));
            let values: Option<Vec<Value>> = row.into_iter().map(|(_, value)| value).collect();
            let result = values.and_then(|values| apply(op, values, &ty));
            let key = result.as_ref().map(ToString::to_string);
            let (_, ways) = results.entry(key).or_insert((result, Vec::new()));
            ways.push(here);
        }
        let results = results.into_values();
        Some(
            results
                .map(|(result, ways)| (self.terms.or(ways), result))
                .collect(),
        )
    }

    /// The result whose condition holds: exactly one does. Balanced, since
    /// there may be many.
    pub(super) fn one_of(&mut self, rows: &[(Term, Sym)]) -> Sym {
        match rows {
            [] => self.undefined(),
            [(_, only)] => only.clone(),
            rows => {
                let (left, right) = rows.split_at(rows.len() / 2);
                let here = self.terms.or(left.iter().map(|(here, _)| *here));
                let (left, right) = (self.one_of(left), self.one_of(right));
                self.ite(here, &left, &right)
            }
        }
    }

    /// The values that a symbolic one may have.
    pub(super) fn alternatives(&mut self, sym: &Sym) -> Option<Alternatives> {
        let mut found = self.alternatives_of(&sym.shape)?;
        for (here, _) in &mut found {
            let not_null = self.terms.not(sym.null);
            *here = self.terms.and([*here, sym.defined, not_null]);
        }
        if self.terms.as_bool(sym.null) != Some(false) {
            found.push((self.terms.and([sym.defined, sym.null]), Some(Value::Null)));
        }
        if self.terms.as_bool(sym.defined) != Some(true) {
            found.push((self.terms.not(sym.defined), None));
        }
        Some(found)
    }

    fn alternatives_of(&mut self, shape: &Shape) -> Option<Alternatives> {
        match shape {
            Shape::Nothing => Some(Vec::new()),
            Shape::Bool(term) => {
                let not = self.terms.not(*term);
                let values = [(*term, true), (not, false)];
                Some(
                    values
                        .map(|(here, value)| (here, Some(Value::Bool(value))))
                        .into(),
                )
            }
            Shape::Text(text) if !text.literals.is_empty() => {
                let literals = text.literals.iter();
                Some(
                    literals
                        .map(|(here, text)| (*here, Some(Value::String(text.clone()))))
                        .collect(),
                )
            }
            Shape::Text(text) if text.time.is_none() => self.texts_tried(text.identity),
            Shape::Number(num) => self.numbers_tried(num),
            Shape::List(list) if list.unknown.is_none() => self.lists_tried(list),
            _ => None,
        }
    }

    /// The lists of values tried of each item. Lists longer than
    /// [`MAX_ITEMS`] are left out by a restriction.
    fn lists_tried(&mut self, list: &List) -> Option<Alternatives> {
        let none_more = self.no_more_items(list);
        if self.terms.as_bool(none_more) != Some(true) {
            if !self.config.tabulated {
                return None;
            }
            let words =
                format!("lists whose texts are put together have at most {MAX_ITEMS} items");
            self.assume(Label::Restriction(words), none_more);
        }
        let mut lists = vec![(none_more, Some(Vec::new()))];
        for item in list.items.iter().take(MAX_ITEMS) {
            let values = self.alternatives(&item.value)?;
            if lists.len() * (values.len() + 1) > MAX_ROWS {
                return None;
            }
            lists = self.extended(&lists, item.active, &values);
        }
        let lists = lists.into_iter();
        Some(
            lists
                .map(|(here, list)| (here, list.map(Value::List)))
                .collect(),
        )
    }

    /// Where a list has no items but those that are looked at.
    fn no_more_items(&mut self, list: &List) -> Term {
        let beyond = list.items.iter().skip(MAX_ITEMS).map(|item| item.active);
        let mut more: Vec<Term> = beyond.collect();
        more.push(self.cut(list));
        let more = self.terms.or(more);
        self.terms.not(more)
    }

    /// Each list as it is, and with each value behind it.
    fn extended(
        &mut self,
        lists: &[(Term, Option<Vec<Value>>)],
        active: Term,
        values: &Alternatives,
    ) -> Vec<(Term, Option<Vec<Value>>)> {
        let absent = self.terms.not(active);
        let mut longer = Vec::new();
        for (here, list) in lists {
            longer.push((self.terms.and([*here, absent]), list.clone()));
            for (there, value) in values {
                let both = self.terms.and([*here, active, *there]);
                let list = list.clone().zip(value.clone()).map(|(mut list, value)| {
                    list.push(value);
                    list
                });
                longer.push((both, list));
            }
        }
        longer
    }

    /// The slot whose text or number is this variable.
    pub(super) fn slot_of(&self, variable: Term) -> Option<(SlotId, Slot)> {
        let mut slots = self.slots();
        let found = slots.find(|(_, slot)| match &slot.leaf {
            Leaf::Text(text) => text.identity == variable,
            Leaf::Any(any) => any.text.identity == variable || any.number.term == variable,
            Leaf::Number(num) => num.term == variable,
            _ => false,
        });
        found.map(|(id, slot)| (id, slot.clone()))
    }

    fn texts_tried(&mut self, identity: Term) -> Option<Alternatives> {
        if let TermNode::Ite(condition, a, b) = self.terms.node(identity).clone() {
            return self.either(condition, a, b, Self::texts_tried);
        }
        if let TermNode::Int(number) = self.terms.node(identity) {
            let known = self.known_texts().get(number.to_usize()?)?.clone();
            return Some(vec![(self.terms.bool(true), Some(Value::String(known)))]);
        }
        let (_, slot) = self.slot_of(identity)?;
        let members = self.model.schemas.get(slot.schema).enumeration.as_ref();
        let texts: Vec<Arc<str>> = match members {
            Some(members) => members
                .value
                .iter()
                .filter_map(Value::as_str)
                .map(Arc::from)
                .collect(),
            None if self.config.tabulated => {
                let texts = self.texts_for(&slot);
                texts.into_iter().map(Arc::from).collect()
            }
            None => return None,
        };
        let is_all = members.is_some();
        let mut tried = Vec::new();
        for text in texts {
            let number = self.texts.number(&text);
            let number = self.terms.int(number);
            tried.push((self.terms.eq(identity, number), Some(Value::String(text))));
        }
        if !is_all {
            self.only(&slot, &tried);
        }
        Some(tried)
    }

    /// All texts that a symbolic one may be, each with where it is that one;
    /// `None` where they aren't known.
    pub(super) fn all_texts(&mut self, text: &Text) -> Option<Vec<(Term, Arc<str>)>> {
        if !text.literals.is_empty() {
            return Some(text.literals.clone());
        }
        let (_, slot) = self.slot_of(text.identity)?;
        self.model.schemas.get(slot.schema).enumeration.as_ref()?;
        let members = self.texts_tried(text.identity)?.into_iter();
        let texts = members.filter_map(|(here, value)| match value {
            Some(Value::String(text)) => Some((here, text)),
            _ => None,
        });
        Some(texts.collect())
    }

    fn numbers_tried(&mut self, num: &Num) -> Option<Alternatives> {
        if let Some(value) = num.as_constant(&self.terms) {
            return Some(vec![(self.terms.bool(true), Some(Value::Number(value)))]);
        }
        if !self.config.tabulated {
            return None;
        }
        let (_, slot) = self.slot_of(num.term)?;
        let mut tried = Vec::new();
        for number in self.numbers_for(&slot) {
            let constant = Num::constant(&mut self.terms, &number);
            let here = num.eq(&mut self.terms, &constant);
            tried.push((here, Some(Value::Number(number))));
        }
        self.only(&slot, &tried);
        Some(tried)
    }

    fn either(
        &mut self,
        condition: Term,
        a: Term,
        b: Term,
        of: fn(&mut Self, Term) -> Option<Alternatives>,
    ) -> Option<Alternatives> {
        let not = self.terms.not(condition);
        let mut found = Vec::new();
        for (side, term) in [(condition, a), (not, b)] {
            for (here, value) in of(self, term)? {
                found.push((self.terms.and([side, here]), value));
            }
        }
        Some(found)
    }

    /// Restricts a location to the values that are tried.
    fn only(&mut self, slot: &Slot, tried: &Alternatives) {
        let any = self.terms.or(tried.iter().map(|(here, _)| *here));
        let there = match &slot.leaf {
            // Others are tried by evaluation only.
            Leaf::Any(_) => slot.sent,
            _ => self.holds_text(slot),
        };
        let not_null = self.terms.not(slot.null);
        let there = self.terms.and([there, not_null]);
        let fact = self.terms.implies(there, any);
        let words = format!(
            "`{}` is one of {} values that are tried",
            pattern_of(&slot.location),
            tried.len()
        );
        self.assume(Label::Restriction(words), fact);
    }
}

/// Whether an operator is undefined wherever an operand is.
fn is_strict(op: Op) -> bool {
    !matches!(
        op,
        Op::And | Op::Or | Op::If | Op::Guard | Op::OrElse | Op::Where
    )
}

/// An operator applied to values; `None` where that is undefined.
pub(super) fn apply(op: Op, values: Vec<Value>, ty: &Type) -> Option<Value> {
    let mut arena = Arena::default();
    let operands: Vec<ExprId> = values
        .into_iter()
        // The evaluator looks at values, not at the types of constants.
        .map(|value| arena.constant(value, Type::Null))
        .collect();
    let call = arena.add(Node::Call(op, operands.into()), ty.clone());
    let nothing = Value::Null;
    evaluate(&arena, eval::Env::of_right(&nothing, &[], 0), call).ok()
}
