//! What `check` found out about the rules of a file.

use std::fmt::Write;

use serde::Serialize;

use super::ensured::ensured;
use super::{OperationDetail, Requests, counted, wrapped};
use crate::case::Story;
use crate::check::{Analysis, Sample, Samples};
use crate::model::{Built, Model, RuleRef};
use crate::source::Sources;
use crate::story::Teller;

/// The rules of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckedFile {
    /// The path as shown to the user.
    pub file: String,
    /// How many operations there are rules for.
    pub operations: usize,
    /// The rules, by id.
    pub rules: Vec<CheckedRule>,
    /// The operations, where more was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Vec<OperationDetail>>,
}

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The rules.
    Plain,
    /// Baselines too, and what no rule mentions.
    Verbose,
}

/// A rule with the requests that show its meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckedRule {
    /// The id of the rule at this operation.
    pub id: String,
    /// The operation's id.
    pub operation: String,
    /// What it is about where that isn't the request as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The rule in its author's words.
    pub message: String,
    /// Requests the last of which is accepted and keeps the rule.
    pub accepted: Option<Requests>,
    /// Requests the last of which is refused because of this rule alone.
    pub rejected: Option<Requests>,
    /// What the answer to the last request of `accepted` must say, where the rule
    /// is about that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Vec<String>>,
    /// What happens in `accepted`, where that is several requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_story: Option<Box<Story>>,
    /// What happens in `rejected`, where that is several requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected_story: Option<Box<Story>>,
}

impl CheckedFile {
    /// The results for the rule file at `file`.
    pub fn new(
        file: &str,
        built: &Built,
        sources: &Sources,
        analysis: &Analysis,
        detail: Detail,
    ) -> Self {
        let model = &built.model;
        let operations = model.operations.iter();
        Self {
            file: file.to_owned(),
            operations: operations.filter(|found| !found.rules.is_empty()).count(),
            rules: analysis
                .rules
                .iter()
                .map(|samples| CheckedRule::new(model, samples))
                .collect(),
            detail: (detail == Detail::Verbose)
                .then(|| OperationDetail::all(built, sources, analysis)),
        }
    }

    /// The text for people; ends with a line break.
    pub fn render(&self) -> String {
        let mut out = format!(
            "{}: {} at {}\n",
            self.file,
            counted(self.rules.len(), "rule"),
            counted(self.operations, "operation")
        );
        for rule in &self.rules {
            out.push('\n');
            rule.render(&mut out);
        }
        for operation in self.detail.iter().flatten() {
            out.push('\n');
            operation.render(&mut out);
        }
        out
    }
}

impl CheckedRule {
    fn new(model: &Model, samples: &Samples) -> Self {
        let rule = model.rule(samples.rule);
        let requests = |sample: &Sample| match sample {
            Sample::Found(trace) => Some(Requests::new(model, trace, samples.rule)),
            Sample::Never(_) | Sample::Undecided(_) => None,
        };
        Self {
            id: rule.id.clone(),
            operation: model.operation(rule.operation).id.clone(),
            about: rule.about.clone(),
            message: rule.message.clone(),
            accepted: requests(&samples.accepted),
            rejected: requests(&samples.rejected),
            answer: rule.is_ensured().then(|| match &samples.accepted {
                Sample::Found(trace) => ensured(model, trace, samples.rule),
                Sample::Never(_) | Sample::Undecided(_) => Vec::new(),
            }),
            accepted_story: story(model, samples.rule, &samples.accepted),
            rejected_story: story(model, samples.rule, &samples.rejected),
        }
    }

    fn render(&self, out: &mut String) {
        let about = self.about.as_ref();
        let about = about.map(|about| format!(", {about}")).unwrap_or_default();
        let _ = writeln!(out, "{}  ({}{about})", self.id, self.operation);
        // Without a message, a rule's id stands for it.
        if self.id.split('@').next() != Some(&self.message) {
            out.push_str(&wrapped(&self.message, "  "));
        }
        let accepted = (&self.accepted, &self.accepted_story);
        let rejected = (&self.rejected, &self.rejected_story);
        let title = "  accepted  ";
        out.push_str(&sample(title, accepted.0.as_ref(), accepted.1.as_deref()));
        for (index, told) in self.answer.iter().flatten().enumerate() {
            let title = if index == 0 { "answer" } else { "" };
            let _ = writeln!(out, "  {title:<10}{told}");
        }
        if self.answer.is_none() {
            let title = "  rejected  ";
            out.push_str(&sample(title, rejected.0.as_ref(), rejected.1.as_deref()));
        }
    }
}

/// What happens in the requests of a sample, where there are several.
pub(super) fn story(model: &Model, rule: RuleRef, sample: &Sample) -> Option<Box<Story>> {
    match sample {
        Sample::Found(trace) if trace.steps.len() > 1 => {
            Some(Box::new(Teller::example(model, trace, rule).tell()))
        }
        _ => None,
    }
}

/// The requests of a sample behind `title`: their story, where there is one.
pub(super) fn sample(title: &str, requests: Option<&Requests>, story: Option<&Story>) -> String {
    match (story, requests) {
        (Some(story), _) => story.requests(title, title.len()),
        (None, Some(requests)) => requests.render(title, title.len()),
        (None, None) => format!("{title}none\n"),
    }
}
