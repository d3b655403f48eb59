//! What a server remembers between the requests of a trace.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::eval::Remembered;
use crate::model::{EXISTS, KEY, Maker, Model, Operation, OperationRef, ResourceRef};
use crate::value::{Members, Value, print_number};

/// One resource that a server holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Of which kind.
    pub resource: ResourceRef,
    /// Its attributes that have a value.
    pub attributes: Members,
    /// What requests name it by that were sent; none: what stands for it.
    pub key: Option<Value>,
}

/// What a server remembers: resources by what they come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The resources.
    pub made: BTreeMap<Maker, Instance>,
    /// The requests that rules about later ones read, as far as they were
    /// accepted as new ones.
    pub accepted: Vec<Accepted>,
}

/// A request that was accepted, or is remembered as if.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The step (from 0).
    pub step: usize,
    /// Its operation.
    pub operation: OperationRef,
    /// The request as rules read it.
    pub request: Arc<Value>,
    /// Whether it was refused: only faulty servers remember such.
    pub is_refused: bool,
}

/// The resources that one request is about, those that are there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bound {
    /// By [`ResourceRef`], what the instance comes from.
    pub makers: BTreeMap<ResourceRef, Maker>,
    /// What rules read of them, and of all that there are.
    pub read: Remembered,
    /// The earlier requests that rules about several may be about.
    pub earlier: Vec<Accepted>,
}

impl State {
    /// What every server remembers before the first request of a test.
    pub fn at_first(model: &Model) -> Self {
        let made = model.existing.iter().enumerate().map(|(index, own)| {
            let instance = Instance {
                resource: own.resource,
                attributes: own.attributes.clone(),
                key: None,
            };
            (Maker::Before(index), instance)
        });
        Self {
            made: made.collect(),
            accepted: Vec::new(),
        }
    }

    /// Finds the resources that `request` names, as far as they are there.
    pub(super) fn bind(&self, model: &Model, operation: &Operation, request: &Value) -> Bound {
        let mut bound = Bound {
            makers: BTreeMap::new(),
            read: Remembered {
                bound: vec![None; model.resources.len()],
                all: self.all(model),
            },
            earlier: self.accepted.clone(),
        };
        for bind in &operation.binds {
            let named = bind.location.read(request);
            let named = named.and_then(|key| self.maker_of(model, bind.resource, key));
            let found = named.and_then(|maker| Some((maker, self.made.get(&maker)?)));
            let found = found.filter(|(_, instance)| instance.resource == bind.resource);
            if let Some((maker, instance)) = found.filter(|(_, instance)| instance.exists()) {
                bound.makers.insert(bind.resource, maker);
                if let Some(slot) = bound.read.bound.get_mut(bind.resource.0 as usize) {
                    *slot = Some(instance.value(model, maker));
                }
            }
        }
        bound
    }
}

impl State {
    /// The resource that a key names: what stands for it, or its own.
    fn maker_of(&self, model: &Model, resource: ResourceRef, key: &Value) -> Option<Maker> {
        model.maker_of(key).or_else(|| {
            let mut made = self.made.iter().rev();
            let found = made.find(|(_, own)| {
                let is_named = own.key.as_ref().is_some_and(|own| is_same_key(own, key));
                is_named && own.resource == resource
            });
            found.map(|(maker, _)| *maker)
        })
    }

    /// All resources that there are, in the order in which they were made, those
    /// first that were there before: a list for each kind that rules range over.
    fn all(&self, model: &Model) -> Vec<Value> {
        let mut all = vec![Vec::new(); model.resources.len()];
        for (maker, instance) in &self.made {
            let is_read = model.ranged.contains(&instance.resource);
            if let Some(list) = all.get_mut(instance.resource.0 as usize)
                && is_read
                && instance.exists()
            {
                list.push(instance.value(model, *maker));
            }
        }
        all.into_iter().map(Value::List).collect()
    }

    /// The earlier requests that rules about several may be about, in the order
    /// of their operations: the first choice that `belongs`, if there is one. Of
    /// refused requests those count that a faulty server remembers.
    pub fn choice(
        &self,
        operations: &[OperationRef],
        mut belongs: impl FnMut(&[&Value]) -> bool,
    ) -> Vec<Value> {
        let bound = Bound {
            earlier: self.accepted.clone(),
            ..Bound::default()
        };
        let choices = bound.choices(operations, true).into_iter();
        let mut requests = choices.map(|choice| -> Vec<&Value> {
            let own = choice.into_iter();
            own.map(|accepted| &*accepted.request).collect()
        });
        let found = requests.find(|requests| belongs(requests));
        found.unwrap_or_default().into_iter().cloned().collect()
    }
}

/// Whether two keys name the same: paths write numbers as texts.
fn is_same_key(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(number), Value::String(text))
        | (Value::String(text), Value::Number(number)) => print_number(number) == **text,
        _ => a == b,
    }
}

impl Instance {
    /// What rules read of it.
    fn value(&self, model: &Model, maker: Maker) -> Value {
        let mut members = self.attributes.clone();
        let key = self.key.clone();
        members.insert(KEY.into(), key.unwrap_or_else(|| model.key_of(maker)));
        Value::Map(members)
    }

    /// Whether it hasn't been deleted.
    pub fn exists(&self) -> bool {
        self.attributes.get(EXISTS) != Some(&Value::Bool(false))
    }
}

impl Bound {
    /// Every choice of earlier requests to these operations, in their order; also
    /// of refused ones that are remembered, if these count.
    pub fn choices(
        &self,
        operations: &[OperationRef],
        counts_refused: bool,
    ) -> Vec<Vec<&Accepted>> {
        let mut chosen: Vec<Vec<&Accepted>> = vec![Vec::new()];
        for operation in operations {
            let longer = chosen.iter().flat_map(|before| {
                let last = before.last().map(|last| last.step);
                let later = self.earlier.iter();
                let later = later.filter(move |own| {
                    own.operation == *operation
                        && last.is_none_or(|last| own.step > last)
                        && (counts_refused || !own.is_refused)
                });
                later.map(|own| [before.as_slice(), &[own]].concat())
            });
            chosen = longer.collect();
        }
        chosen
    }

    /// Whether all the resources are there.
    pub fn has_all(&self, resources: &[ResourceRef]) -> bool {
        let mut resources = resources.iter();
        resources.all(|resource| self.makers.contains_key(resource))
    }
}
