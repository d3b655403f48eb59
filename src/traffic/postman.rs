//! Postman collections 2.1, and what newman reports of running one.
//!
//! A collection is a suite: its requests have no answers but the examples that
//! are saved beside them. Variables of the collection are put in; requests with
//! others are skipped, but for the address of the server.

use std::collections::BTreeMap;
use std::io::Read;

use serde_json::Value as Json;

use super::exchange::{Answer, Body, Exchange, Field, When};
use super::read::{Broken, Sink, Skipped, whole};
use super::shared::{entries, pairs, text};

/// Reads newman's report: `run.executions`.
pub(super) fn report(reader: impl Read, sink: &mut Sink<'_>) -> Result<(), Broken> {
    entries(reader, &["run", "executions"], sink, |execution| {
        let request = execution.get("request").ok_or("there is no request")?;
        let mut exchange = exchange(request, &BTreeMap::new())?;
        exchange.name = execution
            .get("item")
            .and_then(|item| text(item, "name"))
            .map(str::to_owned);
        exchange.answer = execution.get("response").and_then(answer);
        Ok(vec![exchange])
    })
}

/// Reads the requests of a collection, and the answers saved beside them.
pub(super) fn collection(reader: impl Read, sink: &mut Sink<'_>) -> Result<(), Broken> {
    let all: Json = serde_json::from_str(&whole(reader)?).map_err(|error| Broken::Syntax {
        entry: 1,
        problem: error.to_string(),
    })?;
    let variables: BTreeMap<String, String> =
        pairs(all.get("variable"), "key").into_iter().collect();
    let mut found = Vec::new();
    collect(&all, "", &mut found);
    for (index, (name, item)) in found.into_iter().enumerate() {
        let entry = index + 1;
        for own in requests(item, &variables) {
            let own = own.map(|own| Exchange {
                entry,
                name: Some(name.clone()),
                ..own
            });
            let own = own.map_err(|reason| Skipped {
                entry,
                reason: reason.to_owned(),
            });
            if !sink(own) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The items with a request, with their names from outside in.
fn collect<'j>(folder: &'j Json, path: &str, found: &mut Vec<(String, &'j Json)>) {
    let items = folder
        .get("item")
        .and_then(Json::as_array)
        .into_iter()
        .flatten();
    for item in items {
        let name = text(item, "name").unwrap_or_default();
        let path = match path {
            "" => name.to_owned(),
            path => format!("{path} / {name}"),
        };
        if item.get("request").is_some() {
            found.push((path, item));
        } else {
            collect(item, &path, found);
        }
    }
}

/// The request of an item; instead of it its saved examples, if there are any.
fn requests(
    item: &Json,
    variables: &BTreeMap<String, String>,
) -> Vec<Result<Exchange, &'static str>> {
    let saved = item
        .get("response")
        .and_then(Json::as_array)
        .into_iter()
        .flatten();
    let saved: Vec<_> = saved
        .filter_map(|saved| {
            let request = saved.get("originalRequest").or(item.get("request"))?;
            let answer = answer(saved)?;
            Some(exchange(request, variables).map(|own| Exchange {
                is_first: true,
                answer: Some(answer),
                ..own
            }))
        })
        .collect();
    if !saved.is_empty() {
        return saved;
    }
    let request = item.get("request");
    let planned = request.map(|request| {
        exchange(request, variables).map(|own| Exchange {
            at: When::Planned,
            ..own
        })
    });
    planned.into_iter().collect()
}

fn exchange(
    request: &Json,
    variables: &BTreeMap<String, String>,
) -> Result<Exchange, &'static str> {
    let fill = |text: &str| filled(text, variables);
    let unknown = "it has variables that nothing gives a value";
    let url = url(request.get("url").unwrap_or(request)).ok_or("there is no url")?;
    let url = match fill(&url) {
        Some(url) => url,
        // The address of the server doesn't matter.
        None => {
            let behind = url.strip_prefix("{{").and_then(|own| own.split_once("}}"));
            behind.and_then(|(_, path)| fill(path)).ok_or(unknown)?
        }
    };
    let headers = pairs(request.get("header"), "key").into_iter();
    let headers = headers.map(|(name, value)| Some((name, fill(&value)?)));
    Ok(Exchange {
        method: text(request, "method")
            .unwrap_or("GET")
            .to_ascii_uppercase(),
        url,
        headers: headers.collect::<Option<_>>().ok_or(unknown)?,
        body: body(request.get("body"), &fill).ok_or(unknown)?,
        ..Exchange::default()
    })
}

/// The address: as it stands, else put together from its parts.
fn url(json: &Json) -> Option<String> {
    if let Some(url) = json.as_str() {
        return Some(url.to_owned());
    }
    let variables = pairs(json.get("variable"), "key");
    let value = |name: &str| {
        variables
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.clone())
    };
    let Some(path) = json.get("path").and_then(Json::as_array) else {
        return text(json, "raw").map(str::to_owned);
    };
    let path = path.iter().map(|part| {
        let part = part.as_str().or(text(part, "value")).unwrap_or_default();
        let own = part.strip_prefix(':').and_then(value);
        own.unwrap_or_else(|| part.to_owned())
    });
    let path: Vec<String> = path.collect();
    let query = pairs(json.get("query"), "key").into_iter();
    let query: Vec<String> = query.map(|(key, value)| format!("{key}={value}")).collect();
    let query = match query.is_empty() {
        true => String::new(),
        false => format!("?{}", query.join("&")),
    };
    Some(format!("/{}{query}", path.join("/")))
}

/// The body; the outer `None` says that a variable has no value.
#[expect(clippy::option_option, reason = "no body, or one that isn't known")]
fn body(json: Option<&Json>, fill: &dyn Fn(&str) -> Option<String>) -> Option<Option<Body>> {
    let Some(json) = json else {
        return Some(None);
    };
    let fields = |key: &str| -> Option<Option<Body>> {
        let list = json.get(key).and_then(Json::as_array).into_iter().flatten();
        let enabled = list.filter(|own| own.get("disabled") != Some(&Json::Bool(true)));
        let fields = enabled.map(|own| {
            let text_of = text(own, "value").filter(|_| text(own, "type") != Some("file"));
            Some(Field {
                name: text(own, "key")?.to_owned(),
                text: match text_of {
                    Some(own) => Some(fill(own)?),
                    None => None,
                },
            })
        });
        Some(Some(Body::Fields(fields.collect::<Option<_>>()?)))
    };
    match text(json, "mode") {
        Some("raw") => match text(json, "raw") {
            Some(raw) => Some(Some(Body::Text(fill(raw)?))),
            None => Some(None),
        },
        Some("urlencoded") => fields("urlencoded"),
        Some("formdata") => fields("formdata"),
        _ => Some(None),
    }
}

/// A text with the values of its variables; none where one has none.
fn filled(text: &str, variables: &BTreeMap<String, String>) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}")?;
        out.push_str(before);
        out.push_str(variables.get(name.trim())?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// An answer: of newman with its bytes, of a collection with its text.
fn answer(response: &Json) -> Option<Answer> {
    let status = response.get("code")?.as_u64()?;
    let status = u16::try_from(status).ok()?;
    let bytes = response.get("stream").and_then(|stream| {
        let data = stream.get("data").unwrap_or(stream).as_array()?;
        let bytes = data.iter().map(|byte| u8::try_from(byte.as_u64()?).ok());
        bytes.collect::<Option<Vec<u8>>>()
    });
    let own = text(response, "body").map(|own| Body::Text(own.to_owned()));
    Some(Answer {
        status,
        body: bytes.map(Body::Bytes).or(own),
    })
}
