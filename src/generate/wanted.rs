//! What kind of suite is wanted: how small, of which faults, with what else.

use crate::case::Shard;

/// The kind of suite. By default: complete, and as small within each rule as it
/// comes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Among which cases those are looked for that aren't needed.
    pub scope: Scope,
    /// The most cases that are kept within the scope; all where there is none.
    pub most_cases: Option<usize>,
    /// Whether each detected fault has a case of its own.
    pub is_isolated: bool,
    /// Whether fields that no rule reads take part in pairwise coverage.
    pub is_filled: bool,
    /// Only this part of the work.
    pub shard: Option<Shard>,
}

/// Cases that are compared with each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Those of one owner: editing a rule leaves the cases of others alone.
    #[default]
    Owner,
    /// Those of the whole rule file.
    File,
}

impl Wanted {
    /// Whether what an earlier run left is a beginning. It holds only some of the
    /// cases where others were left out, and would lead to other ones than a run
    /// from nothing.
    pub fn begins_with_previous(&self) -> bool {
        self.scope == Scope::Owner && self.most_cases.is_none() && !self.is_isolated
    }
}

/// The positions of the `weights` that are the work of a shard. Each shard gets
/// as much as the others, as near as it comes: the heaviest first, each to the
/// shard that has least (Graham's rule for the longest first, 1969).
pub fn share(shard: Shard, weights: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..weights.len()).collect();
    let weight = |index: usize| weights.get(index).copied().unwrap_or_default();
    order.sort_by_key(|index| (std::cmp::Reverse(weight(*index)), *index));
    let mut loads = vec![0; shard.of];
    let mut own = Vec::new();
    for index in order {
        let least = loads.iter().enumerate().min_by_key(|(_, load)| **load);
        let Some(chosen) = least.map(|(chosen, _)| chosen) else {
            break;
        };
        if let Some(load) = loads.get_mut(chosen) {
            *load += weight(index);
        }
        if chosen + 1 == shard.number {
            own.push(index);
        }
    }
    own.sort_unstable();
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_alike_and_together_all() {
        let weights = [3, 30, 4, 12, 9, 9, 1, 0];
        let shares: Vec<Vec<usize>> = (1..=3)
            .map(|number| share(Shard { number, of: 3 }, &weights))
            .collect();
        assert_eq!(shares, [vec![1], vec![0, 2, 3, 7], vec![4, 5, 6]]);
        let more = Shard { number: 9, of: 10 };
        assert_eq!(share(more, &weights), [0_usize; 0]);
    }
}
