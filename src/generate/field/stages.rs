//! Accepted requests that have each place of an operation.

use super::super::spine::Context;
use super::super::valid;
use super::Base;
use super::proof::accepted;
use crate::document::{Placed, complete, other_names, verdict};
use crate::field::{Place, Step};
use crate::model::{OperationRef, Trace};
use crate::search::decide::Searcher;
use crate::search::smt::with_context;
use crate::value::Value;
use crate::value::location::Location;

/// Requests that have a place, at most.
const MAX_STAGES: usize = 6;

/// Requests that a place is added to, at most.
const MAX_TRIED: usize = 3;

/// Members of an operation that the solver looks for, at most: each takes a while
/// where requests are large.
const MAX_SEARCHES: usize = 8;

/// Baselines that are tried without what may be left out, at most.
const MAX_LEAN: usize = 2;

/// A place in an accepted request.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub base: Base,
    pub at: Location,
}

/// A request that has what no baseline has.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub base: Base,
    pub place: usize,
    pub trace: Trace,
}

/// The stages of an operation's places.
#[derive(Clone, Debug, Default)]
pub(super) struct Stages {
    /// By place.
    pub of: Vec<Vec<Stage>>,
    /// [`Base::Case`] counts these.
    pub given: Vec<Given>,
}

impl Stages {
    /// The requests of a base.
    pub fn trace<'a>(&'a self, context: &'a Context<'_>, base: Base) -> Option<&'a Trace> {
        match base {
            Base::Baseline(index) => context.baselines.get(index).map(|own| &own.trace),
            Base::Case(index) => self.given.get(index).map(|own| &own.trace),
        }
    }
}

/// Finds them, outer places first.
pub(super) fn stages(context: &Context<'_>, operation: OperationRef, places: &[Place]) -> Stages {
    let mut stages = Stages::default();
    let baselines = context.baselines.iter().enumerate();
    let own = baselines.filter(|(_, own)| own.operation == operation);
    let mut whole: Vec<Stage> = own
        .map(|(index, _)| Stage {
            base: Base::Baseline(index),
            at: Location::default(),
        })
        .collect();
    for stage in whole.clone().into_iter().take(MAX_LEAN) {
        if let Some(trace) = lean(context, operation, &stages, stage.base) {
            whole.push(Stage {
                base: Base::Case(stages.given.len()),
                at: Location::default(),
            });
            stages.given.push(Given {
                base: stage.base,
                place: 0,
                trace,
            });
        }
    }
    let mut searches = MAX_SEARCHES;
    for (index, place) in places.iter().enumerate() {
        let around = place
            .parent
            .and_then(|parent| stages.of.get(parent).cloned());
        let mut found = match around {
            None => whole.clone(),
            Some(around) => inner(context, &stages, place, places, &around),
        };
        if found.is_empty() {
            let around = place
                .parent
                .and_then(|parent| stages.of.get(parent).cloned());
            let around = around.unwrap_or_default();
            let few = || around.iter().take(MAX_TRIED);
            let made =
                few().find_map(|stage| given(context, &stages, (place, index), places, stage));
            let made = made.or_else(|| {
                matches!(place.step, Step::Member(_, None)).then_some(())?;
                searches = searches.checked_sub(1)?;
                let trace = searched(context, operation, place, places)?;
                few().find_map(|stage| found_with((context, place, places), stage, index, &trace))
            });
            if let Some((given, at)) = made {
                found.push(Stage {
                    base: Base::Case(stages.given.len()),
                    at,
                });
                stages.given.push(given);
            }
        }
        found.truncate(MAX_STAGES);
        stages.of.push(found);
    }
    stages
}

/// A baseline without all that may be left out: what rules would say of it is in
/// the way of fewer changes. None where nothing may.
fn lean(
    context: &Context<'_>,
    operation: OperationRef,
    stages: &Stages,
    base: Base,
) -> Option<Trace> {
    let schemas = &context.model.schemas;
    let whole = schemas.get(context.model.operation(operation).request);
    let full = stages.trace(context, base)?;
    let mut trace = full.clone();
    for (part, id) in &whole.properties {
        let schema = schemas.get(*id);
        let at = Location::default().key(part.as_str());
        let value = at.read(&full.steps.last()?.request);
        let Some(Value::Map(members)) = value else {
            continue;
        };
        let optional = members.keys();
        let optional = optional.filter(|name| !schema.required.contains_key(&***name));
        for name in optional {
            let mut without = trace.clone();
            let request = &mut without.steps.last_mut()?.request;
            let is_changed = at.key(name.clone()).remove(request).is_some();
            if is_changed && accepted(context, &without).is_ok() {
                trace = without;
            }
        }
    }
    (trace != *full).then_some(trace)
}

/// Where the place stands in requests that have the one around it.
fn inner(
    context: &Context<'_>,
    stages: &Stages,
    place: &Place,
    places: &[Place],
    around: &[Stage],
) -> Vec<Stage> {
    let found = around.iter().filter_map(|stage| {
        let request = &stages.trace(context, stage.base)?.steps.last()?.request;
        let at = place_in(context, place, places, &stage.at, request)?;
        Some(Stage {
            base: stage.base,
            at,
        })
    });
    found.collect()
}

/// The place in a request where the one around it is at `around`.
fn place_in(
    context: &Context<'_>,
    place: &Place,
    places: &[Place],
    around: &Location,
    request: &Value,
) -> Option<Location> {
    let schemas = &context.model.schemas;
    let outer = schemas.get(places.get(place.parent?)?.schema);
    match (&place.step, around.read(request)) {
        // Groups of parameters are always there.
        (Step::Member(name, _), _) if around.0.is_empty() && name != "body" => {
            Some(around.key(name.as_str()))
        }
        (Step::Member(name, _), Some(Value::Map(members))) => {
            let is_there = members.contains_key(name.as_str());
            is_there.then(|| around.key(name.as_str()))
        }
        (Step::Other, Some(Value::Map(members))) => {
            let id = places.get(place.parent?)?.schema;
            let mut names = members.keys();
            let name = names.find(|name| {
                !outer.properties.contains_key(&***name)
                    && schemas.property(id, name) == Some(place.schema)
            })?;
            Some(around.key(name.clone()))
        }
        (Step::Item(position), Some(Value::List(items))) => {
            let index = position.unwrap_or(outer.prefix.len());
            (index < items.len()).then(|| around.index(index))
        }
        (Step::Branch(_), Some(value)) => {
            let holds = verdict(schemas, place.schema, value) == Some(true);
            holds.then(|| around.clone())
        }
        _ => None,
    }
}

/// An accepted request that has the place, made of one that has the place around
/// it.
fn given(
    context: &Context<'_>,
    stages: &Stages,
    (place, index): (&Place, usize),
    places: &[Place],
    stage: &Stage,
) -> Option<(Given, Location)> {
    let schemas = &context.model.schemas;
    let mut trace = stages.trace(context, stage.base)?.clone();
    let request = &mut trace.steps.last_mut()?.request;
    let now = stage.at.read(request).cloned();
    let (at, preferred) = match (&place.step, &now) {
        (Step::Whole, _) => return None,
        (Step::Member(name, _), _) => (stage.at.key(name.as_str()), None),
        (Step::Other, Some(Value::Map(members))) => {
            let outer = places.get(place.parent?)?.schema;
            let names = other_names(schemas, outer, 5).into_iter();
            let pattern = place.location.0.last().and_then(|last| match last {
                crate::document::Segment::Key(key) => crate::text::Pattern::compile(key).ok(),
                _ => None,
            });
            let by_pattern = pattern.and_then(|pattern| {
                let set = crate::text::TextSet::all().with_pattern(pattern, true);
                set.nth(0, &crate::text::Taste::default()).ok()
            });
            let mut names = names.chain(by_pattern).filter(|name| {
                !members.contains_key(name.as_str())
                    && schemas.property(outer, name) == Some(place.schema)
            });
            (stage.at.key(names.next()?), None)
        }
        (Step::Item(_), Some(Value::List(items))) => (stage.at.index(items.len()), None),
        (Step::Branch(_), Some(value)) => (stage.at.clone(), Some(value)),
        _ => return None,
    };
    let made = complete(schemas, place.schema, preferred).ok()?;
    at.write(request, made).then_some(())?;
    let has_it = place_in(context, place, places, &stage.at, request)?;
    accepted(context, &trace).ok()?;
    let given = Given {
        base: stage.base,
        place: index,
        trace,
    };
    Some((given, has_it))
}

/// What the solver found, as a request that has the place.
fn found_with(
    (context, place, places): (&Context<'_>, &Place, &[Place]),
    stage: &Stage,
    index: usize,
    trace: &Trace,
) -> Option<(Given, Location)> {
    let request = &trace.steps.last()?.request;
    let at = place_in(context, place, places, &stage.at, request)?;
    accepted(context, trace).ok()?;
    let given = Given {
        base: stage.base,
        place: index,
        trace: trace.clone(),
    };
    Some((given, at))
}

/// An accepted request with a member that may be left out: one that a right
/// server accepts which demands it.
fn searched(
    context: &Context<'_>,
    operation: OperationRef,
    place: &Place,
    places: &[Place],
) -> Option<Trace> {
    let Step::Member(name, None) = &place.step else {
        return None;
    };
    let outer = places.get(place.parent?)?.schema;
    let mut model = context.model.clone();
    let mut schema = model.schemas.get(outer).clone();
    let demanded = Placed {
        value: (),
        span: schema.span,
        pointer: schema.pointer.clone(),
    };
    schema.required.insert(name.clone(), demanded);
    model.schemas.set(outer, schema);
    let refusal = |trace: &Trace| valid::refusal(context.built, trace);
    let reach = context.options.reach;
    with_context(|| Searcher::new(&model, reach, &[], &refusal).accepting(operation)).ok()
}
