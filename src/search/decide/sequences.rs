//! Sequences that show a fault, shortest first.

use std::collections::BTreeSet;

use super::asked::Asked;
use super::{Decision, Searcher};
use crate::model::{OperationRef, Patch, Place, Trace};
use crate::search::encode::UNCHANGED;
use crate::search::far::far_plans;
use crate::search::ladder::{LONG, TABULATED};
use crate::search::plan::{Plan, apart, behind_refused, is_held_back, plans_with, with_others};
use crate::simulate::Look;

impl Searcher<'_> {
    /// Looks for a sequence, shortest first.
    pub(super) fn unroll(
        &mut self,
        targets: &[OperationRef],
        patch: &Patch,
        mut limits: BTreeSet<String>,
        unknown: Option<String>,
    ) -> Decision {
        let mut all: Vec<Plan> = Vec::new();
        for target in targets {
            let again = apart(self.model, *target, patch);
            let plans = plans_with(self.model, *target, self.reach.steps, &again).into_iter();
            let plans = plans.filter(|plan| self.is_worth_asking(plan, patch));
            all.extend(plans.flat_map(|plan| with_others(self.model, plan, patch)));
            all.extend(behind_refused(self.model, *target, patch));
        }
        all.sort_by_key(|plan| (plan.uses_existing(self.model), plan.steps.len()));
        let mut unknown: Vec<String> = unknown.into_iter().collect();
        for plan in all {
            match self.attempt(&plan, patch) {
                Attempt::Found(trace, look) => return Decision::Found(trace, look),
                Attempt::Never(words) => limits.extend(words),
                Attempt::Unknown(reason) => unknown.push(reason),
            }
        }
        if let Some(reason) = unknown.into_iter().next() {
            return Decision::Unknown(reason);
        }
        let is_about = |target: &OperationRef| self.model.operation(*target).reads_state();
        if limits.is_empty() || targets.iter().any(is_about) {
            limits.insert(at_most_requests(self.reach.steps));
        }
        if targets
            .iter()
            .any(|target| is_held_back(self.model, *target))
        {
            limits.insert(UNCHANGED.to_owned());
        }
        Decision::Bounded(limits.into_iter().collect())
    }

    /// Looks for a longer sequence, where its length is among what narrows what
    /// was found so far.
    pub(super) fn unroll_far(
        &mut self,
        targets: &[OperationRef],
        patch: &Patch,
        words: Vec<String>,
    ) -> Decision {
        let near = at_most_requests(self.reach.steps);
        if !words.contains(&near) {
            return Decision::Bounded(words);
        }
        let (mut reached, mut left) = (self.reach.steps, self.reach.most_far);
        let others = words.into_iter().filter(|own| *own != near);
        let mut limits: BTreeSet<String> = others.collect();
        for length in self.reach.steps + 1..=self.reach.far {
            let plans = targets.iter();
            let plans = plans.map(|target| far_plans(self.model, *target, length, patch, left));
            let plans: Option<Vec<Vec<Plan>>> = plans.collect();
            let Some(plans) = plans.map(|plans| plans.concat()) else {
                break;
            };
            let plans = plans.into_iter();
            let plans = plans.flat_map(|plan| with_others(self.model, plan, patch));
            let plans: Vec<Plan> = plans.collect();
            let Some(rest) = left.checked_sub(plans.len()) else {
                break;
            };
            left = rest;
            for plan in plans {
                match self.attempt(&plan, patch) {
                    Attempt::Found(trace, look) => return Decision::Found(trace, look),
                    Attempt::Never(words) => limits.extend(words),
                    Attempt::Unknown(_) => drop(limits.insert(near.clone())),
                }
            }
            reached = length;
        }
        limits.insert(
            match reached > self.reach.steps && !limits.contains(&near) {
                true => format!("{near}, and of at most {reached} of which each matters"),
                false => near,
            },
        );
        Decision::Bounded(limits.into_iter().collect())
    }

    /// Whether a plan can show the fault: without a resource, only those of
    /// rules that ask whether it exists; and what is remembered wrong has to be
    /// written before the last request, or shown by its answer.
    fn is_worth_asking(&self, plan: &Plan, patch: &Patch) -> bool {
        let (last, earlier) = match plan.steps.split_last() {
            Some((last, earlier)) => (Some(last), earlier),
            None => (None, &[][..]),
        };
        // An answer may show what its own request has written.
        let shows = |operation| self.model.ensures_at(operation).next().is_some();
        let last = last.filter(|last| shows(last.operation));
        let writing = earlier.iter().chain(last);
        let writes = |place: &Place| match place {
            Place::Init(resource, _) => self.model.resource(*resource).created_by,
            Place::Set(operation, _)
            | Place::Everywhere(operation, _)
            | Place::Refused(operation, _)
            | Place::Repeated(operation, _)
            | Place::Kept(operation, _) => Some(*operation),
            Place::Rule(_)
            | Place::Same(_)
            | Place::Counted(_)
            | Place::Replay(_)
            | Place::Ensure(..) => None,
        };
        let is_written = patch.0.keys().any(|place| {
            writes(place).is_none_or(|by| writing.clone().any(|step| step.operation == by))
        });
        is_written
            && plan.missing().all(|resource| {
                let mut rules = patch.0.keys().filter_map(|place| place.rule());
                rules.any(|rule| self.model.asks_for(rule, resource))
            })
    }

    /// A verified trace of this plan, if there is one.
    fn attempt(&mut self, plan: &Plan, patch: &Patch) -> Attempt {
        let attempt = self.attempt_at(plan, 0, patch);
        let wider = match &attempt {
            Attempt::Found(..) => return attempt,
            Attempt::Never(words) if words.is_empty() => return attempt,
            Attempt::Never(_) => LONG,
            Attempt::Unknown(_) if self.unencoded(plan, true, 0, false, patch).is_some() => {
                TABULATED
            }
            Attempt::Unknown(_) => return attempt,
        };
        match self.attempt_at(plan, wider, patch) {
            Attempt::Unknown(_) => attempt,
            other => other,
        }
    }

    fn attempt_at(&mut self, plan: &Plan, level: usize, patch: &Patch) -> Attempt {
        let mut problem = "no configuration decided it".to_owned();
        for is_whole in [false, true] {
            match self.ask(plan, is_whole, level, false, patch) {
                Asked::Trace(trace, look) => match self.verified(&trace, patch, look) {
                    Ok(()) => return Attempt::Found(trace, look),
                    Err(reason) => {
                        let unencoded = self.unencoded(plan, is_whole, level, false, patch);
                        problem = unencoded.unwrap_or(reason);
                    }
                },
                Asked::Unsat(labels) => {
                    let words = self.restrictions(plan, is_whole, level, false, &labels);
                    return Attempt::Never(words);
                }
                Asked::Unclear(rules, _) => {
                    let names = rules.iter().map(|rule| self.model.rule(*rule).id.as_str());
                    let names: Vec<&str> = names.collect();
                    let words =
                        format!("requests that leave none of {} undefined", names.join(", "));
                    return Attempt::Never(vec![words]);
                }
                Asked::Unknown(reason) => problem = reason,
            }
        }
        Attempt::Unknown(problem)
    }
}

fn at_most_requests(most: usize) -> String {
    format!("sequences of at most {most} requests")
}

enum Attempt {
    Found(Trace, Look),
    /// None of this plan; what narrows that.
    Never(Vec<String>),
    Unknown(String),
}
