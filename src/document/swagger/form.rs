//! `in: formData`: fields of one form.

use super::{MediaTypes, schema, style};
use crate::document::nodes::{entry, keyed, list, mapping, text};
use crate::source::Span;
use crate::tree::{Entry, Node, NodeKind};

const URL_ENCODED: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

/// The request body that consists of `fields`; `span` is where it stands.
pub(super) fn body(fields: &[&Node], consumes: &MediaTypes, span: Span) -> Node {
    let named = fields
        .iter()
        .filter_map(|field| Some((field.get("name")?.as_str()?, *field)));
    let mut properties = Vec::new();
    let mut required = Vec::new();
    let mut encoding = Vec::new();
    for (name, field) in named {
        let key_span = field.get("name").map_or(field.span, |name| name.span);
        properties.push(keyed(name, key_span, schema(field)));
        if field.get("required").and_then(Node::as_bool) == Some(true) {
            required.push(text(name, key_span));
        }
        let style = style(field, true);
        if !style.is_empty() {
            encoding.push(keyed(name, key_span, mapping(style, field.span)));
        }
    }
    let is_needed = !required.is_empty();
    let mut keywords = vec![
        entry("type", text("object", span)),
        entry("properties", mapping(properties, span)),
    ];
    if is_needed {
        keywords.push(entry("required", list(required, span)));
    }
    let mut media = vec![entry("schema", mapping(keywords, span))];
    if !encoding.is_empty() {
        media.push(entry("encoding", mapping(encoding, span)));
    }
    let media = mapping(media, span);
    let content = types(fields, consumes, span)
        .into_iter()
        .map(|(name, span)| keyed(&name, span, media.clone()));
    let mut entries: Vec<Entry> = vec![entry("content", mapping(content.collect(), span))];
    if is_needed {
        entries.push(entry(
            "required",
            Node {
                span,
                kind: NodeKind::Bool(true),
            },
        ));
    }
    mapping(entries, span)
}

/// The forms that may be sent: with a file only one that can hold it.
fn types(fields: &[&Node], consumes: &MediaTypes, span: Span) -> Vec<(String, Span)> {
    let is_file = |field: &&Node| field.get("type").and_then(Node::as_str) == Some("file");
    let has_file = fields.iter().any(is_file);
    let given = consumes.iter().flatten().filter(|(name, _)| {
        let essence = crate::document::parameters::essence(name);
        essence == MULTIPART || essence == URL_ENCODED && !has_file
    });
    let mut types: Vec<(String, Span)> = given.cloned().collect();
    if types.is_empty() {
        let default = if has_file { MULTIPART } else { URL_ENCODED };
        types.push((default.to_owned(), span));
    }
    types
}
