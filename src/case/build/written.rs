//! From values to what stands in parameters and bodies.
//!
//! A value is sent only where every reader that follows the style reads the
//! same value back: an item that holds the separator of its list isn't.

use indexmap::IndexMap;

use super::NotSendable;
use super::request::Sender;
use crate::case::format::ParameterValue;
use crate::document::{Encoding, Form, Group, Style};
use crate::model::Operation;
use crate::value::location::Location;
use crate::value::{Members, Value, decimal_places, print_number};

/// How values of an operation are written where that isn't the common way.
pub(super) fn encodings(operation: &Operation) -> Vec<Encoding> {
    let uncommon = |own: &&Encoding| **own != Encoding::common(own.group, &own.name);
    let encodings = operation.encodings.iter();
    encodings.filter(uncommon).cloned().collect()
}

impl Sender<'_> {
    /// A parameter's value, text by text.
    pub(super) fn parameter(
        &self,
        group: Group,
        name: &str,
        place: &Location,
        value: &Value,
    ) -> Result<ParameterValue, NotSendable> {
        let encoding = self.operation.encoding(group, name);
        let written = if encoding.style == Style::Json {
            self.check_json(place, value)?;
            ParameterValue::Text(value.to_string())
        } else {
            self.spread(&encoding, place, value)?
        };
        match group {
            Group::Path => self.check_segment(&encoding, place, &written)?,
            Group::Header | Group::Cookie => self.check_line(place, &written)?,
            Group::Query | Group::Body => {}
        }
        Ok(match written {
            ParameterValue::Text(text) if group == Group::Query => ParameterValue::List(vec![text]),
            other => other,
        })
    }

    /// A text, a list or an object by the style of `encoding`.
    fn spread(
        &self,
        encoding: &Encoding,
        place: &Location,
        value: &Value,
    ) -> Result<ParameterValue, NotSendable> {
        match value {
            Value::List(items) => self.items(encoding, place, items).map(ParameterValue::List),
            Value::Map(members) => self
                .members(encoding, place, members)
                .map(ParameterValue::Members),
            _ => {
                let text = self.text(place, value)?;
                if encoding.style == Style::Matrix {
                    self.check_without(&[';'], place, &text)?;
                }
                Ok(ParameterValue::Text(text))
            }
        }
    }

    fn items(
        &self,
        encoding: &Encoding,
        place: &Location,
        items: &[Value],
    ) -> Result<Vec<String>, NotSendable> {
        if encoding.style == Style::DeepObject {
            return Err(self.problem(place, "is a list, and `deepObject` is for objects"));
        }
        if items.is_empty() {
            return Err(self.problem(place, "is an empty list, which is sent like an absent one"));
        }
        let separators = encoding.separators();
        let items = items.iter().enumerate();
        items
            .map(|(index, item)| {
                let place = place.index(index);
                let text = self.text(&place, item)?;
                self.check_part(separators, &place, &text)?;
                Ok(text)
            })
            .collect()
    }

    fn members(
        &self,
        encoding: &Encoding,
        place: &Location,
        members: &Members,
    ) -> Result<IndexMap<String, String>, NotSendable> {
        let delimited = matches!(encoding.style, Style::SpaceDelimited | Style::PipeDelimited);
        if delimited && encoding.explode {
            let problem = "is an object, for which its style with `explode: true` says nothing";
            return Err(self.problem(place, problem));
        }
        if members.is_empty() {
            let problem = "is an empty object, which is sent like an absent one";
            return Err(self.problem(place, problem));
        }
        let separators = encoding.separators();
        let members = members.iter().map(|(key, member)| {
            let place = place.key(key.clone());
            self.check_key(encoding, &place, key)?;
            let text = self.text(&place, member)?;
            if encoding.style != Style::DeepObject {
                self.check_part(separators, &place, &text)?;
            }
            Ok((key.to_string(), text))
        });
        members.collect()
    }

    fn check_key(
        &self,
        encoding: &Encoding,
        place: &Location,
        key: &str,
    ) -> Result<(), NotSendable> {
        if key.is_empty() {
            return Err(self.problem(place, "has no name"));
        }
        if encoding.style == Style::DeepObject {
            return self.check_without(&['[', ']'], place, key);
        }
        if encoding.style == Style::Form && encoding.explode {
            // Its members stand among the other parameters.
            let group = encoding.group;
            let mut others = self.operation.encodings.iter();
            if others.any(|own| own.group == group && own.name == key && own.name != encoding.name)
            {
                let problem = format!("is sent like the parameter `{key}`");
                return Err(self.problem(place, &problem));
            }
            return Ok(());
        }
        self.check_without(&['='], place, key)?;
        self.check_without(encoding.separators(), place, key)
    }

    /// A part of a list or object: nothing at all, or a separator in it, is read
    /// in several ways.
    fn check_part(
        &self,
        separators: &[char],
        place: &Location,
        text: &str,
    ) -> Result<(), NotSendable> {
        if text.is_empty() && !separators.is_empty() {
            return Err(self.problem(place, "is an empty text between separators"));
        }
        self.check_without(separators, place, text)
    }

    fn check_without(
        &self,
        separators: &[char],
        place: &Location,
        text: &str,
    ) -> Result<(), NotSendable> {
        match separators.iter().find(|own| text.contains(**own)) {
            None => Ok(()),
            Some(found) => {
                Err(self.problem(place, &format!("holds `{found}`, which separates values")))
            }
        }
    }

    /// Clients and proxies take dots and nothing in a path away.
    fn check_segment(
        &self,
        encoding: &Encoding,
        place: &Location,
        value: &ParameterValue,
    ) -> Result<(), NotSendable> {
        let text = match value {
            ParameterValue::Text(text) => text,
            ParameterValue::List(items) if items.len() == 1 => match items.first() {
                Some(text) => text,
                None => return Ok(()),
            },
            _ => return Ok(()),
        };
        let is_bare = encoding.style != Style::Matrix;
        if text.is_empty() || is_bare && matches!(text.as_str(), "." | "..") {
            let problem = format!("is {text:?}, which changes the path");
            return Err(self.problem(place, &problem));
        }
        Ok(())
    }

    /// Blanks around a header or cookie are not part of its value.
    fn check_line(&self, place: &Location, value: &ParameterValue) -> Result<(), NotSendable> {
        let texts: Vec<&String> = match value {
            ParameterValue::Text(text) => vec![text],
            ParameterValue::List(items) => items.iter().collect(),
            ParameterValue::Members(members) => {
                members.iter().flat_map(|(key, text)| [key, text]).collect()
            }
        };
        for text in texts {
            if text.chars().any(char::is_control) {
                return Err(self.problem(place, "holds a control character"));
            }
            if text.trim() != text {
                let problem = "starts or ends with a blank, which HTTP drops";
                return Err(self.problem(place, problem));
            }
        }
        Ok(())
    }

    fn text(&self, place: &Location, value: &Value) -> Result<String, NotSendable> {
        match value {
            Value::String(text) => Ok(text.to_string()),
            Value::Bool(value) => Ok(value.to_string()),
            Value::Number(number) if decimal_places(number).is_some() => Ok(print_number(number)),
            Value::Null => Err(self.problem(place, "is null, and it is sent as a text")),
            _ => Err(self.problem(place, "is no text, number or Boolean")),
        }
    }

    /// Whether the body can be sent.
    pub(super) fn check_body(&self, body: &Value) -> Result<(), NotSendable> {
        let place = Location::default().key("body");
        match self.operation.form {
            Some(form) => self.check_form(form, body),
            None => self.check_json(&place, body),
        }
    }

    /// Whether the fields of a form can be sent.
    pub(super) fn check_form(&self, form: Form, body: &Value) -> Result<(), NotSendable> {
        let place = Location::default().key("body");
        let Value::Map(fields) = body else {
            return Err(self.problem(&place, "is no object, and a form has named fields"));
        };
        if fields.is_empty() && form == Form::Multipart {
            return Err(self.problem(&place, "has no fields, which a multipart body can't say"));
        }
        for (name, value) in fields {
            let place = place.key(name.clone());
            self.check_field(name, &place, value)?;
            if form == Form::Multipart {
                self.check_part_names(name, &place, value)?;
            }
        }
        Ok(())
    }

    /// The names of the parts of a multipart form: readers don't agree on how
    /// quotes in them are escaped.
    fn check_part_names(
        &self,
        name: &str,
        place: &Location,
        value: &Value,
    ) -> Result<(), NotSendable> {
        let inner = match value {
            Value::Map(members) => members.keys().map(|key| key.to_string()).collect(),
            _ => Vec::new(),
        };
        let mut names = inner.iter().map(String::as_str).chain([name]);
        match names.find(|name| name.contains(['"', '\\', '\r', '\n'])) {
            None => Ok(()),
            Some(name) => {
                let problem = format!("has the name {name:?}, which isn't escaped in one way");
                Err(self.problem(place, &problem))
            }
        }
    }

    fn check_field(&self, name: &str, place: &Location, value: &Value) -> Result<(), NotSendable> {
        let encoding = self.operation.encoding(Group::Body, name);
        match (encoding.style, value) {
            (Style::Json, _) => self.check_json(place, value),
            (Style::Field | Style::File, Value::List(items)) if items.is_empty() => {
                Err(self.problem(place, "is an empty list, which is sent like an absent one"))
            }
            (Style::Field | Style::File, Value::List(items)) => {
                let mut items = items.iter().enumerate();
                items.try_for_each(|(index, item)| {
                    self.check_single(encoding.style, &place.index(index), item)
                })
            }
            (Style::Field | Style::File, _) => self.check_single(encoding.style, place, value),
            _ => self.spread(&encoding, place, value).map(|_| ()),
        }
    }

    /// One field of a form.
    fn check_single(
        &self,
        style: Style,
        place: &Location,
        value: &Value,
    ) -> Result<(), NotSendable> {
        match value {
            Value::Map(_) if style == Style::Field => self.check_json(place, value),
            _ => self.text(place, value).map(|_| ()),
        }
    }

    fn check_json(&self, place: &Location, value: &Value) -> Result<(), NotSendable> {
        match value {
            Value::Number(number) if decimal_places(number).is_none() => {
                let problem = format!(
                    "is {}, which no decimal number writes",
                    print_number(number)
                );
                Err(self.problem(place, &problem))
            }
            Value::Time(_) | Value::Duration(_) => Err(self.problem(place, "is no JSON value")),
            Value::List(items) => {
                let mut items = items.iter().enumerate();
                items.try_for_each(|(index, item)| self.check_json(&place.index(index), item))
            }
            Value::Map(members) => {
                let mut members = members.iter();
                members
                    .try_for_each(|(key, member)| self.check_json(&place.key(key.clone()), member))
            }
            _ => Ok(()),
        }
    }
}
