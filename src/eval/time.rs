//! Moments and durations.

use super::evaluator::{Evaluator, Outcome, undefined};
use super::{Reason, Shared};
use crate::expr::{ExprId, Op};
use crate::value::Value;
use crate::value::time::{parse_date, parse_time};

impl<'e> Evaluator<'e> {
    pub(super) fn moments(&mut self, id: ExprId, op: Op, a: ExprId, b: ExprId) -> Outcome<'e> {
        let result = self.operands(id, a, b, |a, b| match (op, a, b) {
            (Op::TimeAdd, Value::Time(a), Value::Duration(b)) => {
                Some(a.checked_add(*b).map(Value::Time))
            }
            (Op::TimeSub, Value::Time(a), Value::Duration(b)) => {
                Some(a.checked_sub(*b).map(Value::Time))
            }
            (Op::TimeDiff, Value::Time(a), Value::Time(b)) => {
                Some(a.checked_sub(*b).map(Value::Duration))
            }
            _ => None,
        })?;
        in_range(id, result)
    }

    pub(super) fn durations(&mut self, id: ExprId, op: Op, a: ExprId, b: ExprId) -> Outcome<'e> {
        let result = self.operands(id, a, b, |a, b| match (a, b) {
            (Value::Duration(a), Value::Duration(b)) if op == Op::DurationAdd => {
                Some(a.checked_add(*b).map(Value::Duration))
            }
            (Value::Duration(a), Value::Duration(b)) => {
                Some(a.checked_sub(*b).map(Value::Duration))
            }
            _ => None,
        })?;
        in_range(id, result)
    }

    pub(super) fn timestamp(&mut self, id: ExprId, text: ExprId) -> Outcome<'e> {
        let text = self.eval(text)?;
        let text = text.get().as_str();
        let text = text.ok_or(undefined(id, Reason::WrongKind))?;
        let moment = parse_time(text).or_else(|| parse_date(text));
        let moment = moment.ok_or(undefined(id, Reason::NotAMoment))?;
        Ok(Shared::made(Value::Time(moment)))
    }
}

fn in_range<'e>(id: ExprId, result: Option<Value>) -> Outcome<'e> {
    let result = result.ok_or(undefined(id, Reason::OutOfRange))?;
    Ok(Shared::made(result))
}
