//! What an answer has to show: values at places of its body.

use serde::{Deserialize, Serialize};

use super::format::{Splice, Step};
use super::json::parse_json;

/// A value that an answer has to show. At the last step of a case another one
/// is what the case looks for; at an earlier one the state that was reached
/// isn't the one predicted, and the case is blocked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// Members (or item numbers) below the body.
    pub path: Vec<String>,
    /// The JSON text of what stands there; without it, nothing does, or null,
    /// unless only that it is there is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// How the two are compared.
    #[serde(default, skip_serializing_if = "Comparison::is_equal")]
    pub comparison: Comparison,
    /// Texts of the value that are filled in when the requests are sent, by
    /// their places in it: empty where the value is the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub splices: Vec<Splice>,
}

/// How a value of an answer is compared with the one that is expected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Equal as JSON, numbers by value.
    #[default]
    Equal,
    /// Equal as numbers: the answer may write one as a text.
    Number,
    /// The same moment, however the answer writes it.
    Time,
    /// There, and not equal.
    NotEqual,
    /// There, and less; texts by their characters' code points.
    Less,
    /// There, and not greater.
    AtMost,
    /// There, and greater.
    Greater,
    /// There, and not less.
    AtLeast,
    /// There, perhaps as null; no value is needed.
    There,
}

impl Comparison {
    /// Whether it is the usual one.
    pub fn is_equal(&self) -> bool {
        *self == Self::Equal
    }
}

/// Whether what a step has to show can be compared.
pub(super) fn check(step: &Step) -> Result<(), String> {
    for shown in &step.shows {
        let place = shown.path.join(".");
        let is_ordered = !matches!(
            shown.comparison,
            Comparison::Equal | Comparison::Number | Comparison::Time | Comparison::There
        );
        if is_ordered && shown.value.is_none() {
            return Err(format!("{place} is compared with nothing"));
        }
        let Some(value) = &shown.value else {
            if !shown.splices.is_empty() {
                return Err(format!("{place} is nothing that could be filled in"));
            }
            continue;
        };
        parse_json(value).map_err(|problem| format!("{place} is no JSON: {problem}"))?;
        let mut splices = shown.splices.iter();
        if splices.any(|splice| matches!(splice, Splice::Sent { .. })) {
            return Err(format!("{place} follows no request"));
        }
    }
    Ok(())
}
