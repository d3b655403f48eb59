//! Requests that nobody has answered yet.

use std::cell::RefCell;

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
    /// What the faulty one's answer shows: where the right one accepts, too, only
    /// what that shows otherwise.
    pub shown: Vec<Shows>,
}

/// What faulty servers, by their positions, say of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foresight {
    /// Those that can be told apart from the right one.
    pub apart: Vec<(usize, Foreseen)>,
    /// Those that read of it what isn't known.
    pub blind: Vec<usize>,
}

impl World<'_, '_> {
    /// How the answers of the right server and of faulty ones differ.
    ///
    /// # Errors
    /// Why nothing can be said of the request.
    pub fn foresee(&mut self, ready: &Ready) -> Result<Foresight, String> {
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
        let blind = RefCell::new(Vec::new());
        let answered = watch.live.ask(memory, asked, |patch| {
            if !is_blind(watch, &ready, patch) {
                return Attention::Open;
            }
            blind.borrow_mut().push(patch);
            Attention::Closed
        });
        if let Some(problem) = unclear(watch, &answered.verdict) {
            return Err(problem);
        }
        let (_, right) = watch.live.right(memory, asked);
        let apart = answered.seen.iter().filter_map(|(patch, sight)| {
            let (faulty, shows) = watch.live.faulty(memory, asked, *patch)?;
            let foreseen = Foreseen {
                right: answered.verdict.clone(),
                faulty,
                sight: *sight,
                shown: match answered.verdict {
                    Verdict::Accept => others(shows, &right),
                    _ => said(shows),
                },
            };
            Some((*patch, foreseen))
        });
        Ok(Foresight {
            apart: apart.collect(),
            blind: blind.into_inner(),
        })
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

/// What a server says something of, value by value.
fn said(shows: Vec<Shows>) -> Vec<Shows> {
    let said = shows.into_iter().filter(|own| own.is_said && own.is_exact);
    said.collect()
}
