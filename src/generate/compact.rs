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
