//! The references of a file.

use std::collections::BTreeMap;

use super::replaced;
use crate::document::dialect::Dialect;
use crate::source::Span;
use crate::tree::{Entry, Node, NodeKind};

/// Members that are data, whatever they look like.
const DATA: [&str; 5] = ["const", "default", "enum", "example", "value"];

/// Members whose keys are names of the document's author.
const NAMED: [&str; 17] = [
    "$defs",
    "callbacks",
    "content",
    "definitions",
    "dependentSchemas",
    "encoding",
    "headers",
    "links",
    "parameters",
    "pathItems",
    "paths",
    "patternProperties",
    "properties",
    "requestBodies",
    "responses",
    "schemas",
    "variables",
];

/// Gives the text of every reference below `node`, and its place, to `change`,
/// and puts what comes back in its place.
pub(super) fn references(node: &mut Node, change: &mut dyn FnMut(&str, Span) -> Option<String>) {
    Walk {
        tidy: &mut |_| {},
        change,
    }
    .part(node);
}

/// Leaves out what means nothing in `dialect`: what stands beside a `$ref`, and
/// `nullable`, whose places are given with those of their schemas.
pub(super) fn tidy(node: &mut Node, dialect: Dialect) -> BTreeMap<Span, Span> {
    let mut ignored = BTreeMap::new();
    let alone = dialect.ignores_siblings();
    let mut tidy = |node: &mut Node| {
        let holder = node.span;
        let NodeKind::Mapping(entries) = &mut node.kind else {
            return;
        };
        let is_link = |entry: &Entry| entry.key == "$ref" && entry.value.as_str().is_some();
        if alone && entries.iter().any(is_link) {
            entries.retain(is_link);
        }
        for entry in entries.iter_mut() {
            if entry.key == "x-nullable" && dialect == Dialect::Swagger {
                "nullable".clone_into(&mut entry.key);
            }
        }
        if !dialect.has_nullable() {
            let is_ignored =
                |entry: &Entry| entry.key == "nullable" && entry.value.as_bool().is_some();
            let found = entries.iter().filter(|entry| is_ignored(entry));
            ignored.extend(found.map(|entry| (entry.key_span.join(entry.value.span), holder)));
            entries.retain(|entry| !is_ignored(entry));
        }
    };
    Walk {
        tidy: &mut tidy,
        change: &mut |_, _| None,
    }
    .part(node);
    ignored
}

/// Goes through all but data, with names of the author's told from keywords.
struct Walk<'c> {
    tidy: &'c mut dyn FnMut(&mut Node),
    change: &'c mut dyn FnMut(&str, Span) -> Option<String>,
}

impl Walk<'_> {
    fn part(&mut self, node: &mut Node) {
        (self.tidy)(node);
        match &mut node.kind {
            NodeKind::Sequence(items) => items.iter_mut().for_each(|item| self.part(item)),
            NodeKind::Mapping(entries) => {
                entries.iter_mut().for_each(|entry| self.member(entry));
            }
            _ => {}
        }
    }

    fn member(&mut self, entry: &mut Entry) {
        let value = &mut entry.value;
        match entry.key.as_str() {
            "$ref" => self.text(value),
            "discriminator" => self.mapping(value),
            "examples" => self.examples(value),
            key if DATA.contains(&key) => {}
            key if NAMED.contains(&key) && value.is_mapping() => self.named(value),
            _ => self.part(value),
        }
    }

    fn named(&mut self, node: &mut Node) {
        if let NodeKind::Mapping(entries) = &mut node.kind {
            for entry in entries {
                self.part(&mut entry.value);
            }
        }
    }

    /// Named examples may be references; what they hold is data.
    fn examples(&mut self, node: &mut Node) {
        let NodeKind::Mapping(entries) = &mut node.kind else {
            return;
        };
        for entry in entries {
            if let NodeKind::Mapping(members) = &mut entry.value.kind {
                let links = members.iter_mut().filter(|member| member.key == "$ref");
                links.for_each(|link| self.text(&mut link.value));
            }
        }
    }

    /// `discriminator.mapping`: bare names are names of schemas.
    fn mapping(&mut self, node: &mut Node) {
        let NodeKind::Mapping(members) = &mut node.kind else {
            return;
        };
        let mapping = members.iter_mut().find(|member| member.key == "mapping");
        let Some(NodeKind::Mapping(entries)) = mapping.map(|mapping| &mut mapping.value.kind)
        else {
            return;
        };
        for entry in entries {
            let is_reference = |text: &str| text.contains(['#', '/', '.']);
            if entry.value.as_str().is_some_and(is_reference) {
                self.text(&mut entry.value);
            }
        }
    }

    fn text(&mut self, node: &mut Node) {
        let Some(text) = node.as_str() else {
            return;
        };
        if let Some(changed) = (self.change)(text, node.span)
            && changed != text
        {
            replaced(node, changed);
        }
    }
}
