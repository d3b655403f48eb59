//! The members of a case file. Reading refuses unknown ones.
//!
//! Values of requests are JSON text in strings: a reader that holds numbers as
//! binary floating point can't change them. Steps count from 1.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::shown::Shown;
use super::story::Story;

pub use super::splice::{Anchor, Splice};
pub use crate::document::{Encoding, Group, Style};

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

/// The value of a parameter before its style makes one text of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ParameterValue {
    /// One text; JSON text where the style says so.
    Text(String),
    /// Items. In a query, one item stands for a single text as well.
    List(Vec<String>),
    /// Members of an object.
    Members(IndexMap<String, String>),
}

impl ParameterValue {
    /// The one text that it is, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::List(items) => match items.as_slice() {
                [one] => Some(one),
                _ => None,
            },
            Self::Members(_) => None,
        }
    }
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

/// One request of a sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The operation that is called.
    pub operation: String,
    /// The whole request.
    pub request: Request,
    /// Where a saved value replaces a placeholder before sending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub splices: Vec<Splice>,
    /// What later steps need of the answer: members below its body, one path
    /// each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub save: Vec<Vec<String>>,
    /// What the answer has to show where the request is accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shows: Vec<Shown>,
    /// Of a request before the last one that must be refused: the answers that
    /// fit. Without any, it must be accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<ExpectedAnswer>,
}

/// A whole request as text. Names of parameters are those of the API document;
/// values aren't percent-encoded yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The method in capitals.
    pub method: String,
    /// The path template.
    pub path_template: String,
    /// Path parameters.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub path: IndexMap<String, ParameterValue>,
    /// Query parameters; a single text is a list of one.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub query: IndexMap<String, ParameterValue>,
    /// Headers that the document declares.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub header: IndexMap<String, ParameterValue>,
    /// Cookies.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub cookie: IndexMap<String, ParameterValue>,
    /// The body: JSON text with every digit that counts. That of a form is an
    /// object of its fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Places of a JSON body that are written as this JSON text, which no value
    /// says: `1.0` for 1, half of a character, a name that stands twice. `body`
    /// holds what readers mostly make of it.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub written: IndexMap<String, String>,
    /// The moment that the server's clock is set to before the request is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
    /// Who sends it, one of the file's actors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
}

/// What tells a step of a case from a step of a baseline. First everything
/// is set in this order, then unset in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepChanges {
    /// The step of the case.
    pub step: usize,
    /// What it is a change of; without it, no baseline has such a step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<StepRef>,
    /// Places and the JSON text that stands there.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub set: IndexMap<String, String>,
    /// Places that are absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unset: Vec<String>,
}

/// A step of a baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRef {
    /// The baseline's id.
    pub baseline: String,
    /// The step.
    pub step: usize,
}

/// A test: requests and the verdict on the last of them. All earlier ones are
/// accepted by a right server, but for those that say otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Stable: survives changes of values.
    pub id: String,
    /// Of all other members but `value`: tells whether a case has changed.
    pub digest: String,
    /// The rule that it is about.
    pub rule: String,
    /// The operation of its last step.
    pub operation: String,
    /// The right server's verdict.
    pub expected: Expected,
    /// Every rule that the last request breaks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<String>,
    /// The wrong implementations that it catches; empty for a twin that is there
    /// for comparison only.
    pub detects: Vec<Detected>,
    /// The fault that it was found for, one of `detects`; none for an accepting
    /// twin that detects nothing by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<String>,
    /// Why the verdict is what it is, in one sentence.
    pub reason: String,
    /// What it is worth beside others: why it stands where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Worth>,
    /// What happens, step by step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub story: Option<Story>,
    /// The baseline that has to be accepted before this case says anything.
    pub baseline: String,
    /// What tells each step from a baseline.
    pub changes: Vec<StepChanges>,
    /// Places of the last request that no rule reads, with other values than the
    /// baseline's: together the cases hold all pairs of such values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filled: Vec<String>,
    /// The requests.
    pub steps: Vec<Step>,
    /// Requests that are sent before the last one, to see whether the server
    /// remembers what it should by then: each must be accepted and show what
    /// it says, else the case is blocked. They change nothing, and steps are
    /// counted without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<Step>,
    /// The accepted state that differs least; a rejecting case has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<Twin>,
    /// Rules counted as true though undefined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumes: Vec<String>,
    /// Reserved: groups of steps that are sent at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrent: Option<Vec<Vec<usize>>>,
}

/// What a case is worth beside the others that were found for the same: those of
/// its rule, of a definition or of what the server remembers; or all of a file that
/// is as small as can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worth {
    /// Its place among them, from 1.
    pub place: usize,
    /// How many they are.
    pub of: usize,
    /// How much it matters that `new` are caught, by severity and class: what
    /// decides the place.
    pub weight: u64,
    /// How many of the faults that it detects no case before it does.
    pub new: usize,
    /// How many no other case does.
    pub alone: usize,
}

impl Worth {
    /// The place and the reason, in one sentence without its point. What the case
    /// catches is told beside it.
    pub fn in_words(&self) -> String {
        let Self {
            place,
            of,
            weight,
            new,
            alone,
        } = self;
        let place = format!("Place {place} of {of} by value");
        match (new, alone) {
            (0, _) => format!("{place}: it catches nothing that isn't caught before it"),
            (_, 0) => format!("{place} ({weight}): the first to catch {new} of these"),
            _ => format!(
                "{place} ({weight}): the first to catch {new} of these, the only one to catch {alone}"
            ),
        }
    }
}

/// The right server's verdict and how it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Whether the last request is accepted.
    pub verdict: Verdict,
    /// All statuses of `answers`; empty where any 2xx fits.
    pub statuses: Vec<u16>,
    /// The answers that fit, one for each broken rule, or one without a rule
    /// for an accepted request.
    pub answers: Vec<ExpectedAnswer>,
    /// The earlier step whose answer is given again: what it made is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<Named>,
    /// Earlier steps that aren't repeated: what they made isn't named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs_from: Vec<Named>,
}

/// Where the answer to a step names what the step made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// The step.
    pub step: usize,
    /// Members below the body of its answer.
    pub path: Vec<String>,
}

/// Accepted or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Accepted.
    Accept,
    /// Refused because of a rule.
    Reject,
}

impl Verdict {
    /// `accepted` or `refused`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accept => "accepted",
            Self::Reject => "refused",
        }
    }
}

/// An answer that fits, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedAnswer {
    /// The broken rule that leads to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The statuses that fit.
    pub statuses: Vec<u16>,
    /// What the body must hold; all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
}

/// A wrong implementation that a case catches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detected {
    /// The fault's id.
    pub fault: String,
    /// The fault's class.
    pub class: String,
    /// What such a server does: completes "a server that ...".
    pub words: String,
}

/// The accepted state that a case differs least from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Twin {
    /// What `id` names.
    pub kind: TwinKind,
    /// The id of a case or a baseline.
    pub id: String,
    /// The step of the case that the twin leaves out, with all else equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without: Option<usize>,
    /// Where the two differ.
    pub differs: Vec<Place>,
}

/// What a twin is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TwinKind {
    /// An accepting case of the same file.
    Case,
    /// A baseline.
    Baseline,
}

/// A place in a sequence of requests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The step of the case.
    pub step: usize,
    /// The place in its request; empty: the whole step.
    pub location: String,
}
