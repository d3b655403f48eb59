//! Places in a request state, as paths of the expression language.

use std::fmt;

/// One step of a [`Location`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// A member.
    Key(String),
    /// One item of a list, from 0.
    Index(usize),
    /// Every item of a list: `[*]`.
    Each,
}

/// A place in a request state, such as `body.lines[0].sku`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location(pub Vec<Segment>);

impl Location {
    /// The place one step further.
    #[must_use]
    pub fn then(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    /// The place of a member.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.then(Segment::Key(key.to_owned()))
    }

    /// The place of an item.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.then(Segment::Index(index))
    }
}

impl Location {
    /// The same place of every item of the lists that it leads through.
    pub fn every_item(&self) -> Self {
        let segments = self.0.iter().map(|segment| match segment {
            Segment::Index(_) => Segment::Each,
            other => other.clone(),
        });
        Self(segments.collect())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(out, "[{index}]")?,
                Segment::Each => out.write_str("[*]")?,
                Segment::Key(key) if !is_name(key) => write!(out, "['{}']", escaped(key))?,
                Segment::Key(key) if position == 0 => out.write_str(key)?,
                Segment::Key(key) => write!(out, ".{key}")?,
            }
        }
        Ok(())
    }
}

fn is_name(key: &str) -> bool {
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    key.starts_with(first) && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn escaped(key: &str) -> String {
    key.replace('\\', "\\\\").replace('\'', "\\'")
}

/// A key as one step of a JSON pointer (RFC 6901).
pub(super) fn pointer_step(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_print_as_expressions() {
        let root = Location::default();
        let line = root.key("body").key("lines").then(Segment::Each).key("sku");
        assert_eq!(line.to_string(), "body.lines[*].sku");
        let header = root.key("header").key("Idempotency-Key");
        assert_eq!(header.to_string(), "header['Idempotency-Key']");
        assert_eq!(root.key("body").index(3).to_string(), "body[3]");
    }
}
