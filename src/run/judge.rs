//! What the answer to the last request of a case proves.

use super::answer::Answer;
use super::outcome::Kind;
use crate::case::{Answer as Fitting, Case, CaseFile, ExpectedAnswer, Operation, Verdict};

/// Refusals that are no sign of a rule, unless the rule names them.
const NO_EVIDENCE: [u16; 9] = [401, 403, 404, 405, 406, 408, 413, 415, 429];

/// Statuses that refuse for a rule where none are named.
const USUAL: [u16; 3] = [400, 409, 422];

/// A case and what its last request may be answered.
#[derive(Clone, Copy)]
pub(super) struct Judge<'f> {
    case: &'f Case,
    operation: &'f Operation,
    /// How the rule's own refusal is known, of an accepting case.
    named: Option<&'f Fitting>,
}

impl<'f> Judge<'f> {
    /// None where the operation isn't in the file.
    pub(super) fn new(file: &'f CaseFile, case: &'f Case) -> Option<Self> {
        let last = case
            .steps
            .last()
            .map_or(&case.operation, |step| &step.operation);
        let operation = file.operations.iter().find(|own| own.id == *last)?;
        let rule = file.rules.iter().find(|rule| rule.id == case.rule);
        let refusal = rule.map(|rule| &rule.refused_with);
        // Its status is one only because the rule names it, or its body says
        // whose it is.
        let named = refusal.filter(|own| {
            !own.checks.is_empty() || own.statuses.iter().any(|status| !USUAL.contains(status))
        });
        Some(Self {
            case,
            operation,
            named,
        })
    }

    pub(super) fn rejects(&self) -> bool {
        self.case.expected.verdict == Verdict::Reject
    }

    fn answers(&self) -> &'f [ExpectedAnswer] {
        &self.case.expected.answers
    }

    /// Whether it is the refusal that the rule asks for.
    fn is_refusal(&self, answer: &Answer) -> bool {
        if self.rejects() {
            let mut answers = self.answers().iter();
            return answers.any(|own| answer.fits(&own.statuses, &own.checks));
        }
        self.named
            .is_some_and(|own| answer.fits(&own.statuses, &own.checks))
    }

    /// Whether the server should be asked again later: it is too busy, and no
    /// rule speaks of that.
    pub(super) fn is_busy(&self, answer: &Answer) -> bool {
        answer.status == 429 && !self.is_refusal(answer)
    }

    /// Whether an answer is evidence by itself, whatever became of the baseline
    /// or twin: a forbidden request was accepted, or the refusal of a right one
    /// names the rule.
    pub(super) fn is_certain(&self, answer: &Answer) -> bool {
        if self.rejects() {
            return answer.is_success();
        }
        self.named.is_some_and(|own| !own.checks.is_empty()) && self.is_refusal(answer)
    }

    /// The outcome, and why it isn't passed.
    pub(super) fn judge(&self, answer: &Answer) -> (Kind, Option<String>) {
        match self.rejects() {
            true => self.judge_refusal(answer),
            false => self.judge_acceptance(answer),
        }
    }

    /// Whether the last answer names what it should: what an earlier request
    /// made, or something new.
    pub(super) fn judge_repetition(&self, answers: &[Answer]) -> (Kind, Option<String>) {
        let expected = &self.case.expected;
        let repeats = expected.repeats.iter().map(|own| (own, true));
        let others = expected.differs_from.iter().map(|own| (own, false));
        for (own, is_repeat) in repeats.chain(others) {
            let first = answers.get(own.step.saturating_sub(1));
            let first = first.and_then(|answer| answer.at(&own.path));
            let last = answers.last().and_then(|answer| answer.at(&own.path));
            let (Some(first), Some(last)) = (first, last) else {
                let place = own.path.join(".");
                let told =
                    format!("an answer has no {place}, which tells whether a request was repeated");
                return (Kind::Blocked, Some(told));
            };
            let step = own.step;
            let told = match is_repeat {
                true => {
                    format!("request {step} was repeated, and the server took it for a new one")
                }
                false => format!("the server took a new request for a repeat of request {step}"),
            };
            if (first == last) != is_repeat {
                return (Kind::Failed, Some(told));
            }
        }
        (Kind::Passed, None)
    }

    fn judge_refusal(&self, answer: &Answer) -> (Kind, Option<String>) {
        let (status, rule) = (answer.status, &self.case.rule);
        if self.is_refusal(answer) {
            return (Kind::Passed, None);
        }
        let named = self
            .answers()
            .iter()
            .any(|own| own.statuses.contains(&status));
        let (kind, words) = match status {
            200..=299 => {
                let words = format!("the server accepted what the rule {rule} forbids");
                (Kind::Failed, words)
            }
            500..=599 => {
                let words = format!(
                    "the server broke down ({status}) where the rule {rule} demands a refusal"
                );
                (Kind::Failed, words)
            }
            429 => (Kind::Inconclusive, BUSY.to_owned()),
            _ if named => {
                let words = format!(
                    "the server refused, and its answer doesn't say that it was for the rule {rule}"
                );
                (Kind::Blocked, words)
            }
            _ => {
                let words = format!("status {status} is no sign that the rule {rule} was checked");
                (Kind::Blocked, words)
            }
        };
        (kind, Some(words))
    }

    fn judge_acceptance(&self, answer: &Answer) -> (Kind, Option<String>) {
        let (status, rule) = (answer.status, &self.case.rule);
        let accept = &self.operation.accept;
        if answer.fits(&accept.statuses, &accept.checks) {
            return (Kind::Passed, None);
        }
        let refused = || format!("the server refused what the rule {rule} allows");
        let (kind, words) = match status {
            _ if self.is_refusal(answer) => (Kind::Failed, refused()),
            500..=599 => {
                let words = format!(
                    "the server broke down ({status}) on a request that the rule {rule} allows"
                );
                (Kind::Failed, words)
            }
            429 => (Kind::Inconclusive, BUSY.to_owned()),
            400..=499 if !NO_EVIDENCE.contains(&status) => (Kind::Failed, refused()),
            _ => {
                let words =
                    format!("status {status} is neither an acceptance nor a refusal by a rule");
                (Kind::Blocked, words)
            }
        };
        (kind, Some(words))
    }
}

const BUSY: &str = "the server has too much to do (429)";
