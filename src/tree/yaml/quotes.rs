//! Values that YAML takes for something else, as they lack quotes.

use std::ops::Range;

use super::flow::scalar_at;
use crate::source::{Code, Diagnostic, Span};
use crate::tree::{always_quoted, plain_or_quoted, quoted};

/// A value that lacks quotes.
pub(super) struct Unquoted<'a> {
    /// Empty where it isn't clear what the key is.
    key: &'a str,
    pub(super) value: &'a str,
    /// Offset of the value in the document; its end where there is no key.
    pub(super) offset: usize,
    /// Whether the value goes on in the next line.
    continues: bool,
    /// Whether it stands inside `[...]` or `{...}`.
    is_inside: bool,
}

impl<'a> Unquoted<'a> {
    /// The value at `offset`.
    pub(super) fn around(text: &'a str, offset: usize) -> Self {
        if let Some(found) = scalar_at(text, offset) {
            return Self {
                key: found.key.unwrap_or_default(),
                value: text.get(found.range.clone()).unwrap_or_default(),
                offset: found.range.start,
                continues: false,
                is_inside: true,
            };
        }
        let before = text.get(..offset).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = text.get(start..).unwrap_or_default();
        let mut lines = rest.lines();
        let line = lines.next().unwrap_or_default();
        let bare = line.trim_start_matches([' ', '-']);
        let Some((key, value)) = bare.split_once(": ") else {
            return Self {
                key: "",
                value: "",
                offset: text.len(),
                continues: false,
                is_inside: false,
            };
        };
        let column = line.len() - bare.len();
        let deeper = |next: &str| next.len() - next.trim_start().len() > column;
        let value_start = line.len() - value.trim_start().len();
        Self {
            key,
            value: value.trim(),
            offset: start + value_start,
            continues: lines.next().is_some_and(deeper),
            is_inside: false,
        }
    }

    /// Whether it stands inside `[...]` or `{...}`.
    pub(super) fn is_inside(&self) -> bool {
        self.is_inside
    }

    /// Whether the value itself starts with a bracket.
    pub(super) fn starts_with_bracket(&self) -> bool {
        self.value.starts_with(['[', '{'])
    }

    /// Whether it is surely a key and its value, or an item of a list.
    fn is_simple(&self) -> bool {
        let odd = self.key.contains(['"', '\'', '{', '[', ' ']);
        !odd && (self.is_inside || !self.key.is_empty())
    }

    /// What is meant by it: without quotes around it that end too early.
    fn meant(&self) -> &'a str {
        self.within_quotes().unwrap_or(self.value)
    }

    /// What stands within the quotes of `"x == "y""`, which aren't those of
    /// `"x" == "y"`.
    fn within_quotes(&self) -> Option<&'a str> {
        let quote = self
            .value
            .chars()
            .next()
            .filter(|c| matches!(c, '"' | '\''))?;
        let inner = self.value.strip_prefix(quote)?.strip_suffix(quote)?;
        let (_, behind) = inner.split_once(quote)?;
        let goes_on = |c: char| c.is_alphanumeric() || c == quote;
        behind.starts_with(goes_on).then_some(inner)
    }

    /// Where the parser can be made to go on behind it.
    pub(super) fn range(&self) -> Option<Range<usize>> {
        if !self.is_simple() || !self.is_inside && self.starts_with_bracket() {
            return None;
        }
        let shift = usize::from(self.within_quotes().is_some());
        let start = self.offset + shift;
        Some(start..start + self.meant().len())
    }

    /// How it is written with its quotes.
    fn written(&self) -> String {
        let meant = self.meant();
        let text = match self.key {
            "" if !meant.contains(['\'', '\\']) => format!("'{meant}'"),
            _ => always_quoted(meant),
        };
        match self.key {
            "" => text,
            key => format!("{key}: {text}"),
        }
    }

    /// How to quote the value.
    fn fix(&self) -> String {
        const VAGUE: &str = "put the whole text in quotes";
        if self.continues || !self.is_simple() {
            return VAGUE.to_owned();
        }
        if self.is_inside || quoted(self.meant()).is_some() {
            return format!("{VAGUE}: `{}`", self.written());
        }
        format!(
            "write `{}: >-`, and `{}` indented on the line below: nothing needs quotes there",
            self.key,
            self.meant()
        )
    }

    /// `[!theatre, 10]`: a cell of a table, perhaps.
    fn negated(&self) -> Option<String> {
        let name = self
            .value
            .strip_prefix('!')
            .filter(|_| self.key.is_empty())?;
        let is_word = self.is_inside && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        is_word.then(|| format!("for anything but `{name}`, a cell of a table says `'!= {name}'`"))
    }
}

/// A value that YAML takes for something else than a text.
pub(super) fn needs_quotes(
    code: Code,
    message: &str,
    label: &str,
    value: &Unquoted<'_>,
    at: Span,
) -> Diagnostic {
    let found = Diagnostic::error(code, message).at(at, label);
    if let Some(other) = value.negated() {
        return found.help(other);
    }
    let found = found.help(value.fix());
    if value.is_inside || quoted(value.meant()).is_none() && !value.continues {
        return found;
    }
    found.help(
        "or write `>-` in its place and the text, indented, on the lines below: \
         nothing needs quotes there",
    )
}

/// A value that starts with a character which means something to YAML.
pub(super) fn indicator(value: &Unquoted<'_>, file: crate::source::FileId) -> Diagnostic {
    let (first, meaning) = match value.value.chars().next() {
        Some('!') => ("!", "a type tag"),
        Some('&') => ("&", "an anchor"),
        Some('*') => ("*", "an alias"),
        Some('|') => ("|", "a block of text"),
        _ => (">", "a block of text"),
    };
    let at = Span::new(file, value.offset, value.offset + 1);
    let is_block = matches!(first, ">" | "|") && !value.is_inside && value.is_simple();
    if let Some(text) = value.value.strip_prefix(first).filter(|_| is_block) {
        return block(value.key, first, text.trim_start(), at);
    }
    needs_quotes(
        Code::NeedsQuotes,
        &format!("an unquoted text can't start with `{first}`"),
        &format!("YAML takes this for {meaning}"),
        value,
        at,
    )
}

/// `rule: > body.price > 10`
fn block(key: &str, first: &str, text: &str, at: Span) -> Diagnostic {
    let message = format!("the text under `{first}` starts in the next line");
    Diagnostic::error(Code::NeedsQuotes, message)
        .at(at, "starts a block of text")
        .help(format!(
            "write `{key}: >-`, and `{text}` indented on the line below"
        ))
        .help(format!(
            "or leave out `{first}`: `{key}: {}`",
            plain_or_quoted(text)
        ))
}

/// A backslash in double quotes that YAML can't make sense of; `start` is
/// where the quotes open.
pub(super) fn escape(text: &str, start: usize, file: crate::source::FileId) -> Option<Diagnostic> {
    const KNOWN: &str = "0abt\tnvfre \"/\\N_LPxuU\n\r";
    let inner = text.get(start..)?.strip_prefix('"')?;
    let mut characters = inner.char_indices();
    let (at, wrong) = loop {
        match characters.next()? {
            (_, '"') => return None,
            (at, '\\') => match characters.next()?.1 {
                escaped if KNOWN.contains(escaped) => {}
                escaped => break (at, escaped),
            },
            _ => {}
        }
    };
    let from = start + 1 + at;
    let at = Span::new(file, from, from + 1 + wrong.len_utf8());
    let found = Diagnostic::error(
        Code::NeedsQuotes,
        "a backslash in double quotes starts an escape",
    )
    .at(at, format!("YAML knows no escape `\\{wrong}`"));
    let mut last = ' ';
    let is_end = |c: char| {
        let ends = c == '"' && last != '\\';
        last = c;
        ends
    };
    let Some((whole, _)) = inner
        .split_once(is_end)
        .filter(|(whole, _)| !whole.contains('\n'))
    else {
        return Some(found.help("use single quotes, or `>-` with the text on the lines below"));
    };
    Some(found.help(match whole.contains('\'') {
        true => format!(
            "write `>-` in its place, and `{}` indented on the line below",
            raw_strings(whole)
        ),
        false => format!("use single quotes: `'{whole}'`"),
    }))
}

/// With an `r` before strings of the expression language that hold a backslash,
/// which is one of the pattern only then.
fn raw_strings(text: &str) -> String {
    let mut written = String::new();
    for (index, part) in text.split('\'').enumerate() {
        let is_string = index % 2 == 1;
        if is_string && part.contains('\\') && !written.ends_with('r') {
            written.push('r');
        }
        if index > 0 {
            written.push('\'');
        }
        written.push_str(part);
    }
    written
}
