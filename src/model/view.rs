//! `view`: answers that show what the server remembers.

use std::collections::{BTreeMap, BTreeSet};

use super::{EXISTS, Model, OperationRef, Patch, Place, ResourceRef};
use crate::expr::{ExprId, Node, Op, Root};
use crate::source::Span;

/// The answer that shows attributes of a resource. The request changes nothing
/// and names one resource of the kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// What is called.
    pub operation: OperationRef,
    /// What the answer shows.
    pub shown: Vec<Viewed>,
    /// Where the rule file says so.
    pub span: Span,
}

/// An attribute in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewed {
    /// Its position among the attributes of the resource.
    pub attribute: usize,
    /// The read of it at the operation.
    pub expr: ExprId,
    /// Members (or item numbers) below the answer's body.
    pub path: Vec<String>,
    /// How what is there is compared with what is remembered.
    pub compared: Compared,
    /// Where the rule file says so.
    pub span: Span,
}

/// How a remembered value is compared with the one in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// As JSON; numbers by value.
    AsJson,
    /// As numbers: the answer may write one as a text.
    AsNumbers,
    /// As moments: the answer may write one in another way.
    AsMoments,
}

/// An attribute of a resource, by its position.
pub type AttributeRef = (ResourceRef, usize);

impl Model {
    /// The resources whose state the answers of `operation` show.
    pub fn views_at(
        &self,
        operation: OperationRef,
    ) -> impl Iterator<Item = (ResourceRef, &View)> + '_ {
        let all = self.resource_refs();
        let views = all.filter_map(|(resource, found)| Some((resource, found.view.as_ref()?)));
        views.filter(move |(_, view)| view.operation == operation)
    }

    /// What cases are filed under that end with the view of a resource:
    /// `payment-view`, where no rule has that id.
    pub fn view_id(&self, resource: ResourceRef) -> String {
        let found = self.resource(resource);
        let short = format!("{}-view", found.name);
        let is_taken = |id: &str| {
            self.rules
                .iter()
                .any(|rule| rule.id == id || rule.rule == id)
        };
        match &found.view {
            Some(view) if is_taken(&short) => {
                format!("{short}@{}", self.operation(view.operation).id)
            }
            _ => short,
        }
    }

    /// The operations whose answers can show what a patch changes of the state,
    /// with the reads of the attributes there.
    pub fn views_of(&self, patch: &Patch) -> BTreeMap<OperationRef, BTreeSet<ExprId>> {
        let mut found: BTreeMap<OperationRef, BTreeSet<ExprId>> = BTreeMap::new();
        if self.resources.iter().all(|own| own.view.is_none()) {
            return found;
        }
        let reached = self.reached_by(patch.0.keys().copied());
        for (resource, own) in self.resource_refs() {
            if let Some(view) = &own.view {
                let shown = view.shown.iter();
                let shown = shown.filter(|own| reached.contains(&(resource, own.attribute)));
                let mut shown = shown.map(|own| own.expr).peekable();
                if shown.peek().is_some() {
                    found.entry(view.operation).or_default().extend(shown);
                }
            }
        }
        found
    }

    /// The attributes that what stands at `changed` gets into: those that it is
    /// the value of, and all that are made from them.
    pub fn reached_by(&self, changed: impl IntoIterator<Item = Place>) -> BTreeSet<AttributeRef> {
        let changed = changed.into_iter();
        let mut reached: BTreeSet<AttributeRef> =
            changed.filter_map(|place| self.written_at(place)).collect();
        if reached.is_empty() {
            return reached;
        }
        let places = self.places().into_iter();
        let written = places.filter_map(|place| Some((place, self.written_at(place)?)));
        let written: Vec<(BTreeSet<AttributeRef>, AttributeRef)> = written
            .map(|(place, target)| (self.attributes_read(self.expression(place).0), target))
            .collect();
        loop {
            let before = reached.len();
            // Whether a resource is there decides all that is read of it.
            let gone: Vec<ResourceRef> = reached
                .iter()
                .filter(|own| self.is_existence(**own))
                .map(|(resource, _)| *resource)
                .collect();
            for resource in gone {
                let all = 0..self.resource(resource).attributes.len();
                reached.extend(all.map(|attribute| (resource, attribute)));
            }
            for (reads, target) in &written {
                if !reads.is_disjoint(&reached) {
                    reached.insert(*target);
                }
            }
            if reached.len() == before {
                return reached;
            }
        }
    }

    /// Whether an attribute says if a resource is there.
    pub fn is_existence(&self, (resource, attribute): AttributeRef) -> bool {
        let found = self.resource(resource).attributes.get(attribute);
        found.is_some_and(|found| found.name == EXISTS)
    }

    /// The attributes that rules of an operation read.
    pub fn attributes_judged(&self, operation: OperationRef) -> BTreeSet<AttributeRef> {
        let rules = self.operation(operation).rules.iter();
        rules
            .flat_map(|rule| self.attributes_read(self.rule(*rule).expr))
            .collect()
    }

    /// The attributes that an expression reads.
    pub fn attributes_read(&self, root: ExprId) -> BTreeSet<AttributeRef> {
        let resource = |id: ExprId| match self.arena.node(id) {
            Node::Root(Root::Resource(index)) => Some(ResourceRef(*index)),
            _ => None,
        };
        let named = |resource: ResourceRef, name: &str| {
            let mut own = self.resource(resource).attributes.iter();
            Some((resource, own.position(|own| own.name == name)?))
        };
        let nodes = self.arena.reachable(&[root]);
        let read = nodes.iter().filter_map(|id| match self.arena.node(*id) {
            Node::Get(base, name) | Node::Has(base, name) => named(resource(*base)?, name),
            Node::Call(Op::Exists, of) => named(resource(*of.first()?)?, EXISTS),
            _ => None,
        });
        let mut read: BTreeSet<AttributeRef> = read.collect();
        for id in &nodes {
            // Items of all that there are: any attribute of them may be read.
            if let Node::Root(Root::All(index)) = self.arena.node(*id) {
                let resource = ResourceRef(*index);
                let all = 0..self.resource(resource).attributes.len();
                read.extend(all.map(|attribute| (resource, attribute)));
            }
        }
        read
    }
}
