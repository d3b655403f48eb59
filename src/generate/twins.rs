//! Twins: beside every refused request the nearest accepted one.

use std::collections::{BTreeMap, BTreeSet};

use super::baselines::{BaselineTrace, last_verdict};
use super::owner::{Draft, DraftTwin};
use super::spine::Context;
use crate::expr::ExprId;
use crate::model::Trace;
use crate::search::reach::nearest_accepted;
use crate::simulate::{Options, Verdict};
use crate::witness::{Twins, Verified, twin};

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

/// The nearest accepted trace of the same operations: by evaluation, else by
/// the solver.
fn nearest(context: &Context<'_>, draft: &Draft) -> Option<Trace> {
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
    let accepted = last_verdict(context.model, &found) == Some(Verdict::Accept);
    (accepted && context.is_valid(&found)).then_some(found)
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
