//! The events of Schemathesis as NDJSON: requests stand in those of scenarios
//! that are finished.

use std::io::BufRead;

use serde_json::Value as Json;

use super::base64::decoded;
use super::exchange::{Answer, Body, Exchange, When};
use super::jsonl::headers;
use super::read::{Broken, Sink, Skipped};
use super::shared::text;

/// Reads line by line.
pub(super) fn read(reader: impl BufRead, sink: &mut Sink<'_>) -> Result<(), Broken> {
    for (index, line) in reader.split(b'\n').enumerate() {
        let line = line?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let entry = index + 1;
        let skipped = |reason: &str| Skipped {
            entry,
            reason: reason.to_owned(),
        };
        let Ok(event) = serde_json::from_slice::<Json>(&line) else {
            if !sink(Err(skipped("the line is no JSON"))) {
                break;
            }
            continue;
        };
        let scenario = event
            .get("ScenarioFinished")
            .and_then(|own| own.get("recorder"));
        let found = scenario
            .and_then(|own| own.get("interactions"))
            .and_then(Json::as_object);
        for (id, interaction) in found.into_iter().flatten() {
            let own =
                exchange(interaction).ok_or_else(|| skipped("the interaction has no request"));
            let own = own.map(|own| Exchange {
                entry,
                name: Some(id.clone()),
                ..own
            });
            if !sink(own) {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn exchange(interaction: &Json) -> Option<Exchange> {
    let request = interaction.get("request")?;
    let url = text(request, "uri").or(text(request, "url"))?;
    Some(Exchange {
        method: text(request, "method")?.to_ascii_uppercase(),
        url: url.to_owned(),
        headers: headers(request.get("headers")),
        body: body(request.get("body")),
        at: interaction
            .get("timestamp")
            .and_then(moment)
            .map_or(When::Unknown, When::At),
        answer: interaction.get("response").and_then(answer),
        ..Exchange::default()
    })
}

fn answer(response: &Json) -> Option<Answer> {
    let status = u16::try_from(response.get("status_code")?.as_u64()?).ok()?;
    Some(Answer {
        status,
        body: body(response.get("content")),
    })
}

/// Bytes as `{"$base64": "..."}`, or a text.
fn body(json: Option<&Json>) -> Option<Body> {
    match json? {
        Json::String(text) => Some(Body::Text(text.clone())),
        Json::Object(_) => decoded(text(json?, "$base64")?).map(Body::Bytes),
        _ => None,
    }
}

/// Seconds since 1970 as nanoseconds.
fn moment(json: &Json) -> Option<i128> {
    let number = crate::value::parse_number(json.as_number()?.as_str())?;
    let nanos = number * crate::value::Number::from_integer(1_000_000_000.into());
    i128::try_from(nanos.to_integer()).ok()
}
