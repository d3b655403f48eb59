//! What HTTP carries as text.

use super::Operation;
use crate::document::{Encoding, Group, Style};
use crate::value::location::{Location, Segment};

impl Operation {
    /// Why a place of a request is sent as text, if it is: then it can't be
    /// null, nor an empty list.
    pub fn sent_as_text(&self, place: &Location) -> Option<&'static str> {
        let [Segment::Key(group), inner @ ..] = place.0.as_slice() else {
            return None;
        };
        let groups = [Group::Path, Group::Query, Group::Header, Group::Cookie];
        match (groups.into_iter().find(|own| own.name() == &**group), inner) {
            (Some(group), [Segment::Key(name), ..]) => {
                let is_json = self.encoding(group, name).style == Style::Json;
                (!is_json).then_some("being a parameter")
            }
            (Some(_), _) => None,
            (None, inner) if &**group == "body" && self.form.is_some() => {
                self.in_form(inner).then_some("being a field of a form")
            }
            (None, _) => None,
        }
    }

    /// Objects in a form are JSON text, unless a style spreads them out.
    fn in_form(&self, inner: &[Segment]) -> bool {
        let [Segment::Key(name), within @ ..] = inner else {
            return inner.is_empty();
        };
        match self.encoding(Group::Body, name).style {
            Style::Json => false,
            Style::Field | Style::File => matches!(within, [] | [Segment::Index(_)]),
            _ => true,
        }
    }

    /// How a parameter, or a field of a form, is written. Names of headers
    /// ignore case.
    pub fn encoding(&self, group: Group, name: &str) -> Encoding {
        Encoding::of(&self.encodings, group, name)
    }
}
