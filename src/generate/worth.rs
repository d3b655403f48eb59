//! What cases are worth: which come first, and which stay where only a few do.

use std::collections::BTreeMap;

use super::cover::{Row, weigh};
use crate::case::Worth;
use crate::fault::{Fault, FaultClass, Owner};
use crate::model::{Model, RuleInstance};
use crate::search::decide::judges;

/// How much it matters that a fault is detected: by its class and the severity of
/// what it belongs to.
pub fn weight(model: &Model, fault: &Fault) -> u32 {
    of_class(fault.class) * severity(model, fault)
}

/// What servers get wrong most often, or at the greatest cost, counts more.
fn of_class(class: FaultClass) -> u32 {
    match class {
        FaultClass::Dropped => 6,
        FaultClass::RejectsValid => 4,
        FaultClass::Boundary | FaultClass::Relational | FaultClass::State | FaultClass::Actor => 3,
        _ => 1,
    }
}

/// That of its rule; of what no rule owns, the highest of those that may show it.
fn severity(model: &Model, fault: &Fault) -> u32 {
    if let Owner::Rule(rule) = fault.owner {
        return of_rule(model.rule(rule));
    }
    let rules = judges(model, &fault.patch).into_iter();
    let severities = rules.map(|rule| of_rule(model.rule(rule)));
    severities.max().unwrap_or(MEDIUM)
}

const MEDIUM: u32 = 2;

fn of_rule(rule: &RuleInstance) -> u32 {
    match rule.severity.as_deref() {
        Some("low") => 1,
        Some("high") => 4,
        Some("critical") => 8,
        _ => MEDIUM,
    }
}

/// What each case is worth beside the others, and its place among them: first the
/// one that detects what matters most, then each time the one that does of what
/// is left.
pub fn worths(rows: &[Row], weights: &[u32]) -> Vec<Worth> {
    let mut times: BTreeMap<usize, usize> = BTreeMap::new();
    for fault in rows.iter().flat_map(|row| &row.detects) {
        *times.entry(*fault).or_default() += 1;
    }
    let mut left: Vec<usize> = (0..rows.len()).collect();
    let mut open: Vec<bool> = vec![true; weights.len()];
    let mut found = vec![Worth::default(); rows.len()];
    let is_open = |open: &[bool], fault: usize| open.get(fault) == Some(&true);
    for place in 1..=rows.len() {
        let value = |index: &usize| {
            let row = rows.get(*index).into_iter().flat_map(|row| &row.detects);
            weigh(weights, row.filter(|fault| is_open(&open, **fault)))
        };
        let best = left
            .iter()
            .enumerate()
            .rev()
            .max_by_key(|(_, own)| value(own));
        let Some((at, weight)) = best.map(|(at, own)| (at, value(own))) else {
            break;
        };
        let index = left.remove(at);
        let (Some(row), Some(slot)) = (rows.get(index), found.get_mut(index)) else {
            continue;
        };
        let new = row.detects.iter().filter(|fault| is_open(&open, **fault));
        let alone = row
            .detects
            .iter()
            .filter(|fault| times.get(fault) == Some(&1));
        *slot = Worth {
            place,
            of: rows.len(),
            weight,
            new: new.count(),
            alone: alone.count(),
        };
        for fault in &row.detects {
            open.get_mut(*fault)
                .into_iter()
                .for_each(|open| *open = false);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_by_what_is_new() {
        let row = |detects: &[usize]| Row {
            detects: detects.iter().copied().collect(),
            twin: None,
        };
        let rows = [row(&[0, 1]), row(&[]), row(&[1, 2, 3]), row(&[4])];
        let worths = worths(&rows, &[1, 1, 1, 1, 9]);
        let told: Vec<_> = worths
            .iter()
            .map(|own| (own.place, own.weight, own.new, own.alone))
            .collect();
        assert_eq!(
            told,
            [(3, 1, 1, 1), (4, 0, 0, 0), (2, 3, 3, 2), (1, 9, 1, 1)]
        );
        assert!(worths.iter().all(|own| own.of == 4));
    }
}
