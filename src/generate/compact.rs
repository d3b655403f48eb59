//! Compaction: no case that detects nothing alone, needed twins aside.

use std::collections::BTreeSet;

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
    renumber(drafts, &kept)
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

fn renumber(drafts: Vec<Draft>, kept: &[bool]) -> Vec<Draft> {
    let mut next = 0;
    let positions: Vec<usize> = kept
        .iter()
        .map(|kept| {
            let position = next;
            next += usize::from(*kept);
            position
        })
        .collect();
    let drafts = drafts.into_iter().zip(kept).filter(|(_, kept)| **kept);
    drafts
        .map(|(mut draft, _)| {
            if let Some(DraftTwin::Draft(index)) = &mut draft.twin
                && let Some(position) = positions.get(*index)
            {
                *index = *position;
            }
            draft
        })
        .collect()
}
