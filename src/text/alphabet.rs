//! Characters that some patterns don't tell apart.

use std::collections::{BTreeMap, BTreeSet};

use regex_syntax::hir::{Class, Hir, HirKind};

use super::charset::CharSet;

/// First and last character of a range.
pub(super) type Range = (char, char);

/// All characters that every class of the patterns holds, or none.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    /// Any of them, for all.
    pub sample: char,
    pub chars: CharSet,
}

/// The classes of characters that an expression refers to.
pub(super) fn classes(hir: &Hir) -> Vec<Vec<Range>> {
    let mut found = BTreeSet::new();
    // Word boundaries look at what `\w` is in ASCII.
    if hir.properties().look_set().contains_word() {
        found.insert(vec![('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]);
    }
    collect(hir, &mut found);
    found.into_iter().collect()
}

fn collect(hir: &Hir, found: &mut BTreeSet<Vec<Range>>) {
    match hir.kind() {
        HirKind::Class(class) => {
            found.insert(ranges(class));
        }
        HirKind::Literal(literal) => {
            let text = String::from_utf8_lossy(&literal.0);
            found.extend(text.chars().map(|c| vec![(c, c)]));
        }
        HirKind::Repetition(repetition) => collect(&repetition.sub, found),
        HirKind::Capture(capture) => collect(&capture.sub, found),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().for_each(|part| collect(part, found));
        }
        HirKind::Empty | HirKind::Look(_) => {}
    }
}

/// First and last characters of a class.
pub(super) fn ranges(class: &Class) -> Vec<Range> {
    match class {
        Class::Unicode(class) => class
            .iter()
            .map(|range| (range.start(), range.end()))
            .collect(),
        Class::Bytes(class) => class
            .iter()
            .map(|range| (range.start().into(), range.end().into()))
            .collect(),
    }
}

/// All of Unicode, divided by some classes.
#[derive(Clone, Debug)]
pub(super) struct Alphabet {
    pub letters: Vec<Letter>,
    /// The first character of each range and the letter that the range is of.
    starts: Vec<(char, usize)>,
}

impl Alphabet {
    pub(super) fn new<'a>(classes: impl Iterator<Item = &'a [Range]>) -> Self {
        let mut alphabet = Self {
            letters: Vec::new(),
            starts: Vec::new(),
        };
        let mut inside = BTreeSet::new();
        let mut known: BTreeMap<BTreeSet<usize>, usize> = BTreeMap::new();
        for (first, last, toggled) in pieces(classes) {
            for index in toggled {
                if !inside.remove(&index) {
                    inside.insert(index);
                }
            }
            let next = alphabet.letters.len();
            let letter = *known.entry(inside.clone()).or_insert(next);
            if letter == next {
                alphabet.letters.push(Letter {
                    sample: first,
                    chars: CharSet::default(),
                });
            }
            if let Some(letter) = alphabet.letters.get_mut(letter) {
                letter.chars.add_range(first, last);
            }
            alphabet.starts.push((first, letter));
        }
        alphabet
    }

    /// Which letter a character is of.
    pub(super) fn letter_of(&self, c: char) -> usize {
        let after = self.starts.partition_point(|&(first, _)| first <= c);
        let range = self.starts.get(after.saturating_sub(1));
        range.map_or(0, |&(_, letter)| letter)
    }
}

/// Ranges that no class cuts: first and last character, and the classes that
/// begin or end with the first one.
fn pieces<'a>(classes: impl Iterator<Item = &'a [Range]>) -> Vec<(char, char, Vec<usize>)> {
    let classes: BTreeSet<&[Range]> = classes.collect();
    let mut cuts: BTreeMap<char, Vec<usize>> = BTreeMap::from([('\0', Vec::new())]);
    for (index, ranges) in classes.iter().enumerate() {
        for &(first, last) in *ranges {
            cuts.entry(first).or_default().push(index);
            if let Some(after) = next_char(last) {
                cuts.entry(after).or_default().push(index);
            }
        }
    }
    let starts: Vec<char> = cuts.keys().copied().collect();
    let ends = starts
        .iter()
        .skip(1)
        .filter_map(|&start| previous_char(start));
    let ends = ends.chain([char::MAX]);
    let cuts = cuts.into_iter().zip(ends);
    cuts.map(|((first, toggled), last)| (first, last, toggled))
        .collect()
}

fn next_char(c: char) -> Option<char> {
    (c..=char::MAX).nth(1)
}

fn previous_char(c: char) -> Option<char> {
    ('\0'..c).next_back()
}
