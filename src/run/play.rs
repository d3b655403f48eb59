//! Sends the steps of a case or a baseline.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use super::answer::Answer;
use super::attempt::{Attempt, Stop};
use super::clean_up::Leftover;
use super::clock;
use super::credentials::{Mask, Saved};
use super::environment::{Environment, variables};
use super::fresh::Fresh;
use super::held::Held;
use super::interrupt::Interrupt;
use super::judge::Judge;
use super::outcome::{Kind, Outcome};
use super::pace::Pace;
use super::send::Client;
use super::setup::Ground;
use super::template::{Correlated, Known, Template};
use crate::case::{CaseFile, ExpectedAnswer, Operation, Shown, Step, StepChanges};
use crate::expr::NOW;
use crate::value::Value;

/// How often a busy server is waited for, in one case.
pub(super) const WAITS: u32 = 3;

/// What all cases of a run share.
pub(super) struct Player<'r> {
    pub(super) client: Client,
    /// Clients of other APIs, by the variables with their addresses.
    pub(super) others: BTreeMap<String, Client>,
    pub(super) pace: Pace,
    pub(super) interrupt: Interrupt,
    pub(super) environment: &'r Environment,
    pub(super) fresh: Fresh,
    pub(super) mask: Mask,
    /// Whether the server was still busy after all that waiting: then nobody
    /// waits for it until it answers.
    pub(super) gave_up: AtomicBool,
    /// Operations after which was waited in vain.
    pub(super) late: Mutex<BTreeSet<String>>,
    /// What wasn't deleted.
    pub(super) leftovers: Mutex<Vec<Leftover>>,
}

/// Requests that are sent one after the other.
pub(super) struct Sequence<'f> {
    pub(super) file: &'f CaseFile,
    /// The case or the baseline.
    pub(super) id: &'f str,
    /// What it is called where it isn't accepted: `baseline createPayment/card`.
    pub(super) name: String,
    pub(super) steps: &'f [Step],
    /// Requests that show the state before the last one.
    pub(super) views: &'f [Step],
    pub(super) changes: &'f [StepChanges],
    /// Judges the last request; without it, all must be accepted.
    pub(super) judge: Option<Judge<'f>>,
    /// What others suffer from where this can't be done.
    pub(super) cause: Option<String>,
}

/// A request that can be filled in, and what it is a change of.
pub(super) struct Prepared<'f> {
    pub(super) template: Template<'f>,
    base: Option<(Template<'f>, &'f StepChanges)>,
    /// What its answer shows.
    pub(super) shows: &'f [Shown],
    /// The answers that fit where it must be refused, though it isn't the last
    /// one.
    refused: &'f [ExpectedAnswer],
}

/// All requests of a sequence.
struct Ready<'f> {
    steps: Vec<Prepared<'f>>,
    views: Vec<Prepared<'f>>,
}

impl<'f> Ready<'f> {
    fn all(&self) -> impl Iterator<Item = &Prepared<'f>> + Clone {
        self.steps.iter().chain(&self.views)
    }

    fn templates(&self) -> impl Iterator<Item = &Template<'f>> + Clone {
        self.all().map(|own| &own.template)
    }
}

impl<'f> Sequence<'f> {
    /// All that is sent, in no order.
    pub(super) fn all_steps(&self) -> Vec<Step> {
        self.steps.iter().chain(self.views).cloned().collect()
    }

    fn prepared(&self) -> Ready<'f> {
        let views = self.views.iter().filter_map(|step| {
            Some(Prepared {
                template: Template::of(self.file, step)?,
                base: None,
                shows: &step.shows,
                refused: &step.refused,
            })
        });
        let steps = self.steps.iter().enumerate();
        let steps = steps.filter_map(|(index, step)| {
            let mut changes = self.changes.iter();
            let changes = changes.find(|own| own.step == index + 1);
            let base = changes.and_then(|changes| {
                let of = changes.of.as_ref()?;
                let mut baselines = self.file.baselines.iter();
                let baseline = baselines.find(|own| own.id == of.baseline)?;
                let base = baseline.steps.get(of.step.checked_sub(1)?)?;
                Some((Template::of(self.file, base)?, changes))
            });
            Some(Prepared {
                template: Template::of(self.file, step)?,
                base,
                shows: &step.shows,
                refused: &step.refused,
            })
        });
        Ready {
            steps: steps.collect(),
            views: views.collect(),
        }
    }
}

impl Player<'_> {
    /// The client of the API that an operation belongs to.
    pub(super) fn client_of(&self, operation: &Operation) -> &Client {
        let other = operation.base_url.as_ref();
        let other = other.and_then(|variable| self.others.get(variable));
        other.unwrap_or(&self.client)
    }

    /// The outcome of a sequence. `saved` is what setup steps saved that are sent
    /// once.
    pub(super) fn play(&self, sequence: &Sequence<'_>, saved: &Saved) -> Outcome {
        let prepared = sequence.prepared();
        let mut waits = WAITS;
        let mut outcome = self.clash(sequence.file, &prepared);
        // It begins again where its times were over.
        while outcome.is_none() {
            outcome = self.attempt(sequence, &prepared, saved.clone(), &mut waits);
        }
        let mut outcome = outcome.unwrap_or_else(|| Outcome::new(Kind::Blocked, ""));
        if outcome.of.is_empty() {
            sequence.id.clone_into(&mut outcome.of);
        }
        outcome
    }

    /// Why values of the environment prove nothing in these requests. Rules
    /// only compare them with other texts, and were looked at as if they were
    /// none of those.
    fn clash(&self, file: &CaseFile, prepared: &Ready<'_>) -> Option<Outcome> {
        let held = Held::by(prepared.templates());
        let mut variables = variables(file).into_iter();
        let clash = |name: &&str| {
            let value = self.environment.get(name);
            value.is_some_and(|value| held.has(name, value))
        };
        let name = variables.find(clash)?;
        let value = self.environment.get(name).unwrap_or_default();
        let value = self.mask.hide(value);
        let told =
            format!("{name} is '{value}', which the requests of the case hold for something else");
        let mut outcome = Outcome::new(Kind::Blocked, told);
        outcome.cause = Some(format!("the value of {name}"));
        Some(outcome)
    }

    /// Why a value that a setup step saved proves nothing in these requests:
    /// they hold it for something else.
    fn saved_clash(&self, prepared: &Ready<'_>, saved: &Saved) -> Option<Outcome> {
        let held = Held::by(prepared.templates());
        let written = |value: &Value| match value {
            Value::String(text) => text.to_string(),
            other => other.to_string(),
        };
        let mut saved = saved.iter();
        let (name, value) = saved.find(|(name, value)| held.has(name, &written(value)))?;
        let value = self.mask.hide(&written(value));
        let told = format!(
            "{name} was saved as '{value}', which the requests of the case hold for something else"
        );
        Some(Outcome::new(Kind::Blocked, told))
    }

    /// None where it has to begin again.
    fn attempt<'f>(
        &self,
        sequence: &Sequence<'f>,
        prepared: &Ready<'f>,
        saved: Saved,
        waits: &mut u32,
    ) -> Option<Outcome> {
        let clocks = prepared.all().map(|own| own.template.zones());
        let mut zones = BTreeSet::new();
        let mut counted = false;
        for (more, counts) in clocks {
            zones.extend(more);
            counted |= counts;
        }
        // The moment of the test begins when its first request may go.
        self.pace.turn();
        let mut attempt = Attempt {
            sequence,
            now: clock::current(&zones, sequence.file.clock_tolerance),
            started: Instant::now(),
            counted,
            saved,
            made: Vec::new(),
            answers: Vec::new(),
            correlated: Correlated::new(),
            exchanges: Vec::new(),
        };
        let stopped = self.sent(&mut attempt, prepared, waits);
        self.clean_up(std::mem::take(&mut attempt.made));
        match stopped {
            Ok(outcome) => Some(attempt.ended(outcome)),
            Err(Stop::Known(outcome)) => Some(attempt.ended(*outcome)),
            Err(Stop::Again) => None,
        }
    }

    /// Sends all requests of an attempt, those of its setup first.
    fn sent<'f>(
        &self,
        attempt: &mut Attempt<'_, 'f>,
        prepared: &Ready<'f>,
        waits: &mut u32,
    ) -> Result<Outcome, Stop> {
        let sequence = attempt.sequence;
        let mut ground = Ground {
            saved: std::mem::take(&mut attempt.saved),
            ..Ground::default()
        };
        let (file, steps) = (sequence.file, sequence.all_steps());
        let set_up = self.set_up_case(file, &steps, attempt.now, &mut ground, waits);
        attempt.saved = ground.saved;
        attempt.made = ground.made;
        set_up.map_err(Stop::Known)?;
        if let Some(outcome) = self.saved_clash(prepared, &attempt.saved) {
            return Err(Stop::Known(Box::new(outcome)));
        }
        for (index, step) in prepared.steps.iter().enumerate() {
            if self.interrupt.is_raised() {
                return Err(Stop::Known(Box::new(Outcome::interrupted())));
            }
            if index > 0 {
                self.pace.turn();
            }
            let is_last = index + 1 == prepared.steps.len();
            for view in prepared.views.iter().filter(|_| is_last) {
                self.look(attempt, view, waits)?;
                self.pace.turn();
            }
            let is_judged = sequence.judge.is_some() && is_last;
            let parts = self.step(attempt, step, is_judged, waits)?;
            if let Some(first) = attempt.exchanges.first_mut().filter(|_| index == 0) {
                first.setup = std::mem::take(&mut ground.exchanges);
            }
            if !is_last {
                self.show(attempt, step)?;
            }
            // What is waited for after the last request changes no times.
            let outcome = is_last.then(|| self.outcome(attempt, step));
            let is_refused = sequence.judge.is_some_and(|own| own.rejects()) && is_last;
            match outcome {
                Some(outcome) if outcome.kind != Kind::Passed || is_refused => return Ok(outcome),
                None if !step.refused.is_empty() => {}
                _ => self.wait(attempt, &step.template, &parts)?,
            }
            if let Some(outcome) = outcome {
                return Ok(outcome);
            }
        }
        Ok(attempt.outcome())
    }

    /// Sends a request, and gives what it held.
    pub(super) fn step<'f>(
        &self,
        attempt: &mut Attempt<'_, 'f>,
        step: &Prepared<'f>,
        is_judged: bool,
        waits: &mut u32,
    ) -> Result<Value, Stop> {
        let template = &step.template;
        let mut correlated = std::mem::take(&mut attempt.correlated);
        let fresh = &self.fresh;
        let filled =
            template.filled_with(attempt.known(), self.environment, fresh, &mut correlated);
        attempt.correlated = correlated;
        let parts = match filled {
            Ok(parts) => parts,
            Err(lacking) => return Err(attempt.stop(Kind::Blocked, lacking.to_string())),
        };
        let mut ready = self.ready(template, &parts, &attempt.saved);
        if let Some((base, changes)) = &step.base {
            ready.exchange.compare(base, changes, &parts, &self.mask);
        }
        if let Some(now) = parts.get(NOW) {
            ready.exchange.clock = Some(Box::new(self.set_clock(attempt, now, waits)?));
            self.pace.turn();
        }
        let judge = attempt.sequence.judge.filter(|_| is_judged);
        let is_busy =
            |answer: &Answer| judge.map_or(answer.status == 429, |judge| judge.is_busy(answer));
        let given = self.deliver(&mut ready, waits, &is_busy, &|| attempt.is_over());
        let mut exchange = ready.exchange;
        let answer = match given {
            Ok(answer) => answer,
            Err(undelivered) => {
                attempt.exchanges.push(exchange);
                return Err(attempt.undelivered(undelivered, &self.mask));
            }
        };
        exchange.answered(&answer, &self.mask);
        attempt.exchanges.push(exchange);
        let accept = &template.operation.accept;
        let is_accepted = answer.fits(&accept.statuses, &accept.checks);
        let mut refusals = step.refused.iter();
        if !is_judged && !step.refused.is_empty() {
            if !refusals.any(|own| answer.fits(&own.statuses, &own.checks)) {
                return Err(attempt.not_refused(&template.operation.id, step.refused, &answer));
            }
        } else if !is_judged && !is_accepted {
            return Err(attempt.refused(&template.operation.id, answer));
        }
        if is_accepted {
            let (file, saved) = (attempt.sequence.file, &attempt.saved);
            let made = self.made(file, template, &parts, &answer, saved, attempt.now);
            attempt.made.extend(made);
        }
        attempt.answers.push(answer);
        Ok(parts)
    }

    /// Waits until what a request started is done, if its operation says so.
    fn wait(
        &self,
        attempt: &mut Attempt<'_, '_>,
        after: &Template<'_>,
        parts: &Value,
    ) -> Result<(), Stop> {
        let file = attempt.sequence.file;
        let known = Known {
            answers: attempt.answers.last().map_or(&[], std::slice::from_ref),
            sent: Some(parts),
            ..attempt.known()
        };
        let (exchange, told) = match self.awaited(file, after, known) {
            Ok(exchange) => (exchange, None),
            Err(late) => (late.exchange, Some(late.told)),
        };
        if let Some(last) = attempt.exchanges.last_mut() {
            last.awaited = exchange;
        }
        match told {
            None => Ok(()),
            Some(_) if self.interrupt.is_raised() => {
                Err(Stop::Known(Box::new(Outcome::interrupted())))
            }
            Some(told) => Err(attempt.late(&after.operation.id, told)),
        }
    }
}
