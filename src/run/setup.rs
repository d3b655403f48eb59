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
use crate::value::Value;

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
        let sending = Sending {
            player: self,
            file,
            step,
            now,
        };
        sending.send(ground, waits)
    }
}

/// A setup step that is being sent.
struct Sending<'p, 'f> {
    player: &'p Player<'p>,
    file: &'f CaseFile,
    step: &'f SetupStep,
    now: i128,
}

impl<'f> Sending<'_, 'f> {
    fn send(&self, ground: &mut Ground<'f>, waits: &mut u32) -> Result<(), Box<Outcome>> {
        let player = self.player;
        let Some(template) = Template::of(self.file, &self.step.request) else {
            return Err(self.failed("its operation is not in the case file", None));
        };
        let known = self.known(&ground.saved);
        let filled = template.filled(known, player.environment, &player.fresh);
        let parts = filled.map_err(|lacks| self.failed(&lacks.to_string(), None))?;
        let (answer, mut exchange) = self.answer(&template, &parts, ground, waits)?;
        let made = player.made(
            self.file,
            &template,
            &parts,
            &answer,
            &ground.saved,
            self.now,
        );
        ground.made.extend(made);
        if let Err(told) = self.save(&answer, ground) {
            return Err(self.failed(&told, Some(exchange)));
        }
        let known = Known {
            answers: std::slice::from_ref(&answer),
            sent: Some(&parts),
            ..self.known(&ground.saved)
        };
        match player.awaited(self.file, &template, known) {
            Ok(awaited) => exchange.awaited = awaited,
            Err(late) => {
                exchange.awaited = late.exchange;
                return Err(self.failed(&late.told, Some(exchange)));
            }
        }
        ground.exchanges.push(exchange);
        Ok(())
    }

    fn known<'k>(&self, saved: &'k Saved) -> Known<'k> {
        Known {
            answers: &[],
            sent: None,
            saved,
            now: self.now,
        }
    }

    /// The answer, which accepts the request.
    fn answer(
        &self,
        template: &Template<'f>,
        parts: &Value,
        ground: &Ground<'f>,
        waits: &mut u32,
    ) -> Result<(Answer, Exchange), Box<Outcome>> {
        let player = self.player;
        let mut ready = player.ready(template, parts, &ground.saved);
        let is_busy = |answer: &Answer| answer.status == 429;
        let given = player.deliver(&mut ready, waits, &is_busy, &|| false);
        let mut exchange = ready.exchange;
        exchange.setup_step = Some(self.step.name.clone());
        let answer = given.map_err(|why| self.unanswered(&why, exchange.clone()))?;
        self.hide(&answer);
        exchange.answered(&answer, &player.mask);
        let accept = &template.operation.accept;
        if answer.fits(&accept.statuses, &accept.checks) {
            return Ok((answer, exchange));
        }
        let (id, status) = (&template.operation.id, answer.status);
        let told = format!("it must be accepted, and the server answered {id} with {status}");
        let mut outcome = self.failed(&told, Some(exchange));
        let Outcome {
            kind, transient, ..
        } = unaccepted(status, String::new());
        outcome.kind = kind;
        outcome.transient = transient;
        Err(outcome)
    }

    /// Sees to it that credentials are shown nowhere.
    fn hide(&self, answer: &Answer) {
        let secrets = secret_names(self.file);
        for (name, place) in &self.step.save {
            let value = answer.value(place);
            if let Some(value) = value.filter(|_| secrets.contains(name.as_str())) {
                self.player.mask.add(&text_of(&value));
            }
        }
    }

    fn save(&self, answer: &Answer, ground: &mut Ground<'f>) -> Result<(), String> {
        for (name, place) in &self.step.save {
            let Some(value) = answer.value(place) else {
                let place = shown(place);
                return Err(format!("the answer has no {place} to save as {name}"));
            };
            ground.saved.insert(name.clone(), value);
        }
        Ok(())
    }

    fn failed(&self, told: &str, exchange: Option<Exchange>) -> Box<Outcome> {
        let name = &self.step.name;
        let mut outcome = Outcome::new(Kind::Blocked, format!("setup step {name}: {told}"));
        outcome.cause = Some(format!("setup step {name} of {}", self.file.rule_file));
        outcome.exchanges.extend(exchange);
        outcome.of = format!("setup step {name}");
        Box::new(outcome)
    }

    fn unanswered(&self, why: &Undelivered, exchange: Exchange) -> Box<Outcome> {
        let told = self.player.told(why);
        let mut outcome = self.failed(&told, Some(exchange));
        match why {
            Undelivered::NoAnswer(NoAnswer::TooSlow(_)) => {
                outcome.kind = Kind::Inconclusive;
                outcome.transient = true;
            }
            Undelivered::NoAnswer(NoAnswer::Unreachable(_)) => {
                outcome.message = told;
                outcome.cause = Some(UNREACHABLE.to_owned());
            }
            _ => {}
        }
        outcome
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
