//! Objects, lists and maps.

use std::sync::Arc;

use num_traits::{ToPrimitive, Zero};

use super::evaluator::{Evaluator, Outcome, undefined};
use super::numbers::number;
use super::{Reason, Shared};
use crate::expr::ExprId;
use crate::value::{Number, Value};

impl<'e> Evaluator<'e> {
    pub(super) fn get(&mut self, id: ExprId, base: ExprId, key: &str) -> Outcome<'e> {
        let base = self.eval(base)?;
        let reason = match base.get() {
            Value::Map(_) => Reason::Absent,
            _ => Reason::WrongKind,
        };
        base.part(|object| object.get(key))
            .ok_or(undefined(id, reason))
    }

    pub(super) fn has(&mut self, base: ExprId, key: &str) -> Shared<'e> {
        let base = self.eval(base);
        Shared::bool(base.is_ok_and(|base| base.get().get(key).is_some()))
    }

    pub(super) fn list(&mut self, items: &[ExprId]) -> Outcome<'e> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.push(self.eval(*item)?.get().clone());
        }
        Ok(Shared::made(Value::List(values)))
    }

    pub(super) fn map(&mut self, entries: &[(Arc<str>, ExprId)]) -> Outcome<'e> {
        let mut members = crate::value::Members::new();
        for (key, value) in entries {
            let value = self.eval(*value)?.get().clone();
            members.insert(key.clone(), value);
        }
        Ok(Shared::made(Value::Map(members)))
    }

    pub(super) fn within(&mut self, id: ExprId, a: ExprId, all: ExprId) -> Outcome<'e> {
        let found = self.operands(id, a, all, |a, all| match (a, all) {
            (a, Value::List(items)) => Some(items.contains(a)),
            (Value::String(key), Value::Map(members)) => Some(members.contains_key(key)),
            _ => None,
        })?;
        Ok(Shared::bool(found))
    }

    pub(super) fn size(&mut self, id: ExprId, of: ExprId) -> Outcome<'e> {
        let of = self.eval(of)?;
        let size = match of.get() {
            Value::String(text) => text.chars().count(),
            Value::List(items) => items.len(),
            Value::Map(members) => members.len(),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Time(_)
            | Value::Duration(_) => return Err(undefined(id, Reason::WrongKind)),
        };
        Ok(Shared::made(Value::int(size)))
    }

    pub(super) fn index(&mut self, id: ExprId, base: ExprId, index: ExprId) -> Outcome<'e> {
        let (base, index) = (self.eval(base)?, self.eval(index)?);
        let reason = match (base.get(), index.get()) {
            (Value::List(_), Value::Number(_)) | (Value::Map(_), Value::String(_)) => {
                Reason::NoEntry
            }
            _ => Reason::WrongKind,
        };
        base.part(|base| entry(base, index.get()))
            .ok_or(undefined(id, reason))
    }

    pub(super) fn sum(&mut self, id: ExprId, list: ExprId) -> Outcome<'e> {
        let list = self.eval(list)?;
        let Value::List(items) = list.get() else {
            return Err(undefined(id, Reason::WrongKind));
        };
        let total = items
            .iter()
            .try_fold(Number::zero(), |sum, item| Some(sum + item.as_number()?));
        total.map(number).ok_or(undefined(id, Reason::WrongKind))
    }
}

/// The item at an integral position from 0, or the value of a key.
fn entry<'v>(base: &'v Value, index: &Value) -> Option<&'v Value> {
    match (base, index) {
        (Value::List(items), Value::Number(at)) if at.is_integer() => {
            items.get(at.numer().to_usize()?)
        }
        (Value::Map(members), Value::String(key)) => members.get(key),
        _ => None,
    }
}
