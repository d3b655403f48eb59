//! What the server remembers after a request.

use indexmap::IndexMap;

use super::moments::Words;
use crate::case::{Remembered, There, Told};
use crate::model::{Maker, Model, Step, step_of_key};
use crate::simulate::{Instance, Run};
use crate::value::Value;
use crate::witness::Attributes;

/// The resources that a request names, with the steps (from 1) that made them.
pub(super) fn about(model: &Model, step: &Step) -> IndexMap<String, usize> {
    let binds = model.operation(step.operation).binds.iter();
    let named = binds.filter_map(|bind| {
        let made_by = step_of_key(bind.location.read(&step.request)?)?;
        Some((model.resource(bind.resource).name.clone(), made_by + 1))
    });
    named.collect()
}

/// The resources that a request names and that were there before: of each, the
/// attributes that `matter`.
pub(super) fn existing(
    model: &Model,
    step: &Step,
    matter: &Attributes,
    words: &Words,
) -> Vec<There> {
    let binds = model.operation(step.operation).binds.iter();
    let named = binds.filter_map(|bind| {
        let Maker::Before(index) = model.maker_of(bind.location.read(&step.request)?)? else {
            return None;
        };
        let found = model.existing.get(index)?;
        let instance = Instance {
            resource: found.resource,
            attributes: found.attributes.clone(),
            key: None,
        };
        Some(There {
            resource: model.resource(found.resource).name.clone(),
            name: found.name.clone(),
            attributes: attributes(model, None, &instance, matter, words),
        })
    });
    named.collect()
}

/// The resources that step `step` (from 0) made or changed: of each, the
/// attributes that `matter`, and those that changed.
pub(super) fn remembered(
    model: &Model,
    run: &Run,
    step: usize,
    matter: &Attributes,
    words: &Words,
) -> Vec<Remembered> {
    let before = step.checked_sub(1).and_then(|step| run.states.get(step));
    let after = run
        .states
        .get(step)
        .into_iter()
        .flat_map(|state| &state.made);
    let changed = after.filter_map(|(maker, instance)| {
        let made_by = maker.step()?;
        let old = before.and_then(|state| state.made.get(maker));
        (old != Some(instance)).then(|| Remembered {
            resource: model.resource(instance.resource).name.clone(),
            made_by: made_by + 1,
            attributes: attributes(model, old, instance, matter, words),
        })
    });
    changed.collect()
}

fn attributes(
    model: &Model,
    old: Option<&Instance>,
    new: &Instance,
    matter: &Attributes,
    words: &Words,
) -> IndexMap<String, Told> {
    let declared = model.resource(new.resource).attributes.iter();
    let told = declared.filter_map(|attribute| {
        let name = attribute.name.as_str();
        let read = |of: &Instance| of.attributes.get(name).cloned();
        let (was, value) = (old.and_then(read), read(new));
        let has_changed = old.is_some() && was != value;
        let matters = matter.contains(&(new.resource, name.to_owned()));
        let is_told = has_changed || matters && value.is_some();
        let words = |value: &Value| words.told(value);
        let told = Told {
            value: value.as_ref().map(words),
            was: was.as_ref().filter(|_| has_changed).map(words),
        };
        is_told.then(|| (attribute.name.clone(), told))
    });
    told.collect()
}
