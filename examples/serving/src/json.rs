//! Reads requests member by member, and checks each member against its schema.
//!
//! Numbers are read from their text, never through floating point: money is exact.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::value::RawValue;

use crate::formats;
use crate::problem::Problem;

type Read<T> = Result<T, Problem>;

/// One value of a request: JSON text, or the plain text of a query or header parameter.
pub struct Node {
    at: String,
    text: String,
    plain: bool,
}

/// A JSON object, or the parameters of a query.
pub struct Object {
    at: String,
    members: BTreeMap<String, Node>,
}

/// An enumeration of the API document.
pub trait Choice: Copy + Sized + 'static {
    const ALL: &'static [(&'static str, Self)];
}

/// Declares an enumeration together with its names in the API document.
#[macro_export]
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($variant),+ }

        impl $crate::json::Choice for $name {
            const ALL: &'static [(&'static str, Self)] = &[$(($text, Self::$variant)),+];
        }
    };
}

impl Object {
    /// Reads the whole body of a request.
    pub fn body(bytes: &[u8]) -> Read<Self> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| Problem::invalid("the body isn't UTF-8".to_owned()))?;
        Node {
            at: "body".to_owned(),
            text: text.to_owned(),
            plain: false,
        }
        .object()
    }

    /// The parameters of a query.
    pub fn query(parameters: BTreeMap<String, String>) -> Self {
        let at = "query".to_owned();
        let members = parameters
            .into_iter()
            .map(|(name, text)| (name.clone(), Node::plain(&format!("query.{name}"), text)))
            .collect();
        Self { at, members }
    }

    pub fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// That there are no other members than these.
    pub fn only(&self, names: &[&str]) -> Read<()> {
        let other = self
            .members
            .keys()
            .find(|name| !names.contains(&name.as_str()));
        other.map_or(Ok(()), |name| {
            Err(Problem::invalid(format!("{}.{name} isn't known", self.at)))
        })
    }

    pub fn required<T>(&self, name: &str, read: impl Fn(&Node) -> Read<T>) -> Read<T> {
        self.optional(name, read)?
            .ok_or_else(|| Problem::invalid(format!("{}.{name} is missing", self.at)))
    }

    pub fn optional<T>(&self, name: &str, read: impl Fn(&Node) -> Read<T>) -> Read<Option<T>> {
        self.members.get(name).map(read).transpose()
    }

    pub fn or<T>(&self, name: &str, default: T, read: impl Fn(&Node) -> Read<T>) -> Read<T> {
        Ok(self.optional(name, read)?.unwrap_or(default))
    }

    /// Like `optional`, for a member that may also be null: `None` for both.
    pub fn nullable<T>(&self, name: &str, read: impl Fn(&Node) -> Read<T>) -> Read<Option<T>> {
        let read = |node: &Node| {
            if node.is_null() {
                Ok(None)
            } else {
                read(node).map(Some)
            }
        };
        Ok(self.optional(name, read)?.flatten())
    }
}

impl Node {
    pub fn plain(at: &str, text: String) -> Self {
        Self {
            at: at.to_owned(),
            text,
            plain: true,
        }
    }

    fn is_null(&self) -> bool {
        !self.plain && self.text == "null"
    }

    fn invalid(&self, what: &str) -> Problem {
        Problem::invalid(format!("{} {what}", self.at))
    }

    pub fn object(&self) -> Read<Object> {
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(&self.text)
            .map_err(|error| self.invalid(&format!("isn't a JSON object: {error}")))?;
        let members = members.into_iter().map(|(name, raw)| {
            let at = format!("{}.{name}", self.at);
            (
                name,
                Node {
                    at,
                    text: raw.get().to_owned(),
                    plain: false,
                },
            )
        });
        Ok(Object {
            at: self.at.clone(),
            members: members.collect(),
        })
    }

    /// A list of `least` to `most` items.
    pub fn list<T>(
        &self,
        least: usize,
        most: usize,
        read: impl Fn(&Node) -> Read<T>,
    ) -> Read<Vec<T>> {
        let items: Vec<&RawValue> =
            serde_json::from_str(&self.text).map_err(|_| self.invalid("isn't a list"))?;
        if !(least..=most).contains(&items.len()) {
            return Err(self.invalid(&format!("doesn't have {least} to {most} items")));
        }
        let item = |(i, raw): (usize, &RawValue)| {
            let at = format!("{}[{i}]", self.at);
            read(&Node {
                at,
                text: raw.get().to_owned(),
                plain: false,
            })
        };
        items.into_iter().enumerate().map(item).collect()
    }

    /// The parts of a parameter that are separated by commas, at most so many.
    pub fn separated<T>(&self, most: usize, read: impl Fn(&Node) -> Read<T>) -> Read<Vec<T>> {
        let parts: Vec<&str> = self.text.split(',').collect();
        if parts.len() > most {
            return Err(self.invalid(&format!("has more than {most} parts")));
        }
        let part = |text: &&str| read(&Node::plain(&self.at, (*text).to_owned()));
        parts.iter().map(part).collect()
    }

    /// That a list which was read from here has no item twice.
    pub fn distinct<T: PartialEq>(&self, items: &[T]) -> Read<()> {
        let is_again = |(i, item): (usize, &T)| items.iter().take(i).any(|other| other == item);
        if items.iter().enumerate().any(is_again) {
            return Err(self.invalid("has an item twice"));
        }
        Ok(())
    }

    pub fn string(&self) -> Read<String> {
        if self.plain {
            return Ok(self.text.clone());
        }
        serde_json::from_str(&self.text).map_err(|_| self.invalid("isn't a string"))
    }

    pub fn boolean(&self) -> Read<bool> {
        serde_json::from_str(&self.text).map_err(|_| self.invalid("isn't true or false"))
    }

    pub fn decimal(&self) -> Read<Decimal> {
        formats::number(&self.text).ok_or_else(|| self.invalid("isn't a number"))
    }

    fn matching(&self, what: &str, holds: impl Fn(&str) -> bool) -> Read<String> {
        let text = self.string()?;
        if holds(&text) {
            Ok(text)
        } else {
            Err(self.invalid(what))
        }
    }

    fn parsed<T>(&self, what: &str, parse: impl Fn(&str) -> Option<T>) -> Read<T> {
        parse(&self.string()?).ok_or_else(|| self.invalid(what))
    }
}

/// A string of `least` to `most` characters.
pub fn text(least: usize, most: usize) -> impl Fn(&Node) -> Read<String> {
    move |node| {
        let fits = |text: &str| (least..=most).contains(&text.chars().count());
        node.matching(&format!("doesn't have {least} to {most} characters"), fits)
    }
}

/// A string that matches a regular expression.
pub fn pattern(pattern: &'static str) -> impl Fn(&Node) -> Read<String> {
    move |node| {
        let fits = |text: &str| formats::matches(pattern, text);
        node.matching(&format!("doesn't match {pattern}"), fits)
    }
}

/// A number between two bounds that is a multiple of `step`.
pub fn decimal(least: Decimal, most: Decimal, step: Decimal) -> impl Fn(&Node) -> Read<Decimal> {
    move |node| {
        let number = node.decimal()?;
        if number < least || number > most {
            return Err(node.invalid(&format!("isn't between {least} and {most}")));
        }
        if !(number % step).is_zero() {
            return Err(node.invalid(&format!("isn't a multiple of {step}")));
        }
        Ok(number)
    }
}

/// A whole number between two bounds.
pub fn integer(least: i64, most: i64) -> impl Fn(&Node) -> Read<i64> {
    move |node| {
        let number = decimal(least.into(), most.into(), Decimal::ONE)(node)?;
        number
            .to_i64()
            .ok_or_else(|| node.invalid("isn't a whole number"))
    }
}

/// One of the names of an enumeration.
pub fn one_of<T: Choice>(node: &Node) -> Read<T> {
    let named = |text: &str| {
        T::ALL
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, value)| *value)
    };
    node.parsed("isn't one of the values listed in the API document", named)
}

pub fn date(node: &Node) -> Read<jiff::civil::Date> {
    node.parsed("isn't a date", formats::date)
}

pub fn date_time(node: &Node) -> Read<jiff::Timestamp> {
    node.parsed("isn't a date-time", formats::date_time)
}

pub fn uuid(node: &Node) -> Read<String> {
    node.matching("isn't a UUID", formats::is_uuid)
}

pub fn email(node: &Node) -> Read<String> {
    text(0, 120)(node)?;
    node.matching("isn't an email address", formats::is_email)
}

pub fn uri(node: &Node) -> Read<String> {
    text(0, 200)(node)?;
    node.matching("isn't a URI", formats::is_uri)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    fn node(text: &str) -> Node {
        Node {
            at: "body.x".to_owned(),
            text: text.to_owned(),
            plain: false,
        }
    }

    #[test]
    fn numbers_are_exact_and_bounded() {
        let cents = decimal(dec!(0.01), dec!(250000), dec!(0.01));
        assert_eq!(cents(&node("10.10")).unwrap(), dec!(10.10));
        assert_eq!(cents(&node("1.5e3")).unwrap(), dec!(1500));
        assert_eq!(cents(&node("1E+2")).unwrap(), dec!(100));
        for wrong in ["0", "250000.01", "10.101", "\"10\"", "null", "true", "[1]"] {
            assert!(cents(&node(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        assert_eq!(integer(2, 36)(&node("7.0")).unwrap(), 7);
        assert!(integer(2, 36)(&node("7.5")).is_err());
        assert!(integer(2, 36)(&node("37")).is_err());
    }

    #[test]
    fn lengths_count_characters() {
        assert!(text(2, 4)(&node("\"äöüß\"")).is_ok());
        assert!(text(2, 4)(&node("\"a\"")).is_err());
    }

    #[test]
    fn null_is_no_value_unless_the_schema_says_so() {
        let body = Object::body(br#"{"a": null}"#).unwrap();
        assert!(body.optional("a", Node::string).is_err());
        assert_eq!(body.nullable("a", Node::string).unwrap(), None);
        assert!(body.required("b", Node::string).is_err());
    }

    #[test]
    fn members_that_are_not_known_are_told() {
        let body = Object::body(br#"{"a": 1, "c": 2}"#).unwrap();
        assert!(body.only(&["a", "b", "c"]).is_ok());
        let problem = body.only(&["a", "b"]).unwrap_err();
        assert_eq!(problem.message, "body.c isn't known");
    }
}
