//! Functions of texts. Positions count Unicode characters.

use num_traits::ToPrimitive;

use super::evaluator::{Evaluator, Outcome, undefined};
use super::{Reason, Shared};
use crate::expr::{ExprId, TextOp};
use crate::text::search;
use crate::value::{Number, Value};

impl<'e> Evaluator<'e> {
    pub(super) fn text(&mut self, id: ExprId, op: TextOp, operands: &[ExprId]) -> Outcome<'e> {
        let mut values = Vec::with_capacity(operands.len());
        for operand in operands {
            values.push(self.eval(*operand)?);
        }
        let values: Vec<&Value> = values.iter().map(Shared::get).collect();
        compute(op, &values)
            .map(Shared::made)
            .map_err(|reason| undefined(id, reason))
    }
}

fn compute(op: TextOp, operands: &[&Value]) -> Result<Value, Reason> {
    if op == TextOp::Join {
        return join(operands);
    }
    let text = |at: usize| operands.get(at).and_then(|value| value.as_str());
    let first = text(0).ok_or(Reason::WrongKind)?;
    let second = || text(1).ok_or(Reason::WrongKind);
    Ok(match op {
        TextOp::StartsWith => Value::Bool(first.starts_with(second()?)),
        TextOp::EndsWith => Value::Bool(first.ends_with(second()?)),
        TextOp::Contains => Value::Bool(first.contains(second()?)),
        TextOp::Matches => {
            let found = search(second()?, first);
            Value::Bool(found.ok_or(Reason::BadPattern)?)
        }
        TextOp::LowerAscii => Value::string(first.to_ascii_lowercase()),
        TextOp::UpperAscii => Value::string(first.to_ascii_uppercase()),
        TextOp::Trim => Value::string(first.trim()),
        TextOp::Concat => Value::string(format!("{first}{}", second()?)),
        TextOp::Substring => substring(first, operands)?,
        TextOp::CharAt => char_at(first, position(operands.get(1))?)?,
        TextOp::IndexOf => index_of(first, second()?, operands.get(2))?,
        TextOp::LastIndexOf => last_index_of(first, second()?, operands.get(2))?,
        TextOp::Replace => {
            let (old, new) = (second()?, text(2).ok_or(Reason::WrongKind)?);
            replace(first, old, new, operands.get(3))?
        }
        TextOp::Split => split(first, second()?, operands.get(2))?,
        TextOp::Join => Value::Null,
    })
}

/// A position in a text; undefined where it is negative.
fn position(operand: Option<&&Value>) -> Result<usize, Reason> {
    let number = operand.and_then(|value| value.as_number());
    let number = number.filter(|number| number.is_integer());
    let number = number.ok_or(Reason::WrongKind)?;
    number.to_usize().ok_or(Reason::NoEntry)
}

/// A count; negative: no limit.
fn limit(operand: Option<&&Value>) -> Result<Option<usize>, Reason> {
    let Some(value) = operand else {
        return Ok(None);
    };
    let number = value.as_number().ok_or(Reason::WrongKind)?;
    Ok(number.to_usize())
}

/// The byte at which a character begins; the end of the text counts.
fn byte_at(text: &str, position: usize) -> Result<usize, Reason> {
    let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    starts.into_iter().nth(position).ok_or(Reason::NoEntry)
}

fn characters_before(text: &str, byte: usize) -> Value {
    Value::int(text.get(..byte).unwrap_or("").chars().count())
}

fn substring(text: &str, operands: &[&Value]) -> Result<Value, Reason> {
    let start = byte_at(text, position(operands.get(1))?)?;
    let end = match operands.get(2) {
        Some(end) => byte_at(text, position(Some(end))?)?,
        None => text.len(),
    };
    let part = text.get(start..end).ok_or(Reason::NoEntry)?;
    Ok(Value::string(part))
}

fn char_at(text: &str, position: usize) -> Result<Value, Reason> {
    let start = byte_at(text, position)?;
    let rest = text.get(start..).unwrap_or("");
    Ok(Value::string(rest.chars().take(1).collect::<String>()))
}

fn index_of(text: &str, wanted: &str, from: Option<&&Value>) -> Result<Value, Reason> {
    let start = match from {
        Some(_) => byte_at(text, position(from)?)?,
        None => 0,
    };
    let found = text.get(start..).and_then(|rest| rest.find(wanted));
    Ok(found.map_or_else(none, |at| characters_before(text, start + at)))
}

fn last_index_of(text: &str, wanted: &str, up_to: Option<&&Value>) -> Result<Value, Reason> {
    let last = match up_to {
        Some(_) => byte_at(text, position(up_to)?)?,
        None => text.len(),
    };
    // The last one that begins at or before that.
    let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let starts: Vec<usize> = starts.take_while(|at| *at <= last).collect();
    let is_here = |at: &usize| text.get(*at..).is_some_and(|rest| rest.starts_with(wanted));
    let found = starts.into_iter().rev().find(is_here);
    Ok(found.map_or_else(none, |at| characters_before(text, at)))
}

fn none() -> Value {
    Value::Number(Number::from_integer((-1).into()))
}

fn replace(text: &str, old: &str, new: &str, times: Option<&&Value>) -> Result<Value, Reason> {
    Ok(Value::string(match limit(times)? {
        Some(times) => text.replacen(old, new, times),
        None => text.replace(old, new),
    }))
}

fn split(text: &str, separator: &str, parts: Option<&&Value>) -> Result<Value, Reason> {
    let most = limit(parts)?;
    let listed = |parts: &mut dyn Iterator<Item = &str>| parts.map(Value::string).collect();
    if most == Some(0) {
        return Ok(Value::List(Vec::new()));
    }
    if separator.is_empty() {
        return Ok(Value::List(characters(text, most)));
    }
    Ok(Value::List(match most {
        Some(most) => listed(&mut text.splitn(most, separator)),
        None => listed(&mut text.split(separator)),
    }))
}

/// A text split at every character; what is left stays together in the last.
fn characters(text: &str, most: Option<usize>) -> Vec<Value> {
    let whole = most.map_or(usize::MAX, |most| most - 1);
    let mut parts: Vec<Value> = Vec::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if parts.len() == whole {
            parts.push(Value::string(rest));
            break;
        }
        let (one, others) = rest.split_at(next.len_utf8());
        parts.push(Value::string(one));
        rest = others;
    }
    parts
}

fn join(operands: &[&Value]) -> Result<Value, Reason> {
    let Some(Value::List(items)) = operands.first() else {
        return Err(Reason::WrongKind);
    };
    let separator = match operands.get(1) {
        Some(separator) => separator.as_str().ok_or(Reason::WrongKind)?,
        None => "",
    };
    let texts = items.iter().map(Value::as_str);
    let texts: Option<Vec<&str>> = texts.collect();
    let texts = texts.ok_or(Reason::WrongKind)?;
    Ok(Value::string(texts.join(separator)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(op: TextOp, operands: &[Value]) -> String {
        let operands: Vec<&Value> = operands.iter().collect();
        compute(op, &operands).map_or_else(|reason| reason.to_string(), |value| value.to_string())
    }

    fn text(text: &str) -> Value {
        Value::string(text)
    }

    #[test]
    fn positions_count_characters() {
        let t = text("tacocät");
        for (op, operands, expected) in [
            (TextOp::IndexOf, vec![t.clone(), text("")], "0"),
            (TextOp::IndexOf, vec![t.clone(), text("ä")], "5"),
            (
                TextOp::IndexOf,
                vec![t.clone(), text("c"), Value::int(3)],
                "4",
            ),
            (TextOp::IndexOf, vec![t.clone(), text("x")], "-1"),
            (
                TextOp::IndexOf,
                vec![t.clone(), text("x"), Value::int(9)],
                "there is no such entry",
            ),
            (TextOp::LastIndexOf, vec![t.clone(), text("t")], "6"),
            (
                TextOp::LastIndexOf,
                vec![t.clone(), text("c"), Value::int(3)],
                "2",
            ),
            (TextOp::LastIndexOf, vec![t.clone(), text("")], "7"),
            (
                TextOp::LastIndexOf,
                vec![text("ta©o©αT"), text("©"), Value::int(3)],
                "2",
            ),
            (TextOp::Substring, vec![t.clone(), Value::int(4)], "\"cät\""),
            (
                TextOp::Substring,
                vec![t.clone(), Value::int(0), Value::int(4)],
                "\"taco\"",
            ),
            (
                TextOp::Substring,
                vec![t.clone(), Value::int(3), Value::int(2)],
                "there is no such entry",
            ),
            (TextOp::CharAt, vec![t.clone(), Value::int(5)], "\"ä\""),
            (TextOp::CharAt, vec![t.clone(), Value::int(7)], "\"\""),
            (
                TextOp::CharAt,
                vec![t, Value::int(8)],
                "there is no such entry",
            ),
        ] {
            assert_eq!(value(op, &operands), expected, "{op:?} {operands:?}");
        }
    }

    #[test]
    fn texts_are_taken_apart_and_put_together() {
        let t = text("a-b-c");
        let listed = Value::List(vec![text("x"), text("y")]);
        for (op, operands, expected) in [
            (
                TextOp::Split,
                vec![t.clone(), text("-")],
                r#"["a","b","c"]"#,
            ),
            (
                TextOp::Split,
                vec![t.clone(), text("-"), Value::int(2)],
                r#"["a","b-c"]"#,
            ),
            (
                TextOp::Split,
                vec![t.clone(), text("-"), Value::int(0)],
                "[]",
            ),
            (TextOp::Split, vec![text("äb"), text("")], r#"["ä","b"]"#),
            (
                TextOp::Split,
                vec![text("abc"), text(""), Value::int(2)],
                r#"["a","bc"]"#,
            ),
            (TextOp::Join, vec![listed.clone()], "\"xy\""),
            (TextOp::Join, vec![listed, text("/")], "\"x/y\""),
            (
                TextOp::Replace,
                vec![t.clone(), text("-"), text("+")],
                "\"a+b+c\"",
            ),
            (
                TextOp::Replace,
                vec![t.clone(), text("-"), text("+"), Value::int(1)],
                "\"a+b-c\"",
            ),
            (TextOp::Trim, vec![text(" \ta ")], "\"a\""),
            (TextOp::LowerAscii, vec![text("TacoCÆt")], "\"tacocÆt\""),
            (TextOp::Concat, vec![text("a"), text("b")], "\"ab\""),
            (TextOp::Matches, vec![t.clone(), text("^a.b")], "true"),
            (
                TextOp::Matches,
                vec![t, text("(")],
                "the pattern is no regular expression",
            ),
        ] {
            assert_eq!(value(op, &operands).replace(", ", ","), expected, "{op:?}");
        }
    }
}
