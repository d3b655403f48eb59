//! What the last answer shows of the state, on both servers.

use indexmap::IndexMap;

use super::moments::Words;
use crate::case::Told;
use crate::model::Model;
use crate::simulate::{Run, Seen, entry_of};
use crate::value::Value;

/// Values by attribute.
type Shown = IndexMap<String, Told>;

/// What the right server shows, and what the faulty one shows instead. Of
/// several attributes, those in which they differ.
pub(super) fn shown(
    model: &Model,
    right: &Run,
    faulty: Option<&Run>,
    words: &Words,
) -> (Shown, Shown) {
    let own = right.seen.last().map_or(&[][..], Vec::as_slice);
    let other = faulty.and_then(|run| run.seen.last());
    let other = other.map_or(own, Vec::as_slice);
    let differs = |(own, other): &(&Seen, &Seen)| own.value != other.value;
    let pairs = || own.iter().zip(other);
    let (mut shows, mut shows_there) = (Shown::new(), Shown::new());
    for (own, other) in pairs().filter(differs) {
        let Some(name) = name(model, own) else {
            continue;
        };
        let told = |value: &Option<Value>| value.as_ref().map(|value| words.told(value));
        let (value, was) = (told(&other.value), told(&own.value));
        shows_there.insert(
            name.clone(),
            Told {
                value,
                was: was.clone(),
            },
        );
        shows.insert(
            name,
            Told {
                value: was,
                was: None,
            },
        );
    }
    (shows, shows_there)
}

fn name(model: &Model, seen: &Seen) -> Option<String> {
    let found = model.resource(seen.resource);
    let attribute = found.attributes.get(entry_of(model, seen)?.attribute)?;
    Some(attribute.name.clone())
}
