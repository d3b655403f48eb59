//! Which cases are sent.

use std::collections::BTreeSet;

use crate::case::{Case, CaseFile, Step, TwinKind, Verdict};

/// A case file of a run.
#[derive(Clone, Debug)]
pub struct Suite {
    /// The path of the case file, or of the rule file that it comes from, as
    /// shown to the user.
    pub path: String,
    /// The cases.
    pub file: CaseFile,
}

/// Something that is sent and reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item<'f> {
    /// A baseline, by its id.
    Baseline(&'f str),
    /// A case.
    Case(&'f Case),
}

/// Whether a case's rule, id or a tag contains one of the texts; all do where
/// there are none.
fn is_wanted(file: &CaseFile, case: &Case, filters: &[String]) -> bool {
    let rule = file.rules.iter().find(|rule| rule.id == case.rule);
    let tags = rule.map(|rule| rule.tags.as_slice()).unwrap_or_default();
    let names = [&case.rule, &case.id].into_iter().chain(tags);
    let names: Vec<&String> = names.collect();
    let mut filters = filters.iter();
    filters.len() == 0
        || filters.any(|filter| names.iter().any(|name| name.contains(filter.as_str())))
}

impl Suite {
    /// The cases that are asked for, in order.
    pub fn selected(&self, filters: &[String]) -> Vec<&Case> {
        let cases = self.file.cases.iter();
        cases
            .filter(|case| is_wanted(&self.file, case, filters))
            .collect()
    }

    /// All requests that the selected cases need: their own, and those of their
    /// twins and baselines.
    pub(super) fn needed(&self, filters: &[String]) -> Vec<&Step> {
        let selected = self.selected(filters);
        let twins = selected.iter().filter_map(|case| case.twin.as_ref());
        let twins: BTreeSet<&str> = twins.map(|twin| twin.id.as_str()).collect();
        let others = self.file.cases.iter();
        let others = others.filter(|case| twins.contains(&*case.id));
        let cases: Vec<&Case> = selected.into_iter().chain(others).collect();
        let used: BTreeSet<&str> = cases.iter().map(|case| case.baseline.as_str()).collect();
        let baselines = self.file.baselines.iter();
        let baselines = baselines.filter(|own| used.contains(&*own.id) || twins.contains(&*own.id));
        let steps = baselines.map(|own| own.steps.as_slice());
        let own = cases.iter().flat_map(|case| [&*case.steps, &*case.views]);
        let steps = steps.chain(own);
        let all = steps.flat_map(|own| own.iter().chain(self.file.beside(own)));
        all.collect()
    }

    /// What is sent and reported.
    pub(super) fn items(&self, filters: &[String], smoke: bool) -> Vec<Item<'_>> {
        let selected = self.selected(filters);
        if !smoke {
            return selected.into_iter().map(Item::Case).collect();
        }
        let baselines = self.file.baselines.iter().filter(|baseline| {
            let last = baseline.steps.last().map(|step| &step.operation);
            selected
                .iter()
                .any(|case| case.baseline == baseline.id || last == Some(&case.operation))
        });
        let baselines = baselines.map(|baseline| Item::Baseline(&baseline.id));
        let pairs = self.file.rules.iter().flat_map(|rule| {
            let own = selected.iter().copied().filter(|case| case.rule == rule.id);
            self.pair(own.collect())
        });
        baselines.chain(pairs.map(Item::Case)).collect()
    }

    /// An accepted and a refused request of a rule, those that differ least;
    /// less where there aren't both, or the accepted one is a baseline.
    fn pair<'f>(&'f self, cases: Vec<&'f Case>) -> Vec<&'f Case> {
        let accepts = |case: &&&Case| case.expected.verdict == Verdict::Accept;
        let rank = |case: &&&Case| {
            let twin = case.twin.as_ref();
            let differs = twin.map_or(0, |twin| twin.differs.len());
            (case.steps.len(), differs, case.id.clone())
        };
        let refused = cases.iter().filter(|case| !accepts(case)).min_by_key(rank);
        let Some(refused) = refused else {
            let accepted = cases.iter().filter(accepts).min_by_key(rank);
            return accepted.into_iter().copied().collect();
        };
        let twin = refused
            .twin
            .as_ref()
            .filter(|twin| twin.kind == TwinKind::Case);
        let accepted = twin.and_then(|twin| self.file.cases.iter().find(|own| own.id == twin.id));
        accepted.into_iter().chain([*refused]).collect()
    }
}
