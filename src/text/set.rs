//! What is known of one string: the set of texts that it may be.

use std::collections::BTreeMap;

use super::format::Format;
use super::lengths::{self, Lengths};
use super::pattern::Pattern;
use super::product::{Product, State};
use super::write::{NoText, Taste, Writer};

/// The automata of a set need more room than is spent on one string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the patterns of this string need too large an automaton together")]
pub struct TooLarge;

/// How many members a set has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// This many, proven.
    Exactly(u64),
    /// This many or more.
    AtLeast(u64),
}

/// The strings that have all of some properties.
#[derive(Clone, Debug, Default)]
pub struct TextSet {
    patterns: Vec<(Pattern, bool)>,
    format: Option<Format>,
    min: u64,
    max: Option<u64>,
}

impl TextSet {
    /// All strings.
    pub fn all() -> Self {
        Self::default()
    }

    /// Those that match `pattern` (`wanted`), or don't.
    #[must_use]
    pub fn with_pattern(mut self, pattern: Pattern, wanted: bool) -> Self {
        self.patterns.push((pattern, wanted));
        self
    }

    /// Those of a format. The last one given counts.
    #[must_use]
    pub fn with_format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// Those of `min` to `max` characters (Unicode scalar values, as JSON
    /// Schema counts), besides earlier limits.
    #[must_use]
    pub fn with_lengths(mut self, min: u64, max: Option<u64>) -> Self {
        self.min = self.min.max(min);
        self.max = match (self.max, max) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self
    }

    /// Those that are in `other` too. Its format counts, if it has one.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.patterns.extend(other.patterns.iter().cloned());
        self.format = other.format.clone().or(self.format);
        self.with_lengths(other.min, other.max)
    }

    /// Whether `text` belongs to the set.
    pub fn contains(&self, text: &str) -> bool {
        let length = text.chars().count() as u64;
        length >= self.min
            && self.max.is_none_or(|max| length <= max)
            && self
                .format
                .as_ref()
                .is_none_or(|format| format.admits(text))
            && self
                .patterns
                .iter()
                .all(|(pattern, wanted)| pattern.is_match(text) == *wanted)
    }

    /// Which lengths the members have. The search goes up to `bound`
    /// characters where the patterns never settle.
    pub fn lengths(&self, bound: u64) -> Result<Lengths, TooLarge> {
        let (mut product, min, max) = Product::new(self)?;
        let mut lengths = lengths::possible(&mut product, min, max, bound)?;
        lengths.narrowed = self.is_narrowed();
        Ok(lengths)
    }

    /// How many members there are, counted up to `cap`.
    pub fn cardinality(&self, cap: u64) -> Result<Cardinality, TooLarge> {
        let (mut product, min, max) = Product::new(self)?;
        let found = count(&mut product, min, max, cap)?;
        Ok(match found {
            Cardinality::Exactly(found) if self.is_narrowed() => Cardinality::AtLeast(found),
            found => found,
        })
    }

    /// The `k`-th readable member (from 0) to the given taste. Different `k`
    /// give different texts; the same question has the same answer always.
    pub fn nth(&self, k: u64, taste: &Taste) -> Result<String, NoText> {
        Writer::new(self, taste)?.nth(k)
    }

    pub(super) fn format(&self) -> Option<&Format> {
        self.format.as_ref()
    }

    /// The patterns, and the one of the format.
    pub(super) fn all_patterns(&self) -> impl Iterator<Item = (&Pattern, bool)> {
        let own = self
            .patterns
            .iter()
            .map(|(pattern, wanted)| (pattern, *wanted));
        let format = self.format.as_ref().and_then(Format::language);
        own.chain(format.map(|pattern| (pattern, true)))
    }

    pub(super) fn min_length(&self) -> u64 {
        self.min
    }

    pub(super) fn max_length(&self) -> Option<u64> {
        self.max
    }

    pub(super) fn is_narrowed(&self) -> bool {
        self.format.as_ref().is_some_and(Format::is_narrowed)
    }
}

/// Longest strings that are counted.
const COUNTED_LENGTH: u64 = 512;

fn count(
    product: &mut Product,
    min: u64,
    max: Option<u64>,
    cap: u64,
) -> Result<Cardinality, TooLarge> {
    let mut total = 0_u64;
    let mut ways: BTreeMap<State, u64> = BTreeMap::from([(product.start(), 1)]);
    let mut length = 0;
    while !ways.is_empty() && max.is_none_or(|max| length <= max) {
        let accepted = ways
            .iter()
            .filter(|&(&state, _)| length >= min && product.accepts(state));
        total = accepted.fold(total, |sum, (_, ways)| sum.saturating_add(*ways));
        if total >= cap || length >= COUNTED_LENGTH {
            return Ok(Cardinality::AtLeast(total.min(cap)));
        }
        let mut next: BTreeMap<State, u64> = BTreeMap::new();
        for (&state, &count) in &ways {
            for edge in product.edges(state)?.iter() {
                let slot = next.entry(edge.target).or_default();
                *slot = slot.saturating_add(count.saturating_mul(edge.chars.count()));
            }
        }
        // States that never lead to a member don't keep the count going.
        if next.keys().eq(ways.keys()) && !next.keys().any(|&state| product.accepts(state)) {
            break;
        }
        ways = next;
        length += 1;
    }
    Ok(Cardinality::Exactly(total))
}
