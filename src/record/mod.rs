//! A recording reverse proxy: what a suite sends to an API, and what the API
//! answers, as JSON Lines.
//!
//! It knows no rules. `serve` accepts connections, `forward` hands each request
//! on (`upstream`, `hop` and `rewrite` say what changes on the way), and bodies
//! are passed through while a copy is kept (`copy`). Once an exchange is over, or
//! broken off (`exchange`), it becomes one line (`line`, `body`, `coding`) of a
//! file (`file`), in which nothing secret stands (`mask`). What answers in place
//! of the API is a [`Tamper`].

mod body;
mod coding;
mod copy;
mod exact;
mod exchange;
mod file;
mod forward;
mod hop;
mod line;
mod mask;
mod rewrite;
mod serve;
mod tamper;
mod upstream;

pub use file::{FileError, Recorded, TrafficFile};
pub use mask::{Masking, is_secret};
pub use serve::{Recording, StartError};
pub use tamper::{Answered, Asked, Change, Decision, MadeUp, Tamper};

use std::sync::Arc;

use crate::run::Target;

/// How a recording is made.
#[derive(Clone)]
pub struct Options {
    /// Where requests go.
    pub upstream: Target,
    /// Whether the upstream sees the `Host` that the client sent.
    pub preserve_host: bool,
    /// How many bytes of a body are kept; all are passed on.
    pub max_body: usize,
    /// What is hidden in the file.
    pub masking: Masking,
    /// What may answer in place of the upstream.
    pub tamper: Option<Arc<dyn Tamper>>,
}
