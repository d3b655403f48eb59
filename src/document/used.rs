//! Where requests use a schema that has a name in the document.

use std::collections::{BTreeMap, BTreeSet};

use super::inheritance::ORIGIN;
use super::reference::percent_decoded;
use super::schema::{Additional, SchemaId};
use super::{Document, Formula, JsonType, Listed, Operation};
use crate::source::{Code, Diagnostic};
use crate::tree::{Node, NodeKind};

/// How many references or `allOf` may follow each other.
const CHAIN_LIMIT: usize = 64;

/// One step from a request body to a value in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hop {
    /// To the member of that name.
    Member(String),
    /// To each item of a list.
    Items,
    /// To each member of an object beside those that are declared.
    Values,
}

/// Where a schema is used below a request body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// The ways from the body, in the schema's order; empty: the body itself.
    pub places: Vec<Vec<Hop>>,
    /// Ways that aren't followed further, and why.
    pub unreached: Vec<(Vec<Hop>, &'static str)>,
}

impl Document {
    /// The JSON pointer that `named` (`#/components/schemas/Amount`) means.
    ///
    /// # Errors
    /// There is no such place. The message lacks the place: add where `named`
    /// was written.
    pub fn schema_named(&self, named: &str) -> Result<String, Box<Diagnostic>> {
        let pointer = percent_decoded(named.strip_prefix('#').unwrap_or(named));
        if self.tree.root.at_pointer(&pointer).is_some() {
            return Ok(pointer);
        }
        let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
        let siblings = self.tree.root.at_pointer(parent).map(Node::entries);
        let names = siblings.unwrap_or_default().iter();
        let names = names.map(|sibling| sibling.key.as_str());
        let message = format!("the API document has no schema `{named}`");
        Err(Box::new(
            Diagnostic::error(Code::BadReference, message)
                .maybe_help(crate::source::did_you_mean(name, names)),
        ))
    }

    /// Whether the request body of `listed` refers to the schema at `target`,
    /// through whatever other schemas.
    pub fn body_refers_to(&self, listed: &Listed, target: &str) -> bool {
        let body = format!("{}/requestBody", listed.pointer);
        let mut seen = BTreeSet::new();
        let mut todo = vec![body];
        while let Some(pointer) = todo.pop() {
            if pointer == target {
                return true;
            }
            if let Some(node) = self.tree.root.at_pointer(&pointer)
                && seen.insert(pointer)
            {
                references(node, &mut todo);
            }
        }
        false
    }

    /// Where the body of `operation` uses the schema at `target`.
    pub fn uses(&self, operation: &Operation, target: &str) -> Uses {
        let mut uses = Uses::default();
        if let Some(body) = &operation.body {
            let mut search = Search {
                document: self,
                operation,
                target,
                leading: &leading(self, operation, target),
                open: Vec::new(),
                uses: &mut uses,
            };
            search.walk(body.schema, &mut Vec::new());
        }
        uses
    }

    /// Whether the schema at `pointer` is the one at `target`, by reference or
    /// as a part of `allOf`.
    fn is_made_of(&self, pointer: &str, target: &str, depth: usize) -> bool {
        if pointer == target {
            return true;
        }
        let Some(node) = self
            .tree
            .root
            .at_pointer(pointer)
            .filter(|_| depth < CHAIN_LIMIT)
        else {
            return false;
        };
        if let Some(next) = node.get("$ref").and_then(Node::as_str)
            && let Some(next) = next.strip_prefix('#')
        {
            return self.is_made_of(&percent_decoded(next), target, depth + 1);
        }
        if node.get(ORIGIN).and_then(Node::as_str) == Some(target) {
            return true;
        }
        let parts = node.get("allOf").map_or(0, |parts| parts.items().len());
        (0..parts)
            .any(|part| self.is_made_of(&format!("{pointer}/allOf/{part}"), target, depth + 1))
    }
}

/// The pointers of all `$ref` in `node`.
fn references(node: &Node, out: &mut Vec<String>) {
    match &node.kind {
        NodeKind::Sequence(items) => items.iter().for_each(|item| references(item, out)),
        NodeKind::Mapping(entries) => {
            for entry in entries {
                let named = entry.value.as_str().filter(|_| entry.key == "$ref");
                if let Some(pointer) = named.and_then(|named| named.strip_prefix('#')) {
                    out.push(percent_decoded(pointer));
                }
                references(&entry.value, out);
            }
        }
        _ => {}
    }
}

/// The schemas of an operation that are made of the one at `target`, or lead
/// to one that is.
fn leading(document: &Document, operation: &Operation, target: &str) -> BTreeSet<SchemaId> {
    let schemas = &operation.schemas;
    let mut above: BTreeMap<SchemaId, Vec<SchemaId>> = BTreeMap::new();
    let mut todo = Vec::new();
    for (id, schema) in schemas.iter() {
        if document.is_made_of(&schema.pointer, target, 0) {
            todo.push(id);
        }
        let conditions = schema.conditions.iter();
        let branches = conditions.flat_map(|one| one.formula.schemas());
        let values = match &schema.additional {
            Additional::Schema(values) => Some(*values),
            Additional::Any | Additional::Forbidden(_) => None,
        };
        let parts = schema.properties.values().copied();
        let parts = parts.chain(schema.items).chain(values);
        for part in parts.chain(branches.map(|(branch, _)| *branch)) {
            above.entry(part).or_default().push(id);
        }
    }
    let mut found = BTreeSet::new();
    while let Some(id) = todo.pop() {
        if found.insert(id) {
            todo.extend(above.get(&id).into_iter().flatten());
        }
    }
    found
}

/// The schemas that a formula demands of some values; not those that it only
/// asks about.
fn demanded(formula: &Formula) -> Vec<SchemaId> {
    match formula {
        Formula::If(parts) => {
            let [_, then, otherwise] = &**parts;
            [demanded(then), demanded(otherwise)].concat()
        }
        other => {
            let parts = other.schemas().into_iter();
            let parts = parts.filter(|(_, is_positive)| *is_positive);
            parts.map(|(id, _)| *id).collect()
        }
    }
}

struct Search<'a> {
    document: &'a Document,
    operation: &'a Operation,
    target: &'a str,
    /// The schemas that are worth a look.
    leading: &'a BTreeSet<SchemaId>,
    /// The schemas on the way.
    open: Vec<SchemaId>,
    uses: &'a mut Uses,
}

impl Search<'_> {
    fn walk(&mut self, id: SchemaId, way: &mut Vec<Hop>) {
        if !self.leading.contains(&id) {
            return;
        }
        if self.open.contains(&id) {
            let why = "the schema there contains itself without end";
            self.uses.unreached.push((way.clone(), why));
            return;
        }
        let schema = self.operation.schemas.get(id);
        if self.document.is_made_of(&schema.pointer, self.target, 0) {
            self.uses.places.push(way.clone());
        }
        self.open.push(id);
        let members = schema.properties.iter();
        let members = members.map(|(name, member)| (Hop::Member(name.clone()), *member));
        let items = schema.items.map(|items| (Hop::Items, items));
        let values = match &schema.additional {
            Additional::Schema(values) if schema.properties.is_empty() => {
                Some((Hop::Values, *values))
            }
            Additional::Schema(values) => {
                self.beside_declared(*values, way);
                None
            }
            Additional::Any | Additional::Forbidden(_) => None,
        };
        for (hop, next) in members.chain(items).chain(values) {
            way.push(hop);
            self.walk(next, way);
            way.pop();
        }
        self.alternatives(id, way);
        self.open.pop();
    }

    /// What holds only for some values of a schema, such as those of one
    /// alternative of `oneOf`: a rule would have to ask which it is. Beside
    /// null it needn't.
    fn alternatives(&mut self, id: SchemaId, way: &mut Vec<Hop>) {
        let schemas = &self.operation.schemas;
        let is_null = |part: &Formula| match part {
            Formula::Is(id) => schemas.get(*id).types.iter().eq([JsonType::Null]),
            _ => false,
        };
        let mut ways: BTreeSet<Vec<Hop>> = BTreeSet::new();
        for condition in &schemas.get(id).conditions {
            let parts: Vec<&Formula> = match &condition.formula {
                Formula::Any(parts) | Formula::One(parts) => {
                    parts.iter().filter(|part| !is_null(part)).collect()
                }
                other => vec![other],
            };
            if let [Formula::Is(only)] = parts.as_slice() {
                self.walk(*only, way);
                continue;
            }
            for part in parts.into_iter().flat_map(demanded) {
                let below = self.within(part).places;
                ways.extend(
                    below
                        .into_iter()
                        .map(|below| [way.as_slice(), &below].concat()),
                );
            }
        }
        let known = |way: &Vec<Hop>| self.uses.places.contains(way);
        ways.retain(|way| !known(way));
        let why = "the schema is that of some alternatives there only: name the fields in rules \
                   of their own, each with a `when` that tells the alternative";
        let unreached = ways.into_iter().map(|way| (way, why));
        self.uses.unreached.extend(unreached);
    }

    /// The uses below a schema.
    fn within(&self, id: SchemaId) -> Uses {
        let mut own = Uses::default();
        let mut search = Search {
            document: self.document,
            operation: self.operation,
            target: self.target,
            leading: self.leading,
            open: self.open.clone(),
            uses: &mut own,
        };
        search.walk(id, &mut Vec::new());
        own
    }

    /// Members beside declared ones can't be told from those.
    fn beside_declared(&mut self, values: SchemaId, way: &[Hop]) {
        if !self.within(values).places.is_empty() {
            let why = "other members than the declared ones can't be gone through alone";
            self.uses.unreached.push((way.to_vec(), why));
        }
    }
}
