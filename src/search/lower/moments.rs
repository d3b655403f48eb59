//! `now` as terms.
//!
//! A verdict counts only where it is the same at all moments at which a test
//! may run. So what reads `now` is lowered once for each of the outermost of
//! these: a comparison that comes out the same at both ends, in which `now`
//! moves one way, does so between them. Proofs that nothing shows a fault look
//! at any moment instead.

use num_bigint::BigInt;

use super::texts::last_second;
use super::{Env, Lowering, Num, Shape, Sym};
use crate::expr::{ExprId, Node, Root};
use crate::model::Clock;
use crate::search::smt::Sort;
use crate::value::time::SECOND;

impl Lowering<'_> {
    /// How many moments an expression has to be judged at.
    pub fn moments(&mut self, id: ExprId) -> usize {
        if self.config.any_moment || !self.is_timed(id) {
            return 1;
        }
        self.model.clock.moments().len()
    }

    /// Whether an expression reads `now`.
    pub fn is_timed(&mut self, id: ExprId) -> bool {
        if let Some(known) = self.timed.get(&id) {
            return *known;
        }
        let node = self.model.arena.node(id);
        let is_now = *node == Node::Root(Root::Now);
        let children = node.children();
        let found = is_now || children.into_iter().any(|child| self.is_timed(child));
        self.timed.insert(id, found);
        found
    }

    pub(super) fn now(&mut self, env: &Env) -> Sym {
        let moments = self.model.clock.moments();
        if !self.config.any_moment || !self.model.clock.is_running {
            if self.model.clock.is_running {
                self.narrowed.insert(STEADY.to_owned());
            }
            let moment = moments.get(env.moment).or(moments.first());
            let seconds = self.seconds(moment.copied().unwrap_or_default());
            return self.always(Shape::Time(seconds));
        }
        let now = match &self.any_now {
            Some(now) => now.clone(),
            None => {
                let sort = if self.config.dense {
                    Sort::Real
                } else {
                    Sort::Int
                };
                if !self.config.dense {
                    let words = "date-times are written in UTC, to the second";
                    self.narrowed.insert(words.to_owned());
                }
                let now = Num::int(self.terms.var("now", sort));
                let ends = [(Clock::EARLIEST / SECOND).into(), last_second()];
                let [first, last] = ends.map(|end: BigInt| Num::int(self.terms.int(end)));
                let after = first.le(&mut self.terms, &now);
                let before = now.le(&mut self.terms, &last);
                self.facts.extend([after, before]);
                self.any_now = Some(now.clone());
                now
            }
        };
        self.always(Shape::Time(now))
    }
}

/// What a search for sequences that show a fault at any time is narrowed by.
pub const STEADY: &str = "verdicts are the same whenever the test runs";
