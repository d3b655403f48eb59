//! Sends the steps of a case or a baseline.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::answer::Answer;
use super::attempt::{Attempt, Stop, unaccepted};
use super::clock;
use super::credentials::{Mask, secrets};
use super::environment::{Environment, variables};
use super::exchange::Exchange;
use super::fresh::Fresh;
use super::judge::Judge;
use super::message::Message;
use super::outcome::{Kind, Outcome};
use super::pace::Pace;
use super::send::Client;
use super::template::{Correlated, Template};
use crate::case::{CaseFile, Step, StepChanges};
use crate::expr::NOW;
use crate::value::Value;
use crate::value::location::Location;

/// How often a busy server is waited for, in one case.
const WAITS: u32 = 3;

/// The longest time that a busy server is waited for at once.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What all cases of a run share.
pub(super) struct Player<'r> {
    pub(super) client: Client,
    pub(super) pace: Pace,
    pub(super) environment: &'r Environment,
    pub(super) fresh: Fresh,
    pub(super) mask: Mask,
    /// Whether the server was still busy after all that waiting: then nobody
    /// waits for it until it answers.
    pub(super) gave_up: AtomicBool,
}

/// Requests that are sent one after the other.
pub(super) struct Sequence<'f> {
    pub(super) file: &'f CaseFile,
    /// The case or the baseline.
    pub(super) id: &'f str,
    /// What it is called where it isn't accepted: `baseline createPayment/card`.
    pub(super) name: String,
    pub(super) steps: &'f [Step],
    pub(super) changes: &'f [StepChanges],
    /// Judges the last request; without it, all must be accepted.
    pub(super) judge: Option<Judge<'f>>,
    /// What others suffer from where this can't be done.
    pub(super) cause: Option<String>,
}

/// A request that can be filled in, and what it is a change of.
struct Prepared<'f> {
    template: Template<'f>,
    base: Option<(Template<'f>, &'f StepChanges)>,
}

impl<'f> Sequence<'f> {
    fn prepared(&self) -> Vec<Prepared<'f>> {
        let steps = self.steps.iter().enumerate();
        let prepared = steps.filter_map(|(index, step)| {
            let mut changes = self.changes.iter();
            let changes = changes.find(|own| own.step == index + 1);
            let base = changes.and_then(|changes| {
                let of = changes.of.as_ref()?;
                let mut baselines = self.file.baselines.iter();
                let baseline = baselines.find(|own| own.id == of.baseline)?;
                let base = baseline.steps.get(of.step.checked_sub(1)?)?;
                Some((Template::of(self.file, base)?, changes))
            });
            let template = Template::of(self.file, step)?;
            Some(Prepared { template, base })
        });
        prepared.collect()
    }
}

impl Player<'_> {
    /// The outcome of a sequence.
    pub(super) fn play(&self, sequence: &Sequence<'_>) -> Outcome {
        let prepared = sequence.prepared();
        let mut waits = WAITS;
        let mut outcome = self.clash(sequence.file, &prepared);
        // It begins again where its times were over.
        while outcome.is_none() {
            outcome = self.attempt(sequence, &prepared, &mut waits);
        }
        let mut outcome = outcome.unwrap_or_else(|| Outcome::new(Kind::Blocked, ""));
        sequence.id.clone_into(&mut outcome.of);
        outcome
    }

    /// Why values of the environment prove nothing in these requests. Rules
    /// only compare them with other texts, and were looked at as if they were
    /// none of those.
    fn clash(&self, file: &CaseFile, prepared: &[Prepared<'_>]) -> Option<Outcome> {
        let texts = prepared.iter().flat_map(|own| own.template.texts());
        let texts: BTreeSet<&str> = texts.collect();
        let mut variables = variables(file).into_iter();
        let clash = |name: &&str| {
            let value = self.environment.get(name);
            value.is_some_and(|value| texts.contains(value))
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

    /// None where it has to begin again.
    fn attempt(
        &self,
        sequence: &Sequence<'_>,
        prepared: &[Prepared<'_>],
        waits: &mut u32,
    ) -> Option<Outcome> {
        let clocks = prepared.iter().map(|own| own.template.zones());
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
            answers: Vec::new(),
            correlated: Correlated::new(),
            exchanges: Vec::new(),
        };
        for (index, step) in prepared.iter().enumerate() {
            if index > 0 {
                self.pace.turn();
            }
            let is_judged = sequence.judge.is_some() && index + 1 == prepared.len();
            let sent = self.step(&mut attempt, step, is_judged, waits);
            match sent {
                Ok(()) => {}
                Err(Stop::Again) => return None,
                Err(Stop::Known(outcome)) => return Some(attempt.ended(*outcome)),
            }
        }
        let outcome = attempt.outcome();
        Some(attempt.ended(outcome))
    }

    fn step(
        &self,
        attempt: &mut Attempt<'_, '_>,
        step: &Prepared<'_>,
        is_judged: bool,
        waits: &mut u32,
    ) -> Result<(), Stop> {
        let template = &step.template;
        let (answers, now) = (&attempt.answers, attempt.now);
        let (fresh, correlated) = (&self.fresh, &mut attempt.correlated);
        let filled = template.filled(answers, now, self.environment, fresh, correlated);
        let parts = match filled {
            Ok(parts) => parts,
            Err(lacking) => return Err(attempt.stop(Kind::Blocked, lacking.to_string())),
        };
        let message = Message::new(template.operation, &parts);
        let mut exchange = Exchange::new(template, &message, &self.mask);
        if let Some((base, changes)) = &step.base {
            exchange.compare(base, changes, &parts, &self.mask);
        }
        if let Some(now) = parts.get(NOW) {
            exchange.clock = Some(Box::new(self.set_clock(attempt, now, waits)?));
            self.pace.turn();
        }
        let secrets = secrets(template.operation, template.sender, self.environment);
        let judge = attempt.sequence.judge.filter(|_| is_judged);
        let is_busy =
            |answer: &Answer| judge.map_or(answer.status == 429, |judge| judge.is_busy(answer));
        let answer = loop {
            match self.client.send(&message, &secrets) {
                Ok(answer) if self.waited(&answer, is_busy(&answer), waits) => {}
                Ok(answer) => break answer,
                Err(error) => {
                    attempt.exchanges.push(exchange);
                    return Err(attempt.unanswered(&error, &self.mask));
                }
            }
            exchange.retries += 1;
            if attempt.is_over() {
                return Err(Stop::Again);
            }
        };
        exchange.answered(&answer, &self.mask);
        attempt.exchanges.push(exchange);
        let accept = &template.operation.accept;
        if !is_judged && !answer.fits(&accept.statuses, &accept.checks) {
            return Err(attempt.refused(&template.operation.id, answer));
        }
        attempt.answers.push(answer);
        Ok(())
    }

    /// Whether the server asked to be left alone for a while, and was.
    fn waited(&self, answer: &Answer, is_busy: bool, waits: &mut u32) -> bool {
        let asked = answer.retry_after.filter(|wait| *wait <= LONGEST_WAIT);
        let is_open = is_busy && *waits > 0 && !self.gave_up.load(Ordering::Relaxed);
        let Some(wait) = asked.filter(|_| is_open) else {
            self.gave_up.store(is_busy, Ordering::Relaxed);
            return false;
        };
        *waits -= 1;
        self.pace.pause(wait);
        self.pace.turn();
        true
    }

    /// Sets the server's clock for a request.
    fn set_clock(
        &self,
        attempt: &mut Attempt<'_, '_>,
        now: &Value,
        waits: &mut u32,
    ) -> Result<Exchange, Stop> {
        let file = attempt.sequence.file;
        let setter = file.clock_setter.as_ref();
        let template = setter.and_then(|own| {
            let template = Template::new(file, &own.operation, &own.request, &[])?;
            Some((template, Location::parse(&own.location)?))
        });
        let Some((mut template, place)) = template else {
            return Err(attempt.stop(
                Kind::Blocked,
                "nothing says how the clock is set".to_owned(),
            ));
        };
        let _ = place.write(&mut template.parts, now.clone());
        let filled = template.filled(
            &[],
            attempt.now,
            self.environment,
            &self.fresh,
            &mut Correlated::new(),
        );
        let parts = filled.map_err(|error| attempt.stop(Kind::Blocked, error.to_string()))?;
        let message = Message::new(template.operation, &parts);
        let mut exchange = Exchange::new(&template, &message, &self.mask);
        let secrets = secrets(template.operation, template.sender, self.environment);
        let answer = loop {
            match self.client.send(&message, &secrets) {
                Ok(answer) if self.waited(&answer, answer.status == 429, waits) => {}
                Ok(answer) => break answer,
                Err(error) => {
                    attempt.exchanges.push(exchange);
                    return Err(attempt.unanswered(&error, &self.mask));
                }
            }
            exchange.retries += 1;
        };
        exchange.answered(&answer, &self.mask);
        let accept = &template.operation.accept;
        if answer.fits(&accept.statuses, &accept.checks) {
            return Ok(exchange);
        }
        attempt.exchanges.push(exchange);
        let (id, status) = (&template.operation.id, answer.status);
        let told = format!("the clock must be set, and the server answered {id} with {status}");
        let mut outcome = unaccepted(status, told);
        // It may be less busy a moment later.
        let cause = format!("clock of {}", file.rule_file);
        outcome.cause = Some(cause).filter(|_| !outcome.transient);
        Err(Stop::Known(Box::new(outcome)))
    }
}
