//! Proofs about one request, with whatever the server remembers left free.

use std::collections::BTreeSet;

use itertools::Itertools;

use super::Searcher;
use super::asked::Asked;
use crate::model::{Model, OperationRef, Patch, Place, RuleRef, Trace};
use crate::search::ladder::{LONG, PROVING, TABULATED};
use crate::search::lower::{Label, STEADY};
use crate::search::plan::{Outcome, Plan, earlier_of};
use crate::search::stage::Possible;
use crate::simulate::Look;

impl Searcher<'_> {
    /// Asks one request: with the state free where the operation reads one.
    pub(super) fn prove(&mut self, target: OperationRef, patch: &Patch) -> Proof {
        if patch.0.keys().any(|place| place.is_of_history()) {
            return self.prove_counted(target, patch);
        }
        // Without earlier requests, too: on a faulty server those may be refused.
        let rules = patch.0.keys().filter_map(|place| place.rule());
        let rules = rules.filter(|rule| self.model.rule(*rule).operation == target);
        let behind = rules.map(|rule| earlier_of(self.model, rule));
        let behind: BTreeSet<Vec<OperationRef>> = behind.chain([Vec::new()]).collect();
        let plans = behind.iter().map(|earlier| Plan::behind(earlier, target));
        let plans: Vec<Plan> = plans.sorted_by_key(|plan| plan.steps.len()).collect();
        let mut core = BTreeSet::new();
        let mut within = Vec::new();
        for plan in &plans {
            match self.prove_by(plan, patch) {
                Proof::Never(labels) => core.extend(labels),
                // It may show behind earlier requests.
                Proof::Within(words) => within.extend(words),
                // There may be a shorter sequence.
                Proof::Found(..) if plan.steps.len() > 2 => return Proof::Open,
                other => return other,
            }
        }
        match within.is_empty() {
            true => Proof::Never(core.into_iter().collect()),
            false => Proof::Within(within.into_iter().unique().collect()),
        }
    }

    /// What a proof rests on that no refused request changes anything: wherever
    /// one is refused, what it gives attributes is what they have.
    pub(super) fn changes_nothing(&mut self, patch: &Patch) -> Option<Vec<Label>> {
        let mut core = BTreeSet::new();
        if patch.0.is_empty() {
            return None;
        }
        for place in patch.0.keys() {
            let Place::Refused(operation, _) = *place else {
                return None;
            };
            let attribute = self.model.written_at(*place)?;
            let plan = Plan::single(operation);
            let levels = 0..PROVING.len();
            let proof = levels.into_iter().find_map(|level| {
                let stage = self.stage(&plan, true, level, true)?;
                let goal = stage.encoding.changes_though_refused(patch, attribute);
                let Possible::No(labels) = stage.possible(goal.differs, &goal.others, true) else {
                    return None;
                };
                let words = self.restrictions(&plan, true, level, true, &labels);
                words.is_empty().then_some(labels)
            });
            core.extend(proof?);
        }
        Some(core.into_iter().collect())
    }

    /// Whether no refused request can matter that counts as an earlier one: behind
    /// each choice of those that such a rule asks for, some of them refused.
    fn prove_counted(&mut self, target: OperationRef, patch: &Patch) -> Proof {
        let mut core = BTreeSet::new();
        for place in patch.0.keys() {
            let Place::Counted(rule) = place else {
                return Proof::Open;
            };
            let Some(plans) = behind_refused(self.model, *rule, target) else {
                return Proof::Open;
            };
            for plan in plans {
                let mut levels = 0..PROVING.len();
                let proof =
                    levels.find_map(|level| match self.prove_at(&plan, level, true, patch) {
                        Proof::Never(labels) => Some(labels),
                        _ => None,
                    });
                let Some(labels) = proof else {
                    return Proof::Open;
                };
                core.extend(labels);
            }
        }
        Proof::Never(core.into_iter().collect())
    }

    fn prove_by(&mut self, plan: &Plan, patch: &Patch) -> Proof {
        let reads_state = plan.reads_state(self.model);
        let mut last = Proof::Unknown("no configuration decided it".to_owned());
        for level in 0..PROVING.len() {
            last = self.prove_at(plan, level, reads_state, patch);
            match &last {
                Proof::Within(words) if *words == [STEADY] => return last,
                Proof::Within(_) | Proof::Unknown(_) => {}
                _ => return last,
            }
        }
        let wider = match &last {
            Proof::Within(_) => LONG,
            _ if self.is_unencoded(plan, reads_state, patch) => TABULATED,
            _ => return last,
        };
        match self.prove_at(plan, wider, reads_state, patch) {
            Proof::Unknown(_) => last,
            other => other,
        }
    }

    /// Whether an operator of the question has no encoding.
    fn is_unencoded(&self, plan: &Plan, free: bool, patch: &Patch) -> bool {
        let found = [false, true].map(|is_whole| self.unencoded(plan, is_whole, 0, free, patch));
        found.iter().any(Option::is_some)
    }

    fn prove_at(&mut self, plan: &Plan, level: usize, free: bool, patch: &Patch) -> Proof {
        let (asked, is_whole) = self.ask_both(plan, level, free, patch);
        match asked {
            Asked::Trace(..) if free || self.any_moment => Proof::Open,
            Asked::Trace(trace, look) => match self.verified(&trace, patch, look) {
                Ok(()) => Proof::Found(trace, look),
                Err(reason) => {
                    let unencoded = self.unencoded(plan, is_whole, level, free, patch);
                    Proof::Unknown(unencoded.unwrap_or(reason))
                }
            },
            Asked::Unclear(rules, labels) => {
                match self.restrictions(plan, is_whole, level, free, &labels) {
                    words if words.is_empty() => Proof::Unclear(rules),
                    words => Proof::Within(words),
                }
            }
            Asked::Unknown(reason) => Proof::Unknown(reason),
            Asked::Unsat(labels) => match self.restrictions(plan, is_whole, level, free, &labels) {
                words if words.is_empty() => Proof::Never(labels),
                words => Proof::Within(words),
            },
        }
    }

    /// Asks the connected rules first; all of them where that gave a trace
    /// that another rule refuses. Whether it was all of them comes second.
    fn ask_both(&mut self, plan: &Plan, level: usize, free: bool, patch: &Patch) -> (Asked, bool) {
        let asked = self.ask(plan, false, level, free, patch);
        match &asked {
            Asked::Trace(trace, look)
                if !free && !self.any_moment && self.verified(trace, patch, *look).is_err() =>
            {
                (self.ask(plan, true, level, free, patch), true)
            }
            _ => (asked, false),
        }
    }
}

/// A request to `target` behind each choice of those that a rule about several
/// asks for, some of them refused: by themselves, or behind those that another
/// such rule asks for. None where these could come in several orders, of which
/// one alone would prove nothing.
fn behind_refused(model: &Model, rule: RuleRef, target: OperationRef) -> Option<Vec<Plan>> {
    let earlier = earlier_of(model, rule);
    let mut across = earlier.iter().flat_map(|own| model.across_at(*own));
    if earlier.len() > 1 && across.next().is_some() {
        return None;
    }
    let mut plans = Vec::new();
    for refused in 1..1_usize << earlier.len() {
        let is_refused = |index: usize| refused >> index & 1 == 1;
        let before = earlier.iter().enumerate().map(|(index, operation)| {
            let across = model.across_at(*operation);
            let others = across.map(|across| across.earlier.clone());
            let others = others.filter(|_| is_refused(index));
            others.chain([Vec::new()]).unique().collect::<Vec<_>>()
        });
        for others in before.multi_cartesian_product() {
            let mut plan = Plan::default();
            for (index, (operation, others)) in earlier.iter().zip(others).enumerate() {
                plan.steps.extend(Plan::behind(&others, *operation).steps);
                if let Some(last) = plan.steps.last_mut() {
                    last.outcome = match is_refused(index) {
                        true => Outcome::Refused,
                        false => Outcome::New,
                    };
                }
            }
            plan.steps.extend(Plan::single(target).steps);
            plans.push(plan);
        }
    }
    Some(plans)
}

/// What is known of the last request, whatever came before it.
pub(super) enum Proof {
    Never(Vec<Label>),
    Within(Vec<String>),
    Found(Trace, Look),
    Unclear(Vec<RuleRef>),
    /// One request can't tell: sequences must.
    Open,
    Unknown(String),
}
