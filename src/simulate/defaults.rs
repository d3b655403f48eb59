//! The request as rules read it: with the schema's defaults.

use crate::document::{SchemaId, Schemas};
use crate::model::{Model, OperationRef};
use crate::value::{Members, Value};

/// Defaults within defaults end here; a schema that contains itself by a
/// default has no finite value.
const MAX_DEPTH: usize = 64;

/// A request to `operation` as its rules read it: where the server doesn't
/// tell null from absent, without members that are null; then with defaults.
pub fn prepare(model: &Model, operation: OperationRef, request: &Value) -> Value {
    if model.nulls_distinct {
        return apply_defaults(model, operation, request);
    }
    apply_defaults(model, operation, &without_nulls(request))
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Map(members) => {
            let kept = members.iter().filter(|(_, member)| **member != Value::Null);
            let kept = kept.map(|(key, member)| (key.clone(), without_nulls(member)));
            Value::Map(kept.collect())
        }
        Value::List(items) => Value::List(items.iter().map(without_nulls).collect()),
        other => other.clone(),
    }
}

/// `request` with the defaults of the schema of `operation`: of each member
/// that is absent from an object that is there, also where a default made the
/// object. Path, query, header and cookie are always there, the body isn't.
pub fn apply_defaults(model: &Model, operation: OperationRef, request: &Value) -> Value {
    let schemas = &model.schemas;
    let root = model.operation(operation).request;
    let mut request = request.clone();
    if let Value::Map(parts) = &mut request {
        for part in ["path", "query", "header", "cookie"] {
            add_part(schemas, root, parts, part);
        }
    }
    complete(schemas, root, &mut request, 0);
    request
}

/// Adds a part of the request that was left out, if it has defaults.
fn add_part(schemas: &Schemas, root: SchemaId, parts: &mut Members, part: &str) {
    let Some(schema) = schemas.get(root).properties.get(part) else {
        return;
    };
    if parts.contains_key(part) {
        return;
    }
    let mut empty = Value::Map(Members::new());
    complete(schemas, *schema, &mut empty, 0);
    if empty != Value::Map(Members::new()) {
        parts.insert(part.into(), empty);
    }
}

fn complete(schemas: &Schemas, id: SchemaId, value: &mut Value, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    let schema = schemas.get(id);
    match value {
        Value::Map(members) => {
            for (key, property) in &schema.properties {
                let default = schemas.get(*property).default.as_ref();
                let absent = !members.contains_key(key.as_str());
                if let Some(default) = default.filter(|_| absent) {
                    members.insert(key.as_str().into(), default.value.clone());
                }
            }
            for (key, member) in members {
                if let Some(own) = schemas.property(id, key) {
                    complete(schemas, own, member, depth + 1);
                }
            }
        }
        Value::List(items) => {
            if let Some(own) = schema.items {
                for item in items {
                    complete(schemas, own, item, depth + 1);
                }
            }
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Time(_)
        | Value::Duration(_) => {}
    }
}
