//! Values beside a given one: for lists whose items must differ, and for
//! demands that something be otherwise.

use num_traits::One;

use super::complete::first_value;
use super::schema::{SchemaId, Schemas};
use crate::text::Taste;
use crate::value::{Members, Number, Value};

/// Variations of one member that are tried.
const MAX_VARIATIONS: usize = 3;

/// Up to `count` names for members that nothing declares, of those that the
/// schema allows.
pub fn other_names(schemas: &Schemas, id: SchemaId, count: usize) -> Vec<String> {
    let schema = schemas.get(id);
    let Some(names) = schema.property_names.first() else {
        return (1..=count).map(|number| format!("extra{number}")).collect();
    };
    let names = schemas.get(names.value);
    if let Some(listed) = &names.enumeration {
        let texts = listed.value.iter().filter_map(Value::as_str);
        return texts.map(str::to_owned).collect();
    }
    let set = names.text_set();
    let texts = (0..count as u64).map_while(|k| set.nth(k, &Taste::default()).ok());
    texts.collect()
}

/// Objects that differ from `value` in one member: another value, there or
/// not; and lists with fewer items, or one of them twice.
pub fn changes(schemas: &Schemas, ids: &[SchemaId], value: &Value) -> Vec<Value> {
    match value {
        Value::Map(members) => {
            let schemas_of = ids.iter().map(|id| schemas.get(*id));
            let names = schemas_of.flat_map(|schema| schema.properties.keys());
            let mut names: Vec<&str> = names.map(String::as_str).collect();
            names.extend(members.keys().map(|name| &**name));
            names.push("extra1");
            names.dedup();
            let each = names.into_iter();
            each.flat_map(|name| changed_member(schemas, ids, members, name))
                .collect()
        }
        Value::List(items) => {
            let mut found = Vec::new();
            if let [rest @ .., last] = items.as_slice() {
                found.push(Value::List(rest.to_vec()));
                found.push(Value::List(items.iter().chain([last]).cloned().collect()));
            } else if let Some(item) = ids.iter().find_map(|id| schemas.item(*id, 0))
                && let Some(item) = first_value(schemas, item)
            {
                found.push(Value::List(vec![item.clone()]));
                found.push(Value::List(vec![item.clone(), item]));
            }
            found
        }
        plain => {
            let mut found = variations(schemas, ids, plain, MAX_VARIATIONS);
            found.extend(matches!(plain, Value::String(_)).then(|| Value::string("")));
            found
        }
    }
}

fn changed_member(
    schemas: &Schemas,
    ids: &[SchemaId],
    members: &Members,
    name: &str,
) -> Vec<Value> {
    let parts = ids.iter().filter_map(|id| schemas.property(*id, name));
    let parts: Vec<SchemaId> = parts.collect();
    let with = |value: Option<Value>| {
        let mut changed = members.clone();
        match value {
            Some(value) => changed.insert(name.into(), value),
            None => changed.shift_remove(name),
        };
        Value::Map(changed)
    };
    let (made, mut found) = match members.get(name) {
        Some(now) => (Some(now.clone()), vec![with(None)]),
        None => {
            let made = match parts.first() {
                Some(part) => first_value(schemas, *part),
                None => Some(Value::string("any")),
            };
            (made.clone(), vec![with(made)])
        }
    };
    let others = made.map(|made| changes(schemas, &parts, &made));
    let others = others.unwrap_or_default().into_iter();
    found.extend(
        others
            .take(2 * MAX_VARIATIONS)
            .map(|other| with(Some(other))),
    );
    found
}

/// Up to `count` values that differ from `value` in one part; whether the
/// schemas allow them is not looked at.
pub fn variations(schemas: &Schemas, ids: &[SchemaId], value: &Value, count: usize) -> Vec<Value> {
    let first = ids.iter().map(|id| schemas.get(*id));
    let listed = first.clone().find_map(|schema| schema.enumeration.as_ref());
    if let Some(values) = listed {
        return values.value.clone();
    }
    match value {
        Value::Bool(value) => vec![Value::Bool(!value)],
        Value::Number(number) => {
            let step = first.clone().find_map(|schema| schema.multiple_of.as_ref());
            let step = step.map_or_else(Number::one, |step| step.value.clone());
            let times = (1..=count).map(|times| &step * Number::from_integer(times.into()));
            let both = times.flat_map(|by| [number + &by, number - by]);
            both.map(Value::Number).collect()
        }
        Value::String(_) => {
            let Some(schema) = first.clone().next() else {
                let texts = (1..=count).map(|number| format!("any{number}"));
                return texts.map(Value::string).collect();
            };
            let set = schema.text_set();
            let texts = (0..=count as u64).filter_map(|k| set.nth(k, &Taste::default()).ok());
            texts.map(Value::string).collect()
        }
        Value::Map(members) => {
            let mut found = Vec::new();
            for (name, member) in members {
                let parts = ids.iter().filter_map(|id| schemas.property(*id, name));
                let parts: Vec<SchemaId> = parts.collect();
                for other in variations(schemas, &parts, member, count) {
                    let mut changed = members.clone();
                    changed.insert(name.clone(), other);
                    found.push(Value::Map(changed));
                }
            }
            found
        }
        _ => Vec::new(),
    }
}
