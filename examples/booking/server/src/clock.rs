//! What time it is, or what tests say.

use jiff::{SignedDuration, Timestamp};

/// A clock that may be ahead of the real one, or behind.
#[derive(Clone, Copy, Default)]
pub struct Clock {
    ahead: SignedDuration,
}

impl Clock {
    /// A clock that shows this moment now, and goes on from there.
    pub fn showing(moment: Timestamp) -> Self {
        Self {
            ahead: moment.duration_since(Timestamp::now()),
        }
    }

    pub fn now(self) -> Timestamp {
        // Centuries away from what a timestamp can hold.
        Timestamp::now()
            .checked_add(self.ahead)
            .unwrap_or(Timestamp::MAX)
    }
}
