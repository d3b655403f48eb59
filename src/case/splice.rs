//! What is filled into requests when they are sent.

use serde::{Deserialize, Serialize};

/// A place of a request that is filled in when it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Splice {
    /// A value of an earlier answer.
    Saved {
        /// The place, as expressions write it: `path.payment_id`.
        location: String,
        /// The text that stands there in the file.
        placeholder: String,
        /// The earlier step.
        step: usize,
        /// Members below the body of its answer.
        path: Vec<String>,
    },
    /// A value of the environment. The verdict holds with any that stands
    /// nowhere else in the requests of the case.
    Environment {
        /// The place, as expressions write it: `body.merchant`.
        location: String,
        /// The text that stands there in the file.
        placeholder: String,
        /// The name of the environment variable.
        variable: String,
        /// Whether it is a number: the placeholder then stands for one, too.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        number: bool,
    },
    /// A value that a setup step saves. As with those of the environment, any
    /// that stands nowhere else will do.
    Setup {
        /// The place, as expressions write it: `body.customer`.
        location: String,
        /// The text that stands there in the file.
        placeholder: String,
        /// The name under which it is saved.
        name: String,
        /// Whether it is a number: the placeholder then stands for one, too.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        number: bool,
    },
    /// A value of the request that this one follows: in `await` and `clean_up`
    /// only.
    Sent {
        /// The place, as expressions write it: `path.payment_id`.
        location: String,
        /// The text that stands there in the file.
        placeholder: String,
        /// The place in the request that it follows.
        from: String,
    },
    /// A time that is counted from the moment of the test. The verdict holds
    /// at any moment at which the server's clock is near that of the test.
    Moment {
        /// The place, as expressions write it: `body.start`.
        location: String,
        /// The text that stands there in the file; it shows how the time is
        /// written: as a date, or with how many digits and in which zone.
        placeholder: String,
        /// What it is counted from.
        anchor: Anchor,
        /// The time zone whose days and weeks count, if that isn't UTC.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        zone: Option<String>,
        /// So many seconds later; earlier where negative. From the start of a
        /// day or a week they are counted as clocks on the wall show them.
        seconds: i64,
    },
}

/// What times are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// The moment of the test.
    Now,
    /// The start of its day.
    Today,
    /// The start of its week, a Monday.
    Monday,
}

impl Splice {
    /// The place, as expressions write it.
    pub fn location(&self) -> &str {
        match self {
            Self::Saved { location, .. }
            | Self::Environment { location, .. }
            | Self::Setup { location, .. }
            | Self::Sent { location, .. }
            | Self::Moment { location, .. } => location,
        }
    }

    /// Whether it is a value of the environment or of setup that is a number.
    pub fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Environment { number: true, .. } | Self::Setup { number: true, .. }
        )
    }

    /// The text that stands there in the file.
    pub fn placeholder(&self) -> &str {
        match self {
            Self::Saved { placeholder, .. }
            | Self::Environment { placeholder, .. }
            | Self::Setup { placeholder, .. }
            | Self::Sent { placeholder, .. }
            | Self::Moment { placeholder, .. } => placeholder,
        }
    }
}
