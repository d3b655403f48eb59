//! Sequences beyond the length up to which all are looked at: only those of
//! which every request matters to the last one, and only so many.

use std::collections::BTreeSet;

use super::plan::{Plan, extended, extended_by_helper, helpers, leaking, with_older};
use super::slice::{Read, reads};
use crate::expr::ExprId;
use crate::model::{AttributeRef, Maker, Model, OperationRef, Patch, Place, ResourceRef};

/// Plans that are grown at most, for one length.
const MOST_OPEN: usize = 20_000;

/// The plans of exactly `length` steps that end with `target`, can show a fault
/// and hold nothing that doesn't matter; none where there are too many to tell.
/// Where there are more than `most`, requests that change something count only
/// if the patched rules read that.
pub fn far_plans(
    model: &Model,
    target: OperationRef,
    length: usize,
    patch: &Patch,
    most: usize,
) -> Option<Vec<Plan>> {
    let mut helpers = helpers(model, target);
    let across = model.across_at(target).flat_map(|across| &across.earlier);
    helpers.extend(across.copied());
    let mut open = vec![Plan::default()];
    for _ in 1..length {
        let longer = open.iter().flat_map(|plan| {
            let helpers = helpers.iter();
            helpers.flat_map(|helper| extended_by_helper(model, plan, *helper))
        });
        open = longer.take(MOST_OPEN + 1).collect();
        if open.len() > MOST_OPEN {
            return None;
        }
    }
    let complete = open
        .iter()
        .flat_map(|plan| extended(model, plan, target, None));
    let complete = complete.flat_map(|plan| with_older(model, plan));
    let leaking: BTreeSet<OperationRef> = leaking(patch).collect();
    let useful = complete.filter(|plan| {
        all_matter(model, plan, &leaking, &|_| true) && holds_patch(model, plan, patch)
    });
    let mut useful: Vec<Plan> = useful.collect();
    if useful.len() > most
        && let Some(read) = read(model, patch)
    {
        let is_read = |attribute| read.contains(&attribute);
        useful.retain(|plan| all_matter(model, plan, &leaking, &is_read));
    }
    Some(useful)
}

/// Whether each earlier request makes or changes what a later one is about, or
/// what the last one looks at among all there is.
fn all_matter(
    model: &Model,
    plan: &Plan,
    leaking: &BTreeSet<OperationRef>,
    matters: &dyn Fn(AttributeRef) -> bool,
) -> bool {
    let Some((last, earlier)) = plan.steps.split_last() else {
        return true;
    };
    let ranges = &model.operation(last.operation).ranges;
    let across = model
        .across_at(last.operation)
        .flat_map(|across| &across.earlier);
    let across: BTreeSet<&OperationRef> = across.collect();
    let is_about = |after: usize, resource: ResourceRef, maker: Maker| {
        let mut later = plan.steps.iter().skip(after + 1);
        ranges.contains(&resource) || later.any(|step| step.binds.get(&resource) == Some(&maker))
    };
    earlier.iter().enumerate().all(|(index, step)| {
        let own = model.operation(step.operation);
        let makes = own
            .creates
            .is_some_and(|made| is_about(index, made, Maker::Step(index)));
        let changed = own.changes.iter();
        let changed = changed.filter(|change| matters((change.resource, change.attribute)));
        let mut changed = changed.map(|change| change.resource);
        let changes = changed.any(|resource| {
            let maker = step.binds.get(&resource);
            maker.is_some_and(|maker| is_about(index, resource, *maker))
        });
        makes || changes || across.contains(&step.operation) || leaking.contains(&step.operation)
    })
}

/// The attributes that the rules read which a patch changes, and what those are
/// made from; none where it changes what the server remembers itself.
fn read(model: &Model, patch: &Patch) -> Option<BTreeSet<AttributeRef>> {
    if patch.0.keys().any(|place| place.rule().is_none()) {
        return None;
    }
    let attributes = |expr: ExprId| {
        let read = reads(model, expr).into_iter();
        read.filter_map(|read| match read {
            Read::Attribute(resource, name) => {
                let mut own = model.resource(resource).attributes.iter();
                Some((resource, own.position(|own| own.name == name)?))
            }
            Read::Field(_) | Read::Earlier(_) => None,
        })
    };
    let patched = patch.0.iter();
    let exprs = patched.flat_map(|(place, new)| [*new, model.expression(*place).0]);
    let mut found: BTreeSet<AttributeRef> = exprs.flat_map(attributes).collect();
    loop {
        let before = found.len();
        for place in model.places() {
            if model
                .written_at(place)
                .is_some_and(|own| found.contains(&own))
            {
                found.extend(attributes(model.expression(place).0));
            }
        }
        if found.len() == before {
            return Some(found);
        }
    }
}

/// Whether what a fault changes is used: what the server remembers of a request,
/// by such a request.
fn holds_patch(model: &Model, plan: &Plan, patch: &Patch) -> bool {
    let earlier = plan.steps.iter().rev().skip(1);
    let earlier: BTreeSet<OperationRef> = earlier.map(|step| step.operation).collect();
    let mut written = patch.0.keys().filter_map(|place| match place {
        Place::Set(operation, _)
        | Place::Everywhere(operation, _)
        | Place::Refused(operation, _)
        | Place::Repeated(operation, _)
        | Place::Kept(operation, _) => Some(*operation),
        Place::Init(resource, _) => model.resource(*resource).created_by,
        _ => None,
    });
    written.all(|operation| earlier.contains(&operation))
        && patch
            .0
            .keys()
            .all(|place| loses_something(model, plan, *place))
}

/// Whether, of a request that loses what it should keep, there is something to lose,
/// and the last request looks at it.
fn loses_something(model: &Model, plan: &Plan, place: Place) -> bool {
    let (Place::Kept(operation, _), Some(kept)) = (place, model.written_at(place)) else {
        return true;
    };
    let writes = |own: OperationRef| {
        let mut changes = model.operation(own).changes.iter();
        changes.any(|change| (change.resource, change.attribute) == kept)
    };
    let steps: Vec<OperationRef> = plan.steps.iter().map(|step| step.operation).collect();
    let Some((last, earlier)) = steps.split_last() else {
        return false;
    };
    let written = earlier.iter().position(|own| writes(*own));
    let lost = earlier.iter().rposition(|own| *own == operation);
    written.is_some_and(|written| lost.is_some_and(|lost| written < lost))
        && model.attributes_judged(*last).contains(&kept)
}
