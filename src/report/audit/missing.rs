//! What is missing: cases, and demands of schemas that nobody broke.

use std::collections::BTreeSet;

use super::{AuditedField, Auditor, MissingCase, ToAdd};
use crate::audit::demands;
use crate::fault::Owner;
use crate::run::curl;

/// How many requests to add are named.
const NAMED: usize = 10;

impl Auditor<'_> {
    /// The demands of schemas, of operations that rules are about.
    pub(super) fn fields(&self) -> Vec<AuditedField> {
        let operations = self.model.operation_refs();
        let own = operations.filter(|(_, found)| !found.rules.is_empty());
        let each = own.flat_map(|(operation, found)| {
            let demands = demands(self.model, operation).into_iter();
            demands.map(move |demand| (operation, found, demand))
        });
        let each = each.map(|(operation, found, demand)| {
            let seen = self.seen.fields.get(&(operation, demand.clone()));
            AuditedField {
                operation: found.id.clone(),
                demand,
                broken_alone: seen.map_or(0, |own| own.count),
                first: seen.map(|own| self.at(own.first)),
            }
        });
        each.collect()
    }

    /// All cases that were generated.
    pub(super) fn missing_cases(&self) -> Vec<MissingCase> {
        let cases = self.generated.cases.iter().filter_map(|case| {
            let written = self.cases.cases.iter().find(|own| own.id == case.id)?;
            let faults = case.detects.iter();
            let faults = faults.filter_map(|fault| self.generated.faults.faults.get(*fault));
            let owners: BTreeSet<String> = faults.map(|fault| fault.owner.id(self.model)).collect();
            Some(MissingCase {
                case: case.id.clone(),
                owners: owners.into_iter().collect(),
                reason: written.reason.clone(),
                curl: curl(self.cases, &written.steps),
            })
        });
        cases.collect()
    }

    /// The cases that exercise most of what is left, one after the other; those that
    /// show faults of severe rules before others.
    pub(super) fn to_add(&self) -> Vec<ToAdd> {
        let mut left: BTreeSet<usize> = (0..self.generated.faults.faults.len())
            .filter(|fault| {
                let fault = self.generated.faults.faults.get(*fault);
                fault.is_some_and(|fault| !self.exercised.contains_key(&fault.id))
            })
            .collect();
        let mut found = Vec::new();
        while found.len() < NAMED {
            let gain = |case: &crate::generate::Case| {
                case.detects
                    .iter()
                    .filter(|fault| left.contains(fault))
                    .count()
            };
            let severity = |case: &crate::generate::Case| {
                let own = case.detects.iter().filter(|fault| left.contains(fault));
                own.map(|fault| self.severity(*fault)).max()
            };
            let cases = self.generated.cases.iter().rev();
            let best = cases.max_by_key(|case| (severity(case), gain(case)));
            let Some(best) = best.filter(|case| gain(case) > 0) else {
                break;
            };
            let own: Vec<usize> = best
                .detects
                .iter()
                .filter(|fault| left.contains(fault))
                .copied()
                .collect();
            let ids = own
                .iter()
                .filter_map(|fault| self.generated.faults.faults.get(*fault));
            let ids = ids.map(|fault| fault.id.clone()).collect();
            let written = self.cases.cases.iter().find(|case| case.id == best.id);
            found.push(ToAdd {
                case: best.id.clone(),
                rule: written.map(|case| case.rule.clone()).unwrap_or_default(),
                reason: written.map(|case| case.reason.clone()).unwrap_or_default(),
                faults: ids,
                curl: written
                    .map(|case| curl(self.cases, &case.steps))
                    .unwrap_or_default(),
            });
            left.retain(|fault| !own.contains(fault));
        }
        found
    }

    /// How severe the rule is that a fault belongs to; what isn't said to be is of
    /// medium severity.
    fn severity(&self, fault: usize) -> usize {
        let fault = self.generated.faults.faults.get(fault);
        let severity = match fault.map(|fault| &fault.owner) {
            Some(Owner::Rule(rule)) => self.model.rule(*rule).severity.as_deref(),
            _ => None,
        };
        let names = ["low", "medium", "high", "critical"];
        let rank = |name| names.iter().position(|own| *own == name);
        severity.and_then(rank).unwrap_or(1)
    }
}
