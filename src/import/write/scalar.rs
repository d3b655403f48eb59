//! Texts as YAML scalars.

use std::fmt::Write;

use crate::tree::quoted;

/// Characters of expressions and paths that mean nothing to YAML.
const PLAIN: &str = "_./()<>=+*-&|!'\"[]{},?:;$%@~^#";

/// `text` as a scalar of a mapping or of a list in block style: without
/// quotes where all readers of YAML agree that it is this text.
pub fn scalar(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    in_quotes(text)
}

/// `text` as an item of a list in brackets.
pub fn flow(text: &str) -> String {
    if is_plain(text) && !text.contains([',', '[', ']', '{', '}', '\'', '"']) {
        return text.to_owned();
    }
    in_quotes(text)
}

fn in_quotes(text: &str) -> String {
    let is_simple = text.chars().all(|c| !c.is_control() && !breaks(c));
    match quoted(text).filter(|_| is_simple) {
        Some(quoted) => quoted,
        None => escaped(text),
    }
}

fn is_plain(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == ' ' || PLAIN.contains(c);
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let means_something = words.contains(&text.to_ascii_lowercase().as_str())
        || [": ", " #"].iter().any(|sign| text.contains(sign))
        || text.ends_with([' ', ':']);
    starts_plain(text) && text.chars().all(allowed) && !means_something
}

/// Whether a text starts as no number, sign or special float does.
fn starts_plain(text: &str) -> bool {
    let is_float = matches!(text.to_ascii_lowercase().as_str(), ".inf" | ".nan");
    let rest = text.trim_start_matches("../");
    let rest = rest
        .strip_prefix("./")
        .or(rest.strip_prefix('.'))
        .unwrap_or(rest);
    let is_word = rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    is_word && !is_float || text.starts_with(['/', '('])
}

/// Whether YAML takes a character for a line break, or doesn't print it.
pub fn breaks(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// In `"`, with escapes.
fn escaped(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || breaks(c) => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The lines of a folded block (`>-`) that reads as `text`: broken behind `&&`
/// and `||`, where there are some, else at blanks outside of string literals;
/// `None` where that can't be.
pub fn folded(text: &str, width: usize) -> Option<Vec<String>> {
    let is_simple = text.chars().all(|c| !c.is_control() && !breaks(c));
    if !is_simple || text.starts_with([' ', '#']) || text.ends_with(' ') {
        return None;
    }
    let mut lines: Vec<String> = Vec::new();
    for piece in clauses(pieces(text)) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + piece.chars().count() <= width => {
                line.push(' ');
                line.push_str(&piece);
            }
            _ => lines.push(piece),
        }
    }
    let is_safe =
        |line: &String| !line.starts_with(' ') && !line.ends_with(' ') && !line.is_empty();
    lines.iter().all(is_safe).then_some(lines)
}

/// Pieces up to the next `&&` or `||` as one, where there are any.
fn clauses(pieces: Vec<String>) -> Vec<String> {
    let ends = |piece: &str| matches!(piece, "&&" | "||");
    if !pieces.iter().any(|piece| ends(piece)) {
        return pieces;
    }
    let clauses = pieces.split_inclusive(|piece| ends(piece));
    clauses.map(|clause| clause.join(" ")).collect()
}

/// The text, cut at single blanks outside of quotes.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut open: Option<char> = None;
    let mut escaped = false;
    for c in text.chars() {
        match open {
            _ if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(quote) if c == quote => open = None,
            None if matches!(c, '\'' | '"') => open = Some(c),
            _ => {}
        }
        match pieces.last_mut() {
            Some(piece) if c != ' ' || open.is_some() => piece.push(c),
            _ => pieces.push(String::new()),
        }
    }
    pieces
}
