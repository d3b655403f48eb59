//! A sequence of requests as people tell it: who sends what, what the server
//! then remembers, and why the last request is accepted or refused.
//!
//! Both servers run the sequence anew; what is told is what they did. Of a rule,
//! the part that decides is told, with the values put in.

mod judged;
mod moments;
mod put_in;
mod remembered;
mod sent;
mod shown;
mod shows;
mod twin;
mod way;

use indexmap::IndexMap;

use self::judged::Bench;
use self::moments::Words;
use crate::case::{FaultyStory, Judged, Story, StoryStep, Verdict};
use crate::expr::ExprId;
use crate::model::{ACTOR, Model, Patch, Place, RuleRef, Trace};
use crate::simulate::{self, Look, Run, run};
use crate::value::Value;
use crate::witness::{Reading, reading};

/// What a story is about.
#[derive(Clone, Copy, Debug)]
pub struct Teller<'a> {
    /// The model.
    pub model: &'a Model,
    /// The requests.
    pub trace: &'a Trace,
    /// The rule that they are there for.
    pub rule: RuleRef,
    /// A faulty server that they tell from the right one: its patch, and how it
    /// is wrong.
    pub fault: Option<(&'a Patch, &'a str)>,
    /// The accepted neighbour.
    pub twin: Option<&'a Trace>,
    /// Whether rules that are undefined count as true.
    pub look: Look,
    /// Whether what the last answer shows of the state is what they are about.
    pub is_view: bool,
}

impl<'a> Teller<'a> {
    /// The requests that an example of a rule consists of.
    pub fn example(model: &'a Model, trace: &'a Trace, rule: RuleRef) -> Self {
        Self {
            model,
            trace,
            rule,
            fault: None,
            twin: None,
            look: Look::First,
            is_view: false,
        }
    }

    /// Tells the story.
    pub fn tell(self) -> Story {
        let right = self.run(&Patch::default());
        let about = self.about(&right);
        let reading = reading(self.model, self.trace, &self.roots(&about));
        let words = Words::new(self.model, self.trace);
        let steps = 0..self.trace.steps.len();
        let steps = steps.filter_map(|step| self.step(&right, &reading, &words, step));
        let mut steps: Vec<StoryStep> = steps.collect();
        let mut faulty = self.faulty(&about, &words);
        if self.is_view {
            let other = self.fault.map(|(patch, _)| self.run(patch));
            let (own, other) = shown::shown(self.model, &right, other.as_ref(), &words);
            if let Some(last) = steps.last_mut() {
                last.shows = own;
            }
            if let Some(faulty) = &mut faulty {
                faulty.shows = other;
            }
        }
        Story {
            steps,
            because: self.because(&right, self.trace, &about, &words),
            answer: shows::expected(self.model, &right, self.rule, &words),
            faulty,
            twin: self.twin.map(|twin| self.twin(twin, &about, &words)),
        }
    }

    /// The server that `patch` makes, from the first request to the last.
    fn run(self, patch: &Patch) -> Run {
        self.run_of(patch, self.trace)
    }

    fn run_of(self, patch: &Patch, trace: &Trace) -> Run {
        let beside = self.fault.map(|(patch, _)| patch);
        run(
            self.model,
            patch,
            trace,
            self.look.at(beside.unwrap_or(patch)),
        )
    }

    /// The rules that decide: those that are broken, else the one that the
    /// requests are there for, if it is one of the last request's.
    fn about(self, right: &Run) -> Vec<RuleRef> {
        if self.is_view {
            return Vec::new();
        }
        let broken = match right.verdicts.last() {
            Some(simulate::Verdict::Reject(broken)) => broken.iter().copied().collect(),
            _ => Vec::new(),
        };
        if !broken.is_empty() {
            return broken;
        }
        let last = self.trace.steps.last().map(|step| step.operation);
        let is_own = last == Some(self.model.rule(self.rule).operation);
        let is_judged = is_own && !self.model.rule(self.rule).is_ensured();
        is_judged.then_some(self.rule).into_iter().collect()
    }

    /// The expressions that matter, read at the last step.
    fn roots(self, about: &[RuleRef]) -> Vec<ExprId> {
        let rules = about.iter().map(|rule| self.model.rule(*rule).expr);
        let places = self.fault.into_iter().flat_map(|(patch, _)| &patch.0);
        let patched =
            places.filter(|(place, _)| matches!(place, Place::Rule(_) | Place::Ensure(..)));
        let ensured = self.model.rule(self.rule);
        let ensured = ensured.ensures.iter().map(|own| own.expr);
        let views = self.fault.filter(|_| self.is_view);
        let views = views.map(|(patch, _)| self.model.views_of(patch));
        let shown = views.into_iter().flatten().flat_map(|(_, shown)| shown);
        rules
            .chain(patched.map(|(_, root)| *root))
            .chain(ensured)
            .chain(shown)
            .collect()
    }

    fn step(self, run: &Run, reading: &Reading, words: &Words, step: usize) -> Option<StoryStep> {
        let model = self.model;
        let asked = self.trace.steps.get(step)?;
        let operation = model.operation(asked.operation);
        let (baseline, sends) = sent::sent(model, asked, reading.paths.get(step), words);
        let who = asked.request.get(ACTOR).and_then(Value::as_str);
        Some(StoryStep {
            step: step + 1,
            operation: operation.id.clone(),
            baseline,
            actor: who.map(str::to_owned),
            about: remembered::about(model, asked),
            existing: remembered::existing(model, asked, &reading.attributes, words),
            sends,
            verdict: verdict(run.verdicts.get(step)?)?,
            breaks: self.broken_before(run, step),
            remembers: remembered::remembered(model, run, step, &reading.attributes, words),
            shows: IndexMap::new(),
        })
    }

    /// The rules that a request before the last one breaks.
    fn broken_before(self, run: &Run, step: usize) -> Vec<String> {
        match run.verdicts.get(step) {
            Some(simulate::Verdict::Reject(broken)) if step + 1 < self.trace.steps.len() => {
                let ids = broken.iter().map(|rule| self.model.rule(*rule).id.clone());
                ids.collect()
            }
            _ => Vec::new(),
        }
    }

    /// The rules that decide about the last request of a trace, told.
    fn because(self, run: &Run, trace: &Trace, about: &[RuleRef], words: &Words) -> Vec<Judged> {
        let Some(mut bench) = Bench::new(self.model, run, trace, words) else {
            return Vec::new();
        };
        let about = about.iter().filter(|rule| bench.has_said(**rule));
        let about: Vec<RuleRef> = about.copied().collect();
        let told = about
            .iter()
            .map(|rule| bench.told(*rule, self.model.rule(*rule).expr));
        told.collect()
    }

    /// What the faulty server says to the last request.
    fn faulty(self, about: &[RuleRef], words: &Words) -> Option<FaultyStory> {
        let (patch, how) = self.fault?;
        let faulty = self.run(patch);
        let said = faulty
            .verdicts
            .get(self.trace.steps.len().checked_sub(1)?)?;
        let verdict = verdict(said);
        let mut bench = Bench::new(self.model, &faulty, self.trace, words)?;
        let because = match said {
            simulate::Verdict::Reject(broken) => broken
                .first()
                .map(|rule| bench.told(*rule, self.model.patched(patch, Place::Rule(*rule)))),
            simulate::Verdict::Accept | simulate::Verdict::Replay { .. } => {
                about.first().map(|rule| {
                    let way = self.way(*rule, words);
                    bench.told_held(*rule, self.model.patched(patch, Place::Rule(*rule)), &way)
                })
            }
            _ => None,
        };
        Some(FaultyStory {
            words: how.to_owned(),
            verdict,
            answer: shows::otherwise(
                self.model,
                &self.run(&Patch::default()),
                &faulty,
                self.rule,
                words,
            ),
            because: because.filter(|told| told.put_in.is_some()),
            shows: IndexMap::new(),
        })
    }

    /// The way to what decides about the rule on the right server.
    fn way(self, rule: RuleRef, words: &Words) -> way::Way {
        let right = self.run(&Patch::default());
        let bench = Bench::new(self.model, &right, self.trace, words);
        let way = bench.map(|mut bench| bench.way(rule, self.model.rule(rule).expr));
        way.unwrap_or_default()
    }
}

/// A verdict in a case file's words; none where nothing can be said.
fn verdict(of: &simulate::Verdict) -> Option<Verdict> {
    match of {
        simulate::Verdict::Accept | simulate::Verdict::Replay { .. } => Some(Verdict::Accept),
        simulate::Verdict::Reject(_) => Some(Verdict::Reject),
        simulate::Verdict::Unclear(_)
        | simulate::Verdict::Crash(_)
        | simulate::Verdict::Shared
        | simulate::Verdict::Unsteady => None,
    }
}
