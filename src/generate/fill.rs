//! Free fields, which no rule reads, take part in pairwise coverage: any two values
//! of any two of them stand together in some request that is sent anyway.
//!
//! Greedy, as AETG does it (Cohen, Dalal, Fredman and Patton, 1997), but over the
//! cases that there are: each in turn takes the values that make most new pairs, as
//! long as schemas, verdict and all that it detects stay.

mod free;
mod table;

use std::collections::BTreeMap;

use serde::Serialize;

use self::table::{Choice, Table};
use super::baselines::verdict_behind;
use super::evidence::detected;
use super::owner::{At, Draft, DraftTwin, Outcome};
use super::spine::Context;
use crate::fault::Fault;
use crate::model::{OperationRef, Patch, Trace};
use crate::simulate::Look;
use crate::value::location::Location;
use crate::witness::Verified;

/// What was put into the free fields of a draft.
#[derive(Clone, Debug)]
pub struct Filled {
    /// The requests with it.
    pub trace: Trace,
    /// The places in the last request.
    pub places: Vec<Location>,
}

/// Pairs of values of free fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pairs {
    /// Those that stand together in some request.
    pub covered: usize,
    /// All.
    pub all: usize,
}

/// Fills the drafts of all owners; how many pairs they then cover.
pub fn fill(context: &Context<'_>, owners: &[Vec<Fault>], outcomes: &mut [Outcome]) -> Pairs {
    let mut tables: BTreeMap<OperationRef, Table> = BTreeMap::new();
    for draft in outcomes.iter().flat_map(|outcome| &outcome.drafts) {
        if let Some(operation) = last_operation(draft) {
            let table = || Table::new(context, operation);
            tables.entry(operation).or_insert_with(table);
        }
    }
    let faults: Vec<Vec<&Fault>> = owners
        .iter()
        .zip(outcomes.iter())
        .map(|(own, outcome)| own.iter().chain(&outcome.added).collect())
        .collect();
    let patch = |(owner, fault): At| Some(faults.get(owner)?.get(fault)?.patch.clone());
    let mut found: Vec<(usize, usize, Filled)> = Vec::new();
    for (owner, outcome) in outcomes.iter().enumerate() {
        for group in together(&outcome.drafts) {
            let operation = group.first().and_then(|first| outcome.drafts.get(*first));
            let table = operation.and_then(last_operation);
            let Some(table) = table.and_then(|operation| tables.get_mut(&operation)) else {
                continue;
            };
            let members = Member::all(&outcome.drafts, &group, owner, &patch);
            let filled = table.fill(context, &members);
            found.extend(filled.into_iter().map(|(index, own)| (owner, index, own)));
        }
    }
    for (owner, index, filled) in found {
        let drafts = outcomes.get_mut(owner).map(|outcome| &mut outcome.drafts);
        if let Some(draft) = drafts.and_then(|drafts| drafts.get_mut(index)) {
            draft.filled = Some(filled);
        }
    }
    let counts = tables.values().map(Table::pairs);
    counts.fold(Pairs::default(), |sum, own| Pairs {
        covered: sum.covered + own.covered,
        all: sum.all + own.all,
    })
}

fn last_operation(draft: &Draft) -> Option<OperationRef> {
    let last = draft.witness.trace().steps.last();
    last.map(|step| step.operation)
}

/// Drafts that get the same values, so that a case and its twin differ as before:
/// each with those whose twin it is.
fn together(drafts: &[Draft]) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, draft) in drafts.iter().enumerate() {
        let twin = match draft.twin {
            Some(DraftTwin::Draft(twin)) => twin,
            _ => index,
        };
        groups.entry(twin).or_default().push(index);
    }
    groups.into_values().collect()
}

/// A draft that is filled with others.
struct Member<'d> {
    index: usize,
    draft: &'d Draft,
    /// The faults that it has to go on detecting.
    patches: Vec<Patch>,
}

impl<'d> Member<'d> {
    fn all(
        drafts: &'d [Draft],
        group: &[usize],
        owner: usize,
        patch: &dyn Fn(At) -> Option<Patch>,
    ) -> Vec<Self> {
        let members = group.iter().filter_map(|index| {
            let draft = drafts.get(*index)?;
            let own = draft.detects.iter().map(|fault| (owner, *fault));
            let all = own.chain(draft.elsewhere.detects.iter().copied());
            Some(Self {
                index: *index,
                draft,
                patches: all.filter_map(patch).collect(),
            })
        });
        members.collect()
    }

    /// Whether it may be changed. A baseline is sent as it is, and so is the case
    /// whose twin it is; and what a second look finds, or a status, holds for the
    /// request as it is.
    fn is_free(&self) -> bool {
        let draft = self.draft;
        let is_apart =
            draft.witness.is_accepted() || matches!(draft.twin, Some(DraftTwin::Draft(_)));
        is_apart && draft.witness.assumes().is_empty() && draft.by_status.is_empty()
    }

    /// The draft with other values in the last request.
    fn with(&self, table: &Table, chosen: &[Choice]) -> Option<Trace> {
        let mut trace = self.draft.witness.trace().clone();
        let last = trace.steps.last_mut()?;
        for (field, value) in chosen {
            let field = table.fields.get(*field)?;
            match field.values.get(*value)? {
                Some(value) => field
                    .location
                    .write(&mut last.request, value.clone())
                    .then_some(())?,
                None => drop(field.location.remove(&mut last.request)),
            }
        }
        Some(trace)
    }

    /// Whether it still is the same case, by evaluation and the schema validator.
    fn holds(&self, context: &Context<'_>, trace: &Trace) -> bool {
        let before = verdict_behind(context.model, self.draft.witness.trace(), 1);
        context.is_valid(trace)
            && verdict_behind(context.model, trace, 1) == before
            && detected(context.model, &self.patches, trace).len() == self.patches.len()
    }

    fn is_proven(&self, context: &Context<'_>, trace: &Trace) -> bool {
        let own = &self.draft.witness;
        let proven = Verified::prove(context.built, trace, Look::First.at(&Patch::default()));
        proven.is_ok_and(|proven| {
            proven.breaks() == own.breaks()
                && proven.repeats() == own.repeats()
                && proven.assumes().is_empty()
        })
    }
}
