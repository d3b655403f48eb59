//! `values`: what stands for what differs from one server to the next.

use super::Builder;
use crate::expr::{Def, DefBody};
use crate::model::ServerValue;
use crate::rulefile::{self, RuleFile, ValueKind};
use crate::source::{Code, Diagnostic, Span, did_you_mean};
use crate::tree::{Entry, Node, NodeKind, Text};

/// The values from the environment, by name, each with what stands for it in
/// states.
pub(super) fn server_values(file: &RuleFile) -> Vec<ServerValue> {
    let mut values: Vec<ServerValue> = file
        .values
        .iter()
        .filter_map(|value| {
            match &value.kind {
                ValueKind::Environment { variable, .. } => Some(Some(variable.value.clone())),
                ValueKind::Saved { .. } => Some(None),
                ValueKind::Constant(_) => None,
            }
            .map(|variable| ServerValue {
                name: value.name.value.clone(),
                variable,
                stand_in: node(value).to_value(),
            })
        })
        .collect();
    values.sort_by(|a, b| a.name.cmp(&b.name));
    values
}

/// What a name of `values` stands for in expressions.
pub(super) fn definition(value: &rulefile::ServerValue) -> Def {
    Def {
        params: Vec::new(),
        body: DefBody::Data(node(value)),
    }
}

/// The value itself, or what stands for it.
pub(super) fn node(value: &rulefile::ServerValue) -> Node {
    match &value.kind {
        ValueKind::Constant(node) => node.clone(),
        ValueKind::Environment { example, .. } | ValueKind::Saved { example } => {
            if let Some(example) = example {
                return example.clone();
            }
            let text = format!("example-{}", value.name.value);
            let span = value.name.span;
            Node {
                span,
                kind: NodeKind::String(Text::synthetic(text, span)),
            }
        }
    }
}

impl Builder<'_> {
    /// A tree with values in the place of `$name`; `$$` is a dollar sign.
    pub(super) fn resolved(&mut self, tree: &Node) -> Node {
        let kind = match &tree.kind {
            NodeKind::String(text) => match text.value.strip_prefix('$') {
                Some(rest) if rest.starts_with('$') => {
                    NodeKind::String(Text::synthetic(rest, text.span))
                }
                Some(name) => return self.named_value(name, tree),
                None => return tree.clone(),
            },
            NodeKind::Sequence(items) => {
                NodeKind::Sequence(items.iter().map(|item| self.resolved(item)).collect())
            }
            NodeKind::Mapping(entries) => NodeKind::Mapping(
                entries
                    .iter()
                    .map(|entry| Entry {
                        value: self.resolved(&entry.value),
                        ..entry.clone()
                    })
                    .collect(),
            ),
            _ => return tree.clone(),
        };
        Node {
            span: tree.span,
            kind,
        }
    }

    fn named_value(&mut self, name: &str, at: &Node) -> Node {
        let mut values = self.file.values.iter();
        if let Some(value) = values.find(|value| value.name.value == name) {
            let node = node(value);
            return Node {
                span: at.span,
                kind: node.kind,
            };
        }
        self.no_such_value(name, at.span);
        at.clone()
    }

    /// Reports the name of a value that isn't declared.
    pub(super) fn no_such_value(&mut self, name: &str, at: Span) {
        let known = self.file.values.iter();
        let known = known.map(|value| value.name.value.as_str());
        let help = did_you_mean(name, known).unwrap_or_else(|| {
            "declare it under `values`, or let a setup step save it; a text that starts with `$` is written with `$$`".to_owned()
        });
        let message = format!("there is no value `{name}`");
        let finding = Diagnostic::error(Code::UndefinedName, message)
            .at(at, "not under `values:`")
            .help(help);
        self.diagnostics.push(finding);
    }
}
