//! The tree itself.

use super::Text;
use crate::source::{Sources, Span};
use crate::value::{Number, Value};

/// A value of a YAML or JSON document and where it stands. A value that came
/// through an alias stands where its anchor is.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value's text, without the key before it; empty for a value that is
    /// left out.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// What a [`Node`] is.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// Null, or nothing at all.
    Null,
    /// A Boolean.
    Bool(bool),
    /// A number.
    Number {
        /// Its exact value.
        value: Number,
        /// How it is written.
        text: String,
    },
    /// A text.
    String(Text),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping in document order; keys are unique.
    Mapping(Vec<Entry>),
}

/// A key of a mapping with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key as text, also where YAML has a number or a Boolean (`200:`).
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Entry {
    /// The key as a [`Text`] that can point into itself.
    pub fn key_text(&self, sources: &Sources) -> Text {
        Text::of_key(sources, self.key.clone(), self.key_span)
    }

    /// Where to point at for the value: at the key where the value is left out.
    pub fn value_span(&self) -> Span {
        if self.value.span.start == self.value.span.end {
            self.key_span
        } else {
            self.value.span
        }
    }
}

impl Node {
    /// The entry of a mapping with that key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The value of a mapping under that key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entries of a mapping; none where this is no mapping.
    pub fn entries(&self) -> &[Entry] {
        match &self.kind {
            NodeKind::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none where this is no list.
    pub fn items(&self) -> &[Node] {
        match &self.kind {
            NodeKind::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&Text> {
        match &self.kind {
            NodeKind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of the text, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        self.as_text().map(|text| text.value.as_str())
    }

    /// The Boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            NodeKind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The number, if this is one.
    pub fn as_number(&self) -> Option<&Number> {
        match &self.kind {
            NodeKind::Number { value, .. } => Some(value),
            _ => None,
        }
    }

    /// Whether this is null or left out.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, NodeKind::Null)
    }

    /// Whether this is a mapping.
    pub fn is_mapping(&self) -> bool {
        matches!(self.kind, NodeKind::Mapping(_))
    }

    /// The kind in words, with its article: `a text`, `a list`.
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            NodeKind::Null => "null",
            NodeKind::Bool(_) => "a Boolean",
            NodeKind::Number { .. } => "a number",
            NodeKind::String(_) => "a text",
            NodeKind::Sequence(_) => "a list",
            NodeKind::Mapping(_) => "a mapping",
        }
    }

    /// The value without its places.
    pub fn to_value(&self) -> Value {
        match &self.kind {
            NodeKind::Null => Value::Null,
            NodeKind::Bool(value) => Value::Bool(*value),
            NodeKind::Number { value, .. } => Value::Number(value.clone()),
            NodeKind::String(text) => Value::string(text.value.as_str()),
            NodeKind::Sequence(items) => Value::List(items.iter().map(Node::to_value).collect()),
            NodeKind::Mapping(entries) => {
                let members = entries.iter();
                let members =
                    members.map(|entry| (entry.key.as_str().into(), entry.value.to_value()));
                Value::Map(members.collect())
            }
        }
    }

    /// The node that a JSON pointer (RFC 6901, such as `/paths/~1users/get`)
    /// leads to from here; the empty pointer leads to this node.
    pub fn at_pointer(&self, pointer: &str) -> Option<&Node> {
        if pointer.is_empty() {
            return Some(self);
        }
        let mut node = self;
        for step in pointer.strip_prefix('/')?.split('/') {
            let step = step.replace("~1", "/").replace("~0", "~");
            node = match &node.kind {
                NodeKind::Mapping(_) => node.get(&step)?,
                NodeKind::Sequence(items) => items.get(index(&step)?)?,
                _ => return None,
            };
        }
        Some(node)
    }
}

/// An index of a JSON pointer: digits without a leading zero.
fn index(step: &str) -> Option<usize> {
    let plain = step == "0" || !step.starts_with(['0', '+']);
    plain.then(|| step.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::parse_yaml;

    fn tree(text: &str) -> Node {
        let mut sources = Sources::new();
        let file = sources.add("a.yaml", text);
        parse_yaml(&sources, file).unwrap()
    }

    #[test]
    fn pointers_follow_keys_and_indexes() {
        let node = tree("paths: {'/users/{id}': [a, b], x~y: 1}");
        let found = node.at_pointer("/paths/~1users~1{id}/1").unwrap();
        assert_eq!(found.as_str(), Some("b"));
        assert!(node.at_pointer("/paths/x~0y").is_some());
        assert!(node.at_pointer("").is_some());
        for missing in [
            "/nope",
            "/paths/~1users~1{id}/2",
            "paths",
            "/paths/~1users~1{id}/01",
        ] {
            assert!(node.at_pointer(missing).is_none(), "{missing}");
        }
    }

    #[test]
    fn a_tree_becomes_a_value() {
        let value = tree("a: [1.50, x, null, true]\nb: {}\n").to_value();
        assert_eq!(
            value.to_string(),
            r#"{"a": [1.5, "x", null, true], "b": {}}"#
        );
    }
}
