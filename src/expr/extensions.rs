//! Functions of CEL's extension libraries that say the same as other
//! expressions: <https://github.com/google/cel-go/tree/master/ext>, `sets` and
//! `math`.

use std::ops::Range;

use cel::common::ast::operators;

use super::parse::{Syntax, SyntaxKind};
use crate::value::Value;

/// The name of an item: nobody can write it, so that it hides no other.
const ITEM: &str = "an item";

/// Whether a name is that of a library, which nothing else may have.
pub fn is_library(name: &str) -> bool {
    let mut known = EXTENSIONS.iter();
    known.any(|(written, ..)| written.split('.').next() == Some(name))
}

/// The functions: how each is written, what it stands for, and an example with
/// its value.
pub const EXTENSIONS: [(&str, &str, &str, &str); 11] = [
    (
        "sets.contains(a, b)",
        "b.all(x, x in a)",
        "sets.contains([1, 2], [2])",
        "true",
    ),
    (
        "sets.intersects(a, b)",
        "a.exists(x, x in b)",
        "sets.intersects([1], [2])",
        "false",
    ),
    (
        "sets.equivalent(a, b)",
        "sets.contains(a, b) && sets.contains(b, a)",
        "sets.equivalent([1, 2], [2, 1, 1])",
        "true",
    ),
    (
        "math.greatest(a, b)",
        "max(a, b)",
        "math.greatest(1, 2.5)",
        "2.5",
    ),
    ("math.least(a, b)", "min(a, b)", "math.least([4, 3])", "3"),
    ("math.abs(a)", "a < 0 ? -a : a", "math.abs(-2)", "2"),
    (
        "math.sign(a)",
        "a < 0 ? -1 : a > 0 ? 1 : 0",
        "math.sign(-2.5)",
        "-1",
    ),
    ("math.floor(a)", "floor(a)", "math.floor(-2.5)", "-3"),
    ("math.ceil(a)", "ceil(a)", "math.ceil(-2.5)", "-2"),
    ("math.trunc(a)", "int(a)", "math.trunc(-2.5)", "-2"),
    ("math.round(a)", "round(a)", "math.round(-2.5)", "-3"),
];

/// What a call of an extension function stands for; other syntax as it is.
pub(super) fn expanded(kind: SyntaxKind, span: &Range<usize>) -> SyntaxKind {
    let SyntaxKind::Call {
        name,
        target: Some(target),
        args,
    } = &kind
    else {
        return kind;
    };
    let SyntaxKind::Name(library) = &target.kind else {
        return kind;
    };
    let found = match (library.as_str(), name.as_str(), args.as_slice()) {
        ("sets", "contains", [all, some]) => Some(contains(all, some, span)),
        ("sets", "intersects", [a, b]) => Some(quantified("exists", a, b, span)),
        ("sets", "equivalent", [a, b]) => {
            let both = [contains(a, b, span), contains(b, a, span)];
            Some(call(
                operators::LOGICAL_AND,
                both.map(|kind| at(kind, span)).to_vec(),
            ))
        }
        ("math", "greatest", args) => Some(call("max", args.to_vec())),
        ("math", "least", args) => Some(call("min", args.to_vec())),
        ("math", "floor" | "ceil", [_]) => Some(call(name, args.clone())),
        ("math", "round", [number]) => Some(call("round", vec![number.clone()])),
        ("math", "trunc", [number]) => Some(call("int", vec![number.clone()])),
        ("math", "abs", [number]) => Some(absolute(number, span)),
        ("math", "sign", [number]) => Some(sign(number, span)),
        _ => None,
    };
    found.unwrap_or(kind)
}

/// `some.all(item, item in all)`
fn contains(all: &Syntax, some: &Syntax, span: &Range<usize>) -> SyntaxKind {
    quantified("all", some, all, span)
}

/// `list.all(item, item in within)`, or another quantifier.
fn quantified(quantifier: &str, list: &Syntax, within: &Syntax, span: &Range<usize>) -> SyntaxKind {
    let item = at(SyntaxKind::Name(ITEM.to_owned()), span);
    let is_in = call(operators::IN, vec![item.clone(), within.clone()]);
    SyntaxKind::Call {
        name: quantifier.to_owned(),
        target: Some(Box::new(list.clone())),
        args: vec![item, at(is_in, span)],
    }
}

/// `number < 0 ? -number : number`
fn absolute(number: &Syntax, span: &Range<usize>) -> SyntaxKind {
    let opposite = call(operators::NEGATE, vec![number.clone()]);
    let is_negative = compared(number, operators::LESS, span);
    let arms = vec![is_negative, at(opposite, span), number.clone()];
    call(operators::CONDITIONAL, arms)
}

/// `number < 0 ? -1 : number > 0 ? 1 : 0`
fn sign(number: &Syntax, span: &Range<usize>) -> SyntaxKind {
    let is_positive = compared(number, operators::GREATER, span);
    let rest = vec![is_positive, integer(1, span), integer(0, span)];
    let rest = at(call(operators::CONDITIONAL, rest), span);
    let is_negative = compared(number, operators::LESS, span);
    let arms = vec![is_negative, integer(-1, span), rest];
    call(operators::CONDITIONAL, arms)
}

/// A number beside 0.
fn compared(number: &Syntax, operator: &str, span: &Range<usize>) -> Syntax {
    at(call(operator, vec![number.clone(), integer(0, span)]), span)
}

fn integer(value: i64, span: &Range<usize>) -> Syntax {
    at(SyntaxKind::Literal(Value::int(value), false), span)
}

fn call(name: &str, args: Vec<Syntax>) -> SyntaxKind {
    SyntaxKind::Call {
        name: name.to_owned(),
        target: None,
        args,
    }
}

fn at(kind: SyntaxKind, span: &Range<usize>) -> Syntax {
    Syntax {
        kind,
        span: span.clone(),
    }
}
