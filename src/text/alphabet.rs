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
        HirKind::Class(Class::Unicode(class)) => {
            found.insert(
                class
                    .iter()
                    .map(|range| (range.start(), range.end()))
                    .collect(),
            );
        }
        HirKind::Class(Class::Bytes(class)) => {
            found.insert(
                class
                    .iter()
                    .map(|range| (range.start().into(), range.end().into()))
                    .collect(),
            );
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

/// Divides all of Unicode by the given classes.
pub(super) fn letters<'a>(classes: impl Iterator<Item = &'a [Range]>) -> Vec<Letter> {
    let classes: BTreeSet<&[Range]> = classes.collect();
    // Where some class begins or ends: `(first character after, class)`.
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
    let mut inside = BTreeSet::new();
    let mut letters: BTreeMap<BTreeSet<usize>, Letter> = BTreeMap::new();
    for ((first, toggled), last) in cuts.into_iter().zip(ends.chain([char::MAX])) {
        for index in toggled {
            if !inside.remove(&index) {
                inside.insert(index);
            }
        }
        let letter = letters.entry(inside.clone()).or_insert_with(|| Letter {
            sample: first,
            chars: CharSet::default(),
        });
        letter.chars.add_range(first, last);
    }
    letters.into_values().collect()
}

fn next_char(c: char) -> Option<char> {
    (c..=char::MAX).nth(1)
}

fn previous_char(c: char) -> Option<char> {
    ('\0'..c).next_back()
}
