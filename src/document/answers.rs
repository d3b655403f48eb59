//! What the document declares of answers.

use std::collections::BTreeSet;

use super::build::Builder;
use super::location::pointer_step;
use super::read::{Document, Listed};
use super::reference::follow;
use super::schema::{SchemaId, Schemas};
use crate::tree::Node;

/// How deep schemas within each other are followed.
const MAX_DEPTH: usize = 16;

/// A member that no answer declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undeclared {
    /// Its name.
    pub name: String,
    /// The names that are declared in its place.
    pub declared: BTreeSet<String>,
}

impl Document {
    /// The first member of `path`, below the body of an answer to an operation,
    /// that none of its answers with a status for which `is_meant` holds
    /// declares. `None` where one declares all of them, or where the document
    /// doesn't say what answers hold.
    pub fn undeclared_in_answers(
        &self,
        listed: &Listed,
        is_meant: impl Fn(&str) -> bool,
        path: &[String],
    ) -> Option<Undeclared> {
        let answers = format!("{}/responses", listed.pointer);
        let statuses = self.tree.root.at_pointer(&answers)?.entries();
        let statuses = statuses.iter().filter(|entry| is_meant(&entry.key));
        let mut found: Option<Undeclared> = None;
        for status in statuses {
            let pointer = format!("{answers}/{}", pointer_step(&status.key));
            let Some(body) = self.body_of(&pointer) else {
                continue;
            };
            let undeclared = self.undeclared(body, path)?;
            match &mut found {
                Some(known) if known.name == undeclared.name => {
                    known.declared.extend(undeclared.declared);
                }
                Some(_) => return None,
                None => found = Some(undeclared),
            }
        }
        found
    }

    /// The schemas of the bodies of those answers to an operation whose status
    /// `is_meant`, each with what it refers to.
    pub fn answer_bodies(
        &self,
        listed: &Listed,
        is_meant: impl Fn(&str) -> bool,
    ) -> Vec<(Schemas, SchemaId)> {
        let answers = format!("{}/responses", listed.pointer);
        let statuses = self.tree.root.at_pointer(&answers);
        let statuses = statuses.map(Node::entries).unwrap_or_default().iter();
        let bodies = statuses.filter(|status| is_meant(&status.key));
        let bodies = bodies.filter_map(|status| {
            let body = self.body_of(&format!("{answers}/{}", pointer_step(&status.key)))?;
            let mut builder = Builder::new(&self.tree);
            let schema = builder.at(&body);
            Some((builder.finish().0, schema))
        });
        bodies.collect()
    }

    /// The headers that accepting answers of an operation declare, where none of
    /// them is `name`; `None` too where they declare no headers at all.
    pub fn declared_headers_without(&self, listed: &Listed, name: &str) -> Option<Vec<String>> {
        let answers = format!("{}/responses", listed.pointer);
        let statuses = self.tree.root.at_pointer(&answers)?.entries();
        let mut declared = Vec::new();
        for status in statuses.iter().filter(|own| own.key.starts_with('2')) {
            let place = format!("{answers}/{}", pointer_step(&status.key));
            let Ok((answer, _)) = follow(&self.tree, &place) else {
                continue;
            };
            let headers = answer.get("headers").map(Node::entries);
            declared.extend(
                headers
                    .unwrap_or_default()
                    .iter()
                    .map(|own| own.key.clone()),
            );
        }
        let is_known = declared.iter().any(|own| own.eq_ignore_ascii_case(name));
        (!is_known && !declared.is_empty()).then_some(declared)
    }

    /// Where the schema of an answer's body stands.
    fn body_of(&self, answer: &str) -> Option<String> {
        let (node, pointer) = follow(&self.tree, answer).ok()?;
        let content = match node.get("content") {
            None => return node.get("schema").map(|_| format!("{pointer}/schema")),
            Some(content) => content,
        };
        let media = content
            .entries()
            .iter()
            .find(|entry| entry.key.contains("json"))?;
        let media = pointer_step(&media.key);
        Some(format!("{pointer}/content/{media}/schema"))
    }

    fn undeclared(&self, schema: String, path: &[String]) -> Option<Undeclared> {
        let mut schemas = vec![schema];
        for name in path {
            let mut declared = BTreeSet::new();
            let mut next = Vec::new();
            for schema in &schemas {
                self.members(schema, name, 0, &mut declared, &mut next)?;
            }
            if next.is_empty() {
                let name = name.clone();
                return (!declared.is_empty()).then_some(Undeclared { name, declared });
            }
            schemas = next;
        }
        None
    }

    /// Collects the names of the members that a schema declares, and the places
    /// of the schemas of the one that is asked for. `None` where there may be
    /// members that it doesn't name.
    fn members(
        &self,
        schema: &str,
        wanted: &str,
        depth: usize,
        declared: &mut BTreeSet<String>,
        found: &mut Vec<String>,
    ) -> Option<()> {
        let (node, pointer) = follow(&self.tree, schema).ok()?;
        let is_open = |key: &str| {
            node.get(key)
                .is_some_and(|own| own.as_bool() != Some(false))
        };
        if depth > MAX_DEPTH
            || ["additionalProperties", "patternProperties"]
                .into_iter()
                .any(is_open)
        {
            return None;
        }
        if wanted.parse::<usize>().is_ok() && node.get("items").is_some() {
            found.push(format!("{pointer}/items"));
        }
        for entry in node
            .get("properties")
            .map(Node::entries)
            .unwrap_or_default()
        {
            declared.insert(entry.key.clone());
            if entry.key == wanted {
                found.push(format!("{pointer}/properties/{}", pointer_step(&entry.key)));
            }
        }
        for keyword in ["allOf", "oneOf", "anyOf"] {
            let parts = node.get(keyword).map_or(0, |parts| parts.items().len());
            for index in 0..parts {
                let part = format!("{pointer}/{keyword}/{index}");
                self.members(&part, wanted, depth + 1, declared, found)?;
            }
        }
        Some(())
    }
}
