//! What single expressions say at the last step.

use std::collections::BTreeSet;

use super::Encoding;
use crate::expr::ExprId;
use crate::model::{Patch, ResourceRef, RuleRef};
use crate::search::lower::{Env, Truth};
use crate::search::plan::{earlier_of, rules_reading};
use crate::search::smt::Term;

impl Encoding<'_> {
    /// Where `expr`, read at the last step, is true, and where it is false.
    pub fn truth_at_end(&mut self, expr: ExprId) -> Truth {
        self.truth_beside(expr, expr)
    }

    /// The same together with the earlier requests that `of` reads.
    pub fn truth_beside(&mut self, expr: ExprId, of: ExprId) -> Truth {
        match self.env_at_end(of) {
            Some((env, _)) => self.lowering.truth(expr, &env),
            None => {
                let no = self.lowering.terms.bool(false);
                Truth { yes: no, no }
            }
        }
    }

    /// Where the requests belong together that `expr` reads, and the resources
    /// are there without which no rule says anything.
    pub fn belongs_at_end(&mut self, expr: ExprId) -> Term {
        let belongs = match self.env_at_end(expr) {
            Some((env, Some(rule))) => self.belongs(rule, &Patch::default(), &env),
            _ => self.lowering.terms.bool(true),
        };
        let read = self.lowering.model.attributes_read(expr);
        let read: BTreeSet<ResourceRef> = read.into_iter().map(|(resource, _)| resource).collect();
        let there = read.into_iter().map(|resource| self.there_at_end(resource));
        let there: Vec<Term> = there.collect();
        self.lowering.terms.and(there.into_iter().chain([belongs]))
    }

    /// Where a resource is there that every rule of the last step needs; true of
    /// others.
    fn there_at_end(&mut self, resource: ResourceRef) -> Term {
        let last = self.last();
        let state = self.right.get(last);
        let state = state
            .and_then(|states| states.bound.get(&resource))
            .copied();
        let is_needed = self
            .lowering
            .model
            .is_implied(self.operation(last), resource);
        match state.filter(|_| is_needed) {
            Some(state) => self.lowering.exists(state),
            None => self.lowering.terms.bool(true),
        }
    }

    /// What an expression reads at the last step; where that is earlier requests,
    /// the rule that it is a part of.
    pub(super) fn env_at_end(&mut self, expr: ExprId) -> Option<(Env, Option<RuleRef>)> {
        let (last, model) = (self.last(), self.lowering.model);
        let states = self.right.get(last).cloned().unwrap_or_default();
        let env = self.env(last, &states)?;
        let rule = match *rules_reading(model, self.operation(last), expr) {
            [] => return Some((env, None)),
            [only] => only,
            // Nobody asks: which of them is meant isn't known.
            _ => return None,
        };
        let earlier = earlier_of(model, rule);
        let choice = self.choices(&env, &earlier, false).into_iter().next()?;
        Some((choice, Some(rule)))
    }
}
