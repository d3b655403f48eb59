//! What answers the questions about one operation: one prover, and one
//! searcher for all questions that are connected, so that what they have in
//! common is encoded once.

use super::question::Question;
use crate::expr::ExprId;
use crate::model::{Model, OperationRef, Patch, Place};
use crate::search::decide::{Decision, Reach, Refusal, Searcher};
use crate::search::plan::Plan;
use crate::search::prove::Prover;
use crate::search::slice::{Slice, connected};

/// The solvers of one operation. To be used within one Z3 context.
pub(super) struct Solvers<'m> {
    pub prover: Prover<'m>,
    model: &'m Model,
    reach: Reach,
    refusal: &'m Refusal<'m>,
    groups: Vec<Group<'m>>,
}

/// Questions that the same rules are connected with.
struct Group<'m> {
    slice: Slice,
    patches: Vec<Patch>,
    /// Made for the first question.
    searcher: Option<Searcher<'m>>,
}

impl<'m> Solvers<'m> {
    /// For these questions about an operation; nothing is encoded yet.
    pub fn new(
        model: &'m Model,
        operation: OperationRef,
        reach: Reach,
        refusal: &'m Refusal<'m>,
        questions: &[&Question],
    ) -> Self {
        let plan = Plan::single(operation);
        let mut groups: Vec<Group<'m>> = Vec::new();
        for question in questions {
            let patches = || question.patches().cloned();
            let slice = slice(model, &plan, question);
            match groups.iter_mut().find(|group| group.slice == slice) {
                Some(group) => group.patches.extend(patches()),
                None => groups.push(Group {
                    slice,
                    patches: patches().collect(),
                    searcher: None,
                }),
            }
        }
        Self {
            prover: Prover::new(model, operation, reach),
            model,
            reach,
            refusal,
            groups,
        }
    }

    /// A trace that shows what a question's patch changes, or why there is
    /// none.
    pub fn decide(&mut self, patch: &Patch) -> Decision {
        let (model, reach, refusal) = (self.model, self.reach, self.refusal);
        let mut groups = self.groups.iter_mut();
        let Some(group) = groups.find(|group| group.patches.contains(patch)) else {
            return Searcher::new(model, reach, &[patch], refusal).decide(patch);
        };
        let patches: Vec<&Patch> = group.patches.iter().collect();
        let searcher = group
            .searcher
            .get_or_insert_with(|| Searcher::new(model, reach, &patches, refusal));
        searcher.decide(patch)
    }
}

/// The rules that are connected with a question.
fn slice(model: &Model, plan: &Plan, question: &Question) -> Slice {
    let changed = question
        .patches()
        .flat_map(|patch| patch.0.values().copied());
    let roots: Vec<ExprId> = changed.chain([question.expr]).collect();
    connected(model, plan, &roots, &[Place::Rule(question.rule)])
}
