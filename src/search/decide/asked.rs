//! What the solver is asked about a fault and a plan, and whether its answer
//! holds.

use super::Searcher;
use crate::expr::{ExprId, print};
use crate::model::{Patch, RuleRef, Step, Trace};
use crate::search::encode::Goal;
use crate::search::ladder::CONFIGS;
use crate::search::lower::{Config, Label};
use crate::search::plan::Plan;
use crate::search::slice::{Slice, connected, whole};
use crate::search::stage::{Reply, Stage};
use crate::simulate::{Look, detect, may_lead, run};

impl<'m> Searcher<'m> {
    /// Whether the independent code agrees that the trace detects the fault.
    pub(super) fn verified(&self, trace: &Trace, patch: &Patch, look: Look) -> Result<(), String> {
        if let Some(refusal) = (self.refusal)(trace) {
            return Err(format!("what was found is refused: {refusal}"));
        }
        // Another rule may refuse an earlier request, or know it for a repeat.
        let lets_others = |step: &Step| patch.lets_others(self.model, step.operation);
        let others = usize::from(trace.steps.iter().any(lets_others));
        let right = run(self.model, &Patch::default(), trace, look.at(patch)).verdicts;
        let earlier = right.split_last().map_or(&[][..], |(_, earlier)| earlier);
        if !may_lead(earlier, others) {
            return Err("an earlier one of the requests that were found isn't accepted".to_owned());
        }
        match detect(self.model, trace, patch, look) {
            Some(found) if found.step + 1 == trace.steps.len() => Ok(()),
            _ => Err(self.unconfirmed(trace, patch, look)),
        }
    }

    /// Why requests that were found detect nothing.
    pub(super) fn unconfirmed(&self, trace: &Trace, patch: &Patch, look: Look) -> String {
        let of = |patch: &Patch| run(self.model, patch, trace, look.at(patch));
        let (right, patched) = (of(&Patch::default()), of(patch));
        let last = trace.steps.last().map(|step| step.operation);
        match last.filter(|_| right.seen.last() != patched.seen.last()) {
            Some(last) => format!(
                "only a value that tests don't know before differs in what `{}` shows",
                self.model.operation(last).id
            ),
            None => "the evaluator doesn't confirm the requests that were found".to_owned(),
        }
    }

    /// What a stage leaves open, if it does: why its traces may be none.
    pub(super) fn unencoded(
        &self,
        plan: &Plan,
        is_whole: bool,
        level: usize,
        free: bool,
        patch: &Patch,
    ) -> Option<String> {
        let key = (plan.clone(), is_whole, level, free, self.any_moment);
        let stage = self.stages.get(&key)?;
        let unencoded = &stage.encoding.lowering.unencoded;
        // What the question reads itself says more than what other rules do.
        let own = self.model.arena.reachable(&self.focus(patch));
        let own = unencoded.iter().find(|id| own.contains(id));
        let first = own.or(unencoded.first())?;
        let printed = print(&self.model.arena, *first, &self.model.resource_names());
        Some(format!(
            "`{printed}` isn't encoded for the solver, and no candidate shows it"
        ))
    }

    /// What narrows a proof, in words.
    pub(in crate::search) fn restrictions(
        &self,
        plan: &Plan,
        is_whole: bool,
        level: usize,
        free: bool,
        core: &[Label],
    ) -> Vec<String> {
        let key = (plan.clone(), is_whole, level, free, self.any_moment);
        let stage = self.stages.get(&key);
        let mut words = stage.map(Stage::narrowed).unwrap_or_default();
        for label in core {
            if let Label::Restriction(text) = label
                && !words.contains(text)
            {
                words.push(text.clone());
            }
        }
        words
    }

    /// What a patch changes, before and after.
    pub(super) fn focus(&self, patch: &Patch) -> Vec<ExprId> {
        let changes = patch.0.iter();
        let both = changes.flat_map(|(place, root)| [*root, self.model.expression(*place).0]);
        both.collect()
    }

    /// Puts the question to the stage of a plan.
    pub(super) fn ask(
        &mut self,
        plan: &Plan,
        is_whole: bool,
        level: usize,
        free: bool,
        patch: &Patch,
    ) -> Asked {
        let focus = self.focus(patch);
        let Some(stage) = self.stage(plan, is_whole, level, free) else {
            return Asked::Unknown("no such configuration".to_owned());
        };
        let goal = stage.encoding.goal(patch);
        let asked = differing(stage, &goal, &focus);
        let is_open = matches!(asked, Asked::Unsat(_) | Asked::Unclear(..));
        if !is_open || stage.encoding.lowering.terms.as_bool(goal.repeated) == Some(false) {
            return asked;
        }
        let alone = Goal {
            others: Vec::new(),
            ..goal.clone()
        };
        match stage.solve(goal.repeated, &alone, true, &focus) {
            Reply::Unsat(more) => asked.resting_also_on(more),
            Reply::Unknown(reason) => Asked::Unknown(reason),
            Reply::Trace(trace) => {
                let is_first = detect(self.model, &trace, patch, Look::First).is_some();
                let look = if is_first { Look::First } else { Look::Second };
                Asked::Trace(trace, look)
            }
        }
    }

    pub(in crate::search) fn stage(
        &mut self,
        plan: &Plan,
        is_whole: bool,
        level: usize,
        free: bool,
    ) -> Option<&mut Stage<'m>> {
        let key = (plan.clone(), is_whole, level, free, self.any_moment);
        if !self.stages.contains_key(&key) {
            let slice: Slice = if is_whole {
                whole(self.model, plan)
            } else {
                connected(self.model, plan, &self.roots, &self.places)
            };
            let config = Config {
                any_moment: self.any_moment,
                ..*CONFIGS.get(level)?
            };
            let limits = self.reach.limits;
            let bases = plan.baselines(self.model);
            let mut stage = Stage::new(self.model, plan, bases, slice, config, free, limits);
            stage.encoding.assume_invariants(self.proofs.invariants);
            self.stages.insert(key.clone(), stage);
        }
        self.stages.get_mut(&key)
    }
}

/// Where the servers differ while the rules beside the fault hold.
fn differing(stage: &mut Stage<'_>, goal: &Goal, focus: &[ExprId]) -> Asked {
    match stage.solve(goal.differs, goal, false, focus) {
        Reply::Trace(trace) => Asked::Trace(trace, Look::First),
        Reply::Unknown(reason) => Asked::Unknown(reason),
        Reply::Unsat(labels) => {
            let undefined = stage.encoding.may_be_undefined(&labels);
            if undefined.is_empty() {
                return Asked::Unsat(labels);
            }
            match stage.solve(goal.differs, goal, true, focus) {
                Reply::Unsat(labels) => Asked::Unsat(labels),
                Reply::Unknown(reason) => Asked::Unknown(reason),
                Reply::Trace(_) => match stage.solve(goal.refuses, goal, true, focus) {
                    Reply::Trace(trace) => Asked::Trace(trace, Look::Second),
                    Reply::Unknown(reason) => Asked::Unknown(reason),
                    Reply::Unsat(others) => Asked::Unclear(undefined, [labels, others].concat()),
                },
            }
        }
    }
}

/// The answer.
pub(super) enum Asked {
    Trace(Trace, Look),
    Unsat(Vec<Label>),
    /// The rules of which one is undefined wherever it shows, and what that
    /// rests on.
    Unclear(Vec<RuleRef>, Vec<Label>),
    Unknown(String),
}

impl Asked {
    /// The same answer, which rests on more.
    fn resting_also_on(self, more: Vec<Label>) -> Self {
        match self {
            Self::Unsat(labels) => Self::Unsat([labels, more].concat()),
            Self::Unclear(rules, labels) => Self::Unclear(rules, [labels, more].concat()),
            other => other,
        }
    }
}
