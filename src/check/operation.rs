//! The answers about the rules of one operation: simulation first, then one
//! solver for all that is left.

use std::collections::BTreeSet;

use super::clauses::Matters;
use super::question::Question;
use super::reduce::reduced;
use super::solvers::Solvers;
use super::states::States;
use super::texts::refined;
use super::trial::{Shown, Trial};
use super::{Ask, Sample, Samples};
use crate::expr::{ExprId, Node, Root};
use crate::generate::{last_verdict, refusal, sequences};
use crate::model::{Built, Model, OperationRef, Patch, RuleRef, Trace};
use crate::search::decide::{Decision, Reach, Refusal, Searcher};
use crate::search::lower::Label;
use crate::search::plan::Plan;
use crate::search::prove::{Proof, Prover, Situation, rules};
use crate::search::smt::with_context;
use crate::simulate::{Look, Verdict, detect, run};
use crate::witness::{Aim, Minimiser, Paths, Ties};

/// Requests that are looked at to find one with few changes.
const BUDGET: usize = 60;

/// Baselines that requests are looked for beside, at most.
const MAX_BASES: usize = 4;

/// What is missing where verdicts change with the time.
pub(super) const NEEDS_CLOCK: &str = "a clock is needed that tests set";

/// Rules that can't be kept together.
#[derive(Clone, Debug)]
pub(super) struct Conflict {
    /// Each of them is needed for the proof.
    pub rules: BTreeSet<RuleRef>,
    /// The rule whose guard must be true for it, if any.
    pub where_applies: Option<RuleRef>,
    /// What the proof rests on.
    pub core: Vec<Label>,
}

/// The answers about one rule.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// The requests.
    pub samples: Samples,
    /// Where none is accepted, what is never the case.
    pub never: Ask,
    /// For each clause of the question, whether it matters.
    pub clauses: Vec<Matters>,
    /// What simulation and search have shown besides.
    pub shown: Shown,
}

/// The answers about one operation.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers {
    /// For each of its rules.
    pub rules: Vec<Answer>,
    /// Rules that exclude each other.
    pub conflicts: Vec<Conflict>,
    /// A sequence that a right server accepts, if one was found.
    pub accepted: Option<Trace>,
}

/// Answers the questions about the rules of `operation`.
pub(super) fn answers(
    built: &Built,
    operation: OperationRef,
    questions: &[&Question],
    states: &States,
) -> Answers {
    let mut found = asked(built, operation, questions);
    if found.conflicts.is_empty() && built.model.operation(operation).reads_state() {
        states.decide(&built.model, operation, questions, &mut found);
    }
    found
}

fn asked(built: &Built, operation: OperationRef, questions: &[&Question]) -> Answers {
    let refusal = |trace: &Trace| refusal(built, trace);
    let desk = Desk {
        model: &built.model,
        operation,
        refusal: &refusal,
        reach: Reach::default(),
    };
    let bases = desk.bases();
    let is_accepted = |trace: &&Trace| desk.is_accepted(trace);
    if let Some(accepted) = bases.iter().find(is_accepted).cloned() {
        return desk.among_all(questions, &bases, Some(accepted));
    }
    let conflicts = with_context(|| desk.conflicts());
    if conflicts.is_empty() {
        let found = with_context(|| desk.searcher(&[]).accepting(operation));
        let accepted = found.ok();
        let bases: Vec<Trace> = accepted.iter().cloned().chain(bases).collect();
        return desk.among_all(questions, &bases, accepted);
    }
    desk.apart(questions, conflicts)
}

/// Documented requests to an operation that a right server accepts, behind what
/// leads to them.
pub(super) fn accepted_bases(built: &Built, operation: OperationRef) -> Vec<Trace> {
    let refusal = |trace: &Trace| refusal(built, trace);
    let desk = Desk {
        model: &built.model,
        operation,
        refusal: &refusal,
        reach: Reach::default(),
    };
    let mut bases = desk.bases();
    bases.retain(|trace| desk.is_accepted(trace));
    bases
}

/// What is asked about one rule, and where simulation looks for answers.
#[derive(Clone, Copy)]
struct Inquiry<'q> {
    question: &'q Question,
    /// The other rules of the operation.
    others: &'q [RuleRef],
    trial: &'q Trial<'q>,
}

struct Desk<'a> {
    model: &'a Model,
    operation: OperationRef,
    refusal: &'a Refusal<'a>,
    reach: Reach,
}

impl<'a> Desk<'a> {
    fn searcher<'s>(&'s self, patches: &[&Patch]) -> Searcher<'s> {
        Searcher::new(self.model, self.reach, patches, self.refusal)
    }

    /// Documented requests, and sequences that lead to them.
    fn bases(&self) -> Vec<Trace> {
        let found = self.model.operation(self.operation);
        let plan = Plan::single(self.operation);
        let mut own: Vec<Trace> = Vec::new();
        if found.binds.is_empty() {
            let requests = found.baselines.iter();
            let requests = requests.map(|baseline| vec![baseline.request.clone()]);
            own.extend(requests.map(|request| plan.with_requests(self.model, request)));
        }
        let longest = self.reach.steps;
        let mut all = sequences(self.model, self.operation, own, longest, |plan| {
            plan.baselines(self.model)
        });
        all.sort_by_key(|trace| !self.is_accepted(trace));
        all.truncate(MAX_BASES);
        all
    }

    fn is_accepted(&self, trace: &Trace) -> bool {
        last_verdict(self.model, trace) == Some(Verdict::Accept) && (self.refusal)(trace).is_none()
    }

    /// Sets of rules that can't be kept together, each minimal, until the
    /// rest can be.
    fn conflicts(&self) -> Vec<Conflict> {
        let mut prover = Prover::new(self.model, self.operation, self.reach);
        let mut rest = self.model.operation(self.operation).rules.clone();
        let mut found = Vec::new();
        while let Proof::Never(core) = prover.ask(Situation::Accepted, &rest) {
            let among: BTreeSet<RuleRef> = rules(&core).into_iter().collect();
            if among.is_empty() {
                break;
            }
            rest.retain(|rule| !among.contains(rule));
            found.push(Conflict {
                rules: among,
                where_applies: None,
                core,
            });
        }
        found
    }

    /// The answers about the rules outside of `conflicts`, as if there were no
    /// others.
    fn apart(&self, questions: &[&Question], conflicts: Vec<Conflict>) -> Answers {
        let of = |rule: RuleRef| conflicts.iter().find(|found| found.rules.contains(&rule));
        let mut model = self.model.clone();
        if let Some(operation) = model.operations.get_mut(self.operation.0 as usize) {
            operation.rules.retain(|rule| of(*rule).is_none());
        }
        let desk = Desk {
            model: &model,
            ..*self
        };
        let rest = questions.iter().copied();
        let rest: Vec<&Question> = rest.filter(|one| of(one.rule).is_none()).collect();
        let bases = desk.bases();
        let accepted = bases.iter().find(|trace| desk.is_accepted(trace)).cloned();
        let mut answers = desk.among_all(&rest, &bases, accepted);
        // No request is accepted by the server as it is.
        answers.accepted = None;
        for question in questions {
            if let Some(conflict) = of(question.rule) {
                answers.rules.push(in_conflict(question, conflict));
            }
        }
        answers.rules.sort_by_key(|answer| answer.samples.rule);
        answers.conflicts.splice(0..0, conflicts);
        answers
    }

    fn among_all(
        &self,
        questions: &[&Question],
        bases: &[Trace],
        accepted: Option<Trace>,
    ) -> Answers {
        let ties = Ties::new(self.model);
        let trial = Trial {
            model: self.model,
            ties: &ties,
            refusal: self.refusal,
            operation: self.operation,
            bases,
        };
        let shown: Vec<Shown> = questions.iter().map(|one| trial.of(one)).collect();
        let open = questions.iter().copied().zip(&shown);
        let open = open.filter(|(one, shown)| one.is_open(shown));
        let open: Vec<&Question> = open.map(|(one, _)| one).collect();
        let work = questions.iter().copied().zip(shown);
        let mut answers = if !open.is_empty() {
            with_context(|| {
                let (model, operation, reach) = (self.model, self.operation, self.reach);
                let mut solvers = Solvers::new(model, operation, reach, self.refusal, &open);
                let mut conflicts = Vec::new();
                let each = work.map(|(question, shown)| {
                    self.prove(question, shown, &trial, &mut solvers, &mut conflicts)
                });
                Answers {
                    rules: each.collect(),
                    conflicts,
                    accepted: None,
                }
            })
        } else {
            Answers {
                rules: work
                    .map(|(question, shown)| plain(question, shown))
                    .collect(),
                ..Answers::default()
            }
        };
        answers.accepted = accepted;
        answers
    }

    /// Asks the solver for what simulation left open.
    fn prove(
        &self,
        question: &Question,
        mut shown: Shown,
        trial: &Trial<'_>,
        solvers: &mut Solvers<'_>,
        conflicts: &mut Vec<Conflict>,
    ) -> Answer {
        if !question.is_open(&shown) {
            return plain(question, shown);
        }
        let all = self.model.operation(self.operation).rules.iter().copied();
        let others: Vec<RuleRef> = all.filter(|rule| *rule != question.rule).collect();
        let inquiry = Inquiry {
            question,
            others: &others,
            trial,
        };
        let (never, accepted) = self.kept(inquiry, solvers, &mut shown);
        let rejected = self.broken(inquiry, solvers, &mut shown);
        if let Sample::Never(core) = &accepted
            && never != Ask::Guard
        {
            let mut among: BTreeSet<RuleRef> = rules(core).into_iter().collect();
            if !among.is_empty() {
                among.insert(question.rule);
                conflicts.push(Conflict {
                    rules: among,
                    where_applies: question.guard.map(|_| question.rule),
                    core: core.clone(),
                });
            }
        }
        let is_sound =
            !matches!(accepted, Sample::Never(_)) && !matches!(rejected, Sample::Never(_));
        let clauses = if is_sound {
            self.clauses(inquiry, &shown, solvers)
        } else {
            vec![Matters::Perhaps; question.clauses.len()]
        };
        self.complete(inquiry, &mut shown, solvers);
        Answer {
            samples: Samples {
                rule: question.rule,
                accepted,
                rejected,
            },
            never,
            clauses,
            shown,
        }
    }

    /// A proof with the keywords of texts that it needs.
    fn refined(&self, asked: (Situation, &[RuleRef]), core: Vec<Label>) -> Vec<Label> {
        refined(self.model, self.operation, self.reach, asked, core)
    }

    /// A request that keeps the rule and its guard, or why there is none.
    fn kept(
        &self,
        inquiry: Inquiry<'_>,
        solvers: &mut Solvers<'_>,
        shown: &mut Shown,
    ) -> (Ask, Sample) {
        let question = inquiry.question;
        if let Some(trace) = shown.kept.clone() {
            return (Ask::Holds, Sample::Found(trace));
        }
        if let Some(engaged) = &question.engaged {
            let sample = self.search(inquiry, &engaged.refuses, solvers, shown);
            if matches!(sample, Sample::Found(_)) {
                return (Ask::Holds, sample);
            }
        }
        if let Some(trace) = shown.vacuous.clone() {
            return (Ask::Holds, Sample::Found(trace));
        }
        let sample = self.search(inquiry, &question.refuses, solvers, shown);
        if matches!(sample, Sample::Found(_)) {
            return (Ask::Holds, sample);
        }
        // A proof that needs no other rule says more.
        for others in [&[], inquiry.others] {
            if let Some(guard) = question.guard
                && let Proof::Never(core) = solvers.prover.ask(Situation::True(guard), others)
            {
                let core = self.refined((Situation::True(guard), others), core);
                return (Ask::Guard, Sample::Never(core));
            }
            if let Proof::Never(core) = solvers.prover.ask(Situation::True(question.kept), others) {
                let ask = question.guard.map_or(Ask::Holds, |_| Ask::HoldsGuarded);
                let core = self.refined((Situation::True(question.kept), others), core);
                return (ask, Sample::Never(core));
            }
        }
        (Ask::Holds, sample)
    }

    /// Simulates what is near a trace that the search found: that answers most
    /// of what would be asked of the solver next.
    fn look_near(&self, inquiry: Inquiry<'_>, found: &Trace, shown: &mut Shown) {
        let question = inquiry.question;
        let was_broken = shown.broken.is_some();
        inquiry
            .trial
            .near(question, std::slice::from_ref(found), shown);
        if !was_broken && let Some(broken) = shown.broken.take() {
            // The trace may have been changed for another reason.
            shown.broken = Some(self.nearest(&question.ignores, broken, Look::First));
        }
    }

    /// A request that breaks the rule alone, or why there is none.
    fn broken(&self, inquiry: Inquiry<'_>, solvers: &mut Solvers<'_>, shown: &mut Shown) -> Sample {
        let question = inquiry.question;
        if let Some(trace) = shown.broken.clone() {
            return Sample::Found(trace);
        }
        let sample = self.search(inquiry, &question.ignores, solvers, shown);
        if matches!(sample, Sample::Found(_)) {
            return sample;
        }
        for others in [&[], inquiry.others] {
            let asked = Situation::Broken(question.rule);
            if let Proof::Never(core) = solvers.prover.ask(asked, others) {
                return Sample::Never(self.refined((asked, others), core));
            }
        }
        sample
    }

    fn clauses(
        &self,
        inquiry: Inquiry<'_>,
        shown: &Shown,
        solvers: &mut Solvers<'_>,
    ) -> Vec<Matters> {
        let Inquiry {
            question, others, ..
        } = inquiry;
        let mut found: Vec<Matters> = Vec::new();
        let mut dead = Vec::new();
        for (index, clause) in question.clauses.iter().enumerate() {
            let is_within = |other: &super::clauses::Clause| {
                clause.position != other.position && clause.position.is_within(&other.position)
            };
            if shown.live.contains(&index) || dead.iter().copied().any(is_within) {
                found.push(Matters::Perhaps);
                continue;
            }
            let differ = Situation::Differ(question.expr, clause.root);
            found.push(match solvers.prover.ask(differ, others) {
                Proof::Never(core) => {
                    dead.push(clause);
                    Matters::Never(self.refined((differ, others), core))
                }
                Proof::Possible | Proof::Open => Matters::Perhaps,
            });
        }
        found
    }

    /// Requests that leave the rule undefined, or at which truncation
    /// decides, where simulation found none.
    fn complete(&self, inquiry: Inquiry<'_>, shown: &mut Shown, solvers: &mut Solvers<'_>) {
        let Inquiry {
            question,
            others,
            trial,
        } = inquiry;
        let mut asked = Vec::new();
        if question.may_be_undefined && shown.undefined.is_none() {
            asked.push(Situation::Undefined(question.rule));
        }
        if let Some(exact) = question.exact.filter(|_| shown.truncated.is_none()) {
            asked.push(Situation::Differ(question.expr, exact));
        }
        for situation in asked {
            if solvers.prover.ask(situation, others) == Proof::Possible
                && let Some(trace) = solvers.prover.example(situation, others)
            {
                trial.confirm(question, &trace, shown);
            }
        }
    }

    /// Requests that detect the fault, or why there are none. What is near
    /// those that are found is looked at, too.
    fn search(
        &self,
        inquiry: Inquiry<'_>,
        patch: &Patch,
        solvers: &mut Solvers<'_>,
        shown: &mut Shown,
    ) -> Sample {
        match solvers.decide(patch) {
            Decision::Found(trace, look) => {
                let found = self.nearest(patch, trace, look);
                self.look_near(inquiry, &found, shown);
                Sample::Found(found)
            }
            Decision::Untestable(core) => Sample::Never(core),
            Decision::Bounded(limits) => {
                Sample::Undecided(format!("none was found within {}", limits.join(", ")))
            }
            Decision::Unclear(rules) => {
                let ids = rules.iter().map(|rule| &*self.model.rule(*rule).id);
                let ids = ids.collect::<Vec<&str>>().join("`, `");
                Sample::Undecided(format!("all that were found leave `{ids}` undefined"))
            }
            Decision::NeedsClock => Sample::Undecided(self.unsteady(patch)),
            Decision::Unknown(reason) => Sample::Undecided(reason),
        }
    }

    /// Whose verdicts change with the time at what a patch shows.
    fn unsteady(&self, patch: &Patch) -> String {
        let is_now = |id: &ExprId| *self.model.arena.node(*id) == Node::Root(Root::Now);
        let is_timed = |id: ExprId| self.model.arena.reachable(&[id]).iter().any(is_now);
        let own = patch.0.keys().map(|place| self.model.expression(*place).0);
        if own.chain(patch.0.values().copied()).any(is_timed) {
            return format!("its verdict changes while a test runs: {NEEDS_CLOCK}");
        }
        let rules = self.model.operation(self.operation).rules.iter();
        let rules = rules.map(|rule| self.model.rule(*rule));
        let timed = rules.filter(|rule| is_timed(rule.expr));
        let timed: Vec<String> = timed.map(|rule| format!("`{}`", rule.id)).collect();
        if timed.is_empty() {
            // What the server remembers does.
            return format!("a verdict changes while a test runs: {NEEDS_CLOCK}");
        }
        format!(
            "where it alone is broken, the verdict of {} changes while a test runs: {NEEDS_CLOCK}",
            timed.join(" or ")
        )
    }

    /// A trace with as few changes of the baselines as show the same.
    fn nearest(&self, patch: &Patch, trace: Trace, look: Look) -> Trace {
        let model = self.model;
        let verdicts =
            |trace: &Trace| run(model, &Patch::default(), trace, look.at(patch)).verdicts;
        let wanted = verdicts(&trace);
        let is_shown = |trace: &Trace| {
            let found = detect(model, trace, patch, look);
            found.is_some_and(|found| found.step + 1 == trace.steps.len())
        };
        let baselines = Plan::of(model, &trace).baselines(model);
        // Nothing has to be in general position: that is for tests.
        let reads = vec![Paths::new(); trace.steps.len()];
        let aim = Aim {
            baselines: &baselines,
            reads: &reads,
            keeps: &|trace| verdicts(trace) == wanted && is_shown(trace),
        };
        let is_valid = |trace: &Trace| (self.refusal)(trace).is_none();
        let mut minimiser = Minimiser::new(model, &is_valid);
        minimiser.budget = BUDGET;
        let found = minimiser.minimal(trace, aim).trace;
        reduced(model, found, |trace| {
            verdicts(trace) == wanted && is_shown(trace) && is_valid(trace)
        })
    }
}

impl Question {
    /// Whether the solver has anything to say.
    fn is_open(&self, shown: &Shown) -> bool {
        shown.kept.is_none()
            || shown.broken.is_none()
            || shown.live.len() < self.clauses.len()
            || (self.may_be_undefined && shown.undefined.is_none())
            || (self.exact.is_some() && shown.truncated.is_none())
    }
}

/// Simulation answered everything.
fn plain(question: &Question, shown: Shown) -> Answer {
    let sample = |trace: &Option<Trace>| match trace {
        Some(trace) => Sample::Found(trace.clone()),
        None => Sample::Undecided("nothing was asked".to_owned()),
    };
    Answer {
        samples: Samples {
            rule: question.rule,
            accepted: sample(&shown.kept),
            rejected: sample(&shown.broken),
        },
        never: Ask::Holds,
        clauses: vec![Matters::Perhaps; question.clauses.len()],
        shown,
    }
}

fn in_conflict(question: &Question, conflict: &Conflict) -> Answer {
    Answer {
        samples: Samples {
            rule: question.rule,
            accepted: Sample::Never(conflict.core.clone()),
            rejected: Sample::Never(conflict.core.clone()),
        },
        never: Ask::Holds,
        clauses: vec![Matters::Perhaps; question.clauses.len()],
        shown: Shown::default(),
    }
}
