//! Which locations of a trace's requests decide what some expressions say.

use std::collections::BTreeSet;

use crate::document::SchemaId;
use crate::expr::ExprId;
use crate::model::{Model, OperationRef, ResourceRef, Trace};
use crate::search::slice::{Read, reads};
use crate::value::Value;
use crate::value::location::{Location, Segment};

/// Paths below a request; `*` stands for every item of a list.
pub type Paths = BTreeSet<Vec<String>>;

/// Attributes of resources, by name.
pub type Attributes = BTreeSet<(ResourceRef, String)>;

/// What some expressions, read at the last step of a trace, depend on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// For each step, the paths: what is read there, and what earlier requests
    /// put into attributes that are read.
    pub paths: Vec<Paths>,
    /// The attributes that are read, or that set those.
    pub attributes: Attributes,
}

/// For each step of `trace`, the paths that `roots`, read at the last step,
/// depend on.
pub fn paths_read(model: &Model, trace: &Trace, roots: &[ExprId]) -> Vec<Paths> {
    reading(model, trace, roots).paths
}

/// What `roots`, read at the last step of `trace`, depend on.
pub fn reading(model: &Model, trace: &Trace, roots: &[ExprId]) -> Reading {
    let mut paths = vec![Paths::new(); trace.steps.len()];
    let mut attributes = Attributes::new();
    if let Some(last) = trace.steps.len().checked_sub(1) {
        for root in roots {
            note(model, *root, paths.get_mut(last), &mut attributes);
        }
    }
    // Attributes may be set from attributes: until nothing is new.
    loop {
        let before = attributes.len();
        for (step, found) in trace.steps.iter().enumerate() {
            for root in sources(model, found.operation, &attributes) {
                note(model, root, paths.get_mut(step), &mut attributes);
            }
        }
        if attributes.len() == before {
            return Reading { paths, attributes };
        }
    }
}

fn note(model: &Model, root: ExprId, paths: Option<&mut Paths>, attributes: &mut Attributes) {
    let (mut fields, found) = (Paths::new(), reads(model, root));
    for read in found {
        match read {
            Read::Field(path) => {
                fields.insert(path);
            }
            Read::Earlier(_) => {}
            Read::Attribute(resource, name) => {
                attributes.insert((resource, name));
            }
        }
    }
    if let Some(paths) = paths {
        paths.extend(fields);
    }
}

/// The expressions by which a request to `operation` makes or sets one of
/// these attributes.
fn sources(model: &Model, operation: OperationRef, attributes: &Attributes) -> Vec<ExprId> {
    let found = model.operation(operation);
    let wanted = |resource: ResourceRef, name: &str| {
        let mut attributes = attributes.iter();
        attributes.any(|(own, attribute)| *own == resource && attribute == name)
    };
    let mut roots = Vec::new();
    for change in &found.changes {
        let attribute = model.resource(change.resource);
        let attribute = attribute.attributes.get(change.attribute);
        if attribute.is_some_and(|attribute| wanted(change.resource, &attribute.name)) {
            roots.push(change.expr);
        }
    }
    if let Some(resource) = found.creates {
        let own = model.resource(resource).attributes.iter();
        let own = own.filter(|attribute| wanted(resource, &attribute.name));
        roots.extend(own.map(|attribute| attribute.init));
    }
    roots
}

/// The locations of `request` that `path` leads to. Where a member is absent
/// the location ends with it.
pub fn places(request: &Value, path: &[String]) -> Vec<Location> {
    let mut found = vec![(Location::default(), Some(request))];
    for key in path {
        let mut next = Vec::new();
        for (at, value) in found {
            match value {
                Some(Value::List(items)) if key == "*" => {
                    let items = items.iter().enumerate();
                    next.extend(items.map(|(index, item)| (at.index(index), Some(item))));
                }
                Some(Value::Map(members)) => {
                    next.push((at.key(key.as_str()), members.get(key.as_str())));
                }
                _ => next.push((at, None)),
            }
        }
        found = next;
    }
    found.into_iter().map(|(at, _)| at).collect()
}

/// The schema of a location in requests to `operation`.
pub(super) fn schema_at(
    model: &Model,
    operation: OperationRef,
    location: &Location,
) -> Option<SchemaId> {
    let root = model.operation(operation).request;
    let mut segments = location.0.iter();
    segments.try_fold(root, |schema, segment| match segment {
        Segment::Key(key) => model.schemas.member(schema, key),
        Segment::Index(index) => model.schemas.item(schema, *index),
    })
}
