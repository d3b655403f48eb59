//! YAML syntax errors, in words that lead to the fix.

use std::ops::Range;

use granit_parser::{ErrorKind, ScanError};

use super::errors::too_deep;
use super::layout;
use super::quotes::{Unquoted, escape, indicator, needs_quotes};
use super::unclosed;
use crate::source::{Code, Diagnostic, FileId, Span};

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
    let kind = error.kind();
    let is_unclosed = matches!(
        kind,
        ErrorKind::UnclosedQuotedScalar | ErrorKind::InvalidQuotedScalarIndent
    );
    if is_unclosed && let Some(found) = unclosed::quote(text, at) {
        return (Box::new(found), None);
    }
    let value = Unquoted::around(text, offset);
    if let Some(found) = layout::explain(kind, text, at).filter(|_| !value.is_inside()) {
        return (Box::new(found), None);
    }
    if let Some(found) = is_escape(kind)
        .then(|| escape(text, offset, file))
        .flatten()
    {
        return (Box::new(found), None);
    }
    let found = if value.is_inside() {
        inside(kind, &value, at)
    } else {
        finding(kind, &value, at)
    };
    let opened = is_flow(kind).then(|| unclosed::bracket(text, at)).flatten();
    let found = match opened {
        Some((place, bracket)) => found.also(place, format!("`{bracket}` is opened here")),
        None => found,
    };
    let unquoted = value.range().filter(|_| found.code == Code::NeedsQuotes);
    (Box::new(found), unquoted)
}

fn is_escape(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnknownQuotedScalarEscape
            | ErrorKind::InvalidQuotedScalarHexEscape
            | ErrorKind::InvalidUnicodeEscape
    )
}

/// An error at a value inside `[...]` or `{...}`.
fn inside(kind: &ErrorKind, value: &Unquoted<'_>, at: Span) -> Diagnostic {
    let whole = Span::new(at.file, value.offset, value.offset + value.value.len());
    let first = value.value.chars().next().unwrap_or_default();
    let is_quoted = matches!(first, '"' | '\'');
    match kind {
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => finding(kind, value, at),
        ErrorKind::UnclosedFlowCollection { .. } | ErrorKind::RecursionLimitExceeded => {
            finding(kind, value, at)
        }
        _ if "!|>&*".contains(first) => indicator(value, at.file),
        ErrorKind::UnexpectedCharacter { .. } => finding(kind, value, at),
        _ if is_flow(kind) && value.value == "-" => needs_quotes(
            Code::NeedsQuotes,
            "an unquoted `-` can't stand inside brackets",
            "YAML takes this for the start of a list",
            value,
            whole,
        ),
        _ if is_flow(kind)
            && !is_quoted
            && !holds_a_key(value.value)
            && (value.value.contains(['[', '{', ']', '}']) || value.value.contains(" : ")) =>
        {
            needs_quotes(
                Code::NeedsQuotes,
                "a text with brackets or `: ` needs quotes inside `[...]` and `{...}`",
                "YAML takes them for its own",
                value,
                whole,
            )
        }
        _ if is_flow(kind) => separator(at),
        _ => finding(kind, value, at),
    }
}

fn finding(kind: &ErrorKind, value: &Unquoted<'_>, at: Span) -> Diagnostic {
    match kind {
        ErrorKind::ExpectedBlockMappingKey if value.starts_with_bracket() => needs_quotes(
            Code::NeedsQuotes,
            "text goes on behind the closing bracket",
            "a value that starts with a bracket ends with its closing one",
            value,
            at,
        ),
        ErrorKind::MappingValueNotAllowed if at.start < value.offset => stray_key(at),
        kind if is_flow(kind) => separator(at),
        ErrorKind::MappingValueNotAllowed
        | ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar
            if value.starts_with_bracket() =>
        {
            separator(at)
        }
        ErrorKind::MappingValueNotAllowed => needs_quotes(
            Code::NeedsQuotes,
            "an unquoted text can't hold `: `",
            "YAML takes this colon for the end of a key",
            value,
            at,
        ),
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => needs_quotes(
            Code::NeedsQuotes,
            "text goes on behind the closing quote",
            "a value that starts with a quote ends at the next one",
            value,
            at,
        ),
        ErrorKind::InvalidBlockScalarHeader | ErrorKind::ExpectedBlockMappingKey
            if value.value.starts_with(['!', '|', '>', '&', '*']) =>
        {
            indicator(value, at.file)
        }
        ErrorKind::UnexpectedCharacter { character } => needs_quotes(
            Code::NeedsQuotes,
            &format!("an unquoted text can't start with `{character}`"),
            "YAML reserves this character",
            value,
            at,
        ),
        ErrorKind::UnclosedFlowCollection { open } => {
            Diagnostic::error(Code::YamlSyntax, format!("`{open}` is never closed"))
                .at(at, "opened here")
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

/// `1 b: 2`: a comma is missing, rather than quotes.
fn holds_a_key(text: &str) -> bool {
    text.match_indices(": ").any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let name = before.rsplit(' ').next().unwrap_or_default();
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// Errors that occur inside brackets alone.
fn is_flow(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ExpectedFlowMappingSeparator
            | ErrorKind::ExpectedFlowSequenceSeparator
            | ErrorKind::InvalidColonPlacement
            | ErrorKind::BlockEntryInFlowCollection
            | ErrorKind::PlainScalarStartsWithDashFlowIndicator
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

fn separator(at: Span) -> Diagnostic {
    Diagnostic::error(Code::YamlSyntax, "a `,` or a closing bracket is missing")
        .at(at, "not expected here")
        .help(
            "inside `[...]` and `{...}`, a text with a bracket, a comma or a colon needs \
             quotes: `[\"body.items[0].price\", body.total]`",
        )
        .help("or write one item a line, each after `- `")
}
