//! Setup steps: requests that are sent before those of cases.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::answer::Answer;
use super::attempt::{UNREACHABLE, unaccepted};
use super::clean_up::Made;
use super::clock;
use super::credentials::{Saved, text_of};
use super::deliver::Undelivered;
use super::environment::secret_names;
use super::exchange::Exchange;
use super::outcome::{Kind, Outcome};
use super::play::{Player, WAITS};
use super::send::NoAnswer;
use super::template::{Known, Template, shown_path};
use crate::case::{AnswerPlace, CaseFile, SetupStep, Step};

/// The setup of a file during a run: what is sent once.
pub(super) struct Setup<'f> {
    file: &'f CaseFile,
    once: Mutex<Once<'f>>,
}

#[derive(Default)]
struct Once<'f> {
    /// What became of the steps that were sent, by name: why they failed.
    known: BTreeMap<&'f str, Option<Outcome>>,
    saved: Saved,
    made: Vec<Made<'f>>,
}

/// What setup steps left behind.
#[derive(Default)]
pub(super) struct Ground<'f> {
    pub(super) saved: Saved,
    pub(super) made: Vec<Made<'f>>,
    pub(super) exchanges: Vec<Exchange>,
}

impl<'f> Setup<'f> {
    pub(super) fn new(file: &'f CaseFile) -> Self {
        Self {
            file,
            once: Mutex::default(),
        }
    }

    /// What the steps that are sent once saved for a sequence. Whoever needs a
    /// step first sends it, while others wait.
    pub(super) fn once(&self, player: &Player<'_>, steps: &[Step]) -> Result<Saved, Box<Outcome>> {
        let needed = self.file.setup_of(steps).into_iter();
        let needed: Vec<&SetupStep> = needed.filter(|own| !own.each_case).collect();
        let mut once = self.once.lock().unwrap_or_else(PoisonError::into_inner);
        for step in needed {
            if !once.known.contains_key(step.name.as_str()) {
                self.learn(player, step, &mut once);
            }
            if let Some(Some(outcome)) = once.known.get(step.name.as_str()) {
                let outcome = outcome.clone();
                if outcome.transient {
                    // The next one looks again.
                    once.known.remove(step.name.as_str());
                }
                return Err(Box::new(outcome));
            }
        }
        Ok(once.saved.clone())
    }

    fn learn(&self, player: &Player<'_>, step: &'f SetupStep, once: &mut Once<'f>) {
        let mut ground = Ground {
            saved: std::mem::take(&mut once.saved),
            ..Ground::default()
        };
        player.pace.turn();
        let now = clock::current(&[].into(), None);
        let mut waits = WAITS;
        let outcome = player.set_up(self.file, step, now, &mut ground, &mut waits);
        once.saved = ground.saved;
        once.made.extend(ground.made);
        once.known.insert(&step.name, outcome.err().map(|own| *own));
    }

    /// Deletes what the steps that are sent once made.
    pub(super) fn end(&self, player: &Player<'_>) {
        let mut once = self.once.lock().unwrap_or_else(PoisonError::into_inner);
        let made = std::mem::take(&mut once.made);
        drop(once);
        player.clean_up(made);
    }
}

impl Player<'_> {
    /// Sends the steps that a sequence needs for itself alone, on top of what
    /// is there.
    pub(super) fn set_up_case<'f>(
        &self,
        file: &'f CaseFile,
        steps: &[Step],
        now: i128,
        ground: &mut Ground<'f>,
        waits: &mut u32,
    ) -> Result<(), Box<Outcome>> {
        let needed = file.setup_of(steps).into_iter();
        for step in needed.filter(|own| own.each_case) {
            self.set_up(file, step, now, ground, waits)?;
            self.pace.turn();
        }
        Ok(())
    }

    /// Sends a setup step, and takes in what it saves and makes. The outcome
    /// is that of all cases that need it.
    fn set_up<'f>(
        &self,
        file: &'f CaseFile,
        step: &'f SetupStep,
        now: i128,
        ground: &mut Ground<'f>,
        waits: &mut u32,
    ) -> Result<(), Box<Outcome>> {
        let cause = format!("setup step {} of {}", step.name, file.rule_file);
        let failed = |kind: Kind, told: String| {
            let mut outcome = Outcome::new(kind, format!("setup step {}: {told}", step.name));
            outcome.cause = Some(cause.clone());
            outcome
        };
        let Some(template) = Template::of(file, &step.request) else {
            let told = "its operation is not in the case file".to_owned();
            return Err(Box::new(failed(Kind::Blocked, told)));
        };
        let known = Known {
            answers: &[],
            sent: None,
            saved: &ground.saved,
            now,
        };
        let filled = template.filled(known, self.environment, &self.fresh);
        let parts = filled.map_err(|lacks| Box::new(failed(Kind::Blocked, lacks.to_string())))?;
        let mut ready = self.ready(&template, &parts, &ground.saved);
        let is_busy = |answer: &Answer| answer.status == 429;
        let given = self.deliver(&mut ready, waits, &is_busy, &|| false);
        let mut exchange = ready.exchange;
        exchange.setup_step = Some(step.name.clone());
        let stopped = |mut outcome: Outcome, exchange: Exchange| {
            outcome.exchanges = vec![exchange];
            outcome.of = format!("setup step {}", step.name);
            Box::new(outcome)
        };
        let answer = match given {
            Ok(answer) => answer,
            Err(undelivered) => {
                let mut outcome = failed(Kind::Blocked, self.told(&undelivered));
                if let Undelivered::NoAnswer(error) = &undelivered {
                    match error {
                        NoAnswer::TooSlow(_) => outcome.kind = Kind::Inconclusive,
                        NoAnswer::Unreachable(_) => {
                            outcome.message = self.told(&undelivered);
                            outcome.cause = Some(UNREACHABLE.to_owned());
                        }
                        _ => {}
                    }
                }
                return Err(stopped(outcome, exchange));
            }
        };
        let found: Vec<_> = step
            .save
            .iter()
            .map(|(name, place)| (name, place, answer.value(place)))
            .collect();
        let secrets = secret_names(file);
        for (name, _, value) in &found {
            if let Some(value) = value.as_ref().filter(|_| secrets.contains(name.as_str())) {
                self.mask.add(&text_of(value));
            }
        }
        exchange.answered(&answer, &self.mask);
        let accept = &template.operation.accept;
        if !answer.fits(&accept.statuses, &accept.checks) {
            let (id, status) = (&template.operation.id, answer.status);
            let told = format!(
                "setup step {} must be accepted, and the server answered {id} with {status}",
                step.name
            );
            let mut outcome = unaccepted(status, told);
            outcome.cause = Some(cause.clone());
            return Err(stopped(outcome, exchange));
        }
        let made = self.made(file, &template, &parts, &answer, &ground.saved, now);
        ground.made.extend(made);
        for (name, place, value) in found {
            let Some(value) = value else {
                let told = format!("the answer has no {} to save as {name}", shown(place));
                return Err(stopped(failed(Kind::Blocked, told), exchange));
            };
            ground.saved.insert(name.clone(), value);
        }
        let known = Known {
            answers: std::slice::from_ref(&answer),
            sent: Some(&parts),
            saved: &ground.saved,
            now,
        };
        match self.awaited(file, &template, known) {
            Ok(awaited) => exchange.awaited = awaited.map(Box::new),
            Err(late) => {
                exchange.awaited = late.exchange.map(Box::new);
                return Err(stopped(failed(Kind::Blocked, late.told), exchange));
            }
        }
        ground.exchanges.push(exchange);
        Ok(())
    }
}

/// A place of an answer in words.
fn shown(place: &AnswerPlace) -> String {
    match place {
        AnswerPlace::Body { path } if path.is_empty() => "body".to_owned(),
        AnswerPlace::Body { path } => shown_path(path),
        AnswerPlace::Header { name } => format!("header {name}"),
        AnswerPlace::Cookie { name } => format!("cookie {name}"),
    }
}
