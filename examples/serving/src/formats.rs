//! The formats of strings and numbers, as the API document names them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;
use regex::Regex;
use rust_decimal::Decimal;

static COMPILED: Mutex<BTreeMap<&str, Regex>> = Mutex::new(BTreeMap::new());

/// Whether a text matches a regular expression, which is compiled once.
pub fn matches(pattern: &'static str, text: &str) -> bool {
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = compiled.get(pattern) {
        return regex.is_match(text);
    }
    let Ok(regex) = Regex::new(pattern) else {
        return false;
    };
    compiled.entry(pattern).or_insert(regex).is_match(text)
}

/// A JSON number, exactly.
pub fn number(text: &str) -> Option<Decimal> {
    if !matches(r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$", text) {
        return None;
    }
    if text.contains(['e', 'E']) {
        return Decimal::from_scientific(&text.replace('+', "")).ok();
    }
    Decimal::from_str_exact(text).ok()
}

pub fn date(text: &str) -> Option<Date> {
    if !matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", text) {
        return None;
    }
    text.parse().ok()
}

pub fn date_time(text: &str) -> Option<Timestamp> {
    const SHAPE: &str = concat!(
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?",
        r"([Zz]|[+-][0-9]{2}:[0-9]{2})$"
    );
    if !matches(SHAPE, text) {
        return None;
    }
    text.to_ascii_uppercase().parse().ok()
}

pub fn is_uuid(text: &str) -> bool {
    matches("^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$", text)
}

pub fn is_email(text: &str) -> bool {
    const SHAPE: &str = concat!(
        r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*",
        r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$"
    );
    matches(SHAPE, text)
}

pub fn is_uri(text: &str) -> bool {
    matches(
        r"^[A-Za-z][A-Za-z0-9+.-]*:([A-Za-z0-9:/?#\[\]@!$&'()*+,;=._~-]|%[0-9A-Fa-f]{2})*$",
        text,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_of_the_calendar() {
        assert!(date("2032-02-29").is_some());
        for wrong in ["2031-02-29", "2031-2-9", "20310209", "2031-02-09T00:00:00Z"] {
            assert!(date(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn date_times_have_an_offset() {
        assert_eq!(
            date_time("2031-08-12T09:45:00+02:00"),
            date_time("2031-08-12T07:45:00Z")
        );
        for wrong in [
            "2031-08-12T09:45:00",
            "2031-08-12 09:45:00Z",
            "2031-08-12T25:45:00Z",
        ] {
            assert!(date_time(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn addresses() {
        assert!(is_email("t.berger@post.example"));
        assert!(!is_email("t.berger") && !is_email("a@b@c") && !is_email("a b@c"));
        assert!(is_uri("https://shop.example/thanks?order=5"));
        assert!(!is_uri("shop.example/thanks") && !is_uri("https://shop example"));
    }
}
