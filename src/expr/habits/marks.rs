//! Marks that mean something elsewhere.

use super::{with_fix, write_instead};
use crate::expr::parse::{Correction, SyntaxError};
use crate::expr::tokens::{TokenKind, Tokens};

/// Methods that take a function, and what CEL calls them.
pub(in crate::expr) const OVER_LISTS: [(&str, &str); 9] = [
    ("some", "exists"),
    ("any", "exists"),
    ("anyMatch", "exists"),
    ("every", "all"),
    ("all", "all"),
    ("allMatch", "all"),
    ("exists", "exists"),
    ("filter", "filter"),
    ("map", "map"),
];

/// `list.some(a => a.x)`; elsewhere an arrow is an implication or a slip.
pub(super) fn arrow(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    if !matches!(tokens.str(at), "=>" | "->") {
        return None;
    }
    let found = SyntaxError::new(
        tokens.span(at),
        format!("`{}` means nothing here", tokens.str(at)),
    );
    if let Some(function) = Function::of(tokens, at) {
        let general = format!("write `list.{}({}, …)`", function.method, function.item);
        let span = tokens.spans(function.first, at);
        let with = format!("{}({},", function.method, function.item);
        let end = tokens.operand_after(function.first)?;
        let found = match tokens.mended(span.clone(), &with) {
            Some(_) => {
                let start = tokens
                    .operand_before(function.first + 1)
                    .unwrap_or(function.first);
                let before = tokens.slice(tokens.span(start).start..span.start);
                let behind = tokens.slice(span.end..tokens.span(end).end);
                found.help(format!("write `{before}{with}{behind}`"))
            }
            None => found.help(general),
        };
        return Some(with_fix(found, tokens, span, &with));
    }
    if tokens.str(at) == "=>" {
        return None;
    }
    Some(found.help("for \"implies\" write `!a || b` or use the key `when`"))
}

/// A function that is written where it is needed: `some(a =>`.
struct Function<'a> {
    /// The token of the method's name.
    first: usize,
    method: &'static str,
    item: &'a str,
}

impl<'a> Function<'a> {
    fn of(tokens: &Tokens<'a>, at: usize) -> Option<Self> {
        let item = match tokens.before(at) {
            ")" => {
                let open = tokens.opening(at - 1)?;
                if open + 2 != at - 1 {
                    return None;
                }
                open + 1
            }
            _ => at.checked_sub(1)?,
        };
        let is_bracketed = tokens.before(at) == ")";
        let open = item.checked_sub(1 + usize::from(is_bracketed))?;
        let first = open.checked_sub(1)?;
        if tokens.str(open) != "(" || tokens.kind(item) != Some(TokenKind::Word) {
            return None;
        }
        let name = tokens.str(first);
        let (_, method) = OVER_LISTS.iter().find(|(known, _)| *known == name)?;
        Some(Self {
            first,
            method,
            item: tokens.str(item),
        })
    }
}

/// `x ** 2`
pub(super) fn power(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    if tokens.str(at) != "**" {
        return None;
    }
    let found = SyntaxError::new(tokens.span(at), "there is no operator for powers");
    let first = tokens.operand_before(at);
    if let Some(first) = first
        && tokens.str(at + 1) == "2"
    {
        let base = tokens.strs(first, at - 1);
        let with = format!("{base} * {base}");
        return Some(write_instead(
            found,
            tokens,
            tokens.spans(first, at + 1),
            &with,
        ));
    }
    Some(found.help("write it out: `x * x * x`"))
}

/// `x =~ '^A'`
pub(super) fn pattern(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    if !matches!(tokens.str(at), "=~" | "!~" | "~=") {
        return None;
    }
    let found = SyntaxError::new(
        tokens.span(at),
        format!("`{}` means nothing here", tokens.str(at)),
    );
    let first = tokens.operand_before(at);
    let is_text = tokens.kind(at + 1) == Some(TokenKind::Text);
    let Some(first) = first.filter(|_| is_text) else {
        return Some(found.help("write `x.matches('…')`"));
    };
    let not = if tokens.str(at) == "!~" { "!" } else { "" };
    let path = tokens.strs(first, at - 1);
    let with = format!("{not}{path}.matches({})", tokens.str(at + 1));
    Some(write_instead(
        found,
        tokens,
        tokens.spans(first, at + 1),
        &with,
    ))
}

/// `{'a', 'b'}`
pub(super) fn set(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    let is_set = tokens.str(at) == "{"
        && matches!(
            tokens.kind(at + 1),
            Some(TokenKind::Text | TokenKind::Number)
        )
        && matches!(tokens.str(at + 2), "," | "}");
    if !is_set {
        return None;
    }
    let last = tokens.closing(at)?;
    let span = tokens.spans(at, last);
    let found = SyntaxError::new(span.clone(), "lists are written in square brackets");
    let with = format!("[{}]", tokens.strs(at + 1, last - 1));
    Some(write_instead(found, tokens, span, &with))
}

/// `list[1:]`
pub(super) fn slice(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    if tokens.str(at) != ":" {
        return None;
    }
    let open = tokens.enclosing(at)?;
    let is_conditional = (open..at).any(|index| tokens.str(index).starts_with('?'));
    if tokens.str(open) != "[" || is_conditional {
        return None;
    }
    let found = SyntaxError::new(tokens.span(at), "there are no slices");
    Some(
        found
            .help("of a text: `text.substring(1)`, `text.substring(0, 3)`")
            .help("of a list: `list.filter(i, x, i >= 1)`"),
    )
}

/// `$.price`, `${body.price}`, `{{price}}`
pub(super) fn template(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    let mark = tokens.str(at);
    let inner_start = match (mark, tokens.str(at + 1)) {
        ("$", "{") => at + 2,
        ("{{", _) => at + 1,
        ("$", ".") if tokens.kind(at + 2) == Some(TokenKind::Word) => {
            let found = SyntaxError::new(tokens.span(at), "paths don't begin with `$`");
            let last = tokens.operand_after(at + 2)?;
            let with = match tokens.str(at + 2) {
                "body" | "query" | "path" | "header" | "cookie" => {
                    tokens.strs(at + 2, last).to_owned()
                }
                _ => format!("body.{}", tokens.strs(at + 2, last)),
            };
            return Some(write_instead(found, tokens, tokens.spans(at, last), &with));
        }
        ("$", _) if tokens.kind(at + 1) == Some(TokenKind::Word) => {
            let found = SyntaxError::new(tokens.span(at), "names don't begin with `$`");
            return Some(found.help("fields are read as `body.…`, parameters as `query.…`"));
        }
        _ => return None,
    };
    let found = SyntaxError::new(
        tokens.spans(at, inner_start - 1),
        "names stand in an expression as they are",
    );
    let last = tokens.operand_after(inner_start)?;
    let close = last + if mark == "{{" { 2 } else { 1 };
    if tokens.str(close) != "}" {
        return Some(found.help("leave out the braces"));
    }
    let inner = tokens.strs(inner_start, last);
    Some(write_instead(found, tokens, tokens.spans(at, close), inner))
}

/// `a;`, `a; b`
pub(super) fn semicolon(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    if tokens.str(at) != ";" {
        return None;
    }
    let found = SyntaxError::new(tokens.span(at), "`;` isn't expected here");
    if at + 1 < tokens.len() {
        return Some(found.help("a rule is one expression: join conditions by `&&`"));
    }
    Some(found.help("leave it out").fix(Correction {
        span: tokens.span(at),
        text: String::new(),
        is_certain: false,
    }))
}

/// `a > 1, b > 2`
pub(super) fn comma(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    if tokens.str(at) != "," || super::numbers::in_list(tokens, at) {
        return None;
    }
    let found = SyntaxError::new(tokens.span(at), "`,` isn't expected here");
    Some(found.help("join conditions by `&&`; lists are written in square brackets"))
}
