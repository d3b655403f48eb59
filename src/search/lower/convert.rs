//! Conversions: `int(x)`, `decimal(x)`, `bool(x)` and the like.

use super::numerals::Reading;
use super::{Env, Lowering, Num, Shape, Sym, Text};
use crate::expr::{Convert, ExprId, Op};
use crate::search::smt::Term;
use crate::text::Pattern;

/// The texts that name the Booleans.
const TRUE: &str = "^(true|TRUE|True|t|1)$";
const FALSE: &str = "^(false|FALSE|False|f|0)$";

impl Lowering<'_> {
    /// `int(x)`, `decimal(x)` and the like.
    pub(super) fn convert(
        &mut self,
        id: ExprId,
        to: Convert,
        operands: &[ExprId],
        env: &Env,
    ) -> Sym {
        let Some(operand) = operands.first().map(|operand| self.lower(*operand, env)) else {
            return self.undefined();
        };
        if let Shape::Any(value) = operand.shape.clone() {
            return self.converted_any(id, to, operands, (&operand, &value), env);
        }
        self.converted(id, to, operands, operand, env)
    }

    /// The conversion of a symbolic value; `operands` are what `id` reads.
    pub(super) fn converted(
        &mut self,
        id: ExprId,
        to: Convert,
        operands: &[ExprId],
        operand: Sym,
        env: &Env,
    ) -> Sym {
        let reading = match to {
            Convert::Int => Reading::Integer,
            Convert::Decimal => Reading::Decimal,
            Convert::Bool => return self.boolean_named(id, operands, operand, env),
            Convert::Text => return self.unencoded(id, operands, env),
        };
        let live = self.live(&operand);
        match &operand.shape {
            Shape::Number(number) if to == Convert::Decimal => {
                self.when(live, Shape::Number(number.clone()))
            }
            Shape::Number(number) => {
                let whole = self.without_fraction(number);
                self.when(live, Shape::Number(Num::int(whole)))
            }
            Shape::Time(seconds) => {
                let whole = self.floor(seconds);
                self.when(live, Shape::Number(Num::int(whole)))
            }
            Shape::Text(text) => {
                // Members of enumerations are all that there are, and so is
                // what functions make of them.
                let op = Op::Convert(to);
                let of_members = self.table_of(id, op, std::slice::from_ref(&operand));
                if let Some(table) = of_members.or_else(|| self.table(id, op, operands, env)) {
                    return table;
                }
                match self.number_of(id, text, reading) {
                    Some((readable, number)) => {
                        let defined = self.terms.and([live, readable]);
                        self.when(defined, Shape::Number(number))
                    }
                    None => self.unencoded(id, operands, env),
                }
            }
            Shape::Nothing => self.undefined(),
            _ => self.unencoded(id, operands, env),
        }
    }

    /// `bool(x)`
    fn boolean_named(&mut self, id: ExprId, operands: &[ExprId], operand: Sym, env: &Env) -> Sym {
        let live = self.live(&operand);
        let named = match &operand.shape {
            Shape::Bool(_) => Some(self.when(live, operand.shape)),
            Shape::Text(text) => self.boolean_of(text, live),
            _ => None,
        };
        named.unwrap_or_else(|| self.unencoded(id, operands, env))
    }

    fn boolean_of(&mut self, text: &Text, live: Term) -> Option<Sym> {
        let yes = self.holds_for(text, &Pattern::of_rule(TRUE).ok()?)?;
        let no = self.holds_for(text, &Pattern::of_rule(FALSE).ok()?)?;
        let either = self.terms.or([yes, no]);
        let defined = self.terms.and([live, either]);
        Some(self.when(defined, Shape::Bool(yes)))
    }

    /// A number rounded towards zero.
    fn without_fraction(&mut self, number: &Num) -> Term {
        let floor = self.floor(number);
        let opposite = number.negated(&mut self.terms);
        let below = self.floor(&opposite);
        let ceiling = self.terms.neg(below);
        let zero = self.terms.int(0);
        let is_negative = self.terms.lt(number.term, zero);
        self.terms.ite(is_negative, ceiling, floor)
    }
}
