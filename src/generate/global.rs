//! The smallest suite of a whole file: what the cases of one owner show of others
//! counts, and cases that show nothing alone go.

use std::collections::{BTreeMap, BTreeSet};

use super::compact::only;
use super::cover::{Row, most_valuable, smallest};
use super::evidence::{detected, is_named, refuses};
use super::owner::{At, Draft, DraftTwin, Outcome, contradiction, rule_of};
use super::result::Fate;
use super::spine::Context;
use super::views;
use super::worth::weight;
use crate::fault::Fault;
use crate::model::Patch;
use crate::parallel;

/// Keeps of all owners' cases so many as it takes to detect what they do together,
/// or the most valuable of them where fewer are wanted.
pub fn compact(context: &Context<'_>, owners: &[Vec<Fault>], outcomes: &mut [Outcome]) {
    let faults = Faults::new(context, owners, outcomes);
    let drafts = outcomes.iter().enumerate();
    let drafts: Vec<(usize, &Draft)> = drafts
        .flat_map(|(owner, outcome)| outcome.drafts.iter().map(move |draft| (owner, draft)))
        .collect();
    let threads = context.options.threads;
    let found = parallel::map(&drafts, threads, &|_| {}, |(owner, draft)| {
        faults.elsewhere(*owner, draft)
    });
    for (draft, found) in outcomes
        .iter_mut()
        .flat_map(|own| &mut own.drafts)
        .zip(found)
    {
        draft.elsewhere.detects = found;
    }
    for (owner, fault) in faults.contradicted(outcomes) {
        if let (Some(outcome), Some(found)) =
            (outcomes.get_mut(owner), faults.fault((owner, fault)))
        {
            outcome.internal.push(contradiction(found));
        }
    }
    let rows = faults.rows(outcomes);
    let chosen = match context.options.wanted.most_cases {
        None => smallest(&rows),
        Some(most) => most_valuable(&rows, &faults.weights(), most),
    };
    faults.keep(outcomes, &rows, &chosen);
}

/// The faults of all owners in a row.
struct Faults<'c, 'm> {
    context: &'c Context<'m>,
    all: Vec<(At, Fault)>,
    patches: Vec<Patch>,
    places: BTreeMap<At, usize>,
    /// By owner: whether refusals name their rules.
    named: Vec<bool>,
}

impl<'c, 'm> Faults<'c, 'm> {
    fn new(context: &'c Context<'m>, owners: &[Vec<Fault>], outcomes: &[Outcome]) -> Self {
        let owners = owners.iter().zip(outcomes);
        let owners: Vec<Vec<Fault>> = owners
            .map(|(own, outcome)| own.iter().chain(&outcome.added).cloned().collect())
            .collect();
        let named = owners.iter().map(|own| is_named(context.model, own));
        let named = named.collect();
        let all = owners.into_iter().enumerate().flat_map(|(owner, faults)| {
            let faults = faults.into_iter().enumerate();
            faults.map(move |(index, fault)| ((owner, index), fault))
        });
        let all: Vec<(At, Fault)> = all.collect();
        Self {
            context,
            patches: all.iter().map(|(_, fault)| fault.patch.clone()).collect(),
            places: all.iter().map(|(at, _)| *at).zip(0..).collect(),
            all,
            named,
        }
    }

    fn fault(&self, at: At) -> Option<&Fault> {
        let place = self.places.get(&at)?;
        self.all.get(*place).map(|(_, fault)| fault)
    }

    fn weights(&self) -> Vec<u32> {
        let faults = self.all.iter();
        faults
            .map(|(_, fault)| weight(self.context.model, fault))
            .collect()
    }

    /// What a draft detects of other owners.
    fn elsewhere(&self, owner: usize, draft: &Draft) -> BTreeSet<At> {
        // Rules that count as true here may be what another fault is about.
        if !draft.witness.assumes().is_empty() {
            return BTreeSet::new();
        }
        let model = self.context.model;
        let trace = draft.witness.trace();
        let shows = Shows::new(self, owner, draft);
        let found = detected(model, &self.patches, trace).into_keys();
        let found = found.filter_map(|place| self.all.get(place));
        let other = found.filter(|((other, _), _)| *other != owner);
        let evident = other.filter(|(at, fault)| {
            shows.allows(fault)
                && (!draft.witness.is_accepted()
                    || self.named.get(at.0) == Some(&true)
                    || !refuses(model, &draft.baseline, fault))
        });
        evident.map(|(at, _)| *at).collect()
    }

    /// All drafts in a row. What any of them detects by verdict, none detects by
    /// status only.
    fn rows(&self, outcomes: &[Outcome]) -> Vec<Row> {
        let mut by_verdict = BTreeSet::new();
        for (owner, outcome) in outcomes.iter().enumerate() {
            for draft in &outcome.drafts {
                let own = draft.detects.difference(&draft.by_status);
                by_verdict.extend(own.map(|fault| (owner, *fault)));
                by_verdict.extend(&draft.elsewhere.detects);
            }
        }
        let mut rows = Vec::new();
        for (owner, outcome) in outcomes.iter().enumerate() {
            let first = rows.len();
            rows.extend(outcome.drafts.iter().map(|draft| {
                let own = draft.detects.iter();
                let own = own.filter(|fault| {
                    !draft.by_status.contains(fault) || !by_verdict.contains(&(owner, **fault))
                });
                let own = own.map(|fault| (owner, *fault));
                let all = own.chain(draft.elsewhere.detects.iter().copied());
                Row {
                    detects: all.filter_map(|at| self.places.get(&at).copied()).collect(),
                    twin: match draft.twin {
                        Some(DraftTwin::Draft(twin)) => Some(first + twin),
                        _ => None,
                    },
                }
            }));
        }
        rows
    }

    /// Leaves out all but the chosen, and says of faults that are then undetected
    /// that their cases were left out.
    fn keep(&self, outcomes: &mut [Outcome], rows: &[Row], chosen: &BTreeSet<usize>) {
        let kept = chosen.iter().filter_map(|row| rows.get(*row));
        let mut times: BTreeMap<usize, usize> = BTreeMap::new();
        for fault in kept.flat_map(|row| &row.detects) {
            *times.entry(*fault).or_default() += 1;
        }
        let mut rows = rows.iter().enumerate();
        for (owner, outcome) in outcomes.iter_mut().enumerate() {
            let drafts = std::mem::take(&mut outcome.drafts);
            let detected: BTreeSet<usize> = drafts
                .iter()
                .flat_map(|own| own.detects.iter().copied())
                .collect();
            let own: Vec<(usize, &Row)> = rows.by_ref().take(drafts.len()).collect();
            let own = own.iter().enumerate();
            let own = own.filter(|(_, (row, _))| chosen.contains(row));
            let own: BTreeMap<usize, &Row> = own.map(|(place, (_, row))| (place, *row)).collect();
            outcome.drafts = only(drafts, &own.keys().copied().collect());
            for (draft, row) in outcome.drafts.iter_mut().zip(own.values()) {
                let mut alone = row
                    .detects
                    .iter()
                    .filter(|fault| times.get(fault) == Some(&1));
                let alone = alone.next().and_then(|fault| self.all.get(*fault));
                if draft.primary.is_none() {
                    draft.elsewhere.primary = alone.map(|(at, _)| *at);
                }
            }
            for fault in detected {
                let place = self.places.get(&(owner, fault));
                if !place.is_some_and(|place| times.contains_key(place)) {
                    outcome.fates.insert(fault, Fate::LeftOut);
                }
            }
        }
    }

    /// Proofs that a case of another owner contradicts.
    fn contradicted(&self, outcomes: &[Outcome]) -> Vec<At> {
        let drafts = outcomes.iter().flat_map(|outcome| &outcome.drafts);
        let found: BTreeSet<At> = drafts
            .flat_map(|draft| draft.elsewhere.detects.iter().copied())
            .collect();
        let is_untestable = |(owner, fault): &At| {
            let fate = outcomes.get(*owner).and_then(|own| own.fates.get(fault));
            matches!(fate, Some(Fate::Untestable { .. }))
        };
        found.into_iter().filter(is_untestable).collect()
    }
}

/// Which faults the test of a draft would notice, if its last request shows them.
struct Shows {
    /// It compares no answer with what is remembered, although its last request
    /// only looks.
    is_blind: bool,
    /// It looks at the state before its last request, and is blocked where that is
    /// another.
    is_blocked_by_state: bool,
}

impl Shows {
    fn new(faults: &Faults<'_, '_>, owner: usize, draft: &Draft) -> Self {
        let context = faults.context;
        let trace = draft.witness.trace();
        let about = draft.primary.or(draft.detects.first().copied());
        let about = faults.fault((owner, about.unwrap_or(0)));
        let is_of_state = about.is_some_and(|about| views::is_of_state(&about.patch));
        let is_view = draft.primary.is_some()
            && about.is_some_and(|about| {
                let rule = rule_of(context, about, trace);
                let own = draft.detects.iter();
                let own = own.filter_map(|own| faults.fault((owner, *own)));
                !context.model.rule(rule).is_ensured() && views::is_shown(context.model, trace, own)
            });
        let last = trace.steps.last().map(|step| step.operation);
        let only_looks = last.is_some_and(|last| context.model.views_at(last).next().is_some());
        Self {
            is_blind: only_looks && !is_view,
            is_blocked_by_state: !is_of_state && !views::looks(context, trace).is_empty(),
        }
    }

    fn allows(&self, fault: &Fault) -> bool {
        let is_blocked = self.is_blocked_by_state && views::is_of_state(&fault.patch);
        !self.is_blind && !is_blocked
    }
}
