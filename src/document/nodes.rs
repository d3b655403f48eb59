//! Nodes of a tree that a document is rewritten with.

use crate::source::Span;
use crate::tree::{Entry, Node, NodeKind, Text};

/// Sets an entry of a mapping, where it is or at the end.
pub(super) fn put(root: &mut Node, key: &str, value: Node) {
    if let NodeKind::Mapping(entries) = &mut root.kind {
        match entries.iter_mut().find(|entry| entry.key == key) {
            Some(found) => found.value = value,
            None => entries.push(entry(key, value)),
        }
    }
}

pub(super) fn mapping(entries: Vec<Entry>, span: Span) -> Node {
    Node {
        span,
        kind: NodeKind::Mapping(entries),
    }
}

pub(super) fn list(items: Vec<Node>, span: Span) -> Node {
    Node {
        span,
        kind: NodeKind::Sequence(items),
    }
}

pub(super) fn text(value: &str, span: Span) -> Node {
    Node {
        span,
        kind: NodeKind::String(Text::synthetic(value, span)),
    }
}

/// An entry whose key stands nowhere.
pub(super) fn entry(key: &str, value: Node) -> Entry {
    keyed(key, value.span.at_start(), value)
}

pub(super) fn keyed(key: &str, key_span: Span, value: Node) -> Entry {
    Entry {
        key: key.to_owned(),
        key_span,
        value,
    }
}
