//! The parameters that IDL names, as fields of an operation.

use std::ops::Range;

use crate::document::{JsonType, Operation, Schema, SchemaId};
use crate::import::member;
use crate::source::did_you_mean;
use crate::text::Format;
use crate::value::Value;

/// A parameter of an operation, or a member of its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// The path in expressions.
    pub path: String,
    /// What its values are.
    pub kind: FieldKind,
    /// Whether every request has it.
    pub required: bool,
    /// Whether it has a default, which IDL doesn't count as given.
    pub has_default: bool,
    /// The only values that it has.
    pub values: Option<Vec<Value>>,
}

/// What the values of a field are, as far as comparisons need to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FieldKind {
    Bool,
    Number,
    Text,
    /// A day or a moment.
    Time,
    List(Box<FieldKind>),
    Other(&'static str),
}

/// Why a name is no field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NoField {
    pub name: String,
    pub range: Range<usize>,
    pub near: Option<String>,
}

/// The fields of an operation by the names that IDL uses.
pub(super) struct Fields<'a> {
    operation: &'a Operation,
}

impl<'a> Fields<'a> {
    pub(super) fn new(operation: &'a Operation) -> Self {
        Self { operation }
    }

    /// The field of that name: a parameter, else a member of the body, else a
    /// path into the body. Names of headers ignore case.
    pub(super) fn find(&self, name: &str) -> Option<Field> {
        self.parameter(name).or_else(|| self.member(name))
    }

    fn parameter(&self, name: &str) -> Option<Field> {
        let parameters = self.operation.parameters.iter();
        let exact = parameters.clone().find(|own| own.name == name);
        let found = exact.or_else(|| {
            let mut headers = parameters.filter(|own| own.place.name() == "header");
            headers.find(|own| own.name.eq_ignore_ascii_case(name))
        })?;
        let path = member(found.place.name(), &found.name);
        Some(self.field(path, found.schema, found.required))
    }

    fn member(&self, name: &str) -> Option<Field> {
        let body = self.operation.body.as_ref()?;
        let schemas = &self.operation.schemas;
        let whole = [name];
        let steps: Vec<&str> = match schemas.get(body.schema).properties.contains_key(name) {
            true => whole.to_vec(),
            false => name.split('.').collect(),
        };
        let (mut path, mut id, mut required) = ("body".to_owned(), body.schema, body.required);
        for step in steps {
            let schema = schemas.get(id);
            required &= schema.required.contains_key(step);
            id = *schema.properties.get(step)?;
            path = member(&path, step);
        }
        Some(self.field(path, id, required))
    }

    fn field(&self, path: String, id: SchemaId, required: bool) -> Field {
        let schema = self.operation.schemas.get(id);
        let values = schema.enumeration.as_ref();
        Field {
            path,
            kind: self.kind(schema),
            required,
            has_default: schema.default.is_some(),
            values: values.map(|values| values.value.clone()),
        }
    }

    fn kind(&self, schema: &Schema) -> FieldKind {
        let mut types = schema.types.iter().filter(|own| *own != JsonType::Null);
        match (types.next(), types.next()) {
            (Some(JsonType::Boolean), None) => FieldKind::Bool,
            (Some(JsonType::Integer | JsonType::Number), None) => FieldKind::Number,
            (Some(JsonType::String), None) => match schema.format.as_ref().map(|own| &own.value) {
                Some(Format::Date | Format::DateTime) => FieldKind::Time,
                _ => FieldKind::Text,
            },
            (Some(JsonType::Array), None) => {
                let items = schema.items.map(|id| self.operation.schemas.get(id));
                let items = items.map_or(FieldKind::Other("a value"), |items| self.kind(items));
                FieldKind::List(Box::new(items))
            }
            (Some(JsonType::Object), None) => FieldKind::Other("an object"),
            _ => FieldKind::Other("a value without a type"),
        }
    }

    /// What is like a name that isn't there.
    pub(super) fn near(&self, name: &str) -> Option<String> {
        let parameters = self.operation.parameters.iter();
        let names = parameters.map(|own| own.name.as_str());
        let body = self.operation.body.as_ref();
        let schema = body.map(|body| self.operation.schemas.get(body.schema));
        let members = schema
            .into_iter()
            .flat_map(|schema| schema.properties.keys());
        did_you_mean(name, names.chain(members.map(String::as_str)))
    }
}
