//! The conditionals of JSON Schema: what ties members of a request body to each
//! other, as rules.

mod condition;
mod keywords;
mod tagged;

use self::condition::{Subject, resolved};
use self::keywords::{Finding, findings};
use super::rule::merge_operations;
use super::walk::{self, Place, Said, Step, about, shown};
use super::{Cel, Demand, Imported, ImportedRule, Lost, Replaced, member, source_of};
use crate::document::{Document, Listed};
use crate::source::{Diagnostics, Span};
use crate::tree::{Entry, Node};

/// The keywords that tie members to each other.
const KEYWORDS: [&str; 7] = [
    "if",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "oneOf",
    "anyOf",
    "not",
];

/// The conditionals of the bodies of these operations. The rules take the
/// place of the document's keywords, where these can be taken away.
pub fn from_document(document: &Document, operations: &[&Listed], api: &str) -> Imported {
    let tree = document.tree();
    let mut importer = Importer::new(tree, api, true);
    for listed in operations {
        match document.operation(listed) {
            Ok(operation) => {
                let body = operation.body.iter();
                body.for_each(|body| importer.body(&body.pointer, &listed.id()));
            }
            Err(found) => importer.unread(listed, &found),
        }
    }
    importer.finish()
}

/// The conditionals of a JSON Schema at `path`, for the body of an operation.
pub fn from_schema(tree: &Node, path: &str, operation: &str) -> Imported {
    let mut importer = Importer::new(tree, path, false);
    importer.body("", operation);
    importer.finish()
}

struct Importer<'t> {
    tree: &'t Node,
    /// The file as rules name it.
    file: &'t str,
    /// Whether the schema is the document's own, which tests obey as well.
    is_own: bool,
    imported: Imported,
}

impl<'t> Importer<'t> {
    fn new(tree: &'t Node, file: &'t str, is_own: bool) -> Self {
        Self {
            tree,
            file,
            is_own,
            imported: Imported::default(),
        }
    }

    fn finish(mut self) -> Imported {
        merge_operations(&mut self.imported.rules);
        self.imported
    }

    /// An operation whose part of the document is wrong.
    fn unread(&mut self, listed: &Listed, found: &Diagnostics) {
        let node = self.tree.at_pointer(&listed.pointer);
        if node.is_some_and(|node| node.get("requestBody").is_some()) {
            let why = found.iter().next().map_or("", |first| &first.message);
            let what = format!("the request body of {}", listed.id());
            self.imported.lost.push(Lost::new(what, why, listed.span));
        }
    }

    fn body(&mut self, pointer: &str, operation: &str) {
        let (places, cut) = walk::schemas(self.tree, pointer);
        let mut ruled = Vec::new();
        for place in places {
            let entries = place.node.entries().iter();
            for entry in entries.filter(|entry| KEYWORDS.contains(&entry.key.as_str())) {
                self.keyword(&place, entry, operation);
                ruled.push(place.pointer.clone());
            }
        }
        for lost in walk::deeper(self.tree, &cut, &ruled) {
            self.lost(lost);
        }
    }

    /// Takes in what is lost, once: several operations have the same schemas.
    fn lost(&mut self, lost: Lost) {
        if !self.imported.lost.contains(&lost) {
            self.imported.lost.push(lost);
        }
    }

    fn keyword(&mut self, place: &Place<'t>, entry: &'t Entry, operation: &str) {
        let mut is_whole = true;
        for finding in findings(self.tree, place, entry) {
            is_whole &= self.take(place, finding, operation);
        }
        let is_declaring =
            matches!(entry.key.as_str(), "oneOf" | "anyOf") && self.declares(place, entry);
        if self.is_own && is_whole && !is_declaring {
            self.replaced(place, entry, operation);
        }
    }

    /// Whether branches declare members, which rules then read.
    fn declares(&self, place: &Place<'t>, entry: &'t Entry) -> bool {
        let known = place.node.get("properties");
        entry.value.items().iter().any(|branch| {
            let branch = resolved(self.tree, branch);
            let members = branch.and_then(|branch| branch.get("properties"));
            let mut members = members.map(Node::entries).unwrap_or_default().iter();
            members.any(|own| known.is_none_or(|known| known.get(&own.key).is_none()))
        })
    }

    fn replaced(&mut self, place: &Place<'t>, entry: &Entry, operation: &str) {
        let keys: &[&str] = match entry.key.as_str() {
            "if" => &["if", "then", "else"],
            key => &[key],
        };
        let path = format!("body{}", shown(&place.steps));
        for key in keys.iter().filter(|key| place.node.get(key).is_some()) {
            self.imported.fields.push(Replaced {
                operation: operation.to_owned(),
                path: path.clone(),
                keyword: (*key).to_owned(),
                why: "Said by rules: otherwise no request that breaks them would pass the schema."
                    .to_owned(),
                span: entry.key_span,
            });
        }
    }

    /// JSON Schema doesn't fill in defaults before it judges: members whose
    /// presence a rule asks for lose theirs.
    fn defaults(&mut self, place: &Place<'t>, rule: &ImportedRule, operation: &str, span: Span) {
        let said = format!("{:?} {:?}", rule.when, rule.demand);
        let members = place.node.get("properties").map(Node::entries);
        for one in members.unwrap_or_default() {
            let own = resolved(self.tree, &one.value);
            let path = member(&format!("body{}", shown(&place.steps)), &one.key);
            let asked = format!("{})", member("", &one.key));
            let is_named = said.contains(&asked) || said.contains(&format!("\"{path}\""));
            if is_named && own.is_some_and(|own| own.get("default").is_some()) {
                self.imported.fields.push(Replaced {
                    operation: operation.to_owned(),
                    path,
                    keyword: "default".to_owned(),
                    why: "JSON Schema judges before defaults are filled in.".to_owned(),
                    span,
                });
            }
        }
    }

    /// Turns a finding into a rule, or into a loss. Whether it is a rule.
    fn take(&mut self, place: &Place<'t>, finding: Finding<'_>, operation: &str) -> bool {
        let tried = (finding.say)(&subject(place, "body"));
        if let Err(obstacle) = tried {
            let what = format!("`{}`", finding.pointer);
            self.lost(Lost::new(what, obstacle.why, obstacle.span));
            return false;
        }
        let nothing = || Said {
            when: Cel::Bool(true),
            then: Cel::Bool(true),
        };
        let said = about(&place.steps, "y", &|own| {
            (finding.say)(&subject(place, own)).unwrap_or_else(|_| nothing())
        });
        if said.then == Cel::Bool(true) {
            return true;
        }
        let is_flat = !place
            .steps
            .iter()
            .any(|step| !matches!(step, Step::Key { .. }));
        let demand = match finding.shorthand {
            Some((key, names)) if is_flat => {
                let base = format!("body{}", shown(&place.steps));
                let paths: Vec<String> = names.iter().map(|name| member(&base, name)).collect();
                match (key, paths.split_first()) {
                    ("requires", Some((first, needs))) => {
                        Demand::Requires(first.clone(), needs.to_vec())
                    }
                    _ => Demand::Fields(key, paths),
                }
            }
            _ => Demand::Rule(said.then),
        };
        // `has` guards itself against parents that are absent.
        let when = match &demand {
            Demand::Requires(..) => Cel::Bool(true),
            Demand::Fields("zeroOrOne", _) => Cel::Bool(true),
            _ => said.when,
        };
        let mut rule = ImportedRule::new(finding.id, operation, when, demand, finding.span);
        rule.source = Some(source_of(self.file, &finding.pointer));
        rule.message = finding.message;
        if self.is_own {
            self.defaults(place, &rule, operation, finding.span);
        }
        self.imported.rules.push(rule);
        true
    }
}

/// The value of a place, under a path.
fn subject<'t>(place: &Place<'t>, own: &str) -> Subject<'t> {
    Subject {
        path: own.to_owned(),
        declared: Some(place.node),
        declares: false,
        depth: 0,
    }
}
