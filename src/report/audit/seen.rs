//! What of the traffic shows nothing of rules, and where it contradicts them.

use std::collections::BTreeMap;

use super::{Auditor, Disagreed, Passed, Traffic};
use crate::audit::{Counted, Disagreement, Expected, Subject};

impl Auditor<'_> {
    pub(super) fn traffic(&self) -> Traffic {
        let seen = self.seen;
        let named = |map: &BTreeMap<String, Counted>| -> Vec<Passed> {
            map.iter()
                .map(|(what, own)| self.passed(what.clone(), None, own))
                .collect()
        };
        let operation = |operation: &crate::model::OperationRef| {
            Some(self.model.operation(*operation).id.clone())
        };
        let unread = self.unread.iter().map(|(file, problem)| Passed {
            what: problem.to_string(),
            operation: None,
            count: 1,
            first: self.files.get(*file).cloned().unwrap_or_default(),
            request: String::new(),
        });
        let unjudged = seen.unjudged.iter();
        let malformed = seen.malformed.iter();
        let silent = seen.silent.iter().map(|((called, status), own)| {
            let what = match status {
                Some(status) => format!("answered with {status}"),
                None => "not answered".to_owned(),
            };
            self.passed(what, operation(called), own)
        });
        Traffic {
            files: self.files.to_vec(),
            entries: seen.entries,
            matched: seen.matched,
            judged: seen.judged,
            unread: unread.collect(),
            skipped: named(&seen.skipped),
            unmatched: named(&seen.unmatched),
            without_rules: named(&seen.others),
            unjudged: unjudged
                .map(|((called, what), own)| self.passed(what.clone(), operation(called), own))
                .collect(),
            malformed: malformed
                .map(|(called, own)| {
                    let what = "breaks the schema, and is refused".to_owned();
                    self.passed(what, operation(called), own)
                })
                .collect(),
            silent: silent.collect(),
        }
    }

    fn passed(&self, what: String, operation: Option<String>, own: &Counted) -> Passed {
        Passed {
            what,
            operation,
            count: own.count,
            first: self.at(own.first),
            request: self.mask.target(&own.line),
        }
    }

    pub(super) fn disagreements(&self) -> Vec<Disagreed> {
        let all = self.seen.disagreements.iter();
        all.map(|(subject, own)| self.disagreed(subject, own))
            .collect()
    }

    fn disagreed(&self, subject: &Subject, own: &Disagreement) -> Disagreed {
        let status = subject
            .status
            .map_or_else(String::new, |status| format!(" with {status}"));
        let (rules, what) = match &subject.expected {
            Expected::Refused(rules) => {
                let ids = self.ids(rules);
                let what = format!("accepted{status}, though {} forbids it", ids.join(" and "));
                (ids, what)
            }
            Expected::RefusedOtherwise(rules, statuses) => {
                let ids = self.ids(rules);
                let statuses: Vec<String> = statuses.iter().map(u16::to_string).collect();
                let what = format!(
                    "refused{status}, where {} says {}",
                    ids.join(" and "),
                    statuses.join(" or ")
                );
                (ids, what)
            }
            Expected::Malformed(problem) => (
                Vec::new(),
                format!("accepted{status}, though the schema forbids it: {problem}"),
            ),
            Expected::Accepted(Some(rule)) => {
                let id = self.model.rule(*rule).id.clone();
                let what = format!("refused{status} for {id}, though all rules hold");
                (vec![id], what)
            }
            Expected::Accepted(None) => (
                Vec::new(),
                format!("refused{status}, though all rules hold"),
            ),
            Expected::Repeated => (
                Vec::new(),
                format!("accepted{status} as a new request, though it is a repeat"),
            ),
            Expected::Shown(rule, place) => (
                vec![rule.clone()],
                format!("accepted{status}, but {place} of the answer isn't what {rule} says"),
            ),
            Expected::New => (
                Vec::new(),
                format!("answered{status} as a repeat, though it is a new request"),
            ),
        };
        Disagreed {
            what,
            operation: self.model.operation(subject.operation).id.clone(),
            rules,
            status: subject.status,
            count: own.count,
            example: self.request(&own.example),
            remembered: own.remembered.clone(),
        }
    }
}
