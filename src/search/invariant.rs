//! What is always so of the state: by induction.
//!
//! Templates over the attributes of a resource give candidates: an attribute is
//! there, isn't negative, is one of a few texts, is at most another; where the
//! resource is in a phase, a number is zero or two are equal. One is dropped
//! when a resource may be made without it, or an accepted request may end it
//! while all candidates hold; until nothing is dropped any more (Houdini:
//! Flanagan and Leino, FME 2001).

mod templates;

pub use templates::{Candidates, candidates};

use super::ladder::PROVING;
use super::lower::{Config, Label};
use super::plan::Plan;
use super::slice::connected;
use super::smt::{Limits, with_context};
use super::stage::{Possible, Stage};
use crate::eval::{Env, evaluate};
use crate::expr::ExprId;
use crate::model::{Model, OperationRef, Patch, Place, ResourceRef};
use crate::value::Value;

/// A condition over the state of one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Invariant {
    /// The resource.
    pub resource: ResourceRef,
    /// The condition, which reads nothing but its state.
    pub expr: ExprId,
}

/// Those of the candidates that are proven to hold of every resource on the
/// server of `patch`, whatever requests it accepted before.
pub fn proven(
    model: &Model,
    limits: Limits,
    patch: &Patch,
    candidates: Vec<Invariant>,
) -> Vec<Invariant> {
    let mut kept = candidates;
    kept.retain(|candidate| holds_at_first(model, *candidate));
    loop {
        let before = kept.len();
        for (operation, _) in model.operation_refs() {
            let broken = with_context(|| broken_by(model, limits, patch, operation, &kept));
            kept.retain(|candidate| !broken.contains(candidate));
        }
        if kept.len() == before {
            return kept;
        }
    }
}

/// Whether a candidate is true of all resources that are there before.
fn holds_at_first(model: &Model, candidate: Invariant) -> bool {
    let existing = model.existing.iter();
    let mut own = existing.filter(|there| there.resource == candidate.resource);
    own.all(|there| {
        let mut states = vec![None; candidate.resource.0 as usize];
        states.push(Some(Value::Map(there.attributes.clone())));
        let env = Env::of_right(&Value::Null, &states, model.clock.now);
        evaluate(&model.arena, env, candidate.expr) == Ok(Value::Bool(true))
    })
}

/// The candidates that an accepted request to `operation` may leave broken
/// although all of them held before, or that it isn't known of.
fn broken_by(
    model: &Model,
    limits: Limits,
    patch: &Patch,
    operation: OperationRef,
    held: &[Invariant],
) -> Vec<Invariant> {
    let touched = touched(model, operation);
    let asked = held.iter().copied();
    let mut asked: Vec<Invariant> = asked
        .filter(|candidate| touched.contains(&candidate.resource))
        .collect();
    let plan = Plan::single(operation);
    let values = values(model, patch, operation);
    for config in PROVING {
        if asked.is_empty() {
            break;
        }
        let slice = connected(model, &plan, &values, &[]);
        let bases = plan.baselines(model);
        // What is so of every state doesn't depend on when requests were sent.
        let config = Config {
            any_moment: true,
            ..*config
        };
        let mut stage = Stage::new(model, &plan, bases, slice, config, true, limits);
        stage.encoding.assume_invariants(held);
        asked.retain(|candidate| !is_kept(&mut stage, patch, *candidate));
    }
    asked
}

/// Whether a request that isn't refused never leaves `candidate` broken: an
/// unsat core without a restriction. Rules that are undefined count as true.
fn is_kept(stage: &mut Stage<'_>, patch: &Patch, candidate: Invariant) -> bool {
    let goal = stage.encoding.leaves_broken(patch, candidate);
    let proven = match stage.possible(goal.differs, &goal.others, true) {
        Possible::No(core) => !core
            .iter()
            .any(|label| matches!(label, Label::Restriction(_))),
        Possible::Yes | Possible::Unknown(_) => false,
    };
    proven && stage.narrowed().is_empty()
}

/// The resources that an operation makes or changes.
fn touched(model: &Model, operation: OperationRef) -> Vec<ResourceRef> {
    let found = model.operation(operation);
    let changed = found.changes.iter().map(|change| change.resource);
    changed.chain(found.creates).collect()
}

/// The values that an operation gives to attributes.
fn values(model: &Model, patch: &Patch, operation: OperationRef) -> Vec<ExprId> {
    let places = model.places().into_iter().filter(|place| match place {
        Place::Rule(_)
        | Place::Same(_)
        | Place::Replay(_)
        | Place::Everywhere(..)
        | Place::Refused(..)
        | Place::Repeated(..)
        | Place::Kept(..)
        | Place::Counted(_)
        | Place::Ensure(..) => false,
        Place::Set(of, _) => *of == operation,
        Place::Init(resource, _) => model.operation(operation).creates == Some(*resource),
    });
    places.map(|place| model.patched(patch, place)).collect()
}
