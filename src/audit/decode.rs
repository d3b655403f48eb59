//! From a recorded request to a request state.

use super::forms::{Pair, cookies, multipart, pairs};
use super::styles::Reader;
use super::template::plain;
use crate::document::{Form, Group, Place};
use crate::model::{Built, OperationRef};
use crate::traffic::{Body, Exchange};
use crate::value::json::exact;
use crate::value::{Members, Value};

/// Why a request has no state that can be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// No server can take it: it breaks the schema.
    Wrong(String),
    /// The recording doesn't say enough.
    Lacking(String),
}

/// The state of a request to `operation`, the parameters of whose path are
/// `path`; without who sent it and when.
pub fn decode(
    built: &Built,
    operation: OperationRef,
    path: &[(String, String)],
    exchange: &Exchange,
) -> Result<Value, Unread> {
    let work = Work {
        built,
        operation,
        exchange,
        reader: Reader {
            schemas: &built.model.schemas,
        },
    };
    let mut parts = Members::new();
    for place in Place::ALL {
        let members = work.parameters(place, path)?;
        if !members.is_empty() {
            parts.insert(place.name().into(), Value::Map(members));
        }
    }
    if let Some(body) = work.body()? {
        parts.insert(Group::Body.name().into(), body);
    }
    Ok(Value::Map(parts))
}

struct Work<'a> {
    built: &'a Built,
    operation: OperationRef,
    exchange: &'a Exchange,
    reader: Reader<'a>,
}

impl Work<'_> {
    fn parameters(&self, place: Place, path: &[(String, String)]) -> Result<Members, Unread> {
        let found = self.built.documented.get(self.operation.0 as usize);
        let declared = found.map(|own| own.operation.parameters.as_slice());
        let own = declared.unwrap_or_default().iter();
        let own: Vec<_> = own.filter(|own| own.place == place).collect();
        let schemas = &self.built.model.schemas;
        let request = self.built.model.operation(self.operation).request;
        let group = schemas.property(request, place.name());
        let pairs = match place {
            Place::Query => self.query(),
            Place::Cookie => cookies(&self.exchange.header("cookie").unwrap_or_default()),
            Place::Path | Place::Header => Vec::new(),
        };
        let mut members = Members::new();
        for parameter in &own {
            let schema = group.and_then(|group| schemas.property(group, &parameter.name));
            let encoding = &parameter.encoding;
            let text = |text: String| self.reader.text(encoding, schema, &text);
            let is_other = |name: &str| own.iter().any(|other| other.name == name);
            let value = match place {
                Place::Path => {
                    let found = path.iter().find(|(name, _)| *name == parameter.name);
                    let bad = || Unread::Wrong("its path is no UTF-8".to_owned());
                    let found = found.map(|(_, raw)| plain(raw).ok_or_else(bad));
                    found.transpose()?.map(text)
                }
                Place::Header => self.exchange.header(&parameter.name).map(text),
                Place::Query => self.reader.pairs(encoding, schema, &pairs, &is_other),
                Place::Cookie => {
                    let found = pairs.iter().find(|pair| pair.name == parameter.name);
                    found.map(|pair| text(pair.text.clone()))
                }
            };
            if let Some(value) = value {
                members.insert(parameter.name.as_str().into(), value);
            }
        }
        Ok(members)
    }

    fn query(&self) -> Vec<Pair> {
        let url = self.exchange.url.split('#').next().unwrap_or_default();
        url.split_once('?')
            .map(|(_, query)| pairs(query))
            .unwrap_or_default()
    }

    fn body(&self) -> Result<Option<Value>, Unread> {
        let model = &self.built.model;
        let found = model.operation(self.operation);
        let (Some(body), Some(media_type)) = (&self.exchange.body, &found.media_type) else {
            return Ok(None);
        };
        let sent = self.exchange.header("content-type");
        let is_json = |kind: &str| essence(kind).ends_with("json");
        if let Some(sent) = &sent {
            let is_same =
                essence(sent) == essence(media_type) || is_json(sent) && is_json(media_type);
            if !is_same {
                let words = format!("its body is {}, not {}", essence(sent), essence(media_type));
                return Err(Unread::Wrong(words));
            }
        }
        match found.form {
            Some(form) => self.form(form, body, sent.as_deref()).map(Some),
            None if is_json(media_type) => json(body),
            None => {
                let lacking = || Unread::Lacking("its body is no text".to_owned());
                body.text()
                    .map(|text| Some(Value::string(text)))
                    .ok_or_else(lacking)
            }
        }
    }

    fn form(&self, form: Form, body: &Body, sent: Option<&str>) -> Result<Value, Unread> {
        let model = &self.built.model;
        let found = model.operation(self.operation);
        let wrong = || Unread::Wrong("its body is no form".to_owned());
        let pairs = match body {
            Body::Fields(fields) => {
                let lacking =
                    || Unread::Lacking("what a file of its form holds isn't there".to_owned());
                let each = fields.iter().map(|field| {
                    let text = field.text.clone().ok_or_else(lacking)?;
                    let name = field.name.clone();
                    Ok(Pair { name, text })
                });
                each.collect::<Result<Vec<_>, _>>()?
            }
            other => {
                let text = other.text().ok_or_else(wrong)?;
                match form {
                    Form::UrlEncoded => pairs(&text),
                    Form::Multipart => {
                        multipart(sent.unwrap_or_default(), &text).ok_or_else(wrong)?
                    }
                }
            }
        };
        let schema = model.schemas.property(found.request, Group::Body.name());
        let declared = schema.map(|schema| &model.schemas.get(schema).properties);
        let mut members = Members::new();
        for name in declared.into_iter().flat_map(|own| own.keys()) {
            let member = schema.and_then(|schema| model.schemas.property(schema, name));
            let encoding = found.encoding(Group::Body, name);
            let is_other = |other: &str| declared.is_some_and(|own| own.contains_key(other));
            if let Some(value) = self.reader.pairs(&encoding, member, &pairs, &is_other) {
                members.insert(name.as_str().into(), value);
            }
        }
        // Fields that nobody declared are texts.
        let is_known =
            |name: &str| declared.is_some_and(|own| own.contains_key(name)) || name.contains('[');
        for pair in pairs.iter().filter(|pair| !is_known(&pair.name)) {
            let name: &str = &pair.name;
            if !members.contains_key(name) {
                members.insert(name.into(), Value::string(pair.text.as_str()));
            }
        }
        Ok(Value::Map(members))
    }
}

fn json(body: &Body) -> Result<Option<Value>, Unread> {
    if matches!(body, Body::Text(text) if text.trim().is_empty()) {
        return Ok(None);
    }
    let wrong = || Unread::Wrong("its body is no JSON".to_owned());
    let json = body.json().ok_or_else(wrong)?;
    let lacking = || Unread::Lacking("a number of its body is too long".to_owned());
    exact(json).map(Some).ok_or_else(lacking)
}

/// A media type without its parameters, in small letters.
fn essence(media_type: &str) -> String {
    let bare = media_type.split(';').next().unwrap_or_default();
    bare.trim().to_ascii_lowercase()
}
