//! What no sequence of requests leads to: questions that are open of any state
//! are asked again of those for which an induction holds.

use std::sync::OnceLock;

use super::operation::Answers;
use super::question::Question;
use super::{Ask, Sample};
use crate::model::{Model, OperationRef, Patch, RuleRef};
use crate::search::decide::Reach;
use crate::search::invariant::{Candidates, Invariant, candidates, proven};
use crate::search::prove::{Proof, Prover, Situation};
use crate::search::smt::with_context;

/// What is proven of every state, once somebody asks.
pub(super) struct States {
    candidates: Candidates,
    proven: OnceLock<Vec<Invariant>>,
}

impl States {
    /// What may be proven.
    pub fn new(model: &mut Model) -> Self {
        Self {
            candidates: candidates(model),
            proven: OnceLock::new(),
        }
    }

    fn proven(&self, model: &Model) -> &[Invariant] {
        self.proven.get_or_init(|| {
            let limits = Reach::default().limits;
            let candidates = self.candidates.invariants.clone();
            proven(model, limits, &Patch::default(), candidates)
        })
    }

    /// Answers what is open about the rules of an operation that reads what the
    /// server remembers.
    pub fn decide(
        &self,
        model: &Model,
        operation: OperationRef,
        questions: &[&Question],
        found: &mut Answers,
    ) {
        let is_open = |sample: &Sample| matches!(sample, Sample::Undecided(_));
        let open = found.rules.iter_mut();
        let open = open.filter(|answer| {
            is_open(&answer.samples.accepted) || is_open(&answer.samples.rejected)
        });
        let open: Vec<_> = open.collect();
        if open.is_empty() {
            return;
        }
        let invariants = self.proven(model);
        if invariants.is_empty() {
            return;
        }
        with_context(|| {
            let mut prover = Prover::new(model, operation, Reach::default()).resting_on(invariants);
            for answer in open {
                let rule = answer.samples.rule;
                let Some(question) = questions.iter().find(|one| one.rule == rule) else {
                    continue;
                };
                let all = model.operation(operation).rules.iter().copied();
                let others: Vec<RuleRef> = all.filter(|other| *other != rule).collect();
                let mut never = |situation| {
                    let asked = [&[][..], &others].into_iter();
                    let mut asked = asked.map(|others| prover.ask(situation, others));
                    asked.find_map(|proof| match proof {
                        Proof::Never(core) => Some(core),
                        Proof::Possible | Proof::Open => None,
                    })
                };
                if is_open(&answer.samples.accepted) {
                    let guard = question
                        .guard
                        .and_then(|guard| never(Situation::True(guard)));
                    let is_guard = guard.is_some();
                    if let Some(core) = guard.or_else(|| never(Situation::True(question.kept))) {
                        answer.never = match (is_guard, question.guard) {
                            (true, _) => Ask::Guard,
                            (false, Some(_)) => Ask::HoldsGuarded,
                            (false, None) => Ask::Holds,
                        };
                        answer.samples.accepted = Sample::Never(core);
                    }
                }
                if is_open(&answer.samples.rejected)
                    && let Some(core) = never(Situation::Broken(rule))
                {
                    answer.samples.rejected = Sample::Never(core);
                }
            }
        });
    }
}
