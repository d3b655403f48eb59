//! `x-kubernetes-validations`: CEL rules in the schemas of custom resources
//! and of API documents.

mod rewrite;

use self::rewrite::rewrite;
use super::rule::merge_operations;
use super::walk::{self, Place, Said, about, everywhere, shown, step};
use super::{Cel, Demand, Imported, ImportedRule, Lost, slug, source_of};
use crate::document::{Document, Listed};
use crate::source::{Code, Diagnostic, Span};
use crate::tree::Node;

/// The key of a schema under which its rules stand.
pub const KEY: &str = "x-kubernetes-validations";

/// The keys of a rule.
const KEYS: [&str; 6] = [
    "rule",
    "message",
    "messageExpression",
    "reason",
    "fieldPath",
    "optionalOldSelf",
];

/// The rules about the bodies of these operations of a document.
pub fn from_document(document: &Document, operations: &[&Listed], api: &str) -> Imported {
    let tree = document.tree();
    let mut importer = Importer::new(api);
    for listed in operations {
        let operation = document.operation(listed).ok();
        let Some(body) = operation.and_then(|operation| operation.body) else {
            continue;
        };
        importer.body(tree, &body.pointer, &listed.id());
    }
    if operations.len() < document.operations.len() {
        return importer.merged();
    }
    importer.finish(tree)
}

/// Whether a tree is a custom resource definition.
pub fn is_definition(tree: &Node) -> bool {
    let kind = tree.get("kind").and_then(Node::as_str);
    kind == Some("CustomResourceDefinition")
}

/// The rules of a custom resource definition at `path`, for an operation that
/// takes such resources. Of several versions the stored one counts.
///
/// # Errors
/// The definition has no schema.
pub fn from_definition(
    tree: &Node,
    path: &str,
    operation: &str,
) -> Result<Imported, Box<Diagnostic>> {
    let versions = walk_versions(tree);
    let stored =
        |version: &&(usize, &Node)| version.1.get("storage").and_then(Node::as_bool) == Some(true);
    let chosen = versions.iter().find(stored).or(versions.first());
    let schema = chosen.and_then(|(index, version)| {
        version.at_pointer("/schema/openAPIV3Schema")?;
        Some(format!("/spec/versions/{index}/schema/openAPIV3Schema"))
    });
    let Some(pointer) = schema else {
        let message = "the custom resource definition has no schema";
        let at = tree.span.at_start();
        let finding = Diagnostic::error(Code::MissingKey, message);
        return Err(Box::new(
            finding.at(at, "`spec.versions[].schema.openAPIV3Schema` is missing"),
        ));
    };
    let mut importer = Importer::new(path);
    importer.body(tree, &pointer, operation);
    for (index, version) in &versions {
        if pointer.starts_with(&format!("/spec/versions/{index}/")) {
            continue;
        }
        let name = version.get("name").and_then(Node::as_str).unwrap_or("?");
        let mut spans = Vec::new();
        everywhere(version, KEY, &mut spans);
        importer.seen.extend(spans.iter().copied());
        if let Some(span) = spans.first() {
            let why = format!("the version `{name}` isn't the one that is stored");
            let what = format!("the rules of the version {name}");
            importer.imported.lost.push(Lost::new(what, why, *span));
        }
    }
    Ok(importer.finish(tree))
}

fn walk_versions(tree: &Node) -> Vec<(usize, &Node)> {
    let versions = tree.at_pointer("/spec");
    versions.map_or_else(Vec::new, |spec| walk::parts(spec, "versions"))
}

struct Importer<'a> {
    /// The file as rules name it.
    file: &'a str,
    imported: Imported,
    /// Which lists of rules were found on the way.
    seen: Vec<Span>,
}

impl<'a> Importer<'a> {
    fn new(file: &'a str) -> Self {
        Self {
            file,
            imported: Imported {
                undefined_rejects: true,
                ..Imported::default()
            },
            seen: Vec::new(),
        }
    }

    fn body(&mut self, tree: &Node, pointer: &str, operation: &str) {
        let (places, cut) = walk::schemas(tree, pointer);
        let mut ruled = Vec::new();
        for place in places {
            let Some(entry) = place.node.entry(KEY) else {
                continue;
            };
            self.seen.push(entry.key_span);
            ruled.push(place.pointer.clone());
            for (index, item) in walk::parts(place.node, KEY) {
                self.item(&place, index, item, operation);
            }
        }
        let deeper = walk::deeper(tree, &cut, &ruled);
        deeper.into_iter().for_each(|lost| self.lost(lost));
    }

    fn item(&mut self, place: &Place<'_>, index: usize, item: &Node, operation: &str) {
        match rule(place, item, operation) {
            Ok(mut rule) => {
                let pointer = format!("{}/{}/{index}", place.pointer, step(KEY));
                rule.source = Some(source_of(self.file, &pointer));
                self.noted(item, &rule);
                self.imported.rules.push(rule);
            }
            Err(lost) => self.lost(*lost),
        }
    }

    /// What a rule keeps as a comment only.
    fn noted(&mut self, item: &Node, rule: &ImportedRule) {
        let path = item.get("fieldPath").filter(|_| rule.field_path.is_none());
        let kept = [
            (
                item.get("messageExpression"),
                "messageExpression",
                "messages are no expressions",
            ),
            (path, "fieldPath", "it is below a list"),
        ];
        for (node, key, why) in kept {
            if let Some(node) = node {
                let why = format!("`{key}`, as {why}; it is a comment above `{}`", rule.id);
                self.lost(Lost::new(key, why, node.span).noted());
            }
        }
    }

    /// Takes in what is lost, once: several operations have the same schemas.
    fn lost(&mut self, lost: Lost) {
        if !self.imported.lost.contains(&lost) {
            self.imported.lost.push(lost);
        }
    }

    /// What was found, and what rules nothing leads to.
    fn finish(mut self, tree: &Node) -> Imported {
        let mut all = Vec::new();
        everywhere(tree, KEY, &mut all);
        all.retain(|span| !self.seen.contains(span));
        for span in all {
            let why = "no request body that can be read leads to this schema";
            self.lost(Lost::new(format!("`{KEY}`"), why, span));
        }
        self.merged()
    }

    fn merged(mut self) -> Imported {
        merge_operations(&mut self.imported.rules);
        self.imported
    }
}

fn rule(place: &Place<'_>, item: &Node, operation: &str) -> Result<ImportedRule, Box<Lost>> {
    let Some(text) = item.get("rule").and_then(Node::as_text) else {
        let lost = Lost::new("a rule", "it has no `rule`", item.span);
        return Err(Box::new(lost.wrong(Code::MissingKey)));
    };
    let words = text.value.trim();
    let span = text.span;
    // Tried once for what is wrong with the rule at any place.
    rewrite(words, "body").map_err(|why| Lost::new(words, why, span))?;
    let said = about(&place.steps, words, &|own| Said {
        when: Cel::Bool(true),
        then: Cel::Raw(rewrite(words, own).unwrap_or_default()),
    });
    let get = |key: &str| item.get(key).and_then(Node::as_str);
    let message = get("message").map(|message| message.trim().to_owned());
    let id = id(message.as_deref(), place);
    let mut rule = ImportedRule::new(id, operation, said.when, Demand::Rule(said.then), span);
    let path = shown(&place.steps);
    let below = get("fieldPath").map_or(path.clone(), |field| format!("{path}{field}"));
    rule.field_path = (!below.is_empty() && !below.contains("[*]")).then_some(below);
    rule.tags = get("reason").map(str::to_owned).into_iter().collect();
    rule.comments = comments(item, rule.field_path.is_none());
    rule.message = message.filter(|message| !message.is_empty());
    Ok(rule)
}

fn comments(item: &Node, with_path: bool) -> Vec<String> {
    let mut keys = vec!["messageExpression"];
    keys.extend(with_path.then_some("fieldPath"));
    let known = keys.into_iter().filter_map(|key| {
        let text = item.get(key)?.as_str()?;
        Some(format!("{key}: {text}"))
    });
    let unknown = item.entries().iter();
    let unknown = unknown.filter(|entry| !KEYS.contains(&entry.key.as_str()));
    let unknown = unknown.map(|entry| format!("{}: {}", entry.key, entry.value.to_value()));
    known.chain(unknown).collect()
}

/// After the message, else after the place.
fn id(message: Option<&str>, place: &Place<'_>) -> String {
    const WORDS: usize = 7;
    let words = message.map(|message| {
        let words: Vec<&str> = message.split_whitespace().take(WORDS).collect();
        words.join(" ").to_lowercase()
    });
    let path = shown(&place.steps);
    let text = words.filter(|words| !words.is_empty());
    slug(&text.unwrap_or_else(|| format!("{path}-rule"))).replace('.', "-")
}
