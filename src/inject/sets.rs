//! Faults that a suite can't tell apart.

use std::collections::{BTreeMap, BTreeSet};

use super::report::Sign;
use crate::fault::{Fault, Owner};
use crate::model::Model;

/// Faults whose servers gave the same answers to all requests of a run: for its
/// suite they are one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// The faults, by their positions.
    pub faults: Vec<usize>,
    /// The requests, by their numbers, on which they show.
    pub requests: BTreeSet<usize>,
}

/// The sets of faults that requests of a run show, in the order in which they are
/// tried: of each owner one after the other, those of severe rules first.
pub fn sets(model: &Model, faults: &[Fault], signs: &BTreeMap<usize, Vec<Sign>>) -> Vec<Set> {
    let mut found: Vec<(&[Sign], Set)> = Vec::new();
    for (fault, own) in signs {
        match found.iter_mut().find(|(known, _)| *known == own.as_slice()) {
            Some((_, set)) => set.faults.push(*fault),
            None => {
                let requests = own.iter().map(|sign| sign.request).collect();
                let faults = vec![*fault];
                found.push((own, Set { faults, requests }));
            }
        }
    }
    let mut counts: Vec<(&Owner, usize)> = Vec::new();
    let mut ranked = Vec::new();
    for (_, set) in found {
        let first = set.faults.first().and_then(|first| faults.get(*first));
        let Some(owner) = first.map(|fault| &fault.owner) else {
            continue;
        };
        let rank = match counts.iter_mut().find(|(known, _)| *known == owner) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                counts.push((owner, 0));
                0
            }
        };
        ranked.push(((rank, severity(model, owner)), set));
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, set)| set).collect()
}

/// Less is more severe; what isn't said to be is of medium severity.
fn severity(model: &Model, owner: &Owner) -> usize {
    let own = match owner {
        Owner::Rule(rule) => model.rule(*rule).severity.as_deref(),
        _ => None,
    };
    let rank = |name| {
        ["critical", "high", "medium", "low"]
            .iter()
            .position(|own| *own == name)
    };
    own.and_then(rank).unwrap_or(2)
}

/// Sets that show on different requests of a run, together; each alone unless
/// that `is_meant`.
pub(super) fn together(sets: Vec<Set>, is_meant: bool) -> Vec<Vec<Set>> {
    let mut jobs: Vec<(BTreeSet<usize>, Vec<Set>)> = Vec::new();
    for set in sets {
        let fits = |used: &BTreeSet<usize>| is_meant && used.is_disjoint(&set.requests);
        match jobs.iter_mut().find(|(used, _)| fits(used)) {
            Some((used, job)) => {
                used.extend(&set.requests);
                job.push(set);
            }
            None => jobs.push((set.requests.clone(), vec![set])),
        }
    }
    jobs.into_iter().map(|(_, job)| job).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(fault: usize, requests: &[usize]) -> Set {
        Set {
            faults: vec![fault],
            requests: requests.iter().copied().collect(),
        }
    }

    #[test]
    fn sets_that_share_no_request_go_together() {
        let all = vec![set(0, &[1, 2]), set(1, &[2]), set(2, &[3]), set(3, &[1])];
        let found = together(all.clone(), true);
        let faults = |job: &Vec<Set>| job.iter().map(|own| own.faults[0]).collect::<Vec<_>>();
        let found: Vec<Vec<usize>> = found.iter().map(faults).collect();
        assert_eq!(found, [vec![0, 2], vec![1, 3]]);
        assert_eq!(together(all, false).len(), 4);
    }
}
