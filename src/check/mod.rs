//! What the rules of a file amount to: for each rule a request that keeps it
//! and one that breaks it, or the reason why there is none.
//!
//! A rule file can be well written and yet mean something else than its author
//! had in mind. Requests show that; so do documented examples that break a
//! rule.

mod examples;
mod findings;
mod question;
mod unmodelled;

use std::num::NonZeroUsize;

use crate::expr::{Arena, Node, Op};
use crate::generate::{parallel, refusal};
use crate::model::{Built, RuleInstance, RuleRef, Trace};
use crate::search::lower::Label;
use crate::search::smt::with_context;
use crate::source::{Diagnostics, Span};

pub use question::Ask;

/// What was found out about the rules of one file.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// Each rule instance, by id.
    pub rules: Vec<Samples>,
    /// What is wrong, or worth knowing.
    pub findings: Diagnostics,
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

/// Analyses all rules, `jobs` at a time. `now` (nanoseconds since 1970) is the
/// moment for which examples are completed. `progress` is told how many rules
/// are done.
pub fn analyse(
    built: &mut Built,
    now: i128,
    jobs: NonZeroUsize,
    progress: &(dyn Fn(usize) + Sync),
) -> Analysis {
    let questions = question::questions(&mut built.model);
    let built = &*built;
    let refusal = |trace: &Trace| refusal(built, trace);
    let answers = parallel::map(&questions, jobs.get(), progress, |question| {
        with_context(|| question.answer(&built.model, &refusal))
    });
    let found = findings::of_rules(&built.model, &answers);
    let mut findings: Diagnostics = found.into_iter().collect();
    findings.extend(built.remarks.clone());
    findings.extend(examples::findings(built, now));
    findings.extend(unmodelled::findings(built));
    let rules = answers.into_iter().map(|answer| answer.samples).collect();
    Analysis { rules, findings }
}

/// Where a rule's guard was written; its condition where it has none.
fn guard(rule: &RuleInstance, arena: &Arena) -> Span {
    match (arena.node(rule.expr), rule.spans.children.as_slice()) {
        (Node::Call(Op::Guard, _), [guard, _]) => guard.span,
        _ => rule.spans.span,
    }
}

/// Where a rule's condition was written, without its guard.
pub fn condition(rule: &RuleInstance, arena: &Arena) -> Span {
    match (arena.node(rule.expr), rule.spans.children.as_slice()) {
        (Node::Call(Op::Guard, _), [_, body]) => body.span,
        _ => rule.spans.span,
    }
}
