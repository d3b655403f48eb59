//! What is written as in other languages, where that leaves an expression that
//! can't be parsed: what it is called there, and what to write instead.

mod marks;
mod misread;
mod nothing;
mod numbers;
mod texts;
mod words;

use std::ops::Range;

use super::parse::{Correction, SyntaxError};
use super::tokens::{TokenKind, Tokens};

pub(super) use misread::{comment_before_conditions, cut_short, misread, placeholder_in, variable};

/// Looks at one token and those around it.
type Habit = fn(&Tokens<'_>, usize) -> Option<SyntaxError>;

/// The first that fits at the first token that one fits at tells most.
const HABITS: [Habit; 28] = [
    texts::unclosed,
    texts::escape,
    texts::typographic,
    numbers::date,
    numbers::percent,
    numbers::underscores,
    numbers::unit,
    numbers::commas,
    numbers::member,
    nothing::presence,
    nothing::chained,
    nothing::otherwise,
    words::comprehension,
    words::negated,
    words::not,
    words::like,
    words::between,
    words::binding,
    words::infix,
    words::membership,
    marks::arrow,
    marks::power,
    marks::pattern,
    marks::set,
    marks::slice,
    marks::template,
    marks::semicolon,
    marks::comma,
];

/// The first thing in a text that is no CEL but something elsewhere. Of use
/// only where the text can't be parsed.
pub(super) fn habit(text: &str) -> Option<SyntaxError> {
    let tokens = Tokens::of(text);
    (0..tokens.len()).find_map(|at| {
        let found = HABITS.iter().find_map(|habit| habit(&tokens, at));
        found.or_else(|| super::hints::foreign_token(&tokens, at))
    })
}

/// What is wrong even where the text can be parsed.
pub(super) fn pitfall(text: &str) -> Option<SyntaxError> {
    if !text.contains('-') {
        return None;
    }
    let tokens = Tokens::of(text);
    (0..tokens.len()).find_map(|at| numbers::date(&tokens, at))
}

/// Where the parser stopped, if no habit tells why.
pub(super) fn stumble(text: &str, at: usize) -> SyntaxError {
    let tokens = Tokens::of(text);
    let hidden = |found: SyntaxError| match misread::hidden_end(&tokens) {
        Some(help) => found.help(help),
        None => found,
    };
    if let Some(found) = unbalanced(&tokens) {
        return hidden(found);
    }
    let Some(index) = tokens.at(at) else {
        let end = text.len();
        return hidden(SyntaxError::new(end..end, "the expression ends too early"));
    };
    let token = tokens.str(index);
    let found = SyntaxError::new(tokens.span(index), format!("`{token}` isn't expected here"));
    let is_value = tokens.kind(index) != Some(TokenKind::Mark);
    if is_value && index > 0 && tokens.ends_value(index - 1) {
        let before = tokens.before(index);
        return found.help(format!(
            "an operator such as `==` or `&&` is missing between `{before}` and `{token}`"
        ));
    }
    found
}

/// A bracket without its other half.
fn unbalanced(tokens: &Tokens<'_>) -> Option<SyntaxError> {
    let mut open: Vec<usize> = Vec::new();
    for at in 0..tokens.len() {
        let closing = tokens.str(at);
        let opening = match closing {
            "(" | "[" | "{" => {
                open.push(at);
                continue;
            }
            ")" => "(",
            "]" => "[",
            "}" => "{",
            _ => continue,
        };
        match open.pop() {
            Some(last) if tokens.str(last) == opening => {}
            Some(last) => {
                let message = format!(
                    "`{closing}` closes nothing: `{}` is open there",
                    tokens.str(last)
                );
                return Some(SyntaxError::new(tokens.span(at), message));
            }
            None => {
                let message = format!("`{closing}` closes nothing: no `{opening}` is open");
                return Some(SyntaxError::new(tokens.span(at), message));
            }
        }
    }
    let last = open.pop()?;
    let message = format!("`{}` is never closed", tokens.str(last));
    Some(SyntaxError::new(tokens.span(last), message))
}

/// The advice to write `with` in place of `span`: as a fix too, where all of
/// the text can be parsed then.
fn write_instead(
    found: SyntaxError,
    tokens: &Tokens<'_>,
    span: Range<usize>,
    with: &str,
) -> SyntaxError {
    let found = found.help(format!("write `{with}`"));
    with_fix(found, tokens, span, with)
}

fn with_fix(
    found: SyntaxError,
    tokens: &Tokens<'_>,
    span: Range<usize>,
    with: &str,
) -> SyntaxError {
    match tokens.mended(span.clone(), with) {
        Some(_) => found.fix(Correction {
            span,
            text: with.to_owned(),
            is_certain: false,
        }),
        None => found,
    }
}

#[cfg(test)]
mod tests;
