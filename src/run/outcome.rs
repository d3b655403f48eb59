//! What became of cases.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::answer::Answer;
use super::exchange::Exchange;

/// What a case, or a baseline, came to; better ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The server did what the rules demand.
    Passed,
    /// The server had no time to answer (429, a timeout).
    Inconclusive,
    /// The case could not be made: the server is out of reach, or refuses what
    /// has to be accepted first, or answers with what says nothing about the
    /// rule.
    Blocked,
    /// The server did the opposite, or broke down.
    Failed,
}

impl Kind {
    /// All, those that matter most first.
    pub const ALL: [Self; 4] = [
        Self::Failed,
        Self::Blocked,
        Self::Inconclusive,
        Self::Passed,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Inconclusive => "inconclusive",
            Self::Blocked => "blocked",
            Self::Failed => "failed",
        }
    }
}

/// An outcome and what led to it.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) kind: Kind,
    /// Why it isn't passed, credentials left out.
    pub(super) message: String,
    /// What several cases suffer from.
    pub(super) cause: Option<String>,
    /// Whether it may be different a moment later.
    pub(super) transient: bool,
    /// Whether it is evidence by itself, whatever became of the baseline or
    /// twin.
    pub(super) certain: bool,
    /// Whether the last request was accepted although the case isn't passed: its
    /// answer shows something else.
    pub(super) accepted: bool,
    /// What a request was answered that had to be accepted, and wasn't.
    pub(super) refusal: Option<Arc<Answer>>,
    /// The status of the answer to the last request.
    pub(super) status: Option<u16>,
    /// How long it took.
    pub(super) elapsed: Duration,
    /// The case or baseline that was sent.
    pub(super) of: String,
    /// What was sent and answered.
    pub(super) exchanges: Vec<Exchange>,
}

impl Outcome {
    pub(super) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            cause: None,
            transient: false,
            certain: false,
            accepted: false,
            refusal: None,
            status: None,
            elapsed: Duration::ZERO,
            of: String::new(),
            exchanges: Vec::new(),
        }
    }

    /// That of what wasn't sent, or not to its end, since the run was to stop.
    pub(super) fn interrupted() -> Self {
        let told = "the run was interrupted before it was sent";
        let mut outcome = Self::new(Kind::Inconclusive, told);
        outcome.cause = Some(told.to_owned());
        outcome.transient = true;
        outcome
    }

    pub(super) fn is_passed(&self) -> bool {
        self.kind == Kind::Passed
    }
}
