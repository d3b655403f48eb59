//! Arithmetic on numbers, moments and durations.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::One;

use super::texts::last_moment;
use super::{Env, Lowering, Num, Shape, Sym, Text};
use crate::expr::{ExprId, Node, Op, Rounding, TextOp, TextView, Type};
use crate::search::smt::Term;
use crate::value::time::parse_time;
use crate::value::{Number, power_of_ten, to_i64};

impl Lowering<'_> {
    pub(super) fn arithmetic(&mut self, id: ExprId, op: Op, operands: &[ExprId], env: &Env) -> Sym {
        let operands: Vec<Sym> = operands.iter().map(|id| self.lower(*id, env)).collect();
        let live: Vec<Term> = operands.iter().map(|sym| self.live(sym)).collect();
        let live = self.terms.and(live);
        let mut nums = Vec::new();
        for operand in &operands {
            match &operand.shape {
                Shape::Number(num) | Shape::Time(num) | Shape::Duration(num) => {
                    nums.push(num.clone());
                }
                Shape::Nothing => return self.undefined(),
                _ => return self.free(id),
            }
        }
        match nums.as_slice() {
            [a] => {
                let result = self.unary(op, a);
                self.when(live, Shape::Number(result))
            }
            [a, b] => self.binary(op, live, a, b),
            _ => self.undefined(),
        }
    }

    fn unary(&mut self, op: Op, a: &Num) -> Num {
        match op {
            Op::Floor => Num::int(self.floor(a)),
            Op::Ceil => {
                let negated = a.negated(&mut self.terms);
                let floor = self.floor(&negated);
                Num::int(self.terms.neg(floor))
            }
            _ => a.negated(&mut self.terms),
        }
    }

    pub(super) fn floor(&mut self, a: &Num) -> Term {
        if a.is_real(&self.terms) {
            return self.terms.floor(a.term);
        }
        let divisor = self.terms.int(a.denominator.clone());
        self.terms.div(a.term, divisor)
    }

    fn binary(&mut self, op: Op, live: Term, a: &Num, b: &Num) -> Sym {
        let sum = |this: &mut Self, negate: bool| {
            let b = if negate {
                b.negated(&mut this.terms)
            } else {
                b.clone()
            };
            Num::sum(&mut this.terms, &[a.clone(), b])
        };
        let shape = match op {
            Op::Add => Shape::Number(sum(self, false)),
            Op::Sub => Shape::Number(sum(self, true)),
            Op::TimeAdd => Shape::Time(sum(self, false)),
            Op::TimeSub => Shape::Time(sum(self, true)),
            Op::DurationAdd => Shape::Duration(sum(self, false)),
            Op::TimeDiff | Op::DurationSub => Shape::Duration(sum(self, true)),
            Op::Mul => Shape::Number(a.times(&mut self.terms, b)),
            Op::Round(mode) => Shape::Number(self.round(a, b, mode)),
            Op::Div | Op::DivTruncated | Op::Rem => {
                let zero = Num::constant(&mut self.terms, &Number::default());
                let is_zero = b.eq(&mut self.terms, &zero);
                let not_zero = self.terms.not(is_zero);
                let live = self.terms.and([live, not_zero]);
                let result = match op {
                    Op::Div => a.over(&mut self.terms, b),
                    Op::DivTruncated => Num::int(self.truncated(a.term, b.term)),
                    _ => {
                        let quotient = self.truncated(a.term, b.term);
                        let product = self.terms.mul(b.term, quotient);
                        Num::int(self.terms.sub(a.term, product))
                    }
                };
                return self.when(live, Shape::Number(result));
            }
            _ => return self.undefined(),
        };
        self.when(live, shape)
    }

    /// Integer division towards zero, over SMT-LIB's Euclidean one.
    fn truncated(&mut self, a: Term, b: Term) -> Term {
        let zero = self.terms.int(0);
        let magnitude = self.terms.abs(a);
        let quotient = self.terms.div(magnitude, b);
        let negated = self.terms.neg(quotient);
        let is_negative = self.terms.lt(a, zero);
        self.terms.ite(is_negative, negated, quotient)
    }

    /// `round(a, digits, mode)`; the digits are a constant.
    fn round(&mut self, a: &Num, digits: &Num, mode: Rounding) -> Num {
        let digits = digits.as_constant(&self.terms).and_then(|d| to_i64(&d));
        let digits = digits.and_then(|d| u32::try_from(d).ok()).unwrap_or(0);
        let power = power_of_ten(digits);
        if a.is_real(&self.terms) {
            return self.round_real(a, &power, mode);
        }
        // a * power as a fraction in lowest terms.
        let common = power.gcd(&a.denominator);
        let factor = self.terms.int(&power / &common);
        let numerator = self.terms.mul(factor, a.term);
        let denominator = &a.denominator / &common;
        if denominator.is_one() {
            return a.clone();
        }
        let rounded = self.rounded_quotient(numerator, &denominator, mode);
        Num {
            term: rounded,
            denominator: power,
        }
    }

    /// `numerator / denominator` (a constant above 1) rounded to an integer.
    fn rounded_quotient(&mut self, numerator: Term, denominator: &BigInt, mode: Rounding) -> Term {
        let zero = self.terms.int(0);
        let divisor = self.terms.int(denominator.clone());
        if mode == Rounding::HalfEven {
            return self.half_even(numerator, divisor);
        }
        let magnitude = self.terms.abs(numerator);
        let rounded = match mode {
            Rounding::Down => self.terms.div(magnitude, divisor),
            Rounding::Up => {
                let almost = self.terms.int(denominator - 1);
                let raised = self.terms.add([magnitude, almost]);
                self.terms.div(raised, divisor)
            }
            Rounding::HalfAway | Rounding::HalfEven => {
                let two = self.terms.int(2);
                let doubled = self.terms.mul(two, magnitude);
                let raised = self.terms.add([doubled, divisor]);
                let twice = self.terms.int(denominator * 2);
                self.terms.div(raised, twice)
            }
        };
        let negated = self.terms.neg(rounded);
        let is_negative = self.terms.lt(numerator, zero);
        self.terms.ite(is_negative, negated, rounded)
    }

    fn half_even(&mut self, numerator: Term, divisor: Term) -> Term {
        let (one, two, zero) = (self.terms.int(1), self.terms.int(2), self.terms.int(0));
        let floor = self.terms.div(numerator, divisor);
        let rest = self.terms.modulo(numerator, divisor);
        let doubled = self.terms.mul(two, rest);
        let above = self.terms.lt(divisor, doubled);
        let half = self.terms.eq(divisor, doubled);
        let parity = self.terms.modulo(floor, two);
        let is_even = self.terms.eq(parity, zero);
        let odd = self.terms.not(is_even);
        let half_up = self.terms.and([half, odd]);
        let up = self.terms.or([above, half_up]);
        let next = self.terms.add([floor, one]);
        self.terms.ite(up, next, floor)
    }

    fn round_real(&mut self, a: &Num, power: &BigInt, mode: Rounding) -> Num {
        let factor = self.terms.int(power.clone());
        let scaled = self.terms.mul(factor, a.term);
        let zero = self.terms.real(Number::default());
        let is_negative = self.terms.lt(scaled, zero);
        let opposite = self.terms.neg(scaled);
        let magnitude = self.terms.ite(is_negative, opposite, scaled);
        let half = self.terms.real(Number::new(1.into(), 2.into()));
        let rounded = match mode {
            Rounding::Down => self.terms.floor(magnitude),
            Rounding::Up => {
                let negated = self.terms.neg(magnitude);
                let floor = self.terms.floor(negated);
                self.terms.neg(floor)
            }
            Rounding::HalfAway => {
                let raised = self.terms.add([magnitude, half]);
                self.terms.floor(raised)
            }
            Rounding::HalfEven => {
                let raised = self.terms.add([magnitude, half]);
                let up = self.terms.floor(raised);
                let as_real = self.terms.to_real(up);
                let is_half = self.terms.eq(as_real, raised);
                let (two, one, none) = (self.terms.int(2), self.terms.int(1), self.terms.int(0));
                let parity = self.terms.modulo(up, two);
                let is_odd = self.terms.eq(parity, one);
                let lower = self.terms.and([is_half, is_odd]);
                let step = self.terms.ite(lower, one, none);
                self.terms.sub(up, step)
            }
        };
        let negated = self.terms.neg(rounded);
        Num {
            term: self.terms.ite(is_negative, negated, rounded),
            denominator: power.clone(),
        }
    }

    /// `timestamp(text)`
    pub(super) fn timestamp(&mut self, id: ExprId, operands: &[ExprId], env: &Env) -> Sym {
        let Some(operand) = operands.first() else {
            return self.undefined();
        };
        if let Some(built) = self.built_moment(*operand, env) {
            return built;
        }
        let text = self.lower(*operand, env);
        let live = self.live(&text);
        match text.shape {
            Shape::Text(Text {
                time: Some(time), ..
            }) => self.when(live, Shape::Time(time)),
            Shape::Nothing => self.undefined(),
            Shape::Text(_) => self.unencoded(id, operands, env),
            _ => self.free(id),
        }
    }

    /// The moment of `date + 'T09:30:00Z'`: so much after the day's midnight.
    fn built_moment(&mut self, text: ExprId, env: &Env) -> Option<Sym> {
        let Node::Call(Op::Text(TextOp::Concat), parts) = self.model.arena.node(text) else {
            return None;
        };
        let [day, rest] = **parts else { return None };
        let rest = self.model.arena.as_const(rest)?.as_str()?;
        // Whatever the day: leap seconds aside, the rest always means the same.
        let offset = parse_time(&format!("1970-01-01{rest}"))?;
        if !self.is_day(text) {
            return None;
        }
        let day = self.lower(day, env);
        let live = self.live(&day);
        let Shape::Text(Text {
            time: Some(time), ..
        }) = day.shape
        else {
            return None;
        };
        let offset = self.seconds(offset);
        let moment = Num::sum(&mut self.terms, &[time, offset]);
        // Later ones name no moment.
        let beyond = Num::int(self.terms.int(last_moment() + 1));
        let is_beyond = beyond.le(&mut self.terms, &moment);
        let is_held = self.terms.not(is_beyond);
        let live = self.terms.and([live, is_held]);
        Some(self.when(live, Shape::Time(moment)))
    }

    /// Whether what `text` begins with is a string of format date.
    fn is_day(&self, text: ExprId) -> bool {
        let parts = self.model.arena.node(text).children();
        let first = parts.first().map(|first| self.model.arena.ty(*first));
        first == Some(&Type::String(TextView::Date))
    }
}
