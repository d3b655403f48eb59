//! The right server and many faulty ones beside it, over requests that come one
//! by one and of which none is kept.

mod faulty;

pub use faulty::Shows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::detects::{Beside, Cell, Right, after, touches};
use super::guests::Guests;
use super::run::Prepared;
use super::server::{Effect, Server};
use super::shown::Known;
use super::state::State;
use super::{Ensured, Options, Seen, Sight, Verdict};
use crate::model::{Maker, Model, OperationRef, Patch, Phase, ResourceRef, Step, Trace};
use crate::value::{Members, Value};

/// The servers.
pub struct Live<'m> {
    model: &'m Model,
    patches: &'m [Patch],
    right: Patch,
    nothing: Trace,
    /// The patches, by position, that may make another thing of a request.
    touching: BTreeMap<OperationRef, Vec<usize>>,
}

/// What the servers remember of resources that have to do with each other.
#[derive(Clone, Debug)]
pub struct Memory {
    pub(super) right: State,
    /// That of faulty servers which remember something else.
    others: BTreeMap<usize, State>,
    /// Faulty servers of which nothing can be said any more.
    lost: BTreeSet<usize>,
}

/// One request.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What is called.
    pub operation: OperationRef,
    /// The request state.
    pub request: &'a Value,
    /// Its number among all, which names what it makes.
    pub step: usize,
    /// What its answer names what it makes by.
    pub key: Option<&'a Value>,
    /// When it was sent, as far as it is known; none: as the model has it.
    pub phase: Option<Phase>,
}

/// Whether a faulty server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attention {
    /// It is.
    Open,
    /// It needn't be, now and later.
    Closed,
    /// It can't be: what it reads of the request isn't known.
    Blind,
}

/// What the servers make of a request, and would remember.
#[derive(Debug)]
pub struct Answered {
    /// The right server's verdict.
    pub verdict: Verdict,
    /// The faulty servers whose answer is another one, by position.
    pub seen: Vec<(usize, Sight)>,
    /// What a right server shows of the resources, where it accepts.
    pub shown: Vec<Seen>,
    /// What its answer holds.
    pub ensured: Ensured,
    /// What faulty servers change in all resources of a kind, also in those that
    /// have nothing to do with the request.
    pub leaks: Vec<Leak>,
    memory: Memory,
}

/// A value that one faulty server, by position, gives an attribute of all resources
/// of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// The patch, by position.
    pub patch: usize,
    /// The kind.
    pub resource: ResourceRef,
    /// The attribute.
    pub attribute: Arc<str>,
    /// The value.
    pub value: Value,
}

impl Memory {
    /// Of servers that hold what is there before any request.
    pub fn new(model: &Model) -> Self {
        Self {
            right: State::at_first(model),
            others: BTreeMap::new(),
            lost: BTreeSet::new(),
        }
    }

    /// Both together; they have no resource in common but those of before.
    pub fn join(&mut self, other: Self) {
        let keys: BTreeSet<usize> = self
            .others
            .keys()
            .chain(other.others.keys())
            .copied()
            .collect();
        for patch in keys {
            let own = self.others.get(&patch).unwrap_or(&self.right).clone();
            let its = other.others.get(&patch).unwrap_or(&other.right).clone();
            self.others.insert(patch, joined(own, its));
        }
        self.right = joined(self.right.clone(), other.right);
        self.lost.extend(other.lost);
    }

    /// Forgets a resource: nothing is known of it any more.
    pub fn forget(&mut self, maker: Maker) {
        self.right.made.remove(&maker);
        for state in self.others.values_mut() {
            state.made.remove(&maker);
        }
    }

    /// Takes in what a faulty server changed elsewhere.
    pub fn leak(&mut self, leak: &Leak) {
        let right = &self.right;
        let own = self
            .others
            .entry(leak.patch)
            .or_insert_with(|| right.clone());
        let kind = own
            .made
            .values_mut()
            .filter(|own| own.resource == leak.resource);
        for instance in kind {
            instance
                .attributes
                .insert(leak.attribute.clone(), leak.value.clone());
        }
    }

    /// The same with resources and requests that have nothing to do with it.
    pub fn with(&self, guests: &Guests) -> Self {
        let mut all = self.clone();
        for state in std::iter::once(&mut all.right).chain(all.others.values_mut()) {
            guests.join(state);
        }
        all
    }

    /// Without them again.
    pub fn without(&mut self, before: &Self, guests: &Guests) {
        for state in std::iter::once(&mut self.right).chain(self.others.values_mut()) {
            guests.leave(state, &before.right);
        }
        // A faulty server that remembers something else of guests alone.
        let right = &self.right;
        self.others.retain(|_, own| own != right);
    }

    /// Forgets what faulty servers remember that needn't be looked at any more.
    pub fn keep(&mut self, is_open: impl Fn(usize) -> bool) {
        self.others.retain(|patch, _| is_open(*patch));
    }

    /// What a right server remembers of a resource.
    pub fn attributes(&self, maker: Maker) -> Option<&Members> {
        self.right.made.get(&maker).map(|own| &own.attributes)
    }

    /// What a resource is named by, as it was recorded.
    pub fn key(&self, maker: Maker) -> Option<&Value> {
        self.right.made.get(&maker)?.key.as_ref()
    }
}

fn joined(mut own: State, other: State) -> State {
    own.made.extend(other.made);
    own.accepted.extend(other.accepted);
    own.accepted.sort_by_key(|accepted| accepted.step);
    own
}

impl<'m> Live<'m> {
    /// The right server of a model, and those that patches make of it.
    pub fn new(model: &'m Model, patches: &'m [Patch]) -> Self {
        let touching = model.operation_refs().map(|(operation, _)| {
            let all = patches.iter().enumerate();
            let own = all.filter(|(_, patch)| touches(model, patch, operation));
            (operation, own.map(|(index, _)| index).collect())
        });
        Self {
            model,
            patches,
            right: Patch::default(),
            nothing: Trace { steps: Vec::new() },
            touching: touching.collect(),
        }
    }

    /// Asks the right server, and the faulty ones that have `attention`.
    pub fn ask(
        &self,
        memory: &Memory,
        asked: Asked<'_>,
        attention: impl Fn(usize) -> Attention,
    ) -> Answered {
        let step = Step {
            operation: asked.operation,
            request: asked.request.clone(),
        };
        let request = Prepared::new(self.model, &step);
        let options = Options {
            phase: asked.phase,
            ..Options::default()
        };
        let (cell, before) = (Cell::default(), memory.right.clone());
        let server = self.server(&self.right, options);
        let mut right = Right::ask(server, asked.operation, &request, before, &cell);
        name(&mut right.effect, asked.key);
        let beside = Beside {
            model: self.model,
            known: Known::new(self.model, &self.nothing),
        };
        let mut after_it = memory.clone();
        let (mut seen, mut leaks) = (Vec::new(), Vec::new());
        for index in self.concerned(memory, asked.operation) {
            if memory.lost.contains(&index) {
                continue;
            }
            match attention(index) {
                Attention::Open => {}
                Attention::Closed => continue,
                Attention::Blind => {
                    after_it.lost.insert(index);
                    continue;
                }
            }
            let Some(patch) = self.patches.get(index) else {
                continue;
            };
            let own = memory.others.get(&index);
            let server = self.server(patch, options);
            let (sight, mut effect) = beside.sight(server, &right, own);
            name(&mut effect, asked.key);
            match sight {
                Sight::Same => {}
                Sight::Lost => drop(after_it.lost.insert(index)),
                sight => seen.push((index, sight)),
            }
            leaks.extend(leaked(index, &effect));
            match after(&right, own.cloned(), asked.step, effect) {
                Some(state) => drop(after_it.others.insert(index, state)),
                None => drop(after_it.others.remove(&index)),
            }
        }
        let (shown, ensured) = (right.shown(server), right.ensured().clone());
        let verdict = right.verdict.clone();
        after_it.right.apply(asked.step, right.effect);
        Answered {
            verdict,
            seen,
            shown,
            ensured,
            leaks,
            memory: after_it,
        }
    }

    fn server<'s>(&'s self, patch: &'s Patch, options: Options<'s>) -> Server<'s> {
        Server {
            model: self.model,
            patch,
            options,
        }
    }

    /// The patches that may make another thing of a request to `operation`.
    fn concerned(&self, memory: &Memory, operation: OperationRef) -> BTreeSet<usize> {
        let touching = self.touching.get(&operation).into_iter().flatten();
        touching.chain(memory.others.keys()).copied().collect()
    }
}

impl Answered {
    /// What the servers remember once the request took effect.
    pub fn remembered(self) -> Memory {
        self.memory
    }
}

fn leaked(patch: usize, effect: &Effect) -> Vec<Leak> {
    let all = effect.everywhere.iter();
    let all = all.map(|(resource, attribute, value)| Leak {
        patch,
        resource: *resource,
        attribute: attribute.clone(),
        value: value.clone(),
    });
    all.collect()
}

/// Names what a request makes by the key that its answer gives.
fn name(effect: &mut Effect, key: Option<&Value>) {
    if let Some(created) = &mut effect.created {
        created.key = key.cloned();
    }
}
