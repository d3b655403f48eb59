//! CEL's operators, by the types of their operands.

use cel::common::ast::operators as cel_ops;

use super::advice::{alternatives, for_operands};
use super::{Elaborated, Elaborator, Env, SpanTree};
use crate::expr::{Demand, ExprId, ListOp, Op, Syntax, SyntaxKind, TextOp, TextView, Type};
use crate::source::{Code, Diagnostic};
use crate::value::Value;
use crate::value::time::{parse_date, parse_duration, parse_time};

impl<'a> Elaborator<'_, 'a> {
    /// The operator that CEL calls `name`; `None` if that is none.
    pub(super) fn operator(
        &mut self,
        syntax: &'a Syntax,
        name: &str,
        args: &'a [Syntax],
        env: &Env<'a>,
    ) -> Option<Option<Elaborated>> {
        let done = match (name, args) {
            (cel_ops::LOGICAL_AND | cel_ops::LOGICAL_OR, _) => self.chain(syntax, name, env),
            (cel_ops::LOGICAL_NOT, [operand]) => self.not(syntax, operand, env),
            (cel_ops::NEGATE, [operand]) => self.negate(syntax, operand, env),
            (cel_ops::CONDITIONAL, [condition, yes, no]) => {
                self.conditional(syntax, condition, yes, no, env)
            }
            (cel_ops::EQUALS, [a, b]) => self.equality(syntax, Op::Eq, a, b, env),
            (cel_ops::NOT_EQUALS, [a, b]) => self.equality(syntax, Op::Ne, a, b, env),
            (cel_ops::LESS, [a, b]) => self.order(syntax, Op::Lt, a, b, env),
            (cel_ops::LESS_EQUALS, [a, b]) => self.order(syntax, Op::Le, a, b, env),
            (cel_ops::GREATER, [a, b]) => self.order(syntax, Op::Gt, a, b, env),
            (cel_ops::GREATER_EQUALS, [a, b]) => self.order(syntax, Op::Ge, a, b, env),
            (cel_ops::IN, [a, b]) => self.within(syntax, a, b, env),
            (
                cel_ops::ADD
                | cel_ops::SUBSTRACT
                | cel_ops::MULTIPLY
                | cel_ops::DIVIDE
                | cel_ops::MODULO,
                [a, b],
            ) => self.arithmetic(syntax, name, a, b, env),
            _ => return None,
        };
        Some(done)
    }

    fn condition(&mut self, syntax: &'a Syntax, env: &Env<'a>) -> Option<Elaborated> {
        let read = self.expr(syntax, env)?;
        let ty = self.arena.ty(read.expr).clone();
        if ty == Type::Bool {
            return Some(read);
        }
        if ty == Type::Any {
            return Some(self.demanded(read, Demand::Bool));
        }
        self.no_condition(syntax, &read, env);
        None
    }

    /// `a && b && c` as one node, however it is nested.
    fn chain(&mut self, syntax: &'a Syntax, name: &str, env: &Env<'a>) -> Option<Elaborated> {
        let mut parts = Vec::new();
        flatten(syntax, name, &mut parts);
        if name == cel_ops::LOGICAL_OR
            && let Some((bare, help)) = alternatives(&parts)
            && let Some(part) = parts.get(bare)
        {
            let message = "each side of `||` is a condition of its own".to_owned();
            let finding = Diagnostic::error(Code::TypeMismatch, message)
                .at(env.span(part), "this is a value")
                .help(help);
            self.diagnostics.push(finding);
            return None;
        }
        let read: Vec<Option<Elaborated>> =
            parts.iter().map(|part| self.condition(part, env)).collect();
        let read: Vec<Elaborated> = read.into_iter().collect::<Option<_>>()?;
        let op = if name == cel_ops::LOGICAL_AND {
            Op::And
        } else {
            Op::Or
        };
        let ids: Vec<ExprId> = read.iter().map(|part| part.expr).collect();
        Some(Elaborated {
            expr: self.arena.call_bool(op, &ids),
            spans: env.tree(syntax, read.into_iter().map(|part| part.spans).collect()),
        })
    }

    fn not(
        &mut self,
        syntax: &'a Syntax,
        operand: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let operand = self.condition(operand, env)?;
        Some(Elaborated {
            expr: self.arena.call_bool(Op::Not, &[operand.expr]),
            spans: env.tree(syntax, vec![operand.spans]),
        })
    }

    fn negate(
        &mut self,
        syntax: &'a Syntax,
        operand: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let read = self.number(operand, env)?;
        let ty = self.arena.ty(read.expr).clone();
        if let Some(Value::Number(number)) = self.arena.as_const(read.expr) {
            let negated = Value::Number(-number.clone());
            return Some(Elaborated {
                expr: self.arena.constant(negated, ty),
                spans: env.tree(syntax, Vec::new()),
            });
        }
        Some(Elaborated {
            expr: self.arena.call(Op::Neg, &[read.expr], ty),
            spans: env.tree(syntax, vec![read.spans]),
        })
    }

    fn conditional(
        &mut self,
        syntax: &'a Syntax,
        condition: &'a Syntax,
        yes: &'a Syntax,
        no: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let condition = self.condition(condition, env);
        let (yes, no) = (self.expr(yes, env), self.expr(no, env));
        let (condition, yes, no) = (condition?, yes?, no?);
        let arms = [yes, no];
        let ty = self.joined(&arms, env.span(syntax))?;
        let [yes, no] = arms;
        Some(Elaborated {
            expr: self
                .arena
                .call(Op::If, &[condition.expr, yes.expr, no.expr], ty),
            spans: env.tree(syntax, vec![condition.spans, yes.spans, no.spans]),
        })
    }

    fn pair(
        &mut self,
        a: &'a Syntax,
        b: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<(Elaborated, Elaborated)> {
        let (a, b) = (self.expr(a, env), self.expr(b, env));
        Some((a?, b?))
    }

    fn binary(
        &mut self,
        syntax: &'a Syntax,
        op: Op,
        a: Elaborated,
        b: Elaborated,
        ty: Type,
        env: &Env<'a>,
    ) -> Elaborated {
        Elaborated {
            expr: self.arena.call(op, &[a.expr, b.expr], ty),
            spans: env.tree(syntax, vec![a.spans, b.spans]),
        }
    }

    fn mismatch(&mut self, syntax: &'a Syntax, what: &str, a: &Type, b: &Type, env: &Env<'a>) {
        let message = format!("can't {what}: {a} on the left, {b} on the right");
        let finding =
            Diagnostic::error(Code::TypeMismatch, message).at(env.span(syntax), "types don't fit");
        let help = match &syntax.kind {
            SyntaxKind::Call { name, args, .. } => match args.as_slice() {
                [left, right] => for_operands(name, (left, a), (right, b)),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        self.diagnostics
            .push(help.into_iter().fold(finding, Diagnostic::help));
    }

    fn equality(
        &mut self,
        syntax: &'a Syntax,
        op: Op,
        a: &'a Syntax,
        b: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let name = match op {
            Op::Eq => cel_ops::EQUALS,
            _ => cel_ops::NOT_EQUALS,
        };
        if self.is_negated_too_early(name, a, b, env) || self.is_nothing_asked(op, a, b, env) {
            return None;
        }
        let written = [a, b];
        let (mut a, mut b) = self.pair(a, b, env)?;
        if self.is_beyond_part(&a, &b) {
            return None;
        }
        self.compares_texts_of_moments(op, written, [&a, &b], env.span(syntax));
        let types = (self.arena.ty(a.expr).clone(), self.arena.ty(b.expr).clone());
        match &types {
            (Type::Time, Type::String(_)) => b = self.as_time(b)?,
            (Type::String(_), Type::Time) => a = self.as_time(a)?,
            (x, y) if x.comparable(y) => {}
            (x, y) => {
                self.mismatch(syntax, "compare", x, y, env);
                return None;
            }
        }
        Some(self.binary(syntax, op, a, b, Type::Bool, env))
    }

    fn order(
        &mut self,
        syntax: &'a Syntax,
        op: Op,
        a: &'a Syntax,
        b: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let (left, right) = (a, b);
        if self.is_negated_too_early(cel_ops::LESS, a, b, env) {
            return None;
        }
        let (mut a, mut b) = self.pair(a, b, env)?;
        let dated = |t: &Type| {
            matches!(
                t,
                Type::Time | Type::String(TextView::Date | TextView::DateTime)
            )
        };
        let is_duration = |of: &Syntax| {
            of.as_text()
                .is_some_and(|text| parse_duration(text).is_some())
        };
        if (dated(self.arena.ty(a.expr)) && !is_duration(right))
            || (dated(self.arena.ty(b.expr)) && !is_duration(left))
        {
            a = self.as_time(a)?;
            b = self.as_time(b)?;
        }
        let (a, b) = self.like_each_other(a, b, Demand::Number);
        let (ta, tb) = (self.arena.ty(a.expr).clone(), self.arena.ty(b.expr).clone());
        let is_mixed = is_duration(right) && dated(&ta) || is_duration(left) && dated(&tb);
        if is_mixed || !(ta.has_order() && tb.has_order() && ta.join(&tb).is_some()) {
            self.mismatch(syntax, "order", &ta, &tb, env);
            return None;
        }
        Some(self.binary(syntax, op, a, b, Type::Bool, env))
    }

    /// Of two values one of which may have any type: that one, where it has
    /// the type of the other.
    fn like_each_other(
        &mut self,
        a: Elaborated,
        b: Elaborated,
        number: Demand,
    ) -> (Elaborated, Elaborated) {
        let demand = |ty: &Type| match ty {
            ty if ty.is_number() => Some(number),
            Type::String(TextView::Plain) => Some(Demand::Text),
            _ => None,
        };
        let (ta, tb) = (self.arena.ty(a.expr).clone(), self.arena.ty(b.expr).clone());
        match (ta, tb) {
            (Type::Any, other) => match demand(&other) {
                Some(demand) => (self.demanded(a, demand), b),
                None => (a, b),
            },
            (other, Type::Any) => match demand(&other) {
                Some(demand) => (a, self.demanded(b, demand)),
                None => (a, b),
            },
            _ => (a, b),
        }
    }

    /// A value of any type where it has the one that is needed.
    pub(super) fn demanded(&mut self, read: Elaborated, demand: Demand) -> Elaborated {
        let ty = match demand {
            Demand::Bool => Type::Bool,
            Demand::Number => Type::Decimal,
            Demand::Int => Type::Int,
            Demand::Text => Type::TEXT,
        };
        let spans = SpanTree {
            span: read.spans.span,
            def: read.spans.def.clone(),
            children: vec![read.spans],
        };
        let expr = self.arena.call(Op::As(demand), &[read.expr], ty);
        Elaborated { expr, spans }
    }

    /// A moment: itself, or what a date string names.
    pub(super) fn as_time(&mut self, read: Elaborated) -> Option<Elaborated> {
        let ty = self.arena.ty(read.expr).clone();
        if ty == Type::Time {
            return Some(read);
        }
        if let Some(Value::String(text)) = self.arena.as_const(read.expr) {
            let Some(moment) = parse_date(text).or_else(|| parse_time(text)) else {
                let message = format!("`{text}` is no date such as 2030-05-01");
                self.error(Code::WrongValue, message, read.spans.span, "not a date");
                return None;
            };
            let expr = self.arena.constant(Value::Time(moment), Type::Time);
            return Some(Elaborated {
                expr,
                spans: read.spans,
            });
        }
        let is_date = match ty {
            Type::String(TextView::Plain) => !self.is_read(read.expr),
            Type::String(TextView::Date | TextView::DateTime) => true,
            _ => false,
        };
        if !is_date {
            self.wrong_type("a date", &ty, read.spans.span);
            return None;
        }
        let spans = SpanTree {
            span: read.spans.span,
            def: read.spans.def.clone(),
            children: vec![read.spans],
        };
        let expr = self.arena.call(Op::Timestamp, &[read.expr], Type::Time);
        Some(Elaborated { expr, spans })
    }

    fn within(
        &mut self,
        syntax: &'a Syntax,
        a: &'a Syntax,
        b: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        if self.is_negated_too_early(cel_ops::IN, a, b, env) {
            return None;
        }
        let (a, b) = self.pair(a, b, env)?;
        if self.is_beyond_listed(&a, &b) {
            return None;
        }
        let (ta, tb) = (self.arena.ty(a.expr).clone(), self.arena.ty(b.expr).clone());
        let fits = match &tb {
            Type::List(item) => ta.comparable(item),
            Type::Map(_) | Type::Object(_) => matches!(ta, Type::String(_)),
            _ => false,
        };
        if !fits {
            self.mismatch(syntax, "look up", &ta, &tb, env);
            return None;
        }
        Some(self.binary(syntax, Op::In, a, b, Type::Bool, env))
    }

    fn arithmetic(
        &mut self,
        syntax: &'a Syntax,
        name: &str,
        a: &'a Syntax,
        b: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let (left, right) = (a, b);
        let (mut a, mut b) = self.pair(a, b, env)?;
        if self.is_text_added_to_date(syntax, name, [(left, &a), (right, &b)], env) {
            return None;
        }
        let temporal = |t: &Type| matches!(t, Type::Time | Type::Duration);
        let dated = |t: &Type| matches!(t, Type::String(TextView::Date | TextView::DateTime));
        let types = (self.arena.ty(a.expr).clone(), self.arena.ty(b.expr).clone());
        if dated(&types.0) && temporal(&types.1) {
            a = self.as_time(a)?;
        }
        if dated(&types.1) && temporal(&types.0) {
            b = self.as_time(b)?;
        }
        if name != cel_ops::DIVIDE {
            let number = match name {
                cel_ops::MODULO => Demand::Int,
                _ => Demand::Number,
            };
            (a, b) = self.like_each_other(a, b, number);
        }
        let (ta, tb) = (self.arena.ty(a.expr).clone(), self.arena.ty(b.expr).clone());
        let Some((op, ty)) = arithmetic_op(name, &ta, &tb) else {
            self.mismatch(syntax, "calculate", &ta, &tb, env);
            return None;
        };
        if (op, &tb) == (Op::TimeAdd, &Type::Time) {
            std::mem::swap(&mut a, &mut b);
        }
        Some(self.binary(syntax, op, a, b, ty, env))
    }
}

/// The operator for two operand types, and the type of its result.
fn arithmetic_op(name: &str, a: &Type, b: &Type) -> Option<(Op, Type)> {
    use Type::{Duration, Time};
    if a.is_number() && b.is_number() {
        let ty = a.join(b)?;
        let both_int = ty == Type::Int;
        return match name {
            cel_ops::ADD => Some((Op::Add, ty)),
            cel_ops::SUBSTRACT => Some((Op::Sub, ty)),
            cel_ops::MULTIPLY => Some((Op::Mul, ty)),
            cel_ops::DIVIDE if both_int => Some((Op::DivTruncated, ty)),
            cel_ops::DIVIDE => Some((Op::Div, ty)),
            cel_ops::MODULO if both_int => Some((Op::Rem, ty)),
            _ => None,
        };
    }
    match (name, a, b) {
        (cel_ops::ADD, Time, Duration) | (cel_ops::ADD, Duration, Time) => {
            Some((Op::TimeAdd, Time))
        }
        (cel_ops::SUBSTRACT, Time, Duration) => Some((Op::TimeSub, Time)),
        (cel_ops::SUBSTRACT, Time, Time) => Some((Op::TimeDiff, Duration)),
        (cel_ops::ADD, Duration, Duration) => Some((Op::DurationAdd, Duration)),
        (cel_ops::SUBSTRACT, Duration, Duration) => Some((Op::DurationSub, Duration)),
        (cel_ops::ADD, Type::String(_), Type::String(_)) => {
            Some((Op::Text(TextOp::Concat), Type::TEXT))
        }
        (cel_ops::ADD, Type::List(_), Type::List(_)) => {
            Some((Op::List(ListOp::Concat), a.join(b)?))
        }
        _ => None,
    }
}

/// The operands of a chain of one logical operator, left to right.
fn flatten<'a>(syntax: &'a Syntax, name: &str, out: &mut Vec<&'a Syntax>) {
    match &syntax.kind {
        SyntaxKind::Call {
            name: own, args, ..
        } if own == name => {
            args.iter().for_each(|arg| flatten(arg, name, out));
        }
        _ => out.push(syntax),
    }
}
