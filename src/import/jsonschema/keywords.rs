//! The keywords that tie members to each other, one function each.

use super::condition::{Obstacle, Subject, condition, pointer};
use super::tagged;
use crate::import::walk::{Place, Said, Step, parts, step, texts};
use crate::import::{Cel, member, slug};
use crate::source::Span;
use crate::tree::{Entry, Node};

/// What is said of one value, or why it can't be.
type Say<'s> = dyn Fn(&Subject<'_>) -> Result<Said, Obstacle> + 's;

/// A rule in the making: what it is called, and what it says of one value.
pub(super) struct Finding<'s> {
    pub id: String,
    pub pointer: String,
    pub span: Span,
    pub message: Option<String>,
    pub say: Box<Say<'s>>,
    /// A shorthand that says the same, of paths below the value.
    pub shorthand: Option<(&'static str, Vec<String>)>,
}

/// The rules that a keyword of a place amounts to.
pub(super) fn findings<'t>(
    tree: &'t Node,
    place: &Place<'t>,
    entry: &'t Entry,
) -> Vec<Finding<'t>> {
    match entry.key.as_str() {
        "if" => chosen(tree, place, entry),
        "not" => vec![not(tree, place, entry)],
        "oneOf" | "anyOf" => branches(tree, place, entry),
        _ => dependencies(tree, place, entry),
    }
}

fn chosen<'t>(tree: &'t Node, place: &Place<'t>, entry: &'t Entry) -> Vec<Finding<'t>> {
    let node = place.node;
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

fn not<'t>(tree: &'t Node, place: &Place<'t>, entry: &'t Entry) -> Finding<'t> {
    let node = place.node;
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
fn dependencies<'t>(tree: &'t Node, place: &Place<'t>, entry: &'t Entry) -> Vec<Finding<'t>> {
    let node = place.node;
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

fn branches<'t>(tree: &'t Node, place: &Place<'t>, entry: &'t Entry) -> Vec<Finding<'t>> {
    let node = place.node;
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

pub(super) fn always(then: Cel) -> Said {
    Said {
        when: Cel::Bool(true),
        then,
    }
}

/// The same value, with the schema that it has at its place.
pub(super) fn relative<'t>(subject: &Subject<'_>, node: &'t Node) -> Subject<'t> {
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
pub(super) fn words(node: &Node) -> Option<String> {
    let text = |key: &str| node.get(key)?.as_str();
    let words = text("description").or(text("title"))?.trim().to_owned();
    (!words.is_empty()).then_some(words)
}

/// An id after a place, below which it is: `payment-lines-one-of`.
pub(super) fn name(place: &Place<'_>, what: &str) -> String {
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
