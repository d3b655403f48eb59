//! Requests and answers as reports show them: without credentials.

use serde::Serialize;

use super::answer::Answer;
use super::credentials::Mask;
use super::message::Message;
use super::template::Template;
use crate::case::{StepChanges, body_text, is_written, sent_values, text_place};
use crate::value::Value;
use crate::value::location::Location;

/// How much of an answer's body is kept, in characters.
const LONGEST: usize = 2_000;

/// A request, and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exchange {
    /// The operation's id.
    pub operation: String,
    /// The method in capitals.
    pub method: String,
    /// The path and the query.
    pub target: String,
    /// Headers and cookies that the document declares, as `name: text`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
    /// The whole body as it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The baseline that it is a change of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// What differs from the baseline.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Changed>,
    /// How the server's clock was set before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<Box<Exchange>>,
    /// What setup steps sent for this case alone, before its first request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub setup: Vec<Exchange>,
    /// The name of the setup step that sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setup_step: Option<String>,
    /// Whether it is there to see what the server remembers, before the last
    /// request.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_view: bool,
    /// The last request by which what it started was waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awaited: Option<Box<Exchange>>,
    /// How often it was sent again, since the server was too busy.
    pub retries: u32,
    /// The answer, if there is one.
    pub answer: Option<Answered>,
}

/// A place with another value than in the baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// The place in the request: `body.lines[0].amount`.
    pub location: String,
    /// The baseline's value as JSON text; none where it has none.
    pub from: Option<String>,
    /// The value that was sent as JSON text; none where there is none.
    pub to: Option<String>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// Where a redirection leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The body; the start of it where it is long, with ` ...` behind.
    pub body: String,
}

impl Exchange {
    pub(super) fn new(template: &Template<'_>, message: &Message, mask: &Mask) -> Self {
        let cookies = message.cookies.iter().map(|own| format!("Cookie: {own}"));
        let headers = message.headers.iter();
        // How a body is written is no part of the case.
        let headers = headers.filter(|(name, _)| name != "Content-Type");
        let headers = headers.map(|(name, text)| format!("{name}: {text}"));
        Self {
            operation: template.operation.id.clone(),
            method: message.method.clone(),
            target: mask.hide(&message.target),
            headers: headers.chain(cookies).map(|own| mask.hide(&own)).collect(),
            body: message.body.as_deref().map(|body| mask.hide(body)),
            baseline: None,
            changes: Vec::new(),
            clock: None,
            setup: Vec::new(),
            setup_step: None,
            is_view: false,
            awaited: None,
            retries: 0,
            answer: None,
        }
    }

    /// Takes in what tells the request, whose parts are `sent`, from a step of
    /// a baseline.
    pub(super) fn compare(
        &mut self,
        base: &Template<'_>,
        changes: &StepChanges,
        sent: &Value,
        mask: &Mask,
    ) {
        self.baseline = changes.of.as_ref().map(|of| of.baseline.clone());
        let read = |root: &Value, place: &str| {
            let place = text_place(root, Location::parse(place)?)?;
            place.read(root).map(|value| mask.hide(&value.to_string()))
        };
        let set = changes.set.iter().map(|(place, value)| Changed {
            location: place.clone(),
            from: read(&base.parts, place),
            to: Some(read(sent, place).unwrap_or_else(|| mask.hide(value))),
        });
        let unset = changes.unset.iter().map(|place| Changed {
            location: place.clone(),
            from: read(&base.parts, place),
            to: None,
        });
        // The value may be the same, and written otherwise: 5.0 for 5.
        let written = sent_values(sent).into_iter();
        let written = written.filter(|(_, value)| is_written(value));
        let written = written.map(|(place, value)| Changed {
            location: place.to_string(),
            from: read(&base.parts, &place.to_string()),
            to: Some(mask.hide(&body_text(value))),
        });
        let written: Vec<Changed> = written.collect();
        let is_plain = |own: &Changed| written.iter().all(|other| other.location != own.location);
        let plain: Vec<Changed> = set.chain(unset).filter(is_plain).collect();
        self.changes = plain.into_iter().chain(written).collect();
    }

    pub(super) fn answered(&mut self, answer: &Answer, mask: &Mask) {
        self.answer = Some(Answered {
            status: answer.status,
            location: answer.location.as_deref().map(|own| mask.hide(own)),
            body: cut(mask.hide(answer.text.trim())),
        });
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} ...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_answers_are_cut_between_characters() {
        let long = "ü".repeat(LONGEST + 1);
        let shown = cut(long.clone());
        assert_eq!(shown.chars().filter(|char| *char == 'ü').count(), LONGEST);
        assert!(shown.ends_with("ü ..."));
        let fits: String = long.chars().skip(1).collect();
        assert_eq!(cut(fits.clone()), fits);
    }
}
