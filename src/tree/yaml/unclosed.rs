//! Quotes and brackets that are opened and not closed.

use crate::source::{Code, Diagnostic, Span};

/// How many lines are looked at above an error.
const LINES: usize = 60;

/// A text in quotes that goes on where it can't: `at` is where that is, or
/// where the text starts.
pub(super) fn quote(text: &str, at: Span) -> Option<Diagnostic> {
    let (start, quote) = above(text, at.start, open_quote)?;
    let opened = Span::new(at.file, start, start + quote.len_utf8());
    let found = Diagnostic::error(
        Code::YamlSyntax,
        format!("the text that this `{quote}` opens isn't closed"),
    )
    .at(opened, "opened here");
    let line = text.get(start..)?.lines().next()?.trim_end();
    let before = text.get(..start)?;
    let line_before = before.rsplit('\n').next().unwrap_or_default();
    let is_simple = !line_before.contains(['[', '{']);
    let closed = match is_simple {
        true => format!("write `{quote}` behind it: `{line}{quote}`"),
        false => format!("write `{quote}` behind it"),
    };
    let is_below = text.get(start..at.start).is_some_and(|s| s.contains('\n'));
    if !is_below || at.start == at.end {
        return Some(found.help(closed));
    }
    let found = found.also(at, "still inside it, and not indented as a part of it");
    let begins = text.get(at.start..)?.lines().next()?;
    let is_other = begins.starts_with("- ") || begins.contains(": ") || begins.ends_with(':');
    Some(found.help(match is_other {
        true => closed,
        false => "indent the lines of a text in quotes deeper than its key".to_owned(),
    }))
}

/// The bracket that an error on a line below is inside of.
pub(super) fn bracket(text: &str, at: Span) -> Option<(Span, char)> {
    let (start, bracket) = above(text, at.start, open_bracket)?;
    let is_below = text.get(start..at.start)?.contains('\n');
    is_below.then(|| (Span::new(at.file, start, start + 1), bracket))
}

/// What the nearest line at or above `offset` leaves open, and where.
fn above(
    text: &str,
    offset: usize,
    find: impl Fn(&str) -> Option<(usize, char)>,
) -> Option<(usize, char)> {
    let mut end = offset;
    for step in 0..LINES {
        let start = text.get(..end)?.rfind('\n').map_or(0, |at| at + 1);
        let line = text.get(start..)?.lines().next().unwrap_or_default();
        let found = find(line).map(|(at, mark)| (start + at, mark));
        if let Some(found) = found.filter(|(at, _)| step > 0 || *at <= offset) {
            return Some(found);
        }
        end = start.checked_sub(1)?;
    }
    None
}

/// The quote of a line that isn't closed there.
fn open_quote(line: &str) -> Option<(usize, char)> {
    scan(line).quote
}

/// The first bracket of a line that isn't closed there.
fn open_bracket(line: &str) -> Option<(usize, char)> {
    scan(line).brackets.first().copied()
}

/// What a line leaves open.
#[derive(Default)]
struct Open {
    quote: Option<(usize, char)>,
    brackets: Vec<(usize, char)>,
}

/// Quotes and brackets count where a value starts; brackets are closed by
/// closing ones.
fn scan(line: &str) -> Open {
    let mut open = Open::default();
    let mut is_start = true;
    let mut chars = line.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' | '"' if is_start => {
                let rest = chars.as_str();
                let Some(length) = closing(rest, c) else {
                    open.quote = Some((at, c));
                    return open;
                };
                let end = at + 1 + length;
                while chars.offset() < end && chars.next().is_some() {}
                is_start = false;
            }
            '[' | '{' if is_start => open.brackets.push((at, c)),
            ']' | '}' => {
                open.brackets.pop();
                is_start = false;
            }
            '#' if at == 0 || line.get(..at).is_some_and(|b| b.ends_with([' ', '\t'])) => break,
            ' ' => {
                let before = line.get(..at).unwrap_or_default().trim_end();
                let ends = before.ends_with(':') || before.is_empty();
                let is_item =
                    before.ends_with('-') && before.trim_start_matches(['-', ' ']).is_empty();
                is_start = is_start || ends || is_item;
            }
            ',' if !open.brackets.is_empty() => is_start = true,
            _ => is_start = false,
        }
    }
    open
}

/// Behind how many bytes of `rest` the quote closes.
fn closing(rest: &str, quote: char) -> Option<usize> {
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote == '"' => {
                chars.next();
            }
            '\'' if quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == '\'') => {
                chars.next();
            }
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}
