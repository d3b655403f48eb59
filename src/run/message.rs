//! Requests as HTTP carries them, without credentials.

use super::encoding;
use crate::case::{Encoding, Group, Operation, body_text};
use crate::value::Value;

/// A request: all of it but credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// The method in capitals.
    pub(super) method: String,
    /// The path and the query.
    pub(super) target: String,
    /// Headers; the media type of the body among them.
    pub(super) headers: Vec<(String, String)>,
    /// Cookies as `name=text`.
    pub(super) cookies: Vec<String>,
    /// The text of the body.
    pub(super) body: Option<String>,
}

impl Message {
    /// Writes the parts of a request to an operation.
    pub(super) fn new(operation: &Operation, parts: &Value) -> Self {
        let writer = Writer { operation, parts };
        let mut headers = Vec::new();
        let (media_type, body) = writer.body().unzip();
        headers.extend(media_type.map(|kind| ("Content-Type".to_owned(), kind)));
        headers.extend(writer.members(Group::Header).map(|(encoding, value)| {
            let text = encoding::header(&encoding, value);
            (encoding.name, text)
        }));
        Self {
            method: operation.method.clone(),
            target: writer.target(),
            headers,
            cookies: encoding::cookies(writer.members(Group::Cookie)),
            body,
        }
    }
}

struct Writer<'r> {
    operation: &'r Operation,
    parts: &'r Value,
}

impl<'r> Writer<'r> {
    /// The values of a part, each with how it is written. Headers keep the
    /// name that the request gives them.
    fn members(&self, group: Group) -> impl Iterator<Item = (Encoding, &'r Value)> {
        let members = match self.parts.get(group.name()) {
            Some(Value::Map(members)) => Some(members),
            _ => None,
        };
        let encodings = &self.operation.encodings;
        members
            .into_iter()
            .flat_map(|own| own.iter())
            .map(move |(name, value)| {
                let encoding = Encoding {
                    name: name.to_string(),
                    ..Encoding::of(encodings, group, name)
                };
                (encoding, value)
            })
    }

    fn target(&self) -> String {
        // Each name once: a value may look like a name in braces.
        let mut path = String::new();
        let mut rest = self.operation.path.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            path.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                path.push('{');
                rest = after;
                continue;
            };
            let found = self.members(Group::Path).find(|(own, _)| own.name == name);
            match found {
                Some((encoding, value)) => path += &encoding::path(&encoding, value),
                None => path += &format!("{{{name}}}"),
            }
            rest = after;
        }
        path.push_str(rest);
        let query = encoding::query(self.members(Group::Query));
        if query.is_empty() {
            path
        } else {
            format!("{path}?{query}")
        }
    }

    /// The media type of the body, and its text.
    fn body(&self) -> Option<(String, String)> {
        let body = self.parts.get(Group::Body.name())?;
        let media_type = self
            .operation
            .media_type
            .as_deref()
            .unwrap_or("application/json");
        let kind = media_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        Some(match kind.as_str() {
            "application/x-www-form-urlencoded" => (
                media_type.to_owned(),
                encoding::query(self.members(Group::Body)),
            ),
            "multipart/form-data" => {
                let (boundary, text) = encoding::multipart(self.members(Group::Body));
                (format!("{kind}; boundary={boundary}"), text)
            }
            _ => (media_type.to_owned(), body_text(body)),
        })
    }
}
