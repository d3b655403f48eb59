//! How far two request states are apart: the topmost locations that differ.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{Model, Trace};
use crate::value::location::Location;
use crate::value::{Members, Value};

/// The topmost locations at which two traces of the same operations differ,
/// with their steps (from 0), in order. Where the server doesn't tell null
/// from absent, nor does this; a member that holds its default differs from
/// an absent one. Steps that only one trace has count as one location each.
pub fn distance(model: &Model, a: &Trace, b: &Trace) -> Vec<(usize, Location)> {
    let mut found = Vec::new();
    for step in 0..a.steps.len().max(b.steps.len()) {
        match (a.steps.get(step), b.steps.get(step)) {
            (Some(a), Some(b)) if a.operation == b.operation => {
                let own = differences(&a.request, &b.request);
                let seen = |at: &Location| !is_same_null(model, at, &a.request, &b.request);
                found.extend(own.into_iter().filter(seen).map(|at| (step, at)));
            }
            _ => found.push((step, Location::default())),
        }
    }
    found
}

/// Whether one side has null where the other has nothing, and the server
/// takes both for the same.
fn is_same_null(model: &Model, at: &Location, a: &Value, b: &Value) -> bool {
    let is_nothing = |value: Option<&Value>| matches!(value, None | Some(Value::Null));
    !model.nulls_distinct && is_nothing(at.read(a)) && is_nothing(at.read(b))
}

/// The topmost locations at which two values differ, in order.
pub(super) fn differences(a: &Value, b: &Value) -> Vec<Location> {
    let mut found = Vec::new();
    compare(Some(a), Some(b), &Location::default(), &mut found);
    found
}

fn compare(a: Option<&Value>, b: Option<&Value>, at: &Location, found: &mut Vec<Location>) {
    match (a, b) {
        (Some(Value::Map(a)), Some(Value::Map(b))) if a.is_same(b) => {}
        (Some(Value::Map(a)), Some(Value::Map(b))) => {
            for key in keys(a, b) {
                compare(a.get(&key), b.get(&key), &at.key(key), found);
            }
        }
        (Some(Value::List(a)), Some(Value::List(b))) => {
            for index in 0..a.len().max(b.len()) {
                compare(a.get(index), b.get(index), &at.index(index), found);
            }
        }
        _ if a == b => {}
        _ => found.push(at.clone()),
    }
}

/// The keys of both objects, each once, sorted.
pub(super) fn keys(a: &Members, b: &Members) -> BTreeSet<Arc<str>> {
    a.keys().chain(b.keys()).cloned().collect()
}

/// `value` with the members of its objects in the order of `model`; further
/// ones follow.
pub(super) fn ordered_like(value: &Value, model: &Value) -> Value {
    match (value, model) {
        (Value::Map(own), Value::Map(other)) => {
            let known = other.keys().filter(|key| own.contains_key(*key));
            let further = own.keys().filter(|key| !other.contains_key(*key));
            let ordered = known.chain(further).filter_map(|key| {
                let member = own.get(key)?;
                let like = other.get(key);
                let member = like.map_or_else(|| member.clone(), |m| ordered_like(member, m));
                Some((key.clone(), member))
            });
            Value::Map(ordered.collect())
        }
        (Value::List(own), Value::List(other)) => {
            let last = other.last();
            let items = own.iter().enumerate().map(|(index, item)| {
                let like = other.get(index).or(last);
                like.map_or_else(|| item.clone(), |m| ordered_like(item, m))
            });
            Value::List(items.collect())
        }
        _ => value.clone(),
    }
}
