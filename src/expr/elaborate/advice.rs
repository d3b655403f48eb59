//! What to write where the types of operands don't fit.

use cel::common::ast::operators as cel_ops;

use super::{Elaborated, Elaborator, Env, Member, member};
use crate::expr::written::operator_sign;
use crate::expr::{ExprId, Node, Op, Syntax, SyntaxKind, TextView, TimePart, Type};
use crate::source::{Code, Diagnostic};
use crate::value::time::parse_duration;
use crate::value::{Value, parse_number};

/// An operand: what was written, and its type.
type Side<'s> = (&'s Syntax, &'s Type);

/// What to write instead of a binary operator whose operands don't fit.
pub(super) fn for_operands(name: &str, a: Side<'_>, b: Side<'_>) -> Vec<String> {
    let found = chained(name, a, b)
        .or_else(|| length_of_time(name, a, b))
        .or_else(|| moments(name, a, b))
        .or_else(|| remainder(name, a, b))
        .or_else(|| lookup(name, a, b));
    match found {
        Some(help) => vec![help],
        None => number_and_text(a, b)
            .or_else(|| others(a, b))
            .into_iter()
            .collect(),
    }
}

fn is_order(name: &str) -> bool {
    [
        cel_ops::LESS,
        cel_ops::LESS_EQUALS,
        cel_ops::GREATER,
        cel_ops::GREATER_EQUALS,
    ]
    .contains(&name)
}

/// `10 < x < 100`
fn chained(name: &str, a: Side<'_>, b: Side<'_>) -> Option<String> {
    let SyntaxKind::Call {
        name: inner, args, ..
    } = &a.0.kind
    else {
        return None;
    };
    let is_equality = |name: &str| name == cel_ops::EQUALS;
    let [low, middle] = args.as_slice() else {
        return None;
    };
    if !(is_order(name) || is_equality(name)) || !(is_order(inner) || is_equality(inner)) {
        return None;
    }
    let (first, second) = (operator_sign(inner)?, operator_sign(name)?);
    let (low, middle) = (low.operand()?, middle.operand()?);
    let high = b.0.operand_or("high");
    Some(format!(
        "write `{low} {first} {middle} && {middle} {second} {high}`"
    ))
}

/// A text that names a length of time, where one is needed.
fn length_of_time(name: &str, a: Side<'_>, b: Side<'_>) -> Option<String> {
    let temporal = |ty: &Type| {
        matches!(
            ty,
            Type::Time | Type::Duration | Type::String(TextView::Date | TextView::DateTime)
        )
    };
    for (side, other) in [(a, b), (b, a)] {
        if let Some(text) = side.0.as_text()
            && temporal(other.1)
            && parse_duration(text).is_some()
        {
            return Some(format!("a length of time is written `duration('{text}')`"));
        }
        if side.1.is_number() && *other.1 == Type::Duration && name != cel_ops::MULTIPLY {
            let number = side
                .0
                .written()
                .filter(|_| matches!(side.0.kind, SyntaxKind::Literal(..)));
            let number = number.unwrap_or_else(|| "2".to_owned());
            return Some(format!(
                "a length of time is compared with another, such as `duration('{number}h')`; \
                 as a number it is `x.getHours()` or `x.getMinutes()`"
            ));
        }
    }
    None
}

/// Arithmetic on texts that name moments.
fn moments(name: &str, a: Side<'_>, b: Side<'_>) -> Option<String> {
    let dated = |ty: &Type| matches!(ty, Type::String(TextView::Date | TextView::DateTime));
    if name == cel_ops::SUBSTRACT && dated(a.1) && dated(b.1) {
        let (a, b) = (a.0.written()?, b.0.written()?);
        return Some(format!("write `timestamp({a}) - timestamp({b})`"));
    }
    for (side, other) in [(a, b), (b, a)] {
        let is_sum = name == cel_ops::ADD || name == cel_ops::SUBSTRACT;
        if is_sum && (dated(side.1) || *side.1 == Type::Time) && other.1.is_number() {
            return Some(
                "to a moment a length of time is added, such as `duration('2h')`".to_owned(),
            );
        }
    }
    None
}

/// `x % 5` of a decimal
fn remainder(name: &str, a: Side<'_>, b: Side<'_>) -> Option<String> {
    if name != cel_ops::MODULO || !a.1.is_number() || !b.1.is_number() {
        return None;
    }
    let (of, by) = (a.0.operand_or("x"), b.0.operand_or("5"));
    Some(format!(
        "`%` takes integers; that a number is a multiple: `floor({of} / {by}) * {by} == {of}`"
    ))
}

/// `x in` something that is no list
fn lookup(name: &str, a: Side<'_>, b: Side<'_>) -> Option<String> {
    if name != cel_ops::IN {
        return None;
    }
    let (left, right) = (a.0.operand_or("x"), b.0.operand_or("list"));
    if matches!(a.1, Type::List(_)) && !matches!(b.1, Type::List(_)) {
        return Some("the list stands on the right: `x in list`".to_owned());
    }
    match (a.1, b.1) {
        (Type::String(_), Type::String(_)) if b.0.as_text().is_some() => Some(format!(
            "for a list write `{left} in [{right}]`; for a part of a text `{right}.contains({left})`"
        )),
        (Type::String(_), Type::String(_)) => Some(format!(
            "a text that holds another: `{right}.contains({left})`"
        )),
        (_, Type::List(item)) if matches!(**item, Type::Object(_)) => Some(format!(
            "the items are objects; ask for one of their members: \
             `{right}.exists(x, x.… == {left})`"
        )),
        (_, ty)
            if !matches!(
                ty,
                Type::List(_) | Type::Object(_) | Type::Map(_) | Type::Any
            ) =>
        {
            Some(format!(
                "lists are written in square brackets: `{left} in [{right}]`"
            ))
        }
        _ => None,
    }
}

/// A number beside a text.
fn number_and_text(a: Side<'_>, b: Side<'_>) -> Option<String> {
    for (side, other) in [(a, b), (b, a)] {
        if !matches!(side.1, Type::String(_)) || !other.1.is_number() {
            continue;
        }
        return Some(match side.0.as_text() {
            Some(text) if parse_number(text).is_some() => {
                format!("drop the quotes: `{text}`")
            }
            None if side.0.is_path() => format!(
                "where the text names a number: `decimal({})`; if the field's type is wrong, \
                 mend it under `fields:`",
                side.0.operand_or("x")
            ),
            _ => "a text is no number; if the field's type is wrong, mend it under `fields:`"
                .to_owned(),
        });
    }
    None
}

fn others(a: Side<'_>, b: Side<'_>) -> Option<String> {
    if matches!(
        (a.1, b.1),
        (Type::Kind, Type::String(_)) | (Type::String(_), Type::Kind)
    ) {
        return Some("types have names without quotes: `type(x) == string`".to_owned());
    }
    if *a.1 == Type::Any || *b.1 == Type::Any {
        return Some(
            "one side may have any type: say which with `int(…)`, `double(…)` or `string(…)`, \
             or give the field a type under `fields:`"
                .to_owned(),
        );
    }
    None
}

/// Constant texts behind `||`: `x == 'a' || 'b'`.
pub(super) fn alternatives(parts: &[&Syntax]) -> Option<(usize, String)> {
    let bare = parts.iter().position(|part| {
        matches!(&part.kind, SyntaxKind::Literal(value, _)
            if matches!(value, Value::String(_) | Value::Number(_)))
    })?;
    let before = parts.get(bare.checked_sub(1)?)?;
    let [field, first] = before.operands_of(cel_ops::EQUALS)? else {
        return None;
    };
    let rest = parts.get(bare..)?.iter();
    let rest = rest.take_while(|part| matches!(part.kind, SyntaxKind::Literal(..)));
    let values: Option<Vec<String>> = std::iter::once(first)
        .chain(rest.copied())
        .map(Syntax::written)
        .collect();
    let help = format!("write `{} in [{}]`", field.operand()?, values?.join(", "));
    Some((bare, help))
}

impl<'a> Elaborator<'_, 'a> {
    /// `!x in list`, `!x == y`, where `!` is meant to go with all of it.
    pub(super) fn is_negated_too_early(
        &mut self,
        name: &str,
        a: &'a Syntax,
        b: &'a Syntax,
        env: &Env<'a>,
    ) -> bool {
        let Some([of]) = a.operands_of(cel_ops::LOGICAL_NOT) else {
            return false;
        };
        if !of.is_path() {
            return false;
        }
        let before = self.diagnostics.len();
        let Some(read) = self.expr(of, env) else {
            return self.diagnostics.len() > before;
        };
        if matches!(self.arena.ty(read.expr), Type::Bool | Type::Any) {
            return false;
        }
        let (of_text, right) = (of.operand_or("…"), b.operand_or("…"));
        let help = match name {
            cel_ops::IN => format!("write `!({of_text} in {right})`"),
            cel_ops::EQUALS => format!("write `{of_text} != {right}`"),
            _ => format!("write `!(…)` around all of it: `!({of_text} …)`"),
        };
        let message = "`!` goes with what stands right behind it".to_owned();
        let finding = Diagnostic::error(Code::TypeMismatch, message)
            .at(
                env.span(a),
                format!("this is of type {}", self.arena.ty(read.expr)),
            )
            .help(help);
        self.diagnostics.push(finding);
        true
    }

    /// A value of another type where a condition is needed.
    pub(super) fn no_condition(&mut self, syntax: &'a Syntax, read: &Elaborated, env: &Env<'a>) {
        let ty = self.arena.ty(read.expr).clone();
        let message = format!("a condition (true or false) is needed, this is of type {ty}");
        let finding = Diagnostic::error(Code::TypeMismatch, message)
            .at(env.span(syntax), "wrong type")
            .maybe_help(self.condition_instead(syntax, read.expr));
        self.diagnostics.push(finding);
    }

    /// What may have been asked of a field that is no condition.
    pub(super) fn condition_instead(&self, syntax: &Syntax, id: ExprId) -> Option<String> {
        if !syntax.is_path() {
            return None;
        }
        let path = syntax.written()?;
        let is_optional = match self.arena.node(id) {
            Node::Get(base, key) => match self.arena.ty(*base) {
                Type::Object(object) => matches!(
                    member(self.scope.schemas, *object, key),
                    Some(Member::Declared(_, false) | Member::Additional(_))
                ),
                _ => false,
            },
            _ => false,
        };
        if is_optional {
            return Some(format!("whether it is there is asked by `has({path})`"));
        }
        match self.arena.ty(id) {
            ty if ty.is_number() => Some(format!("compare it: `{path} > 0`")),
            Type::String(_) => Some(format!("compare it: `{path} == '…'`, `{path} != ''`")),
            Type::List(_) => Some(format!("whether it has items: `size({path}) > 0`")),
            _ => None,
        }
    }

    /// A date and a text with a length of time, added as texts.
    pub(super) fn is_text_added_to_date(
        &mut self,
        syntax: &'a Syntax,
        name: &str,
        sides: [(&'a Syntax, &Elaborated); 2],
        env: &Env<'a>,
    ) -> bool {
        if name != cel_ops::ADD {
            return false;
        }
        let [a, b] = sides;
        let dated = |this: &Self, of: &Elaborated| {
            let view = this.arena.ty(of.expr);
            matches!(view, Type::String(TextView::Date | TextView::DateTime))
                && this.is_read(of.expr)
        };
        let length = |of: &'a Syntax| of.as_text().filter(|text| parse_duration(text).is_some());
        let found = match (length(a.0), length(b.0)) {
            (None, Some(text)) if dated(self, a.1) => text,
            (Some(text), None) if dated(self, b.1) => text,
            _ => return false,
        };
        let message = "a text is added to a date".to_owned();
        let finding = Diagnostic::error(Code::TypeMismatch, message)
            .at(env.span(syntax), "this is a longer text, no later moment")
            .help(format!("a length of time is written `duration('{found}')`"));
        self.diagnostics.push(finding);
        true
    }

    /// A part of a moment that is looked for in a list with a number that it
    /// never is.
    pub(super) fn is_beyond_listed(&mut self, part: &Elaborated, list: &Elaborated) -> bool {
        let Node::List(items) = self.arena.node(list.expr).clone() else {
            return false;
        };
        items.iter().enumerate().any(|(index, item)| {
            let spans = list.spans.children.get(index).unwrap_or(&list.spans);
            let item = Elaborated {
                expr: *item,
                spans: spans.clone(),
            };
            self.is_beyond_part(part, &item)
        })
    }

    /// A part of a moment beside a number that it never is.
    pub(super) fn is_beyond_part(&mut self, a: &Elaborated, b: &Elaborated) -> bool {
        for (part, number) in [(a, b), (b, a)] {
            let Node::Call(Op::TimePart(part), operands) = self.arena.node(part.expr) else {
                continue;
            };
            let is_moment = operands
                .first()
                .is_some_and(|of| *self.arena.ty(*of) == Type::Time);
            let written = self.arena.as_const(number.expr).and_then(Value::as_number);
            let written = written.and_then(crate::value::to_i64);
            let (Some(written), true) = (written, is_moment) else {
                continue;
            };
            let words = match part {
                TimePart::DayOfWeek => "0 (Sunday) to 6 (Saturday)",
                TimePart::Month => "0 (January) to 11 (December)",
                TimePart::Hours => "0 to 23",
                TimePart::Minutes | TimePart::Seconds => "0 to 59",
                TimePart::Date => "1 to 31",
                _ => continue,
            };
            if part.range().contains(&written) {
                continue;
            }
            let message = format!("`{}` is never {written}", part.name());
            let finding = Diagnostic::error(Code::WrongValue, message)
                .at(number.spans.span, "no such value")
                .help(format!("it is {words}"));
            self.diagnostics.push(finding);
            return true;
        }
        false
    }
}
