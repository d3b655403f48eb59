//! The conditionals of JSON Schema: what ties members of a request body to each
//! other, as rules.

mod condition;
mod tagged;

use self::condition::{Obstacle, Subject, condition, pointer, resolved};
use super::rule::merge_operations;
use super::walk::{self, Place, Said, Step, about, parts, shown, step, texts};
use super::{Cel, Demand, Imported, ImportedRule, Lost, Replaced, member, slug, source_of};
use crate::document::{Document, Listed};
use crate::source::Span;
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
        let operation = document.operation(listed).ok();
        let Some(body) = operation.and_then(|operation| operation.body) else {
            continue;
        };
        importer.body(&body.pointer, &listed.id());
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

/// A rule in the making: what it is called, and what it says of one value.
struct Finding<'s> {
    id: String,
    pointer: String,
    span: Span,
    message: Option<String>,
    say: Box<dyn Fn(&Subject<'_>) -> Result<Said, Obstacle> + 's>,
    /// A shorthand that says the same, of paths below the value.
    shorthand: Option<(&'static str, Vec<String>)>,
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

    fn body(&mut self, pointer: &str, operation: &str) {
        for place in walk::schemas(self.tree, pointer) {
            let entries = place.node.entries().iter();
            for entry in entries.filter(|entry| KEYWORDS.contains(&entry.key.as_str())) {
                self.keyword(&place, entry, operation);
            }
        }
    }

    fn keyword(&mut self, place: &Place<'t>, entry: &'t Entry, operation: &str) {
        let lost_before = self.imported.lost.len();
        let findings = match entry.key.as_str() {
            "if" => self.chosen(place, entry),
            "not" => vec![self.not(place, entry)],
            "oneOf" | "anyOf" => self.branches(place, entry),
            _ => self.dependencies(place, entry),
        };
        let is_whole = findings
            .into_iter()
            .map(|finding| self.take(place, finding, operation))
            .fold(true, |all, one| all && one);
        let is_declaring =
            matches!(entry.key.as_str(), "oneOf" | "anyOf") && self.declares(place, entry);
        if self.is_own && is_whole && self.imported.lost.len() == lost_before && !is_declaring {
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

    /// Turns a finding into a rule, or into a loss. Whether it is a rule.
    fn take(&mut self, place: &Place<'t>, finding: Finding<'_>, operation: &str) -> bool {
        let tried = (finding.say)(&subject(place, "body"));
        if let Err(obstacle) = tried {
            let what = format!("`{}`", finding.pointer);
            let lost = Lost::new(what, obstacle.why, obstacle.span);
            if !self.imported.lost.contains(&lost) {
                self.imported.lost.push(lost);
            }
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
        self.imported.rules.push(rule);
        true
    }

    fn chosen(&self, place: &Place<'t>, entry: &'t Entry) -> Vec<Finding<'t>> {
        let (tree, node) = (self.tree, place.node);
        let branches = [("then", true), ("else", false)].into_iter();
        branches
            .filter_map(|(key, wanted)| {
                let branch = node.entry(key)?;
                Some(Finding {
                    id: name(place, key),
                    pointer: pointer(&place.pointer, key),
                    span: branch.key_span,
                    message: words(&branch.value).or(words(&entry.value)),
                    shorthand: None,
                    say: Box::new(move |subject| {
                        let premise = condition(tree, &entry.value, &relative(subject, node))?;
                        let then = condition(tree, &branch.value, &relative(subject, node))?;
                        let when = if wanted { premise } else { premise.negated() };
                        Ok(Said { when, then })
                    }),
                })
            })
            .collect()
    }

    fn not(&self, place: &Place<'t>, entry: &'t Entry) -> Finding<'t> {
        let (tree, node) = (self.tree, place.node);
        let required = only_required(&entry.value).filter(|names| names.len() == 2);
        Finding {
            id: name(
                place,
                &with_names("not-all-of", &only_required(&entry.value)),
            ),
            pointer: pointer(&place.pointer, "not"),
            span: entry.key_span,
            message: words(&entry.value),
            shorthand: required.map(|names| ("zeroOrOne", names)),
            say: Box::new(move |subject| {
                let holds = condition(tree, &entry.value, &relative(subject, node))?;
                Ok(always(holds.negated()))
            }),
        }
    }

    /// `dependentRequired`, `dependentSchemas`, and `dependencies`, which is
    /// either.
    fn dependencies(&self, place: &Place<'t>, entry: &'t Entry) -> Vec<Finding<'t>> {
        let (tree, node) = (self.tree, place.node);
        let each = entry.value.entries().iter();
        each.map(move |one| {
            let needs = texts(Some(&one.value));
            let is_list = !one.value.items().is_empty();
            let names = std::iter::once(one.key.as_str()).chain(needs.iter().copied());
            let names: Vec<String> = names.map(str::to_owned).collect();
            Finding {
                id: name(place, &format!("{}-needs-{}", one.key, needs.join("-"))),
                pointer: format!("{}/{}/{}", place.pointer, entry.key, step(&one.key)),
                span: one.key_span,
                message: words(&one.value),
                shorthand: is_list.then_some(("requires", names)),
                say: Box::new(move |subject| {
                    let path = |key: &str| member(&subject.path, key);
                    let when = Cel::has(&path(&one.key));
                    let then = if one.value.is_mapping() || one.value.as_bool().is_some() {
                        condition(tree, &one.value, &relative(subject, node))?
                    } else {
                        let names = texts(Some(&one.value)).into_iter();
                        Cel::and(names.map(|key| Cel::has(&path(key))))
                    };
                    Ok(Said { when, then })
                }),
            }
        })
        .collect()
    }

    fn branches(&mut self, place: &Place<'t>, entry: &'t Entry) -> Vec<Finding<'t>> {
        let (tree, node) = (self.tree, place.node);
        if let Some(tagged) = tagged::find(tree, node, entry) {
            return tagged::findings(tree, place, entry, tagged);
        }
        let branches = entry.value.items();
        let is_exact = entry.key == "oneOf";
        let single: Option<Vec<String>> = branches
            .iter()
            .map(|branch| {
                only_required(branch)
                    .filter(|names| names.len() == 1)?
                    .pop()
            })
            .collect();
        let key = if is_exact { "onlyOne" } else { "anyOf" };
        vec![Finding {
            id: name(
                place,
                &with_names(if is_exact { "one-of" } else { "any-of" }, &single),
            ),
            pointer: pointer(&place.pointer, &entry.key),
            span: entry.key_span,
            message: None,
            shorthand: single
                .clone()
                .filter(|names| names.len() > 1)
                .map(|names| (key, names)),
            say: Box::new(move |subject| {
                let subject = relative(subject, node);
                let parts = parts(node, &entry.key).into_iter();
                let parts = parts.map(|(_, branch)| condition(tree, branch, &subject));
                let parts = parts.collect::<Result<Vec<_>, _>>()?;
                Ok(always(match is_exact {
                    true => Cel::count_of(parts, "=="),
                    false => Cel::or(parts),
                }))
            }),
        }]
    }
}

fn always(then: Cel) -> Said {
    Said {
        when: Cel::Bool(true),
        then,
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

/// The same value, with the schema that it has at its place.
fn relative<'t>(subject: &Subject<'_>, node: &'t Node) -> Subject<'t> {
    Subject {
        path: subject.path.clone(),
        declared: Some(node),
        declares: subject.declares,
        depth: subject.depth,
    }
}

/// The members that a schema demands, if it demands nothing else.
fn only_required(node: &Node) -> Option<Vec<String>> {
    let silent = ["required", "title", "description", "type"];
    let is_plain = node
        .entries()
        .iter()
        .all(|entry| silent.contains(&entry.key.as_str()));
    let is_object = node
        .get("type")
        .is_none_or(|own| own.as_str() == Some("object"));
    let names = texts(node.get("required"));
    (is_plain && is_object && !names.is_empty())
        .then(|| names.into_iter().map(str::to_owned).collect())
}

/// What a schema says of itself.
fn words(node: &Node) -> Option<String> {
    let text = |key: &str| node.get(key)?.as_str();
    let words = text("description").or(text("title"))?.trim().to_owned();
    (!words.is_empty()).then_some(words)
}

/// An id after a place, below which it is: `payment-lines-one-of`.
fn name(place: &Place<'_>, what: &str) -> String {
    let keys = place.steps.iter().filter_map(|step| match step {
        Step::Key { name, .. } => Some(name.as_str()),
        _ => None,
    });
    let keys: Vec<&str> = keys.collect();
    let last = place.pointer.rsplit('/').next().unwrap_or_default();
    let is_named =
        !last.is_empty() && last.chars().all(|c| !c.is_ascii_digit()) && last != "schema";
    let root = if is_named { last } else { "body" };
    let keys = if keys.is_empty() { vec![root] } else { keys };
    slug(&keys.into_iter().chain([what]).collect::<Vec<_>>().join("-"))
}

fn with_names(what: &str, names: &Option<Vec<String>>) -> String {
    let names = names.iter().flatten().map(String::as_str);
    let all: Vec<&str> = std::iter::once(what).chain(names).collect();
    all.join("-")
}
