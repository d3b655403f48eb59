//! One way through the requests of a case or a baseline.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::answer::Answer;
use super::clean_up::Made;
use super::clock::PLAYED;
use super::credentials::{Mask, Saved};
use super::deliver::Undelivered;
use super::exchange::Exchange;
use super::outcome::{Kind, Outcome};
use super::play::Sequence;
use super::send::NoAnswer;
use super::template::{Correlated, Known};
use crate::case::ExpectedAnswer;

/// The cause that cases share where the server asks for other credentials.
const CREDENTIALS: &str = "credentials";

/// The cause that all cases share where the server is out of reach.
pub const UNREACHABLE: &str = "unreachable";

/// One way through a sequence.
pub(super) struct Attempt<'a, 'f> {
    pub(super) sequence: &'a Sequence<'f>,
    pub(super) now: i128,
    pub(super) started: Instant,
    /// Whether times are counted from now.
    pub(super) counted: bool,
    /// What setup steps saved.
    pub(super) saved: Saved,
    /// What is to be deleted once it is over.
    pub(super) made: Vec<Made<'f>>,
    pub(super) answers: Vec<Answer>,
    pub(super) correlated: Correlated,
    pub(super) exchanges: Vec<Exchange>,
}

/// Why no more requests of an attempt are sent.
pub(super) enum Stop {
    Known(Box<Outcome>),
    /// The times that it holds are over.
    Again,
}

impl Attempt<'_, '_> {
    /// What the next request is filled in with.
    pub(super) fn known(&self) -> Known<'_> {
        Known {
            answers: &self.answers,
            sent: None,
            saved: &self.saved,
            now: self.now,
        }
    }

    /// Whether the times that its requests hold may be out of date.
    pub(super) fn is_over(&self) -> bool {
        let tolerance = self.sequence.file.clock_tolerance.unwrap_or(PLAYED);
        let longest = Duration::from_secs(u64::from(tolerance.max(PLAYED)));
        self.counted && self.started.elapsed() > longest
    }

    /// The outcome once all was sent.
    pub(super) fn outcome(&self) -> Outcome {
        if self.is_over() {
            let told = "the requests took longer than the times in them hold";
            let mut outcome = Outcome::new(Kind::Inconclusive, told);
            outcome.transient = true;
            return outcome;
        }
        let (Some(judge), Some(answer)) = (self.sequence.judge, self.answers.last()) else {
            return Outcome::new(Kind::Passed, "");
        };
        let (kind, told) = match judge.judge(answer) {
            (Kind::Passed, None) => judge.judge_repetition(&self.answers),
            found => found,
        };
        let mut outcome = Outcome::new(kind, told.unwrap_or_default());
        // Other cases of the rule are answered alike.
        let blocked = kind == Kind::Blocked;
        outcome.cause = blocked.then(|| outcome.message.clone());
        outcome.transient = kind == Kind::Inconclusive;
        outcome.certain = kind == Kind::Failed && judge.is_certain(answer);
        outcome
    }

    pub(super) fn ended(self, mut outcome: Outcome) -> Outcome {
        outcome.elapsed = self.started.elapsed();
        if !outcome.exchanges.is_empty() {
            // A setup step's: nothing else was sent.
            return outcome;
        }
        let last = self.exchanges.last().and_then(|own| own.answer.as_ref());
        outcome.status = last.map(|answer| answer.status);
        outcome.exchanges = self.exchanges;
        outcome
    }

    pub(super) fn stop(&self, kind: Kind, told: String) -> Stop {
        let mut outcome = Outcome::new(kind, told);
        outcome.cause.clone_from(&self.sequence.cause);
        Stop::Known(Box::new(outcome))
    }

    /// A request that had to be accepted wasn't.
    pub(super) fn refused(&self, operation: &str, answer: Answer) -> Stop {
        let (name, status) = (&self.sequence.name, answer.status);
        let mut told =
            format!("{name} must be accepted, and the server answered {operation} with {status}");
        if status == 401 {
            told += ": it takes no credentials, or others";
        }
        let mut outcome = unaccepted(status, told);
        // Other baselines need the same credentials.
        let asks = (status == 401).then(|| CREDENTIALS.to_owned());
        outcome.cause = asks.or_else(|| self.sequence.cause.clone());
        outcome.refusal = Some(Arc::new(answer));
        Stop::Known(Box::new(outcome))
    }

    /// A request before the last one had to be refused and wasn't, or otherwise.
    pub(super) fn not_refused(
        &self,
        operation: &str,
        wanted: &[ExpectedAnswer],
        answer: &Answer,
    ) -> Stop {
        let (name, status) = (&self.sequence.name, answer.status);
        let rules = wanted.iter().filter_map(|own| own.rule.as_deref());
        let rules = rules.collect::<Vec<_>>().join(", ");
        let told = format!(
            "{name}: {operation} must be refused before the last request (by {rules}), and the \
             server answered {status}"
        );
        let mut outcome = unaccepted(status, told);
        outcome.cause.clone_from(&self.sequence.cause);
        Stop::Known(Box::new(outcome))
    }

    /// What a request started wasn't done in time.
    pub(super) fn late(&self, operation: &str, told: String) -> Stop {
        let mut outcome = Outcome::new(Kind::Blocked, told);
        let own = || format!("await of {operation} of {}", self.sequence.file.rule_file);
        outcome.cause = self.sequence.cause.clone().or_else(|| Some(own()));
        Stop::Known(Box::new(outcome))
    }

    pub(super) fn undelivered(&self, why: Undelivered, mask: &Mask) -> Stop {
        match why {
            Undelivered::NoAnswer(error) => self.unanswered(&error, mask),
            Undelivered::Over => Stop::Again,
        }
    }

    fn unanswered(&self, error: &NoAnswer, mask: &Mask) -> Stop {
        let told = mask.hide(&error.to_string());
        let kind = match error {
            NoAnswer::TooSlow(_) => Kind::Inconclusive,
            _ => Kind::Blocked,
        };
        let mut outcome = Outcome::new(kind, told);
        outcome.cause = match error {
            NoAnswer::Unreachable(_) => Some(UNREACHABLE.to_owned()),
            _ => self.sequence.cause.clone(),
        };
        Stop::Known(Box::new(outcome))
    }
}

/// The outcome where a request had to be accepted and was answered otherwise.
pub(super) fn unaccepted(status: u16, told: String) -> Outcome {
    let is_busy = status == 429;
    let kind = match is_busy {
        true => Kind::Inconclusive,
        false => Kind::Blocked,
    };
    Outcome {
        transient: is_busy,
        ..Outcome::new(kind, told)
    }
}
