//! Functions of lists, and the extremes of several values.

use std::cmp::Ordering;

use super::evaluator::{Evaluator, Outcome, undefined};
use super::numbers::compare;
use super::{Reason, Shared};
use crate::expr::{ExprId, ListOp, Op};
use crate::value::Value;

impl<'e> Evaluator<'e> {
    pub(super) fn listed(&mut self, id: ExprId, op: ListOp, operands: &[ExprId]) -> Outcome<'e> {
        if op == ListOp::Keys {
            return self.keys(id, operands);
        }
        if let (ListOp::IndexOf | ListOp::LastIndexOf, [list, item]) = (op, operands) {
            return self.position_in(id, op, *list, *item);
        }
        let mut lists = Vec::with_capacity(operands.len());
        for operand in operands {
            let list = self.eval(*operand)?;
            match list.get() {
                Value::List(items) => lists.push(items.clone()),
                _ => return Err(undefined(id, Reason::WrongKind)),
            }
        }
        let value = match op {
            ListOp::Concat => Some(Value::List(lists.concat())),
            _ => lists.first().and_then(|items| of_one(op, items)),
        };
        value
            .map(Shared::made)
            .ok_or(undefined(id, Reason::WrongKind))
    }

    /// The position of the first or last item that equals another value.
    fn position_in(&mut self, id: ExprId, op: ListOp, list: ExprId, item: ExprId) -> Outcome<'e> {
        let (list, item) = (self.eval(list)?, self.eval(item)?);
        let Value::List(items) = list.get() else {
            return Err(undefined(id, Reason::WrongKind));
        };
        let mut items = items.iter();
        let found = match op {
            ListOp::LastIndexOf => items.rposition(|one| one == item.get()),
            _ => items.position(|one| one == item.get()),
        };
        Ok(Shared::made(
            found.map_or_else(|| Value::int(-1), Value::int),
        ))
    }

    /// The keys of an object, as it holds them.
    fn keys(&mut self, id: ExprId, operands: &[ExprId]) -> Outcome<'e> {
        let of = operands.first().ok_or(undefined(id, Reason::WrongKind))?;
        match self.eval(*of)?.get() {
            Value::Map(members) => {
                let keys = members.keys().cloned().map(Value::String);
                Ok(Shared::made(Value::List(keys.collect())))
            }
            _ => Err(undefined(id, Reason::WrongKind)),
        }
    }

    /// `min` and `max`: of the operands, or of the only operand's items.
    pub(super) fn extreme(&mut self, id: ExprId, op: Op, operands: &[ExprId]) -> Outcome<'e> {
        let mut values = Vec::with_capacity(operands.len());
        for operand in operands {
            values.push(self.eval(*operand)?);
        }
        if let [only] = values.as_slice()
            && let Some(items) = only.items()
        {
            values = items;
        }
        let wanted = if op == Op::Min {
            Ordering::Less
        } else {
            Ordering::Greater
        };
        let mut values = values.into_iter();
        let mut best = values.next().ok_or(undefined(id, Reason::NoEntry))?;
        // A single value has to be one that has an order, too.
        compare(best.get(), best.get()).ok_or(undefined(id, Reason::WrongKind))?;
        for value in values {
            let order = compare(value.get(), best.get());
            if order.ok_or(undefined(id, Reason::WrongKind))? == wanted {
                best = value;
            }
        }
        Ok(best)
    }
}

fn of_one(op: ListOp, items: &[Value]) -> Option<Value> {
    Some(match op {
        ListOp::Distinct => Value::Bool(unique(items).len() == items.len()),
        ListOp::Unique => Value::List(unique(items)),
        ListOp::Flatten => {
            let lists = items.iter().map(|item| match item {
                Value::List(items) => Some(items.clone()),
                _ => None,
            });
            let lists: Option<Vec<Vec<Value>>> = lists.collect();
            Value::List(lists?.concat())
        }
        ListOp::IsSorted => {
            let mut sorted = true;
            for pair in items.windows(2) {
                let [a, b] = pair else { continue };
                sorted &= compare(a, b)?.is_le();
            }
            Value::Bool(sorted)
        }
        ListOp::Indexes => Value::List((0..items.len()).map(Value::int).collect()),
        ListOp::IndexOf | ListOp::LastIndexOf | ListOp::Concat | ListOp::Keys => return None,
    })
}

fn unique(items: &[Value]) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    for item in items {
        if !found.contains(item) {
            found.push(item.clone());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(all: &[usize]) -> Vec<Value> {
        all.iter().map(|n| Value::int(*n)).collect()
    }

    #[test]
    fn lists_are_told_apart() {
        let value = |op, items: &[usize]| of_one(op, &numbers(items)).map(|v| v.to_string());
        assert_eq!(
            value(ListOp::Distinct, &[1, 2, 1]),
            Some("false".to_owned())
        );
        assert_eq!(value(ListOp::Distinct, &[]), Some("true".to_owned()));
        assert_eq!(value(ListOp::Unique, &[2, 1, 2]), Some("[2, 1]".to_owned()));
        assert_eq!(value(ListOp::IsSorted, &[1, 1, 3]), Some("true".to_owned()));
        assert_eq!(value(ListOp::IsSorted, &[3, 1]), Some("false".to_owned()));
        assert_eq!(value(ListOp::Flatten, &[1]), None);
        let nested = [Value::List(numbers(&[1])), Value::List(numbers(&[2, 3]))];
        let flat = of_one(ListOp::Flatten, &nested).map(|v| v.to_string());
        assert_eq!(flat, Some("[1, 2, 3]".to_owned()));
        assert_eq!(of_one(ListOp::IsSorted, &[Value::Null, Value::Null]), None);
    }
}
