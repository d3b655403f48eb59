//! Ids, and the parts put together.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::baselines::BaselineTrace;
use super::field::FieldLayer;
use super::owner::{Draft, DraftTwin, Outcome, rule_of};
use super::result::{Case, Fate, Generated, Twin};
use super::spine::Context;
use super::views;
use crate::fault::{Fault, FaultList};

/// Puts the outcomes of all owners together. A case's primary fault is the
/// first, in canonical order, that no earlier kept case of its owner detects;
/// its id is made from that.
pub fn assemble(
    context: &Context<'_>,
    list: FaultList,
    owners: &[Vec<Fault>],
    outcomes: Vec<Outcome>,
) -> Generated {
    let mut assembly = Assembly {
        context,
        generated: Generated {
            faults: FaultList {
                faults: Vec::new(),
                ..list
            },
            fates: Vec::new(),
            cases: Vec::new(),
            baselines: context.baselines.to_vec(),
            examples: Vec::new(),
            unreachable: Vec::new(),
            off: Vec::new(),
            fields: FieldLayer::default(),
            internal: Vec::new(),
        },
        ids: BTreeSet::new(),
    };
    for (faults, outcome) in owners.iter().zip(outcomes) {
        assembly.take(faults, outcome);
    }
    assembly.sorted()
}

/// Of texts, in hexadecimal digits.
pub(super) fn digest(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    let bytes = hasher.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

struct Assembly<'c, 'm> {
    context: &'c Context<'m>,
    generated: Generated,
    ids: BTreeSet<String>,
}

impl Assembly<'_, '_> {
    fn take(&mut self, own: &[Fault], outcome: Outcome) {
        let faults: Vec<Fault> = own.iter().chain(&outcome.added).cloned().collect();
        let first_fault = self.generated.faults.faults.len();
        let first_case = self.generated.cases.len();
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        for draft in &outcome.drafts {
            let primary = draft
                .detects
                .iter()
                .find(|fault| !seen.contains(fault))
                .copied();
            seen.extend(&draft.detects);
            let case = self.case(draft, &faults, primary, first_fault, first_case);
            self.generated.cases.push(case);
        }
        for (index, fault) in faults.iter().enumerate() {
            let detecting = outcome
                .drafts
                .iter()
                .position(|draft| draft.detects.contains(&index));
            let fate = match detecting {
                Some(draft) => {
                    let by_status = |draft: &Draft| draft.by_status.contains(&index);
                    let only = outcome
                        .drafts
                        .iter()
                        .filter(|draft| draft.detects.contains(&index));
                    if only.clone().all(by_status) {
                        Fate::DetectedByStatus(first_case + draft)
                    } else {
                        Fate::Detected(first_case + draft)
                    }
                }
                None => outcome.fates.get(&index).cloned().unwrap_or_else(|| {
                    Fate::Unknown("its case was withheld: see the internal errors".to_owned())
                }),
            };
            self.generated.fates.push(fate);
            self.generated.faults.faults.push(fault.clone());
        }
        self.generated.internal.extend(outcome.internal);
    }

    fn case(
        &mut self,
        draft: &Draft,
        faults: &[Fault],
        primary: Option<usize>,
        first_fault: usize,
        first_case: usize,
    ) -> Case {
        let context = self.context;
        let about = primary
            .or_else(|| draft.detects.first().copied())
            .unwrap_or(0);
        let fault = faults.get(about);
        let trace = draft.witness.trace();
        let rule = fault
            .map(|fault| rule_of(context, fault, trace))
            .unwrap_or_default();
        let structural = match (primary, fault) {
            (Some(_), Some(fault)) => fault.structural.clone(),
            _ => format!("twin {trace}"),
        };
        let owner = fault
            .map(|fault| fault.owner.id(context.model))
            .unwrap_or_default();
        let is_view = !context.model.rule(rule).is_ensured()
            && views::is_shown(context.model, trace, draft.detects.iter(), faults);
        let about = views::about(context.model, trace, rule, is_view);
        let operation = &context.model.operation(about.operation).id;
        let id = self.fresh_id(&about.id, &[operation, &owner, &structural]);
        let baseline = self.baseline(&draft.baseline);
        let twin = match &draft.twin {
            Some(DraftTwin::Draft(index)) => Some(Twin::Case(first_case + index)),
            Some(DraftTwin::Baseline(trace)) => Some(Twin::Baseline(self.baseline(trace))),
            None => None,
        };
        Case {
            id,
            trace: trace.clone(),
            breaks: draft.witness.breaks().to_vec(),
            primary: primary.map(|fault| first_fault + fault),
            detects: draft
                .detects
                .iter()
                .map(|fault| first_fault + fault)
                .collect(),
            rule,
            baseline,
            twin,
            assumes: draft.witness.assumes().to_vec(),
            is_view,
            looks: match fault.is_some_and(|fault| views::is_of_state(&fault.patch)) {
                true => Vec::new(),
                false => views::looks(context, trace),
            },
        }
    }

    /// The position of a baseline.
    fn baseline(&self, wanted: &BaselineTrace) -> usize {
        let known = &self.generated.baselines;
        known
            .iter()
            .position(|known| known.id == wanted.id)
            .unwrap_or(0)
    }

    fn fresh_id(&mut self, rule: &str, parts: &[&str]) -> String {
        let digest = digest(parts);
        let lengths = 6..=digest.len();
        let ids = lengths.filter_map(|length| Some(format!("{rule}-{}", digest.get(..length)?)));
        let mut ids = ids.skip_while(|id| self.ids.contains(id));
        let id = ids.next().unwrap_or(digest.clone());
        self.ids.insert(id.clone());
        id
    }

    /// Cases by rule and id.
    fn sorted(mut self) -> Generated {
        let mut order: Vec<usize> = (0..self.generated.cases.len()).collect();
        let cases = self.generated.cases;
        order.sort_by_key(|index| cases.get(*index).map(|case| (case.rule, case.id.clone())));
        let places: BTreeMap<usize, usize> = order
            .iter()
            .enumerate()
            .map(|(new, old)| (*old, new))
            .collect();
        let moved = |old: usize| places.get(&old).copied().unwrap_or(old);
        self.generated.cases = order
            .iter()
            .filter_map(|old| cases.get(*old).cloned())
            .collect();
        for case in &mut self.generated.cases {
            if let Some(Twin::Case(twin)) = &mut case.twin {
                *twin = moved(*twin);
            }
        }
        for fate in &mut self.generated.fates {
            if let Fate::Detected(case) | Fate::DetectedByStatus(case) = fate {
                *case = moved(*case);
            }
        }
        self.generated
    }
}
