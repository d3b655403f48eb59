//! What the answer to an accepted request shows.

use std::collections::BTreeMap;

use super::run::Prepared;
use super::server::{Effect, Server};
use super::shown::Known;
use super::state::Bound;
use crate::eval::{Env, Evaluator};
use crate::model::{EXISTS, Model, OperationRef, Place, RuleRef};
use crate::value::{Value, decimal_places};

/// What an answer is said to hold, by the rule and its part: one value for each
/// moment at which it must be the same. None: nothing is said of it, or, of a
/// faulty server, it isn't there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ensured(pub BTreeMap<(RuleRef, usize), Vec<Option<Value>>>);

impl Ensured {
    /// What is expected there, where it is the same at all moments.
    pub fn expected(&self, rule: RuleRef, part: usize) -> Option<&Value> {
        let values = self.0.get(&(rule, part))?;
        let first = values.first()?.as_ref()?;
        let is_steady = values.iter().all(|value| value.as_ref() == Some(first));
        is_steady.then_some(first)
    }

    /// Whether the answer of another server is never what this one expects.
    pub fn differs(&self, model: &Model, known: &Known<'_>, other: &Self) -> bool {
        let mut keys = self.0.keys();
        keys.any(|(rule, part)| self.differs_in((model, known), other, (*rule, *part)))
    }

    /// The same for one part of a rule.
    pub fn differs_in(
        &self,
        (model, known): (&Model, &Known<'_>),
        other: &Self,
        (rule, part): (RuleRef, usize),
    ) -> bool {
        let expected = self.expected(rule, part);
        let Some(expected) = expected.filter(|value| known.is_known(value)) else {
            return false;
        };
        let own = model.ensured(Place::Ensure(rule, part));
        let Some(relation) = own.map(|own| own.relation) else {
            return false;
        };
        let found = other.0.get(&(rule, part));
        found.is_some_and(|found| {
            found.iter().all(|found| match found {
                // Null shows as little as nothing.
                None => *expected != Value::Null,
                // Which value an answer has isn't said by an order.
                Some(found) => relation.determines() && found != expected,
            })
        })
    }
}

impl Server<'_> {
    /// What the answer to a request shows that this server accepts with that
    /// effect; `moments` are those at which it must be the same.
    pub fn ensured(
        self,
        operation: OperationRef,
        (bound, asked): (&Bound, &Prepared),
        effect: &Effect,
        moments: &[i128],
    ) -> Ensured {
        let mut ensures = self.model.ensures_at(operation).peekable();
        if ensures.peek().is_none() {
            return Ensured::default();
        }
        let after = self.after(operation, bound, effect);
        let mut evaluators: Vec<Evaluator<'_>> = moments
            .iter()
            .map(|now| {
                let env = Env {
                    after: &after,
                    ..asked.env(&bound.values, *now)
                };
                Evaluator::new(&self.model.arena, env)
            })
            .collect();
        let each = ensures.map(|(rule, part, _)| {
            let expr = self.model.patched(self.patch, Place::Ensure(rule, part));
            let is_there = bound.has_all(&self.model.rule(rule).needs);
            let values = evaluators.iter_mut().map(|evaluator| {
                let value = evaluator.eval(expr).ok().filter(|_| is_there)?;
                Some(value.get().clone()).filter(is_written)
            });
            ((rule, part), values.collect())
        });
        Ensured(each.collect())
    }

    /// What is remembered of the resources that a request is about, or makes,
    /// once it is accepted.
    fn after(self, operation: OperationRef, bound: &Bound, effect: &Effect) -> Vec<Option<Value>> {
        let mut values = bound.values.clone();
        for (changed, attribute, value) in &effect.changes {
            let mut steps = bound.steps.iter();
            let found = steps.find(|(_, step)| *step == changed);
            let slot = found.and_then(|(resource, _)| values.get_mut(resource.0 as usize));
            if let Some(Some(Value::Map(attributes))) = slot {
                attributes.insert(attribute.clone(), value.clone());
            }
        }
        let mut binds = self.model.operation(operation).binds.iter();
        if let Some(made) = &effect.created
            && binds.all(|bind| bind.resource != made.resource)
            && let Some(slot) = values.get_mut(made.resource.0 as usize)
        {
            *slot = Some(Value::Map(made.attributes.clone()));
        }
        let is_there = |value: &Value| value.get(EXISTS) != Some(&Value::Bool(false));
        let each = values.into_iter();
        each.map(|value| value.filter(is_there)).collect()
    }
}

/// Whether JSON can say a value with all its digits.
fn is_written(value: &Value) -> bool {
    match value {
        Value::Number(number) => decimal_places(number).is_some(),
        Value::List(items) => items.iter().all(is_written),
        Value::Map(members) => members.values().all(is_written),
        Value::Time(_) | Value::Duration(_) => false,
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}
