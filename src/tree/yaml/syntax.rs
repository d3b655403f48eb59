//! YAML syntax errors, in words that lead to the fix.

use std::ops::Range;

use granit_parser::{ErrorKind, ScanError};

use super::errors::too_deep;
use crate::source::{Code, Diagnostic, FileId, Span};
use crate::tree::quoted;

/// What is wrong and where; and the value that lacks quotes, if that is it.
pub(super) fn explain(
    error: &ScanError,
    text: &str,
    file: FileId,
) -> (Box<Diagnostic>, Option<Range<usize>>) {
    let offset = error.marker().byte_offset().unwrap_or(text.len());
    let offset = offset.min(text.len());
    let length = text
        .get(offset..)
        .and_then(|rest| rest.chars().next())
        .filter(|c| *c != '\n' && *c != '\r')
        .map_or(0, char::len_utf8);
    let at = Span::new(file, offset, offset + length);
    let line = Line::around(text, offset);
    let found = finding(error.kind(), &line, at);
    let unquoted = found.code == Code::NeedsQuotes && line.is_simple() && !line.in_brackets();
    let range = line.value_offset..line.value_offset + line.value.len();
    (Box::new(found), unquoted.then_some(range))
}

fn finding(kind: &ErrorKind, line: &Line<'_>, at: Span) -> Diagnostic {
    match kind {
        ErrorKind::ExpectedBlockMappingKey if line.in_brackets() => needs_quotes(
            Code::NeedsQuotes,
            "text goes on behind the closing bracket",
            "a value that starts with a bracket ends with its closing one",
            line,
            at,
        ),
        ErrorKind::MappingValueNotAllowed if at.start < line.value_offset => stray_key(at),
        ErrorKind::MappingValueNotAllowed
        | ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar
        | ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::PlainScalarStartsWithDashFlowIndicator
            if line.in_brackets() || is_flow(kind) =>
        {
            separator(at)
        }
        ErrorKind::MappingValueNotAllowed => needs_quotes(
            Code::NeedsQuotes,
            "an unquoted text can't hold `: `",
            "YAML takes this colon for the end of a key",
            line,
            at,
        ),
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => needs_quotes(
            Code::NeedsQuotes,
            "text goes on behind the closing quote",
            "a value that starts with a quote ends at the next one",
            line,
            at,
        ),
        ErrorKind::InvalidBlockScalarHeader | ErrorKind::ExpectedBlockMappingKey
            if line.value.starts_with(['!', '|', '>', '&', '*']) =>
        {
            indicator(line, at)
        }
        ErrorKind::UnexpectedCharacter { character } => needs_quotes(
            Code::NeedsQuotes,
            &format!("an unquoted text can't start with `{character}`"),
            "YAML reserves this character",
            line,
            at,
        ),
        ErrorKind::UnclosedFlowCollection { open } => {
            Diagnostic::error(Code::YamlSyntax, format!("`{open}` is never closed")).at(at, "")
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation => {
            Diagnostic::error(Code::YamlSyntax, "a tab can't be used as indentation")
                .at(at, "")
                .help("indent with blanks")
        }
        ErrorKind::RecursionLimitExceeded => *too_deep(at),
        kind => Diagnostic::error(Code::YamlSyntax, format!("not well-formed YAML: {kind}"))
            .at(at, "here"),
    }
}

/// Errors that occur inside brackets alone.
fn is_flow(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ExpectedFlowMappingSeparator
            | ErrorKind::ExpectedFlowSequenceSeparator
            | ErrorKind::InvalidColonPlacement
            | ErrorKind::PlainScalarStartsWithDashFlowIndicator
    )
}

/// A line, taken apart where it has the form `key: value`.
pub(super) struct Line<'a> {
    key: &'a str,
    value: &'a str,
    /// Offset of the value in the document; its end where there is no key.
    value_offset: usize,
    /// Whether the value goes on in the next line.
    continues: bool,
}

impl<'a> Line<'a> {
    /// The line that `offset` is in.
    pub(super) fn around(text: &'a str, offset: usize) -> Self {
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
                value_offset: text.len(),
                continues: false,
            };
        };
        let column = line.len() - bare.len();
        let deeper = |next: &str| next.len() - next.trim_start().len() > column;
        let value_start = line.len() - value.trim_start().len();
        Self {
            key,
            value: value.trim(),
            value_offset: start + value_start,
            continues: lines.next().is_some_and(deeper),
        }
    }

    /// Whether the value starts with a bracket.
    fn in_brackets(&self) -> bool {
        self.value.starts_with(['[', '{'])
    }

    /// Whether it is surely a key and its value.
    fn is_simple(&self) -> bool {
        !self.key.is_empty() && !self.key.contains(['"', '\'', '{', '[', ' '])
    }

    /// How to quote the value.
    fn fix(&self) -> String {
        if self.continues {
            return "put the whole text in quotes".to_owned();
        }
        match quoted(self.value) {
            Some(value) if self.is_simple() => {
                format!("put the whole text in quotes: `{}: {value}`", self.key)
            }
            None if self.is_simple() => format!(
                "write `{}: >-`, and `{}` indented on the line below: nothing needs quotes there",
                self.key, self.value
            ),
            _ => "put the whole text in quotes".to_owned(),
        }
    }
}

/// A value of `line` that YAML takes for something else than a text.
pub(super) fn needs_quotes(
    code: Code,
    message: &str,
    label: &str,
    line: &Line<'_>,
    at: Span,
) -> Diagnostic {
    let found = Diagnostic::error(code, message)
        .at(at, label)
        .help(line.fix());
    if quoted(line.value).is_none() && !line.continues {
        return found;
    }
    found.help(
        "or write `>-` in its place and the text, indented, on the lines below: \
         nothing needs quotes there",
    )
}

fn stray_key(at: Span) -> Diagnostic {
    Diagnostic::error(Code::YamlSyntax, "a key isn't allowed here")
        .at(
            at,
            "this makes the line a key, but the text above it isn't finished",
        )
        .help("indent a key exactly as the other keys of its mapping")
        .help("a text with `: ` in it needs quotes, or `>-` above it")
}

fn indicator(line: &Line<'_>, at: Span) -> Diagnostic {
    let (first, meaning) = match line.value.chars().next() {
        Some('!') => ("!", "a type tag"),
        Some('&') => ("&", "an anchor"),
        Some('*') => ("*", "an alias"),
        Some('|') => ("|", "a block of text"),
        _ => (">", "a block of text"),
    };
    needs_quotes(
        Code::NeedsQuotes,
        &format!("an unquoted text can't start with `{first}`"),
        &format!("YAML takes this for {meaning}"),
        line,
        Span::new(at.file, line.value_offset, line.value_offset + 1),
    )
}

fn separator(at: Span) -> Diagnostic {
    Diagnostic::error(Code::YamlSyntax, "a `,` or a closing bracket is missing")
        .at(at, "not expected here")
        .help(
            "inside `[...]` and `{...}`, a text with a bracket, a comma or a colon needs \
             quotes: `[\"body.items[0].price\", body.total]`",
        )
        .help("or write one item a line, each after `- `")
}
