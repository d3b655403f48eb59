//! Requests that are refused, or repeats, and what they do all the same on a faulty
//! server.

use std::collections::BTreeMap;

use super::{Encoding, Judged, Repeats};
use crate::model::{Maker, OperationRef, Patch, Place, ResourceRef};
use crate::search::lower::{Env, Sym};
use crate::search::smt::Term;

impl Encoding<'_> {
    /// Where the right server refuses the request of an earlier step.
    pub(super) fn refuses_at(&mut self, step: usize) -> Term {
        let of_step = self.earlier.iter().filter(|((at, _), _)| *at == step);
        let judged: Vec<Judged> = of_step.map(|(_, judged)| *judged).collect();
        let env = self.right.get(step).cloned();
        let env = env.and_then(|states| self.env(step, &states));
        self.refused_by(step, &judged, &Patch::default(), env.as_ref())
    }

    /// Where a server refuses it by these rules: some are broken, and none is
    /// undefined; and it is no repeat that is answered before they are looked at.
    /// In free states, in which proofs are made, those that are undefined may
    /// count as true.
    fn refused_by(
        &mut self,
        step: usize,
        judged: &[Judged],
        patch: &Patch,
        env: Option<&Env>,
    ) -> Term {
        let repeats = self.all_repeats(step, patch, env);
        let terms = &mut self.lowering.terms;
        let broken = terms.or(judged.iter().map(|own| own.no));
        let known = match self.free_states {
            true => terms.bool(true),
            false => terms.and(judged.iter().map(|own| own.known)),
        };
        let is_new = terms.not(repeats.first);
        terms.and([broken, known, is_new])
    }

    /// Where the server of `patch` refuses the request of an earlier step as well;
    /// `made` is what the request leaves there.
    pub(super) fn refused_all_the_same(
        &mut self,
        step: usize,
        patch: &Patch,
        env: Option<&Env>,
        made: &mut BTreeMap<Maker, usize>,
    ) -> Term {
        let Some(env) = env else {
            return self.lowering.terms.bool(false);
        };
        let judged = self.judged_at(step, patch, env);
        let refused = self.refused_by(step, &judged, patch, Some(env));
        let changed = self.changes_of_refused(step, patch, env);
        self.take_changes(step, changed, made);
        refused
    }

    /// How the rules of a step come out.
    fn judged_at(&mut self, step: usize, patch: &Patch, env: &Env) -> Vec<Judged> {
        let rules = self.rules_at(step).into_iter();
        rules
            .map(|rule| self.judge(rule, patch, Some(env)))
            .collect()
    }

    /// Where the right server knows the request of an earlier step for a repeat:
    /// such a rule says so, and the others hold that are looked at before.
    pub(super) fn repeats_at(&mut self, step: usize, repeats: Repeats) -> Term {
        let of_step = self.earlier.iter().filter(|((at, _), _)| *at == step);
        let judged: Vec<Judged> = of_step.map(|(_, judged)| *judged).collect();
        self.repeated_by(&judged, repeats)
    }

    fn repeated_by(&mut self, judged: &[Judged], repeats: Repeats) -> Term {
        let terms = &mut self.lowering.terms;
        let held = judged.iter().map(|own| own.yes);
        let late = terms.and(held.chain([repeats.any]));
        terms.or([repeats.first, late])
    }

    /// Where the server of `patch` takes the request of an earlier step for a
    /// repeat as well; `made` is what the request leaves there.
    pub(super) fn repeated_all_the_same(
        &mut self,
        step: usize,
        patch: &Patch,
        env: Option<&Env>,
        made: &mut BTreeMap<Maker, usize>,
    ) -> Term {
        let Some(env) = env else {
            return self.lowering.terms.bool(false);
        };
        let judged = self.judged_at(step, patch, env);
        let repeats = self.all_repeats(step, patch, Some(env));
        let repeated = self.repeated_by(&judged, repeats);
        let changed = self.changes_also(Place::Repeated, step, patch, env);
        self.take_changes(step, changed, made);
        repeated
    }

    /// The states behind a refused request.
    pub(super) fn changes_of_refused(
        &mut self,
        step: usize,
        patch: &Patch,
        env: &Env,
    ) -> Vec<(ResourceRef, usize)> {
        self.changes_also(Place::Refused, step, patch, env)
    }

    /// The states behind a request that makes the changes of which the expression
    /// at a place says so. One whose value is undefined isn't made.
    fn changes_also(
        &mut self,
        place: fn(OperationRef, usize) -> Place,
        step: usize,
        patch: &Patch,
        env: &Env,
    ) -> Vec<(ResourceRef, usize)> {
        let model = self.lowering.model;
        let operation = self.operation(step);
        let mut changed: BTreeMap<ResourceRef, Vec<Sym>> = BTreeMap::new();
        for (index, change) in model.operation(operation).changes.iter().enumerate() {
            let is_made = model.patched(patch, place(operation, index));
            let state = env.resources.get(&change.resource.0).copied();
            let Some(state) = state.filter(|_| model.arena.is_true(is_made)) else {
                continue;
            };
            let new = model.patched(patch, Place::Set(operation, index));
            let new = self.lowering.lower(new, env);
            let defined = new.defined;
            let (new, _) = self.changed_where_there(state, change.attribute, new);
            let attributes = self.lowering.state(state).to_vec();
            let attributes = changed.entry(change.resource).or_insert(attributes);
            if let Some(slot) = attributes.get_mut(change.attribute) {
                *slot = self.lowering.ite(defined, &new, slot);
            }
        }
        self.states_of(changed, env)
    }
}
