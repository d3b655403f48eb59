//! What answers have to show of what the server remembers.

use super::NotSendable;
use super::request::{key_of, leaves, moment_splice, step, value_splice};
use crate::case::format as out;
use crate::case::shown::{Comparison, Shown};
use crate::model::{Compared, Model, Patch, ResourceRef, Step, Trace, Viewed};
use crate::simulate::{Filled, Known, Options, Seen, entry_of, run};
use crate::value::Value;
use crate::value::location::Location;
use crate::value::time::parse_time;

/// What cases are filed under that end with the view of a resource.
pub(super) fn rule(model: &Model, resource: ResourceRef) -> Option<out::Rule> {
    let found = model.resource(resource);
    let view = found.view.as_ref()?;
    let operation = &model.operation(view.operation).id;
    let names = view.shown.iter();
    let names = names.filter_map(|own| Some(&*found.attributes.get(own.attribute)?.name));
    let names: Vec<&str> = names.collect();
    let id = model.view_id(resource);
    Some(out::Rule {
        rule: id.clone(),
        id,
        operation: operation.clone(),
        message: format!(
            "{operation} shows what the server remembers of a {}: {}.",
            found.name,
            names.join(", ")
        ),
        source: None,
        field_path: None,
        severity: Some("medium".to_owned()),
        tags: vec!["state".to_owned()],
        refused_with: super::refusal(&crate::model::Answer::default()),
    })
}

/// Requests before the last one of `trace`, with what their answers show.
pub(super) fn looks(
    model: &Model,
    trace: &Trace,
    looks: &[Step],
) -> Result<Vec<out::Step>, NotSendable> {
    let earlier = trace
        .steps
        .split_last()
        .map_or(&[][..], |(_, earlier)| earlier);
    // What its rules don't read decides nothing about the last request.
    let last = trace.steps.last().map(|last| last.operation);
    let judged = last.map(|last| model.attributes_judged(last));
    let judged = judged.unwrap_or_default();
    let matters =
        |seen: &Seen, viewed: &Viewed| judged.contains(&(seen.resource, viewed.attribute));
    let mut found = Vec::new();
    for look in looks {
        let steps = earlier.iter().chain([look]).cloned().collect();
        let seen = Trace { steps };
        let mut step = step(model, &seen, earlier.len())?;
        step.shows = shows(model, &seen, matters);
        if !step.shows.is_empty() {
            found.push(step);
        }
    }
    Ok(found)
}

/// Says what the answer to the last request of `trace` shows.
pub(super) fn show_last(model: &Model, trace: &Trace, steps: &mut [out::Step]) {
    if let Some(last) = steps.last_mut() {
        last.shows = shows(model, trace, |_, _| true);
    }
}

/// Has the answers kept that are filled in: all that is shown comes from
/// earlier ones.
pub(super) fn save(steps: &mut [out::Step], views: &[out::Step]) {
    let shown = steps.iter().chain(views).flat_map(|step| {
        let shown = step.shows.iter().flat_map(|shown| &shown.splices);
        step.splices.iter().chain(shown)
    });
    let needed = shown.filter_map(|splice| match splice {
        out::Splice::Saved { step, path, .. } => Some((*step, path.clone())),
        _ => None,
    });
    let needed: Vec<(usize, Vec<String>)> = needed.collect();
    for (number, path) in needed {
        let step = number.checked_sub(1).and_then(|index| steps.get_mut(index));
        if let Some(step) = step.filter(|step| !step.save.contains(&path)) {
            step.save.push(path);
        }
    }
}

/// What the last answer to `trace` shows on a right server, as far as tests
/// know it before.
fn shows(model: &Model, trace: &Trace, matters: impl Fn(&Seen, &Viewed) -> bool) -> Vec<Shown> {
    let run = run(model, &Patch::default(), trace, Options::default());
    let known = Known::new(model, trace);
    let seen = run.seen.get(trace.steps.len().saturating_sub(1));
    let seen = seen.into_iter().flatten();
    let shown = seen.filter_map(|seen| {
        let viewed = entry_of(model, seen).filter(|viewed| matters(seen, viewed))?;
        shown(model, trace, &known, seen, viewed)
    });
    shown.collect()
}

fn shown(
    model: &Model,
    trace: &Trace,
    known: &Known<'_>,
    seen: &Seen,
    viewed: &Viewed,
) -> Option<Shown> {
    let Some(value) = &seen.value else {
        return Some(Shown {
            path: viewed.path.clone(),
            value: None,
            comparison: Comparison::default(),
            splices: Vec::new(),
        });
    };
    let (path, comparison) = (viewed.path.clone(), comparison(viewed, value));
    filled((model, trace, known), path, Some(value), comparison)
}

/// What has to be shown at a place, with what is filled in; none where tests
/// don't know it before.
pub(super) fn filled(
    (model, trace, known): (&Model, &Trace, &Known<'_>),
    path: Vec<String>,
    value: Option<&Value>,
    comparison: Comparison,
) -> Option<Shown> {
    if !value.is_none_or(|value| known.is_known(value)) {
        return None;
    }
    let mut texts = Vec::new();
    if let Some(value) = value {
        leaves(value, &Location::default(), &mut texts);
    }
    let splices = texts
        .into_iter()
        .filter_map(|(place, value)| splice(model, trace, known.filled(value), &place, value));
    Some(Shown {
        path,
        value: value.map(ToString::to_string),
        comparison,
        splices: splices.collect(),
    })
}

/// How a value that a view has to show is compared.
pub fn comparison(viewed: &Viewed, value: &Value) -> Comparison {
    match viewed.compared {
        Compared::AsNumbers => Comparison::Number,
        Compared::AsMoments if value.as_str().and_then(parse_time).is_some() => Comparison::Time,
        Compared::AsMoments | Compared::AsJson => Comparison::Equal,
    }
}

fn splice(
    model: &Model,
    trace: &Trace,
    filled: Filled<'_>,
    place: &Location,
    value: &Value,
) -> Option<out::Splice> {
    match filled {
        Filled::Plain | Filled::Unknown => None,
        Filled::Key(step) => Some(out::Splice::Saved {
            location: place.to_string(),
            placeholder: value.as_str()?.to_owned(),
            step: step + 1,
            path: key_of(model, trace, step)?,
        }),
        Filled::Value(index) => Some(value_splice(model.values.get(index)?, place)),
        Filled::Moment(text) => moment_splice(model, place, text),
    }
}
