//! Syntax as an author writes it, for advice that repeats what stands there.

use cel::common::ast::operators;

use super::{Syntax, SyntaxKind};
use crate::value::location::is_identifier;
use crate::value::{Value, print_number};

/// Operators between two operands.
const BETWEEN: [(&str, &str); 14] = [
    (operators::LOGICAL_AND, "&&"),
    (operators::LOGICAL_OR, "||"),
    (operators::EQUALS, "=="),
    (operators::NOT_EQUALS, "!="),
    (operators::LESS, "<"),
    (operators::LESS_EQUALS, "<="),
    (operators::GREATER, ">"),
    (operators::GREATER_EQUALS, ">="),
    (operators::IN, "in"),
    (operators::ADD, "+"),
    (operators::SUBSTRACT, "-"),
    (operators::MULTIPLY, "*"),
    (operators::DIVIDE, "/"),
    (operators::MODULO, "%"),
];

/// How the operator that CEL calls `name` is written between its operands.
pub(super) fn operator_sign(name: &str) -> Option<&'static str> {
    let mut known = BETWEEN.iter();
    known.find(|(own, _)| *own == name).map(|(_, sign)| *sign)
}

impl Syntax {
    /// The text of a short expression; none for what advice need not repeat.
    pub(super) fn written(&self) -> Option<String> {
        match &self.kind {
            SyntaxKind::Literal(value, _) => literal(value),
            SyntaxKind::Name(name) => Some(name.clone()),
            SyntaxKind::Select(base, member) => Some(format!("{}.{member}", base.written()?)),
            SyntaxKind::Every(base) => Some(format!("{}[*]", base.written()?)),
            SyntaxKind::Has(path) => Some(format!("has({})", path.written()?)),
            SyntaxKind::List(items) => Some(format!("[{}]", listed(items)?)),
            SyntaxKind::Map(_) => None,
            SyntaxKind::Call { name, target, args } => call(name, target.as_deref(), args),
        }
    }

    /// The text as an operand: in parentheses where it is no path or call.
    pub(super) fn operand(&self) -> Option<String> {
        let written = self.written()?;
        let is_loose = matches!(&self.kind, SyntaxKind::Call { name, .. }
            if operator_sign(name).is_some() || name == operators::CONDITIONAL);
        Some(if is_loose {
            format!("({written})")
        } else {
            written
        })
    }

    /// The same, or a word for what advice need not repeat.
    pub(super) fn operand_or(&self, word: &str) -> String {
        self.operand().unwrap_or_else(|| word.to_owned())
    }

    /// Whether it is a path to a field or an item of one: names and positions.
    pub(super) fn is_path(&self) -> bool {
        match &self.kind {
            SyntaxKind::Name(_) => true,
            SyntaxKind::Select(base, _) => base.is_path(),
            SyntaxKind::Call { name, args, .. } => {
                name == operators::INDEX && args.first().is_some_and(Syntax::is_path)
            }
            _ => false,
        }
    }

    /// A constant text.
    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.kind {
            SyntaxKind::Literal(value, _) => value.as_str(),
            _ => None,
        }
    }

    /// The operands, if it is the operator that CEL calls `operator`.
    pub(super) fn operands_of(&self, operator: &str) -> Option<&[Syntax]> {
        match &self.kind {
            SyntaxKind::Call { name, args, .. } if name == operator => Some(args),
            _ => None,
        }
    }
}

fn literal(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("null".to_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(print_number(number)),
        Value::String(text) => Some(quoted(text)),
        _ => None,
    }
}

/// A text as a constant of the language.
pub fn quoted(text: &str) -> String {
    if text.contains('\\') && !text.contains('\'') {
        return format!("r'{text}'");
    }
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn listed(items: &[Syntax]) -> Option<String> {
    let items: Option<Vec<String>> = items.iter().map(Syntax::written).collect();
    Some(items?.join(", "))
}

fn call(name: &str, target: Option<&Syntax>, args: &[Syntax]) -> Option<String> {
    if let (Some(sign), [a, b]) = (operator_sign(name), args) {
        return Some(format!("{} {sign} {}", a.operand()?, b.operand()?));
    }
    match (name, args) {
        (operators::INDEX, [base, at]) => Some(format!("{}[{}]", base.operand()?, at.written()?)),
        (operators::LOGICAL_NOT, [of]) => Some(format!("!{}", of.operand()?)),
        (operators::NEGATE, [of]) => Some(format!("-{}", of.operand()?)),
        (operators::OPT_SELECT, [base, member]) => {
            Some(format!("{}.?{}", base.operand()?, member.as_text()?))
        }
        (name, args) if is_identifier(name) => {
            let args = listed(args)?;
            match target {
                Some(target) => Some(format!("{}.{name}({args})", target.operand()?)),
                None => Some(format!("{name}({args})")),
            }
        }
        _ => None,
    }
}
