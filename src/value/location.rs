//! Places within a value.

use std::fmt;
use std::sync::Arc;

use super::{Members, Value};

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// A member of an object.
    Key(Arc<str>),
    /// An item of a list, from 0.
    Index(usize),
}

/// A place within a value, from its root: `body.lines[0].amount`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location(pub Vec<Segment>);

impl Location {
    /// The place of the member `key` below this one.
    pub fn key(&self, key: impl Into<Arc<str>>) -> Self {
        self.child(Segment::Key(key.into()))
    }

    /// The place of item `index` below this one.
    pub fn index(&self, index: usize) -> Self {
        self.child(Segment::Index(index))
    }

    /// The place one step below.
    pub fn child(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    /// The location around this one; that of the whole for the whole.
    pub fn parent(&self) -> Self {
        let around = self.0.split_last().map(|(_, around)| around.to_vec());
        Self(around.unwrap_or_default())
    }

    /// Whether `self` is `other` or lies below it.
    pub fn is_within(&self, other: &Location) -> bool {
        self.0.starts_with(&other.0)
    }

    /// Reads what [`fmt::Display`] wrote; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut segments = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix("['") {
                let (key, after) = quoted_key(after)?;
                segments.push(Segment::Key(key.into()));
                rest = after;
            } else if let Some(after) = rest.strip_prefix('[') {
                let (index, after) = after.split_once(']')?;
                segments.push(Segment::Index(index.parse().ok()?));
                rest = after;
            } else {
                let name = rest.strip_prefix('.').unwrap_or(rest);
                let end = name.find(['.', '[']).unwrap_or(name.len());
                let (key, after) = name.split_at(end);
                is_identifier(key).then_some(())?;
                segments.push(Segment::Key(key.into()));
                rest = after;
            }
        }
        Some(Self(segments))
    }

    /// The value at this place in `root`.
    pub fn read<'a>(&self, root: &'a Value) -> Option<&'a Value> {
        self.0
            .iter()
            .try_fold(root, |value, segment| match (segment, value) {
                (Segment::Key(key), Value::Map(members)) => members.get(key),
                (Segment::Index(index), Value::List(items)) => items.get(*index),
                _ => None,
            })
    }

    /// Puts `value` at this place. Objects on the way are created; an item can
    /// be replaced or appended. Whether it could be done.
    #[must_use]
    pub fn write(&self, root: &mut Value, value: Value) -> bool {
        match self.slot(root) {
            Some(slot) => {
                *slot = value;
                true
            }
            None => false,
        }
    }

    fn slot<'a>(&self, root: &'a mut Value) -> Option<&'a mut Value> {
        self.0
            .iter()
            .try_fold(root, |value, segment| match segment {
                Segment::Key(key) => {
                    if !matches!(value, Value::Map(_)) {
                        *value = Value::Map(Members::new());
                    }
                    match value {
                        Value::Map(members) => {
                            Some(members.entry(key.clone()).or_insert(Value::Null))
                        }
                        _ => None,
                    }
                }
                Segment::Index(index) => match value {
                    Value::List(items) => {
                        if *index == items.len() {
                            items.push(Value::Null);
                        }
                        items.get_mut(*index)
                    }
                    _ => None,
                },
            })
    }

    /// Takes away what is at this place; items after a removed one move up.
    pub fn remove(&self, root: &mut Value) -> Option<Value> {
        let (last, above) = self.0.split_last()?;
        let parent = above
            .iter()
            .try_fold(root, |value, segment| match (segment, value) {
                (Segment::Key(key), Value::Map(members)) => members.get_mut(key),
                (Segment::Index(index), Value::List(items)) => items.get_mut(*index),
                _ => None,
            })?;
        match (last, parent) {
            (Segment::Key(key), Value::Map(members)) => members.shift_remove(key),
            (Segment::Index(index), Value::List(items)) if *index < items.len() => {
                Some(items.remove(*index))
            }
            _ => None,
        }
    }
}

impl Location {
    /// The same place of every item of the lists that it leads through:
    /// `body.lines[*].amount`.
    pub fn every_item(&self) -> String {
        self.written(|_| "[*]".to_owned())
    }

    fn written(&self, index: impl Fn(usize) -> String) -> String {
        let segments = self.0.iter().enumerate();
        let segments = segments.map(|(position, segment)| match segment {
            Segment::Index(own) => index(*own),
            Segment::Key(key) if is_identifier(key) => {
                format!("{}{key}", if position > 0 { "." } else { "" })
            }
            Segment::Key(key) => {
                let escaped = key.replace('\\', "\\\\").replace('\'', "\\'");
                format!("['{escaped}']")
            }
        });
        segments.collect()
    }
}

/// As expressions write it: `body.lines[0].amount`, `header['If-Match']`.
impl fmt::Display for Location {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.written(|index| format!("[{index}]")))
    }
}

/// A key up to its closing `']`, and what follows.
fn quoted_key(text: &str) -> Option<(String, &str)> {
    let mut key = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => key.push(chars.next()?.1),
            '\'' => return Some((key, text.get(at..)?.strip_prefix("']")?)),
            other => key.push(other),
        }
    }
    None
}

/// Whether `key` can be written after a dot.
pub fn is_identifier(key: &str) -> bool {
    let mut chars = key.chars();
    let first = chars.next();
    first.is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_written_read_and_removed() {
        let mut root = Value::Map(Members::new());
        let lines = Location::default().key("body").key("lines");
        assert!(lines.write(&mut root, Value::List(Vec::new())));
        let amount = lines.index(0).key("amount");
        assert!(amount.write(&mut root, Value::int(7)));
        assert_eq!(amount.read(&root), Some(&Value::int(7)));
        assert!(!lines.index(5).write(&mut root, Value::Null));
        assert_eq!(amount.to_string(), "body.lines[0].amount");
        assert_eq!(amount.remove(&mut root), Some(Value::int(7)));
        assert_eq!(root.to_string(), r#"{"body": {"lines": [{}]}}"#);
    }

    #[test]
    fn odd_keys_are_quoted() {
        let place = Location::default().key("header").key("If-Match");
        assert_eq!(place.to_string(), "header['If-Match']");
        let odd = Location::default().key("it's [1].\\").index(3).key("b");
        assert_eq!(Location::parse(&odd.to_string()), Some(odd));
        assert_eq!(Location::parse("body..x"), None);
    }
}
