//! What is always so of the state: by induction.
//!
//! The template is "this attribute is never negative". All numeric attributes
//! are candidates; one is dropped when its first value, or a change of it by an
//! accepted request while all candidates hold, may be negative; until nothing
//! is dropped any more (Houdini: Flanagan and Leino, FME 2001).

use std::collections::BTreeSet;

use super::ladder::PROVING;
use super::lower::Label;
use super::plan::Plan;
use super::slice::connected;
use super::smt::{Limits, with_context};
use super::stage::{Reply, Stage};
use crate::model::{Model, Place, ResourceRef};

/// Attributes by resource and position.
pub type Attributes = BTreeSet<(ResourceRef, usize)>;

/// The attributes that are proven never to be negative, whatever requests
/// were accepted before.
pub fn never_negative(model: &Model, limits: Limits) -> Attributes {
    let mut candidates = numeric(model);
    loop {
        let kept = candidates.iter().filter(|(resource, attribute)| {
            let places = places_of(model, *resource, *attribute);
            places
                .into_iter()
                .all(|place| stays(model, limits, place, &candidates))
        });
        let kept: Attributes = kept.copied().collect();
        if kept == candidates {
            return kept;
        }
        candidates = kept;
    }
}

fn numeric(model: &Model) -> Attributes {
    let attributes = model.resource_refs().flat_map(|(resource, found)| {
        let numbered = found.attributes.iter().enumerate();
        let numbers = numbered.filter(|(_, attribute)| attribute.ty.is_number());
        numbers.map(move |(index, _)| (resource, index))
    });
    attributes.collect()
}

/// Where an attribute gets its values.
fn places_of(model: &Model, resource: ResourceRef, attribute: usize) -> Vec<Place> {
    let mut places = vec![Place::Init(resource, attribute)];
    for (operation, found) in model.operation_refs() {
        for (index, change) in found.changes.iter().enumerate() {
            if (change.resource, change.attribute) == (resource, attribute) {
                places.push(Place::Set(operation, index));
            }
        }
    }
    places
}

/// Whether an accepted request never gives `place` a negative value while
/// `held` are not negative: an unsat core without a restriction.
fn stays(model: &Model, limits: Limits, place: Place, held: &Attributes) -> bool {
    let operation = match place {
        Place::Init(resource, _) => model.resource(resource).created_by,
        Place::Set(operation, _) => operation,
        Place::Rule(_) => return false,
    };
    let (value, _) = model.expression(place);
    let plan = Plan::single(operation);
    PROVING.iter().any(|config| {
        with_context(|| {
            let slice = connected(model, &plan, &[value], &[]);
            let bases = plan.baselines(model);
            let mut stage = Stage::new(model, &plan, bases, slice, *config, true, limits);
            stage.encoding.assume_never_negative(held);
            let goal = stage.encoding.negative(value);
            let proven = match stage.solve(goal.differs, &goal, false, &[]) {
                Reply::Unsat(core) => !core
                    .iter()
                    .any(|label| matches!(label, Label::Restriction(_))),
                Reply::Trace(_) | Reply::Unknown(_) => false,
            };
            proven && stage.narrowed().is_empty()
        })
    })
}
