//! What a server makes of a request.

use std::collections::BTreeSet;

use crate::model::{Place, RuleRef};

/// A server's verdict on one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All rules hold; the request takes effect.
    Accept,
    /// These are broken, and no rule is undefined; nothing changes.
    Reject(BTreeSet<RuleRef>),
    /// Only of a right server: these places are undefined, so that nothing can
    /// be said of the request.
    Unclear(BTreeSet<Place>),
    /// Only of a patched server: the expression at this place is undefined.
    Crash(Place),
    /// It isn't the same at all moments at which a test may run.
    Unsteady,
}

impl Verdict {
    /// Whether the steps after this one can be judged.
    pub fn is_clear(&self) -> bool {
        matches!(self, Self::Accept | Self::Reject(_))
    }
}
