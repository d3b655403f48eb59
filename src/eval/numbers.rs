//! Exact arithmetic, and the order of values.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, Zero};

use super::evaluator::{Evaluator, Outcome, undefined};
use super::{Reason, Shared, Undefined};
use crate::expr::{ExprId, Op, Rounding};
use crate::value::{Number, Value, power_of_ten, to_i64};

/// The most decimal places that `round` takes.
const MAX_DIGITS: u32 = 18;

impl<'e> Evaluator<'e> {
    /// Two operands that `of` must be able to read.
    pub(super) fn operands<T>(
        &mut self,
        id: ExprId,
        a: ExprId,
        b: ExprId,
        compute: impl FnOnce(&Value, &Value) -> Option<T>,
    ) -> Result<T, Undefined> {
        let (a, b) = (self.eval(a)?, self.eval(b)?);
        compute(a.get(), b.get()).ok_or(undefined(id, Reason::WrongKind))
    }

    pub(super) fn order(&mut self, id: ExprId, op: Op, a: ExprId, b: ExprId) -> Outcome<'e> {
        let order = self.operands(id, a, b, compare)?;
        Ok(Shared::bool(match op {
            Op::Lt => order.is_lt(),
            Op::Le => order.is_le(),
            Op::Gt => order.is_gt(),
            _ => order.is_ge(),
        }))
    }

    pub(super) fn arithmetic(&mut self, id: ExprId, op: Op, a: ExprId, b: ExprId) -> Outcome<'e> {
        let result = self.operands(id, a, b, |a, b| {
            let (a, b) = (a.as_number()?, b.as_number()?);
            Some(match op {
                Op::Add => a + b,
                Op::Sub => a - b,
                _ => a * b,
            })
        })?;
        Ok(number(result))
    }

    pub(super) fn divide(&mut self, id: ExprId, op: Op, a: ExprId, b: ExprId) -> Outcome<'e> {
        let (a, b) = (self.eval(a)?, self.eval(b)?);
        let operands = a.get().as_number().zip(b.get().as_number());
        let (a, b) = operands.ok_or(undefined(id, Reason::WrongKind))?;
        let whole = a.is_integer() && b.is_integer();
        if !whole && op != Op::Div {
            return Err(undefined(id, Reason::WrongKind));
        }
        if b.is_zero() {
            return Err(undefined(id, Reason::DivisionByZero));
        }
        // Integer division of `BigInt` truncates, and its remainder has the
        // sign of the dividend.
        Ok(number(match op {
            Op::Div => a / b,
            Op::DivTruncated => Number::from_integer(a.numer() / b.numer()),
            _ => Number::from_integer(a.numer() % b.numer()),
        }))
    }

    pub(super) fn negate(&mut self, id: ExprId, a: ExprId) -> Outcome<'e> {
        self.number_of(id, a, |a| Some(-a))
    }

    pub(super) fn whole(&mut self, id: ExprId, op: Op, a: ExprId) -> Outcome<'e> {
        self.number_of(id, a, |a| {
            Some(if op == Op::Floor { a.floor() } else { a.ceil() })
        })
    }

    pub(super) fn round(
        &mut self,
        id: ExprId,
        mode: Rounding,
        a: ExprId,
        digits: ExprId,
    ) -> Outcome<'e> {
        let digits = self.eval(digits)?;
        let places = digits.get().as_number().and_then(to_i64);
        let places = places.and_then(|places| u32::try_from(places).ok());
        self.number_of(id, a, |a| {
            let places = places.filter(|places| *places <= MAX_DIGITS)?;
            Some(round_at(a, places, mode))
        })
    }

    fn number_of(
        &mut self,
        id: ExprId,
        a: ExprId,
        compute: impl FnOnce(&Number) -> Option<Number>,
    ) -> Outcome<'e> {
        let a = self.eval(a)?;
        let result = a.get().as_number().and_then(compute);
        result.map(number).ok_or(undefined(id, Reason::WrongKind))
    }
}

/// A number as a result.
pub(super) fn number<'e>(value: Number) -> Shared<'e> {
    Shared::made(Value::Number(value))
}

/// The order of two numbers, two moments or two durations.
pub(super) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) | (Value::Duration(a), Value::Duration(b)) => {
            Some(a.cmp(b))
        }
        // By code points, as UTF-8 bytes are ordered.
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// `value` rounded to so many decimal places.
pub fn round_at(value: &Number, places: u32, mode: Rounding) -> Number {
    let scale = power_of_ten(places);
    let scaled = value * Number::from_integer(scale.clone());
    let magnitude = round_magnitude(&scaled.abs(), mode);
    let signed = if scaled.is_negative() {
        -magnitude
    } else {
        magnitude
    };
    Number::new(signed, scale)
}

/// A number that is not negative, rounded to an integer.
fn round_magnitude(value: &Number, mode: Rounding) -> BigInt {
    let (floor, rest) = value.numer().div_mod_floor(value.denom());
    let twice: BigInt = &rest * 2;
    let half = twice.cmp(value.denom());
    let up = match mode {
        Rounding::Down => false,
        Rounding::Up => !rest.is_zero(),
        Rounding::HalfAway => half.is_ge(),
        Rounding::HalfEven => half.is_gt() || (half.is_eq() && floor.is_odd()),
    };
    if up { floor + 1 } else { floor }
}
