//! An exchange as one line of a recording.

use hyper::HeaderMap;
use hyper::header::HeaderValue;
use jiff::{Timestamp, TimestampRound, Unit};
use serde_json::{Map, Value as Json};

use super::body;
use super::exchange::{Message, Over};
use super::mask::Masking;

/// All that is told of an exchange, with what is secret masked.
pub(super) fn line(over: &Over<'_>, masking: &Masking, limit: usize) -> Map<String, Json> {
    let mut line = Map::new();
    let mut put = |name: &str, value: Json| line.insert(name.to_owned(), value);
    put("at", Json::from(moment(over.at)));
    put("method", Json::from(over.method.as_str()));
    put("url", Json::from(masking.url(over.url)));
    add(&mut line, &over.request, masking, limit);
    if let Some((status, message)) = &over.answer {
        line.insert("status".to_owned(), Json::from(status.as_u16()));
        let mut response = Map::new();
        add(&mut response, message, masking, limit);
        line.insert("response".to_owned(), Json::Object(response));
    }
    if let Some(problem) = over.problem {
        line.insert("error".to_owned(), Json::from(problem));
    }
    if over.is_injected {
        line.insert("injected".to_owned(), Json::Bool(true));
    }
    masking.scrub(&mut line);
    line
}

fn moment(at: Timestamp) -> String {
    let rounded = at.round(TimestampRound::new().smallest(Unit::Microsecond));
    rounded.unwrap_or(at).to_string()
}

fn add(entry: &mut Map<String, Json>, message: &Message<'_>, masking: &Masking, limit: usize) {
    let headers = headers(message.headers, masking);
    entry.insert("headers".to_owned(), Json::Object(headers));
    body::add(entry, &message.body, message.headers, masking, limit);
}

/// A header that is there several times has a list of values.
fn headers(headers: &HeaderMap, masking: &Masking) -> Map<String, Json> {
    let names = headers.keys().map(|name| {
        let values = headers.get_all(name).iter();
        let values = values.map(|value| masking.header(name.as_str(), &shown(value)));
        let mut values: Vec<Json> = values.map(Json::from).collect();
        let value = match values.pop() {
            Some(one) if values.is_empty() => one,
            Some(last) => {
                values.push(last);
                Json::Array(values)
            }
            None => Json::Null,
        };
        (name.as_str().to_owned(), value)
    });
    names.collect()
}

/// What isn't UTF-8 is Latin-1, as HTTP once said.
fn shown(value: &HeaderValue) -> String {
    let bytes = value.as_bytes();
    let text = std::str::from_utf8(bytes).map(str::to_owned);
    text.unwrap_or_else(|_| bytes.iter().copied().map(char::from).collect())
}
