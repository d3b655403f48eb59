//! What of a text an expression covers: its token and its parts, with the
//! brackets that belong to it.

use std::ops::Range;

use cel::common::ast::operators;
use num_traits::Signed;

use super::parse::{Syntax, SyntaxKind, literal_length};
use crate::value::Value;

/// The bytes that an expression of that kind covers; `token` is what the parser
/// noted for it: the bracket of a call.
pub(super) fn extent(text: &str, token: Option<Range<usize>>, kind: &SyntaxKind) -> Range<usize> {
    let call = match kind {
        SyntaxKind::Has(_) => Some(operators::HAS),
        SyntaxKind::Call { name, .. } if is_word(name) => Some(name.as_str()),
        _ => None,
    };
    let closing = token
        .as_ref()
        .filter(|_| call.is_some())
        .and_then(|token| closing(text, token.start));
    let parts = parts(kind).into_iter().map(|part| match call {
        // The brackets of a call are its own, except around what it is called on.
        Some(_) if !is_target(kind, part) => part.span.clone(),
        _ => bracketed(text, part.span.clone()),
    });
    let hull = parts
        .chain(token)
        .reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
        .unwrap_or(0..text.len());
    let end = match kind {
        SyntaxKind::Select(_, member) => past(text, hull.end, member),
        SyntaxKind::Every(_) | SyntaxKind::List(_) => past_any(text, hull.end, ']'),
        SyntaxKind::Map(_) => past_any(text, hull.end, '}'),
        SyntaxKind::Call { name, .. }
            if [operators::INDEX, operators::OPT_INDEX].contains(&name.as_str()) =>
        {
            past_any(text, hull.end, ']')
        }
        _ if call.is_some() => closing.unwrap_or_else(|| past_any(text, hull.end, ')')),
        _ => hull.end,
    };
    let before = text.get(..hull.start).unwrap_or("").trim_end();
    let start = match kind {
        // The name of a call stands before its bracket.
        SyntaxKind::Has(_) | SyntaxKind::Call { target: None, .. } => {
            call.and_then(|name| before.strip_suffix(name))
        }
        // A sign is no part of a number's token.
        SyntaxKind::Literal(Value::Number(number), _) if number.is_negative() => {
            before.strip_suffix('-')
        }
        _ => None,
    };
    start.map_or(hull.start, str::len)..end
}

fn parts(kind: &SyntaxKind) -> Vec<&Syntax> {
    match kind {
        SyntaxKind::Literal(..) | SyntaxKind::Name(_) => Vec::new(),
        SyntaxKind::Select(base, _) | SyntaxKind::Every(base) | SyntaxKind::Has(base) => {
            vec![base]
        }
        SyntaxKind::Call { target, args, .. } => {
            target.iter().map(AsRef::as_ref).chain(args).collect()
        }
        SyntaxKind::List(items) => items.iter().collect(),
        SyntaxKind::Map(entries) => entries.iter().flat_map(|(k, v)| [k, v]).collect(),
    }
}

/// Whether a call is written as a word with parentheses.
fn is_word(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !name.starts_with('_')
}

/// Whether `part` is what a method is called on.
fn is_target(kind: &SyntaxKind, part: &Syntax) -> bool {
    match kind {
        SyntaxKind::Call { target, .. } => {
            let target = target.as_deref();
            target.is_some_and(|target| std::ptr::eq(target, part))
        }
        _ => false,
    }
}

/// A part with the parentheses around it.
fn bracketed(text: &str, mut span: Range<usize>) -> Range<usize> {
    loop {
        let before = text.get(..span.start).unwrap_or("").trim_end();
        let behind = text.get(span.end..).unwrap_or("");
        let blanks = behind.len() - behind.trim_start().len();
        if !before.ends_with('(') || !behind.trim_start().starts_with(')') {
            return span;
        }
        span = before.len() - 1..span.end + blanks + 1;
    }
}

/// Past the bracket that closes the one at `open`.
fn closing(text: &str, open: usize) -> Option<usize> {
    let mut at = open;
    let mut depth = 0_usize;
    while let Some(next) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..)?;
        at += match next {
            '\'' | '"' => literal_length(rest, text.get(..at)?),
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            _ => next.len_utf8(),
        };
        match next {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return (next == ')').then_some(at);
        }
    }
    None
}

/// Past `member` if it stands right after `end` (or has been passed).
fn past(text: &str, end: usize, member: &str) -> usize {
    let rest = text.get(end..).unwrap_or("");
    let skipped = rest.len() - rest.trim_start_matches(['.', ' ', '\n']).len();
    match rest.get(skipped..) {
        Some(rest) if rest.starts_with(member) => end + skipped + member.len(),
        _ => end,
    }
}

/// Past the next closing bracket if only blanks stand before it.
fn past_any(text: &str, end: usize, closing: char) -> usize {
    let rest = text.get(end..).unwrap_or("");
    let blanks = rest.len() - rest.trim_start().len();
    match rest.trim_start().starts_with(closing) {
        true => end + blanks + closing.len_utf8(),
        false => end,
    }
}
