//! What is wrong with a YAML document although its syntax is right.

use super::quotes::{Unquoted, needs_quotes};
use super::scalar::OutOfRange;
use crate::source::{Code, Diagnostic, Diagnostics, Span};
use crate::tree::{Entry, MAX_DEPTH, MAX_NODES};

/// `whole`: the tag and the value behind it.
pub(super) fn unknown_tag(text: &str, whole: Span) -> Diagnostic {
    needs_quotes(
        Code::YamlTag,
        "an unquoted text can't start with `!`",
        "YAML takes this for a type tag",
        &Unquoted::around(text, whole.start),
        whole,
    )
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
