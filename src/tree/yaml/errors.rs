//! What is wrong with a YAML document, in words that lead to the fix.

use granit_parser::{ErrorKind, ScanError};

use super::scalar::OutOfRange;
use crate::source::{Code, Diagnostic, Diagnostics, FileId, Span};
use crate::tree::{Entry, MAX_DEPTH, MAX_NODES, quoted};

const BLOCK_HELP: &str = "or write `>-` in its place and the text, indented, on the lines below: nothing needs quotes there";

/// A syntax error: where it is, what it is, and how to quote where quotes are
/// the likely fix.
pub(super) fn explain(error: &ScanError, text: &str, file: FileId) -> Box<Diagnostic> {
    let offset = error.marker().byte_offset().unwrap_or(text.len());
    let offset = offset.min(text.len());
    let length = text
        .get(offset..)
        .and_then(|rest| rest.chars().next())
        .filter(|c| *c != '\n' && *c != '\r')
        .map_or(0, char::len_utf8);
    let at = Span::new(file, offset, offset + length);
    let line = Line::around(text, offset);
    let found = match error.kind() {
        ErrorKind::MappingValueNotAllowed => colon(&line, at),
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => needs_quotes(
            "text goes on behind the closing quote",
            "a value that starts with a quote ends at the next one",
            &line,
            at,
        ),
        ErrorKind::ExpectedBlockMappingKey if line.value_starts_with(&['[', '{', '\'', '"']) => {
            needs_quotes(
                "text goes on behind the closing bracket",
                "a value that starts with a bracket ends with its closing one",
                &line,
                at,
            )
        }
        ErrorKind::InvalidBlockScalarHeader | ErrorKind::ExpectedBlockMappingKey
            if line.value_starts_with(&['!', '|', '>', '&', '*']) =>
        {
            indicator(&line, at)
        }
        ErrorKind::UnexpectedCharacter { character } => needs_quotes(
            &format!("an unquoted text can't start with `{character}`"),
            "YAML reserves this character",
            &line,
            at,
        ),
        ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::PlainScalarStartsWithDashFlowIndicator => flow(at),
        ErrorKind::UnclosedFlowCollection { open } => flow_unclosed(*open, at),
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation => {
            Diagnostic::error(Code::YamlSyntax, "a tab can't be used as indentation")
                .at(at, "")
                .help("indent with blanks")
        }
        ErrorKind::RecursionLimitExceeded => return too_deep(at),
        kind => Diagnostic::error(Code::YamlSyntax, format!("not well-formed YAML: {kind}"))
            .at(at, "here"),
    };
    Box::new(found)
}

/// The line of an error, taken apart where it has the form `key: value`.
struct Line<'a> {
    key: &'a str,
    value: &'a str,
    /// Offset of the value in the document; its end where there is no key.
    value_offset: usize,
}

impl<'a> Line<'a> {
    fn around(text: &'a str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = text.get(start..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let bare = line.trim_start_matches([' ', '-']);
        let Some((key, value)) = bare.split_once(": ") else {
            return Self {
                key: "",
                value: "",
                value_offset: text.len(),
            };
        };
        let value_start = line.len() - value.len() + (value.len() - value.trim_start().len());
        Self {
            key,
            value: value.trim(),
            value_offset: start + value_start,
        }
    }

    fn value_starts_with(&self, characters: &[char]) -> bool {
        self.value.starts_with(characters)
    }

    /// `key: "value"`, where that is a fix.
    fn quoted(&self) -> Option<String> {
        let value = quoted(self.value)?;
        let simple = !self.key.is_empty() && !self.key.contains(['"', '\'', '{', '[', ' ']);
        simple.then(|| format!("put the whole text in quotes: `{}: {value}`", self.key))
    }
}

fn needs_quotes(message: &str, label: &str, line: &Line<'_>, at: Span) -> Diagnostic {
    let fix = line
        .quoted()
        .unwrap_or_else(|| "put the whole text in quotes".to_owned());
    Diagnostic::error(Code::YamlSyntax, message)
        .at(at, label)
        .help(fix)
        .help(BLOCK_HELP)
}

fn colon(line: &Line<'_>, at: Span) -> Diagnostic {
    if at.start < line.value_offset {
        return Diagnostic::error(Code::YamlSyntax, "a key isn't allowed here")
            .at(
                at,
                "this makes the line a key, but the text above it isn't finished",
            )
            .help("indent a key exactly as the other keys of its mapping")
            .help("a text with `: ` in it needs quotes, or `>-` above it");
    }
    needs_quotes(
        "an unquoted text can't hold `: `",
        "YAML takes this colon for the end of a key",
        line,
        at,
    )
}

fn indicator(line: &Line<'_>, at: Span) -> Diagnostic {
    let (first, meaning) = match line.value.chars().next() {
        Some('!') => ("!", "a type tag"),
        Some('&') => ("&", "an anchor"),
        Some('*') => ("*", "an alias"),
        Some('|') => ("|", "a block of text"),
        _ => (">", "a block of text"),
    };
    let span = Span::new(at.file, line.value_offset, line.value_offset + 1);
    needs_quotes(
        &format!("an unquoted text can't start with `{first}`"),
        &format!("YAML takes this for {meaning}"),
        line,
        span,
    )
}

fn flow(at: Span) -> Diagnostic {
    Diagnostic::error(Code::YamlSyntax, "a `,` or a closing bracket is missing")
        .at(at, "not expected here")
        .help("inside `[...]` and `{...}`, a text with a bracket, a comma or a colon needs quotes: `[\"body.items[0].price\", body.total]`")
        .help("or write one item a line, each after `- `")
}

fn flow_unclosed(open: char, at: Span) -> Diagnostic {
    Diagnostic::error(Code::YamlSyntax, format!("`{open}` is never closed")).at(at, "")
}

pub(super) fn unknown_tag(text: &str, whole: Span) -> Diagnostic {
    let line = Line::around(text, whole.start);
    let fix = line
        .quoted()
        .filter(|_| line.value_starts_with(&['!']))
        .unwrap_or_else(|| "put the whole text in quotes".to_owned());
    Diagnostic::error(Code::YamlTag, "an unquoted text can't start with `!`")
        .at(whole, "YAML takes this for a type tag")
        .help(fix)
        .help(BLOCK_HELP)
}

pub(super) fn unknown_alias(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        Code::YamlAlias,
        format!("no anchor `&{name}` stands before this alias"),
    )
    .at(span, "YAML takes a text that starts with `*` for an alias")
    .help(format!(
        "declare `&{name}` further up, or put the text in quotes"
    ))
}

pub(super) fn alias_inside_its_anchor(span: Span) -> Box<Diagnostic> {
    let message = "an alias can't stand inside its own anchor";
    Box::new(Diagnostic::error(Code::YamlAlias, message).at(span, "this would never end"))
}

pub(super) fn merge_of_no_mapping(span: Span) -> Diagnostic {
    Diagnostic::error(Code::YamlMerge, "`<<` merges mappings, and this is none")
        .at(span, "neither a mapping nor a list of mappings")
        .help("give it an alias of a mapping, or a list of such aliases")
}

pub(super) fn key_is_no_scalar(span: Span) -> Box<Diagnostic> {
    let message = "a list or a mapping can't be a key";
    Box::new(
        Diagnostic::error(Code::YamlSyntax, message)
            .at(span, "used as a key")
            .help("put the key in quotes where a text is meant"),
    )
}

pub(super) fn second_document(span: Span) -> Box<Diagnostic> {
    let message = "the file holds more than one YAML document";
    Box::new(
        Diagnostic::error(Code::YamlSyntax, message)
            .at(span, "the second one starts here")
            .help("put each document in a file of its own"),
    )
}

pub(super) fn too_deep(span: Span) -> Box<Diagnostic> {
    let message = format!("lists and mappings are nested more than {MAX_DEPTH} deep");
    Box::new(Diagnostic::error(Code::TooLarge, message).at(span, "one too many"))
}

pub(super) fn too_many_nodes(span: Span) -> Box<Diagnostic> {
    let message = format!("the document has more than {MAX_NODES} nodes");
    Box::new(
        Diagnostic::error(Code::TooLarge, message)
            .at(span, "exceeded here")
            .note("an alias counts with everything that is under its anchor"),
    )
}

pub(super) fn number_range(_: OutOfRange, span: Span) -> Diagnostic {
    Diagnostic::error(Code::NumberRange, "this number is not supported")
        .at(
            span,
            "infinite, not a number, or with an exponent beyond 400",
        )
        .help("put it in quotes where a text is meant")
}

/// Reports keys that a mapping has twice, and keeps the first of each.
pub(in crate::tree) fn report_duplicates(entries: &mut Vec<Entry>, found: &mut Diagnostics) {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    let key = |index: usize| entries.get(index).map(|entry| entry.key.as_str());
    order.sort_by(|a, b| key(*a).cmp(&key(*b)).then(a.cmp(b)));
    let mut later = Vec::new();
    let mut first: Option<&Entry> = None;
    for index in order {
        let Some(entry) = entries.get(index) else {
            continue;
        };
        match first {
            Some(earlier) if earlier.key == entry.key => {
                found.push(duplicate(entry, earlier));
                later.push(index);
            }
            _ => first = Some(entry),
        }
    }
    later.sort_unstable();
    for index in later.into_iter().rev() {
        entries.remove(index);
    }
}

/// The finding about a key that is there twice.
fn duplicate(entry: &Entry, earlier: &Entry) -> Diagnostic {
    let message = format!("the key `{}` is there twice", entry.key);
    Diagnostic::error(Code::DuplicateKey, message)
        .at(entry.key_span, "again here")
        .also(earlier.key_span, "first here")
        .help("remove one of the two")
}
