//! Resources and requests that a request has nothing to do with, on a right
//! server. Faulty ones may take them for others.

use std::collections::{BTreeMap, BTreeSet};

use super::live::Memory;
use super::state::{Accepted, Instance, State};
use crate::expr::{Fold, Node, Root};
use crate::model::{Maker, Model, ResourceRef};

/// How many resources of a kind are kept, the newest.
const RESOURCES: usize = 16;

/// How many requests to an operation are kept, the newest.
const REQUESTS: usize = 8;

/// The guests: a few are as good as all where rules ask whether there is one, or
/// whether something holds of all.
#[derive(Clone, Debug, Default)]
pub struct Guests {
    made: BTreeMap<Maker, Instance>,
    accepted: Vec<Accepted>,
    /// Kinds of which there are more than are kept.
    overfull: BTreeSet<ResourceRef>,
}

impl Guests {
    /// Takes in what others may meet of what is remembered.
    pub fn note(&mut self, model: &Model, memory: &Memory) {
        for (maker, instance) in &memory.right.made {
            if maker.step().is_some() && model.ranged.contains(&instance.resource) {
                self.made.insert(*maker, instance.clone());
                self.trim(model, instance.resource);
            }
        }
        for accepted in &memory.right.accepted {
            if !self.accepted.iter().any(|own| own.step == accepted.step) {
                self.accepted.push(accepted.clone());
                let same = |own: &&Accepted| own.operation == accepted.operation;
                let oldest = self.accepted.iter().filter(same).map(|own| own.step).min();
                if self.accepted.iter().filter(same).count() > REQUESTS {
                    self.accepted.retain(|own| Some(own.step) != oldest);
                }
            }
        }
    }

    /// Nothing is known any more of a resource.
    pub fn forget(&mut self, maker: Maker) {
        self.made.remove(&maker);
    }

    fn trim(&mut self, model: &Model, resource: ResourceRef) {
        let own = self.made.iter().filter(|(_, own)| own.resource == resource);
        let makers: Vec<Maker> = own.map(|(maker, _)| *maker).collect();
        if let Some(oldest) = makers.first().filter(|_| makers.len() > RESOURCES) {
            self.made.remove(oldest);
            if counts(model, resource) {
                self.overfull.insert(resource);
            }
        }
    }

    pub(super) fn join(&self, state: &mut State) {
        for (maker, instance) in &self.made {
            if !self.overfull.contains(&instance.resource) {
                state.made.entry(*maker).or_insert_with(|| instance.clone());
            }
        }
        for accepted in &self.accepted {
            if !state.accepted.iter().any(|own| own.step == accepted.step) {
                state.accepted.push(accepted.clone());
            }
        }
        state.accepted.sort_by_key(|own| own.step);
    }

    /// Takes them out of a state again which weren't in it before.
    pub(super) fn leave(&self, state: &mut State, before: &State) {
        state
            .made
            .retain(|maker, _| before.made.contains_key(maker) || !self.made.contains_key(maker));
        let is_own = |step: usize| before.accepted.iter().any(|own| own.step == step);
        let is_guest = |step: usize| self.accepted.iter().any(|own| own.step == step);
        state
            .accepted
            .retain(|own| is_own(own.step) || !is_guest(own.step));
    }
}

/// Whether something asks how many resources of a kind there are: a few are then
/// not as good as all.
fn counts(model: &Model, resource: ResourceRef) -> bool {
    let places = model.places().into_iter();
    let roots: Vec<_> = places.map(|place| model.expression(place).0).collect();
    let nodes = model.arena.reachable(&roots);
    let is_all = |id| model.arena.node(id) == &Node::Root(Root::All(resource.0));
    let quantified = nodes.iter().filter(|id| match model.arena.node(**id) {
        Node::Fold(Fold::All | Fold::Exists, list, _) => is_all(*list),
        _ => false,
    });
    let read = nodes.iter().flat_map(|id| model.arena.node(*id).children());
    read.filter(|id| is_all(*id)).count() > quantified.count()
}
