//! JSON Lines: one exchange a line, as `crossfield record` writes them.
//!
//! `{"method": "POST", "url": "http://host/path?query", "headers": {"name":
//! "value"}, "body": ..., "status": 201, "response": {"headers": {...}, "body":
//! ...}, "at": "2030-01-01T12:00:00Z"}`. A body is JSON, or a string where it
//! is none; `raw_body` is its exact text, `raw_body_base64` its bytes.

use std::io::{BufRead, Read};

use serde_json::{Map, Value as Json};

use super::base64::decoded;
use super::exchange::{Answer, Body, Exchange, When};
use super::read::{Broken, Sink};
use super::shared::{entries, lines};
use crate::value::time::parse_time;

/// Reads line by line.
pub(super) fn read(reader: impl BufRead, sink: &mut Sink<'_>) -> Result<(), Broken> {
    lines(reader, sink, |line| {
        let members = line.as_object().ok_or("the line is no JSON object");
        vec![members.and_then(exchange)]
    })
}

/// Reads the same exchanges as one list.
pub(super) fn list(reader: impl Read, sink: &mut Sink<'_>) -> Result<(), Broken> {
    entries(reader, &[], sink, |item| {
        let members = item.as_object().ok_or("it is no JSON object")?;
        Ok(vec![exchange(members)?])
    })
}

/// The exchange that an object describes.
pub(super) fn exchange(members: &Map<String, Json>) -> Result<Exchange, &'static str> {
    let text = |key: &str| members.get(key).and_then(Json::as_str);
    let method = text("method").ok_or("there is no method")?;
    let url = text("url").ok_or("there is no url")?;
    Ok(Exchange {
        method: method.to_ascii_uppercase(),
        url: url.to_owned(),
        headers: headers(members.get("headers")),
        body: body(members)?,
        at: text("at")
            .and_then(parse_time)
            .map_or(When::Unknown, When::At),
        answer: answer(members)?,
        obscured: obscured(members),
        ..Exchange::default()
    })
}

/// Why the line doesn't tell what was sent, or what the server answered, as
/// `crossfield record` says.
fn obscured(members: &Map<String, Json>) -> Option<&'static str> {
    let is_set = |name: &str| members.get(name) == Some(&Json::Bool(true));
    let url = members
        .get("url")
        .and_then(Json::as_str)
        .unwrap_or_default();
    let raw = members.get("raw_body").and_then(Json::as_str);
    let is_masked = url.contains(MASK)
        || url.contains("%2A%2A%2A")
        || raw.is_some_and(|text| text.contains(MASK))
        || members.get("body").is_some_and(holds_mask);
    if is_set("injected") {
        Some("it was answered by `--inject`, not by the server")
    } else if is_set("truncated") {
        Some("its body is cut in the recording: see --max-body of `crossfield record`")
    } else if is_masked {
        Some("values of it are masked in the recording: see --no-mask of `crossfield record`")
    } else {
        None
    }
}

/// What masked values begin with.
const MASK: &str = "***";

fn holds_mask(json: &Json) -> bool {
    match json {
        Json::String(text) => text.starts_with(MASK),
        Json::Array(items) => items.iter().any(holds_mask),
        Json::Object(members) => members.values().any(holds_mask),
        _ => false,
    }
}

/// Headers as an object of texts or lists of texts.
pub(super) fn headers(json: Option<&Json>) -> Vec<(String, String)> {
    let members = json.and_then(Json::as_object).into_iter().flatten();
    let each = members.flat_map(|(name, value)| {
        let texts: Vec<String> = match value {
            Json::String(text) => vec![text.clone()],
            Json::Array(items) => items.iter().filter_map(as_text).collect(),
            other => as_text(other).into_iter().collect(),
        };
        texts.into_iter().map(|text| (name.clone(), text))
    });
    each.collect()
}

fn as_text(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// The body of a request or an answer: its exact text where that is given.
fn body(members: &Map<String, Json>) -> Result<Option<Body>, &'static str> {
    if let Some(raw) = members.get("raw_body").and_then(Json::as_str) {
        return Ok(Some(Body::Text(raw.to_owned())));
    }
    if let Some(raw) = members.get("raw_body_base64").and_then(Json::as_str) {
        let bytes = decoded(raw).ok_or("raw_body_base64 is no Base64")?;
        return Ok(Some(Body::Bytes(bytes)));
    }
    let is_json = || {
        let headers = headers(members.get("headers"));
        let mut kinds = headers.iter();
        let kind = kinds.find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        kind.is_some_and(|(_, kind)| kind.to_ascii_lowercase().contains("json"))
    };
    Ok(match members.get("body") {
        // A JSON body may be null, or a text.
        None => None,
        Some(Json::Null) if !is_json() => None,
        Some(Json::String(text)) if !is_json() => Some(Body::Text(text.clone())),
        Some(value) => Some(Body::Json(value.clone())),
    })
}

/// The answer: `response` holds its headers and body, or is the body itself.
fn answer(members: &Map<String, Json>) -> Result<Option<Answer>, &'static str> {
    let response = members.get("response");
    let inner = response.and_then(|own| own.get("status"));
    let Some(status) = members.get("status").or(inner).filter(|own| !own.is_null()) else {
        return Ok(None);
    };
    let status = status.as_u64().and_then(|own| u16::try_from(own).ok());
    let status = status.ok_or("the status is no number from 100 to 599")?;
    let body = match response {
        None | Some(Json::Null) => None,
        Some(Json::Object(own)) if is_message(own) => body(own)?,
        Some(other) => Some(Body::Json(other.clone())),
    };
    Ok(Some(Answer { status, body }))
}

/// Whether an object is an answer with its parts, not the body itself.
fn is_message(members: &Map<String, Json>) -> bool {
    const PARTS: [&str; 7] = [
        "headers",
        "body",
        "raw_body",
        "raw_body_base64",
        "truncated",
        "status",
        "reason",
    ];
    members.keys().all(|key| PARTS.contains(&key.as_str()))
}

#[cfg(test)]
mod tests {
    use super::super::read::Skipped;
    use super::*;

    fn all(text: &str) -> Vec<Result<Exchange, Skipped>> {
        let mut found = Vec::new();
        read(text.as_bytes(), &mut |entry| {
            found.push(entry);
            true
        })
        .unwrap();
        found
    }

    #[test]
    fn lines_are_exchanges() {
        let found = all(
            "{\"method\": \"post\", \"url\": \"/a?b=1\", \"headers\": {\"A\": [\"1\", \"2\"]}, \
             \"body\": {\"n\": 1.10}, \"status\": 201, \"response\": {\"id\": \"x\"}, \
             \"at\": \"1970-01-01T00:00:01Z\"}\n\n\
             {\"method\": \"GET\", \"url\": \"/\", \"raw_body\": \"{\\\"a\\\":1,\\\"a\\\":2}\", \
             \"status\": 204, \"response\": {\"headers\": {}, \"raw_body_base64\": \"_w==\"}}\n",
        );
        let first = found[0].clone().unwrap();
        assert_eq!((first.entry, first.method.as_str()), (1, "POST"));
        assert_eq!(first.header("a").unwrap(), "1, 2");
        assert_eq!(first.body.unwrap().text().unwrap(), r#"{"n":1.10}"#);
        assert_eq!(first.at, When::At(1_000_000_000));
        let answer = first.answer.unwrap();
        assert_eq!(answer.body.unwrap().text().unwrap(), r#"{"id":"x"}"#);
        let second = found[1].clone().unwrap();
        assert_eq!(second.entry, 3);
        assert_eq!(second.body, Some(Body::Text(r#"{"a":1,"a":2}"#.to_owned())));
        let body = second.answer.unwrap().body;
        assert_eq!(body, Some(Body::Bytes(vec![0xff])));
    }

    #[test]
    fn what_is_cut_masked_or_made_up_is_told() {
        let line = |more: &str| {
            let text =
                format!("{{\"method\": \"POST\", \"url\": \"/a\", {more}, \"status\": 201}}\n");
            all(&text).remove(0).unwrap().obscured
        };
        assert_eq!(line(r#""body": {"pin": "4711"}"#), None);
        let masked = line(r#""body": {"pins": [{"pin": "***0af3"}]}"#);
        assert!(masked.unwrap().contains("masked"));
        assert!(
            line(r#""body": "{", "truncated": true"#)
                .unwrap()
                .contains("cut")
        );
        assert!(
            line(r#""body": {}, "injected": true"#)
                .unwrap()
                .contains("--inject")
        );
    }

    #[test]
    fn broken_lines_are_skipped_with_their_reason() {
        let found = all("{\n[]\n{\"url\": \"/\"}\n{\"method\": \"GET\", \"url\": \"/\"}\n");
        let reasons: Vec<String> = found
            .iter()
            .filter_map(|entry| entry.as_ref().err())
            .map(|skipped| format!("{}: {}", skipped.entry, skipped.reason))
            .collect();
        assert_eq!(
            reasons,
            [
                "1: the line is no JSON",
                "2: the line is no JSON object",
                "3: there is no method"
            ]
        );
        assert_eq!(found[3].as_ref().unwrap().answer, None);
    }
}
