//! What a run found.

use std::collections::BTreeMap;

use serde::Serialize;

use super::answer::in_words;
use super::clean_up::Leftover;
use super::exchange::Exchange;
use super::outcome::{Kind, Outcome};
use super::plan::{Item, Suite};
use super::session::Session;
use crate::case::{Case, Detected, Judged, Place, Rule, TwinKind, Verdict};

/// All that a run found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Results {
    /// The address of the API.
    pub url: String,
    /// The worst outcome of all cases and baselines.
    pub outcome: Kind,
    /// The cases by outcome.
    pub counts: Counts,
    /// How many requests were sent, baselines and retries included.
    pub requests: usize,
    /// By file, in the order in which they were named.
    pub files: Vec<FileResults>,
    /// What was made and wasn't deleted, though the rule files say how.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub leftovers: Vec<Leftover>,
}

/// How many cases came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// The server did what the rules demand.
    pub passed: usize,
    /// The server did the opposite, or broke down.
    pub failed: usize,
    /// The case could not be made.
    pub blocked: usize,
    /// The server had no time to answer.
    pub inconclusive: usize,
}

/// What became of the cases of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileResults {
    /// The path of the case file, or of the rule file.
    pub path: String,
    /// The name of the rule file.
    pub rule_file: String,
    /// The title of the API document.
    pub api: String,
    /// The baselines that were sent.
    pub baselines: Vec<BaselineResult>,
    /// The rules that cases were sent of.
    pub rules: Vec<RuleResults>,
}

/// What became of a baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BaselineResult {
    /// Its id.
    pub baseline: String,
    /// Whether it was accepted: `passed`.
    pub outcome: Kind,
    /// Why it wasn't.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// What it suffers from, as the cases that need it do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What was sent and answered.
    pub exchanges: Vec<Exchange>,
}

/// What became of the cases of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleResults {
    /// The rule's id; with `@operation` behind it where it has several.
    pub rule: String,
    /// What it demands, in its author's words.
    pub message: String,
    /// Where it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// low, medium, high or critical.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// Its cases by outcome.
    pub counts: Counts,
    /// Its cases.
    pub cases: Vec<CaseResult>,
}

/// What became of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseResult {
    /// Its id.
    pub case: String,
    /// What became of it.
    pub outcome: Kind,
    /// Why it isn't passed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// What it suffers from, with others: `baseline createPayment/card of
    /// shop.rules.yaml`, `unreachable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The case that was reported first of all that suffer from the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_cause_as: Option<String>,
    /// Whether the last request must be accepted.
    pub verdict: Verdict,
    /// The answers that fit, in words.
    pub expected: String,
    /// The status of the answer to its last request, if there is one.
    pub status: Option<u16>,
    /// How long its requests took, in milliseconds.
    pub milliseconds: u64,
    /// Why the verdict is what it is.
    pub reason: String,
    /// Every rule that the last request breaks.
    pub breaks: Vec<String>,
    /// The wrong implementations that it catches.
    pub detects: Vec<Detected>,
    /// Why the last request is accepted or refused, with the values put in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Judged>,
    /// The accepted request that differs least, of a refused one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub twin: Option<TwinResult>,
    /// The baseline or the case that `exchanges` are of, where that isn't this
    /// one: it had to be accepted first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchanges_of: Option<String>,
    /// What was sent and answered.
    pub exchanges: Vec<Exchange>,
}

impl CaseResult {
    /// The values that decide, in a sentence.
    pub fn values(&self) -> Option<String> {
        Judged::all_in_words(&self.because)
    }
}

/// What became of the twin of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TwinResult {
    /// Whether it is a case or a baseline.
    pub kind: TwinKind,
    /// Its id.
    pub id: String,
    /// What became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Kind>,
    /// The step of the case that it leaves out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without: Option<usize>,
    /// Where the two differ.
    pub differs: Vec<Place>,
}

impl Counts {
    /// How many cases there are of a kind.
    pub fn of(&self, kind: Kind) -> usize {
        match kind {
            Kind::Passed => self.passed,
            Kind::Failed => self.failed,
            Kind::Blocked => self.blocked,
            Kind::Inconclusive => self.inconclusive,
        }
    }

    /// All cases.
    pub fn total(&self) -> usize {
        Kind::ALL.iter().map(|kind| self.of(*kind)).sum()
    }

    fn add(&mut self, kind: Kind) {
        match kind {
            Kind::Passed => self.passed += 1,
            Kind::Failed => self.failed += 1,
            Kind::Blocked => self.blocked += 1,
            Kind::Inconclusive => self.inconclusive += 1,
        }
    }
}

/// Puts results together, in the order of cases.
#[derive(Default)]
pub(super) struct Collector {
    /// The first case with each cause.
    causes: BTreeMap<String, String>,
    counts: Counts,
    worst: Option<Kind>,
    files: Vec<FileResults>,
}

impl Collector {
    /// Takes in the outcomes of a file's items.
    pub(super) fn file(
        &mut self,
        suite: &Suite,
        session: &Session<'_>,
        outcomes: &[(Item<'_>, std::sync::Arc<Outcome>)],
    ) {
        let mut rules: Vec<RuleResults> = Vec::new();
        for (item, outcome) in outcomes {
            self.worst = self.worst.max(Some(outcome.kind));
            let Item::Case(case) = item else { continue };
            self.counts.add(outcome.kind);
            let result = self.case(session, case, outcome);
            match rules.last_mut().filter(|own| own.rule == case.rule) {
                Some(rule) => rule.add(result),
                None => {
                    let rule = suite.file.rules.iter().find(|own| own.id == case.rule);
                    let mut own = RuleResults::new(&case.rule, rule);
                    own.add(result);
                    rules.push(own);
                }
            }
        }
        let baselines = suite.file.baselines.iter().filter_map(|baseline| {
            let learnt = session.learnt(&baseline.id)?;
            Some(BaselineResult {
                baseline: baseline.id.clone(),
                outcome: learnt.kind,
                message: learnt.message.clone(),
                cause: learnt.cause.clone(),
                exchanges: learnt.exchanges.clone(),
            })
        });
        self.files.push(FileResults {
            path: suite.path.clone(),
            rule_file: suite.file.rule_file.clone(),
            api: suite.file.api.clone(),
            baselines: baselines.collect(),
            rules,
        });
    }

    /// All results.
    pub(super) fn results(self, url: &str, requests: usize, leftovers: Vec<Leftover>) -> Results {
        Results {
            url: url.to_owned(),
            outcome: self.worst.unwrap_or(Kind::Passed),
            counts: self.counts,
            requests,
            files: self.files,
            leftovers,
        }
    }

    fn case(&mut self, session: &Session<'_>, case: &Case, outcome: &Outcome) -> CaseResult {
        let first = outcome.cause.as_ref().map(|cause| {
            let first = self.causes.entry(cause.clone());
            first.or_insert_with(|| case.id.clone()).clone()
        });
        let answers = case.expected.answers.iter();
        let mut expected: Vec<String> = answers
            .map(|own| in_words(&own.statuses, &own.checks))
            .collect();
        expected.dedup();
        let (primary, others): (Vec<&Detected>, Vec<&Detected>) = case
            .detects
            .iter()
            .partition(|fault| Some(&fault.fault) == case.primary.as_ref());
        CaseResult {
            case: case.id.clone(),
            outcome: outcome.kind,
            message: outcome.message.clone(),
            cause: outcome.cause.clone(),
            same_cause_as: first.filter(|first| *first != case.id),
            verdict: case.expected.verdict,
            expected: expected.join(", or "),
            status: outcome.status,
            milliseconds: u64::try_from(outcome.elapsed.as_millis()).unwrap_or(u64::MAX),
            reason: case.reason.clone(),
            breaks: case.breaks.clone(),
            because: case
                .story
                .iter()
                .flat_map(|story| &story.because)
                .cloned()
                .collect(),
            detects: primary.into_iter().chain(others).cloned().collect(),
            twin: case.twin.as_ref().map(|twin| TwinResult {
                kind: twin.kind,
                id: twin.id.clone(),
                outcome: session.learnt(&twin.id).map(|own| own.kind),
                without: twin.without,
                differs: twin.differs.clone(),
            }),
            exchanges_of: Some(outcome.of.clone()).filter(|of| !of.is_empty() && *of != case.id),
            exchanges: outcome.exchanges.clone(),
        }
    }
}

impl RuleResults {
    fn new(id: &str, rule: Option<&Rule>) -> Self {
        Self {
            rule: id.to_owned(),
            message: rule.map(|rule| rule.message.clone()).unwrap_or_default(),
            source: rule.and_then(|rule| rule.source.clone()),
            severity: rule.and_then(|rule| rule.severity.clone()),
            counts: Counts::default(),
            cases: Vec::new(),
        }
    }

    fn add(&mut self, case: CaseResult) {
        self.counts.add(case.outcome);
        self.cases.push(case);
    }
}
