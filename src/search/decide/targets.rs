//! Where a fault can show.

use std::collections::BTreeSet;

use crate::model::{Model, OperationRef, Patch, Place, ResourceRef, RuleInstance, RuleRef};
use crate::search::slice::{Read, reads};

/// Whether the answers of an operation show what is remembered.
pub fn is_view(model: &Model, operation: OperationRef) -> bool {
    model.views_at(operation).next().is_some()
}

/// The operations whose answer can show a fault.
pub(super) fn targets(model: &Model, patch: &Patch) -> BTreeSet<OperationRef> {
    let places = patch.0.keys().filter_map(|place| place.rule());
    let patched: BTreeSet<RuleRef> = places.collect();
    let reached = model.reached_by(patch.0.keys().copied());
    let judging = model.rule_refs().filter(|(rule, found)| {
        let same = found.across.as_ref().map(|across| across.same);
        let mut read = [Some(found.expr), same].into_iter().flatten();
        patched.contains(rule)
            || read.any(|expr| !model.attributes_read(expr).is_disjoint(&reached))
    });
    let judging = judging.map(|(_, rule)| rule.operation);
    // A change that is undefined shows at once, whoever reads what it is made of.
    let changing = patch.0.keys().filter_map(|place| match place {
        Place::Set(operation, _) => Some(*operation),
        _ => None,
    });
    let views = model.views_of(patch).into_keys();
    judging.chain(views).chain(changing).collect()
}

/// The rules whose verdict can show a fault: the patched ones, and those that
/// read what a patched state change gets into.
pub fn judges(model: &Model, patch: &Patch) -> BTreeSet<RuleRef> {
    let mut judges: BTreeSet<RuleRef> = patch.0.keys().filter_map(|place| place.rule()).collect();
    let reached = model.reached_by(patch.0.keys().copied());
    let resources: BTreeSet<ResourceRef> = reached.iter().map(|(resource, _)| *resource).collect();
    if !resources.is_empty() {
        let touches = |rule: &RuleInstance| {
            let exprs = rule.exprs().into_iter();
            let mut read = exprs.flat_map(|expr| reads(model, expr));
            read.any(|read| match read {
                Read::Attribute(resource, _) => resources.contains(&resource),
                Read::Field(_) | Read::Earlier(_) => false,
            })
        };
        let touching = model.rule_refs().filter(|(_, rule)| touches(rule));
        judges.extend(touching.map(|(rule, _)| rule));
    }
    judges
}
