//! Logic with three values, and what else looks at definedness.

use super::evaluator::{Evaluator, Outcome, undefined};
use super::{Reason, Shared, Undefined};
use crate::expr::ExprId;

impl<'e> Evaluator<'e> {
    pub(super) fn not(&mut self, operand: ExprId) -> Outcome<'e> {
        Ok(Shared::bool(!self.holds(operand)?))
    }

    pub(super) fn and(&mut self, operands: &[ExprId]) -> Outcome<'e> {
        let held = operands.iter().map(|operand| self.holds(*operand));
        absorb(held, false)
    }

    pub(super) fn or(&mut self, operands: &[ExprId]) -> Outcome<'e> {
        let held = operands.iter().map(|operand| self.holds(*operand));
        absorb(held, true)
    }

    pub(super) fn guard(&mut self, guard: ExprId, rule: ExprId) -> Outcome<'e> {
        if self.holds(guard)? {
            return Ok(Shared::bool(self.holds(rule)?));
        }
        Ok(Shared::bool(true))
    }

    pub(super) fn conditional(
        &mut self,
        condition: ExprId,
        yes: ExprId,
        no: ExprId,
    ) -> Outcome<'e> {
        let arm = if self.holds(condition)? { yes } else { no };
        self.eval(arm)
    }

    /// The value where the condition is true; undefined elsewhere.
    pub(super) fn where_true(
        &mut self,
        id: ExprId,
        condition: ExprId,
        value: ExprId,
    ) -> Outcome<'e> {
        match self.holds(condition)? {
            true => self.eval(value),
            false => Err(undefined(id, Reason::Absent)),
        }
    }

    pub(super) fn or_else(&mut self, first: ExprId, second: ExprId) -> Outcome<'e> {
        self.eval(first).or_else(|_| self.eval(second))
    }

    /// Whether the request is about a resource that is there.
    pub(super) fn exists(&mut self, resource: ExprId) -> Shared<'e> {
        Shared::bool(self.eval(resource).is_ok())
    }

    /// `==` where `wanted`, else `!=`: values of different kinds differ.
    pub(super) fn equal(&mut self, a: ExprId, b: ExprId, wanted: bool) -> Outcome<'e> {
        let (a, b) = (self.eval(a)?, self.eval(b)?);
        Ok(Shared::bool((a.get() == b.get()) == wanted))
    }
}

/// The `decisive` value where an operand has it, else undefined where one is,
/// else the other value.
pub(super) fn absorb<'e>(
    operands: impl Iterator<Item = Result<bool, Undefined>>,
    decisive: bool,
) -> Outcome<'e> {
    let mut first_undefined = None;
    for operand in operands {
        match operand {
            Ok(held) if held == decisive => return Ok(Shared::bool(decisive)),
            Ok(_) => {}
            Err(undefined) => {
                first_undefined.get_or_insert(undefined);
            }
        }
    }
    first_undefined.map_or(Ok(Shared::bool(!decisive)), Err)
}
