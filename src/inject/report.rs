//! What came of an injection.

use std::collections::BTreeMap;

/// An answer that was made up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forged {
    /// `POST /payments`
    pub request: String,
    /// What a right server says, and what was answered.
    pub words: String,
}

/// What came of an injection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Requests that the two servers could be asked about.
    pub judged: usize,
    /// The answers that were made up.
    pub forged: Vec<Forged>,
    /// Why nothing could be said of others, and of how many.
    pub unjudged: BTreeMap<String, usize>,
}
