//! Modelling one operation.

use super::build::Builder;
use super::bundle::Bundle;
use super::operation::Operation;
use super::overlay::{self, Overlay};
use super::read::Listed;
use super::{defaults, doubts, sendable, synth};
use crate::source::{Diagnostic, Diagnostics};
use crate::tree::Node;

pub(super) type Fallible<T> = Result<T, Box<Diagnostic>>;

/// Models `listed`, with `overlays` applied.
pub(super) fn operation(
    tree: &Bundle,
    listed: &Listed,
    overlays: Vec<Overlay>,
) -> Result<Operation, Diagnostics> {
    let mut modeller = Modeller {
        tree,
        builder: Builder::new(tree),
        findings: Diagnostics::new(),
    };
    let parameters = modeller.parameters(listed);
    let body = modeller.body(listed);
    let security = modeller.security(listed);
    let answers = tree
        .root
        .at_pointer(&format!("{}/responses", listed.pointer));
    let mut findings = modeller.findings;
    let (mut schemas, found) = modeller.builder.finish();
    findings.append(found);
    if findings.has_errors() {
        return Err(findings);
    }
    let parameters = sendable::keep_sendable(&schemas, parameters, &mut findings);
    if findings.has_errors() {
        return Err(findings);
    }
    findings.append(defaults::drop_refused(&mut schemas));
    let request = synth::request_schema(&mut schemas, listed, &parameters, body.as_ref());
    let mut operation = Operation {
        id: listed.id(),
        method: listed.method.clone(),
        path: listed.path.clone(),
        parameters,
        body,
        answers: answers.map(keys).unwrap_or_default(),
        security,
        schemas,
        request,
        span: listed.span,
        pointer: listed.pointer.clone(),
        findings,
        overlays: Vec::new(),
    };
    overlay::apply_all(&mut operation, overlays)?;
    let doubts = doubts::about(tree, &operation);
    operation.findings.append(doubts);
    if operation.findings.has_errors() {
        return Err(operation.findings);
    }
    Ok(operation)
}

/// The keys of a mapping that are no extensions.
pub(super) fn keys(node: &Node) -> Vec<String> {
    let entries = node.entries().iter().map(|entry| entry.key.clone());
    entries.filter(|key| !key.starts_with("x-")).collect()
}

/// Reads the parts of one operation.
pub(super) struct Modeller<'a> {
    pub tree: &'a Bundle,
    pub builder: Builder<'a>,
    pub findings: Diagnostics,
}

impl Modeller<'_> {
    /// Keeps a finding and goes on, so that all are shown in one go.
    pub fn keep<T>(&mut self, result: Fallible<T>) -> Option<T> {
        result.map_err(|finding| self.findings.push(*finding)).ok()
    }

    /// The schema beside other keys of the node at `holder`.
    pub fn schema(&mut self, holder: &str) -> super::schema::SchemaId {
        self.builder.at(&format!("{holder}/schema"))
    }
}
