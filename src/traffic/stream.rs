//! The items of a list within a JSON document, one at a time.

use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

/// Hands over the items of the list at `path` (members, from the document's
/// root), until `each` wants no more. The document isn't kept.
///
/// # Errors
/// It isn't JSON from some place on, or has no list there; whether it is only that
/// the list doesn't come to its end.
pub(super) fn items(
    reader: impl Read,
    path: &[&str],
    each: &mut dyn FnMut(Json) -> bool,
) -> Result<(), (bool, String)> {
    let mut state = State {
        each,
        is_done: false,
        is_found: false,
    };
    let mut document = serde_json::Deserializer::from_reader(reader);
    let seek = Seek {
        path,
        state: &mut state,
    };
    let read = seek.deserialize(&mut document);
    let (is_done, is_found) = (state.is_done, state.is_found);
    match read {
        _ if is_done => Ok(()),
        Err(error) => Err((is_found && error.is_eof(), error.to_string())),
        Ok(()) if is_found => Ok(()),
        Ok(()) => Err((false, format!("it has no list `{}`", path.join(".")))),
    }
}

/// The members of the document's root, in order, until `each` wants no more.
pub(super) fn keys(reader: impl Read, each: &mut dyn FnMut(&str) -> bool) {
    let mut document = serde_json::Deserializer::from_reader(reader);
    // What is wrong with it is told by whoever reads it.
    let _ = document.deserialize_map(Keys { each });
}

struct State<'f> {
    each: &'f mut dyn FnMut(Json) -> bool,
    is_done: bool,
    is_found: bool,
}

struct Seek<'s, 'f> {
    path: &'s [&'s str],
    state: &'s mut State<'f>,
}

impl<'de> DeserializeSeed<'de> for Seek<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, document: D) -> Result<(), D::Error> {
        match self.path {
            [] => document.deserialize_seq(self),
            _ => document.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Seek<'_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path {
            [] => out.write_str("a list"),
            [name, ..] => write!(out, "an object with `{name}`"),
        }
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<(), M::Error> {
        while let Some(key) = members.next_key::<String>()? {
            match self.path {
                [name, rest @ ..] if *name == key => members.next_value_seed(Seek {
                    path: rest,
                    state: self.state,
                })?,
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut items: S) -> Result<(), S::Error> {
        self.state.is_found = true;
        while let Some(item) = items.next_element::<Json>()? {
            if !(self.state.each)(item) {
                self.state.is_done = true;
                return Err(S::Error::custom("no more is wanted"));
            }
        }
        Ok(())
    }
}

struct Keys<'f> {
    each: &'f mut dyn FnMut(&str) -> bool,
}

impl<'de> Visitor<'de> for Keys<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<(), M::Error> {
        while let Some(key) = members.next_key::<String>()? {
            if !(self.each)(&key) {
                return Err(M::Error::custom("no more is wanted"));
            }
            members.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_one_by_one_even_where_the_document_ends_early() {
        let text = r#"{"a": {"x": 1}, "log": {"v": [0], "entries": [1, 2, 3"#;
        let mut found = Vec::new();
        let mut take = |item: Json| {
            found.push(item);
            true
        };
        let (is_cut, _) = items(text.as_bytes(), &["log", "entries"], &mut take).unwrap_err();
        assert!(is_cut);
        assert_eq!(found, [1, 2, 3]);
        let none = items(&b"{}"[..], &["log"], &mut |_| true);
        assert_eq!(
            none.unwrap_err(),
            (false, "it has no list `log`".to_owned())
        );
        let (is_cut, _) = items(&b"[1, oops, 2]"[..], &[], &mut |_| true).unwrap_err();
        assert!(!is_cut);
        let mut count = 0;
        let mut first = |_| {
            count += 1;
            false
        };
        items(&b"[1, 2, oops"[..], &[], &mut first).unwrap();
        assert_eq!(count, 1);
    }
}
