//! The request as rules read it: with the schema's defaults.

use crate::document::{SchemaId, Schemas};
use crate::model::{Model, OperationRef};
use crate::value::{Members, Value, changed_items};

/// Defaults within defaults end here; a schema that contains itself by a
/// default has no finite value.
const MAX_DEPTH: usize = 64;

/// A request to `operation` as its rules read it: where the server doesn't
/// tell null from absent, without members that are null; then with defaults.
pub fn prepare(model: &Model, operation: OperationRef, request: &Value) -> Value {
    apply_defaults(model, operation, &as_sent(model, request))
}

/// A request as a server reads it that forgets defaults: where it doesn't
/// tell null from absent, without members that are null.
pub fn as_sent(model: &Model, request: &Value) -> Value {
    let changed = (!model.nulls_distinct).then(|| request.without_null_members());
    changed.flatten().unwrap_or_else(|| request.clone())
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
    completed(schemas, root, &request, 0).unwrap_or(request)
}

/// Adds a part of the request that was left out, if it has defaults.
fn add_part(schemas: &Schemas, root: SchemaId, parts: &mut Members, part: &str) {
    let Some(schema) = schemas.get(root).properties.get(part) else {
        return;
    };
    if parts.contains_key(part) {
        return;
    }
    let empty = Value::Map(Members::new());
    if let Some(made) = completed(schemas, *schema, &empty, 0) {
        parts.insert(part.into(), made);
    }
}

/// `value` with its defaults; `None` if none is missing.
fn completed(schemas: &Schemas, id: SchemaId, value: &Value, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    let schema = schemas.get(id);
    match value {
        Value::Map(members) => {
            let mut made = members.clone();
            for (key, property) in &schema.properties {
                let default = schemas.get(*property).default.as_ref();
                if let Some(default) = default.filter(|_| !made.contains_key(key.as_str())) {
                    made.insert(key.as_str().into(), default.value.clone());
                }
            }
            for (key, member) in &made.clone() {
                let own = schemas.property(id, key);
                if let Some(member) = own.and_then(|own| completed(schemas, own, member, depth + 1))
                {
                    made.insert(key.clone(), member);
                }
            }
            (!made.is_same(members)).then_some(Value::Map(made))
        }
        Value::List(items) => {
            let own = schema.items?;
            changed_items(items, |item| completed(schemas, own, item, depth + 1))
        }
        _ => None,
    }
}
