//! Texts: quotes and escapes.

use crate::expr::parse::SyntaxError;
use crate::expr::tokens::{TokenKind, Tokens};

use super::{with_fix, write_instead};

/// `'open`
pub(super) fn unclosed(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    if tokens.kind(at) != Some(TokenKind::Text) {
        return None;
    }
    let written = tokens.str(at);
    let (prefix, quote) = opening(written)?;
    let is_closed =
        written.len() >= prefix + 2 && written.ends_with(quote) && !is_escaped(written, prefix);
    if is_closed {
        return None;
    }
    let start = tokens.span(at).start;
    let found = SyntaxError::new(
        start..start + prefix + quote.len_utf8(),
        "this text has no closing quote",
    );
    Some(found.help(match quote {
        '\'' => "write `'` behind it; a text that holds `'` stands between `\"`",
        _ => "write `\"` behind it; a text that holds `\"` stands between `'`",
    }))
}

/// The length of what stands before the quote, and the quote.
fn opening(written: &str) -> Option<(usize, char)> {
    let prefix = written.find(['\'', '"'])?;
    let quote = written.get(prefix..)?.chars().next()?;
    Some((prefix, quote))
}

/// Whether the last quote of a text that isn't raw stands behind a backslash.
fn is_escaped(written: &str, prefix: usize) -> bool {
    let inner = written.get(..written.len() - 1).unwrap_or("");
    let slashes = inner.len() - inner.trim_end_matches('\\').len();
    prefix == 0 && slashes % 2 == 1
}

/// `'\d'`
pub(super) fn escape(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    let written = tokens.str(at);
    if tokens.kind(at) != Some(TokenKind::Text) || !written.starts_with(['\'', '"']) {
        return None;
    }
    let mut chars = written.char_indices();
    while let Some((place, c)) = chars.next() {
        if c != '\\' {
            continue;
        }
        let (_, next) = chars.next()?;
        if "abfnrtv\\?\"'`xXuU01234567".contains(next) {
            continue;
        }
        let start = tokens.span(at).start + place;
        let found = SyntaxError::new(
            start..start + 1 + next.len_utf8(),
            format!("`\\{next}` isn't an escape of CEL's texts"),
        );
        let raw = format!("r{written}");
        let doubled = written.replace('\\', "\\\\");
        let found = found.help(format!("write `{raw}` or `{doubled}`"));
        return Some(with_fix(found, tokens, tokens.span(at), &raw));
    }
    None
}

/// Quotes of word processors.
const TYPOGRAPHIC: [char; 9] = ['‘', '’', '‚', '“', '”', '„', '«', '»', '`'];

pub(super) fn typographic(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    let quote = tokens.str(at).chars().next()?;
    if tokens.kind(at) != Some(TokenKind::Mark) || !TYPOGRAPHIC.contains(&quote) {
        return None;
    }
    let found = SyntaxError::new(
        tokens.span(at),
        format!("{quote} isn't a quote that CEL knows"),
    );
    let start = tokens.span(at).end;
    let behind = tokens.text.get(start..)?;
    let Some(length) = behind.find(|c| TYPOGRAPHIC.contains(&c)) else {
        return Some(found.help("texts stand in straight quotes: 'text'"));
    };
    let inner = behind.get(..length)?;
    let closing = behind.get(length..)?.chars().next()?;
    let end = start + length + closing.len_utf8();
    let straight = format!("'{inner}'");
    Some(write_instead(
        found,
        tokens,
        tokens.span(at).start..end,
        &straight,
    ))
}
