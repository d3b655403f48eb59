//! Folds and comprehensions over lists.

use super::evaluator::{Evaluator, Outcome, undefined};
use super::logic::absorb;
use super::{Reason, Shared, Undefined};
use crate::expr::{ExprId, Fold};
use crate::value::Value;

impl<'e> Evaluator<'e> {
    pub(super) fn fold(
        &mut self,
        id: ExprId,
        fold: Fold,
        list: ExprId,
        body: ExprId,
    ) -> Outcome<'e> {
        let items = self.eval(list)?.items();
        let items = items.ok_or(undefined(id, Reason::WrongKind))?;
        match fold {
            Fold::All => self.any(items, body, false),
            Fold::Exists => self.any(items, body, true),
            Fold::ExistsOne => {
                let kept = self.kept(items, body)?;
                Ok(Shared::bool(kept.len() == 1))
            }
            Fold::Filter => Ok(listed(self.kept(items, body)?)),
            Fold::Map => {
                let values = items.into_iter().map(|item| self.with_item(item, body));
                Ok(listed(values.collect::<Result<_, _>>()?))
            }
            Fold::MapPresent => {
                let values = items.into_iter().map(|item| self.with_item(item, body));
                Ok(listed(values.filter_map(Result::ok).collect()))
            }
        }
    }

    /// The `decisive` value where the condition has it for an item.
    fn any(&mut self, items: Vec<Shared<'e>>, body: ExprId, decisive: bool) -> Outcome<'e> {
        let held = items.into_iter().map(|item| self.holds_for(item, body));
        absorb(held, decisive)
    }

    /// The items for which the condition holds; undefined if it is for any.
    fn kept(&mut self, items: Vec<Shared<'e>>, body: ExprId) -> Result<Vec<Shared<'e>>, Undefined> {
        let mut kept = Vec::new();
        for item in items {
            if self.holds_for(item.clone(), body)? {
                kept.push(item);
            }
        }
        Ok(kept)
    }

    fn holds_for(&mut self, item: Shared<'e>, body: ExprId) -> Result<bool, Undefined> {
        let value = self.with_item(item, body)?;
        let held = value.get().as_bool();
        held.ok_or(undefined(body, Reason::WrongKind))
    }
}

fn listed<'e>(values: Vec<Shared<'e>>) -> Shared<'e> {
    let values = values.iter().map(|value| value.get().clone());
    Shared::made(Value::List(values.collect()))
}
