//! From places in the document to the arena of schemas.

use std::collections::{BTreeMap, VecDeque};

use super::bundle::Bundle;
use super::draft::{Draft, Key};
use super::resolve::Resolving;
use super::schema::{Schema, SchemaId, Schemas};
use super::{combine, keywords, reference};
use crate::source::{Code, Diagnostic, Diagnostics};
use crate::text::Format;
use crate::tree::Node;

/// How many references or `allOf` may follow each other.
const CHAIN_LIMIT: usize = 64;

/// The schemas that say something of one value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// What it must satisfy.
    pub demands: Key,
    /// What alternatives around it say of it: read for what may be there.
    pub hints: Vec<Key>,
}

impl Place {
    pub(super) fn of(demands: Key) -> Self {
        Self {
            demands,
            hints: Vec::new(),
        }
    }
}

/// Builds the schemas that are asked for, and what they refer to. A schema is
/// known by the places whose demands it joins, so cycles end by themselves.
pub(super) struct Builder<'a> {
    tree: &'a Bundle,
    schemas: Schemas,
    ids: BTreeMap<Place, SchemaId>,
    todo: VecDeque<Place>,
    drafts: BTreeMap<String, Draft>,
    findings: Diagnostics,
}

impl<'a> Builder<'a> {
    pub(super) fn new(tree: &'a Bundle) -> Self {
        Self {
            tree,
            schemas: Schemas::default(),
            ids: BTreeMap::new(),
            todo: VecDeque::new(),
            drafts: BTreeMap::new(),
            findings: Diagnostics::new(),
        }
    }

    /// The id of the schema at a place.
    pub(super) fn at(&mut self, pointer: &str) -> SchemaId {
        let id = self.id(Place::of(vec![pointer.to_owned()]));
        self.work();
        id
    }

    /// The members of the object schema at a place that hold bytes, or lists of
    /// such.
    pub(super) fn binary_members(&mut self, pointer: &str) -> Vec<String> {
        let object = self.joined(&vec![pointer.to_owned()]);
        let mut found = Vec::new();
        for (name, key) in object.properties {
            let member = self.joined(&key);
            let item = member.items.as_ref().map(|items| self.joined(items));
            let is_binary = |draft: &Draft| {
                let format = draft.schema.format.as_ref();
                format.is_some_and(|format| format.value == Format::from_name("binary"))
            };
            if is_binary(&member) || item.as_ref().is_some_and(is_binary) {
                found.push(name);
            }
        }
        found
    }

    pub(super) fn finish(self) -> (Schemas, Diagnostics) {
        (self.schemas, self.findings)
    }

    pub(super) fn id(&mut self, place: Place) -> SchemaId {
        if let Some(&known) = self.ids.get(&place) {
            return known;
        }
        let mut pointers = place.demands.iter().chain(place.hints.iter().flatten());
        let pointer = pointers.next().cloned().unwrap_or_default();
        let id = self
            .schemas
            .add(Schema::anything(pointer, self.tree.root.span));
        self.ids.insert(place.clone(), id);
        self.todo.push_back(place);
        id
    }

    fn work(&mut self) {
        while let Some(place) = self.todo.pop_front() {
            let schema = Resolving::new(self, &place).schema();
            let id = self.id(place);
            self.schemas.set(id, schema);
        }
    }

    pub(super) fn joined(&mut self, key: &Key) -> Draft {
        let mut drafts = key
            .iter()
            .map(|pointer| self.draft(pointer, 0))
            .collect::<VecDeque<_>>();
        let first = drafts.pop_front();
        let mut joined = first.unwrap_or_else(|| Draft::anything("", self.tree.root.span));
        for draft in drafts {
            joined.merge(draft);
        }
        joined
    }

    fn draft(&mut self, pointer: &str, depth: usize) -> Draft {
        if let Some(known) = self.drafts.get(pointer) {
            return known.clone();
        }
        let Some(node) = self.tree.root.at_pointer(pointer) else {
            // References are checked where they stand; all else exists.
            return Draft::anything(pointer, self.tree.root.span);
        };
        if depth > CHAIN_LIMIT {
            let message = "this schema refers to itself without end";
            self.findings
                .push(Diagnostic::error(Code::BadReference, message).at(node.span, "needs itself"));
            return Draft::anything(pointer, node.span);
        }
        let draft = match node.entry("$ref") {
            Some(entry) => {
                let target = match reference::resolve(self.tree, entry) {
                    Ok(target) => self.draft(&target, depth + 1),
                    Err(finding) => {
                        self.findings.push(*finding);
                        Draft::anything(pointer, node.span)
                    }
                };
                if node.entries().len() == 1 {
                    target
                } else {
                    // What stands beside it is demanded as well.
                    let mut own = self.own(node, pointer, depth);
                    own.merge(target);
                    own
                }
            }
            None => self.own(node, pointer, depth),
        };
        self.drafts.insert(pointer.to_owned(), draft.clone());
        draft
    }

    fn own(&mut self, node: &Node, pointer: &str, depth: usize) -> Draft {
        let mut draft = keywords::read(node, pointer, &mut self.findings);
        let parts = node.get("allOf").map_or(0, |parts| parts.items().len());
        for index in 0..parts {
            let part = self.draft(&format!("{pointer}/allOf/{index}"), depth + 1);
            draft.merge(part);
        }
        combine::read_unevaluated(node, &mut draft);
        draft
    }
}
