//! Branches that a member tells apart: by `discriminator`, or by a constant of
//! its own in each.

use super::condition::{condition, equal, one_of, only_value, resolved};
use super::keywords::{Finding, always, name, relative, words};
use crate::import::walk::{Place, Said, parts, texts};
use crate::import::{Cel, member};
use crate::tree::{Entry, Node};

/// A member that tells branches apart, and its value in each.
pub(super) struct Tagged {
    tag: String,
    values: Vec<Cel>,
}

/// The tag of the branches under `entry`, if there is one.
pub(super) fn find(tree: &Node, node: &Node, entry: &Entry) -> Option<Tagged> {
    let discriminator = node.get("discriminator");
    let named = discriminator.and_then(|own| own.get("propertyName")?.as_str());
    let first = resolved(tree, entry.value.items().first()?)?;
    let members = first
        .get("properties")
        .map(Node::entries)
        .unwrap_or_default();
    let candidates = named
        .into_iter()
        .chain(members.iter().map(|member| member.key.as_str()));
    for tag in candidates {
        let mapping = discriminator.and_then(|own| own.get("mapping"));
        let is_named = named == Some(tag);
        let values: Option<Vec<Cel>> = entry
            .value
            .items()
            .iter()
            .map(|branch| {
                let own = resolved(tree, branch).and_then(|own| own.get("properties")?.get(tag));
                let own = own.and_then(only_value);
                own.or_else(|| is_named.then(|| implied(branch, mapping))?)
            })
            .collect();
        let is_given = |branch: &Node| {
            let branch = resolved(tree, branch);
            texts(branch.and_then(|own| own.get("required"))).contains(&tag)
        };
        let is_required = texts(node.get("required")).contains(&tag);
        if !is_required && !entry.value.items().iter().all(is_given) {
            continue;
        }
        let values = values.unwrap_or_default();
        let distinct = values
            .iter()
            .enumerate()
            .all(|(index, value)| !values.iter().take(index).any(|other| other == value));
        if values.len() > 1 && distinct {
            return Some(Tagged {
                tag: tag.to_owned(),
                values,
            });
        }
    }
    None
}

/// The value that a discriminator has for a branch: by its mapping, else the
/// name of the schema.
fn implied(branch: &Node, mapping: Option<&Node>) -> Option<Cel> {
    let reference = branch.get("$ref")?.as_str()?;
    let schema = reference.rsplit('/').next()?;
    let mapped = mapping
        .map(Node::entries)
        .unwrap_or_default()
        .iter()
        .find(|entry| {
            let to = entry.value.as_str().unwrap_or_default();
            to == reference || to == schema
        });
    let value = mapped.map_or(schema, |entry| entry.key.as_str());
    Some(Cel::string(value))
}

/// That the tag has one of its values, and what each branch demands.
pub(super) fn findings<'t>(
    tree: &'t Node,
    place: &Place<'t>,
    entry: &'t Entry,
    tagged: Tagged,
) -> Vec<Finding<'t>> {
    let node = place.node;
    let Tagged { tag, values } = tagged;
    let mut findings = vec![known_tag(place, entry, &tag, &values)];
    for ((index, branch), value) in parts(node, &entry.key).into_iter().zip(values) {
        let Some(branch) = resolved(tree, branch) else {
            continue;
        };
        let tag = tag.clone();
        let pointer = format!("{}/{}/{index}", place.pointer, entry.key);
        let label = value.to_string();
        findings.push(Finding {
            id: name(place, &format!("{tag}-{}", label.trim_matches('\''))),
            pointer,
            span: branch.span,
            message: words(branch),
            shorthand: None,
            say: Box::new(move |subject| {
                let path = member(&subject.path, &tag);
                let is_required = texts(node.get("required")).contains(&tag.as_str());
                let given = (!is_required).then(|| Cel::has(&path));
                let guard = Cel::and(given.into_iter().chain([equal(&path, value.clone())]));
                let mut subject = relative(subject, node);
                subject.declares = true;
                let then = condition(tree, branch, &subject)?.given(&guard);
                Ok(Said { when: guard, then })
            }),
        });
    }
    findings
}

/// The tag is there, with one of its values.
fn known_tag<'t>(place: &Place<'t>, entry: &'t Entry, tag: &str, values: &[Cel]) -> Finding<'t> {
    let (tag, values) = (tag.to_owned(), values.to_vec());
    let node = place.node;
    Finding {
        id: name(place, &format!("{tag}-known")),
        pointer: format!("{}/{}", place.pointer, entry.key),
        span: entry.key_span,
        message: None,
        shorthand: None,
        say: Box::new(move |subject| {
            let path = member(&subject.path, &tag);
            let is_required = texts(node.get("required")).contains(&tag.as_str());
            let given = (!is_required).then(|| Cel::has(&path));
            let known = one_of(&path, values.clone());
            let is_listed = node
                .get("properties")
                .and_then(|own| own.get(&tag)?.get("enum"));
            let listed = is_listed.map_or(0, |own| own.items().len());
            let known = if listed == values.len() {
                Cel::Bool(true)
            } else {
                known
            };
            Ok(always(Cel::and(given.into_iter().chain([known]))))
        }),
    }
}
