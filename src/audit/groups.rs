//! Resources that have to do with each other, and what servers remember of them.
//!
//! Requests that name a common resource, or share a text by which requests belong
//! together, are one group; all others can't be of any matter to them. So what is
//! remembered is looked up and copied in small parts.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::model::{Maker, Model, ResourceRef};
use crate::simulate::{Leak, Memory};

/// Groups that are kept. Of those that weren't asked for longest, what they hold
/// is unknown from then on.
const MOST: usize = 20_000;

/// What requests share that belong to one group.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Name {
    /// A resource by its key.
    Key(ResourceRef, String),
    /// A text by which requests belong together, and its template.
    Text(String, String),
    /// A resource that is there before any request, and that requests change.
    Before(Maker),
    /// All resources of a kind.
    All(ResourceRef),
}

/// What is known of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// All.
    Made(Maker),
    /// Nothing, though it is there.
    Unknown,
}

/// A group.
#[derive(Clone, Debug)]
pub struct Group {
    /// What the servers remember.
    pub memory: Memory,
    /// Whether something was made or changed in it that isn't known.
    pub is_blurred: bool,
    names: Vec<Name>,
    keys: HashMap<Name, Holding>,
    used: u64,
}

/// All groups.
#[derive(Debug, Default)]
pub struct Groups {
    all: HashMap<u64, Group>,
    by_name: HashMap<Name, u64>,
    by_use: BTreeMap<u64, u64>,
    clock: u64,
    /// What faulty servers changed last in all resources of a kind, and when.
    leaks: BTreeMap<Leaking, (u64, Leak)>,
}

/// A patch, by position, a kind and an attribute.
type Leaking = (usize, ResourceRef, Arc<str>);

impl Groups {
    /// Takes in what faulty servers change everywhere; groups learn of it when they
    /// are asked for.
    pub fn leak(&mut self, leaks: Vec<Leak>) {
        for leak in leaks {
            let key = (leak.patch, leak.resource, leak.attribute.clone());
            self.leaks.insert(key, (self.clock, leak));
        }
    }

    /// Forgets what needn't be looked at any more.
    pub fn keep(&mut self, is_open: impl Fn(usize) -> bool) {
        self.leaks.retain(|(patch, ..), _| is_open(*patch));
    }

    /// What is known of a resource that was seen.
    pub fn holding(&self, name: &Name) -> Option<Holding> {
        let group = self.all.get(self.by_name.get(name)?)?;
        group.keys.get(name).copied()
    }

    /// One group of all that have one of the names, a new one where there is
    /// none; it has all of the names.
    pub fn gather(&mut self, model: &Model, names: &[Name]) -> &mut Group {
        self.clock += 1;
        let mut ids: Vec<u64> = names
            .iter()
            .filter_map(|name| self.by_name.get(name).copied())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let mut own: Option<Group> = None;
        for id in ids {
            let Some(mut group) = self.all.remove(&id) else {
                continue;
            };
            for (at, leak) in self.leaks.values() {
                // One's own change was known at once.
                if *at > group.used {
                    group.memory.leak(leak);
                }
            }
            self.by_use.remove(&group.used);
            match &mut own {
                None => own = Some(group),
                Some(own) => own.join(group),
            }
        }
        let id = self.clock;
        let mut group = own.unwrap_or_else(|| Group::new(model));
        group.used = self.clock;
        for name in names {
            if !group.names.contains(name) {
                group.names.push(name.clone());
            }
        }
        for name in &group.names {
            self.by_name.insert(name.clone(), id);
        }
        self.by_use.insert(self.clock, id);
        self.all.entry(id).or_insert(group)
    }

    /// Says what is known of a resource of the group that has one of the names.
    pub fn hold(&mut self, model: &Model, names: &[Name], key: Name, holding: Holding) {
        let mut all = names.to_vec();
        all.push(key.clone());
        let group = self.gather(model, &all);
        group.keys.insert(key, holding);
    }

    /// A name means something else from now on.
    pub fn release(&mut self, name: &Name) {
        let id = self.by_name.remove(name);
        if let Some(group) = id.and_then(|id| self.all.get_mut(&id)) {
            group.names.retain(|own| own != name);
            group.keys.remove(name);
        }
    }

    /// Drops what wasn't asked for longest, where there is too much.
    pub fn shrink(&mut self) {
        while self.all.len() > MOST {
            let Some((_, id)) = self.by_use.pop_first() else {
                return;
            };
            for name in self.all.remove(&id).into_iter().flat_map(|own| own.names) {
                self.by_name.remove(&name);
            }
        }
    }
}

impl Group {
    fn new(model: &Model) -> Self {
        Self {
            memory: Memory::new(model),
            is_blurred: false,
            names: Vec::new(),
            keys: HashMap::new(),
            used: 0,
        }
    }

    fn join(&mut self, other: Self) {
        self.memory.join(other.memory);
        self.is_blurred |= other.is_blurred;
        self.names.extend(other.names);
        self.keys.extend(other.keys);
    }
}
