//! HAR 1.2: what browsers, Playwright and mitmproxy export.

use std::io::Read;

use serde_json::Value as Json;

use super::base64::decoded;
use super::exchange::{Answer, Body, Exchange, Field, When};
use super::read::{Broken, Sink};
use super::shared::{entries, pairs, text};
use crate::value::time::parse_time;

/// Reads `log.entries`.
pub(super) fn read(reader: impl Read, sink: &mut Sink<'_>) -> Result<(), Broken> {
    entries(reader, &["log", "entries"], sink, |entry| {
        Ok(exchange(entry)?.into_iter().collect())
    })
}

fn exchange(entry: &Json) -> Result<Option<Exchange>, &'static str> {
    let request = entry.get("request").ok_or("there is no request")?;
    let method = text(request, "method").ok_or("there is no method")?;
    let url = text(request, "url").ok_or("there is no url")?;
    if !url.starts_with("http") {
        // `data:`, `blob:`, web sockets and extensions of browsers.
        return Err("it isn't sent by HTTP");
    }
    let at = text(entry, "startedDateTime").and_then(parse_time);
    Ok(Some(Exchange {
        name: text(entry, "comment")
            .filter(|own| !own.is_empty())
            .map(str::to_owned),
        method: method.to_ascii_uppercase(),
        url: url.to_owned(),
        headers: headers(request),
        body: request.get("postData").and_then(posted),
        at: at.map_or(When::Unknown, When::At),
        answer: entry.get("response").and_then(answer),
        ..Exchange::default()
    }))
}

/// Headers without what HTTP/2 calls so.
fn headers(message: &Json) -> Vec<(String, String)> {
    let mut headers = pairs(message.get("headers"), "name");
    headers.retain(|(name, _)| !name.starts_with(':'));
    headers
}

/// The body of a request: its text, else the fields of its form.
fn posted(data: &Json) -> Option<Body> {
    if let Some(own) = text(data, "text").filter(|own| !own.is_empty()) {
        return match text(data, "encoding") {
            Some("base64") => decoded(own).map(Body::Bytes),
            _ => Some(Body::Text(own.to_owned())),
        };
    }
    let params = data.get("params")?.as_array()?;
    let fields = params.iter().filter_map(|param| {
        Some(Field {
            name: text(param, "name")?.to_owned(),
            text: text(param, "value").map(str::to_owned),
        })
    });
    let fields: Vec<Field> = fields.collect();
    (!fields.is_empty()).then_some(Body::Fields(fields))
}

/// The answer; a status of 0 says that there was none.
fn answer(response: &Json) -> Option<Answer> {
    let status = response.get("status")?.as_u64()?;
    let status = u16::try_from(status).ok().filter(|own| *own > 0)?;
    let content = response.get("content");
    let own = content.and_then(|content| text(content, "text"));
    let encoding = content.and_then(|content| text(content, "encoding"));
    let body = match (own, encoding) {
        (Some(own), Some("base64")) => decoded(own).map(Body::Bytes),
        (Some(own), _) => Some(Body::Text(own.to_owned())),
        (None, _) => None,
    };
    Some(Answer { status, body })
}
