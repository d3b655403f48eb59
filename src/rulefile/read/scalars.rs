//! Texts, numbers and choices.

use super::Reader;
use super::mapping::one_of;
use crate::rulefile::Located;
use crate::source::{Code, Diagnostic, did_you_mean};
use crate::tree::{Entry, Node, NodeKind};
use crate::value::to_i64;

/// `tags: money`, `columns: body.a, body.b`: the list that is meant.
pub(super) fn in_a_list(entry: &Entry) -> Option<String> {
    let text = entry.value.as_str()?;
    let is_plain = !text.contains(['\n', '"', '\'', '[', '(', '{']) && !text.trim().is_empty();
    is_plain.then(|| {
        let items = text.split(',').map(|item| item.trim().to_owned());
        let items: Vec<String> = items.filter(|item| !item.is_empty()).collect();
        format!("write `{}: [{}]`", entry.key, items.join(", "))
    })
}

impl Reader<'_> {
    /// The value of an entry as a text that isn't empty.
    pub(super) fn text(&mut self, entry: &Entry) -> Option<Located<String>> {
        self.text_node(&entry.value, entry)
    }

    /// One text, or a list of them.
    pub(super) fn texts(&mut self, entry: &Entry) -> Vec<Located<String>> {
        match &entry.value.kind {
            NodeKind::Sequence(items) => items
                .iter()
                .filter_map(|item| self.text_node(item, entry))
                .collect(),
            _ => self.text(entry).into_iter().collect(),
        }
    }

    /// A list of texts.
    pub(super) fn text_list(&mut self, entry: &Entry) -> Vec<Located<String>> {
        match &entry.value.kind {
            NodeKind::Sequence(_) => self.texts(entry),
            _ => {
                let what = format!("`{}`", entry.key);
                let help = in_a_list(entry);
                self.wrong_kind_but(&entry.value, entry.key_span, &what, "a list", help);
                Vec::new()
            }
        }
    }

    fn text_node(&mut self, node: &Node, entry: &Entry) -> Option<Located<String>> {
        match &node.kind {
            NodeKind::String(text) if !text.value.trim().is_empty() => {
                Some(Located::new(text.value.clone(), node.span))
            }
            NodeKind::String(_) => {
                let message = format!("`{}` is empty", entry.key);
                self.error(Code::WrongValue, message, node.span);
                None
            }
            NodeKind::Bool(_) | NodeKind::Number { .. } => {
                let written = self.sources.excerpt(node.span);
                let kind = node.kind_name();
                let message = format!("`{}` must be a text, and this is {kind}", entry.key);
                self.report(
                    Diagnostic::error(Code::NeedsQuotes, message)
                        .at(node.span, format!("YAML reads this as {kind}"))
                        .help(format!("put it in quotes: `\"{written}\"`")),
                );
                None
            }
            _ => {
                let what = format!("`{}`", entry.key);
                self.wrong_kind(node, entry.key_span, &what, "a text");
                None
            }
        }
    }

    /// One of several words.
    pub(super) fn choice<T: Copy>(&mut self, entry: &Entry, allowed: &[(&str, T)]) -> Option<T> {
        let names: Vec<&str> = allowed.iter().map(|(name, _)| *name).collect();
        let Some(text) = entry.value.as_text() else {
            let (what, wanted) = (format!("`{}`", entry.key), one_of(&names));
            self.wrong_kind(&entry.value, entry.key_span, &what, &wanted);
            return None;
        };
        let found = allowed.iter().find(|(name, _)| *name == text.value);
        if found.is_none() {
            let help = did_you_mean(&text.value, names.iter().copied())
                .unwrap_or_else(|| format!("write {}", one_of(&names)));
            let message = format!("`{}` can't be `{}`", entry.key, text.value);
            self.report(
                Diagnostic::error(Code::WrongValue, message)
                    .at(text.span, "")
                    .help(help),
            );
        }
        found.map(|(_, value)| *value)
    }

    /// One HTTP status, or a list of them.
    pub(super) fn statuses(&mut self, entry: &Entry) -> Vec<Located<u16>> {
        match &entry.value.kind {
            NodeKind::Sequence(items) if items.is_empty() => {
                let message = format!("`{}` lists nothing", entry.key);
                self.error(Code::WrongValue, message, entry.value.span);
                Vec::new()
            }
            NodeKind::Sequence(items) => items
                .iter()
                .filter_map(|item| self.status_node(item, entry))
                .collect(),
            _ => self.status(entry).into_iter().collect(),
        }
    }

    /// An HTTP status.
    pub(super) fn status(&mut self, entry: &Entry) -> Option<Located<u16>> {
        self.status_node(&entry.value, entry)
    }

    fn status_node(&mut self, node: &Node, entry: &Entry) -> Option<Located<u16>> {
        let Some(number) = node.as_number() else {
            let what = format!("`{}`", entry.key);
            self.wrong_kind(node, entry.key_span, &what, "an HTTP status such as 422");
            return None;
        };
        let status = to_i64(number)
            .and_then(|status| u16::try_from(status).ok())
            .filter(|status| (100..600).contains(status));
        if status.is_none() {
            let message = format!("`{}` is no HTTP status", self.sources.excerpt(node.span));
            self.report(
                Diagnostic::error(Code::WrongValue, message)
                    .at(node.span, "")
                    .help("a status is a whole number from 100 to 599"),
            );
        }
        status.map(|status| Located::new(status, node.span))
    }
}
