//! What an observer can tell apart.

use super::answers::disjoint;
use super::shown::{Known, differ};
use super::{Run, Verdict};
use crate::model::{Model, Trace};

/// A patched server can be told from the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detection {
    /// The first step (from 0) whose answer shows it.
    pub step: usize,
    /// Whether only the status or body of a refusal shows it.
    pub by_status: bool,
    /// Whether only what an answer shows does.
    pub by_view: bool,
}

impl Detection {
    /// What `step` shows of the servers.
    pub(super) fn at(step: usize, sight: Sight) -> Self {
        Self {
            step,
            by_status: sight == Sight::Status,
            by_view: sight == Sight::Shown,
        }
    }
}

/// What one step shows of two servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Nothing: the answers may be the same. The next step may.
    Same,
    /// One accepts what the other doesn't.
    Verdict,
    /// Both refuse, but no answer fits both refusals.
    Status,
    /// Both accept, and the answers show different things.
    Shown,
    /// It can't be said, nor of any later step.
    Lost,
}

/// Compares two runs of `trace`. The first step at which one refuses what the
/// other doesn't decides, else the last whose answers differ. No detection
/// where the right server's verdict is unclear before.
pub fn compare(model: &Model, trace: &Trace, right: &Run, patched: &Run) -> Option<Detection> {
    let verdicts = right.verdicts.iter().zip(&patched.verdicts);
    let known = Known::new(model, trace);
    let mut found = Found::default();
    for (step, (own, other)) in verdicts.enumerate() {
        let differs = || {
            let seen = right.seen.get(step).zip(patched.seen.get(step));
            let ensured = right.ensured.get(step).zip(patched.ensured.get(step));
            seen.is_some_and(|(own, other)| differ(model, &known, own, other))
                || ensured.is_some_and(|(own, other)| own.differs(model, &known, other))
        };
        let sight = match sight(model, own, other) {
            Sight::Same if differs() => Sight::Shown,
            sight => sight,
        };
        if found.is_decided(step, sight) {
            break;
        }
    }
    found.0
}

/// What was seen of a difference so far.
#[derive(Debug, Default)]
pub(super) struct Found(pub Option<Detection>);

impl Found {
    /// Notes what a step shows; whether later ones add nothing.
    pub fn is_decided(&mut self, step: usize, sight: Sight) -> bool {
        match sight {
            Sight::Same => false,
            Sight::Lost => true,
            Sight::Verdict | Sight::Status => {
                self.0 = Some(Detection::at(step, sight));
                true
            }
            // Tests look at the last answer, and both servers go on alike.
            Sight::Shown => {
                self.0 = Some(Detection::at(step, sight));
                false
            }
        }
    }
}

/// What a request shows, by the two servers' verdicts.
pub fn sight(model: &Model, right: &Verdict, patched: &Verdict) -> Sight {
    match (right, patched) {
        // A crash may look like any refusal.
        (Verdict::Unclear(_) | Verdict::Crash(_) | Verdict::Unsteady | Verdict::Shared, _)
        | (_, Verdict::Unclear(_) | Verdict::Unsteady | Verdict::Shared)
        | (Verdict::Reject(_), Verdict::Crash(_)) => Sight::Lost,
        (Verdict::Accept, Verdict::Accept) => Sight::Same,
        (Verdict::Replay { of, .. }, Verdict::Replay { of: other, .. }) if of == other => {
            Sight::Same
        }
        (Verdict::Replay { is_named, .. }, Verdict::Accept | Verdict::Replay { .. })
        | (Verdict::Accept, Verdict::Replay { is_named, .. }) => match is_named {
            true => Sight::Verdict,
            false => Sight::Same,
        },
        (Verdict::Accept | Verdict::Replay { .. }, Verdict::Reject(_) | Verdict::Crash(_))
        | (Verdict::Reject(_), Verdict::Accept | Verdict::Replay { .. }) => Sight::Verdict,
        (Verdict::Reject(right), Verdict::Reject(patched)) => {
            if right != patched && disjoint(model, right, patched) {
                Sight::Status
            } else {
                Sight::Same
            }
        }
    }
}
