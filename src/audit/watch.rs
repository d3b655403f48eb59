//! What doesn't change while traffic is looked at.

use std::collections::{BTreeMap, BTreeSet};

use super::known::Known;
use super::needs::{Needs, together};
use super::routes::Routes;
use crate::document::Document;
use crate::model::{Built, OperationRef, Patch, ResourceRef};
use crate::run::Environment;
use crate::simulate::Live;

/// The servers, and what has to be known to ask them.
pub struct Watch<'m> {
    /// The model, and its side of the document.
    pub built: &'m Built,
    /// The right server, and the faulty ones.
    pub live: Live<'m>,
    /// Which operation a request is to.
    pub routes: Routes,
    /// What the environment tells.
    pub known: Known<'m>,
    /// Whether traffic began on a server that held nothing.
    pub from_start: bool,
    /// By operation.
    needs: Vec<Needs>,
    /// What patches read, at an operation, that its requests don't need else.
    more: BTreeMap<(usize, OperationRef), Needs>,
}

/// How traffic is looked at.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    /// What stands before the document's paths in addresses, beside what the
    /// document says.
    pub bases: Vec<String>,
    /// Whether the traffic began on a server that held nothing but what the rule
    /// file says.
    pub from_start: bool,
}

impl<'m> Watch<'m> {
    /// For the servers that `patches` make.
    pub fn new(
        built: &'m Built,
        document: &Document,
        patches: &'m [Patch],
        setting: &Setting,
        environment: &Environment,
    ) -> Self {
        let model = &built.model;
        let together: BTreeSet<ResourceRef> = together(built);
        let operations = model.operation_refs();
        let needs = operations.map(|(operation, _)| Needs::of(model, operation, &together));
        let needs: Vec<Needs> = needs.collect();
        let more = patches.iter().enumerate().flat_map(|(index, patch)| {
            let readers = patch.0.keys().filter_map(|place| model.reader(*place));
            let readers: BTreeSet<OperationRef> = readers.collect();
            let needs = &needs;
            let together = &together;
            readers.into_iter().filter_map(move |operation| {
                let mut own = Needs::of_patch(model, patch, operation);
                own.all.retain(|resource| together.contains(resource));
                let needed = needs.get(operation.0 as usize)?;
                (!own.is_within(needed)).then_some(((index, operation), own))
            })
        });
        let more = more.collect();
        Self {
            built,
            live: Live::new(model, patches),
            routes: Routes::new(document, model, &setting.bases),
            known: Known::new(model, environment),
            from_start: setting.from_start,
            needs,
            more,
        }
    }

    /// What has to be known of a request to an operation.
    pub fn needs(&self, operation: OperationRef) -> &Needs {
        const NOTHING: &Needs = &Needs {
            now: false,
            actor: false,
            values: BTreeSet::new(),
            all: BTreeSet::new(),
        };
        self.needs.get(operation.0 as usize).unwrap_or(NOTHING)
    }

    /// Whether some operation changes resources of a kind.
    pub fn changes(&self, resource: ResourceRef) -> bool {
        let mut operations = self.built.model.operations.iter();
        operations.any(|own| own.changes.iter().any(|change| change.resource == resource))
    }

    /// What a patch reads that requests to the operation don't need else.
    pub fn more(&self, patch: usize, operation: OperationRef) -> Option<&Needs> {
        self.more.get(&(patch, operation))
    }
}
