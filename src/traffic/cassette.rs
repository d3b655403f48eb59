//! Cassettes in the YAML of VCR, as Schemathesis (and vcrpy) write them.
//!
//! The file is read interaction by interaction: each begins with a dash at the
//! margin of the list.

use std::io::BufRead;

use indexmap::IndexMap;
use serde::Deserialize;

use super::base64::decoded;
use super::exchange::{Answer, Body, Exchange, When};
use super::read::{Broken, Sink, Skipped};
use crate::value::time::parse_time;

/// The keys of the list.
pub(super) const KEYS: [&str; 2] = ["http_interactions:", "interactions:"];

#[derive(Deserialize)]
struct Interaction {
    #[serde(default)]
    id: Option<String>,
    request: Sent,
    #[serde(default)]
    response: Option<Received>,
    #[serde(default)]
    recorded_at: Option<String>,
}

#[derive(Deserialize)]
struct Sent {
    uri: String,
    method: String,
    #[serde(default)]
    headers: Option<IndexMap<String, OneOrMany>>,
    #[serde(default)]
    body: Option<Carried>,
}

#[derive(Deserialize)]
struct Received {
    status: Status,
    #[serde(default)]
    body: Option<Carried>,
}

#[derive(Deserialize)]
struct Status {
    code: Code,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Code {
    Number(u16),
    Text(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Carried {
    Text(String),
    Parts {
        #[serde(default)]
        string: Option<String>,
        #[serde(default)]
        base64_string: Option<String>,
    },
}

/// Reads the list of interactions.
pub(super) fn read(mut reader: impl BufRead, sink: &mut Sink<'_>) -> Result<(), Broken> {
    let mut chunk = String::new();
    let mut margin: Option<usize> = None;
    let (mut is_inside, mut entry) = (false, 0);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let is_end = reader.read_until(b'\n', &mut bytes)? == 0;
        let line = String::from_utf8_lossy(&bytes);
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        let starts = trimmed.starts_with("- ") && margin.is_none_or(|own| own == indent);
        // Behind the list stands another key.
        let is_over = indent == 0 && !line.trim().is_empty() && !trimmed.starts_with('-');
        if is_inside && (is_end || starts || is_over) && !chunk.trim().is_empty() {
            entry += 1;
            if !sink(interaction(&chunk, entry)) {
                return Ok(());
            }
            chunk.clear();
        }
        if is_end {
            return Ok(());
        }
        if is_inside && is_over {
            is_inside = false;
        }
        if KEYS.contains(&line.trim()) && indent == 0 {
            is_inside = true;
            continue;
        }
        if is_inside {
            margin = margin.or(starts.then_some(indent));
            chunk.push_str(&line);
        }
    }
}

fn interaction(text: &str, entry: usize) -> Result<Exchange, Skipped> {
    let skipped = |reason: &str| Skipped {
        entry,
        reason: reason.to_owned(),
    };
    let read: Result<Vec<Interaction>, _> = serde_saphyr::from_str(text);
    let read = read.map_err(|_| skipped("the interaction is no YAML with a request"))?;
    let own = read
        .into_iter()
        .next()
        .ok_or_else(|| skipped("there is no interaction"))?;
    let headers = own.request.headers.into_iter().flatten();
    let headers = headers.flat_map(|(name, texts)| {
        let texts = match texts {
            OneOrMany::One(text) => vec![text],
            OneOrMany::Many(texts) => texts,
        };
        texts.into_iter().map(move |text| (name.clone(), text))
    });
    let at = own.recorded_at.as_deref().and_then(parse_time);
    Ok(Exchange {
        entry,
        name: own.id,
        method: own.request.method.to_ascii_uppercase(),
        url: own.request.uri,
        headers: headers.collect(),
        body: own.request.body.and_then(carried),
        at: at.map_or(When::Unknown, When::At),
        answer: own.response.and_then(answer),
        ..Exchange::default()
    })
}

fn answer(received: Received) -> Option<Answer> {
    let status = match received.status.code {
        Code::Number(status) => status,
        Code::Text(text) => text.parse().ok()?,
    };
    Some(Answer {
        status,
        body: received.body.and_then(carried),
    })
}

fn carried(body: Carried) -> Option<Body> {
    match body {
        Carried::Text(text) => Some(Body::Text(text)),
        Carried::Parts {
            base64_string: Some(text),
            ..
        } => decoded(&text).map(Body::Bytes),
        Carried::Parts { string, .. } => string.map(Body::Text),
    }
}
