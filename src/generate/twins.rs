//! Twins: beside every refused request the nearest accepted one, or the same
//! one after a step less.

use std::collections::{BTreeMap, BTreeSet};

use super::baselines::{BaselineTrace, verdict_behind};
use super::owner::{Draft, DraftTwin, Elsewhere};
use super::spine::Context;
use crate::expr::ExprId;
use crate::model::Trace;
use crate::search::reach::nearest_accepted;
use crate::simulate::{Options, Verdict};
use crate::witness::{Twins, Verified, distance, twin, without_step};

/// Drafts with their twins.
pub struct WithTwins {
    /// The drafts; new twins come last.
    pub list: Vec<Draft>,
    /// What went wrong inside.
    pub internal: Vec<String>,
}

/// Gives every rejecting draft its twin: a baseline, an accepting draft, or a
/// new one. `detected` says which of the owner's faults a trace detects.
pub fn add(
    context: &Context<'_>,
    mut drafts: Vec<Draft>,
    detected: impl Fn(&Trace, &BaselineTrace) -> BTreeMap<usize, bool>,
) -> WithTwins {
    let mut internal = Vec::new();
    for index in 0..drafts.len() {
        let Some(draft) = drafts.get(index) else {
            continue;
        };
        if draft.witness.is_accepted() {
            continue;
        }
        let trace = nearest(context, draft);
        let twin = match trace {
            None => Some(DraftTwin::Baseline(draft.baseline.clone())),
            Some(trace) => {
                let baseline = draft.baseline.clone();
                match known(context, &drafts, &trace) {
                    Some(known) => Some(known),
                    None => match Verified::prove(context.built, &trace, Options::default()) {
                        Ok(witness) => {
                            let found = detected(&trace, &baseline);
                            drafts.push(Draft {
                                witness,
                                by_status: BTreeSet::new(),
                                detects: found.into_keys().collect(),
                                baseline,
                                twin: None,
                                primary: None,
                                elsewhere: Elsewhere::default(),
                                filled: None,
                            });
                            Some(DraftTwin::Draft(drafts.len() - 1))
                        }
                        Err(disagreement) => {
                            internal.push(disagreement.to_string());
                            None
                        }
                    },
                }
            }
        };
        if let Some(draft) = drafts.get_mut(index) {
            draft.twin = twin;
        }
    }
    WithTwins {
        list: drafts,
        internal,
    }
}

/// The accepted trace that says most beside a refused one: the nearest of the
/// same operations; where that changes more than one value, or there is none,
/// the trace without one of its earlier steps.
fn nearest(context: &Context<'_>, draft: &Draft) -> Option<Trace> {
    let trace = draft.witness.trace();
    let same = nearest_of_same(context, draft);
    let changes = same
        .as_ref()
        .map(|same| distance(context.model, trace, same).len());
    match changes {
        Some(0 | 1) => same,
        _ => shorter(context, trace).or(same),
    }
}

/// The trace without one of its earlier steps, all else equal, where that is
/// accepted: the latest such step.
fn shorter(context: &Context<'_>, trace: &Trace) -> Option<Trace> {
    let earlier = 0..trace.steps.len().saturating_sub(1);
    let mut shorter = earlier.rev().filter_map(|step| without_step(trace, step));
    let refused = refused_before(context, trace);
    shorter.find(|shorter| is_accepted(context, shorter, refused))
}

/// `refused` is how many of the case's earlier requests are refused.
fn is_accepted(context: &Context<'_>, trace: &Trace, refused: usize) -> bool {
    verdict_behind(context.model, trace, refused) == Some(Verdict::Accept)
        && context.is_valid(trace)
}

/// How many requests before the last one are refused.
fn refused_before(context: &Context<'_>, trace: &Trace) -> usize {
    match verdict_behind(context.model, trace, 0) {
        Some(_) => 0,
        None => 1,
    }
}

/// The nearest accepted trace of the same operations: by evaluation, else by
/// the solver.
fn nearest_of_same(context: &Context<'_>, draft: &Draft) -> Option<Trace> {
    let trace = draft.witness.trace();
    let breaks = draft.witness.breaks();
    let valid = |trace: &Trace| context.is_valid(trace);
    let baselines = context.bases(trace, Some(&draft.baseline));
    let hunt = Twins {
        model: context.model,
        is_valid: &valid,
        baselines: &baselines,
        budget: context.options.budget,
        ties: context.ties.clone(),
    };
    let broken = breaks.iter().copied().collect();
    let found = twin(hunt, trace, &broken).or_else(|| {
        let focus: Vec<ExprId> = breaks
            .iter()
            .map(|rule| context.model.rule(*rule).expr)
            .collect();
        nearest_accepted(context.model, context.options.reach.limits, trace, &focus)
    })?;
    is_accepted(context, &found, refused_before(context, trace)).then_some(found)
}

fn known(context: &Context<'_>, drafts: &[Draft], trace: &Trace) -> Option<DraftTwin> {
    let operation = trace.steps.last()?.operation;
    let baselines = context.baselines_of(operation);
    if let Some(baseline) = baselines.iter().find(|baseline| baseline.trace == *trace) {
        return Some(DraftTwin::Baseline((*baseline).clone()));
    }
    let position = drafts
        .iter()
        .position(|draft| draft.witness.trace() == trace);
    position.map(DraftTwin::Draft)
}
