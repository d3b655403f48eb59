//! What is asked about a rule: as faults, so that the search answers.

use std::collections::{BTreeMap, BTreeSet};

use super::{Sample, Samples};
use crate::expr::{ExprId, Node, Op};
use crate::model::{Model, Patch, Place, RuleRef, Trace};
use crate::search::decide::{Decision, Reach, Refusal, Searcher};
use crate::search::lower::Label;
use crate::search::plan::Plan;
use crate::simulate::{Look, detect, run};
use crate::witness::{Aim, Minimiser, Paths};

/// Requests that are looked at to find one with few changes.
const BUDGET: usize = 60;

/// The questions about one rule.
#[derive(Clone, Debug)]
pub(super) struct Question {
    rule: RuleRef,
    /// A server that refuses what keeps the rule and its guard.
    refuses: Patch,
    /// A server that doesn't know the rule.
    ignores: Patch,
    /// A server that takes the rule for its opposite where its guard holds.
    inverts: Option<Patch>,
}

/// What was asked in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// That the rule holds, where it has no guard.
    Holds,
    /// That the guard is true.
    Guard,
    /// That the rule holds where its guard is true.
    HoldsGuarded,
}

/// The answers about one rule.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// The requests.
    pub samples: Samples,
    /// Where none is accepted, what is never the case.
    pub never: Ask,
    /// The answers as if the operation had no other rule, where the others
    /// stand in the way.
    pub alone: Option<Box<Answer>>,
}

/// The questions about all rules; their expressions are added to the arena.
pub(super) fn questions(model: &mut Model) -> Vec<Question> {
    let rules: Vec<(RuleRef, ExprId)> = model
        .rule_refs()
        .map(|(rule, found)| (rule, found.expr))
        .collect();
    let arena = &mut model.arena;
    let each = rules.into_iter().map(|(rule, expr)| {
        let patch = |to| Patch(BTreeMap::from([(Place::Rule(rule), to)]));
        let guarded = match arena.node(expr) {
            Node::Call(Op::Guard, operands) => {
                operands.first().copied().zip(operands.get(1).copied())
            }
            _ => None,
        };
        let never = arena.boolean(false);
        let always = arena.boolean(true);
        let refuses = match guarded {
            Some((guard, _)) => arena.call_bool(Op::Guard, &[guard, never]),
            None => never,
        };
        let inverts = guarded.map(|(guard, body)| {
            let not = arena.call_bool(Op::Not, &[body]);
            patch(arena.call_bool(Op::Guard, &[guard, not]))
        });
        Question {
            rule,
            refuses: patch(refuses),
            ignores: patch(always),
            inverts,
        }
    });
    each.collect()
}

impl Question {
    /// Asks for an accepted and for a rejected request.
    pub fn answer(&self, model: &Model, refusal: &Refusal<'_>) -> Answer {
        let mut answer = self.among(model, refusal);
        let samples = [&answer.samples.accepted, &answer.samples.rejected];
        if samples.into_iter().any(|sample| self.is_in_the_way(sample)) {
            let mut alone = model.clone();
            let operation = model.rule(self.rule).operation.0 as usize;
            if let Some(operation) = alone.operations.get_mut(operation) {
                operation.rules = vec![self.rule];
            }
            answer.alone = Some(Box::new(self.among(&alone, refusal)));
        }
        answer
    }

    /// Whether other rules are why there is no such request.
    fn is_in_the_way(&self, sample: &Sample) -> bool {
        matches!(sample, Sample::Never(core) if !others(self.rule, core).is_empty())
    }

    /// Asks among the rules of this model.
    fn among(&self, model: &Model, refusal: &Refusal<'_>) -> Answer {
        let patches = [&self.refuses, &self.ignores].into_iter();
        let patches: Vec<&Patch> = patches.chain(&self.inverts).collect();
        let mut searcher = Searcher::new(model, Reach::default(), &patches, refusal);
        let mut ask = |patch| {
            let decision = searcher.decide(patch);
            sample(model, decision, |trace, look| {
                nearest(model, refusal, patch, trace, look)
            })
        };
        let accepted = ask(&self.refuses);
        let rejected = ask(&self.ignores);
        let mut is_guard_never_true = |inverts| {
            matches!(accepted, Sample::Never(_))
                && matches!(searcher.decide(inverts), Decision::Untestable(_))
        };
        let never = match &self.inverts {
            None => Ask::Holds,
            Some(inverts) if is_guard_never_true(inverts) => Ask::Guard,
            Some(_) => Ask::HoldsGuarded,
        };
        Answer {
            samples: Samples {
                rule: self.rule,
                accepted,
                rejected,
            },
            never,
            alone: None,
        }
    }
}

/// The rules of a core but this one.
pub(super) fn others(rule: RuleRef, core: &[Label]) -> BTreeSet<RuleRef> {
    let rules = core.iter().filter_map(|label| match label {
        Label::Rule(_, other) | Label::Unbroken(_, other) => Some(*other),
        Label::Schema { .. } | Label::NeverNegative(..) | Label::Restriction(_) => None,
    });
    rules.filter(|other| *other != rule).collect()
}

/// A trace with as few changes of the baselines as show the same.
fn nearest(model: &Model, refusal: &Refusal<'_>, patch: &Patch, trace: Trace, look: Look) -> Trace {
    let verdicts = |trace: &Trace| run(model, &Patch::default(), trace, look.at(patch)).verdicts;
    let wanted = verdicts(&trace);
    let is_shown = |trace: &Trace| {
        let found = detect(model, trace, patch, look);
        found.is_some_and(|found| found.step + 1 == trace.steps.len())
    };
    let baselines = Plan::of(model, &trace).baselines(model);
    // Nothing has to be in general position: that is for tests.
    let reads = vec![Paths::new(); trace.steps.len()];
    let aim = Aim {
        baselines: &baselines,
        reads: &reads,
        keeps: &|trace| verdicts(trace) == wanted && is_shown(trace),
    };
    let is_valid = |trace: &Trace| refusal(trace).is_none();
    let mut minimiser = Minimiser::new(model, &is_valid);
    minimiser.budget = BUDGET;
    minimiser.minimal(trace, aim).trace
}

fn sample(model: &Model, decision: Decision, nearest: impl FnOnce(Trace, Look) -> Trace) -> Sample {
    match decision {
        Decision::Found(trace, look) => Sample::Found(nearest(trace, look)),
        Decision::Untestable(core) => Sample::Never(core),
        Decision::Bounded(limits) => {
            Sample::Undecided(format!("none was found within {}", limits.join(", ")))
        }
        Decision::Unclear(rules) => {
            let ids: Vec<&str> = rules.iter().map(|rule| &*model.rule(*rule).id).collect();
            let ids = ids.join("`, `");
            Sample::Undecided(format!("all that were found leave `{ids}` undefined"))
        }
        Decision::Unknown(reason) => Sample::Undecided(reason),
    }
}
