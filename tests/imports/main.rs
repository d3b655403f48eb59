//! Imported rules mean what their source means: by judges that share nothing
//! with the translation, over random rules and random requests.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod idl;
mod jsonschema;
mod real;
mod writing;

use std::collections::BTreeSet;

use crossfield::document::Document;
use crossfield::import::{Imported, settle};
use crossfield::model::{Model, OperationRef, Patch, Step, Trace, build};
use crossfield::rulefile::RuleFile;
use crossfield::simulate::{Options, Verdict, run};
use crossfield::source::{Diagnostics, Sources};
use crossfield::value::Value;

const NOW: i128 = 1_790_000_000_000_000_000;

/// A document from its text.
fn document(text: &str, sources: &mut Sources) -> Document {
    let file = sources.add("openapi.yaml", text);
    Document::read(sources, file).unwrap_or_else(|found| {
        panic!("{}", found.render_human(sources, false));
    })
}

/// The imported rules as everybody reads them, with what was lost.
fn model(imported: Imported, document: &Document, sources: &mut Sources) -> (Model, Imported) {
    let settled = settle(
        imported,
        document,
        sources,
        ("openapi.yaml", "Imported."),
        NOW,
    );
    let settled = settled.unwrap_or_else(|found| panic!("{}", found.render_human(sources, false)));
    let file = sources.add("a.rules.yaml", settled.text.as_str());
    let mut found = Diagnostics::new();
    let (parsed, reading) = RuleFile::parse(sources, file);
    found.append(reading);
    let built = build(document, &parsed.unwrap(), NOW, &mut found);
    let shown = found.render_human(sources, false);
    let built = built.unwrap_or_else(|| panic!("{}\n{shown}", settled.text));
    (built.model, settled.imported)
}

/// The ids of the rules that a request breaks. No rule may be undefined.
fn broken(model: &Model, request: &str) -> BTreeSet<String> {
    let trace = Trace {
        steps: vec![Step {
            operation: OperationRef(0),
            request: json(request),
        }],
    };
    let right = run(model, &Patch::default(), &trace, Options::default());
    match &right.verdicts[0] {
        Verdict::Accept => BTreeSet::new(),
        Verdict::Reject(broken) => broken
            .iter()
            .map(|rule| model.rules[rule.0 as usize].rule.clone())
            .collect(),
        other => panic!("{request}: {other:?}"),
    }
}

fn json(text: &str) -> Value {
    let mut sources = Sources::new();
    let file = sources.add("value.json", text);
    crossfield::tree::parse_json(&sources, file)
        .unwrap()
        .to_value()
}
