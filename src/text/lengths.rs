//! Which lengths the members of a set of strings have.

use std::collections::BTreeSet;

use super::product::{Product, State};
use super::set::TooLarge;

/// Lengths in characters, as disjoint ranges in rising order, ends included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lengths {
    /// From, and up to (`None`: without end).
    pub ranges: Vec<(u64, Option<u64>)>,
    /// Whether longer members than the ranges tell may exist, because the
    /// search stopped at its bound.
    pub truncated: bool,
    /// Whether the set was narrowed to what is written readably (a `uri` is
    /// taken to be `https://...`), so that other lengths may exist.
    pub narrowed: bool,
}

impl Lengths {
    /// Whether some member has this length, as far as the ranges tell.
    pub fn contains(&self, length: u64) -> bool {
        let holds =
            |&(from, to): &(u64, Option<u64>)| from <= length && to.is_none_or(|to| length <= to);
        self.ranges.iter().any(holds)
    }

    /// Whether the ranges say everything: what they leave out has no member.
    pub fn is_exact(&self) -> bool {
        !self.truncated && !self.narrowed
    }

    fn push(&mut self, length: u64) {
        match self.ranges.last_mut() {
            Some((_, Some(end))) if *end + 1 == length => *end = length,
            _ => self.ranges.push((length, Some(length))),
        }
    }

    fn push_rest(&mut self, from: u64, to: Option<u64>) {
        match self.ranges.last_mut() {
            Some((_, end)) if end.is_some_and(|end| end + 1 == from) => *end = to,
            _ => self.ranges.push((from, to)),
        }
    }
}

/// The lengths from `min` to `max` of what `product` accepts, searched up to
/// `bound` characters.
pub(super) fn possible(
    product: &mut Product,
    min: u64,
    max: Option<u64>,
    bound: u64,
) -> Result<Lengths, TooLarge> {
    let mut lengths = Lengths::default();
    let mut layer = BTreeSet::from([product.start()]);
    let mut length = 0;
    loop {
        if max.is_some_and(|max| length > max) || layer.is_empty() {
            return Ok(lengths);
        }
        if length > bound {
            lengths.truncated = true;
            return Ok(lengths);
        }
        let some = layer.iter().any(|&state| product.accepts(state));
        let next = next_layer(product, &layer)?;
        if next == layer {
            // Every further length is as this one.
            let from = length.max(min);
            if some && max.is_none_or(|max| from <= max) {
                lengths.push_rest(from, max);
            }
            return Ok(lengths);
        }
        if some && length >= min {
            lengths.push(length);
        }
        layer = next;
        length += 1;
    }
}

/// The states one character after `layer`.
pub(super) fn next_layer(
    product: &mut Product,
    layer: &BTreeSet<State>,
) -> Result<BTreeSet<State>, TooLarge> {
    let mut next = BTreeSet::new();
    for &state in layer {
        next.extend(product.edges(state)?.iter().map(|edge| edge.target));
    }
    Ok(next)
}
