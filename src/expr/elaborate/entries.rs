//! Entries that there are none of: what was meant.

use num_traits::Signed;

use super::Env;
use crate::expr::{Syntax, SyntaxKind, Type};
use crate::source::{Code, Diagnostic};
use crate::value::Value;

/// `list[-1]`
pub(super) fn from_the_end(base: &Syntax, index: &Syntax, env: &Env<'_>) -> Diagnostic {
    let list = base.operand_or("list");
    let back = index.written().unwrap_or_else(|| "-1".to_owned());
    let message = "positions in a list start at 0".to_owned();
    Diagnostic::error(Code::WrongValue, message)
        .at(env.span(index), "there is no such entry")
        .help(format!(
            "counted from the end: `{list}[size({list}) - {}]`",
            back.trim_start_matches('-')
        ))
}

/// An entry of what has none, or not at such a position or key.
pub(super) fn no_entry(syntax: &Syntax, of: &Type, at: &Type, env: &Env<'_>) -> Diagnostic {
    let operands = match &syntax.kind {
        SyntaxKind::Call { args, .. } => args.as_slice(),
        _ => &[],
    };
    let help = match (of, at, operands) {
        (Type::String(_), Type::Int, [text, position]) => {
            let text = text.operand_or("text");
            Some(match &position.kind {
                SyntaxKind::Literal(Value::Number(first), _) if !first.is_negative() => {
                    let one = Value::int(1);
                    let next = one.as_number().map(|one| first.clone() + one.clone());
                    let first = crate::value::print_number(first);
                    let next = next
                        .as_ref()
                        .map(crate::value::print_number)
                        .unwrap_or_default();
                    format!("a part of a text is `{text}.substring({first}, {next})`")
                }
                _ => format!("a part of a text is `{text}.substring(from, to)`"),
            })
        }
        (Type::List(_), _, _) => Some("an entry of a list is read by its position".to_owned()),
        (Type::Map(_) | Type::Object(_), _, _) => {
            Some("an entry of an object is read by its key, which is a text".to_owned())
        }
        _ => None,
    };
    let message = format!(
        "{} has no entries at {}",
        with_article(of),
        with_article(at)
    );
    Diagnostic::error(Code::TypeMismatch, message)
        .at(env.span(syntax), "wrong types")
        .maybe_help(help)
}

/// The name of a type behind `a` or `an`.
fn with_article(ty: &Type) -> String {
    let name = ty.to_string();
    let article = if name.starts_with(['a', 'i', 'o']) {
        "an"
    } else {
        "a"
    };
    match ty {
        Type::Any => "a value of any type".to_owned(),
        Type::Null => name,
        _ => format!("{article} {name}"),
    }
}
