//! Writing readable members of a set, one after another.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::charset::Wish;
use super::format;
use super::lengths;
use super::product::{Edge, Product, State};
use super::set::{TextSet, TooLarge};

/// What a text should be like.
#[derive(Clone, Debug, Default)]
pub struct Taste {
    /// A text to stay close to. It is the first answer where it is a member.
    pub example: Option<String>,
    /// Texts that must not be the answer.
    pub avoid: Vec<String>,
}

/// Why there is no such text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoText {
    /// The set has no member at all, proven.
    #[error("no string has all these properties")]
    Empty,
    /// Fewer texts were found than asked for. That is no proof that there are
    /// no others: unreadable characters and very long texts are not tried.
    #[error("there are not enough different strings with all these properties")]
    TooFew,
    /// The patterns are too much for this search.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

/// Words for texts that may be anything.
const WORDS: [&str; 16] = [
    "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "indigo", "juniper",
    "kestrel", "lagoon", "maple", "nectar", "opal", "prairie",
];

/// Formats have samples of their own; this many more than asked for are looked at.
const FORMAT_SAMPLES: u64 = 64;

/// How many lengths are tried, and the longest beyond the shortest possible.
const LENGTHS_TRIED: usize = 600;
const LENGTH_BOUND: u64 = 512;

/// A text of about this length is pleasant where nothing else decides.
const PLEASANT: u64 = 6;

/// Table entries (states times characters) for one length.
const TABLE_LIMIT: usize = 4_000_000;

/// Lists members of a set in order of preference.
pub(super) struct Writer<'a> {
    set: &'a TextSet,
    taste: &'a Taste,
    example: Vec<char>,
    product: Product,
    lengths: Vec<u64>,
    tables: BTreeMap<u64, Table>,
}

/// `counts[r][s]`: how many texts of `r` more characters lead from state `s`
/// into the set, saturating.
struct Table {
    counts: Vec<Vec<u64>>,
    edges: Vec<Arc<Vec<Edge>>>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(set: &'a TextSet, taste: &'a Taste) -> Result<Self, NoText> {
        let (mut product, min, max) = Product::new(set)?;
        let bound = min.saturating_add(LENGTH_BOUND);
        let possible = lengths::possible(&mut product, min, max, bound)?;
        if possible.ranges.is_empty() && !possible.truncated && !set.is_narrowed() {
            return Err(NoText::Empty);
        }
        let example: Vec<char> = taste.example.iter().flat_map(|text| text.chars()).collect();
        let like = if example.is_empty() {
            PLEASANT
        } else {
            example.len() as u64
        };
        Ok(Self {
            set,
            taste,
            example,
            product,
            lengths: in_order(&possible.ranges, like, bound),
            tables: BTreeMap::new(),
        })
    }

    /// The `k`-th text: own candidates first, then all members of each length.
    pub(super) fn nth(&mut self, k: u64) -> Result<String, NoText> {
        let candidates = self.candidates(k);
        let mut seen: Vec<&str> = self.taste.avoid.iter().map(String::as_str).collect();
        let mut left = k;
        for text in &candidates {
            if seen.contains(&text.as_str()) || !self.set.contains(text) {
                continue;
            }
            if left == 0 {
                return Ok(text.clone());
            }
            left -= 1;
            seen.push(text);
        }
        let mut rank = 0;
        loop {
            let text = self.ranked(rank)?.ok_or(NoText::TooFew)?;
            if !seen.contains(&text.as_str()) && self.set.contains(&text) {
                if left == 0 {
                    return Ok(text);
                }
                left -= 1;
            }
            rank += 1;
        }
    }

    /// Texts to try before any others.
    fn candidates(&self, k: u64) -> Vec<String> {
        let mut texts: Vec<String> = self.taste.example.iter().cloned().collect();
        if let Some(format) = self.set.format() {
            texts.extend(
                (0..k.saturating_add(FORMAT_SAMPLES)).filter_map(|k| format::sample(format, k)),
            );
        } else if texts.is_empty() {
            texts.extend(WORDS.iter().map(|word| (*word).to_owned()));
            texts.extend(WORDS.iter().map(|word| word.to_uppercase()));
        }
        texts
    }

    /// The text at `rank` among all, by length and then by preference.
    fn ranked(&mut self, rank: u64) -> Result<Option<String>, TooLarge> {
        let mut rank = rank;
        for index in 0..self.lengths.len() {
            let Some(&length) = self.lengths.get(index) else {
                break;
            };
            let start = self.product.start();
            let table = self.table(length)?;
            let here = table.count(length, start);
            if rank < here {
                return Ok(self.spell(length, rank));
            }
            rank -= here;
        }
        Ok(None)
    }

    fn table(&mut self, length: u64) -> Result<&Table, TooLarge> {
        if !self.tables.contains_key(&length) {
            let table = Table::new(&mut self.product, length)?;
            self.tables.insert(length, table);
        }
        self.tables.get(&length).ok_or(TooLarge)
    }

    fn spell(&self, length: u64, rank: u64) -> Option<String> {
        let table = self.tables.get(&length)?;
        let mut state = self.product.start();
        let mut rank = rank;
        let mut text = String::new();
        for position in 0..length {
            let wish = self.wish(usize::try_from(position).ok()?);
            let (c, target) = table.choose(state, length - position, wish, &mut rank)?;
            text.push(c);
            state = target;
        }
        Some(text)
    }

    fn wish(&self, position: usize) -> Wish {
        Wish::new(position, self.example.get(position).copied())
    }
}

impl Table {
    fn new(product: &mut Product, length: u64) -> Result<Self, TooLarge> {
        let mut edges = Vec::new();
        while edges.len() < product.len() {
            let state = State::try_from(edges.len()).map_err(|_| TooLarge)?;
            edges.push(product.edges(state)?);
        }
        let rows = usize::try_from(length).map_err(|_| TooLarge)? + 1;
        if rows.saturating_mul(edges.len()) > TABLE_LIMIT {
            return Err(TooLarge);
        }
        let states = 0..State::try_from(edges.len()).map_err(|_| TooLarge)?;
        let mut row: Vec<u64> = states
            .map(|state| u64::from(product.accepts(state)))
            .collect();
        let ways: Vec<Vec<(State, u64)>> = edges.iter().map(|edges| ways(edges)).collect();
        let mut counts = vec![row.clone()];
        for _ in 1..rows {
            row = ways.iter().map(|ways| sum(ways, &row)).collect();
            counts.push(row.clone());
        }
        Ok(Self { counts, edges })
    }

    fn count(&self, left: u64, state: State) -> u64 {
        let row = usize::try_from(left)
            .ok()
            .and_then(|left| self.counts.get(left));
        row.and_then(|row| row.get(state as usize))
            .copied()
            .unwrap_or(0)
    }

    /// The next character of the text at `rank`, with `left` still to write;
    /// `rank` becomes the rank among the texts that go on so.
    fn choose(&self, state: State, left: u64, wish: Wish, rank: &mut u64) -> Option<(char, State)> {
        let edges = self.edges.get(state as usize)?;
        let open = edges
            .iter()
            .filter(|edge| self.count(left - 1, edge.target) > 0);
        let mut options: Vec<(char, State)> = Vec::new();
        for edge in open {
            options.extend(edge.chars.writable().map(|c| (c, edge.target)));
        }
        options.sort_by_key(|&(c, _)| wish.rank(c));
        for (c, target) in options {
            let here = self.count(left - 1, target);
            if *rank < here {
                return Some((c, target));
            }
            *rank -= here;
        }
        None
    }
}

/// By how many characters each state is reached: counting them takes longer than
/// all else, and no length changes it.
fn ways(edges: &[Edge]) -> Vec<(State, u64)> {
    let mut ways: BTreeMap<State, u64> = BTreeMap::new();
    for edge in edges {
        *ways.entry(edge.target).or_default() += edge.chars.writable_count();
    }
    ways.into_iter().collect()
}

fn sum(ways: &[(State, u64)], row: &[u64]) -> u64 {
    ways.iter().fold(0_u64, |sum, (target, characters)| {
        let after = row.get(*target as usize).copied().unwrap_or(0);
        sum.saturating_add(after.saturating_mul(*characters))
    })
}

/// Up to [`LENGTHS_TRIED`] lengths: `like` itself and the next longer ones that
/// are possible, then shorter ones; none beyond `bound` unless nothing else is.
fn in_order(ranges: &[(u64, Option<u64>)], like: u64, bound: u64) -> Vec<u64> {
    let longer = ranges
        .iter()
        .flat_map(|&(from, to)| from.max(like)..=to.unwrap_or(u64::MAX).min(bound.max(from)));
    let shorter = ranges.iter().rev().flat_map(|&(from, to)| {
        let to = to.unwrap_or(u64::MAX).min(like.saturating_sub(1));
        (from..=to).rev()
    });
    // Half the room is for each, so that neither shuts out the other.
    longer
        .take(LENGTHS_TRIED / 2)
        .chain(shorter.take(LENGTHS_TRIED / 2))
        .collect()
}
