//! The fields of a request that matter.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::moments::Words;
use crate::case::{Changes, Told};
use crate::model::{ACTOR, Model, Step};
use crate::value::Value;
use crate::value::location::{Location, Segment};
use crate::witness::{Paths, places};

/// The operation's baseline that the request differs from least, and the fields
/// of the request that differ from it or are read, in order. Who sends it and
/// which resource it is about is told apart.
pub(super) fn sent(
    model: &Model,
    step: &Step,
    read: Option<&Paths>,
    words: &Words,
) -> (Option<String>, IndexMap<String, Told>) {
    let request = &step.request;
    let baselines = model.operation(step.operation).baselines.iter();
    let changed = baselines.map(|own| (own, Changes::between(&own.request, request).places()));
    let nearest = changed.min_by_key(|(_, changes)| changes.len());
    let (base, changed) = nearest.unzip();
    let changed = changed.unwrap_or_default();
    let read = read.into_iter().flatten();
    let read = read.flat_map(|path| places(request, path));
    let read = read.filter(|place| place.read(request).is_some_and(is_scalar));
    let all: BTreeSet<Location> = changed.iter().cloned().chain(read).collect();
    let told = all
        .into_iter()
        .filter(|place| !is_told_apart(model, place, request));
    let told = told.map(|place| {
        let old = base.filter(|_| changed.contains(&place));
        let old = old.and_then(|base| place.read(&base.request));
        let told = Told {
            value: place.read(request).map(|value| words.told(value)),
            was: old.map(ToString::to_string),
        };
        (place.to_string(), told)
    });
    (base.map(|base| base.name.clone()), told.collect())
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Map(_) | Value::List(_))
}

fn is_told_apart(model: &Model, place: &Location, request: &Value) -> bool {
    let first = place.0.first();
    let is_actor = matches!(first, Some(Segment::Key(key)) if &**key == ACTOR);
    is_actor
        || place
            .read(request)
            .is_some_and(|value| model.maker_of(value).is_some())
}
