//! The events of Schemathesis as NDJSON: requests stand in those of scenarios
//! that are finished.

use std::io::BufRead;

use serde_json::Value as Json;

use super::base64::decoded;
use super::exchange::{Answer, Body, Exchange, When};
use super::jsonl::headers;
use super::read::{Broken, Sink};
use super::shared::{lines, text};

/// Reads line by line.
pub(super) fn read(reader: impl BufRead, sink: &mut Sink<'_>) -> Result<(), Broken> {
    lines(reader, sink, |event| {
        let scenario = event.get("ScenarioFinished");
        let recorder = scenario.and_then(|own| own.get("recorder"));
        let found = recorder.and_then(|own| own.get("interactions"));
        let found = found.and_then(Json::as_object).into_iter().flatten();
        let each = found.map(|(id, interaction)| {
            let own = exchange(interaction).ok_or("the interaction has no request")?;
            Ok(Exchange {
                name: Some(id.clone()),
                ..own
            })
        });
        each.collect()
    })
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
