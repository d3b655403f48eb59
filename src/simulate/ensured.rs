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
                    ..asked.env(bound, *now)
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
        let mut values = bound.read.bound.clone();
        for (changed, attribute, value) in &effect.changes {
            let mut makers = bound.makers.iter();
            let found = makers.find(|(_, maker)| *maker == changed);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::expr::{Node, Op, Root, Type};
    use crate::model::{Patch, Step, Trace, build};
    use crate::rulefile::RuleFile;
    use crate::simulate::{Detection, Look, Options, detect, run};
    use crate::source::{Diagnostics, Sources};

    const API: &str = r#"{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {
        "/carts": {"post": {"operationId": "create", "requestBody": {"required": true, "content":
            {"application/json": {"schema": {"type": "object", "required": ["a"], "properties":
            {"a": {"type": "integer"}, "b": {"type": "integer"}}}, "example": {"a": 1}}}},
            "responses": {"201": {"description": "made"}}}},
        "/carts/{id}/items": {"post": {"operationId": "add", "parameters": [{"name": "id", "in":
            "path", "required": true, "schema": {"type": "string"}}], "requestBody": {"required":
            true, "content": {"application/json": {"schema": {"type": "object", "required": ["a"],
            "properties": {"a": {"type": "integer"}}}, "example": {"a": 1}}}},
            "responses": {"200": {"description": "added"}}}}}}"#;

    const RULES: &str = r#"
crossfield: 1
api: api.json
resources: {cart: {createdBy: create, key: response.body.id, state: {sum: {init: body.a}}}}
operations: {add: {bind: {cart: path.id}, set: {cart.sum: cart.sum + body.a}}}
rules:
  - {id: few, operation: add, rule: cart.sum + body.a <= 100}
  - id: answer
    operation: add
    ensure: >-
      response.body.sum == cart.sum && response.body.before == old(cart.sum) &&
      response.body.sum >= body.a && response.body.third == body.a / 3.0
  - {id: made, operation: create, ensure: response.body.sum == cart.sum && response.body.b == body.b}
"#;

    fn model() -> Model {
        let mut sources = Sources::new();
        let api = sources.add("api.json", API);
        let rules = sources.add("t.rules.yaml", RULES);
        let document = Document::read(&sources, api).unwrap();
        let (parsed, mut findings) = RuleFile::parse(&sources, rules);
        let built = build(&document, &parsed.unwrap(), 0, &mut findings);
        let told: Diagnostics = findings;
        built
            .unwrap_or_else(|| panic!("{}", told.render_human(&sources, false)))
            .model
    }

    fn object(members: &[(&str, Value)]) -> Value {
        let members = members.iter();
        Value::Map(
            members
                .map(|(key, value)| ((*key).into(), value.clone()))
                .collect(),
        )
    }

    fn trace(model: &Model, amounts: &[i64]) -> Trace {
        let steps = amounts.iter().enumerate().map(|(index, amount)| {
            let body = ("body", object(&[("a", Value::int(*amount))]));
            let path = ("path", object(&[("id", crate::model::resource_key(0))]));
            let (name, request) = match index {
                0 => ("create", object(&[body])),
                _ => ("add", object(&[path, body])),
            };
            Step {
                operation: model.operation_named(name).unwrap(),
                request,
            }
        });
        Trace {
            steps: steps.collect(),
        }
    }

    fn rule(model: &Model, id: &str) -> RuleRef {
        let mut rules = model.rule_refs();
        rules.find(|(_, rule)| rule.id == id).unwrap().0
    }

    /// What the last answer to a trace has to say by a rule, part by part.
    fn told(model: &Model, trace: &Trace, id: &str) -> Vec<Option<Value>> {
        let run = run(model, &Patch::default(), trace, Options::default());
        let last = run.ensured.last().unwrap();
        let rule = rule(model, id);
        let parts = 0..model.rule(rule).ensures.len();
        parts
            .map(|part| last.expected(rule, part).cloned())
            .collect()
    }

    #[test]
    fn answers_show_the_state_behind_the_request() {
        let model = model();
        let int = |value| Some(Value::int(value));
        let one = trace(&model, &[5]);
        // What is absent says nothing.
        assert_eq!(told(&model, &one, "made"), [int(5), None]);
        let two = trace(&model, &[5, 7]);
        // No number of JSON is a third of 7.
        assert_eq!(
            told(&model, &two, "answer"),
            [int(12), int(5), int(7), None]
        );
        let third = trace(&model, &[5, 6]);
        assert_eq!(told(&model, &third, "answer")[3], int(2));
        // It is refused.
        let refused = trace(&model, &[5, 96]);
        assert_eq!(told(&model, &refused, "answer"), [None, None, None, None]);
    }

    #[test]
    fn other_answers_are_seen_where_both_servers_accept() {
        let mut model = model();
        let (answer, add) = (
            rule(&model, "answer"),
            model.operation_named("add").unwrap(),
        );
        let two = trace(&model, &[5, 7]);
        let seen = |model: &Model, patch: Patch| detect(model, &two, &patch, Look::First);
        let at = |step| {
            Some(Detection {
                step,
                by_status: false,
                by_view: true,
            })
        };
        let expr = |model: &Model, part| model.expression(Place::Ensure(answer, part)).0;
        let (sum, before, order) = (expr(&model, 0), expr(&model, 1), expr(&model, 2));
        let stale = Patch([(Place::Ensure(answer, 0), before)].into());
        assert_eq!(seen(&model, stale), at(1));
        // An order leaves the value open, but there must be one.
        let other = Patch([(Place::Ensure(answer, 2), sum)].into());
        assert_eq!(seen(&model, other), None);
        let never = model.arena.boolean(false);
        let nothing = model.arena.call(Op::Where, &[never, order], Type::Int);
        let nothing = Patch([(Place::Ensure(answer, 2), nothing)].into());
        assert_eq!(seen(&model, nothing), at(1));
        // A change that is forgotten shows at once.
        let root = model
            .arena
            .add(Node::Root(Root::Resource(0)), Type::Resource(0));
        let old = model.arena.add(Node::Get(root, "sum".into()), Type::Int);
        let forgotten = Patch([(Place::Set(add, 0), old)].into());
        assert_eq!(seen(&model, forgotten.clone()), at(1));
        // That others change as well isn't shown by the answer about this one.
        let always = model.arena.boolean(true);
        let leaked = Patch([(Place::Everywhere(add, 0), always)].into());
        assert_eq!(seen(&model, leaked), None);
        // Nothing is said before somebody adds something.
        let one = trace(&model, &[5]);
        assert_eq!(detect(&model, &one, &forgotten, Look::First), None);
    }
}
