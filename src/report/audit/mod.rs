//! What traffic exercises of a rule file, and what it misses.

mod baseline;
mod build;
mod headline;
mod html;
mod injected;
mod markdown;
mod mask;
mod missing;
mod seen;
mod text;

pub use baseline::Earlier;
pub use build::Auditor;
pub use html::page;
pub use injected::{Injected, Noticed};
pub use mask::Mask;

use indexmap::IndexMap;
use serde::Serialize;

use super::Coverage;

/// The result for a rule file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Audit {
    /// The path of the rule file as shown to the user.
    pub file: String,
    /// All of it in one sentence.
    pub headline: String,
    /// Exercised faults of those that can be; `detected` are those exercised.
    pub coverage: Coverage,
    /// Faults that the settings switch off, by the reason.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub switched_off: IndexMap<String, usize>,
    /// The rules by what is missing.
    pub missing: Missing,
    /// What was read.
    pub traffic: Traffic,
    /// The rules, and what else faults belong to.
    pub rules: Vec<AuditedRule>,
    /// The faults.
    pub faults: Vec<AuditedFault>,
    /// What schemas demand of single places, and whether a request broke it alone.
    pub fields: Vec<AuditedField>,
    /// The requests to add first: each with the faults that those before leave.
    pub to_add: Vec<ToAdd>,
    /// All cases that are missing.
    pub cases: Vec<MissingCase>,
    /// Where the server did something else than the rules say.
    pub disagreements: Vec<Disagreed>,
    /// Rules that are exercised less than in an earlier result.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub worse: Vec<Worse>,
    /// What the suite notices, where it was run with faults.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub injected: Option<Injected>,
}

/// A rule that is exercised less than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Worse {
    /// The rule's id.
    pub rule: String,
    /// The faults that were exercised, by id.
    pub faults: Vec<String>,
}

/// A case that exercises what the traffic doesn't.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingCase {
    /// Its id.
    pub case: String,
    /// The rules, or what else faults belong to, whose faults it exercises.
    pub owners: Vec<String>,
    /// Why it is accepted or refused.
    pub reason: String,
    /// Its requests as commands of curl.
    pub curl: Vec<String>,
}

/// How many rules lack what every rule should have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Rules that can be broken.
    pub rules: usize,
    /// Never broken alone, though they can be.
    pub never_broken_alone: usize,
    /// Never tried at a border, though they have one.
    pub borders_never_touched: usize,
    /// Never kept by an accepted request that they say something of.
    pub never_accepted: usize,
}

/// What was read of the traffic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Traffic {
    /// The files.
    pub files: Vec<String>,
    /// Their entries.
    pub entries: usize,
    /// Requests to operations that rules are about.
    pub matched: usize,
    /// Those on which right and wrong servers were compared.
    pub judged: usize,
    /// Files that couldn't be read to their end, and why.
    pub unread: Vec<Passed>,
    /// Entries that couldn't be read, by reason.
    pub skipped: Vec<Passed>,
    /// Requests to no operation of the API document, by reason.
    pub unmatched: Vec<Passed>,
    /// Requests to operations that no rule is about, by operation.
    pub without_rules: Vec<Passed>,
    /// Requests that couldn't be judged, by operation and reason.
    pub unjudged: Vec<Passed>,
    /// Requests that break the schema, by operation.
    pub malformed: Vec<Passed>,
    /// Requests whose status says nothing of rules, by operation and status.
    pub silent: Vec<Passed>,
}

impl Traffic {
    /// The requests that show nothing of rules, by kind.
    fn parts(&self) -> [(&'static str, &Vec<Passed>); 7] {
        [
            ("can't be read to the end", &self.unread),
            ("can't be read", &self.skipped),
            ("to no operation", &self.unmatched),
            ("to operations without rules", &self.without_rules),
            ("can't be judged", &self.unjudged),
            ("break the schema and are refused", &self.malformed),
            (
                "answered by a status that says nothing of rules",
                &self.silent,
            ),
        ]
    }
}

/// Requests that show nothing of rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Passed {
    /// What they are, or why they show nothing.
    pub what: String,
    /// The operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// How many.
    pub count: usize,
    /// The first: `traffic.jsonl:12`.
    pub first: String,
    /// The first as `POST /payments`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub request: String,
}

/// Whether something that every rule should have is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tried {
    /// It is.
    Yes,
    /// It isn't.
    No,
    /// It can't be: proven.
    Impossible,
    /// There is nothing of the kind.
    None,
}

impl Tried {
    /// The word that tables use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Impossible => "can't be",
            Self::None => "-",
        }
    }
}

/// What became of a rule, or of what else faults belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditedRule {
    /// The rule's id; else `def:net`, `payment.refunded@createRefund`.
    pub rule: String,
    /// Whether it is a rule; else a definition, or what the server remembers.
    pub layer: &'static str,
    /// The operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// What it demands, in its author's words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// low, medium, high or critical.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// Requests to its operation that were judged.
    pub touched: usize,
    /// Those that break it.
    pub broken: usize,
    /// Those that break it and no other.
    pub broken_alone: usize,
    /// Whether one breaks it alone.
    pub is_broken_alone: Tried,
    /// Whether one lies at a border of it.
    pub is_at_border: Tried,
    /// Whether an accepted one keeps it, and not only since it says nothing.
    pub is_accepted: Tried,
    /// Its faults by class.
    pub classes: IndexMap<&'static str, ClassCounts>,
    /// All of them.
    pub faults: ClassCounts,
    /// How many of them the suite notices, where it was run with faults.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noticed: Option<Noticed>,
    /// Some of the requests to its operation.
    pub examples: Vec<RuleExample>,
}

/// How many faults there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClassCounts {
    /// Exercised.
    pub exercised: usize,
    /// Not exercised.
    pub missing: usize,
    /// Proven: nothing shows them.
    pub untestable: usize,
}

/// A request to a rule's operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleExample {
    /// What it is to the rule: `breaks it alone`.
    pub side: &'static str,
    /// The request.
    #[serde(flatten)]
    pub request: Request,
}

/// A recorded request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Request {
    /// Where it stands: `traffic.jsonl:12`.
    pub at: String,
    /// What its file calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The method and the path with its query.
    pub request: String,
    /// Its body, or the start of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The status of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

/// What became of a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditedFault {
    /// The fault's id.
    pub fault: String,
    /// What it belongs to, one of `rules`.
    pub rule: String,
    /// Its class.
    pub class: &'static str,
    /// What such a server does: completes "a server that ...".
    pub words: String,
    /// Where the rule says otherwise.
    pub place: String,
    /// `exercised`, `exercised by status`, `not exercised`, `untestable`, or why
    /// nobody knows a request: `bounded`, `unclear`, `needs test clock`, `unknown`.
    pub fate: &'static str,
    /// Of an exercised one: by what the two servers differ (`verdict`, `status` or
    /// `answer`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<&'static str>,
    /// The request that exercises it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
    /// The case that would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the suite made of it, where it was run with faults that its requests
    /// show: `noticed`, `not noticed`, `not made up`, `not tried`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<&'static str>,
}

impl AuditedFault {
    /// Whether traffic shows it.
    pub fn is_exercised(&self) -> bool {
        self.fate == "exercised"
    }
}

/// What a schema demands of one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditedField {
    /// The operation.
    pub operation: String,
    /// The keyword and the place: `maximum at body.amount`.
    pub demand: String,
    /// Requests that break it and no other.
    pub broken_alone: usize,
    /// The first of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
}

/// A case that is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ToAdd {
    /// Its id.
    pub case: String,
    /// The rule that it is about.
    pub rule: String,
    /// Why it is accepted or refused.
    pub reason: String,
    /// The faults that it exercises and those before don't, by id.
    pub faults: Vec<String>,
    /// Its requests as commands of curl.
    pub curl: Vec<String>,
}

/// Requests that the server answered otherwise than the rules say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disagreed {
    /// What is the matter, in words.
    pub what: String,
    /// The operation.
    pub operation: String,
    /// The rules that it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// The recorded status.
    pub status: Option<u16>,
    /// How many requests.
    pub count: usize,
    /// The smallest of them.
    pub example: Request,
    /// What a right server remembers of what that is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remembered: Vec<String>,
}
