//! What may answer in place of the upstream.

use hyper::body::Bytes;
use hyper::{HeaderMap, StatusCode};

use super::coding::decoded;
use super::copy::Kept;

/// Decides who answers a request. Both functions are told of requests in whole,
/// with nothing masked; the exchange before is told of before the next request
/// of a client that waited for its answer.
pub trait Tamper: Send + Sync {
    /// Who answers; may take its time, as it runs on a thread of its own.
    fn before(&self, asked: &Asked) -> Decision;

    /// Sees an exchange that is over, its own answers included, and answers of the
    /// upstream before they were changed; must not wait.
    fn after(&self, asked: &Asked, answered: Answered);
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `POST`
    pub method: String,
    /// The path and query below the base of the upstream.
    pub target: String,
    /// Its headers, as the upstream sees them.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

/// An answer, as far as it is known.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Its status.
    pub status: u16,
    /// Its headers, as the upstream sent them.
    pub headers: HeaderMap,
    /// Its body, or the first part of it; not compressed, if the encoding is known.
    pub body: Bytes,
    /// Whether the body is there in whole.
    pub is_whole: bool,
    /// Whether the answer was made up by [`Tamper::before`].
    pub is_made_up: bool,
}

impl Answered {
    /// What the upstream answered.
    pub(super) fn whole(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Self {
        let kept = Kept {
            bytes: body.to_vec(),
            is_cut: false,
            is_whole: true,
        };
        let decoded = decoded(&kept, headers, usize::MAX);
        Self {
            status: status.as_u16(),
            headers: headers.clone(),
            body: decoded.map_or_else(|| body.clone(), |own| own.bytes.into()),
            is_whole: true,
            is_made_up: false,
        }
    }
}

/// What becomes of an answer of the upstream; none: it is left as it is.
pub type Change = Box<dyn FnOnce(&Answered) -> Option<MadeUp> + Send>;

/// Who answers.
pub enum Decision {
    /// The upstream.
    Forward,
    /// The upstream, and the client gets what is made of its answer. That has to
    /// be there in whole for it.
    Change(Change),
    /// Nobody sees the request: this is the answer.
    Answer(MadeUp),
}

/// An answer that was made up.
#[derive(Clone, Debug)]
pub struct MadeUp {
    /// Its status.
    pub status: u16,
    /// The type of its body.
    pub content_type: Option<String>,
    /// Other headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}
