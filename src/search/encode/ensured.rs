//! What the answer to the last request shows, on both servers.

use std::sync::Arc;

use super::{Encoding, States};
use crate::model::{Patch, Place, Relation, RuleRef};
use crate::search::lower::{Env, Sym};
use crate::search::smt::Term;

/// What one part of a rule says of an answer.
struct Ensured {
    /// Where it says anything at all: what it reads is there.
    there: Term,
    /// The value at each moment at which it must be the same.
    values: Vec<Sym>,
}

impl Encoding<'_> {
    /// Where the answers to the last request differ of the right server and of
    /// that of `patch`, with their resources in these states before it. That
    /// both accept it isn't said here.
    pub(super) fn answers_apart(&mut self, patch: &Patch, own: &States, states: &States) -> Term {
        let mut differing = vec![self.shown_apart(own, states)];
        for (rule, part, relation) in self.parts_that_show(patch) {
            let right = self.ensured(rule, part, &Patch::default(), own);
            let other = self.ensured(rule, part, patch, states);
            if let (Some(right), Some(other)) = (right, other) {
                differing.push(self.other_value(relation, &right, &other));
            }
        }
        self.lowering.terms.or(differing)
    }

    /// The parts of rules about answers that a fault can change: its own, and
    /// all that the slice holds where it changes what the server remembers.
    fn parts_that_show(&self, patch: &Patch) -> Vec<(RuleRef, usize, Relation)> {
        let model = self.lowering.model;
        let rules = self.rules_at(self.last());
        let shows_state = patch.0.keys().any(|place| place.rule().is_none());
        let parts = model.ensures_at(self.operation(self.last()));
        let parts = parts.filter(|(rule, part, _)| {
            let is_own = patch.0.contains_key(&Place::Ensure(*rule, *part));
            is_own || shows_state && rules.contains(rule)
        });
        parts
            .map(|(rule, part, own)| (rule, part, own.relation))
            .collect()
    }

    /// What a server says of its answer to the last request.
    fn ensured(
        &mut self,
        rule: RuleRef,
        part: usize,
        patch: &Patch,
        states: &States,
    ) -> Option<Ensured> {
        let model = self.lowering.model;
        let env = self.env(self.last(), states)?;
        let env = self.env_behind(env, patch);
        let there = model.rule(rule).needs.iter().map(|resource| {
            let state = env.resources.get(&resource.0).copied();
            match state {
                Some(state) => self.lowering.exists(state),
                None => self.lowering.terms.bool(false),
            }
        });
        let there: Vec<Term> = there.collect();
        let expr = model.patched(patch, Place::Ensure(rule, part));
        let moments = 0..self.lowering.moments(expr);
        let values = moments.map(|moment| {
            let env = Env {
                moment,
                ..env.clone()
            };
            self.lowering.lower(expr, &env)
        });
        let values = values.collect();
        Some(Ensured {
            there: self.lowering.terms.and(there),
            values,
        })
    }

    /// The same surroundings with what the server remembers once it has
    /// accepted the request.
    fn env_behind(&mut self, env: Env, patch: &Patch) -> Env {
        let model = self.lowering.model;
        let operation = self.operation(self.last());
        let effect = self.effect_of(operation, patch, &env);
        let mut after = (*env.resources).clone();
        after.extend(effect.changed.iter().map(|(own, state)| (own.0, *state)));
        let mut binds = model.operation(operation).binds.iter();
        if let Some((made, state)) = effect.created
            && binds.all(|bind| bind.resource != made)
        {
            after.insert(made.0, state);
        }
        let before = (*env.resources).clone();
        let earlier = (*env.earlier).clone();
        let all = (*env.all).clone();
        let version = self.version((env.step, before, all, earlier, after.clone()));
        Env {
            state_version: version,
            after: Arc::new(after),
            ..env
        }
    }

    /// Where the right server says what is there, and the other server's answer
    /// never holds that.
    fn other_value(&mut self, relation: Relation, right: &Ensured, other: &Ensured) -> Term {
        let Some(expected) = right.values.first().cloned() else {
            return self.lowering.terms.bool(false);
        };
        if right.values == other.values {
            return self.lowering.terms.bool(false);
        }
        let mut all = vec![right.there];
        for value in &right.values {
            all.push(value.defined);
            if *value != expected {
                all.push(self.lowering.equal(value, &expected).yes);
            }
        }
        for value in &other.values {
            // Null shows as little as nothing.
            let terms = &mut self.lowering.terms;
            let (absent, something) = (terms.not(value.defined), terms.not(expected.null));
            let nothing = terms.and([absent, something]);
            let another = match relation.determines() {
                true => self.lowering.equal(value, &expected).no,
                false => self.lowering.terms.bool(false),
            };
            all.push(self.lowering.terms.or([nothing, another]));
        }
        self.lowering.terms.and(all)
    }
}
