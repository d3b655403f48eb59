//! A test: its requests, the verdict, what it catches and what it is worth.

use serde::{Deserialize, Serialize};

use super::{Check, Step, StepChanges};
use crate::case::story::Story;

/// A test: requests and the verdict on the last of them. All earlier ones are
/// accepted by a right server, but for those that say otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Stable: survives changes of values.
    pub id: String,
    /// Of all other members but `value`: tells whether a case has changed.
    pub digest: String,
    /// The rule that it is about.
    pub rule: String,
    /// The operation of its last step.
    pub operation: String,
    /// The right server's verdict.
    pub expected: Expected,
    /// Every rule that the last request breaks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<String>,
    /// The wrong implementations that it catches; empty for a twin that is there
    /// for comparison only.
    pub detects: Vec<Detected>,
    /// The fault that it was found for, one of `detects`; none for an accepting
    /// twin that detects nothing by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<String>,
    /// Why the verdict is what it is, in one sentence.
    pub reason: String,
    /// What it is worth beside others: why it stands where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Worth>,
    /// What happens, step by step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub story: Option<Story>,
    /// The baseline that has to be accepted before this case says anything.
    pub baseline: String,
    /// What tells each step from a baseline.
    pub changes: Vec<StepChanges>,
    /// Places of the last request that no rule reads, with other values than the
    /// baseline's: together the cases hold all pairs of such values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filled: Vec<String>,
    /// The requests.
    pub steps: Vec<Step>,
    /// Requests that are sent before the last one, to see whether the server
    /// remembers what it should by then: each must be accepted and show what
    /// it says, else the case is blocked. They change nothing, and steps are
    /// counted without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<Step>,
    /// The accepted state that differs least; a rejecting case has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<Twin>,
    /// Rules counted as true though undefined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumes: Vec<String>,
    /// Reserved: groups of steps that are sent at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrent: Option<Vec<Vec<usize>>>,
}

/// What a case is worth beside the others that were found for the same: those of
/// its rule, of a definition or of what the server remembers; or all of a file that
/// is as small as can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worth {
    /// Its place among them, from 1.
    pub place: usize,
    /// How many they are.
    pub of: usize,
    /// How much it matters that `new` are caught, by severity and class: what
    /// decides the place.
    pub weight: u64,
    /// How many of the faults that it detects no case before it does.
    pub new: usize,
    /// How many no other case does.
    pub alone: usize,
}

impl Worth {
    /// The place and the reason, in one sentence without its point. What the case
    /// catches is told beside it.
    pub fn in_words(&self) -> String {
        let Self {
            place,
            of,
            weight,
            new,
            alone,
        } = self;
        let place = format!("Place {place} of {of} by value");
        match (new, alone) {
            (0, _) => format!("{place}: it catches nothing that isn't caught before it"),
            (_, 0) => format!("{place} ({weight}): the first to catch {new} of these"),
            _ => format!(
                "{place} ({weight}): the first to catch {new} of these, the only one to catch {alone}"
            ),
        }
    }
}

/// The right server's verdict and how it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Whether the last request is accepted.
    pub verdict: Verdict,
    /// All statuses of `answers`; empty where any 2xx fits.
    pub statuses: Vec<u16>,
    /// The answers that fit, one for each broken rule, or one without a rule
    /// for an accepted request.
    pub answers: Vec<ExpectedAnswer>,
    /// The earlier step whose answer is given again: what it made is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<Named>,
    /// Earlier steps that aren't repeated: what they made isn't named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs_from: Vec<Named>,
}

/// Where the answer to a step names what the step made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// The step.
    pub step: usize,
    /// Members below the body of its answer.
    pub path: Vec<String>,
}

/// Accepted or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Accepted.
    Accept,
    /// Refused because of a rule.
    Reject,
}

impl Verdict {
    /// `accepted` or `refused`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accept => "accepted",
            Self::Reject => "refused",
        }
    }
}

/// An answer that fits, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedAnswer {
    /// The broken rule that leads to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The statuses that fit.
    pub statuses: Vec<u16>,
    /// What the body must hold; all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
}

/// A wrong implementation that a case catches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detected {
    /// The fault's id.
    pub fault: String,
    /// The fault's class.
    pub class: String,
    /// What such a server does: completes "a server that ...".
    pub words: String,
}

/// The accepted state that a case differs least from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Twin {
    /// What `id` names.
    pub kind: TwinKind,
    /// The id of a case or a baseline.
    pub id: String,
    /// The step of the case that the twin leaves out, with all else equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without: Option<usize>,
    /// Where the two differ.
    pub differs: Vec<Place>,
}

/// What a twin is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TwinKind {
    /// An accepting case of the same file.
    Case,
    /// A baseline.
    Baseline,
}

/// A place in a sequence of requests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The step of the case.
    pub step: usize,
    /// The place in its request; empty: the whole step.
    pub location: String,
}
