//! Requests that repeat an earlier one and get its answer again.

use std::collections::BTreeMap;

use super::{Encoding, Judged};
use crate::model::{Patch, Place, RuleRef};
use crate::search::lower::Env;
use crate::search::smt::Term;

/// Where a request is a repeat of an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Repeats {
    /// At all.
    pub any: Term,
    /// Before other rules are looked at.
    pub first: Term,
}

impl Encoding<'_> {
    /// Where the request of a step is a repeat, by a rule about several.
    pub(super) fn repeats(&mut self, rule: RuleRef, patch: &Patch, env: Option<&Env>) -> Term {
        let model = self.lowering.model;
        let (Some(across), Some(env)) = (&model.rule(rule).across, env) else {
            return self.lowering.terms.bool(false);
        };
        let mut found = Vec::new();
        for env in self.choices(env, &across.earlier, false) {
            let same = self.belongs(rule, patch, &env);
            let holds = self.judge_one(rule, patch, Some(&env)).yes;
            let repeat = model.patched(patch, Place::Replay(rule));
            let repeat = self.lowering.truth(repeat, &env).yes;
            found.push(self.lowering.terms.and([same, holds, repeat]));
        }
        self.lowering.terms.or(found)
    }

    /// Where a request is a repeat: by any rule of the step, and by one that is
    /// looked at before the others.
    pub(super) fn all_repeats(&mut self, step: usize, patch: &Patch, env: Option<&Env>) -> Repeats {
        let model = self.lowering.model;
        let (mut any, mut first) = (Vec::new(), Vec::new());
        for rule in &model.operation(self.operation(step)).rules {
            let across = model.rule(*rule).across.as_ref();
            let Some(replay) = across.and_then(|across| across.replay.as_ref()) else {
                continue;
            };
            let repeats = self.repeats(*rule, patch, env);
            any.push(repeats);
            if replay.is_first {
                first.push(repeats);
            }
        }
        let terms = &mut self.lowering.terms;
        Repeats {
            any: terms.or(any),
            first: terms.or(first),
        }
    }

    pub(super) fn no_repeats(&mut self) -> Repeats {
        let never = self.lowering.terms.bool(false);
        Repeats {
            any: never,
            first: never,
        }
    }

    /// Where one server answers a repeat before it looks at a rule for which the
    /// other doesn't accept the request.
    pub(super) fn repeated(
        &mut self,
        right: &BTreeMap<RuleRef, Judged>,
        judged: &BTreeMap<RuleRef, Judged>,
        there: Repeats,
    ) -> Term {
        let own = self.repeats;
        // A rule that the fault leaves alone may count as true where it is
        // undefined.
        let patched = right.iter();
        let patched = patched.filter(|(rule, own)| judged.get(rule) != Some(own));
        let known: Vec<Term> = patched.map(|(_, own)| own.known).collect();
        let terms = &mut self.lowering.terms;
        let (is_new, is_new_there) = (terms.not(own.first), terms.not(there.first));
        let never = terms.or(judged.values().map(|patched| patched.never));
        let broken = terms.or(right.values().map(|own| own.no));
        let refused = terms.and([own.first, is_new_there, never]);
        let clear = terms.and(known);
        let accepted = terms.and([is_new, there.first, broken, clear]);
        match own.first == there.first {
            true => terms.bool(false),
            false => terms.or([refused, accepted]),
        }
    }
}
