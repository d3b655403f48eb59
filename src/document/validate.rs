//! The second opinion on request states: the crate jsonschema on the document's
//! own schemas.

use serde_json::{Map, Value as Json, json};

use super::convert;
use super::location::{Location, Segment};
use super::operation::{Operation, Place};
use super::overlay;
use super::read::Document;
use super::schema::{SchemaId, Schemas};
use crate::source::{Code, Diagnostic};
use crate::value::Value;

/// Judges request states of one operation. It shares nothing with the internal
/// form of schemas but which properties are read-only.
#[derive(Debug)]
pub struct Validator {
    inner: jsonschema::Validator,
    schemas: Schemas,
    request: SchemaId,
}

/// A place of a request state that a keyword of the schema refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where in the request state.
    pub location: Location,
    /// The keyword.
    pub keyword: String,
    /// What is wrong, as the validator says it.
    pub message: String,
    /// Of `oneOf` and `anyOf`: what is wrong with each alternative.
    pub branches: Vec<Vec<Violation>>,
}

impl Validator {
    /// The validator for an operation of `document`, its overlays included.
    ///
    /// # Errors
    /// The schemas can't be used, such as for a pattern that is none.
    pub fn new(document: &Document, operation: &Operation) -> Result<Self, Box<Diagnostic>> {
        let roots = operation.parameters.iter().map(|own| &*own.pointer);
        let body = operation.body.iter().map(|own| &*own.pointer);
        let definitions = convert::definitions(&document.tree, roots.chain(body));
        let mut schema = request(operation);
        for change in &operation.overlays {
            overlay::apply_json(&mut schema, &definitions, change);
        }
        if let Some(members) = schema.as_object_mut() {
            members.insert("$defs".to_owned(), definitions);
        }
        let failed = |error: String| {
            let message = format!(
                "the schemas of `{}` can't be used for validation: {error}",
                operation.id
            );
            Box::new(
                Diagnostic::error(Code::WrongValue, message)
                    .at(operation.span, "of this operation"),
            )
        };
        let inner = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .build(&schema)
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self {
            inner,
            schemas: operation.schemas.clone(),
            request: operation.request,
        })
    }

    /// Everything that is wrong with a request state, an object with the members
    /// `path`, `query`, `header`, `cookie` (objects of parameters) and `body`.
    /// Defaults are not applied.
    pub fn validate(&self, request: &Value) -> Vec<Violation> {
        let Some(json) = convert::value(request) else {
            return vec![Violation {
                location: Location::default(),
                keyword: "type".to_owned(),
                message: "the request holds a value that JSON can't".to_owned(),
                branches: Vec::new(),
            }];
        };
        let errors = self.inner.iter_errors(&json);
        errors
            .filter_map(|error| self.violation(&json, &error))
            .collect()
    }

    fn violation(&self, json: &Json, error: &jsonschema::ValidationError<'_>) -> Option<Violation> {
        use jsonschema::error::ValidationErrorKind as Kind;
        let location = location(json, error.instance_path().as_str());
        let location = match error.kind() {
            Kind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                if self.is_read_only(&location, name) {
                    return None;
                }
                location.key(name)
            }
            _ => location,
        };
        let branches = match error.kind() {
            Kind::AnyOf { context } | Kind::OneOfNotValid { context } => context.as_slice(),
            _ => &[],
        };
        let branches = branches.iter().map(|errors| {
            let found = errors.iter();
            found.filter_map(|own| self.violation(json, own)).collect()
        });
        Some(Violation {
            location,
            keyword: error.kind().keyword().to_owned(),
            message: error.to_string(),
            branches: branches.collect(),
        })
    }

    /// OpenAPI demands a read-only property of answers alone.
    fn is_read_only(&self, location: &Location, name: &str) -> bool {
        let step = |id: SchemaId, segment: &Segment| match segment {
            Segment::Key(key) => self.schemas.property(id, key),
            Segment::Index(index) => self.schemas.item(id, *index),
            Segment::Each => self.schemas.get(id).items,
        };
        let found = location.0.iter().try_fold(self.request, step);
        found.is_some_and(|id| self.schemas.get(id).read_only_properties.contains(name))
    }
}

/// A JSON pointer into `json` as a location.
fn location(json: &Json, pointer: &str) -> Location {
    let mut location = Location::default();
    let mut node = Some(json);
    for step in pointer.split('/').skip(1) {
        let key = step.replace("~1", "/").replace("~0", "~");
        let index = node
            .filter(|node| node.is_array())
            .and_then(|_| key.parse().ok());
        location = match index {
            Some(index) => location.index(index),
            None => location.key(&key),
        };
        node = node.and_then(|node| match index {
            Some(index) => node.get(index),
            None => node.get(&key),
        });
    }
    location
}

/// The schema of a request state, referring to the document's schemas.
fn request(operation: &Operation) -> Json {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for place in Place::ALL {
        let own: Vec<_> = operation
            .parameters
            .iter()
            .filter(|own| own.place == place)
            .collect();
        if own.is_empty() {
            continue;
        }
        let schemas: Map<String, Json> = own
            .iter()
            .map(|own| (own.name.clone(), convert::reference_to(&own.pointer)))
            .collect();
        let needed: Vec<&str> = own
            .iter()
            .filter(|own| own.required)
            .map(|own| own.name.as_str())
            .collect();
        if !needed.is_empty() {
            required.push(place.name());
        }
        let object = json!({"type": "object", "properties": schemas, "required": needed});
        properties.insert(place.name().to_owned(), object);
    }
    if let Some(body) = &operation.body {
        properties.insert("body".to_owned(), convert::reference_to(&body.pointer));
        if body.required {
            required.push("body");
        }
    }
    json!({"type": "object", "properties": properties, "required": required})
}
