//! What came of an injection.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::OperationRef;
use crate::simulate::{Shows, Sight, Verdict};

/// An answer that was made up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forged {
    /// The fault, by its position.
    pub fault: usize,
    /// `POST /payments`
    pub request: String,
    /// What a right server says, and what was answered.
    pub words: String,
}

/// What a faulty server says of a request, where a right one says something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    /// The request's number in the run.
    pub request: usize,
    /// By what the two can be told apart.
    pub sight: Sight,
    /// The faulty one's verdict.
    pub faulty: Verdict,
    /// What its answer shows.
    pub shown: Vec<Shows>,
}

/// What came of an injection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Requests that the servers could be asked about.
    pub judged: usize,
    /// The answers that were made up.
    pub forged: Vec<Forged>,
    /// Why nothing could be said of others, and of how many.
    pub unjudged: BTreeMap<String, usize>,
    /// By fault, on which requests it shows.
    pub signs: BTreeMap<usize, Vec<Sign>>,
    /// Faults of a set whose server said something else than that of the first.
    pub apart: BTreeSet<usize>,
    /// Faults of which an answer couldn't be made up, as another's was.
    pub hidden: BTreeSet<usize>,
    /// How many requests came, by operation.
    pub asked: BTreeMap<OperationRef, usize>,
}
