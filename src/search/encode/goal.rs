//! What is asked of the last step: that an observer can tell the servers apart,
//! or that the right one accepts or refuses.

use std::collections::BTreeMap;

use itertools::Itertools;

use super::{Encoding, Judged, Repeats, States};
use crate::model::{Patch, Place, RuleRef};
use crate::search::lower::Label;
use crate::search::plan::Outcome;
use crate::search::smt::Term;

/// What makes a fault's difference visible.
#[derive(Clone, Debug)]
pub struct Goal {
    /// Holds where right and faulty server differ visibly.
    pub differs: Term,
    /// The part of it in which the right server refuses.
    pub refuses: Term,
    /// The rules of the last step that the fault leaves alone: all must hold.
    pub others: Vec<RuleRef>,
    /// Where they differ visibly although others may be broken: one of them
    /// answers a repeat before it looks at those.
    pub repeated: Term,
}

impl Encoding<'_> {
    /// What tells the server of `patch` from the right one at the last step,
    /// the earlier steps being accepted by both.
    pub fn goal(&mut self, patch: &Patch) -> Goal {
        let mut made = self.at_first();
        let mut accepted = Vec::new();
        let mut judged: BTreeMap<RuleRef, Judged> = BTreeMap::new();
        let mut effect = self.lowering.terms.bool(true);
        let mut repeats = self.no_repeats();
        let mut patched = States::default();
        for step in 0..self.plan.steps.len() {
            let states = if self.free_states {
                self.right.get(step).cloned().unwrap_or_default()
            } else {
                self.bound(step, &made)
            };
            let env = self.env(step, &states);
            if self.is_refused(step) {
                let refused = self.refused_all_the_same(step, patch, env.as_ref(), &mut made);
                accepted.push(refused);
                continue;
            }
            if self.is_repeat(step) {
                let repeated = self.repeated_all_the_same(step, patch, env.as_ref(), &mut made);
                accepted.push(repeated);
                continue;
            }
            for rule in self.rules_at(step) {
                let truth = self.judge(rule, patch, env.as_ref());
                if step == self.last() {
                    judged.insert(rule, truth);
                    continue;
                }
                let own = self.earlier.get(&(step, rule));
                if own != Some(&truth) {
                    accepted.push(truth.yes);
                }
                // Only rules beside the fault count as true where they are
                // undefined.
                if patch.0.contains_key(&Place::Rule(rule)) {
                    accepted.extend(own.map(|own| own.yes));
                }
            }
            let own = self.all_repeats(step, patch, env.as_ref());
            effect = self.advance(step, patch, env.as_ref(), &mut made);
            if step == self.last() {
                effect = self.lowering.terms.or([effect, own.any]);
                repeats = own;
                patched = states;
            } else {
                accepted.push(effect);
                accepted.push(self.lowering.terms.not(own.any));
            }
        }
        let accepted = self.lowering.terms.and(accepted);
        let right = self.judged.clone();
        let before = self.right.get(self.last()).cloned().unwrap_or_default();
        let shown = self.answers_apart(patch, &before, &patched);
        self.difference(accepted, &right, &judged, (effect, repeats), shown)
    }

    /// Where `accepted` holds, and the servers' rules come out so differently
    /// that an observer can tell; or where both accept and `shown` holds, their
    /// answers showing different things.
    pub(super) fn difference(
        &mut self,
        accepted: Term,
        right: &BTreeMap<RuleRef, Judged>,
        judged: &BTreeMap<RuleRef, Judged>,
        (effect, repeats): (Term, Repeats),
        shown: Term,
    ) -> Goal {
        let mut others = Vec::new();
        let mut pairs = Vec::new();
        for (rule, own) in right {
            match judged.get(rule) {
                Some(patched) if patched != own => pairs.push((*own, *patched)),
                _ => others.push(*rule),
            }
        }
        let repeated = self.repeated(right, judged, repeats);
        let makes = self.lowering.model.operation(self.operation(self.last()));
        let shows_repeats = makes.creates.is_some() && repeats != self.repeats;
        let own = self.repeats;
        let t = &mut self.lowering.terms;
        let (is_new, is_new_there) = (t.not(own.first), t.not(repeats.first));
        let keeps = t.and(pairs.iter().map(|(own, _)| own.yes).chain([self.effect]));
        let right_accepts = t.or([own.first, keeps]);
        let some_broken = t.or(pairs.iter().map(|(own, _)| own.no));
        let clear: Vec<Term> = pairs
            .iter()
            .map(|(own, _)| t.or([own.yes, own.no]))
            .collect();
        let right_refuses = t.and(clear.into_iter().chain([some_broken, is_new]));
        let keeps_there = t.and(pairs.iter().map(|(_, patched)| patched.yes).chain([effect]));
        let patched_accepts = t.or([repeats.first, keeps_there]);
        let no_effect = t.not(effect);
        let never = pairs.iter().map(|(_, patched)| patched.never);
        let not_kept = t.or(never.chain([no_effect]));
        let not_accepted = t.and([is_new_there, not_kept]);
        let false_alarm = t.and([right_accepts, not_accepted]);
        let slipped = t.and([right_refuses, patched_accepts]);
        // The answer names what is new, or what the first request made.
        let (no_repeat, no_repeat_there) = (t.not(own.any), t.not(repeats.any));
        let one = t.and([own.any, no_repeat_there]);
        let other = t.and([no_repeat, repeats.any]);
        let only_one = t.or([one, other]);
        let names_repeats = t.bool(shows_repeats);
        let other_answer = t.and([names_repeats, right_accepts, patched_accepts, only_one]);
        let new_on_both = t.and([no_repeat, no_repeat_there]);
        let other_state = t.and([shown, right_accepts, patched_accepts, new_on_both]);
        let either = t.or([false_alarm, slipped, other_answer, other_state]);
        Goal {
            differs: t.and([accepted, either]),
            refuses: t.and([accepted, slipped]),
            others,
            repeated: t.and([accepted, repeated]),
        }
    }

    /// Where the right server accepts the last request.
    pub fn accepts(&mut self) -> Goal {
        Goal {
            differs: self.effect,
            refuses: self.lowering.terms.bool(false),
            others: self.judged.keys().copied().collect(),
            repeated: self.lowering.terms.bool(false),
        }
    }

    /// Where the right server refuses the last request because of `broken`
    /// alone.
    pub fn refuses(&mut self, broken: RuleRef) -> Goal {
        let truth = self.judged.get(&broken).copied();
        let no = truth.map_or_else(|| self.lowering.terms.bool(false), |truth| truth.no);
        let is_new = self.lowering.terms.not(self.repeats.first);
        let no = self.lowering.terms.and([no, is_new]);
        let others = self.judged.keys().copied().filter(|rule| *rule != broken);
        Goal {
            differs: no,
            refuses: no,
            others: others.collect(),
            repeated: self.lowering.terms.bool(false),
        }
    }

    /// The literals that make the rules of earlier steps hold, and these others
    /// of the last one; with `undefined_too`, that only keep them from being
    /// broken.
    pub fn hold(&mut self, rules: &[RuleRef], undefined_too: bool) -> Vec<Term> {
        let last = self.last();
        let of_last = rules.iter();
        let of_last = of_last.filter_map(|rule| Some(((last, *rule), *self.judged.get(rule)?)));
        let of_earlier = self.earlier.iter().map(|(at, truth)| (*at, *truth));
        let of_earlier = of_earlier.filter(|((step, _), _)| self.outcome(*step) == Outcome::New);
        let all: Vec<((usize, RuleRef), Judged)> = of_earlier.chain(of_last).collect();
        let mut literals = Vec::new();
        for ((step, rule), truth) in all {
            let (label, fact) = if undefined_too {
                (Label::Unbroken(step, rule), truth.unbroken)
            } else {
                (Label::Rule(step, rule), truth.yes)
            };
            if self.lowering.terms.as_bool(fact) == Some(true) {
                continue;
            }
            if !self.lowering.has_literal(&label) {
                self.lowering.assume(label.clone(), fact);
            }
            literals.push(self.lowering.literal(label));
        }
        literals
    }

    /// The rules of a core whose holding it asks for, and that can be undefined
    /// there: where none is, asking only that they aren't broken asks the same.
    pub fn may_be_undefined(&self, core: &[Label]) -> Vec<RuleRef> {
        let asked = core.iter().filter_map(|label| match label {
            Label::Rule(step, rule) => Some((*step, *rule)),
            _ => None,
        });
        let unsure = asked.filter(|(step, rule)| {
            let judged = if *step == self.last() {
                self.judged.get(rule)
            } else {
                self.earlier.get(&(*step, *rule))
            };
            judged.is_some_and(|truth| self.lowering.terms.as_bool(truth.known) != Some(true))
        });
        unsure.map(|(_, rule)| rule).sorted().dedup().collect()
    }
}
