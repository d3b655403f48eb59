//! A schema as a condition on a value.

use crate::document::percent_decoded;
use crate::import::walk::{follow, parts, step, texts};
use crate::import::{Cel, member, string};
use crate::source::Span;
use crate::tree::{Entry, Node, NodeKind};
use crate::value::print_number;

/// What of a schema can't be said as a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Obstacle {
    pub why: String,
    pub span: Span,
}

/// Keywords that demand nothing.
const SILENT: [&str; 16] = [
    "title",
    "description",
    "default",
    "example",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "nullable",
    "discriminator",
    "externalDocs",
    "xml",
    "$comment",
    "$schema",
    "$id",
    "definitions",
];

/// How deep schemas nest.
const MAX_DEPTH: usize = 24;

/// A value that a schema is about: its path, what its own schema says, and
/// whether types may be new there.
#[derive(Clone, Debug)]
pub(super) struct Subject<'t> {
    pub path: String,
    /// The schema that holds for the value anyway.
    pub declared: Option<&'t Node>,
    /// Whether members that nothing else declares are declared here: what
    /// their schemas say of them alone stays with the document.
    pub declares: bool,
    pub depth: usize,
}

impl<'t> Subject<'t> {
    fn below(&self, tree: &'t Node, key: &str) -> Self {
        let property = self
            .declared
            .and_then(|node| node.get("properties")?.get(key));
        Self {
            path: member(&self.path, key),
            declared: property.and_then(|node| resolved(tree, node)),
            depth: self.depth + 1,
            declares: self.declares,
        }
    }

    /// One item of the list, under a name.
    fn item(&self, tree: &'t Node) -> Self {
        let items = self.declared.and_then(|node| node.get("items"));
        Self {
            path: format!("y{}", self.depth),
            declared: items.and_then(|node| resolved(tree, node)),
            depth: self.depth + 1,
            declares: self.declares,
        }
    }

    fn is_required(&self, key: &str) -> bool {
        texts(self.declared.and_then(|node| node.get("required"))).contains(&key)
    }
}

/// A node, or what its reference leads to.
pub(super) fn resolved<'t>(tree: &'t Node, node: &'t Node) -> Option<&'t Node> {
    let Some(reference) = node.get("$ref") else {
        return Some(node);
    };
    let pointer = percent_decoded(reference.as_str()?.strip_prefix('#')?);
    follow(tree, &pointer).map(|(node, _)| node)
}

/// That the schema `node` holds for the value, which is there.
pub(super) fn condition<'t>(
    tree: &'t Node,
    node: &'t Node,
    subject: &Subject<'t>,
) -> Result<Cel, Obstacle> {
    if subject.depth > MAX_DEPTH {
        return Err(obstacle("the schema nests too deeply", node.span));
    }
    if let Some(value) = node.as_bool() {
        return Ok(Cel::Bool(value));
    }
    let Some(node) = resolved(tree, node) else {
        return Err(obstacle("the reference can't be followed", node.span));
    };
    let all = node.entries().iter();
    let parts = all.map(|entry| keyword(tree, node, entry, subject));
    Ok(Cel::and(parts.collect::<Result<Vec<_>, _>>()?))
}

fn keyword<'t>(
    tree: &'t Node,
    node: &'t Node,
    entry: &'t Entry,
    subject: &Subject<'t>,
) -> Result<Cel, Obstacle> {
    let own = || Cel::atom(&subject.path);
    let size = || Cel::atom(format!("size({})", subject.path));
    let each = |key: &str| -> Result<Vec<Cel>, Obstacle> {
        let parts = parts(node, key).into_iter();
        let deeper = Subject {
            depth: subject.depth + 1,
            ..subject.clone()
        };
        parts
            .map(|(_, part)| condition(tree, part, &deeper))
            .collect()
    };
    match entry.key.as_str() {
        "type" => types(entry, subject),
        "required" => {
            let names = texts(Some(&entry.value)).into_iter();
            Ok(Cel::and(
                names.map(|name| Cel::has(&member(&subject.path, name))),
            ))
        }
        "properties" => properties(tree, node, entry, subject),
        "const" => value(&entry.value).map(|value| equal(&subject.path, value)),
        "enum" => {
            let values = entry.value.items().iter().map(value);
            Ok(one_of(&subject.path, values.collect::<Result<_, _>>()?))
        }
        "minimum" if is_true(node, "exclusiveMinimum") => compare(">", own(), entry),
        "maximum" if is_true(node, "exclusiveMaximum") => compare("<", own(), entry),
        "minimum" => compare(">=", own(), entry),
        "maximum" => compare("<=", own(), entry),
        "exclusiveMinimum" | "exclusiveMaximum" if entry.value.as_bool().is_some() => {
            Ok(Cel::Bool(true))
        }
        "exclusiveMinimum" => compare(">", own(), entry),
        "exclusiveMaximum" => compare("<", own(), entry),
        "minLength" | "minItems" => compare(">=", size(), entry),
        "maxLength" | "maxItems" => compare("<=", size(), entry),
        "pattern" => match entry.value.as_str() {
            Some(pattern) => {
                let call = format!("{}.matches({})", subject.path, string(pattern));
                Ok(Cel::atom(call))
            }
            None => Err(unsaid(entry)),
        },
        "allOf" => each("allOf").map(Cel::and),
        "anyOf" => each("anyOf").map(Cel::or),
        "oneOf" => each("oneOf").map(|parts| Cel::count_of(parts, "==")),
        "not" => condition(tree, &entry.value, subject).map(Cel::negated),
        "items" | "contains" => {
            let one = subject.item(tree);
            let (path, name) = (&subject.path, &one.path);
            let holds = condition(tree, &entry.value, &one)?;
            let function = if entry.key == "items" {
                "all"
            } else {
                "exists"
            };
            Ok(match holds {
                Cel::Bool(true) if entry.key == "items" => Cel::Bool(true),
                holds => Cel::atom(format!("{path}.{function}({name}, {holds})")),
            })
        }
        "if" => chosen(tree, node, entry, subject),
        "then" | "else" => Ok(Cel::Bool(true)),
        "additionalProperties" if entry.value.as_bool() == Some(true) => Ok(Cel::Bool(true)),
        key if SILENT.contains(&key) || key.starts_with("x-") => Ok(Cel::Bool(true)),
        _ => Err(unsaid(entry)),
    }
}

/// `if` with its `then` and `else`.
fn chosen<'t>(
    tree: &'t Node,
    node: &'t Node,
    entry: &'t Entry,
    subject: &Subject<'t>,
) -> Result<Cel, Obstacle> {
    let premise = condition(tree, &entry.value, subject)?;
    let branch = |key: &str| match node.get(key) {
        Some(branch) => condition(tree, branch, subject),
        None => Ok(Cel::Bool(true)),
    };
    let (then, otherwise) = (branch("then")?, branch("else")?);
    Ok(Cel::and([
        Cel::implies(premise.clone(), then),
        Cel::or([premise, otherwise]),
    ]))
}

fn properties<'t>(
    tree: &'t Node,
    node: &'t Node,
    entry: &'t Entry,
    subject: &Subject<'t>,
) -> Result<Cel, Obstacle> {
    let required = texts(node.get("required"));
    let each = entry.value.entries().iter().map(|property| {
        let key = property.key.as_str();
        let below = subject.below(tree, key);
        if subject.declares && below.declared.is_none() && only_value(&property.value).is_none() {
            return Ok(Cel::Bool(true));
        }
        let holds = condition(tree, &property.value, &below)?;
        let is_there = required.contains(&key) || subject.is_required(key);
        Ok(match is_there {
            true => holds,
            false => Cel::implies(Cel::has(&below.path), holds),
        })
    });
    // What is demanded comes first in `&&`, so that it guards what reads it.
    let names = required.iter();
    let given = names.map(|name| Cel::has(&member(&subject.path, name)));
    let each: Vec<Cel> = each.collect::<Result<_, _>>()?;
    Ok(Cel::and(given.chain(each)))
}

/// A type that the value has anyway demands nothing.
fn types(entry: &Entry, subject: &Subject<'_>) -> Result<Cel, Obstacle> {
    let named = type_names(&entry.value);
    let declared = subject.declared.and_then(|node| node.get("type"));
    let declared = declared.map(type_names).unwrap_or_default();
    let covers = |own: &&str| named.contains(own) || *own == "integer" && named.contains(&"number");
    if !declared.is_empty() && declared.iter().all(covers) {
        return Ok(Cel::Bool(true));
    }
    if named == ["null"] {
        return Ok(Cel::compare(
            "==",
            Cel::atom(&subject.path),
            Cel::atom("null"),
        ));
    }
    let is_new = declared.is_empty() && (subject.declares || named == ["object"]);
    match is_new {
        true => Ok(Cel::Bool(true)),
        false => Err(obstacle(
            "rules can't ask for the type of a value",
            entry.key_span,
        )),
    }
}

fn type_names(node: &Node) -> Vec<&str> {
    match node.as_str() {
        Some(name) => vec![name],
        None => texts(Some(node)),
    }
}

fn compare(operator: &'static str, left: Cel, entry: &Entry) -> Result<Cel, Obstacle> {
    match entry.value.as_number() {
        Some(number) => Ok(Cel::compare(
            operator,
            left,
            Cel::atom(print_number(number)),
        )),
        None => Err(unsaid(entry)),
    }
}

/// A constant as a literal.
fn value(node: &Node) -> Result<Cel, Obstacle> {
    match &node.kind {
        NodeKind::Null => Ok(Cel::atom("null")),
        NodeKind::Bool(value) => Ok(Cel::Bool(*value)),
        NodeKind::Number { value, .. } => Ok(Cel::atom(print_number(value))),
        NodeKind::String(text) => Ok(Cel::string(&text.value)),
        _ => Err(obstacle(
            "lists and objects as constants aren't translated",
            node.span,
        )),
    }
}

/// That the value at `path` is a constant.
pub(super) fn equal(path: &str, value: Cel) -> Cel {
    match value {
        Cel::Bool(true) => Cel::atom(path),
        Cel::Bool(false) => Cel::atom(path).negated(),
        value => Cel::compare("==", Cel::atom(path), value),
    }
}

/// That the value at `path` is one of these.
pub(super) fn one_of(path: &str, values: Vec<Cel>) -> Cel {
    let mut values = values;
    match (values.len(), values.pop()) {
        (_, None) => Cel::Bool(false),
        (1, Some(only)) => equal(path, only),
        (_, Some(last)) => {
            values.push(last);
            let listed: Vec<String> = values.iter().map(Cel::to_string).collect();
            let list = Cel::atom(format!("[{}]", listed.join(", ")));
            Cel::compare("in", Cel::atom(path), list)
        }
    }
}

/// The only constant that a schema allows.
pub(super) fn only_value(node: &Node) -> Option<Cel> {
    let constant = node.get("const");
    let single = || match node.get("enum")?.items() {
        [only] => Some(only),
        _ => None,
    };
    constant.or_else(single).and_then(|node| value(node).ok())
}

fn is_true(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::as_bool) == Some(true)
}

fn unsaid(entry: &Entry) -> Obstacle {
    let why = format!("`{}` isn't translated", entry.key);
    obstacle(why, entry.key_span)
}

fn obstacle(why: impl Into<String>, span: Span) -> Obstacle {
    Obstacle {
        why: why.into(),
        span,
    }
}

/// The pointer of a key below another.
pub(super) fn pointer(base: &str, key: &str) -> String {
    format!("{base}/{}", step(key))
}
