//! Rules about answers: a request whose answer shows what they demand, and
//! whether they say anything.

use super::operation::accepted_bases;
use super::{Sample, Samples};
use crate::expr::{ExprId, Node, Op, Position, print};
use crate::generate::refusal;
use crate::model::{Built, Model, Patch, Place, RuleRef, Trace};
use crate::search::decide::{Decision, Reach, Searcher};
use crate::search::slice::{Read, reads};
use crate::search::smt::with_context;
use crate::simulate::{Options, run};
use crate::source::{Code, Diagnostic};

/// What is asked of a rule about answers.
pub(super) struct Question {
    rule: RuleRef,
    /// For each of its parts, a server that shows nothing there.
    silent: Vec<Patch>,
}

/// What came out.
pub(super) struct Answer {
    pub samples: Samples,
    pub findings: Vec<Diagnostic>,
}

/// The questions about all rules about answers; their expressions are added to
/// the arena.
pub(super) fn questions(model: &mut Model) -> Vec<Question> {
    let Model { arena, rules, .. } = model;
    let all = (0..).map(RuleRef).zip(&*rules);
    let ensured = all.filter(|(_, found)| found.is_ensured());
    ensured
        .map(|(rule, found)| {
            let parts = found.ensures.iter().enumerate();
            let silent = parts.map(|(part, own)| {
                let never = arena.boolean(false);
                let ty = arena.ty(own.expr).clone();
                let nothing = arena.call(Op::Where, &[never, own.expr], ty);
                Patch([(Place::Ensure(rule, part), nothing)].into())
            });
            Question {
                rule,
                silent: silent.collect(),
            }
        })
        .collect()
}

/// An accepted request whose answer must say as much as can be, and what is
/// wrong with the rule.
pub(super) fn answer(built: &Built, question: &Question) -> Answer {
    let rule = question.rule;
    let mut inquiry = Inquiry {
        built,
        rule,
        best: None,
        undecided: None,
        findings: Vec::new(),
    };
    for trace in accepted_bases(built, built.model.rule(rule).operation) {
        inquiry.offer(&trace);
    }
    with_context(|| inquiry.search(&question.silent));
    inquiry.compare();
    let accepted = match (inquiry.best, inquiry.undecided) {
        (Some((trace, _)), _) => Sample::Found(trace),
        (None, Some(reason)) => Sample::Undecided(reason),
        (None, None) => Sample::Never(Vec::new()),
    };
    Answer {
        samples: Samples {
            rule,
            accepted,
            // It refuses nothing.
            rejected: Sample::Never(Vec::new()),
        },
        findings: inquiry.findings,
    }
}

struct Inquiry<'b> {
    built: &'b Built,
    rule: RuleRef,
    /// The requests whose answer must say most, and how much that is.
    best: Option<(Trace, usize)>,
    undecided: Option<String>,
    findings: Vec<Diagnostic>,
}

impl Inquiry<'_> {
    fn parts(&self) -> usize {
        self.built.model.rule(self.rule).ensures.len()
    }

    /// The parts of the rule that say something of the last answer.
    fn told(&self, trace: &Trace) -> Vec<usize> {
        let mut run = run(
            &self.built.model,
            &Patch::default(),
            trace,
            Options::default(),
        );
        let shown = run.ensured.pop().unwrap_or_default();
        let parts = 0..self.parts();
        parts
            .filter(|part| shown.expected(self.rule, *part).is_some())
            .collect()
    }

    fn offer(&mut self, trace: &Trace) {
        let told = self.told(trace).len();
        if told > self.best.as_ref().map_or(0, |(_, told)| *told) {
            self.best = Some((trace.clone(), told));
        }
    }

    /// Looks for answers of which each part says something.
    fn search(&mut self, silent: &[Patch]) {
        let (built, model) = (self.built, &self.built.model);
        let patches: Vec<&Patch> = silent.iter().collect();
        let refusal = |trace: &Trace| refusal(built, trace);
        let mut searcher = Searcher::new(model, Reach::default(), &patches, &refusal);
        for (part, patch) in silent.iter().enumerate() {
            let best = self.best.as_ref();
            let is_told = best.is_some_and(|(best, _)| self.told(best).contains(&part));
            if is_told {
                continue;
            }
            match searcher.decide(patch) {
                Decision::Found(trace, _) => self.offer(&trace),
                Decision::Untestable(_) => self.says_nothing(part),
                Decision::Unknown(reason) => self.undecided = Some(reason),
                Decision::Bounded(words) => {
                    self.undecided = Some(format!("not with {}", words.join(", ")));
                }
                Decision::Unclear(_) | Decision::NeedsClock => {
                    self.undecided = Some("other rules are undefined wherever it applies".into());
                }
            }
        }
    }

    fn says_nothing(&mut self, part: usize) {
        let own = self.built.model.rule(self.rule);
        let Some(ensure) = own.ensures.get(part) else {
            return;
        };
        let message = format!("`{}` says nothing of any answer", own.id);
        let finding = Diagnostic::error(Code::NeverHolds, message)
            .at(ensure.spans.span, "never where a request is accepted")
            .note("its guard is never true, or what it reads is never there, where all rules hold");
        self.findings.push(finding);
    }

    /// Tells of parts that say the same of every answer although they read the
    /// request or the state.
    fn compare(&mut self) {
        let model = &self.built.model;
        let Some((trace, _)) = self.best.clone() else {
            return;
        };
        let mut run = run(model, &Patch::default(), &trace, Options::default());
        let shown = run.ensured.pop().unwrap_or_default();
        for part in 0..self.parts() {
            let place = Place::Ensure(self.rule, part);
            let Some(ensure) = model.ensured(place).filter(|own| own.relation.determines()) else {
                continue;
            };
            let value = value_of(model, ensure.expr);
            // What the server starts with may be constant for good.
            let mut read = reads(model, value).into_iter();
            let reads_request = read.any(|read| matches!(read, Read::Field(_)));
            let found = shown.expected(self.rule, part).filter(|_| reads_request);
            let Some(found) = found else {
                continue;
            };
            let of_value = match model.arena.node(ensure.expr) {
                Node::Call(Op::Where, _) => ensure.spans.at(&Position::default().child(1)),
                _ => &ensure.spans,
            };
            let mut other = model.clone();
            let ty = other.arena.ty(value).clone();
            let constant = other.arena.constant(found.clone(), ty);
            let patch = Patch([(place, constant)].into());
            let built = self.built;
            let refusal = |trace: &Trace| refusal(built, trace);
            let decision = with_context(|| {
                Searcher::new(&other, Reach::default(), &[&patch], &refusal).decide(&patch)
            });
            if matches!(decision, Decision::Untestable(_)) {
                let names = model.resource_names();
                let message = format!(
                    "`{}` is {found} in every answer",
                    print(&model.arena, value, &names)
                );
                let finding = Diagnostic::warning(Code::DeadClause, message)
                    .at(of_value.span, "always the same")
                    .note("schema and rules leave no other value where the request is accepted")
                    .help("write the constant, or let the rules allow what they should");
                self.findings.push(finding);
            }
        }
    }
}

/// What is ensured, without when.
fn value_of(model: &Model, expr: ExprId) -> ExprId {
    match model.arena.node(expr) {
        Node::Call(Op::Where, operands) => operands.get(1).copied().unwrap_or(expr),
        _ => expr,
    }
}
