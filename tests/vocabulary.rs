//! The rule files that people start from show the whole language: every
//! operator and every key of the format stands somewhere in `rules/` or
//! `examples/`.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crossfield::document::Document;
use crossfield::expr::{ExprId, Fold, ListOp, Node, Op, Rounding};
use crossfield::model::{Model, build};
use crossfield::rulefile::{Api, RuleFile};
use crossfield::source::Sources;
use serde_json::Value;

const NOW: i128 = 1_790_000_000_000_000_000;

/// Operators that no believable rule of the files holds.
const NO_OPERATORS: [(&str, &str); 1] = [("OrElse", "it stands in faulty servers only")];

/// Keys that no file needs.
const NO_KEYS: [(&str, &str); 22] = [
    ("answers.reject", USUAL),
    ("answers.replay", USUAL),
    ("answers.schema", USUAL),
    ("attribute.schema", "all types follow from `init` and `set`"),
    ("file.api.method", BARE),
    ("file.api.path", BARE),
    ("file.api.sample", BARE),
    ("file.api.schema", BARE),
    ("file.clock.examples", RUNNING),
    ("file.clock.fixed", RUNNING),
    ("file.clock.set", RUNNING),
    ("file.clock.set.field", RUNNING),
    ("file.clock.set.operation", RUNNING),
    ("file.nulls", "the servers tell null from absent"),
    ("file.undefined", DEFINED),
    ("invariant.owner", "one team answers for a file"),
    ("invariant.when", "as in rules"),
    ("resource.existing", EMPTY),
    ("resource.existing.key", EMPTY),
    ("rule.across.third", "two requests of the examples tell all"),
    ("rule.owner", "one team answers for a file"),
    ("rule.undefined", DEFINED),
];
/// What is there before is for servers that start with something.
const EMPTY: &str = "the servers start with nothing";
const USUAL: &str = "the examples answer with the usual statuses";
const BARE: &str = "a bare schema has an example of its own in docs/documents.md";
const RUNNING: &str = "the servers' clocks run, and the examples name no times beside them";
const DEFINED: &str = "all rules have a value for every request";

fn rule_files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders =
        ["rules", "examples/parcels", "examples/settlements"].map(|folder| root.join(folder));
    let entries = folders.into_iter().flat_map(|folder| {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().path())
    });
    let mut files: Vec<PathBuf> = entries
        .filter(|path| path.to_string_lossy().ends_with(".rules.yaml"))
        .collect();
    files.sort();
    files
}

/// The model of a rule file; `None` where others include it.
fn model(path: &Path) -> Option<Model> {
    let mut sources = Sources::default();
    let opened = RuleFile::open(&mut sources, path).unwrap();
    if opened.lacks_api {
        return None;
    }
    let (parsed, mut findings) = (opened.file.unwrap(), opened.diagnostics);
    let Api::Document(api) = &parsed.api else {
        panic!("{} has a schema of its own", path.display());
    };
    let api = path.parent().unwrap().join(&api.value);
    let document = Document::open(&mut sources, &api).unwrap();
    let built = build(&document, &parsed, NOW, &mut findings);
    assert!(
        !findings.has_errors(),
        "{}",
        findings.render_human(&sources, false)
    );
    Some(built.unwrap().model)
}

/// All that rules and state say.
fn roots(model: &Model) -> Vec<ExprId> {
    let rules = model.rules.iter().map(|rule| rule.expr);
    let attributes = model.resources.iter().flat_map(|own| &own.attributes);
    let changes = model.operations.iter().flat_map(|own| &own.changes);
    rules
        .chain(attributes.map(|attribute| attribute.init))
        .chain(changes.map(|change| change.expr))
        .collect()
}

fn operators(model: &Model) -> BTreeSet<String> {
    let reachable = model.arena.reachable(&roots(model)).into_iter();
    let names = reachable.filter_map(|id| match model.arena.node(id) {
        Node::Call(op, _) => Some(format!("{op:?}")),
        Node::Fold(fold, ..) => Some(format!("{fold:?}")),
        Node::List(_) => Some("a list".to_owned()),
        Node::Map(_) => Some("a map".to_owned()),
        Node::Has(..) => Some("has".to_owned()),
        _ => None,
    });
    names.collect()
}

fn every_operator() -> BTreeSet<String> {
    let ops = Op::all().into_iter();
    let ops = ops.filter(|op| !matches!(op, Op::Round(_)));
    let more = [
        Op::Guard,
        Op::OrElse,
        Op::List(ListOp::Keys),
        Op::List(ListOp::Indexes),
    ];
    let ops = ops.chain(more).chain(Rounding::ALL.map(Op::Round));
    let ops = ops.map(|op| format!("{op:?}"));
    let folds = Fold::WRITTEN.into_iter().chain([Fold::MapPresent]);
    let folds = folds.map(|fold| format!("{fold:?}"));
    let forms = ["a list", "a map", "has"].map(str::to_owned);
    ops.chain(folds).chain(forms).collect()
}

/// What is missing, but for what needs no use; nothing is excused without need.
fn missing(
    all: BTreeSet<String>,
    used: &BTreeSet<String>,
    excused: &[(&str, &str)],
) -> Vec<String> {
    for (excused, _) in excused {
        assert!(all.contains(*excused), "{excused} isn't there at all");
        assert!(!used.contains(*excused), "{excused} is used after all");
    }
    let open = all.into_iter().filter(|one| !used.contains(one));
    open.filter(|one| !excused.iter().any(|(name, _)| name == one))
        .collect()
}

#[test]
fn every_operator_is_used() {
    let models: Vec<Model> = rule_files().iter().filter_map(|path| model(path)).collect();
    assert!(models.len() >= 5, "{} files", models.len());
    let used: BTreeSet<String> = models.iter().flat_map(operators).collect();
    let open = missing(every_operator(), &used, &NO_OPERATORS);
    assert!(open.is_empty(), "no rule uses {open:#?}");
}

/// A schema, and which parts of it values have used: `rule.when`.
struct Walk<'a> {
    root: &'a Value,
    used: BTreeSet<String>,
}

impl Walk<'_> {
    /// The schema that a reference leads to, and its name.
    fn resolved<'s>(&'s self, schema: &'s Value, name: &str) -> (&'s Value, String) {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let target = reference.trim_start_matches('#');
                let name = target.rsplit('/').next().unwrap();
                (self.root.pointer(target).unwrap(), name.to_owned())
            }
            None => (schema, name.to_owned()),
        }
    }

    fn value(&mut self, schema: &Value, value: &Value, name: &str) {
        let (schema, name) = self.resolved(schema, name);
        let schema = schema.clone();
        for part in ["oneOf", "anyOf"] {
            for branch in schema[part].as_array().into_iter().flatten() {
                self.value(branch, value, &name);
            }
        }
        if let Some(items) = value.as_array() {
            for item in items {
                self.value(&schema["items"], item, &name);
            }
        }
        for (key, member) in value.as_object().into_iter().flatten() {
            match schema["properties"].get(key) {
                Some(part) => {
                    let name = format!("{name}.{key}");
                    self.used.insert(name.clone());
                    self.value(part, member, &name);
                }
                None => self.value(&schema["additionalProperties"], member, &name),
            }
        }
    }
}

/// All keys of the schema, named as [`Walk`] names them.
fn every_key(root: &Value) -> BTreeSet<String> {
    fn within(schema: &Value, name: &str, found: &mut BTreeSet<String>) {
        for part in ["oneOf", "anyOf"] {
            for branch in schema[part].as_array().into_iter().flatten() {
                within(branch, name, found);
            }
        }
        for key in ["items", "additionalProperties"] {
            if schema[key].is_object() {
                within(&schema[key], name, found);
            }
        }
        for (key, part) in schema["properties"].as_object().into_iter().flatten() {
            let name = format!("{name}.{key}");
            found.insert(name.clone());
            within(part, &name, found);
        }
    }
    let mut found = BTreeSet::new();
    within(root, "file", &mut found);
    for (name, part) in root["$defs"].as_object().unwrap() {
        within(part, name, &mut found);
    }
    found
}

#[test]
fn every_key_is_used() {
    let schema: Value =
        serde_json::from_str(include_str!("../src/rulefile/rules.schema.json")).unwrap();
    let mut walk = Walk {
        root: &schema,
        used: BTreeSet::new(),
    };
    for path in rule_files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let file: Value = serde_saphyr::from_str(&text).unwrap();
        walk.value(&schema, &file, "file");
    }
    // Keywords of JSON Schema replace what a document says wrongly.
    let (keywords, keys): (Vec<String>, Vec<String>) = every_key(&schema)
        .into_iter()
        .partition(|key| key.starts_with("keywords."));
    assert!(keywords.iter().any(|key| walk.used.contains(key)));
    let keys = keys.into_iter().chain(["keywords.from".to_owned()]);
    let open = missing(keys.collect(), &walk.used, &NO_KEYS);
    assert!(open.is_empty(), "no file uses {open:#?}");
}
