//! What the rules of a file amount to: for each rule a request that keeps it
//! and one that breaks it, or the reason why there is none.
//!
//! A rule file can be well written and yet mean something else than its author
//! had in mind. Requests show that; so do documented examples that break a
//! rule.

mod always_there;
mod clauses;
mod definedness;
mod division;
mod ensured;
mod examples;
mod findings;
mod free_text;
mod never_set;
mod nothing;
mod operation;
mod question;
mod reduce;
mod solvers;
mod states;
mod texts;
mod trial;
mod undeclared;
mod undefined;
mod unmentioned;
mod unmodelled;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use self::clauses::Use;
use self::operation::{Answers, answers};
use self::question::Question;
use self::states::States;
use crate::expr::{Arena, Node, Op};
use crate::model::{Built, Model, OperationRef, RuleInstance, RuleRef, Trace};
use crate::parallel;
use crate::search::lower::Label;
use crate::source::{Code, Diagnostic, Diagnostics, Sources, Span};

/// What is never the case, where no request keeps a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// That the rule holds, where it has no guard.
    Holds,
    /// That the guard is true.
    Guard,
    /// That the rule holds where its guard is true.
    HoldsGuarded,
}

/// What was found out about the rules of one file.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// Each rule instance, by id.
    pub rules: Vec<Samples>,
    /// What is wrong, or worth knowing.
    pub findings: Diagnostics,
    /// For each operation with rules, the fields that nothing reads.
    pub unmentioned: Vec<(OperationRef, Vec<String>)>,
}

/// A rule with requests that show its meaning. In both, all other rules hold.
#[derive(Clone, Debug)]
pub struct Samples {
    /// The rule.
    pub rule: RuleRef,
    /// Requests the last of which keeps the rule, and its guard.
    pub accepted: Sample,
    /// Requests the last of which breaks the rule alone.
    pub rejected: Sample,
}

/// Requests that were asked for, or why there are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sample {
    /// The requests, confirmed by the evaluator and the validator.
    Found(Trace),
    /// There are none: what the proof rests on.
    Never(Vec<Label>),
    /// Not decided, or only within limits; in words.
    Undecided(String),
}

impl Analysis {
    /// Whether it could not be decided of some rule if it can be kept or broken.
    pub fn is_undecided(&self) -> bool {
        let open = |sample: &Sample| matches!(sample, Sample::Undecided(_));
        let mut rules = self.rules.iter();
        rules.any(|rule| open(&rule.accepted) || open(&rule.rejected))
    }
}

/// Analyses all rules, operation by operation, `jobs` at a time. `now`
/// (nanoseconds since 1970) is the moment for which examples are completed.
/// `progress` is told how many operations of how many are done.
pub fn analyse(
    built: &mut Built,
    sources: &Sources,
    now: i128,
    jobs: NonZeroUsize,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Analysis {
    let questions = question::questions(&mut built.model);
    let states = States::new(&mut built.model);
    let of_answers_held = ensured::questions(&mut built.model);
    let built = &*built;
    let model = &built.model;
    let mut by_operation: BTreeMap<OperationRef, Vec<&Question>> = BTreeMap::new();
    for question in &questions {
        let operation = model.rule(question.rule).operation;
        by_operation.entry(operation).or_default().push(question);
    }
    let work: Vec<(OperationRef, Vec<&Question>)> = by_operation.into_iter().collect();
    let progress = |done| progress(done, work.len());
    let found = parallel::map(&work, jobs.get(), &progress, |(operation, questions)| {
        answers(built, *operation, questions, &states)
    });
    let found_of_rules = of_answers(model, sources, &questions, &found);
    let mut findings: Diagnostics = found_of_rules
        .into_iter()
        .filter(|finding| !is_remarked(built, finding))
        .collect();
    findings.extend(built.remarks.clone());
    let accepted = work.iter().zip(&found);
    let accepted =
        accepted.filter_map(|((operation, _), found)| Some((*operation, found.accepted.clone()?)));
    findings.append(examples::findings(built, now, &accepted.collect()));
    findings.append(unmodelled::findings(built));
    let undeclared = undeclared::findings(model).into_iter();
    findings.extend(undeclared.filter(|finding| !is_told_of_table(built, finding)));
    findings.append(never_set::findings(model));
    findings.append(always_there::findings(model));
    let unmentioned = work.iter();
    let unmentioned = unmentioned
        .map(|(operation, _)| (*operation, unmentioned::fields(model, *operation)))
        .collect();
    let answers = found.into_iter().flat_map(|found| found.rules);
    let mut rules: Vec<Samples> = answers.map(|answer| answer.samples).collect();
    let held = parallel::map(&of_answers_held, jobs.get(), &|_| (), |question| {
        ensured::answer(built, question)
    });
    for answer in held {
        rules.push(answer.samples);
        findings.extend(answer.findings);
    }
    rules.sort_by_key(|samples| samples.rule);
    let mut analysis = Analysis {
        rules,
        findings,
        unmentioned,
    };
    let invented = free_text::findings(built, &analysis);
    analysis.findings.append(invented);
    analysis
}

/// Whether a finding about a clause says again what is said of its row in a
/// table.
fn is_remarked(built: &Built, finding: &Diagnostic) -> bool {
    let rows = built.remarks.iter();
    let mut rows = rows.filter(|remark| remark.code == Code::TableRow);
    finding.code == Code::DeadClause
        && finding.place().is_some_and(|clause| {
            rows.any(|row| row.place().is_some_and(|row| row.contains(clause)))
        })
}

/// Whether something is said of a cell of a table already.
fn is_told_of_table(built: &Built, finding: &Diagnostic) -> bool {
    let mut remarks = built.remarks.iter();
    remarks.any(|remark| remark.code == Code::TableRow && remark.place() == finding.place())
}

/// What is wrong with the rules, by the answers about them.
fn of_answers(
    model: &Model,
    sources: &Sources,
    questions: &[Question],
    found: &[Answers],
) -> Diagnostics {
    let mut findings = Diagnostics::new();
    let mut uses = Vec::new();
    for answers in found {
        let undefined = answers.rules.iter();
        let undefined = undefined.filter(|answer| answer.shown.undefined.is_some());
        let undefined = undefined.map(|answer| answer.samples.rule).collect();
        findings.extend(findings::of_conflicts(
            model,
            &answers.conflicts,
            &undefined,
        ));
        let mut without_body = Vec::new();
        for answer in &answers.rules {
            let rule = answer.samples.rule;
            findings.extend(findings::of_rule(model, answer, &answers.conflicts));
            let undefined = answer.shown.undefined.as_ref();
            if let Some(trace) = undefined
                && let Some(finding) = undefined::finding(model, sources, rule, trace)
            {
                match undefined::lacks_body(trace) {
                    true => without_body.push((rule, finding)),
                    false => findings.push(finding),
                }
            }
            let truncated = answer.shown.truncated.as_ref();
            findings
                .extend(truncated.and_then(|trace| division::finding(model, sources, rule, trace)));
            let question = questions.iter().find(|own| own.rule == rule);
            let clauses = question.map_or(&[][..], |question| &question.clauses);
            let each = clauses.iter().zip(&answer.clauses);
            uses.extend(each.map(|(clause, matters)| Use {
                rule,
                clause,
                matters,
            }));
        }
        findings.extend(undefined::without_body(model, without_body));
    }
    findings.extend(clauses::findings(model, sources, &uses));
    findings
}

/// Where a rule's guard was written; its condition where it has none.
fn guard(rule: &RuleInstance, arena: &Arena) -> Span {
    match (arena.node(rule.expr), rule.spans.children.as_slice()) {
        (Node::Call(Op::Guard, _), [guard, _]) => guard.span,
        _ => rule.spans.span,
    }
}

/// Where a rule's condition was written, without its guards.
pub fn condition(rule: &RuleInstance, arena: &Arena) -> Span {
    rule.condition(arena).1
}
