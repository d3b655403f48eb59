//! The fields of an operation that no rule reads, and the values that they take.

use std::collections::BTreeSet;

use crate::document::{JsonType, Schema, SchemaId, complete};
use crate::expr::ExprId;
use crate::model::{Model, OperationRef, ServerValue};
use crate::search::slice::{Read, reads};
use crate::value::Value;
use crate::value::location::{Location, Segment};

/// Members of an enumeration that are tried, at most.
const MAX_MEMBERS: usize = 8;

/// Fields of an operation that take part, at most.
const MAX_FIELDS: usize = 40;

/// A field that no rule reads.
#[derive(Clone, Debug)]
pub struct Field {
    /// Where it stands in a request.
    pub location: Location,
    /// What it may hold; none: it is absent.
    pub values: Vec<Option<Value>>,
}

impl Field {
    /// Which of its values a request has there.
    pub fn value_in(&self, request: &Value) -> Option<usize> {
        let now = self.location.read(request);
        self.values.iter().position(|value| value.as_ref() == now)
    }
}

/// The free fields of an operation that may hold one of at least two values:
/// members of enumerations, true and false, the ends of ranges; and whether they are
/// there. `requests` are its baselines.
pub fn fields(model: &Model, operation: OperationRef, requests: &[&Value]) -> Vec<Field> {
    let mut finder = Finder {
        model,
        requests,
        taken: taken(model, operation),
        found: Vec::new(),
    };
    let root = model.operation(operation).request;
    for group in ["query", "header", "cookie", "body"] {
        if let Some(schema) = model.schemas.member(root, group) {
            let at = Location::default().key(group);
            let is_text_made = matches!(group, "query" | "body");
            finder.members(&at, schema, is_text_made);
        }
    }
    finder.found.truncate(MAX_FIELDS);
    finder.found
}

/// Where rules, changes of state and what is known of requests read or write.
fn taken(model: &Model, operation: OperationRef) -> Vec<Vec<String>> {
    let found = model.operation(operation);
    let places = model.places().into_iter().chain(model.kept_places());
    let places = places.filter(|place| model.reader(*place) == Some(operation));
    let mut roots: BTreeSet<ExprId> = places.map(|place| model.expression(place).0).collect();
    roots.extend(
        found
            .rules
            .iter()
            .flat_map(|rule| model.rule(*rule).exprs()),
    );
    // Rules of other operations may look back at what is sent here.
    let across = model.rules.iter().filter(|rule| rule.across.is_some());
    let across = across.flat_map(|rule| {
        let own = rule.across.as_ref();
        let replay = own.and_then(|own| own.replay.as_ref());
        let replay = replay.map(|own| own.expr);
        rule.exprs()
            .into_iter()
            .chain(own.map(|own| own.same))
            .chain(replay)
    });
    roots.extend(across);
    let read = roots.into_iter().flat_map(|root| reads(model, root));
    let mut taken: Vec<Vec<String>> = read
        .filter_map(|read| match read {
            Read::Field(path) | Read::Earlier(path) => Some(path),
            Read::Attribute(..) => None,
        })
        .collect();
    let binds = found.binds.iter().map(|bind| &bind.location);
    let texts = found.unique.iter().chain(&found.correlated);
    let known = binds.chain(texts.map(|own| &own.location));
    taken.extend(known.map(path));
    taken
}

/// The keys of a location; `*` for any item.
fn path(location: &Location) -> Vec<String> {
    let segments = location.0.iter();
    let keys = segments.map(|segment| match segment {
        Segment::Key(key) => key.to_string(),
        Segment::Index(_) => "*".to_owned(),
    });
    keys.collect()
}

struct Finder<'m> {
    model: &'m Model,
    requests: &'m [&'m Value],
    taken: Vec<Vec<String>>,
    found: Vec<Field>,
}

impl Finder<'_> {
    /// The fields among the declared members of an object. Texts that nobody gave
    /// are sent where `is_text_made`.
    fn members(&mut self, at: &Location, schema: SchemaId, is_text_made: bool) {
        let schemas = &self.model.schemas;
        let parent = schemas.get(schema);
        for (key, child) in &parent.properties {
            let location = at.key(key.as_str());
            let is_optional = !parent.required.contains_key(key);
            if self.is_free(&location) {
                self.field(location, *child, is_optional, is_text_made);
            } else if !is_optional || self.is_there(&location) {
                self.members(&location, *child, is_text_made);
            }
        }
    }

    /// Whether nothing reads it, above it or below it.
    fn is_free(&self, location: &Location) -> bool {
        let own = path(location);
        let mut taken = self.taken.iter();
        !taken.any(|path| path.iter().zip(&own).all(|(a, b)| a == b))
    }

    fn is_there(&self, location: &Location) -> bool {
        let mut requests = self.requests.iter();
        requests.any(|request| matches!(location.read(request), Some(Value::Map(_))))
    }

    fn field(
        &mut self,
        location: Location,
        schema: SchemaId,
        is_optional: bool,
        is_text_made: bool,
    ) {
        let found = self.model.schemas.get(schema);
        let now = self
            .requests
            .iter()
            .map(|request| location.read(request).cloned());
        let mut values: Vec<Option<Value>> = Vec::new();
        for value in now {
            push(&mut values, value);
        }
        if values.iter().flatten().any(|value| self.is_known(value)) {
            return;
        }
        if values
            .iter()
            .flatten()
            .any(|value| matches!(value, Value::Map(members) if !members.is_empty()))
            && !is_optional
        {
            self.members(&location, schema, is_text_made);
            return;
        }
        let named = named(found);
        let is_made = !named.is_empty() || is_text_made;
        named
            .into_iter()
            .for_each(|value| push(&mut values, Some(value)));
        if is_optional {
            push(&mut values, None);
            if is_made
                && values.iter().all(Option::is_none)
                && let Ok(made) = complete(&self.model.schemas, schema, None)
            {
                push(&mut values, Some(made));
            }
        }
        if values.len() > 1 {
            self.found.push(Field { location, values });
        }
    }

    /// Whether it names something that only tests know.
    fn is_known(&self, value: &Value) -> bool {
        let mut values = self.model.values.iter();
        let holds = |own: &ServerValue| match (value.as_str(), own.stand_in.as_str()) {
            (Some(text), Some(part)) => text.contains(part),
            _ => own.stand_in == *value,
        };
        values.any(holds) || self.model.maker_of(value).is_some()
    }
}

/// The values that a schema names: members of enumerations, true and false, ends of
/// ranges.
fn named(schema: &Schema) -> Vec<Value> {
    if let Some(members) = &schema.enumeration {
        return members.value.iter().take(MAX_MEMBERS).cloned().collect();
    }
    let types: Vec<JsonType> = schema.types.iter().collect();
    if types.contains(&JsonType::Boolean) && types.len() < 3 {
        return vec![Value::Bool(false), Value::Bool(true)];
    }
    let ends = [&schema.minimum, &schema.maximum].into_iter().flatten();
    let ends = ends.filter(|end| !end.value.exclusive);
    ends.map(|end| Value::Number(end.value.value.clone()))
        .collect()
}

fn push(values: &mut Vec<Option<Value>>, value: Option<Value>) {
    if !values.contains(&value) {
        values.push(value);
    }
}
