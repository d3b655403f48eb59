//! From the texts of parameters and forms to values, by the styles of OpenAPI:
//! what `run::encoding` does, the other way round.

use std::sync::Arc;

use super::forms::Pair;
use crate::case::parse_json;
use crate::document::{Encoding, JsonType, SchemaId, Schemas, Style};
use crate::value::{Members, Value, parse_number};

/// The types of what is read.
#[derive(Clone, Copy)]
pub struct Reader<'s> {
    /// All schemas.
    pub schemas: &'s Schemas,
}

impl Reader<'_> {
    /// The value of a text that stands by itself.
    pub fn scalar(self, schema: Option<SchemaId>, text: &str) -> Value {
        let Some(schema) = schema else {
            return Value::string(text);
        };
        let types = self.schemas.get(schema).types;
        let is = |kind| types.allows(kind);
        if types.is_untyped() || types.names(JsonType::String) {
            return Value::string(text);
        }
        if (is(JsonType::Integer) || is(JsonType::Number))
            && let Some(number) = number(text)
        {
            return Value::Number(number);
        }
        match text {
            "true" if is(JsonType::Boolean) => Value::Bool(true),
            "false" if is(JsonType::Boolean) => Value::Bool(false),
            text => Value::string(text),
        }
    }

    /// The value of one text whose parts stand between separators: of a path, a
    /// header or a cookie.
    pub fn text(self, encoding: &Encoding, schema: Option<SchemaId>, text: &str) -> Value {
        if encoding.style == Style::Json {
            return parse_json(text).unwrap_or_else(|_| Value::string(text));
        }
        let (text, separator) = match (encoding.style, encoding.explode) {
            (Style::Label, true) => (text.strip_prefix('.').unwrap_or(text).to_owned(), '.'),
            (Style::Label, false) => (text.strip_prefix('.').unwrap_or(text).to_owned(), ','),
            (Style::Matrix, spread) => (matrix(encoding, text), if spread { ';' } else { ',' }),
            _ => (text.to_owned(), ','),
        };
        let parts = || text.split(separator).map(str::trim);
        match self.shape(schema) {
            Shape::Scalar => self.scalar(schema, &text),
            _ if text.is_empty() => self.list(schema, []),
            Shape::List => self.list(schema, parts()),
            Shape::Object if encoding.explode => {
                let pairs = parts().filter_map(|part| part.split_once('='));
                self.object(schema, pairs)
            }
            Shape::Object => {
                let all: Vec<&str> = parts().collect();
                let pairs = all.chunks(2).filter_map(|pair| match pair {
                    [key, value] => Some((*key, *value)),
                    _ => None,
                });
                self.object(schema, pairs)
            }
        }
    }

    /// The value among the pairs of a query or a form; none where it isn't there.
    /// `is_other` says of a name that another parameter has it.
    pub fn pairs(
        self,
        encoding: &Encoding,
        schema: Option<SchemaId>,
        pairs: &[Pair],
        is_other: &dyn Fn(&str) -> bool,
    ) -> Option<Value> {
        let own = || pairs.iter().filter(|pair| pair.name == encoding.name);
        let last = || own().next_back().map(|pair| pair.text.as_str());
        let shape = self.shape(schema);
        match (encoding.style, shape) {
            (Style::Json, _) => last().map(|text| {
                let json = parse_json(text);
                json.unwrap_or_else(|_| Value::string(text))
            }),
            (Style::DeepObject, _) => {
                let prefix = format!("{}[", encoding.name);
                let members = pairs.iter().filter_map(|pair| {
                    let key = pair.name.strip_prefix(&prefix)?.strip_suffix(']')?;
                    Some((key, pair.text.as_str()))
                });
                self.members(schema, members)
            }
            (Style::Field | Style::File, Shape::Object) => last().map(|text| {
                let json = parse_json(text);
                json.unwrap_or_else(|_| Value::string(text))
            }),
            (_, Shape::Object) if encoding.explode => {
                let found = schema.map(|schema| self.schemas.get(schema));
                let is_own = |name: &str| {
                    found.is_some_and(|own| own.properties.contains_key(name)) || !is_other(name)
                };
                let members = pairs.iter().filter(|pair| is_own(&pair.name));
                self.members(
                    schema,
                    members.map(|pair| (pair.name.as_str(), pair.text.as_str())),
                )
            }
            (Style::Field | Style::File, Shape::List) => {
                let texts: Vec<&str> = own().map(|pair| pair.text.as_str()).collect();
                (!texts.is_empty()).then(|| self.list(schema, texts))
            }
            (_, Shape::List) if encoding.explode => {
                let texts: Vec<&str> = own().map(|pair| pair.text.as_str()).collect();
                (!texts.is_empty()).then(|| self.list(schema, texts))
            }
            (style, Shape::List | Shape::Object) => {
                let separator = match style {
                    Style::SpaceDelimited => ' ',
                    Style::PipeDelimited => '|',
                    _ => ',',
                };
                let text = last()?;
                Some(match shape {
                    Shape::List if text.is_empty() => self.list(schema, []),
                    Shape::List => self.list(schema, text.split(separator)),
                    _ => {
                        let all: Vec<&str> = text.split(separator).collect();
                        let pairs = all.chunks(2).filter_map(|pair| match pair {
                            [key, value] => Some((*key, *value)),
                            _ => None,
                        });
                        self.object(schema, pairs)
                    }
                })
            }
            (_, Shape::Scalar) => last().map(|text| self.scalar(schema, text)),
        }
    }

    fn shape(self, schema: Option<SchemaId>) -> Shape {
        let types = schema.map(|schema| self.schemas.get(schema).types);
        match types {
            Some(types) if types.names(JsonType::Array) => Shape::List,
            Some(types) if types.names(JsonType::Object) => Shape::Object,
            _ => Shape::Scalar,
        }
    }

    fn list<'t>(self, schema: Option<SchemaId>, texts: impl IntoIterator<Item = &'t str>) -> Value {
        let texts = texts.into_iter().enumerate();
        let items = texts.map(|(index, text)| {
            let item = schema.and_then(|schema| self.schemas.item(schema, index));
            self.scalar(item, text)
        });
        Value::List(items.collect())
    }

    fn object<'t>(
        self,
        schema: Option<SchemaId>,
        pairs: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Value {
        let members = self.members(schema, pairs);
        members.unwrap_or_else(|| Value::Map(Members::new()))
    }

    /// An object, unless it would have no member.
    fn members<'t>(
        self,
        schema: Option<SchemaId>,
        pairs: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Option<Value> {
        let pairs = pairs.into_iter().map(|(key, text)| {
            let member = schema.and_then(|schema| self.schemas.property(schema, key));
            let key: Arc<str> = key.into();
            (key, self.scalar(member, text))
        });
        let members: Members = pairs.collect();
        (!members.is_empty()).then_some(Value::Map(members))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Scalar,
    List,
    Object,
}

/// `;name=1;name=2` and `;name=1,2` without names; of a spread object its
/// members.
fn matrix(encoding: &Encoding, text: &str) -> String {
    let named = format!("{}=", encoding.name);
    let parts = text.split(';').filter(|part| !part.is_empty());
    let bare = parts.map(|part| part.strip_prefix(&named).unwrap_or(part));
    bare.collect::<Vec<_>>().join(";")
}

/// A number as JSON writes it.
fn number(text: &str) -> Option<crate::value::Number> {
    let is_plain = |own: u8| own.is_ascii_digit() || b"+-.eE".contains(&own);
    let starts = text
        .bytes()
        .next()
        .is_some_and(|own| own == b'-' || own.is_ascii_digit());
    (starts && text.bytes().all(is_plain))
        .then(|| parse_number(text))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::super::forms::pairs;
    use super::*;
    use crate::document::{Document, Group, Place};
    use crate::source::Sources;

    const API: &str = r#"
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /a/{l}/{m}:
    get:
      operationId: a
      parameters:
        - {name: l, in: path, required: true, style: label, explode: true, schema: {type: array, items: {type: integer}}}
        - {name: m, in: path, required: true, style: matrix, schema: {type: object, properties: {x: {type: integer}, y: {type: string}}}}
        - {name: q, in: query, schema: {type: array, items: {type: string}}}
        - {name: p, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: boolean}}}
        - {name: d, in: query, style: deepObject, schema: {type: object, properties: {n: {type: number}}}}
        - {name: e, in: query, schema: {type: object, properties: {from: {type: integer}}, additionalProperties: false}}
        - {name: j, in: query, content: {application/json: {schema: {type: object}}}}
        - {name: s, in: query, schema: {type: string}}
        - {name: n, in: query, schema: {type: integer}}
        - {name: h, in: header, schema: {type: array, items: {type: integer}}}
      responses: {'200': {description: ok}}
"#;

    #[test]
    fn texts_become_values_by_their_style() {
        let mut sources = Sources::new();
        let file = sources.add("api.yaml", API);
        let document = Document::read(&sources, file).unwrap();
        let listed = document.find_operation("a").unwrap();
        let operation = document.operation(listed).unwrap();
        let reader = Reader {
            schemas: &operation.schemas,
        };
        let query = pairs("q=a%2Cb&q=c&p=true|false&d[n]=1.50&from=7&j=%7B%22k%22%3A1%7D&s=5&n=x");
        let others = |name: &str| ["q", "p", "d[n]", "j", "s", "n"].contains(&name);
        for (place, name, text, wanted) in [
            (Place::Path, "l", ".1.2", "[1, 2]"),
            (Place::Path, "m", ";m=x,1,y,b", r#"{"x": 1, "y": "b"}"#),
            (Place::Header, "h", "1, 2", "[1, 2]"),
            (Place::Query, "q", "", r#"["a,b", "c"]"#),
            (Place::Query, "p", "", "[true, false]"),
            (Place::Query, "d", "", r#"{"n": 1.5}"#),
            (Place::Query, "e", "", r#"{"from": 7}"#),
            (Place::Query, "j", "", r#"{"k": 1}"#),
            (Place::Query, "s", "", r#""5""#),
            // What is no number stays what it is, for the schema to refuse.
            (Place::Query, "n", "", r#""x""#),
        ] {
            let parameter = operation.parameter(place, name).unwrap();
            let (encoding, schema) = (&parameter.encoding, Some(parameter.schema));
            let value = match encoding.group {
                Group::Query => reader.pairs(encoding, schema, &query, &others).unwrap(),
                _ => reader.text(encoding, schema, text),
            };
            assert_eq!(value.to_string(), wanted, "{name}");
        }
    }
}
