//! The members of a case file. Reading refuses unknown ones.
//!
//! Values of requests are JSON text in strings: a reader that holds numbers as
//! binary floating point can't change them. Steps count from 1.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

mod request;
mod test;

pub use super::splice::{Anchor, Splice};
pub use crate::document::{Encoding, Group, Style};
pub use request::{ParameterValue, Request, Step, StepChanges, StepRef};
pub use test::{
    Case, Detected, Expected, ExpectedAnswer, Named, Place, Twin, TwinKind, Verdict, Worth,
};

/// The version of the format that is written and read.
pub const FORMAT: u32 = 1;

/// All cases of one rule file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of Crossfield that wrote it.
    pub crossfield: String,
    /// The version of Z3 that was used.
    pub z3: String,
    /// The name of the rule file, without folders.
    pub rule_file: String,
    /// Which part of its cases these are, where there are several files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// The title of the API document.
    pub api: String,
    /// By how many seconds the server's clock may differ from that of the
    /// tests, where times are counted from the moment of the test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_tolerance: Option<u32>,
    /// How tests set the server's clock, where they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_setter: Option<ClockSetter>,
    /// Who sends requests, by name, where the rules tell them apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actors: Vec<Actor>,
    /// Requests that are sent before those of cases, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub setup: Vec<SetupStep>,
    /// The operations that steps call, by id.
    pub operations: Vec<Operation>,
    /// The rules that cases are about or break, by id.
    pub rules: Vec<Rule>,
    /// The accepted requests that cases are changes of, by id.
    pub baselines: Vec<Baseline>,
    /// The cases: of rules of the highest severity first, then by rule; those of a
    /// rule by what they are worth, then by id.
    pub cases: Vec<Case>,
}

/// One of several files that hold the cases of a rule file together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shard {
    /// Which one, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

/// The request that sets the server's clock, which then stands still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockSetter {
    /// The operation that is called.
    pub operation: String,
    /// The whole request, with the moment of an example.
    pub request: Request,
    /// The place of the moment, as expressions write it: `body.now`.
    pub location: String,
}

/// Somebody who sends requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// The name, which requests hold.
    pub name: String,
    /// The environment variable of their credential, which each way to
    /// authenticate carries (a user and a password with a colon between them
    /// for `basic`); without it, they send none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// The name under which a setup step saves their credential, in place of a
    /// variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_credential: Option<String>,
}

/// A request that is sent before those of cases, and must be accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetupStep {
    /// Its name, unique among those of the file.
    pub name: String,
    /// The request. Splices of the kind `setup` name what earlier setup steps
    /// save.
    pub request: Step,
    /// Whether every case, twin and baseline has it sent anew; else it is sent
    /// once a session.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub each_case: bool,
    /// The operations whose requests it is there for; none: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needed_by: Vec<String>,
    /// What it saves of the answer, by the name that splices use.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub save: IndexMap<String, AnswerPlace>,
}

/// A place in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum AnswerPlace {
    /// Below the body.
    Body {
        /// Members (or item numbers).
        path: Vec<String>,
    },
    /// A header.
    Header {
        /// Its name, whose case doesn't matter.
        name: String,
    },
    /// A cookie that the answer sets.
    Cookie {
        /// Its name.
        name: String,
    },
}

/// One method and path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Its operationId, or `POST /payments`.
    pub id: String,
    /// The method in capitals.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The media type of bodies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// How parameters and fields of a form are written, where that isn't the
    /// common way of their group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub encodings: Vec<Encoding>,
    /// How to authenticate: every way that credentials are there for is used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub security: Vec<Security>,
    /// Fields that hold another text in every request: where they stand, and
    /// the text with `{run}` (8 characters of a run), `{n}` (a number that counts
    /// up) or `{uuid}` in it.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub unique: IndexMap<String, String>,
    /// Fields by which requests belong together: as `unique`, but texts that are
    /// equal within a test stay equal.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub correlated: IndexMap<String, String>,
    /// Places that may hold a number of the environment or of setup, with `[*]` for
    /// the items of lists, and what they are compared with: other numbers at places of
    /// one name have to differ from it.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub identifiers: IndexMap<String, String>,
    /// The answer that says that a request was accepted; without statuses any
    /// 2xx.
    pub accept: Answer,
    /// The environment variable with the address of its API, where that isn't
    /// the address of the API under test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// What is waited for after each request that was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#await: Option<Await>,
    /// How what an accepted request makes is deleted once the case is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clean_up: Option<CleanUp>,
}

/// A request that is sent again and again until its answer fits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Await {
    /// The request. Step 1 of its `saved` splices is the request that is
    /// waited for.
    pub request: Step,
    /// The answer that ends the waiting.
    pub until: Answer,
    /// How long is waited at most, in milliseconds.
    pub timeout_ms: u64,
    /// How long is waited between two requests, in milliseconds.
    pub every_ms: u64,
}

/// How a resource is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CleanUp {
    /// What is deleted, as the rule file names it: `payment`.
    pub resource: String,
    /// The request that deletes it. Step 1 of its `saved` splices is the
    /// request that made the resource.
    pub request: Step,
}

/// A way to authenticate; the credential itself is never part of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Security {
    /// `Authorization: Bearer ...`
    Bearer,
    /// `Authorization: Basic ...`
    Basic,
    /// A header.
    ApiKeyHeader {
        /// Its name.
        name: String,
    },
    /// A query parameter.
    ApiKeyQuery {
        /// Its name.
        name: String,
    },
    /// A cookie.
    ApiKeyCookie {
        /// Its name.
        name: String,
    },
}

/// An answer of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The statuses that fit.
    pub statuses: Vec<u16>,
    /// What the body must hold; all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
}

/// One check of an answer's body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Members (or item numbers) below the body.
    pub path: Vec<String>,
    /// How to compare.
    pub operator: CheckOperator,
    /// The JSON text to compare with; `has` needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub literal: Option<String>,
}

/// How a check compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckOperator {
    /// There and equal as JSON, numbers by value.
    Eq,
    /// There and not equal.
    Ne,
    /// There at all.
    Has,
}

/// A rule at one operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its id; with `@operation` behind it where it has several.
    pub id: String,
    /// Its id as the author gave it.
    pub rule: String,
    /// The operation.
    pub operation: String,
    /// What it demands, in its author's words.
    pub message: String,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The field that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_path: Option<String>,
    /// low, medium, high or critical.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// Free words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What a right server answers where it is broken.
    pub refused_with: Answer,
}

/// A sequence of requests that are all accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// `createPayment/card`.
    pub id: String,
    /// The requests.
    pub steps: Vec<Step>,
}
