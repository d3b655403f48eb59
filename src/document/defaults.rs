//! Defaults: what an absent value is taken as.

use super::conform::refusals;
use super::location::Location;
use super::schema::{SchemaId, Schemas};
use crate::source::{Code, Diagnostic, Diagnostics};
use crate::value::Value;

/// `value` with the defaults of its schema put in, as the rules read it. A
/// default inside an object applies where that object is there, or is itself
/// put in by a default.
pub fn default_application(schemas: &Schemas, id: SchemaId, value: &Value) -> Value {
    let schema = schemas.get(id);
    match value {
        Value::List(items) => {
            let items = items.iter().enumerate();
            let filled = items.map(|(index, item)| match schemas.item(id, index) {
                Some(part) => default_application(schemas, part, item),
                None => item.clone(),
            });
            Value::List(filled.collect())
        }
        Value::Map(members) => {
            let mut filled = members.clone();
            for (name, &part) in &schema.properties {
                if let Some(default) = &schemas.get(part).default {
                    filled
                        .entry(name.as_str().into())
                        .or_insert_with(|| default.value.clone());
                }
            }
            for (name, member) in &mut filled {
                if let Some(part) = schemas.property(id, name) {
                    *member = default_application(schemas, part, member);
                }
            }
            Value::Map(filled)
        }
        _ => value.clone(),
    }
}

/// Takes out nulls from defaults, where null is the same as absent: a default
/// of null is none, and a member of a default that is null isn't there.
pub fn drop_null_defaults(schemas: &mut Schemas) {
    let ids: Vec<SchemaId> = schemas.iter().map(|(id, _)| id).collect();
    for id in ids {
        let Some(default) = &schemas.get(id).default else {
            continue;
        };
        let kept = match &default.value {
            Value::Null => None,
            value => match value.without_null_members() {
                Some(value) => Some(default.with(value)),
                None => continue,
            },
        };
        let mut schema = schemas.get(id).clone();
        schema.default = kept;
        schemas.set(id, schema);
    }
}

/// Takes out defaults that their own schemas refuse, and says which.
pub(super) fn drop_refused(schemas: &mut Schemas) -> Diagnostics {
    let mut findings = Diagnostics::new();
    let ids: Vec<SchemaId> = schemas.iter().map(|(id, _)| id).collect();
    for id in ids {
        let Some(default) = schemas.get(id).default.clone() else {
            continue;
        };
        let refused = refusals(schemas, id, &default.value, &Location::default());
        let Some(first) = refused.first() else {
            continue;
        };
        let message = format!("a default is refused by its own schema: {}", first.message);
        let mut finding = Diagnostic::warning(Code::BadDefault, message)
            .at(default.span, "this default is not applied")
            .help("rules see the field as absent where a request leaves it out");
        if first.span != default.span {
            finding = finding.also(first.span, format!("refused by this `{}`", first.keyword));
        }
        // Schemas that join the same place with others repeat the finding.
        if !findings.iter().any(|known| known.labels == finding.labels) {
            findings.push(finding);
        }
        let mut schema = schemas.get(id).clone();
        schema.default = None;
        schemas.set(id, schema);
    }
    findings
}
