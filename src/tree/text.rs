//! Texts that map back to the file.

use std::ops::{Deref, Range};

use super::align::{Map, align};
use crate::source::{FileId, Sources, Span};

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextStyle {
    /// Unquoted; perhaps over several lines.
    Plain,
    /// In `'`.
    SingleQuoted,
    /// In `"`, with escapes.
    DoubleQuoted,
    /// A block under `|` or `>`.
    Block,
}

/// A decoded text and how its bytes map back to the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// The text with quotes, escapes and line folding resolved.
    pub value: String,
    /// All of it in the file: with its quotes; a block without its header.
    pub span: Span,
    /// How it is written.
    pub style: TextStyle,
    map: Map,
}

impl Text {
    /// A text that stands under `span` of `file_text`, the whole text of the file.
    pub(super) fn new(file_text: &str, value: String, span: Span, style: TextStyle) -> Self {
        let raw = file_text.get(span.start..span.end).unwrap_or_default();
        let map = align(raw, &value, style, span.start);
        Self {
            value,
            span,
            style,
            map,
        }
    }

    /// A text that has no counterpart of its own in the file: every part of it
    /// points at all of `span`.
    pub fn synthetic(value: impl Into<String>, span: Span) -> Self {
        Self {
            value: value.into(),
            span,
            style: TextStyle::Plain,
            map: Map::Whole,
        }
    }

    /// The text of a mapping's key.
    pub(super) fn of_key(sources: &Sources, key: String, span: Span) -> Self {
        let style = match sources.excerpt(span).chars().next() {
            Some('\'') => TextStyle::SingleQuoted,
            Some('"') => TextStyle::DoubleQuoted,
            _ => TextStyle::Plain,
        };
        Self::new(sources.text(span.file), key, span, style)
    }

    /// The stretch of the file that the bytes `range` of the value come from;
    /// the whole text where that can't be told. A range that ends at or starts
    /// in folded blanks is drawn in to the characters beside them.
    pub fn span_of(&self, range: Range<usize>) -> Span {
        match self.map.find(range) {
            Some(found) => Span::new(self.span.file, found.start, found.end),
            None => self.span,
        }
    }

    /// The file that the text is in.
    pub fn file(&self) -> FileId {
        self.span.file
    }

    /// Whether it is written without quotes and not as a block.
    pub fn is_plain(&self) -> bool {
        self.style == TextStyle::Plain
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.value
    }
}

/// `text` as a quoted YAML scalar on one line, for a suggestion; none where a
/// block is easier to read, as it holds both kinds of quotes or a line break.
pub fn quoted(text: &str) -> Option<String> {
    if text.contains(['\n', '\r']) {
        None
    } else if !text.contains(['"', '\\']) {
        Some(format!("\"{text}\""))
    } else if !text.contains('\'') {
        Some(format!("'{text}'"))
    } else {
        None
    }
}

/// `text`, which has one line, as a quoted YAML scalar whatever it holds.
pub fn always_quoted(text: &str) -> String {
    quoted(text).unwrap_or_else(|| format!("'{}'", text.replace('\'', "''")))
}

/// `text`, which has one line, as a YAML scalar behind a key: in quotes where
/// it needs them.
pub fn plain_or_quoted(text: &str) -> String {
    let is_indicator = |c: char| "!&*|>%@`'\"[]{},#?:-".contains(c);
    let starts_oddly = text.starts_with(is_indicator);
    let is_odd =
        text.is_empty() || text.contains(": ") || text.contains(" #") || text.ends_with(':');
    let is_other = matches!(text, "true" | "false" | "null" | "~") || text.parse::<f64>().is_ok();
    if starts_oddly || is_odd || is_other || text != text.trim() {
        always_quoted(text)
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{parse_json, parse_yaml};

    /// What the mapping of `needle` in the text under `a` underlines.
    fn underlined(text: &str, needle: &str) -> String {
        let mut sources = Sources::new();
        let file = sources.add("a.yaml", text);
        let node = parse_yaml(&sources, file).unwrap();
        let value = node.get("a").unwrap().as_text().unwrap();
        let start = value.find(needle).unwrap();
        let span = value.span_of(start..start + needle.len());
        sources.excerpt(span).to_owned()
    }

    #[test]
    fn plain_and_quoted_texts_map_exactly() {
        assert_eq!(underlined("a: x.y == 1", "y =="), "y ==");
        assert_eq!(
            underlined("a: 'x == \"é\" && y'", "\"é\" && y"),
            "\"é\" && y"
        );
        assert_eq!(underlined("a: 'it''s here'", "here"), "here");
        assert_eq!(underlined("a: 'it''s here'", "'s"), "''s");
        assert_eq!(underlined(r#"a: "\u00e9\x41\"b c""#, "b c"), "b c");
        assert_eq!(underlined(r#"a: "\u00e9\x41\"b c""#, "A"), r"\x41");
        assert_eq!(underlined(r#"a: "\U0001F600 z""#, "z"), "z");
    }

    #[test]
    fn folded_lines_map_exactly() {
        assert_eq!(underlined("a: one\n   two\n\n   three\nb: x", "two"), "two");
        assert_eq!(
            underlined("a: one\n   two\n\n   three\nb: x", "three"),
            "three"
        );
        assert_eq!(underlined("a: one\n   two", "one two"), "one\n   two");
        assert_eq!(
            underlined("a: \"one \\\n   two\\\n  \\ three\"", "two"),
            "two"
        );
        assert_eq!(
            underlined("a: \"one \\\n   two\\\n  \\ three\"", "three"),
            "three"
        );
        assert_eq!(underlined("a: 'one\r\n\r\n  two'", "two"), "two");
    }

    #[test]
    fn blocks_map_exactly() {
        let text = "a: >-\n    item.amount > 0 &&\n      (more)\n\n    item.b != body.c\n\n# end\n";
        for needle in [
            "item.amount",
            "0 &&",
            "(more)",
            "body.c",
            "item.b != body.c",
        ] {
            assert_eq!(underlined(text, needle), needle);
        }
        assert_eq!(underlined("a: |2+\n    x\n   y\n\nb: c", "y"), "y");
        assert_eq!(underlined("a: |\n  x x\n  x\n", "x\nx"), "x\n  x");
        assert_eq!(underlined("a: >\r\n  one\r\n  two\r\n", "two"), "two");
    }

    #[test]
    fn json_strings_map_exactly() {
        let mut sources = Sources::new();
        let file = sources.add("a.json", r#"["\ud83d\ude00\/x\ty"]"#);
        let node = parse_json(&sources, file).unwrap();
        let text = node.items()[0].as_text().unwrap();
        assert_eq!(text.value, "\u{1f600}/x\ty");
        assert_eq!(sources.excerpt(text.span_of(0..4)), r"\ud83d\ude00");
        assert_eq!(sources.excerpt(text.span_of(5..6)), "x");
        assert_eq!(sources.excerpt(text.span_of(6..8)), r"\ty");
    }

    #[test]
    fn ends_and_nonsense_stay_inside_the_text() {
        let mut sources = Sources::new();
        let file = sources.add("a.yaml", "a: 'xy'\nb: >-\n  one\n  two\n");
        let node = parse_yaml(&sources, file).unwrap();
        let quoted = node.get("a").unwrap().as_text().unwrap();
        assert_eq!(quoted.span_of(2..2), Span::new(file, 6, 6));
        assert_eq!(sources.excerpt(quoted.span_of(1..99)), "y");
        let block = node.get("b").unwrap().as_text().unwrap();
        assert_eq!(sources.excerpt(block.span_of(0..99)), "one\n  two");
        assert_eq!(block.span_of(7..7).start, 25);
    }

    #[test]
    fn keys_map_exactly() {
        let mut sources = Sources::new();
        let file = sources.add("a.yaml", "\"header['X']\": 1\n");
        let node = parse_yaml(&sources, file).unwrap();
        let key = node.entries()[0].key_text(&sources);
        assert_eq!(sources.excerpt(key.span_of(7..10)), "'X'");
    }

    #[test]
    fn suggestions_choose_the_quotes_that_fit() {
        assert_eq!(quoted("a ? b : 'c'").unwrap(), "\"a ? b : 'c'\"");
        assert_eq!(quoted(r"matches('\d')"), None);
        assert_eq!(quoted(r#"a == "b""#).unwrap(), r#"'a == "b"'"#);
    }
}
