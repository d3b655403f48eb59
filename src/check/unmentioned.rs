//! Fields that no rule mentions.

use std::collections::BTreeSet;

use crate::document::{SchemaId, Schemas};
use crate::model::{Model, OperationRef};
use crate::search::slice::{Read, reads};

/// How deep schemas are followed: they may hold themselves.
const MAX_DEPTH: usize = 12;

/// The fields of the requests to an operation that neither its rules nor what
/// it changes read, as paths; of an object without any field that is read,
/// only the object. What names a resource counts as read.
pub(super) fn fields(model: &Model, operation: OperationRef) -> Vec<String> {
    let found = model.operation(operation);
    let rules = found.rules.iter();
    let rules = rules.flat_map(|rule| model.rule(*rule).exprs());
    let changes = found.changes.iter().map(|change| change.expr);
    let resources = model.resources.iter();
    let made = resources.filter(|resource| resource.created_by == Some(operation));
    let inits = made.flat_map(|resource| resource.attributes.iter().map(|one| one.init));
    let mut read: BTreeSet<Vec<String>> = BTreeSet::new();
    for expr in rules.chain(changes).chain(inits) {
        let paths = reads(model, expr).into_iter();
        read.extend(paths.filter_map(|read| match read {
            Read::Field(path) => Some(path),
            Read::Earlier(_) | Read::Attribute(..) => None,
        }));
    }
    for bind in &found.binds {
        let path = bind.location.to_string();
        read.insert(path.split('.').map(str::to_owned).collect());
    }
    let mut walk = Walk {
        schemas: &model.schemas,
        read,
        found: Vec::new(),
    };
    walk.visit(found.request, &mut Vec::new());
    walk.found
}

struct Walk<'m> {
    schemas: &'m Schemas,
    read: BTreeSet<Vec<String>>,
    found: Vec<String>,
}

impl Walk<'_> {
    fn visit(&mut self, schema: SchemaId, path: &mut Vec<String>) {
        let is_read_whole = self.read.contains(path);
        if is_read_whole || path.len() > MAX_DEPTH {
            return;
        }
        let is_read_within = self.read.iter().any(|read| read.starts_with(path));
        // `path`, `query` and their like are no fields.
        if path.len() > 1 && !is_read_within {
            self.found.push(path.join(".").replace(".*", "[*]"));
            return;
        }
        let schema = self.schemas.get(schema);
        let members = schema.properties.iter();
        let members: Vec<(String, SchemaId)> =
            members.map(|(key, id)| (key.clone(), *id)).collect();
        let items = schema.items.map(|items| ("*".to_owned(), items));
        for (key, id) in members.into_iter().chain(items) {
            path.push(key);
            self.visit(id, path);
            path.pop();
        }
    }
}
