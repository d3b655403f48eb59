//! What readers of JSON documents have in common.

use std::io::{BufRead, Read};

use serde_json::Value as Json;

use super::exchange::Exchange;
use super::read::{Broken, Sink, Skipped};
use super::stream::items;

/// What is said of the entry at which a file ends too early.
const CUT: &str = "the file ends within it";

/// Reads the list at a path: each item is some exchanges, or none for a reason. Of a
/// list that is cut off only the entry concerned is lost.
pub(super) fn entries(
    reader: impl Read,
    path: &[&str],
    sink: &mut Sink<'_>,
    each: impl Fn(&Json) -> Result<Vec<Exchange>, &'static str>,
) -> Result<(), Broken> {
    let mut entry = 0;
    let read = items(reader, path, &mut |item| {
        entry += 1;
        match each(&item) {
            Ok(found) => found
                .into_iter()
                .all(|own| sink(Ok(Exchange { entry, ..own }))),
            Err(reason) => sink(Err(Skipped {
                entry,
                reason: reason.to_owned(),
            })),
        }
    });
    let entry = entry + 1;
    match read {
        Ok(()) => Ok(()),
        Err((true, _)) => {
            sink(Err(Skipped {
                entry,
                reason: CUT.to_owned(),
            }));
            Ok(())
        }
        Err((false, problem)) => Err(Broken::Syntax { entry, problem }),
    }
}

/// Reads a document a line: each is some exchanges, or what is wrong with them.
pub(super) fn lines(
    reader: impl BufRead,
    sink: &mut Sink<'_>,
    each: impl Fn(&Json) -> Vec<Result<Exchange, &'static str>>,
) -> Result<(), Broken> {
    for (entry, line) in (1..).zip(reader.split(b'\n')) {
        let line = line?;
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
        if line.trim_ascii().is_empty() {
            continue;
        }
        let found = match serde_json::from_slice(line) {
            Ok(json) => each(&json),
            Err(_) => vec![Err("the line is no JSON")],
        };
        let goes_on = found.into_iter().all(|own| match own {
            Ok(own) => sink(Ok(Exchange { entry, ..own })),
            Err(reason) => sink(Err(Skipped {
                entry,
                reason: reason.to_owned(),
            })),
        });
        if !goes_on {
            break;
        }
    }
    Ok(())
}

/// A text of an object.
pub(super) fn text<'j>(json: &'j Json, key: &str) -> Option<&'j str> {
    json.get(key)?.as_str()
}

/// A list of objects with a name (under `name`) and a value; without those that
/// are switched off.
pub(super) fn pairs(list: Option<&Json>, name: &str) -> Vec<(String, String)> {
    let list = list.and_then(Json::as_array).into_iter().flatten();
    let enabled = list.filter(|own| own.get("disabled") != Some(&Json::Bool(true)));
    let each = enabled.filter_map(|own| {
        let value = match own.get("value")? {
            Json::String(value) => value.clone(),
            Json::Null => String::new(),
            other => other.to_string(),
        };
        Some((text(own, name)?.to_owned(), value))
    });
    each.collect()
}
