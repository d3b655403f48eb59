//! What one server says of a request that nobody has answered yet.

use std::collections::BTreeMap;

use super::{Asked, Live, Memory, Options, Prepared};
use crate::eval::Evaluator;
use crate::model::{Relation, Step};
use crate::simulate::server::Server;
use crate::simulate::shown::entry_of;
use crate::simulate::{State, Verdict};
use crate::value::Value;

/// Places of an answer, as members below its body, and what they show; none: a
/// place isn't there.
pub type Shows = BTreeMap<Vec<String>, Option<Value>>;

impl Live<'_> {
    /// The right server's verdict, and what its answer shows where it accepts.
    pub fn right(&self, memory: &Memory, asked: Asked<'_>) -> (Verdict, Shows) {
        let server = self.server(&self.right, options(asked));
        self.told(server, &memory.right, asked)
    }

    /// The same of the faulty server at a position.
    pub fn faulty(
        &self,
        memory: &Memory,
        asked: Asked<'_>,
        patch: usize,
    ) -> Option<(Verdict, Shows)> {
        let server = self.server(self.patches.get(patch)?, options(asked));
        let state = memory.others.get(&patch).unwrap_or(&memory.right);
        Some(self.told(server, state, asked))
    }

    fn told(&self, server: Server<'_>, state: &State, asked: Asked<'_>) -> (Verdict, Shows) {
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
        let mut shows = Shows::new();
        if verdict != Verdict::Accept {
            return (verdict, shows);
        }
        for seen in server.seen(asked.operation, &bound, &verdict) {
            if let Some(viewed) = entry_of(self.model, &seen) {
                shows.insert(viewed.path.clone(), seen.value);
            }
        }
        let ensured = server.ensured(asked.operation, (&bound, &request), &effect, &moments);
        for (rule, part, own) in self.model.ensures_at(asked.operation) {
            let values = ensured.0.get(&(rule, part));
            let value = values.and_then(|values| values.first().cloned().flatten());
            let value = match (own.relation, value) {
                (Relation::Eq, value) => value,
                // A value that does is already there.
                (_, None | Some(Value::Bool(false))) => None,
                _ => continue,
            };
            shows.insert(own.path.clone(), value);
        }
        (verdict, shows)
    }
}

fn options(asked: Asked<'_>) -> Options<'static> {
    Options {
        phase: asked.phase,
        ..Options::default()
    }
}
