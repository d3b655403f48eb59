//! The most valuable cases of an owner, where people want no more than a few.

use std::collections::{BTreeMap, BTreeSet};

use super::owner::{Draft, DraftTwin};
use crate::fault::FaultClass;

/// The positions of at most `most` drafts, in their order: one after the other the
/// one that detects most of what none before it does, for each case that it takes; a
/// refused request takes its twin along.
pub fn chosen(drafts: &[Draft], classes: &[FaultClass], most: usize) -> Vec<usize> {
    let mut chosen: BTreeSet<usize> = BTreeSet::new();
    let mut covered: BTreeSet<usize> = BTreeSet::new();
    loop {
        let left = most.saturating_sub(chosen.len());
        let offers = drafts.iter().enumerate().filter_map(|(index, draft)| {
            let needs: Vec<usize> = needed(draft, index)
                .filter(|own| !chosen.contains(own))
                .collect();
            let new = new_faults(drafts, &needs, &covered);
            let value: u32 = new.iter().map(|fault| weight(classes, *fault)).sum();
            let cost = u32::try_from(needs.len())
                .ok()
                .filter(|_| needs.len() <= left);
            let worth = (value * SCALE)
                .checked_div(cost?)
                .filter(|worth| *worth > 0)?;
            Some((worth, needs, new))
        });
        // The first of several that are worth the same.
        let best = offers.reduce(|best, own| if own.0 > best.0 { own } else { best });
        let Some((_, needs, new)) = best else {
            return chosen.into_iter().collect();
        };
        chosen.extend(needs);
        covered.extend(new);
    }
}

/// Values are divided by how many cases they take.
const SCALE: u32 = 12;

/// What servers get wrong most often, or at the greatest cost, counts more.
fn weight(classes: &[FaultClass], fault: usize) -> u32 {
    match classes.get(fault) {
        Some(FaultClass::Dropped) => 6,
        Some(FaultClass::RejectsValid) => 4,
        Some(
            FaultClass::Boundary | FaultClass::Relational | FaultClass::State | FaultClass::Actor,
        ) => 3,
        _ => 1,
    }
}

/// A draft and the twin that it needs.
fn needed(draft: &Draft, index: usize) -> impl Iterator<Item = usize> {
    let twin = match draft.twin {
        Some(DraftTwin::Draft(twin)) => Some(twin),
        _ => None,
    };
    std::iter::once(index).chain(twin)
}

fn new_faults(drafts: &[Draft], among: &[usize], covered: &BTreeSet<usize>) -> BTreeSet<usize> {
    let drafts = among.iter().filter_map(|index| drafts.get(*index));
    let found = drafts.flat_map(|draft| draft.detects.iter().copied());
    found.filter(|fault| !covered.contains(fault)).collect()
}

/// The drafts at these positions.
pub fn only(drafts: Vec<Draft>, chosen: &[usize]) -> Vec<Draft> {
    let places: BTreeMap<usize, usize> = chosen.iter().copied().zip(0..).collect();
    let drafts = drafts.into_iter().enumerate();
    let kept = drafts.filter(|(index, _)| places.contains_key(index));
    let moved = kept.map(|(_, mut draft)| {
        if let Some(DraftTwin::Draft(twin)) = &mut draft.twin
            && let Some(place) = places.get(twin)
        {
            *twin = *place;
        }
        draft
    });
    moved.collect()
}
