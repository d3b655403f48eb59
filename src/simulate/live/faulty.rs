//! What one faulty server says of a request that nobody has answered yet.

use super::{Asked, Live, Memory, Options, Prepared};
use crate::eval::Evaluator;
use crate::model::Step;
use crate::simulate::Verdict;

impl Live<'_> {
    /// The verdict of the faulty server at a position.
    pub fn faulty(&self, memory: &Memory, asked: Asked<'_>, patch: usize) -> Option<Verdict> {
        let server = self.server(
            self.patches.get(patch)?,
            Options {
                phase: asked.phase,
                ..Options::default()
            },
        );
        let state = memory.others.get(&patch).unwrap_or(&memory.right);
        let operation = self.model.operation(asked.operation);
        let bound = state.bind(self.model, operation, asked.request);
        let request = Prepared::new(
            self.model,
            &Step {
                operation: asked.operation,
                request: asked.request.clone(),
            },
        );
        let moments = server.moments().into_iter();
        let evaluators =
            moments.map(|now| Evaluator::new(&self.model.arena, request.env(&bound, now)));
        Some(server.judge_steadily(asked.operation, &bound, evaluators).0)
    }
}
