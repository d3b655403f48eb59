//! What schemas demand of single places of a request.

use std::collections::BTreeSet;

use crate::document::{
    Additional, Bound, JsonType, Location, Placed, Schema, SchemaId, Schemas, Segment,
};
use crate::model::{Model, OperationRef};

/// Places within places are listed down to here: schemas may go round.
const MAX_DEPTH: usize = 12;

/// Every demand on a request to an operation, as `maximum at body.amount`, in
/// order.
pub fn demands(model: &Model, operation: OperationRef) -> BTreeSet<String> {
    let mut walk = Walk {
        schemas: &model.schemas,
        found: BTreeSet::new(),
    };
    let request = model.schemas.get(model.operation(operation).request);
    for (part, schema) in &request.properties {
        let place = Location::default().key(part);
        if part == "body" {
            if request.required.contains_key(part) {
                walk.add("required", &place);
            }
            walk.schema(*schema, &place, 0);
        } else {
            walk.parameters(*schema, &place, part == "path");
        }
    }
    walk.found
}

struct Walk<'s> {
    schemas: &'s Schemas,
    found: BTreeSet<String>,
}

impl Walk<'_> {
    fn add(&mut self, keyword: &str, place: &Location) {
        self.found.insert(format!("{keyword} at {place}"));
    }

    /// The demands on parameters. A path without one of them is another path, and
    /// all of them are texts on their way.
    fn parameters(&mut self, id: SchemaId, place: &Location, is_path: bool) {
        let group = self.schemas.get(id);
        for (name, parameter) in &group.properties {
            let at = place.key(name);
            if group.required.contains_key(name) && !is_path {
                self.add("required", &at);
            }
            self.schema(*parameter, &at, 1);
            if self.schemas.get(*parameter).types.allows(JsonType::String) {
                self.found.remove(&format!("type at {at}"));
            }
        }
    }

    /// The demands on one place and those below it.
    fn schema(&mut self, id: SchemaId, place: &Location, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let schema = self.schemas.get(id);
        self.own(schema, place);
        for (name, member) in &schema.properties {
            let at = place.key(name);
            if schema.required.contains_key(name) {
                self.add("required", &at);
            }
            self.schema(*member, &at, depth + 1);
        }
        if let Some(items) = schema.items {
            self.schema(items, &place.then(Segment::Each), depth + 1);
        }
    }

    fn own(&mut self, schema: &Schema, place: &Location) {
        let bound = |own: &Option<Placed<Bound>>, plain, exclusive| {
            let own = own.as_ref();
            own.map(|own| {
                if own.value.exclusive {
                    exclusive
                } else {
                    plain
                }
            })
        };
        let flags = [
            schema.types_place.as_ref().map(|_| "type"),
            schema.enumeration.as_ref().map(|_| "enum"),
            bound(&schema.minimum, "minimum", "exclusiveMinimum"),
            bound(&schema.maximum, "maximum", "exclusiveMaximum"),
            schema.multiple_of.as_ref().map(|_| "multipleOf"),
            schema.min_length.as_ref().map(|_| "minLength"),
            schema.max_length.as_ref().map(|_| "maxLength"),
            schema.patterns.first().map(|_| "pattern"),
            schema.format.as_ref().map(|_| "format"),
            schema.min_items.as_ref().map(|_| "minItems"),
            schema.max_items.as_ref().map(|_| "maxItems"),
            schema.unique_items.as_ref().map(|_| "uniqueItems"),
            schema.min_properties.as_ref().map(|_| "minProperties"),
            schema.max_properties.as_ref().map(|_| "maxProperties"),
            matches!(schema.additional, Additional::Forbidden(_)).then_some("additionalProperties"),
        ];
        for keyword in flags.into_iter().flatten() {
            self.add(keyword, place);
        }
    }
}
