//! Values worth trying at a location, where operators are tables.

use std::collections::BTreeSet;

use itertools::Itertools;

use super::{Lowering, Slot};
use crate::document::refusals;
use crate::text::{Taste, TextSet};
use crate::value::location::Segment;
use crate::value::{Number, Value, print_number, to_i64};

/// Texts tried for one location, at most.
const MAX_TEXTS: usize = 40;

/// The same for the items of a list, which are combined with each other.
const MAX_ITEM_TEXTS: usize = 6;

/// Numbers tried for one location, at most.
const MAX_NUMBERS: usize = 12;

/// Longer texts aren't tried.
const MAX_LENGTH: u64 = 200;

impl Lowering<'_> {
    /// Texts worth trying at a location: what the schema and the rules name,
    /// lengths at the borders, and variations of those.
    pub(super) fn texts_for(&self, slot: &Slot) -> Vec<String> {
        let schema = self.model.schemas.get(slot.schema);
        let fits = |text: &String| self.fits(slot, &Value::string(text.as_str()));
        let base = slot
            .baseline
            .as_ref()
            .and_then(Value::as_str)
            .unwrap_or("a1");
        let constants = self.constants();
        let set = schema.text_set();
        let taste = Taste {
            example: Some(base.to_owned()),
            avoid: Vec::new(),
        };
        let mut found = vec![base.to_owned()];
        found.extend(shortest(&set));
        for length in around(&constants) {
            let exact = set.clone().with_lengths(length, Some(length));
            found.extend(exact.nth(0, &taste));
            found.extend(exact.nth(0, &Taste::default()));
        }
        for text in constants.iter().filter_map(written) {
            found.extend([
                format!("{text}{base}"),
                format!("{base}{text}"),
                format!("{text}{text}"),
                text,
            ]);
        }
        found.extend([
            format!(" {base}"),
            format!("{base} "),
            base.to_uppercase(),
            base.to_lowercase(),
            String::new(),
        ]);
        for k in 0..4 {
            found.extend(set.nth(k, &Taste::default()));
        }
        let is_item = matches!(slot.location.0.last(), Some(Segment::Index(_)));
        let most = if is_item { MAX_ITEM_TEXTS } else { MAX_TEXTS };
        found.into_iter().unique().filter(fits).take(most).collect()
    }

    /// Numbers worth trying at a location: the baseline's, those that rules
    /// name, and the ends of its range.
    pub(super) fn numbers_for(&self, slot: &Slot) -> Vec<Number> {
        let schema = self.model.schemas.get(slot.schema);
        let fits = |number: &Number| self.fits(slot, &Value::Number(number.clone()));
        let base = slot.baseline.as_ref().and_then(Value::as_number).cloned();
        let ends = [&schema.minimum, &schema.maximum];
        let ends = ends
            .into_iter()
            .flatten()
            .map(|bound| bound.value.value.clone());
        let constants = self.constants();
        let named = constants.iter().filter_map(Value::as_number).cloned();
        let small = [0, 1, 2].map(|n| Number::from_integer(n.into()));
        let all = base.into_iter().chain(named).chain(ends).chain(small);
        all.unique().filter(fits).take(MAX_NUMBERS).collect()
    }

    /// Whether the schema of a location allows a value.
    fn fits(&self, slot: &Slot, value: &Value) -> bool {
        let schemas = &self.model.schemas;
        refusals(schemas, slot.schema, value, &Default::default()).is_empty()
    }

    /// The constants of the rules that are encoded.
    fn constants(&self) -> Vec<Value> {
        let arena = &self.model.arena;
        let reachable = arena.reachable(&self.roots).into_iter();
        reachable
            .filter_map(|id| arena.as_const(id).cloned())
            .collect()
    }
}

/// A constant as text.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_string()),
        Value::Number(number) => Some(print_number(number)),
        _ => None,
    }
}

/// Lengths at the borders that constants may stand for.
fn around(constants: &[Value]) -> BTreeSet<u64> {
    let lengths = constants
        .iter()
        .filter_map(Value::as_number)
        .filter_map(to_i64);
    lengths
        .flat_map(|length| [length.saturating_sub(1), length, length.saturating_add(1)])
        .filter_map(|length| u64::try_from(length).ok())
        .filter(|length| *length <= MAX_LENGTH)
        .collect()
}

fn shortest(set: &TextSet) -> Option<String> {
    let (least, _) = *set.lengths(MAX_LENGTH).ok()?.ranges.first()?;
    let set = set.clone().with_lengths(least, Some(least));
    set.nth(0, &Taste::default()).ok()
}
