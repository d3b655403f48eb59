//! Whether CEL's values are fit for a rule.

use cel::Env;
use cel::common::ast::{Expr, IdedExpr, LiteralValue};

use super::convert::within_doubles;
use super::rewrite::children;
use crate::expr::{Arena, ExprId, Fold, Node, Op, TextOp, TextView, Type};
use crate::value::Value;

/// The reason why the interpreter has no say about the expression and the
/// texts that it was read from, if there is one.
pub(super) fn check(arena: &Arena, expr: ExprId, texts: &[&str]) -> Result<(), &'static str> {
    let mut moments = 0;
    for (_, id) in arena.positions(expr) {
        if holds_decimals(arena.ty(id)) {
            return Err("it reads decimals");
        }
        moments += usize::from(is_moment(arena, id));
        check_node(arena, arena.node(id))?;
    }
    let mut written = 0;
    for text in texts {
        let program = Env::default().compile(text);
        let program = program.map_err(|_| "the text is more than CEL")?;
        written += calls_of_moments(program.expression())?;
    }
    // Dates that are compared as they stand are texts to CEL.
    if moments == written {
        Ok(())
    } else {
        Err("it takes a text for a moment")
    }
}

fn holds_decimals(ty: &Type) -> bool {
    match ty {
        Type::Decimal => true,
        Type::List(item) | Type::Map(item) => holds_decimals(item),
        Type::Null
        | Type::Bool
        | Type::Int
        | Type::String(_)
        | Type::Time
        | Type::Duration
        | Type::Object(_)
        | Type::Resource(_)
        | Type::Any
        | Type::Kind => false,
    }
}

fn is_moment(arena: &Arena, id: ExprId) -> bool {
    matches!(arena.node(id), Node::Call(Op::Timestamp, _))
        || matches!(arena.as_const(id), Some(Value::Time(_)))
}

fn check_node(arena: &Arena, node: &Node) -> Result<(), &'static str> {
    match node {
        Node::Const(constant) => match &constant.0 {
            Value::Number(number) if !within_doubles(&number.to_integer()) => {
                Err("a number is beyond 2^53")
            }
            _ => Ok(()),
        },
        Node::Fold(Fold::MapPresent, ..) => Err("it uses `[*]`"),
        Node::Call(Op::Timestamp, operands) => {
            let dated = |id: &ExprId| *arena.ty(*id) == Type::String(TextView::Date);
            if operands.iter().any(dated) {
                return Err("it takes a date for a moment");
            }
            Ok(())
        }
        Node::Call(op, _) => check_op(*op),
        Node::Root(_)
        | Node::Item { .. }
        | Node::Get(..)
        | Node::Has(..)
        | Node::Fold(..)
        | Node::List(_)
        | Node::Map(_) => Ok(()),
    }
}

/// Whether CEL knows the operator.
fn check_op(op: Op) -> Result<(), &'static str> {
    match op {
        Op::Div | Op::Round(_) | Op::Floor | Op::Ceil => Err("it calculates with decimals"),
        Op::Sum | Op::Min | Op::Max => Err("CEL has no sum(), min() or max()"),
        Op::Text(TextOp::StartsWith | TextOp::EndsWith | TextOp::Contains | TextOp::Concat) => {
            Ok(())
        }
        Op::Text(_) | Op::List(_) | Op::Convert(_) | Op::TimePart(_) => {
            Err("it uses a function of a library")
        }
        Op::TypeOf | Op::As(_) => Err("it reads a value of any type"),
        Op::Exists => Err("it asks whether a resource exists"),
        Op::Where => Err("it is no rule"),
        Op::OrElse => Err("it is no rule of a right server"),
        Op::Not
        | Op::And
        | Op::Or
        | Op::Guard
        | Op::If
        | Op::Eq
        | Op::Ne
        | Op::Lt
        | Op::Le
        | Op::Gt
        | Op::Ge
        | Op::Add
        | Op::Sub
        | Op::Mul
        | Op::DivTruncated
        | Op::Rem
        | Op::Neg
        | Op::TimeAdd
        | Op::TimeSub
        | Op::TimeDiff
        | Op::DurationAdd
        | Op::DurationSub
        | Op::Timestamp
        | Op::In
        | Op::Size
        | Op::Index => Ok(()),
    }
}

/// How often a text says `timestamp()`; the error where it gives that or
/// `duration()` what only rule files allow.
fn calls_of_moments(expr: &IdedExpr) -> Result<usize, &'static str> {
    let mut found = 0;
    if let Expr::Call(call) = &expr.expr {
        let literal = call.args.first().and_then(literal_text);
        match (call.func_name.as_str(), literal) {
            ("timestamp", Some(text)) if !text.contains('T') => {
                return Err("it takes a date for a moment");
            }
            ("timestamp", _) => found += 1,
            ("duration", Some(text)) if text.contains('d') => {
                return Err("CEL's durations have no days");
            }
            _ => {}
        }
    }
    for child in children(&expr.expr) {
        found += calls_of_moments(child)?;
    }
    Ok(found)
}

fn literal_text(expr: &IdedExpr) -> Option<&str> {
    match &expr.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}
