//! What single expressions say at the last step.

use super::Encoding;
use crate::expr::ExprId;
use crate::model::{Patch, RuleRef};
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

    /// Where the requests belong together that `expr` reads.
    pub fn belongs_at_end(&mut self, expr: ExprId) -> Term {
        match self.env_at_end(expr) {
            Some((env, Some(rule))) => self.belongs(rule, &Patch::default(), &env),
            _ => self.lowering.terms.bool(true),
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
        let choice = self.choices(&env, &earlier).into_iter().next()?;
        Some((choice, Some(rule)))
    }
}
