//! Compaction: no case that detects nothing alone, needed twins aside.

use std::collections::{BTreeMap, BTreeSet};

use super::cover::Row;
use super::owner::{Draft, DraftTwin};

/// Removes drafts, earliest found first, whose faults all others detect
/// together, and twins that nobody needs any more.
pub fn compact(drafts: Vec<Draft>) -> Vec<Draft> {
    let mut kept: Vec<bool> = vec![true; drafts.len()];
    loop {
        let victim = (0..drafts.len()).find(|index| {
            kept.get(*index) == Some(&true)
                && !is_needed_twin(&drafts, &kept, *index)
                && is_covered(&drafts, &kept, *index)
        });
        match victim.and_then(|index| kept.get_mut(index)) {
            Some(slot) => *slot = false,
            None => break,
        }
    }
    let kept = kept.iter().enumerate().filter(|(_, kept)| **kept);
    only(drafts, &kept.map(|(index, _)| index).collect())
}

fn is_needed_twin(drafts: &[Draft], kept: &[bool], twin: usize) -> bool {
    drafts.iter().zip(kept).any(|(draft, kept)| {
        *kept && matches!(draft.twin, Some(DraftTwin::Draft(index)) if index == twin)
    })
}

fn is_covered(drafts: &[Draft], kept: &[bool], index: usize) -> bool {
    let others = drafts.iter().zip(kept).enumerate();
    let others = others.filter(|(other, (_, kept))| *other != index && **kept);
    let covered: BTreeSet<usize> = others
        .flat_map(|(_, (draft, _))| draft.detects.iter().copied())
        .collect();
    drafts
        .get(index)
        .is_some_and(|draft| draft.detects.is_subset(&covered))
}

/// The drafts in an order that rests on what they are, not on how they were
/// found, so that a second run, which begins with them, ends with them: each
/// time the first fault that none yet detects, and a draft that does. Mere
/// twins come last.
pub fn in_order(drafts: Vec<Draft>) -> Vec<Draft> {
    let texts: Vec<String> = drafts
        .iter()
        .map(|draft| draft.witness.trace().to_string())
        .collect();
    let mut left: Vec<usize> = (0..drafts.len()).collect();
    left.sort_by_key(|index| texts.get(*index));
    let detects = |index: usize| drafts.get(index).map(|draft| &draft.detects);
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    let mut order = Vec::new();
    loop {
        let all = left.iter().filter_map(|index| detects(*index)).flatten();
        let Some(fault) = all.filter(|fault| !seen.contains(fault)).min().copied() else {
            break;
        };
        let is_next = |index: &usize| detects(*index).is_some_and(|own| own.contains(&fault));
        let Some(place) = left.iter().position(is_next) else {
            break;
        };
        let next = left.remove(place);
        seen.extend(detects(next).into_iter().flatten());
        order.push(next);
    }
    order.extend(left);
    let mut ranked: Vec<(usize, Draft)> = Vec::new();
    let rank = |index: usize| order.iter().position(|own| *own == index);
    for (index, mut draft) in drafts.into_iter().enumerate() {
        if let Some(DraftTwin::Draft(twin)) = &mut draft.twin
            && let Some(rank) = rank(*twin)
        {
            *twin = rank;
        }
        ranked.push((rank(index).unwrap_or(index), draft));
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, draft)| draft).collect()
}

/// What choosing among drafts needs to know of one.
pub fn row(draft: &Draft) -> Row {
    Row {
        detects: draft.detects.clone(),
        twin: match draft.twin {
            Some(DraftTwin::Draft(twin)) => Some(twin),
            _ => None,
        },
    }
}

/// The drafts at these positions, with their twins.
pub fn only(drafts: Vec<Draft>, chosen: &BTreeSet<usize>) -> Vec<Draft> {
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
