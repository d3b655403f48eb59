//! How rules come out at a step; those about several requests for every choice
//! of earlier ones.

use super::{Encoding, States};
use crate::model::{OperationRef, Patch, Place, ResourceRef, RuleRef};
use crate::search::lower::{Env, Truth};
use crate::search::smt::Term;

/// How a rule comes out, at all moments at which a test may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Judged {
    /// Where it is always true.
    pub yes: Term,
    /// Where it is always false.
    pub no: Term,
    /// Where it is never true.
    pub never: Term,
    /// Where it is never false.
    pub unbroken: Term,
    /// Where it is always one or the other.
    pub known: Term,
}

impl Encoding<'_> {
    /// How a rule comes out; one about several requests for every choice of
    /// earlier ones that belong together with this one.
    pub(super) fn judge(&mut self, rule: RuleRef, patch: &Patch, env: Option<&Env>) -> Judged {
        let model = self.lowering.model;
        let (Some(across), Some(env)) = (&model.rule(rule).across, env) else {
            return self.judge_one(rule, patch, env);
        };
        let counted = model.patched(patch, Place::Counted(rule));
        let counts_refused = model.arena.is_true(counted);
        let choices = self
            .choices(env, &across.earlier, counts_refused)
            .into_iter();
        let each = choices.map(|env| {
            let own = self.judge_one(rule, patch, Some(&env));
            let same = self.belongs(rule, patch, &env);
            self.judged_where(same, own)
        });
        let each: Vec<Judged> = each.collect();
        self.judged_together(&each)
    }

    /// A choice of earlier steps for each operation, in their order; also of
    /// refused ones, if these count.
    pub(super) fn choices(
        &mut self,
        env: &Env,
        earlier: &[OperationRef],
        counts_refused: bool,
    ) -> Vec<Env> {
        let mut chosen: Vec<Vec<usize>> = vec![Vec::new()];
        for operation in earlier {
            let longer = chosen.iter().flat_map(|steps| {
                let next = steps.last().map_or(0, |last| last + 1);
                let fitting = next..env.step;
                let fitting = fitting.filter(|step| {
                    self.operation(*step) == *operation
                        && !self.is_repeat(*step)
                        && (counts_refused || !self.is_refused(*step))
                });
                fitting.map(move |step| [steps.as_slice(), &[step]].concat())
            });
            chosen = longer.collect();
        }
        let bound = env.resources.iter();
        let bound = bound.map(|(index, state)| (ResourceRef(*index), *state));
        let states = States {
            bound: bound.collect(),
            all: (*env.all).clone(),
        };
        let each = chosen.into_iter().filter_map(|steps| {
            let slots = steps.iter();
            let slots = slots.filter_map(|step| self.requests.get(*step).copied());
            let slots = slots.collect();
            self.env_after(env.step, &states, slots)
        });
        each.collect()
    }

    /// Where earlier requests belong together with this one.
    pub(super) fn belongs(&mut self, rule: RuleRef, patch: &Patch, env: &Env) -> Term {
        let same = self.lowering.model.patched(patch, Place::Same(rule));
        self.lowering.truth(same, env).yes
    }

    /// What a rule says where a condition holds; elsewhere it holds.
    pub(super) fn judged_where(&mut self, condition: Term, own: Judged) -> Judged {
        let terms = &mut self.lowering.terms;
        let elsewhere = terms.not(condition);
        Judged {
            yes: terms.or([own.yes, elsewhere]),
            no: terms.and([own.no, condition]),
            never: terms.and([own.never, condition]),
            unbroken: terms.or([own.unbroken, elsewhere]),
            known: terms.or([own.known, elsewhere]),
        }
    }

    /// How several conditions come out that must all hold.
    pub(super) fn judged_together(&mut self, each: &[Judged]) -> Judged {
        let terms = &mut self.lowering.terms;
        let no = terms.or(each.iter().map(|own| own.no));
        let known = terms.and(each.iter().map(|own| own.known));
        Judged {
            yes: terms.and(each.iter().map(|own| own.yes)),
            no,
            never: terms.or(each.iter().map(|own| own.never)),
            unbroken: terms.and(each.iter().map(|own| own.unbroken)),
            known: terms.or([known, no]),
        }
    }

    pub(super) fn judge_one(&mut self, rule: RuleRef, patch: &Patch, env: Option<&Env>) -> Judged {
        let model = self.lowering.model;
        let expr = model.patched(patch, Place::Rule(rule));
        let Some(env) = env else {
            let no = self.lowering.terms.bool(false);
            let always = self.lowering.terms.bool(true);
            return Judged {
                yes: no,
                no,
                never: always,
                unbroken: always,
                known: no,
            };
        };
        let truths: Vec<Truth> = (0..self.lowering.moments(expr))
            .map(|moment| {
                let env = Env {
                    moment,
                    ..env.clone()
                };
                let mut truth = self.lowering.truth(expr, &env);
                if model.rule(rule).undefined_rejects {
                    truth.no = self.lowering.terms.not(truth.yes);
                }
                self.where_there(&model.rule(rule).needs, truth, &env)
            })
            .collect();
        self.judged_by(&truths)
    }

    /// What a rule says where the resources are there that it is about; it
    /// holds elsewhere.
    pub(super) fn where_there(&mut self, needs: &[ResourceRef], truth: Truth, env: &Env) -> Truth {
        let all: Vec<Term> = needs
            .iter()
            .map(|resource| match env.resources.get(&resource.0) {
                Some(state) => self.lowering.exists(*state),
                None => self.lowering.terms.bool(false),
            })
            .collect();
        let terms = &mut self.lowering.terms;
        let there = terms.and(all);
        let elsewhere = terms.not(there);
        Truth {
            yes: terms.or([truth.yes, elsewhere]),
            no: terms.and([truth.no, there]),
        }
    }

    pub(super) fn judged_by(&mut self, truths: &[Truth]) -> Judged {
        let terms = &mut self.lowering.terms;
        let untrue: Vec<Term> = truths.iter().map(|truth| terms.not(truth.yes)).collect();
        let unbroken: Vec<Term> = truths.iter().map(|truth| terms.not(truth.no)).collect();
        let known = truths.iter().map(|truth| terms.or([truth.yes, truth.no]));
        let known: Vec<Term> = known.collect();
        Judged {
            yes: terms.and(truths.iter().map(|truth| truth.yes)),
            no: terms.and(truths.iter().map(|truth| truth.no)),
            never: terms.and(untrue),
            unbroken: terms.and(unbroken),
            known: terms.and(known),
        }
    }
}
