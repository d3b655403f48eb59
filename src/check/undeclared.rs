//! Constants that a field is compared with and never holds.

use crate::document::{Format, Schema, SchemaId};
use crate::expr::{ExprId, Node, Op, Position, Type};
use crate::model::{Model, RuleInstance};
use crate::source::{Code, Diagnostic, Diagnostics, Span, did_you_mean};
use crate::value::Value;
use crate::value::time::{parse_date, parse_time};

/// So many values are listed where none is near.
const LISTED: usize = 8;

/// A warning for each constant that a rule compares a field with, where the
/// field's enumeration lacks it or its format excludes it.
pub(super) fn findings(model: &Model) -> Diagnostics {
    let mut found = Diagnostics::new();
    for (_, rule) in model.rule_refs() {
        for (position, id) in model.arena.positions(rule.expr) {
            for finding in compared(model, rule, &position, id) {
                let is_new = !found.iter().any(|known| *known == finding);
                found.extend(is_new.then_some(finding));
            }
        }
    }
    found
}

fn compared(model: &Model, rule: &RuleInstance, at: &Position, id: ExprId) -> Vec<Diagnostic> {
    let arena = &model.arena;
    let Node::Call(op @ (Op::Eq | Op::Ne | Op::In), operands) = arena.node(id) else {
        return Vec::new();
    };
    let [a, b] = &**operands else {
        return Vec::new();
    };
    let (left, right) = (at.child(0), at.child(1));
    let mut found = Vec::new();
    for (field, constants, place) in [(*a, *b, right), (*b, *a, left)] {
        let Some(schema) = texts_of(model, field, *op) else {
            continue;
        };
        for (text, place) in texts(model, constants, place) {
            let span = rule.spans.at(&place).span;
            found.extend(refused(model, schema, field, &text, span));
        }
    }
    found
}

/// The schema of the texts that a field holds: of its items where a constant is
/// looked for in a list.
fn texts_of(model: &Model, field: ExprId, op: Op) -> Option<SchemaId> {
    let schema = model.schema_read(field)?;
    match model.arena.ty(field) {
        Type::String(_) => Some(schema),
        Type::List(_) if op == Op::In => model.schemas.get(schema).items,
        _ => None,
    }
}

/// Constant texts, with the place of each.
fn texts(model: &Model, id: ExprId, at: Position) -> Vec<(String, Position)> {
    match model.arena.node(id) {
        Node::Const(constant) => match &constant.0 {
            Value::String(text) => vec![(text.to_string(), at)],
            Value::List(items) => {
                let texts = items.iter().filter_map(Value::as_str);
                texts.map(|text| (text.to_owned(), at.clone())).collect()
            }
            _ => Vec::new(),
        },
        Node::List(items) => {
            let each = (0..).zip(items.iter());
            each.flat_map(|(index, item)| texts(model, *item, at.child(index)))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn refused(
    model: &Model,
    schema: SchemaId,
    field: ExprId,
    text: &str,
    span: Span,
) -> Option<Diagnostic> {
    let schema = model.schemas.get(schema);
    let name = crate::expr::print(&model.arena, field, &[]);
    not_listed(schema, text, span).or_else(|| no_moment(schema, &name, text, span))
}

fn not_listed(schema: &Schema, text: &str, span: Span) -> Option<Diagnostic> {
    let members = &schema.enumeration.as_ref()?.value;
    if members.iter().any(|member| member.as_str() == Some(text)) {
        return None;
    }
    let names = || members.iter().filter_map(Value::as_str);
    let message = format!("the API document declares no value \"{text}\" here");
    let help = did_you_mean(text, names()).unwrap_or_else(|| {
        let some: Vec<String> = names()
            .take(LISTED)
            .map(|name| format!("`{name}`"))
            .collect();
        let more = if names().count() > LISTED {
            ", ..."
        } else {
            ""
        };
        format!("it declares {}{more}", some.join(", "))
    });
    Some(
        Diagnostic::warning(Code::UndeclaredValue, message)
            .at(span, "no request holds it")
            .help(help),
    )
}

fn no_moment(schema: &Schema, name: &str, text: &str, span: Span) -> Option<Diagnostic> {
    let (kind, is_one) = match schema.format.as_ref()?.value {
        Format::Date => ("dates", parse_date(text).is_some()),
        Format::DateTime => ("date-times", parse_time(text).is_some()),
        _ => return None,
    };
    if is_one || text.is_empty() {
        return None;
    }
    let message = format!("`{name}` holds {kind}, and \"{text}\" is none");
    let finding =
        Diagnostic::warning(Code::UndeclaredValue, message).at(span, "no request holds it");
    let is_moment = parse_date(text).or_else(|| parse_time(text)).is_some();
    Some(
        finding.maybe_help(
            is_moment.then(|| {
                format!("compare moments: `timestamp({name})` with `timestamp('{text}')`")
            }),
        ),
    )
}
