//! Requests, and what they are changes of.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::ExpectedAnswer;
use crate::case::shown::Shown;
use crate::case::splice::Splice;

/// One request of a sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The operation that is called.
    pub operation: String,
    /// The whole request.
    pub request: Request,
    /// Where a saved value replaces a placeholder before sending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub splices: Vec<Splice>,
    /// What later steps need of the answer: members below its body, one path
    /// each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub save: Vec<Vec<String>>,
    /// What the answer has to show where the request is accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shows: Vec<Shown>,
    /// Of a request before the last one that must be refused: the answers that
    /// fit. Without any, it must be accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<ExpectedAnswer>,
}

/// A whole request as text. Names of parameters are those of the API document;
/// values aren't percent-encoded yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The method in capitals.
    pub method: String,
    /// The path template.
    pub path_template: String,
    /// Path parameters.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub path: IndexMap<String, ParameterValue>,
    /// Query parameters; a single text is a list of one.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub query: IndexMap<String, ParameterValue>,
    /// Headers that the document declares.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub header: IndexMap<String, ParameterValue>,
    /// Cookies.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub cookie: IndexMap<String, ParameterValue>,
    /// The body: JSON text with every digit that counts. That of a form is an
    /// object of its fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Places of a JSON body that are written as this JSON text, which no value
    /// says: `1.0` for 1, half of a character, a name that stands twice. `body`
    /// holds what readers mostly make of it.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub written: IndexMap<String, String>,
    /// The moment that the server's clock is set to before the request is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
    /// Who sends it, one of the file's actors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
}

/// What tells a step of a case from a step of a baseline. First everything
/// is set in this order, then unset in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepChanges {
    /// The step of the case.
    pub step: usize,
    /// What it is a change of; without it, no baseline has such a step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<StepRef>,
    /// Places and the JSON text that stands there.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub set: IndexMap<String, String>,
    /// Places that are absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unset: Vec<String>,
}

/// A step of a baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRef {
    /// The baseline's id.
    pub baseline: String,
    /// The step.
    pub step: usize,
}

/// The value of a parameter before its style makes one text of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ParameterValue {
    /// One text; JSON text where the style says so.
    Text(String),
    /// Items. In a query, one item stands for a single text as well.
    List(Vec<String>),
    /// Members of an object.
    Members(IndexMap<String, String>),
}

impl ParameterValue {
    /// The one text that it is, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::List(items) => match items.as_slice() {
                [one] => Some(one),
                _ => None,
            },
            Self::Members(_) => None,
        }
    }
}
