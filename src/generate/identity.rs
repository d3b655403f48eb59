//! Ids, and the parts put together.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::baselines::BaselineTrace;
use super::cover::Row;
use super::field::FieldLayer;
use super::owner::{At, Draft, DraftTwin, Outcome, rule_of};
use super::result::{Case, Fate, Generated, Twin};
use super::spine::Context;
use super::views;
use super::wanted::Scope;
use super::worth::{weight, worths};
use crate::case::Worth;
use crate::fault::{Fault, FaultList};

/// Puts the outcomes of all owners together. A case's id is made from the fault that
/// it is there for.
pub fn assemble(
    context: &Context<'_>,
    list: FaultList,
    owners: &[Vec<Fault>],
    outcomes: Vec<Outcome>,
) -> Generated {
    let faults = owners.iter().zip(&outcomes);
    let faults: Vec<Vec<Fault>> = faults
        .map(|(own, outcome)| own.iter().chain(&outcome.added).cloned().collect())
        .collect();
    let mut assembly = Assembly {
        context,
        first_faults: first_of_each(faults.iter().map(Vec::len)),
        first_cases: first_of_each(outcomes.iter().map(|outcome| outcome.drafts.len())),
        faults,
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
            pairs: None,
            shard: context.options.wanted.shard,
            fields: FieldLayer::default(),
            internal: Vec::new(),
        },
        ids: BTreeSet::new(),
    };
    let detecting = assembly.detecting(&outcomes);
    for (owner, outcome) in outcomes.into_iter().enumerate() {
        assembly.take(owner, outcome, &detecting);
    }
    sorted(assembly.valued())
}

/// Where the things of each owner begin when all stand in a row.
fn first_of_each(sizes: impl Iterator<Item = usize>) -> Vec<usize> {
    let firsts = sizes.scan(0, |next, size| {
        let first = *next;
        *next += size;
        Some(first)
    });
    firsts.collect()
}

/// By fault: the cases that detect it, and whether by status only.
type Detecting = BTreeMap<usize, Vec<(usize, bool)>>;

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
    /// The faults of each owner, those that masking added behind the others.
    faults: Vec<Vec<Fault>>,
    /// The position of each owner's first fault and first case among all.
    first_faults: Vec<usize>,
    first_cases: Vec<usize>,
    generated: Generated,
    ids: BTreeSet<String>,
}

impl Assembly<'_, '_> {
    fn first_fault(&self, owner: usize) -> usize {
        self.first_faults.get(owner).copied().unwrap_or_default()
    }

    fn first_case(&self, owner: usize) -> usize {
        self.first_cases.get(owner).copied().unwrap_or_default()
    }

    fn fault(&self, (owner, fault): At) -> Option<&Fault> {
        self.faults.get(owner)?.get(fault)
    }

    /// The position among all faults.
    fn position(&self, (owner, fault): At) -> usize {
        self.first_fault(owner) + fault
    }

    /// All that a draft of an owner detects.
    fn all_detected(&self, owner: usize, draft: &Draft) -> BTreeSet<usize> {
        let own = draft.detects.iter().map(|fault| (owner, *fault));
        let all = own.chain(draft.elsewhere.detects.iter().copied());
        all.map(|at| self.position(at)).collect()
    }

    fn detecting(&self, outcomes: &[Outcome]) -> Detecting {
        let mut detecting = Detecting::new();
        let drafts = outcomes.iter().enumerate();
        let drafts = drafts.flat_map(|(owner, own)| own.drafts.iter().map(move |own| (owner, own)));
        for (case, (owner, draft)) in drafts.enumerate() {
            let by_status = draft.by_status.iter();
            let by_status = by_status.map(|fault| self.position((owner, *fault)));
            let by_status: BTreeSet<usize> = by_status.collect();
            for fault in self.all_detected(owner, draft) {
                let found = (case, by_status.contains(&fault));
                detecting.entry(fault).or_default().push(found);
            }
        }
        detecting
    }

    fn take(&mut self, owner: usize, mut outcome: Outcome, detecting: &Detecting) {
        for draft in &outcome.drafts {
            let case = self.case(owner, draft);
            self.generated.cases.push(case);
        }
        let faults = self.faults.get(owner).cloned().unwrap_or_default();
        let own_cases = self.first_case(owner);
        let own_cases = own_cases..own_cases + outcome.drafts.len();
        for (index, fault) in faults.into_iter().enumerate() {
            let found = detecting.get(&self.position((owner, index)));
            let found = found.and_then(|found| {
                let own = found.iter().find(|(case, _)| own_cases.contains(case));
                let (first, _) = own.or(found.first())?;
                let is_status = found.iter().all(|(_, by_status)| *by_status);
                Some((*first, is_status))
            });
            let fate = match found {
                Some((case, true)) => Fate::DetectedByStatus(case),
                Some((case, false)) => Fate::Detected(case),
                None => outcome.fates.remove(&index).unwrap_or_else(|| {
                    Fate::Unknown("its case was withheld: see the internal errors".to_owned())
                }),
            };
            self.generated.fates.push(fate);
            self.generated.faults.faults.push(fault);
        }
        self.generated.internal.extend(outcome.internal);
    }

    fn case(&mut self, owner: usize, draft: &Draft) -> Case {
        let context = self.context;
        let primary = draft.primary.map(|fault| (owner, fault));
        let primary = primary.or(draft.elsewhere.primary);
        let own = draft.detects.first().map(|fault| (owner, *fault));
        let about = primary.or(own).unwrap_or((owner, 0));
        let fault = self.fault(about).cloned();
        let trace = draft.witness.trace();
        let rule = fault
            .as_ref()
            .map(|fault| rule_of(context, fault, trace))
            .unwrap_or_default();
        let structural = match (primary, &fault) {
            (Some(_), Some(fault)) => fault.structural.clone(),
            _ => format!("twin {trace}"),
        };
        let owner_id = fault
            .as_ref()
            .map(|fault| fault.owner.id(context.model))
            .unwrap_or_default();
        let shown = draft.detects.iter();
        let shown = shown.filter_map(|fault| self.fault((owner, *fault)));
        let is_view =
            !context.model.rule(rule).is_ensured() && views::is_shown(context.model, trace, shown);
        let about = views::about(context.model, trace, rule, is_view);
        let operation = &context.model.operation(about.operation).id;
        let id = self.fresh_id(&about.id, &[operation, &owner_id, &structural]);
        let baseline = self.baseline(&draft.baseline);
        let twin = match &draft.twin {
            Some(DraftTwin::Draft(index)) => Some(Twin::Case(self.first_case(owner) + index)),
            Some(DraftTwin::Baseline(trace)) => Some(Twin::Baseline(self.baseline(trace))),
            None => None,
        };
        Case {
            id,
            trace: draft.trace().clone(),
            filled: draft
                .filled
                .iter()
                .flat_map(|own| own.places.clone())
                .collect(),
            breaks: draft.witness.breaks().to_vec(),
            primary: primary.map(|at| self.position(at)),
            detects: self.all_detected(owner, draft).into_iter().collect(),
            value: Worth::default(),
            rule,
            baseline,
            twin,
            assumes: draft.witness.assumes().to_vec(),
            is_view,
            looks: match fault.is_some_and(|fault| views::is_of_state(&fault.patch)) {
                true => Vec::new(),
                false => views::looks(context, draft.trace()),
            },
        }
    }

    /// Says what the cases are worth, among those of their owner or all.
    fn valued(mut self) -> Generated {
        let faults = self.generated.faults.faults.iter();
        let weights: Vec<u32> = faults.map(|own| weight(self.context.model, own)).collect();
        let mut firsts = match self.context.options.wanted.scope {
            Scope::Owner => self.first_cases,
            Scope::File => vec![0],
        };
        firsts.push(self.generated.cases.len());
        for (first, next) in firsts.iter().zip(firsts.iter().skip(1)) {
            let cases = self.generated.cases.get_mut(*first..*next);
            let cases = cases.unwrap_or_default();
            let rows = cases.iter().map(|case| Row {
                detects: case.detects.iter().copied().collect(),
                twin: None,
            });
            let worths = worths(&rows.collect::<Vec<_>>(), &weights);
            for (case, worth) in cases.iter_mut().zip(worths) {
                case.value = worth;
            }
        }
        self.generated
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
}

/// Cases by rule and id.
fn sorted(mut generated: Generated) -> Generated {
    let mut order: Vec<usize> = (0..generated.cases.len()).collect();
    let cases = generated.cases;
    order.sort_by_key(|index| cases.get(*index).map(|case| (case.rule, case.id.clone())));
    let places: BTreeMap<usize, usize> = order
        .iter()
        .enumerate()
        .map(|(new, old)| (*old, new))
        .collect();
    let moved = |old: usize| places.get(&old).copied().unwrap_or(old);
    generated.cases = order
        .iter()
        .filter_map(|old| cases.get(*old).cloned())
        .collect();
    for case in &mut generated.cases {
        if let Some(Twin::Case(twin)) = &mut case.twin {
            *twin = moved(*twin);
        }
    }
    for fate in &mut generated.fates {
        if let Fate::Detected(case) | Fate::DetectedByStatus(case) = fate {
            *case = moved(*case);
        }
    }
    generated
}
