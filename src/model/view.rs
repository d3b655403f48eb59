//! `view`: answers that show what the server remembers.

use std::collections::BTreeSet;

use super::{Model, OperationRef, Place, ResourceRef};
use crate::expr::{Node, Root};
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

    /// What the server remembers that `changed` gets into: those attributes, and
    /// all whose new or first values are made from them.
    pub fn reached_by(
        &self,
        changed: &BTreeSet<(ResourceRef, usize)>,
    ) -> BTreeSet<(ResourceRef, usize)> {
        let mut reached = changed.clone();
        loop {
            let before = reached.len();
            for place in self.places() {
                let Some(target) = self.written_at(place) else {
                    continue;
                };
                if !reached.contains(&target) && self.reads_any(place, &reached) {
                    reached.insert(target);
                }
            }
            if reached.len() == before {
                return reached;
            }
        }
    }

    /// Whether the expression at a place reads one of these attributes.
    fn reads_any(&self, place: Place, attributes: &BTreeSet<(ResourceRef, usize)>) -> bool {
        let (root, _) = self.expression(place);
        let nodes = self.arena.reachable(&[root]);
        nodes.into_iter().any(|id| {
            let Node::Get(base, name) = self.arena.node(id) else {
                return false;
            };
            let Node::Root(Root::Resource(index)) = self.arena.node(*base) else {
                return false;
            };
            let resource = ResourceRef(*index);
            let mut own = self.resource(resource).attributes.iter();
            let position = own.position(|own| *own.name == **name);
            position.is_some_and(|position| attributes.contains(&(resource, position)))
        })
    }
}
