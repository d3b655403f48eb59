//! The schemas of a request body, each with the path that leads to its values.

use std::collections::BTreeSet;

use super::{Cel, Lost, member};
use crate::document::percent_decoded;
use crate::source::Span;
use crate::tree::Node;

/// How many schemas are looked at: references may multiply them.
const LIMIT: usize = 20_000;

/// One step from a value to one below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A member, and whether it is always there.
    Key { name: String, required: bool },
    /// Each item of a list.
    Item,
    /// Each value of an object with free keys.
    Value,
}

/// A schema, and the path to its values.
#[derive(Clone, Debug)]
pub(super) struct Place<'t> {
    /// The schema.
    pub node: &'t Node,
    /// Where it stands, as a JSON pointer.
    pub pointer: String,
    /// The path from the body.
    pub steps: Vec<Step>,
}

/// What a schema says about one of its values.
pub(super) struct Said {
    /// Where this is false, nothing.
    pub when: Cel,
    /// What must hold.
    pub then: Cel,
}

/// All schemas that apply to a body whose schema stands at `pointer`.
/// Those that hold themselves are followed once; their pointers come as well.
pub(super) fn schemas<'t>(tree: &'t Node, pointer: &str) -> (Vec<Place<'t>>, BTreeSet<String>) {
    let mut walk = Walk {
        tree,
        found: Vec::new(),
        open: Vec::new(),
        cut: BTreeSet::new(),
    };
    walk.schema(pointer, Vec::new());
    (walk.found, walk.cut)
}

/// What is lost of the rules that a schema has which holds itself.
pub(super) fn deeper(tree: &Node, cut: &BTreeSet<String>, ruled: &[String]) -> Vec<Lost> {
    let concerned = cut.iter().filter(|pointer| {
        let below = format!("{pointer}/");
        ruled
            .iter()
            .any(|own| own == *pointer || own.starts_with(&below))
    });
    let lost = concerned.filter_map(|pointer| {
        let node = tree.at_pointer(pointer)?;
        let why = "it holds itself, and its rules are carried over for the outermost values only";
        let at = node
            .entries()
            .first()
            .map_or(node.span, |entry| entry.key_span);
        Some(Lost::new(format!("the schema `#{pointer}`"), why, at))
    });
    lost.collect()
}

struct Walk<'t> {
    tree: &'t Node,
    found: Vec<Place<'t>>,
    /// The schemas on the way, so that one that holds itself ends.
    open: Vec<String>,
    /// Those that were met again.
    cut: BTreeSet<String>,
}

impl Walk<'_> {
    fn schema(&mut self, pointer: &str, steps: Vec<Step>) {
        let Some((node, pointer)) = follow(self.tree, pointer) else {
            return;
        };
        if self.open.contains(&pointer) || self.found.len() >= LIMIT {
            self.cut.insert(pointer);
            return;
        }
        self.found.push(Place {
            node,
            pointer: pointer.clone(),
            steps: steps.clone(),
        });
        self.open.push(pointer.clone());
        for (index, _) in parts(node, "allOf") {
            self.schema(&format!("{pointer}/allOf/{index}"), steps.clone());
        }
        let required = required(self.tree, node, &pointer);
        for entry in node
            .get("properties")
            .map(Node::entries)
            .unwrap_or_default()
        {
            let key = Step::Key {
                name: entry.key.clone(),
                required: required.contains(entry.key.as_str()),
            };
            let below = format!("{pointer}/properties/{}", step(&entry.key));
            self.schema(&below, with(&steps, key));
        }
        for (key, one) in [("items", Step::Item), ("additionalProperties", Step::Value)] {
            if node.get(key).is_some_and(Node::is_mapping) {
                self.schema(&format!("{pointer}/{key}"), with(&steps, one));
            }
        }
        self.open.pop();
    }
}

/// The node at a JSON pointer, or the one that its `$ref` leads to at last, with
/// its place; `None` where a reference leads out of the tree or in a circle.
pub(super) fn follow<'t>(tree: &'t Node, pointer: &str) -> Option<(&'t Node, String)> {
    const CHAIN_LIMIT: usize = 64;
    let mut pointer = pointer.to_owned();
    for _ in 0..CHAIN_LIMIT {
        let node = tree.at_pointer(&pointer)?;
        let Some(reference) = node.get("$ref").and_then(Node::as_str) else {
            return Some((node, pointer));
        };
        pointer = percent_decoded(reference.strip_prefix('#')?);
    }
    None
}

fn with(steps: &[Step], last: Step) -> Vec<Step> {
    let mut steps = steps.to_vec();
    steps.push(last);
    steps
}

/// The schemas of a list under a key, with their positions.
pub(super) fn parts<'t>(node: &'t Node, key: &str) -> Vec<(usize, &'t Node)> {
    let items = node.get(key).map(Node::items).unwrap_or_default();
    items.iter().enumerate().collect()
}

/// A key as one step of a JSON pointer (RFC 6901).
pub(super) fn step(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The members that a schema, or what it takes in by `allOf`, demands.
fn required<'t>(tree: &'t Node, node: &'t Node, pointer: &str) -> BTreeSet<&'t str> {
    let mut names: BTreeSet<&str> = texts(node.get("required")).into_iter().collect();
    for (index, _) in parts(node, "allOf") {
        if let Some((part, _)) = follow(tree, &format!("{pointer}/allOf/{index}")) {
            names.extend(texts(part.get("required")));
        }
    }
    names
}

/// The texts of a list.
pub(super) fn texts(node: Option<&Node>) -> Vec<&str> {
    let items = node.map(Node::items).unwrap_or_default();
    items.iter().filter_map(Node::as_str).collect()
}

/// What a schema says about each of its values, as a rule about the request:
/// its guard, and what must hold. `say` gets the path of one value. Variables
/// are no words of `avoid`.
pub(super) fn about(steps: &[Step], avoid: &str, say: &dyn Fn(&str) -> Said) -> Said {
    below("body", steps, 1, avoid, say)
}

fn below(
    base: &str,
    steps: &[Step],
    number: usize,
    avoid: &str,
    say: &dyn Fn(&str) -> Said,
) -> Said {
    let mut path = base.to_owned();
    let mut guard = Cel::Bool(true);
    for (index, step) in steps.iter().enumerate() {
        let rest = steps.get(index + 1..).unwrap_or_default();
        match step {
            Step::Key { name, required } => {
                path = member(&path, name);
                if !required || guard != Cel::Bool(true) {
                    guard = Cel::has(&path);
                }
            }
            Step::Item | Step::Value => {
                let (name, number) = variable(number, avoid);
                let one = match step {
                    Step::Item => name.clone(),
                    _ => format!("{path}[{name}]"),
                };
                let inner = below(&one, rest, number, avoid, say);
                let each = Cel::implies(inner.when, inner.then);
                let then = match each {
                    Cel::Bool(value) => Cel::Bool(value),
                    each => Cel::atom(format!("{path}.all({name}, {each})")),
                };
                return Said { when: guard, then };
            }
        }
    }
    let said = say(&path);
    Said {
        when: Cel::and([guard, said.when]),
        then: said.then,
    }
}

/// The next name that `avoid` doesn't have, and the number after it.
fn variable(number: usize, avoid: &str) -> (String, usize) {
    let name = |number: usize| match number {
        1 => "x".to_owned(),
        number => format!("x{number}"),
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let taken = |wanted: &str| avoid.split(|c| !is_word(c)).any(|word| word == wanted);
    let free = (number..).find(|number| !taken(&name(*number)));
    let free = free.unwrap_or(number);
    (name(free), free + 1)
}

/// The path of a place as people write it: `.spec.items[*].name`.
pub(super) fn shown(steps: &[Step]) -> String {
    let each = steps.iter().map(|step| match step {
        Step::Key { name, .. } => member("", name),
        Step::Item | Step::Value => "[*]".to_owned(),
    });
    each.collect()
}

/// Every entry of that key in a tree, where it stands.
pub(super) fn everywhere(node: &Node, key: &str, found: &mut Vec<Span>) {
    for entry in node.entries() {
        if entry.key == key {
            found.push(entry.key_span);
        } else {
            everywhere(&entry.value, key, found);
        }
    }
    for item in node.items() {
        everywhere(item, key, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, required: bool) -> Step {
        Step::Key {
            name: name.to_owned(),
            required,
        }
    }

    fn rule(steps: &[Step], avoid: &str) -> String {
        let said = about(steps, avoid, &|own| Said {
            when: Cel::Bool(true),
            then: Cel::compare(">", Cel::atom(own), Cel::atom("0")),
        });
        format!("{} => {}", said.when, said.then)
    }

    #[test]
    fn rules_about_places_are_guarded_by_their_presence() {
        assert_eq!(rule(&[key("a", true)], ""), "true => body.a > 0");
        assert_eq!(
            rule(&[key("a", false), key("b", true)], ""),
            "has(body.a.b) => body.a.b > 0"
        );
        assert_eq!(
            rule(&[key("a", false), Step::Item, key("b-c", false)], "x.y"),
            "has(body.a) => body.a.all(x2, !has(x2['b-c']) || x2['b-c'] > 0)"
        );
        assert_eq!(
            rule(&[key("m", true), Step::Value, Step::Item], ""),
            "true => body.m.all(x, body.m[x].all(x2, x2 > 0))"
        );
    }
}
