//! Rules about several requests on one server.

use super::Verdict;
use super::server::Server;
use super::state::{Accepted, Bound};
use crate::eval::{Evaluator, Undefined};
use crate::model::{Across, OperationRef, Place, RuleRef};
use crate::value::Value;

impl Server<'_> {
    /// Whether a rule holds for every choice of earlier requests that belong
    /// together with the one that is judged.
    pub(super) fn across(
        self,
        rule: RuleRef,
        across: &Across,
        bound: &Bound,
        evaluator: &Evaluator<'_>,
    ) -> Result<bool, Undefined> {
        let mut undefined = None;
        let counted = self.model.patched(self.patch, Place::Counted(rule));
        let counts_refused = self.model.arena.is_true(counted);
        for choice in bound.choices(&across.earlier, counts_refused) {
            match self.with(rule, &choice, evaluator, |own| self.held(rule, own)) {
                Some(Ok(false)) => return Ok(false),
                Some(Err(reason)) => undefined = Some(reason),
                Some(Ok(true)) | None => {}
            }
        }
        undefined.map_or(Ok(true), Err)
    }

    /// Whether the request is a repeat: the verdict, and whether that is looked
    /// at before other rules.
    pub(super) fn repeat(
        self,
        operation: OperationRef,
        bound: &Bound,
        evaluator: &Evaluator<'_>,
    ) -> Option<(Verdict, bool)> {
        let found = self.model.operation(operation);
        let mut late = None;
        for rule in &found.rules {
            let across = self.model.rule(*rule).across.as_ref();
            let Some((across, replay)) = across.and_then(|own| Some((own, own.replay.as_ref()?)))
            else {
                continue;
            };
            let place = Place::Replay(*rule);
            for choice in bound.choices(&across.earlier, false) {
                let is_repeat = self.with(*rule, &choice, evaluator, |own| {
                    self.held(*rule, own) == Ok(true)
                        && own.holds(self.model.patched(self.patch, place)) == Ok(true)
                });
                let (Some(true), Some(first)) = (is_repeat, choice.first()) else {
                    continue;
                };
                let verdict = Verdict::Replay {
                    of: first.step,
                    is_named: found.creates.is_some(),
                };
                if replay.is_first {
                    return Some((verdict, true));
                }
                late = late.or(Some((verdict, false)));
            }
        }
        late
    }

    fn held(self, rule: RuleRef, evaluator: &mut Evaluator<'_>) -> Result<bool, Undefined> {
        evaluator.holds(self.model.patched(self.patch, Place::Rule(rule)))
    }

    /// Asks something of the request behind these earlier ones, if they belong
    /// together.
    fn with<T>(
        self,
        rule: RuleRef,
        choice: &[&Accepted],
        evaluator: &Evaluator<'_>,
        ask: impl FnOnce(&mut Evaluator<'_>) -> T,
    ) -> Option<T> {
        let requests: Vec<&Value> = choice.iter().map(|own| &*own.request).collect();
        let env = evaluator.env_after(&requests);
        let mut own = Evaluator::plain(evaluator.arena(), env);
        let same = self.model.patched(self.patch, Place::Same(rule));
        (own.holds(same) == Ok(true)).then(|| ask(&mut own))
    }
}
