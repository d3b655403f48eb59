//! Sequences that a right server accepts to the end, or refuses there because
//! of one rule.

use super::decide::Searcher;
use super::encode::Goal;
use super::ladder::{PROVING, WIDER};
use super::plan::{Plan, plans};
use super::slice::whole;
use super::smt::{Limits, with_context};
use super::stage::{Reply, Stage};
use crate::expr::ExprId;
use crate::model::{Model, OperationRef, RuleRef, Trace};

impl Searcher<'_> {
    /// The trace nearest to the baselines that the right server accepts at
    /// `target`.
    pub fn accepting(&mut self, target: OperationRef) -> Result<Trace, Option<String>> {
        self.reach_goal(target, None)
    }

    /// Rules that stand in for `rule`: with it broken, the others are added in
    /// id order, each kept while all can hold (a minimal correction set);
    /// what is left out masks it.
    pub fn masks(&mut self, rule: RuleRef) -> Masked {
        let target = self.model.rule(rule).operation;
        for plan in self.plans_to(target, Some(rule)) {
            let Some(stage) = self.stage(&plan, true, 0, false) else {
                continue;
            };
            let goal = stage.encoding.refuses(rule);
            let mut kept = Goal {
                others: Vec::new(),
                ..goal.clone()
            };
            if !matches!(
                stage.solve(goal.differs, &kept, false, &[]),
                Reply::Trace(_)
            ) {
                continue;
            }
            let mut masks = Vec::new();
            for other in goal.others {
                kept.others.push(other);
                if !matches!(
                    stage.solve(goal.differs, &kept, false, &[]),
                    Reply::Trace(_)
                ) {
                    kept.others.pop();
                    masks.push(other);
                }
            }
            return if masks.is_empty() {
                Masked::NotFound
            } else {
                Masked::By(masks)
            };
        }
        Masked::NotFound
    }

    /// The trace nearest to the baselines that the right server refuses at
    /// the end because of `rule` alone.
    pub fn refusing(&mut self, rule: RuleRef) -> Result<Trace, Option<String>> {
        let target = self.model.rule(rule).operation;
        self.reach_goal(target, Some(rule))
    }

    fn reach_goal(
        &mut self,
        target: OperationRef,
        broken: Option<RuleRef>,
    ) -> Result<Trace, Option<String>> {
        let mut problem = None;
        for plan in self.plans_to(target, broken) {
            for level in 0..PROVING.len() {
                match self.reach_by(&plan, level, broken) {
                    Ok(Some(trace)) => return Ok(trace),
                    Ok(None) => break,
                    Err(reason) => problem = Some(reason),
                }
            }
        }
        Err(problem)
    }

    /// The plans that may lead there: without a resource, `target` is only
    /// accepted where its rules ask whether that exists, and refused by those.
    fn plans_to(&self, target: OperationRef, broken: Option<RuleRef>) -> Vec<Plan> {
        let model = self.model;
        let all = plans(model, target, self.reach.steps).into_iter();
        let all = all.filter(|plan| {
            plan.missing().all(|resource| match broken {
                Some(rule) => model.asks_for(rule, resource),
                None => !model.is_implied(target, resource),
            })
        });
        all.collect()
    }

    /// The same by one plan and configuration; none where a proof without
    /// restrictions says that there is no such trace.
    fn reach_by(
        &mut self,
        plan: &Plan,
        level: usize,
        broken: Option<RuleRef>,
    ) -> Result<Option<Trace>, String> {
        let refusal = self.refusal;
        let Some(stage) = self.stage(plan, true, level, false) else {
            return Ok(None);
        };
        let goal = match broken {
            Some(rule) => stage.encoding.refuses(rule),
            None => stage.encoding.accepts(),
        };
        match stage.solve(goal.differs, &goal, false, &[]) {
            Reply::Trace(trace) => match refusal(&trace) {
                None => Ok(Some(trace)),
                Some(reason) => Err(reason),
            },
            Reply::Unsat(labels) => {
                let words = self.restrictions(plan, true, level, false, &labels);
                if words.is_empty() {
                    return Ok(None);
                }
                Err(format!("none was found within {}", words.join(", ")))
            }
            Reply::Unknown(reason) => Err(reason),
        }
    }
}

/// The accepting trace nearest to `near`, of the same operations; changes go
/// to what `focus` reads first. In a Z3 context of its own, so that it depends
/// on nothing that was asked before.
pub fn nearest_accepted(
    model: &Model,
    limits: Limits,
    near: &Trace,
    focus: &[ExprId],
) -> Option<Trace> {
    with_context(|| {
        let plan = Plan::of(model, near);
        let bases = near.steps.iter().map(|step| step.request.clone()).collect();
        let slice = whole(model, &plan);
        let mut stage = Stage::new(model, &plan, bases, slice, WIDER, false, limits);
        let goal = stage.encoding.accepts();
        match stage.solve(goal.differs, &goal, false, focus) {
            Reply::Trace(trace) => Some(trace),
            Reply::Unsat(_) | Reply::Unknown(_) => None,
        }
    })
}

/// What stands in for a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Masked {
    /// Nothing: the rule can't be broken at all, or it isn't known.
    NotFound,
    /// These rules, a minimal correction set.
    By(Vec<RuleRef>),
}
