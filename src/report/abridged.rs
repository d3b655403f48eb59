//! JSON values in one line, as much as fits: what a rule reads is always
//! shown, the rest where there is room.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::shortened;

/// How long a value may be in a text.
const LONGEST: usize = 36;

/// How long the members or items of a value may be together.
const LONGEST_PARTS: usize = 70;

/// Items of a list that are shown for what a rule reads of them, at most.
const MOST_ITEMS: usize = 6;

/// The JSON text of a value, abridged. `reads` are the paths below it that
/// must be seen, with `*` for items.
pub(super) fn abridged(text: &str, reads: &[&[String]]) -> String {
    match serde_json::from_str(text) {
        Ok(value @ (Json::Object(_) | Json::Array(_))) => whole(&value, reads),
        _ => shortened(text, LONGEST),
    }
}

/// A member or an item, and whether it has to be seen.
struct Part {
    text: String,
    is_read: bool,
}

fn whole(value: &Json, reads: &[&[String]]) -> String {
    let (open, parts, close) = match value {
        Json::Object(members) => {
            let part = |(key, value): (&String, &Json)| {
                let below = below(reads, key);
                let is_read = !below.is_empty();
                let text = if is_read {
                    whole(value, &below)
                } else {
                    inner(value)
                };
                Part {
                    text: format!("{}: {text}", Json::from(key.as_str())),
                    is_read,
                }
            };
            ('{', members.iter().map(part).collect::<Vec<_>>(), '}')
        }
        Json::Array(items) => {
            let below = below(reads, "*");
            let is_read = below.iter().any(|path| !path.is_empty());
            let text = |item: &Json| match is_read {
                true => whole(item, &below),
                false => inner(item),
            };
            let mut seen = BTreeSet::new();
            let part = |item: &Json| {
                let text = text(item);
                // Of items that look alike, one is enough.
                let is_new = seen.len() < MOST_ITEMS && seen.insert(text.clone());
                Part {
                    text,
                    is_read: is_read && is_new,
                }
            };
            ('[', items.iter().map(part).collect(), ']')
        }
        scalar => return inner(scalar),
    };
    format!("{open}{}{close}", fitting(parts))
}

/// The paths below a member or an item.
fn below<'r>(reads: &[&'r [String]], key: &str) -> Vec<&'r [String]> {
    let own = reads.iter().filter_map(|path| path.split_first());
    let own = own.filter(|(first, _)| *first == key || *first == "*");
    own.map(|(_, rest)| rest).collect()
}

/// The parts that have to be seen and as many of the others as fit, the first
/// in any case if nothing is read.
fn fitting(parts: Vec<Part>) -> String {
    let length = |part: &Part| part.text.chars().count() + 2;
    let must: usize = parts.iter().filter(|part| part.is_read).map(length).sum();
    let mut room = LONGEST_PARTS.saturating_sub(must);
    let mut left_out = 0;
    let mut is_full = false;
    let mut shown: Vec<String> = Vec::new();
    for part in parts {
        let is_first = must == 0 && shown.is_empty();
        is_full |= !part.is_read && !is_first && length(&part) > room;
        if part.is_read || !is_full {
            if !part.is_read {
                room = room.saturating_sub(length(&part));
            }
            shown.push(part.text);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        shown.push(format!("… {left_out} more"));
    }
    shown.join(", ")
}

/// A part of which nothing has to be seen: lists and objects only by their
/// kind where they are long.
fn inner(value: &Json) -> String {
    let text = spaced(value);
    match value {
        _ if text.chars().count() <= LONGEST => text,
        Json::Object(members) => format!("{{… {} members}}", members.len()),
        Json::Array(items) => format!("[… {} items]", items.len()),
        _ => shortened(&text, LONGEST),
    }
}

/// A value as JSON with blanks behind commas and colons.
fn spaced(value: &Json) -> String {
    match value {
        Json::Object(members) => {
            let part = |(key, value): (&String, _)| {
                format!("{}: {}", Json::from(key.as_str()), spaced(value))
            };
            let parts: Vec<String> = members.iter().map(part).collect();
            format!("{{{}}}", parts.join(", "))
        }
        Json::Array(items) => {
            let parts: Vec<String> = items.iter().map(spaced).collect();
            format!("[{}]", parts.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::abridged;

    const AIRLINE: &str = r#"{"agencyCode":"amber","airline":{"code":"amber","legs":[{"carrier":"amber","from":"AMS"},{"carrier":"amber"}],"name":"a name that is rather long"},"ticket":"a ticket that is rather long too"}"#;

    fn with(reads: &[&str]) -> String {
        let paths: Vec<Vec<String>> = reads
            .iter()
            .map(|path| path.split('.').map(str::to_owned).collect())
            .collect();
        let paths: Vec<&[String]> = paths.iter().map(Vec::as_slice).collect();
        abridged(AIRLINE, &paths)
    }

    #[test]
    fn what_is_read_is_seen() {
        assert_eq!(
            with(&["airline.legs.*.from", "airline.legs.*.carrier"]),
            r#"{"airline": {"legs": [{"carrier": "amber", "from": "AMS"}, {"carrier": "amber"}], … 2 more}, … 2 more}"#
        );
        assert_eq!(
            with(&["ticket"]),
            r#"{"agencyCode": "amber", "ticket": "a ticket that is rather long too", … 1 more}"#
        );
        assert_eq!(
            with(&[]),
            r#"{"agencyCode": "amber", "airline": {… 3 members}, … 1 more}"#
        );
    }
}
