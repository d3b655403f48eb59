//! Discriminators whose alternatives are the schemas that inherit.
//!
//! In Swagger 2.0 always, and in OpenAPI 3 where no `oneOf` or `anyOf` stands
//! beside it, a `discriminator` names a schema that refers to its own by
//! `allOf`, or that its `mapping` leads to (OpenAPI Specification 3.0, Discriminator
//! Object; Swagger 2.0, Schema Object).
//! Such a schema gets an `anyOf` of them all, itself among them, so that nothing
//! that comes after has to know of inheritance. The schemas that inherit refer
//! to a copy of it without that, under [`BASES`].

use std::collections::{BTreeMap, BTreeSet};

use super::bundle::{Bundle, FILES};
use super::location::pointer_step;
use super::nodes::{entry, list, mapping, put, text};
use super::reference::percent_decoded;
use crate::tree::{Entry, Node, NodeKind, Text};

/// The member of the tree that holds schemas as they are inherited.
pub(super) const BASES: &str = "x-crossfield-bases";

/// Tells of an inherited schema where it stands itself.
pub(super) const ORIGIN: &str = "x-crossfield-origin";

/// Where named schemas stand in a file.
const HOLDERS: [&str; 2] = ["/components/schemas", "/definitions"];

/// Gives discriminators of inheritance their alternatives.
pub(super) fn spell_out(tree: &mut Bundle) {
    let family = Family::of(&tree.root);
    if family.bases.is_empty() {
        return;
    }
    for pointer in family.named.keys() {
        if let Some(node) = at_pointer_mut(&mut tree.root, pointer) {
            family.inherit_copies(node);
        }
    }
    let mut copies = Vec::new();
    for (number, (pointer, base)) in family.bases.iter().enumerate() {
        let Some(node) = at_pointer_mut(&mut tree.root, pointer) else {
            continue;
        };
        let copy = mapping(vec![entry(&base.name, copy_of(node, pointer))], node.span);
        copies.push(entry(&number.to_string(), copy));
        family.add_alternatives(node, base);
    }
    let span = tree.root.span.at_start();
    put(&mut tree.root, BASES, mapping(copies, span));
}

/// The named schemas of a document, and who inherits from whom.
struct Family {
    /// By their places: the places of those that their `allOf` refers to.
    named: BTreeMap<String, BTreeSet<String>>,
    /// By their places: the schemas with a discriminator and heirs.
    bases: BTreeMap<String, Base>,
}

/// A schema with a discriminator.
struct Base {
    name: String,
    /// A reference to its copy.
    copy: String,
    /// The places of its alternatives, but for itself.
    heirs: BTreeSet<String>,
}

impl Family {
    fn of(root: &Node) -> Self {
        let mut named = BTreeMap::new();
        for holder in holders(root) {
            let schemas = root.at_pointer(&holder).map_or(&[][..], Node::entries);
            for own in schemas {
                let pointer = format!("{holder}/{}", pointer_step(&own.key));
                named.insert(pointer, parents(&own.value));
            }
        }
        let mut found = Self {
            named,
            bases: BTreeMap::new(),
        };
        let mut bases = BTreeMap::new();
        for pointer in found.named.keys() {
            let Some(node) = root.at_pointer(pointer).filter(|node| is_base(node)) else {
                continue;
            };
            let mut heirs = found.heirs(pointer);
            heirs.extend(mapped(node, pointer).filter(|place| found.named.contains_key(place)));
            heirs.remove(pointer);
            if heirs.is_empty() {
                continue;
            }
            let step = pointer.rsplit('/').next().unwrap_or_default();
            let name = step.replace("~1", "/").replace("~0", "~");
            let copy = format!("#/{BASES}/{}/{step}", bases.len());
            bases.insert(pointer.clone(), Base { name, copy, heirs });
        }
        found.bases = bases;
        found
    }

    /// All that inherit from the schema at a place, also by others.
    fn heirs(&self, base: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut todo = vec![base.to_owned()];
        while let Some(next) = todo.pop() {
            let own = self.named.iter();
            let own = own.filter(|(_, parents)| parents.contains(&next));
            for (heir, _) in own {
                if found.insert(heir.clone()) {
                    todo.push(heir.clone());
                }
            }
        }
        found
    }

    /// Lets a named schema refer to the copies of those that it inherits from.
    fn inherit_copies(&self, node: &mut Node) {
        let parts = entry_mut(node, "allOf").map(|parts| &mut parts.value.kind);
        let Some(NodeKind::Sequence(parts)) = parts else {
            return;
        };
        for link in parts.iter_mut().filter_map(|part| entry_mut(part, "$ref")) {
            self.refer_to_copy(&mut link.value);
        }
    }

    fn refer_to_copy(&self, link: &mut Node) {
        let base = link.as_str().and_then(place_of);
        if let Some(base) = base.and_then(|place| self.bases.get(&place)) {
            link.kind = NodeKind::String(Text::synthetic(base.copy.clone(), link.span));
        }
    }

    fn add_alternatives(&self, node: &mut Node, base: &Base) {
        let Some(own) = entry_mut(node, "discriminator") else {
            return;
        };
        let span = own.key_span;
        if own.value.as_str().is_some() {
            // Swagger 2.0 has no more than the name.
            let name = entry("propertyName", own.value.clone());
            own.value = mapping(vec![name], own.value.span);
        }
        let mapping_of = entry_mut(&mut own.value, "mapping").map(|own| &mut own.value.kind);
        if let Some(NodeKind::Mapping(targets)) = mapping_of {
            for target in targets {
                self.refer_to_copy(&mut target.value);
            }
        }
        let heirs = base.heirs.iter().map(|heir| format!("#{heir}"));
        let references = heirs.chain([base.copy.clone()]);
        let parts = references.map(|reference| {
            let link = entry("$ref", text(&reference, span));
            mapping(vec![link], span)
        });
        let any = list(parts.collect(), span);
        put(node, "anyOf", any);
    }
}

/// What is inherited of a schema: all but its discriminator.
fn copy_of(node: &Node, pointer: &str) -> Node {
    let kept = node.entries().iter();
    let kept = kept.filter(|own| own.key != "discriminator").cloned();
    let origin = entry(ORIGIN, text(pointer, node.span.at_start()));
    mapping(kept.chain([origin]).collect(), node.span)
}

fn holders(root: &Node) -> Vec<String> {
    let files = root.get(FILES).map_or(&[][..], Node::entries);
    let files = files
        .iter()
        .map(|file| format!("/{FILES}/{}", pointer_step(&file.key)));
    let all = std::iter::once(String::new()).chain(files);
    all.flat_map(|file| HOLDERS.map(|holder| format!("{file}{holder}")))
        .collect()
}

/// Whether a schema has a discriminator without alternatives beside it.
fn is_base(node: &Node) -> bool {
    let has = |key: &str| node.get(key).is_some();
    let own = node.get("discriminator");
    let own = own.map(|own| own.get("propertyName").unwrap_or(own));
    own.is_some_and(|name| name.as_str().is_some()) && !has("oneOf") && !has("anyOf")
}

fn parents(node: &Node) -> BTreeSet<String> {
    let parts = node.get("allOf").map_or(&[][..], Node::items);
    let links = parts.iter().filter_map(|part| part.get("$ref")?.as_str());
    links.filter_map(place_of).collect()
}

/// The places that the mapping of the schema at `pointer` leads to: references,
/// or names of schemas beside it.
fn mapped(node: &Node, pointer: &str) -> impl Iterator<Item = String> {
    let own = node.get("discriminator").and_then(|own| own.get("mapping"));
    let targets = own.map_or(&[][..], Node::entries).iter();
    targets.filter_map(move |target| {
        let target = target.value.as_str()?;
        let (holder, _) = pointer.rsplit_once('/')?;
        place_of(target).or(Some(format!("{holder}/{}", pointer_step(target))))
    })
}

/// The place that a reference within the tree is about.
fn place_of(reference: &str) -> Option<String> {
    reference.strip_prefix('#').map(percent_decoded)
}

fn entry_mut<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Entry> {
    match &mut node.kind {
        NodeKind::Mapping(entries) => entries.iter_mut().find(|own| own.key == key),
        _ => None,
    }
}

fn at_pointer_mut<'n>(root: &'n mut Node, pointer: &str) -> Option<&'n mut Node> {
    let steps = pointer.strip_prefix('/')?.split('/');
    steps.into_iter().try_fold(root, |node, step| {
        let step = step.replace("~1", "/").replace("~0", "~");
        entry_mut(node, &step).map(|own| &mut own.value)
    })
}
