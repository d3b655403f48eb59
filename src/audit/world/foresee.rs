//! Requests that nobody has answered yet.

use super::{World, is_blind, lacks, unclear};
use crate::audit::prepare::Ready;
use crate::model::OperationRef;
use crate::simulate::{Asked, Attention, Memory, Shows, Sight, Verdict};

/// What the right server and a faulty one say of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreseen {
    /// The right one's verdict.
    pub right: Verdict,
    /// The faulty one's.
    pub faulty: Verdict,
    /// How the two can be told apart.
    pub sight: Sight,
    /// What the faulty one's answer shows that the right one's doesn't.
    pub shown: Vec<Shows>,
}

impl World<'_, '_> {
    /// How the answers of the right server and of the faulty one at a position
    /// differ; none where they don't.
    ///
    /// # Errors
    /// Why nothing can be said of the request.
    pub fn foresee(&mut self, ready: &Ready, patch: usize) -> Result<Option<Foreseen>, String> {
        let mut ready = ready.clone();
        self.tell_time(&mut ready);
        if let Some(violation) = ready.violations.first() {
            return Err(format!("the schema refuses it: {violation}"));
        }
        let about = self.about(&ready);
        let watch = self.watch;
        let model = &watch.built.model;
        let needs = watch.needs(ready.operation);
        let problem = about.problem.clone();
        if let Some(problem) = problem.or_else(|| lacks(watch, &ready, needs)) {
            return Err(problem);
        }
        if is_blind(watch, &ready, patch) {
            return Err("the faulty server reads what isn't known of it".to_owned());
        }
        let (phase, step) = (self.phase(ready.at), self.step + 1);
        let looks_around = self.looks_around(ready.operation);
        let fresh = Memory::new(model);
        let group = match about.names.as_slice() {
            [] => None,
            names => Some(&*self.groups.gather(model, names)),
        };
        if looks_around && group.is_some_and(|group| group.is_blurred) {
            return Err("earlier requests that it has to do with couldn't be judged".to_owned());
        }
        let own = group.map_or(&fresh, |group| &group.memory);
        let together = looks_around.then(|| own.with(&self.guests));
        let memory = together.as_ref().unwrap_or(own);
        let asked = Asked {
            operation: ready.operation,
            request: &ready.request,
            step,
            key: None,
            phase,
        };
        let answered = watch.live.ask(memory, asked, |other| match other == patch {
            true => Attention::Open,
            false => Attention::Closed,
        });
        if let Some(problem) = unclear(watch, &answered.verdict) {
            return Err(problem);
        }
        let mut seen = answered.seen.iter();
        let sight = seen.find(|(other, _)| *other == patch);
        let faulty = sight.and_then(|_| watch.live.faulty(memory, asked, patch));
        let (_, right) = watch.live.right(memory, asked);
        Ok(sight
            .zip(faulty)
            .map(|((_, sight), (faulty, shows))| Foreseen {
                right: answered.verdict.clone(),
                faulty,
                sight: *sight,
                shown: others(shows, &right),
            }))
    }

    /// The number of the last request that was taken in.
    pub fn step(&self) -> usize {
        self.step
    }

    /// Whether what rules say of a request depends on others than what it names.
    fn looks_around(&self, operation: OperationRef) -> bool {
        let model = &self.watch.built.model;
        let ranges = &model.operation(operation).ranges;
        !ranges.is_empty() || model.across_at(operation).next().is_some()
    }
}

/// What is another value than the right server's, where that says anything.
fn others(shows: Vec<Shows>, right: &[Shows]) -> Vec<Shows> {
    let pairs = shows.into_iter().zip(right);
    let others = pairs.filter(|(own, right)| right.is_said && own.value != right.value);
    others.map(|(own, _)| own).collect()
}
