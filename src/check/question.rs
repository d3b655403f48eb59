//! What is asked about a rule: as faults, so that the search answers.

use std::collections::BTreeMap;

use super::{Sample, Samples};
use crate::expr::{ExprId, Node, Op};
use crate::model::{Model, Patch, Place, RuleRef};
use crate::search::decide::{Decision, Reach, Refusal, Searcher};

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
        let patches: Vec<&Patch> = [&self.refuses, &self.ignores]
            .into_iter()
            .chain(&self.inverts)
            .collect();
        let mut searcher = Searcher::new(model, Reach::default(), &patches, refusal);
        let accepted = sample(model, searcher.decide(&self.refuses));
        let rejected = sample(model, searcher.decide(&self.ignores));
        let never = match &self.inverts {
            None => Ask::Holds,
            Some(inverts) if matches!(accepted, Sample::Never(_)) => {
                match searcher.decide(inverts) {
                    Decision::Untestable(_) => Ask::Guard,
                    _ => Ask::HoldsGuarded,
                }
            }
            Some(_) => Ask::HoldsGuarded,
        };
        let rule = self.rule;
        Answer {
            samples: Samples {
                rule,
                accepted,
                rejected,
            },
            never,
        }
    }
}

fn sample(model: &Model, decision: Decision) -> Sample {
    match decision {
        Decision::Found(trace, _) => Sample::Found(trace),
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
