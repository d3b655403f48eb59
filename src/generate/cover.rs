//! Which cases are enough: small and valuable covers of what they detect.

use std::collections::BTreeSet;

/// What there is to know of a case, to choose among cases.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The faults that it detects, numbered in any way.
    pub detects: BTreeSet<usize>,
    /// The position of the case that has to be there beside it.
    pub twin: Option<usize>,
}

/// The positions of at most `most` cases, those that detect what matters most;
/// `weights` says of each fault how much it matters. One after the other the case
/// that detects most of what none before it does, for each case that it takes (the
/// greedy weighted cover of Chvatal, 1979); what later ones make superfluous goes,
/// and makes room.
pub fn most_valuable(rows: &[Row], weights: &[u32], most: usize) -> BTreeSet<usize> {
    let mut chosen = BTreeSet::new();
    loop {
        let before = chosen.len();
        add(rows, weights, most, &mut chosen);
        let grown = chosen.len() > before;
        prune(rows, &mut chosen);
        if !grown || chosen.len() == most {
            return chosen;
        }
    }
}

/// The positions of cases that detect all that `rows` do, none of which could be
/// left out: the smaller of two such sets, one that grew and one that shrank.
pub fn smallest(rows: &[Row]) -> BTreeSet<usize> {
    let faults = rows.iter().flat_map(|row| row.detects.last()).max();
    let weights = vec![1; faults.map_or(0, |last| last + 1)];
    let grown = most_valuable(rows, &weights, rows.len());
    let mut shrunk = (0..rows.len()).collect();
    prune(rows, &mut shrunk);
    if grown.len() < shrunk.len() {
        grown
    } else {
        shrunk
    }
}

/// Adds to `chosen` what is worth most, until nothing is worth anything.
fn add(rows: &[Row], weights: &[u32], most: usize, chosen: &mut BTreeSet<usize>) {
    let mut covered: BTreeSet<usize> = detected(rows, &*chosen);
    loop {
        let left = most.saturating_sub(chosen.len());
        let offers = (0..rows.len()).filter_map(|index| {
            let needs: Vec<usize> = with_twin(rows, index)
                .filter(|own| !chosen.contains(own))
                .collect();
            let value = weigh(weights, detected(rows, &needs).difference(&covered));
            (value > 0 && needs.len() <= left).then_some((value, needs))
        });
        // The first of several that are worth the same. Fractions are compared
        // by multiplying.
        let best = offers.reduce(|best, own| {
            let (a, b) = (size(&best.1) * own.0, size(&own.1) * best.0);
            if a > b { own } else { best }
        });
        let Some((_, needs)) = best else { return };
        covered.extend(detected(rows, &needs));
        chosen.extend(needs);
    }
}

fn size(cases: &[usize]) -> u64 {
    u64::try_from(cases.len()).unwrap_or(u64::MAX)
}

/// Leaves out what detects nothing alone and isn't needed as a twin, those first
/// that detect least, until nothing is left to leave out.
pub fn prune(rows: &[Row], chosen: &mut BTreeSet<usize>) {
    let detects = |index: &usize| rows.get(*index).map_or(0, |row| row.detects.len());
    let mut times = Times::new(rows, chosen);
    loop {
        let candidates = chosen.iter().filter(|index| times.is_superfluous(**index));
        let Some(victim) = candidates.min_by_key(|index| (detects(index), **index)) else {
            return;
        };
        let victim = *victim;
        times.leave_out(victim);
        chosen.remove(&victim);
    }
}

/// How often each fault is detected, and each case is needed as a twin.
struct Times<'r> {
    rows: &'r [Row],
    detected: Vec<usize>,
    needed: Vec<usize>,
}

impl<'r> Times<'r> {
    fn new(rows: &'r [Row], chosen: &BTreeSet<usize>) -> Self {
        let last = rows.iter().filter_map(|row| row.detects.last()).max();
        let mut times = Self {
            rows,
            detected: vec![0; last.map_or(0, |last| last + 1)],
            needed: vec![0; rows.len()],
        };
        for index in chosen {
            times.count(*index, |times| *times += 1);
        }
        times
    }

    fn count(&mut self, index: usize, change: impl Fn(&mut usize)) {
        let Some(row) = self.rows.get(index) else {
            return;
        };
        for fault in &row.detects {
            self.detected.get_mut(*fault).into_iter().for_each(&change);
        }
        let twin = row.twin.and_then(|twin| self.needed.get_mut(twin));
        twin.into_iter().for_each(change);
    }

    fn leave_out(&mut self, index: usize) {
        self.count(index, |times| *times = times.saturating_sub(1));
    }

    fn is_superfluous(&self, index: usize) -> bool {
        let is_often = |fault: &usize| self.detected.get(*fault).is_some_and(|times| *times > 1);
        self.needed.get(index) == Some(&0)
            && self
                .rows
                .get(index)
                .is_some_and(|row| row.detects.iter().all(is_often))
    }
}

/// What the faults amount to.
pub fn weigh<'f>(weights: &[u32], faults: impl Iterator<Item = &'f usize>) -> u64 {
    let weights = faults.filter_map(|fault| weights.get(*fault));
    weights.map(|weight| u64::from(*weight)).sum()
}

/// All faults that these cases detect.
pub fn detected<'i>(rows: &[Row], among: impl IntoIterator<Item = &'i usize>) -> BTreeSet<usize> {
    let rows = among.into_iter().filter_map(|index| rows.get(*index));
    rows.flat_map(|row| row.detects.iter().copied()).collect()
}

/// A case and the twin that it needs.
fn with_twin(rows: &[Row], index: usize) -> impl Iterator<Item = usize> {
    let twin = rows.get(index).and_then(|row| row.twin);
    std::iter::once(index).chain(twin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(detects: &[usize], twin: Option<usize>) -> Row {
        let detects = detects.iter().copied().collect();
        Row { detects, twin }
    }

    #[test]
    fn a_twin_is_paid_for_and_stays() {
        let rows = [
            row(&[0, 1, 2], Some(3)),
            row(&[0, 1], None),
            row(&[2], None),
            row(&[], None),
        ];
        // The first and its twin take as many cases as the two that do the same.
        assert_eq!(smallest(&rows), [0, 3].into());
        let weights = [1; 3];
        assert_eq!(most_valuable(&rows, &weights, 1), [1].into());
        let rows = [row(&[0, 1], Some(2)), row(&[2], Some(2)), row(&[], None)];
        assert_eq!(smallest(&rows), [0, 1, 2].into());
    }

    #[test]
    fn the_greedy_choice_is_mended() {
        // Alone the first is best; the other two do all that it does.
        let rows = [
            row(&[0, 1, 2, 3], None),
            row(&[0, 1, 4], None),
            row(&[2, 3, 5], None),
        ];
        assert_eq!(smallest(&rows), [1, 2].into());
        assert_eq!(most_valuable(&rows, &[1; 6], 3), [1, 2].into());
    }

    #[test]
    fn what_matters_comes_first() {
        let rows = [row(&[0, 1, 2], None), row(&[3], None)];
        assert_eq!(most_valuable(&rows, &[1, 1, 1, 9], 1), [1].into());
        assert_eq!(most_valuable(&rows, &[1, 1, 1, 2], 1), [0].into());
        assert_eq!(most_valuable(&rows, &[1, 1, 1, 0], 2), [0].into());
    }
}
