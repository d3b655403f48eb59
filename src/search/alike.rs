//! Faults of what a server remembers that nobody can see: by induction over
//! both servers at once.
//!
//! Some attributes stay the same on both, as long as both accept, others
//! unless one has a certain value (found as invariants are: all are candidates,
//! and those are dropped that a request may end). If with those alike, and with
//! what is always so of each server's state, no request tells the servers
//! apart, nothing ever does.

use std::collections::BTreeSet;

use super::decide::Reach;
use super::encode::induction::{Beside, Likeness, Unless};
use super::invariant::{Candidates, Invariant, proven};
use super::ladder::PROVING;
use super::lower::{Config, Label};
use super::plan::Plan;
use super::slice::whole;
use super::smt::Limits;
use super::stage::{Possible, Stage};
use crate::expr::{ExprId, Node, Root};
use crate::model::{AttributeRef, Model, OperationRef, Patch, Place, ResourceRef};

/// The faulty server, and what is always so of its state.
struct Faulty<'m> {
    model: &'m Model,
    limits: Limits,
    patch: &'m Patch,
    invariants: &'m [Invariant],
}

/// The two servers at one operation.
struct Pair<'m> {
    stage: Stage<'m>,
    patched: Beside,
    /// The attributes that the operation reads, where the fault is none of its own:
    /// as long as these are the same, both servers do the same.
    reads: Option<BTreeSet<AttributeRef>>,
}

/// What a proof rests on that nobody can tell the server of `patch` from the
/// right one; none where there is no such proof. `invariants` hold of the
/// right server.
pub(super) fn alike(
    model: &Model,
    reach: Reach,
    patch: &Patch,
    invariants: &[Invariant],
    candidates: &Candidates,
) -> Option<Vec<Label>> {
    // Nor do they know of repeats.
    let repeated = |place: &Place| matches!(place, Place::Repeated(..));
    if patch.0.keys().any(repeated) {
        return None;
    }
    // What requests leave behind that are refused is no part of those proofs.
    let refused = |place: &Place| matches!(place, Place::Refused(..));
    let own = match patch.0.keys().any(refused) {
        true => Vec::new(),
        false => proven(model, reach.limits, patch, candidates.invariants.clone()),
    };
    let server = Faulty {
        model,
        limits: reach.limits,
        patch,
        invariants: &own,
    };
    // Numbers in steps say more, and moments in between are left out of them.
    let mut configs = [PROVING.first(), PROVING.last()].into_iter().flatten();
    configs.find_map(|config| {
        let config = Config {
            any_moment: true,
            ..*config
        };
        alike_in(&server, invariants, candidates, config)
    })
}

fn alike_in(
    server: &Faulty<'_>,
    invariants: &[Invariant],
    candidates: &Candidates,
    config: Config,
) -> Option<Vec<Label>> {
    let (model, patch) = (server.model, server.patch);
    let operations = model.operation_refs().map(|(operation, _)| operation);
    let pairs = operations.map(|operation| pair(server, operation, invariants, config));
    let mut pairs: Vec<Pair<'_>> = pairs.collect();
    let mut likeness = likeness(model, patch, candidates);
    loop {
        let before = likeness.len();
        for pair in &mut pairs {
            let known = likeness.clone();
            likeness.retain(|one| pair.keeps(patch, &known, one));
        }
        if likeness.len() == before {
            break;
        }
    }
    let same = likeness.iter().filter(|one| one.unless.is_none());
    let same: Vec<AttributeRef> = same.map(|one| one.attribute).collect();
    let mut core = BTreeSet::from([Label::Alike(same)]);
    for pair in &mut pairs {
        core.extend(pair.never_told_apart(patch, &likeness)?);
    }
    Some(core.into_iter().collect())
}

/// Every attribute is the same on both servers, or is unless it has one of its
/// few values on one of them, or the right one would refuse what only the faulty
/// one has let change it.
fn likeness(model: &Model, patch: &Patch, candidates: &Candidates) -> Vec<Likeness> {
    let attributes = model.resource_refs().flat_map(|(resource, found)| {
        (0..found.attributes.len()).map(move |index| (resource, index))
    });
    let mut found = Vec::new();
    for attribute in attributes {
        let unless = candidates.values.get(&attribute).into_iter().flatten();
        let unless = unless.flat_map(|value| [Unless::Right(*value), Unless::Faulty(*value)]);
        let refused = patch.0.keys().filter_map(|place| match place {
            Place::Refused(operation, _) => Some(Unless::Refused(*operation)),
            _ => None,
        });
        let each = std::iter::once(None).chain(unless.chain(refused).map(Some));
        found.extend(each.map(|unless| Likeness { attribute, unless }));
    }
    found
}

fn pair<'m>(
    server: &Faulty<'m>,
    operation: OperationRef,
    right: &[Invariant],
    config: Config,
) -> Pair<'m> {
    let plan = Plan::single(operation);
    let bases = plan.baselines(server.model);
    let slice = whole(server.model, &plan);
    let limits = server.limits;
    let mut stage = Stage::new(server.model, &plan, bases, slice, config, true, limits);
    stage.encoding.assume_invariants(right);
    let patched = stage
        .encoding
        .patched_beside(server.patch, server.invariants);
    let is_own = |place: &Place| server.model.reader(*place) == Some(operation);
    let is_patched = server.patch.0.keys().any(is_own);
    let reads = (!is_patched).then(|| reads_of(server.model, operation));
    Pair {
        stage,
        patched,
        reads,
    }
}

/// The attributes that decide what an operation makes of a request, and what its
/// answer shows.
fn reads_of(model: &Model, operation: OperationRef) -> BTreeSet<AttributeRef> {
    let found = model.operation(operation);
    let places = model.places().into_iter();
    let places = places.filter(|place| model.reader(*place) == Some(operation));
    let roots: Vec<ExprId> = places.map(|place| model.expression(place).0).collect();
    let read = roots.iter().flat_map(|root| model.attributes_read(*root));
    let mut read: BTreeSet<AttributeRef> = read.collect();
    let all_of = |resource: ResourceRef| {
        let all = 0..model.resource(resource).attributes.len();
        all.map(move |attribute| (resource, attribute))
    };
    for id in model.arena.reachable(&roots) {
        if let Node::Root(Root::After(index) | Root::Old(index)) = model.arena.node(id) {
            read.extend(all_of(ResourceRef(*index)));
        }
    }
    // Whether it is there decides about all that is about it.
    let bound = found.binds.iter().flat_map(|bind| all_of(bind.resource));
    let existence = bound.filter(|own| model.is_existence(*own));
    read.extend(existence);
    let shown = model.views_at(operation).flat_map(|(resource, view)| {
        let shown = view.shown.iter();
        shown.map(move |own| (resource, own.attribute))
    });
    read.extend(shown);
    read
}

impl Pair<'_> {
    /// Whether an attribute stays as much the same as all of them were before.
    fn keeps(&mut self, patch: &Patch, alike: &[Likeness], one: &Likeness) -> bool {
        let waits = matches!(one.unless, Some(Unless::Refused(_)));
        if !waits && self.does_the_same(alike) {
            return true;
        }
        let encoding = &mut self.stage.encoding;
        let accepted = encoding.parts_at(&self.patched, alike, one);
        let refused = encoding.parts_though_refused(patch, &self.patched, alike, one);
        [accepted, refused].iter().all(|goal| {
            let possible = self.stage.possible(goal.differs, &goal.others, true);
            self.proof(possible).is_some()
        })
    }

    /// Whether all that the operation reads is the same on both servers, so that the
    /// request gets one answer, and all that it writes is the same, too.
    fn does_the_same(&self, alike: &[Likeness]) -> bool {
        let is_same = |read: &AttributeRef| {
            let mut alike = alike.iter().filter(|own| own.unless.is_none());
            alike.any(|own| own.attribute == *read)
        };
        let reads = self.reads.as_ref();
        reads.is_some_and(|reads| reads.iter().all(is_same))
    }

    fn never_told_apart(&mut self, patch: &Patch, alike: &[Likeness]) -> Option<Vec<Label>> {
        if self.does_the_same(alike) {
            return Some(Vec::new());
        }
        let goal = self.stage.encoding.tells_apart(patch, &self.patched, alike);
        let possible = self.stage.possible(goal.differs, &goal.others, true);
        self.proof(possible)
    }

    fn proof(&self, possible: Possible) -> Option<Vec<Label>> {
        let Possible::No(core) = possible else {
            return None;
        };
        let restricted = core
            .iter()
            .any(|label| matches!(label, Label::Restriction(_)));
        (!restricted && self.stage.narrowed().is_empty()).then_some(core)
    }
}
