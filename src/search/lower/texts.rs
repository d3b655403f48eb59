//! Texts as integers: identities, lengths, and the moments that dates name.

use std::collections::BTreeMap;
use std::sync::Arc;

use num_bigint::BigInt;

use super::{Lowering, Num, Text};
use crate::document::{Format, Schema};
use crate::text::{NoText, Taste};
use crate::value::time::{
    DAY, LAST_MOMENT, PRINTABLE, SECOND, parse_date, parse_time, print_date, print_time,
};
use crate::value::{Number, Value};

/// The texts that have an identity of their own, in order of their number.
#[derive(Clone, Debug, Default)]
pub struct TextTable {
    numbers: BTreeMap<Arc<str>, usize>,
    texts: Vec<Arc<str>>,
}

impl TextTable {
    /// The number of a text, new or known.
    pub fn number(&mut self, text: &str) -> usize {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let text: Arc<str> = text.into();
        self.texts.push(text.clone());
        self.numbers.insert(text, self.texts.len() - 1);
        self.texts.len() - 1
    }

    /// All texts in order of their number.
    pub fn all(&self) -> &[Arc<str>] {
        &self.texts
    }
}

fn is_dated(text: &str) -> bool {
    parse_date(text).or_else(|| parse_time(text)).is_some()
}

/// Whether a string with this schema may read like a date or date-time.
pub(super) fn may_be_dated(schema: &Schema) -> bool {
    if let Some(members) = &schema.enumeration {
        let mut texts = members.value.iter().filter_map(Value::as_str);
        return texts.any(is_dated);
    }
    let shortest = print_date(0).len() as u64;
    if schema
        .max_length
        .as_ref()
        .is_some_and(|max| max.value < shortest)
    {
        return false;
    }
    if schema.patterns.is_empty() || schema.format.is_some() {
        return true;
    }
    let as_format = |format| {
        schema
            .text_set()
            .with_format(format)
            .nth(0, &Taste::default())
    };
    let never = |format| matches!(as_format(format), Err(NoText::Empty));
    !(never(Format::Date) && never(Format::DateTime))
}

/// The first moment that can be printed, in seconds.
pub(super) fn first_second() -> BigInt {
    BigInt::from(PRINTABLE.start() / SECOND)
}

/// The last moment that can be printed, in seconds.
pub(super) fn last_second() -> BigInt {
    BigInt::from(PRINTABLE.end() / SECOND)
}

/// The second of the last moment that a text can name.
pub(super) fn last_moment() -> BigInt {
    BigInt::from(LAST_MOMENT / SECOND)
}

impl Lowering<'_> {
    /// The texts with numbers of their own.
    pub fn known_texts(&self) -> &[Arc<str>] {
        self.texts.all()
    }

    /// A constant text.
    pub(super) fn text_constant(&mut self, text: &str) -> Text {
        let number = self.texts.number(text);
        let length = text.chars().count();
        Text {
            identity: self.terms.int(number),
            length: Some(self.terms.int(length)),
            time: None,
            literals: vec![(self.terms.bool(true), text.into())],
            may_be_dated: is_dated(text),
        }
    }

    /// The identity of the day or moment `seconds`, apart from all other texts.
    pub(super) fn time_identity(&mut self, seconds: &Num, is_date: bool) -> super::Term {
        let offset = if is_date { -1 } else { -2 };
        let first = self.terms.int(first_second());
        let since = self.terms.sub(seconds.term, first);
        let minus_two = self.terms.int(-2);
        let scaled = self.terms.mul(minus_two, since);
        let offset = self.terms.int(offset);
        self.terms.add([scaled, offset])
    }

    /// The moment, in seconds, that `text` names exactly as the generator
    /// would write it.
    pub(super) fn canonical_moment(text: &str) -> Option<(Number, bool)> {
        let seconds = |nanos: i128| Number::new(nanos.into(), SECOND.into());
        if let Some(nanos) = parse_date(text) {
            return (print_date(nanos) == text).then(|| (seconds(nanos), true));
        }
        let nanos = parse_time(text)?;
        (print_time(nanos) == text).then(|| (seconds(nanos), false))
    }

    /// Nanoseconds as a number of seconds.
    pub(super) fn seconds(&mut self, nanos: i128) -> Num {
        let value = Number::new(nanos.into(), SECOND.into());
        Num::constant(&mut self.terms, &value)
    }

    /// Days as a number of seconds.
    pub(super) fn days_to_seconds(&mut self, days: super::Term) -> Num {
        let day = self.terms.int(DAY / SECOND);
        Num::int(self.terms.mul(day, days))
    }
}
