//! What one server says of a request that nobody has answered yet.

use super::{Asked, Live, Memory, Options, Prepared};
use crate::eval::Evaluator;
use crate::model::{Model, Relation, Step, step_of_key};
use crate::simulate::server::Server;
use crate::simulate::shown::entry_of;
use crate::simulate::{State, Verdict};
use crate::value::Value;

/// What is shown where only that something is there counts.
const SOMETHING: &str = "shown";

/// A place of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shows {
    /// Members (or item numbers) below its body.
    pub path: Vec<String>,
    /// What it holds; none: it isn't there.
    pub value: Option<Value>,
    /// Whether the server, as a right one, says anything of it.
    pub is_said: bool,
    /// Whether it is this value, not just something that compares so with one.
    pub is_exact: bool,
}

impl Live<'_> {
    /// The right server's verdict, and what its answer shows where it accepts.
    pub fn right(&self, memory: &Memory, asked: Asked<'_>) -> (Verdict, Vec<Shows>) {
        let server = self.server(&self.right, options(asked));
        self.told(server, &memory.right, asked)
    }

    /// The same of the faulty server at a position.
    pub fn faulty(
        &self,
        memory: &Memory,
        asked: Asked<'_>,
        patch: usize,
    ) -> Option<(Verdict, Vec<Shows>)> {
        let server = self.server(self.patches.get(patch)?, options(asked));
        let state = memory.others.get(&patch).unwrap_or(&memory.right);
        Some(self.told(server, state, asked))
    }

    fn told(&self, server: Server<'_>, state: &State, asked: Asked<'_>) -> (Verdict, Vec<Shows>) {
        let operation = self.model.operation(asked.operation);
        let bound = state.bind(self.model, operation, asked.request);
        let step = Step {
            operation: asked.operation,
            request: asked.request.clone(),
        };
        let request = Prepared::new(self.model, &step);
        let moments = server.moments();
        let evaluators = moments.iter();
        let evaluators =
            evaluators.map(|now| Evaluator::new(&self.model.arena, request.env(&bound, *now)));
        let (verdict, effect) = server.judge_steadily(asked.operation, &bound, evaluators);
        if verdict != Verdict::Accept {
            return (verdict, Vec::new());
        }
        let seen = server.seen(asked.operation, &bound, &verdict);
        let seen = seen.into_iter().filter_map(|seen| {
            Some(Shows {
                path: entry_of(self.model, &seen)?.path.clone(),
                is_exact: seen
                    .value
                    .as_ref()
                    .is_none_or(|own| is_exact(self.model, own)),
                value: seen.value,
                is_said: true,
            })
        });
        let ensured = server.ensured(asked.operation, (&bound, &request), &effect, &moments);
        let parts = self.model.ensures_at(asked.operation);
        let parts = parts.map(|(rule, part, own)| {
            let values = ensured.0.get(&(rule, part));
            let value = values.and_then(|values| values.first().cloned().flatten());
            let is_nothing = own.relation == Relation::Has && value == Some(Value::Bool(false));
            let is_value = own.relation == Relation::Eq
                && value.as_ref().is_none_or(|own| is_exact(self.model, own));
            Shows {
                path: own.path.clone(),
                is_said: value.is_some(),
                is_exact: is_nothing || is_value,
                value: shown(own.relation, value),
            }
        });
        let shows = seen.chain(parts).collect();
        (verdict, shows)
    }
}

/// What stands where it compares so with a value.
fn shown(relation: Relation, value: Option<Value>) -> Option<Value> {
    match relation {
        Relation::Eq => value,
        Relation::Has if value == Some(Value::Bool(false)) => None,
        _ => value.map(|_| Value::string(SOMETHING)),
    }
}

/// Whether a value is one that an answer can hold: what stands for keys, and for
/// values of the server under test, isn't.
fn is_exact(model: &Model, value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().all(|item| is_exact(model, item)),
        Value::Map(members) => members.iter().all(|(_, own)| is_exact(model, own)),
        Value::String(text) => {
            let mut values = model.values.iter().filter_map(|own| own.stand_in.as_str());
            let holds_value = values.any(|own| !own.is_empty() && text.contains(own));
            !holds_value && step_of_key(value).is_none() && model.maker_of(value).is_none()
        }
        other => model.values.iter().all(|own| own.stand_in != *other),
    }
}

fn options(asked: Asked<'_>) -> Options<'static> {
    Options {
        phase: asked.phase,
        ..Options::default()
    }
}
