//! What the requests of a test hold by themselves.

use std::collections::BTreeSet;

use super::template::Template;
use crate::value::{parse_number, print_number};

/// What is no value of the environment or of setup: the cases were made as if those
/// were none of it.
pub(super) struct Held<'t> {
    texts: BTreeSet<&'t str>,
    /// Numbers where such a value may stand, by what they are compared with.
    numbers: BTreeSet<(&'t str, String)>,
    /// Variables, and names of setup, that are numbers, by the same.
    filled: BTreeSet<(&'t str, &'t str)>,
}

impl<'t> Held<'t> {
    pub(super) fn by(templates: impl Iterator<Item = &'t Template<'t>> + Clone) -> Self {
        Self {
            texts: templates.clone().flat_map(Template::texts).collect(),
            numbers: templates.clone().flat_map(Template::identifiers).collect(),
            filled: templates.flat_map(Template::numbers).collect(),
        }
    }

    /// Whether the value of a variable, or what setup saved under a name, stands there
    /// for something else.
    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        let mut as_number = self
            .filled
            .iter()
            .filter(|(own, _)| *own == name)
            .peekable();
        if as_number.peek().is_none() {
            return self.texts.contains(value);
        }
        let Some(number) = parse_number(value).map(|number| print_number(&number)) else {
            return false;
        };
        as_number.any(|(_, of)| self.numbers.contains(&(*of, number.clone())))
    }
}
