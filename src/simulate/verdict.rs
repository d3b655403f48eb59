//! What a server makes of a request.

use std::collections::BTreeSet;

use crate::model::{Place, RuleRef};

/// A server's verdict on one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All rules hold; the request takes effect.
    Accept,
    /// It is a repeat of the request of the step `of` (from 0), whose answer is
    /// given again; nothing changes.
    Replay {
        /// The step.
        of: usize,
        /// Whether the answer names what that request made.
        is_named: bool,
    },
    /// These are broken, and no rule is undefined; nothing changes.
    Reject(BTreeSet<RuleRef>),
    /// Only of a right server: these places are undefined, so that nothing can
    /// be said of the request.
    Unclear(BTreeSet<Place>),
    /// Only of a patched server: the expression at this place is undefined.
    Crash(Place),
    /// Only of a right server: it has to do with what was there before in a way
    /// that tests can't send. It would be accepted, and other tests would meet what
    /// it leaves; or it holds a text of that where tests make up texts.
    Shared,
    /// It isn't the same at all moments at which a test may run.
    Unsteady,
}

/// Whether requests with these verdicts may stand before the last one of a case:
/// they are accepted as new ones, but for at most `others` of them, which are
/// refused or repeats.
pub fn may_lead(verdicts: &[Verdict], others: usize) -> bool {
    let found = verdicts.iter().filter(|own| **own != Verdict::Accept);
    let found: Vec<&Verdict> = found.collect();
    let changes_nothing =
        |own: &&Verdict| matches!(own, Verdict::Reject(_) | Verdict::Replay { .. });
    found.len() <= others && found.iter().all(changes_nothing)
}

impl Verdict {
    /// Whether the request is accepted, as a new one or as a repeat.
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Accept | Self::Replay { .. })
    }

    /// Whether the steps after this one can be judged.
    pub fn is_clear(&self) -> bool {
        matches!(self, Self::Accept | Self::Replay { .. } | Self::Reject(_))
    }
}
