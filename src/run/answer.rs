//! Answers of the server, and whether they fit what is expected.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::template::shown_path;
use crate::case::{AnswerPlace, Check, CheckOperator, parse_json};
use crate::value::Value;
use crate::value::json::exact;

/// What a server answered.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The body, with what is no UTF-8 replaced.
    pub(super) text: String,
    /// Where a redirection leads.
    pub(super) location: Option<String>,
    /// What the server asks to wait before the request is sent again.
    pub(super) retry_after: Option<Duration>,
    headers: Vec<(String, String)>,
    json: Option<Value>,
}

impl Answer {
    pub(super) fn new(
        status: u16,
        text: String,
        location: Option<String>,
        retry_after: Option<&str>,
    ) -> Self {
        Self {
            status,
            json: serde_json::from_str(&text).ok().and_then(exact),
            text,
            location,
            retry_after: retry_after.and_then(|text| wait(text, Timestamp::now())),
            headers: Vec::new(),
        }
    }

    /// With its headers.
    pub(super) fn with(self, headers: Vec<(String, String)>) -> Self {
        Self { headers, ..self }
    }

    /// What stands at a place: a text or a number.
    pub(super) fn value(&self, place: &AnswerPlace) -> Option<Value> {
        match place {
            AnswerPlace::Body { path } => {
                let found = self.at(path)?;
                matches!(found, Value::String(_) | Value::Number(_)).then(|| found.clone())
            }
            AnswerPlace::Header { name } => {
                let mut headers = self.headers.iter();
                let found = headers.find(|(own, _)| own.eq_ignore_ascii_case(name));
                found.map(|(_, text)| Value::string(text.as_str()))
            }
            AnswerPlace::Cookie { name } => {
                let headers = self.headers.iter();
                let mut set = headers
                    .filter(|(own, _)| own.eq_ignore_ascii_case("set-cookie"))
                    .filter_map(|(_, text)| text.split(';').next()?.split_once('='));
                let found = set.find(|(own, _)| own.trim() == name);
                found.map(|(_, text)| Value::string(text.trim()))
            }
        }
    }

    /// What stands below the members, or item numbers, of a path in the body.
    pub(super) fn at(&self, path: &[String]) -> Option<&Value> {
        path.iter()
            .try_fold(self.json.as_ref()?, |value, key| match value {
                Value::Map(members) => members.get(key.as_str()),
                Value::List(items) => items.get(key.parse::<usize>().ok()?),
                _ => None,
            })
    }

    /// Whether it has one of the statuses (none: any 2xx), and all that the
    /// body must hold.
    pub(super) fn fits(&self, statuses: &[u16], checks: &[Check]) -> bool {
        let status = match statuses {
            [] => self.is_success(),
            statuses => statuses.contains(&self.status),
        };
        status && checks.iter().all(|check| self.passes(check))
    }

    pub(super) fn is_success(&self) -> bool {
        (200..=299).contains(&self.status)
    }

    fn passes(&self, check: &Check) -> bool {
        let literal = check
            .literal
            .as_deref()
            .and_then(|text| parse_json(text).ok());
        match (self.at(&check.path), check.operator) {
            (None, _) => false,
            (Some(_), CheckOperator::Has) => true,
            (Some(found), CheckOperator::Eq) => literal.as_ref() == Some(found),
            (Some(found), CheckOperator::Ne) => literal.as_ref() != Some(found),
        }
    }
}

/// Expected answers in words: `422 with error.code == "too_high"`.
pub(super) fn in_words(statuses: &[u16], checks: &[Check]) -> String {
    let all: Vec<String> = statuses.iter().map(ToString::to_string).collect();
    let mut words = match all.as_slice() {
        [] => "any 2xx".to_owned(),
        all => all.join(" or "),
    };
    for (index, check) in checks.iter().enumerate() {
        let path = shown_path(&check.path);
        let literal = check.literal.as_deref().unwrap_or_default();
        words += if index == 0 { " with " } else { " and " };
        words += &match check.operator {
            CheckOperator::Has => format!("has {path}"),
            CheckOperator::Eq => format!("{path} == {literal}"),
            CheckOperator::Ne => format!("{path} != {literal}"),
        };
    }
    words
}

/// What `Retry-After` says: seconds, or a date by HTTP.
fn wait(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
    let seconds = (at.as_second() - now.as_second()).max(0);
    u64::try_from(seconds).ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, text: &str) -> Answer {
        Answer::new(status, text.to_owned(), None, None)
    }

    fn check(path: &[&str], operator: CheckOperator, literal: Option<&str>) -> Check {
        Check {
            path: path.iter().map(|key| (*key).to_owned()).collect(),
            operator,
            literal: literal.map(str::to_owned),
        }
    }

    #[test]
    fn bodies_are_compared_as_json_with_every_digit() {
        let given = answer(
            422,
            r#"{"a": [{"b": 1.10}], "c": true, "n": null, "c": false}"#,
        );
        let path = ["a", "0", "b"];
        for (path, operator, literal, passes) in [
            (&path[..], CheckOperator::Eq, Some("1.1"), true),
            (
                &path,
                CheckOperator::Eq,
                Some("1.1000000000000000000001"),
                false,
            ),
            (&path, CheckOperator::Ne, Some("2"), true),
            (&["c"], CheckOperator::Eq, Some("false"), true),
            (&["c"], CheckOperator::Eq, Some("0"), false),
            (&["n"], CheckOperator::Has, None, true),
            (&["n"], CheckOperator::Eq, Some("null"), true),
            (&["x"], CheckOperator::Has, None, false),
            (&["x"], CheckOperator::Ne, Some("1"), false),
        ] {
            let check = check(path, operator, literal);
            assert_eq!(
                given.fits(&[422], std::slice::from_ref(&check)),
                passes,
                "{check:?}"
            );
            assert!(!given.fits(&[400], &[check]));
        }
        assert!(!answer(422, "oops").fits(&[422], &[check(&["x"], CheckOperator::Has, None)]));
        assert!(answer(204, "").fits(&[], &[]) && !answer(302, "").fits(&[], &[]));
    }

    #[test]
    fn values_are_saved_of_bodies_headers_and_cookies() {
        let headers = [
            ("x-clerk", "clara"),
            ("set-cookie", "lang=en; Path=/"),
            ("set-cookie", "session=a=b; HttpOnly"),
        ];
        let headers = headers.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let given = answer(200, r#"{"data": [{"id": 7, "all": {}}]}"#).with(headers.into());
        let body = |path: &[&str]| AnswerPlace::Body {
            path: path.iter().map(|key| (*key).to_owned()).collect(),
        };
        let cookie = |name: &str| AnswerPlace::Cookie {
            name: name.to_owned(),
        };
        let header = AnswerPlace::Header {
            name: "X-Clerk".to_owned(),
        };
        for (place, found) in [
            (body(&["data", "0", "id"]), Some("7")),
            (body(&["data", "0", "all"]), None),
            (body(&["none"]), None),
            (header, Some("\"clara\"")),
            (cookie("session"), Some("\"a=b\"")),
            (cookie("none"), None),
        ] {
            let value = given.value(&place).map(|value| value.to_string());
            assert_eq!(value.as_deref(), found, "{place:?}");
        }
    }

    #[test]
    fn retry_after_is_a_number_of_seconds_or_a_date() {
        let now: Timestamp = "2030-01-02T03:04:05Z".parse().unwrap();
        for (text, seconds) in [
            ("7", Some(7)),
            ("Wed, 02 Jan 2030 03:04:15 GMT", Some(10)),
            ("Wed, 02 Jan 2030 03:04:00 GMT", Some(0)),
            ("soon", None),
        ] {
            assert_eq!(wait(text, now), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
