//! What is sent beside the requests of cases: before them, while they are done,
//! and after them.

use super::{Answer, OperationRef};
use crate::value::Value;
use crate::value::location::Location;

/// A request that is sent before those of cases.
#[derive(Clone, Debug)]
pub struct SetupStep {
    /// Its name.
    pub name: String,
    /// What is called.
    pub operation: OperationRef,
    /// The request.
    pub request: Value,
    /// Whether every case has it sent anew; else it is sent once.
    pub each_case: bool,
    /// The operation whose requests alone need it; none: all do.
    pub of: Option<OperationRef>,
    /// What it saves, by name.
    pub save: Vec<(String, AnswerPlace)>,
}

/// A place in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerPlace {
    /// Members (or item numbers) below the body.
    Body(Vec<String>),
    /// A header of this name.
    Header(String),
    /// A cookie that is set.
    Cookie(String),
}

/// A request about what another one, which was accepted, made or changed.
#[derive(Clone, Debug)]
pub struct FollowUp {
    /// What is called.
    pub operation: OperationRef,
    /// The request, but for what is taken from the other one.
    pub request: Value,
    /// What stands where in it.
    pub keys: Vec<(Location, KeyFrom)>,
}

/// Where a request that follows another has a key from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyFrom {
    /// Members below the body of the answer to that.
    Answer(Vec<String>),
    /// A place of that request.
    Request(Location),
}

/// What is asked after a request that was accepted, until the answer fits.
#[derive(Clone, Debug)]
pub struct Await {
    /// What is asked.
    pub request: FollowUp,
    /// The answer that ends the waiting.
    pub until: Answer,
    /// How long is waited at most, in milliseconds.
    pub timeout_ms: u64,
    /// How long is waited between two requests, in milliseconds.
    pub every_ms: u64,
}
