//! What was seen in traffic. Its size doesn't depend on how many requests there
//! are: one example stands for all that show the same.

use std::collections::BTreeMap;

use crate::model::{OperationRef, RuleRef};
use crate::simulate::Sight;
use crate::traffic::{Body, Exchange};

/// How much of a body is kept, in characters.
const LONGEST: usize = 4_000;

/// How many requests are named of a rule.
const NAMED: usize = 6;

/// All that was seen.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    /// Entries that were read.
    pub entries: usize,
    /// Requests to operations that rules are about.
    pub matched: usize,
    /// Those of them on which the servers were compared.
    pub judged: usize,
    /// By fault, the request that exercised it.
    pub faults: BTreeMap<usize, Exercise>,
    /// By rule, what became of it.
    pub rules: BTreeMap<RuleRef, RuleSeen>,
    /// Entries that weren't read, by reason.
    pub skipped: BTreeMap<String, Counted>,
    /// Requests to no operation of the API document, by method and reason.
    pub unmatched: BTreeMap<String, Counted>,
    /// Requests to operations that no rule is about, by name.
    pub others: BTreeMap<String, Counted>,
    /// Requests that couldn't be judged, by operation and reason.
    pub unjudged: BTreeMap<(OperationRef, String), Counted>,
    /// Requests that break the schema and were refused, by operation.
    pub malformed: BTreeMap<OperationRef, Counted>,
    /// Demands of the schema that a request broke alone, by operation.
    pub fields: BTreeMap<(OperationRef, String), Counted>,
    /// Requests whose status says nothing of rules, by operation and status.
    pub silent: BTreeMap<(OperationRef, Option<u16>), Counted>,
    /// Where the server did something else than the rules say.
    pub disagreements: BTreeMap<Subject, Disagreement>,
}

/// A request, by its file and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The file's position.
    pub file: usize,
    /// The entry's number.
    pub entry: usize,
}

/// A request as reports show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// Where it stands.
    pub source: Source,
    /// What its file calls it.
    pub name: Option<String>,
    /// The method in capitals.
    pub method: String,
    /// The path and the query.
    pub target: String,
    /// The start of its body.
    pub body: Option<String>,
    /// The status of the answer.
    pub status: Option<u16>,
}

/// How a fault was exercised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exercise {
    /// By what the servers can be told apart.
    pub by: Sight,
    /// The request on which they differ.
    pub example: Example,
}

/// What became of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleSeen {
    /// Requests to its operation that were judged.
    pub touched: usize,
    /// Those that break it.
    pub broken: usize,
    /// Those that break it and no other.
    pub alone: usize,
    /// Some of them: one that is accepted, one that breaks it, and others.
    pub examples: Vec<(RuleSide, Example)>,
}

/// What a request is to a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleSide {
    /// It breaks this rule alone.
    BreaksAlone,
    /// It breaks this rule and others.
    BreaksWithOthers,
    /// It breaks others.
    BreaksOthers,
    /// It keeps all rules.
    Keeps,
}

/// How often something was seen, and where first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// How often.
    pub count: usize,
    /// The first request.
    pub first: Source,
    /// That as `POST /payments`; empty where there is none.
    pub line: String,
}

/// What a disagreement is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The operation.
    pub operation: OperationRef,
    /// What the rules say.
    pub expected: Expected,
    /// The recorded status.
    pub status: Option<u16>,
}

/// What the rules say of a request that was answered otherwise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expected {
    /// A refusal by these.
    Refused(Vec<RuleRef>),
    /// A refusal by one of these, with one of other statuses.
    RefusedOtherwise(Vec<RuleRef>, Vec<u16>),
    /// A refusal by the schema: the keyword, and the place without positions.
    Malformed(String),
    /// Acceptance; the rule that the answer names, if it names one.
    Accepted(Option<RuleRef>),
    /// The answer to an earlier request again, but another resource was named.
    Repeated,
    /// A new resource, but one that was there was named.
    New,
    /// An answer that shows something else: what demands it, and the place.
    Shown(String, String),
}

/// Requests that the server answered otherwise than the rules say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// How many.
    pub count: usize,
    /// The smallest.
    pub example: Example,
    /// What a right server remembers of what that request is about.
    pub remembered: Vec<String>,
}

impl Example {
    /// Of a recorded request.
    pub fn of(exchange: &Exchange, file: usize) -> Self {
        let body = exchange.body.as_ref().map(|body| match body {
            Body::Fields(fields) => {
                let fields = fields.iter();
                let texts = fields
                    .map(|own| format!("{}={}", own.name, own.text.as_deref().unwrap_or("...")));
                texts.collect::<Vec<_>>().join("&")
            }
            other => other.text().unwrap_or_else(|| "(bytes)".to_owned()),
        });
        Self {
            source: Source {
                file,
                entry: exchange.entry,
            },
            name: exchange.name.clone(),
            method: exchange.method.clone(),
            target: target(&exchange.url),
            body: body.map(cut),
            status: exchange.answer.as_ref().map(|answer| answer.status),
        }
    }

    /// `POST /payments`.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    /// How much there is to read.
    fn size(&self) -> usize {
        self.target.len() + self.body.as_ref().map_or(0, String::len)
    }
}

/// The path and the query of an address.
pub fn target(url: &str) -> String {
    let url = url.split('#').next().unwrap_or_default();
    match url.split_once("://") {
        Some((_, behind)) => match behind.find(['/', '?']) {
            Some(start) => behind.get(start..).unwrap_or_default().to_owned(),
            None => "/".to_owned(),
        },
        None => url.to_owned(),
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} ...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Counts something at a request.
pub fn count<K: Ord>(
    map: &mut BTreeMap<K, Counted>,
    key: K,
    at: Source,
    line: impl FnOnce() -> String,
) {
    map.entry(key)
        .and_modify(|own| own.count += 1)
        .or_insert_with(|| Counted {
            count: 1,
            first: at,
            line: line(),
        });
}

impl RuleSeen {
    /// Takes in a request to the rule's operation.
    pub fn take(&mut self, side: RuleSide, example: &dyn Fn() -> Example) {
        self.touched += 1;
        self.broken += usize::from(matches!(
            side,
            RuleSide::BreaksAlone | RuleSide::BreaksWithOthers
        ));
        self.alone += usize::from(side == RuleSide::BreaksAlone);
        let same = self.examples.iter().filter(|(own, _)| *own == side);
        if same.count() < NAMED / 3 {
            self.examples.push((side, example()));
        }
    }
}

impl Observation {
    /// Takes in a disagreement: the smaller example is kept.
    pub fn disagree(
        &mut self,
        subject: Subject,
        example: Example,
        remembered: &dyn Fn() -> Vec<String>,
    ) {
        match self.disagreements.get_mut(&subject) {
            Some(own) => {
                own.count += 1;
                if example.size() < own.example.size() {
                    own.example = example;
                    own.remembered = remembered();
                }
            }
            None => {
                let own = Disagreement {
                    count: 1,
                    example,
                    remembered: remembered(),
                };
                self.disagreements.insert(subject, own);
            }
        }
    }

    /// Whether it would be new that a fault is exercised.
    pub fn is_open(&self, fault: usize) -> bool {
        self.faults
            .get(&fault)
            .is_none_or(|own| own.by == Sight::Status)
    }
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn targets_are_paths_with_queries() {
        assert_eq!(target("http://a:1/b?c=/d#e"), "/b?c=/d");
        assert_eq!(target("https://a"), "/");
        assert_eq!(target("/b?c"), "/b?c");
    }
}
