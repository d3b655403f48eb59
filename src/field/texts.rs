//! `minLength`, `maxLength` and `pattern`.

use super::{Demand, Mistake, Probe, Spot, Taken, Wire};
use crate::document::{Placed, Schema};
use crate::text::{NoText, Pattern, Taste, TextSet};
use crate::value::Value;

/// Texts up to here are looked for with patterns; longer ones are only padded.
const SEARCHED: u64 = 300;

/// Texts beyond this length aren't sent.
const MAX_LENGTH: u64 = 100_000;

pub(super) fn demands(spot: &Spot<'_>) -> Vec<Demand> {
    let schema = spot.schema();
    let shortest = schema.min_length.as_ref().map(|at| shortest(spot, at));
    let longest = schema.max_length.as_ref().map(|at| longest(spot, at));
    let patterns = schema.patterns.iter().enumerate();
    let patterns = patterns.map(|(index, at)| pattern(spot, index, at));
    shortest
        .into_iter()
        .chain(longest)
        .chain(patterns)
        .collect()
}

/// What a schema says of texts but for their lengths.
fn without_lengths(schema: &Schema) -> TextSet {
    let set = schema.patterns.iter().fold(TextSet::all(), |set, pattern| {
        set.with_pattern(pattern.value.clone(), true)
    });
    match &schema.format {
        Some(format) => set.with_format(format.value.clone()),
        None => set,
    }
}

/// A text of that many characters close to what stands there, that the schema
/// allows but for its length.
fn of_length(spot: &Spot<'_>, length: u64) -> Result<String, NoText> {
    let set = without_lengths(spot.schema()).with_lengths(length, Some(length));
    let now = spot.value.as_str().unwrap_or_default();
    let count = usize::try_from(length.min(MAX_LENGTH)).unwrap_or_default();
    let last = now.chars().last().filter(|last| last.is_alphanumeric());
    let padded = now.chars().chain(std::iter::repeat(last.unwrap_or('a')));
    let padded: String = padded.take(count).collect();
    if set.contains(&padded) {
        return Ok(padded);
    }
    let plain = "a".repeat(count);
    if set.contains(&plain) {
        return Ok(plain);
    }
    if length > SEARCHED {
        return Err(NoText::TooFew);
    }
    set.nth(0, &Taste::default())
}

/// Lengths that are tried where no text is just one character too short or too long.
const FURTHER: usize = 16;

/// A probe of the first of these lengths that a text has.
fn others_of(spot: &Spot<'_>, lengths: impl Iterator<Item = u64>) -> Option<Probe> {
    let mut texts = lengths
        .take(FURTHER)
        .filter_map(|length| of_length(spot, length).ok());
    texts.next().map(Probe::text)
}

/// Probes with a text, or that there can be none.
fn probes(found: Result<String, NoText>, schema: &Schema) -> (Vec<Probe>, Option<String>) {
    let is_narrowed = schema
        .format
        .as_ref()
        .is_some_and(|own| own.value.is_narrowed());
    match found {
        Ok(text) => (vec![Probe::text(text)], None),
        Err(NoText::Empty) if !is_narrowed => {
            let reason = "no text has that length and what the schema demands of it besides";
            (Vec::new(), Some(reason.to_owned()))
        }
        Err(_) => (Vec::new(), None),
    }
}

fn shortest(spot: &Spot<'_>, at: &Placed<u64>) -> Demand {
    let (schema, name, least) = (spot.schema(), spot.name, at.value);
    let mut mistakes = Vec::new();
    if let Some(short) = least.checked_sub(1) {
        let (shorter, never) = probes(of_length(spot, short), schema);
        let empty = Probe::text("");
        let others = others_of(spot, (0..short).rev());
        let all = shorter
            .iter()
            .cloned()
            .chain([empty])
            .chain(others)
            .collect();
        let words = format!("doesn't look whether {name} has {least} characters");
        mistakes.push(Mistake::lax("unchecked", words, all));
        let words = format!("takes {short} characters for {name}, which has at least {least}");
        mistakes.push(Mistake::lax("one-less", words, shorter).unless(never));
    }
    let (within, never) = probes(of_length(spot, least), schema);
    let words = format!("refuses {least} characters for {name}, which has at least as many");
    mistakes.push(Mistake::strict("border", words, within).unless(never));
    if least > 0 && spot.wire != Wire::Line {
        let blank = " ".repeat(usize::try_from(least.min(MAX_LENGTH)).unwrap_or(1));
        if without_lengths(schema).contains(&blank) && schema.enumeration.is_none() {
            let words = format!("takes blanks away before it counts the characters of {name}");
            mistakes.push(Mistake::strict("blanks", words, vec![Probe::text(blank)]));
        }
    }
    Demand::new("minLength", format!("minLength {least}"), at, mistakes)
}

fn longest(spot: &Spot<'_>, at: &Placed<u64>) -> Demand {
    let (schema, name, most) = (spot.schema(), spot.name, at.value);
    let (longer, never) = probes(of_length(spot, most.saturating_add(1)), schema);
    // A server may cut what is too long.
    let now = Taken::As(spot.value.clone());
    let cut = longer.iter().cloned().map(|probe| Probe {
        taken: now.clone(),
        ..probe
    });
    let further = most.saturating_add(2)..most.saturating_add(2 + FURTHER as u64);
    let others = others_of(spot, further);
    let all = longer.iter().cloned().chain(cut).chain(others).collect();
    let unchecked = format!("doesn't look whether {name} has more than {most} characters");
    let lax = format!(
        "takes {} characters for {name}, which has at most {most}",
        most.saturating_add(1)
    );
    let mut mistakes = vec![
        Mistake::lax("unchecked", unchecked, all),
        Mistake::lax("one-more", lax, longer).unless(never),
    ];
    let (within, never) = probes(of_length(spot, most), schema);
    let words = format!("refuses {most} characters for {name}, which has at most as many");
    mistakes.push(Mistake::strict("border", words, within).unless(never));
    if most > 0 && spot.wire != Wire::Line && schema.enumeration.is_none() {
        let set = schema.text_set();
        let count = usize::try_from(most.min(MAX_LENGTH)).unwrap_or_default();
        for (variant, char, what) in [("bytes", 'é', "bytes"), ("utf-16", '🚲', "units of UTF-16")]
        {
            let text: String = std::iter::repeat_n(char, count).collect();
            if set.contains(&text) {
                let words = format!("counts {what} in place of the characters of {name}");
                mistakes.push(Mistake::strict(variant, words, vec![Probe::text(text)]));
            }
        }
    }
    Demand::new("maxLength", format!("maxLength {most}"), at, mistakes)
}

fn pattern(spot: &Spot<'_>, index: usize, at: &Placed<Pattern>) -> Demand {
    let (schema, name) = (spot.schema(), spot.name);
    let now = spot.value.as_str().unwrap_or_default();
    let misses = |text: &String| !at.value.is_match(text);
    let near = |texts: Vec<String>| -> Vec<Probe> {
        let texts = texts.into_iter().filter(|text| misses(text));
        texts
            .map(|text| Probe::text(text).taken_as(spot.value.clone()))
            .collect()
    };
    let (others, never) = without(schema, index);
    let others = others.into_iter().map(Probe::text);
    let words = format!("doesn't look at the pattern of {name}");
    let mut mistakes = vec![Mistake::lax("unchecked", words, others.collect()).unless(never)];
    let mut add = |variant: &str, words: String, texts: Vec<String>| {
        let probes = near(texts);
        mistakes.push(Mistake::lax(variant, words, probes));
    };
    if spot.wire != Wire::Line {
        add(
            "line-end",
            format!("takes a line end behind what matches the pattern of {name}"),
            vec![format!("{now}\n")],
        );
    }
    add(
        "end",
        format!("takes more behind what matches the pattern of {name}"),
        vec![format!("{now}~"), format!("{now} x")],
    );
    add(
        "start",
        format!("takes more before what matches the pattern of {name}"),
        vec![format!("~{now}"), format!("x {now}")],
    );
    let swapped = [now.to_uppercase(), now.to_lowercase()].to_vec();
    add(
        "case",
        format!("ignores case in the pattern of {name}"),
        swapped,
    );
    if spot.is_json() {
        mistakes.push(half(spot, now));
    }
    let set = schema.text_set();
    let matching = [1, 5, 17]
        .into_iter()
        .filter_map(|k| set.nth(k, &Taste::default()).ok());
    let words = format!("refuses texts for {name} that match its pattern");
    mistakes.push(Mistake::strict(
        "stricter",
        words,
        matching.map(Probe::text).collect(),
    ));
    Demand::new(
        "pattern",
        format!("pattern {}", at.value.source()),
        at,
        mistakes,
    )
}

/// Half of a character beyond 16 bits, which no text holds: whether a reader
/// keeps it or puts the sign for what can't be read in its place, the pattern
/// refuses it.
fn half(spot: &Spot<'_>, now: &str) -> Mistake {
    let sent = format!("{now}\u{fffd}");
    let quoted = Value::string(now).to_string();
    let written = quoted
        .strip_suffix('"')
        .map(|open| format!("{open}\\ud800\""));
    let probe = written.map(|written| {
        Probe::text(sent)
            .taken_as(spot.value.clone())
            .written_as(written)
    });
    let words = format!(
        "leaves half of a character (\\ud800) out of {} before it looks at the pattern",
        spot.name
    );
    Mistake::lax("half-character", words, probe.into_iter().collect())
}

/// Texts that the schema allows but for one pattern.
fn without(schema: &Schema, index: usize) -> (Vec<String>, Option<String>) {
    let patterns = schema.patterns.iter().enumerate();
    let set = patterns.fold(TextSet::all(), |set, (at, pattern)| {
        set.with_pattern(pattern.value.clone(), at != index)
    });
    let set = match &schema.format {
        Some(format) => set.with_format(format.value.clone()),
        None => set,
    };
    let least = schema.min_length.as_ref().map_or(0, |own| own.value);
    let most = schema.max_length.as_ref().map(|own| own.value);
    let set = set.with_lengths(least, most);
    let taste = Taste::default();
    let found: Vec<String> = (0..4).map_while(|k| set.nth(k, &taste).ok()).collect();
    let is_empty = matches!(set.nth(0, &taste), Err(NoText::Empty));
    let is_narrowed = schema
        .format
        .as_ref()
        .is_some_and(|own| own.value.is_narrowed());
    let never = (is_empty && !is_narrowed)
        .then(|| "every text that the schema allows otherwise matches the pattern".to_owned());
    (found, never)
}
