//! Sends one request, and waits where the server is too busy.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::answer::Answer;
use super::attempt::{Attempt, Stop, unaccepted};
use super::credentials::{Saved, Secret, secrets};
use super::exchange::Exchange;
use super::message::Message;
use super::outcome::Kind;
use super::play::Player;
use super::send::NoAnswer;
use super::template::{Known, Template};
use crate::case::Operation;
use crate::value::Value;
use crate::value::location::Location;

/// The longest time that a busy server is waited for at once.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A request that can be sent, and what people see of it.
pub(super) struct Ready<'r> {
    operation: &'r Operation,
    message: Message,
    secrets: Vec<Secret>,
    pub(super) exchange: Exchange,
}

/// Why a request has no answer.
pub(super) enum Undelivered {
    NoAnswer(NoAnswer),
    /// The times that it holds are over.
    Over,
}

impl Player<'_> {
    /// A request with these parts. `saved` has the credentials of actors who
    /// log in.
    pub(super) fn ready<'r>(
        &self,
        template: &Template<'r>,
        parts: &Value,
        saved: &Saved,
    ) -> Ready<'r> {
        let operation = template.operation;
        let message = Message::new(operation, parts);
        Ready {
            exchange: Exchange::new(template, &message, &self.mask),
            secrets: secrets(operation, template.sender, self.environment, saved),
            operation,
            message,
        }
    }

    /// The answer to a request. While `is_busy` says so of the answer, the
    /// server is waited for, unless it `is_over`.
    pub(super) fn deliver(
        &self,
        ready: &mut Ready<'_>,
        waits: &mut u32,
        is_busy: &dyn Fn(&Answer) -> bool,
        is_over: &dyn Fn() -> bool,
    ) -> Result<Answer, Undelivered> {
        let client = self.client_of(ready.operation);
        loop {
            let sent = client.send(&ready.message, &ready.secrets);
            let answer = sent.map_err(Undelivered::NoAnswer)?;
            if !self.waited(&answer, is_busy(&answer), waits) {
                return Ok(answer);
            }
            ready.exchange.retries += 1;
            if is_over() {
                return Err(Undelivered::Over);
            }
        }
    }

    /// Whether the server asked to be left alone for a while, and was.
    fn waited(&self, answer: &Answer, is_busy: bool, waits: &mut u32) -> bool {
        let asked = answer.retry_after.filter(|wait| *wait <= LONGEST_WAIT);
        let is_open = is_busy
            && *waits > 0
            && !self.gave_up.load(Ordering::Relaxed)
            && !self.interrupt.is_raised();
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
    pub(super) fn set_clock(
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
            let told = "nothing says how the clock is set".to_owned();
            return Err(attempt.stop(Kind::Blocked, told));
        };
        let _ = place.write(&mut template.parts, now.clone());
        let known = Known {
            answers: &[],
            ..attempt.known()
        };
        let filled = template.filled(known, self.environment, &self.fresh);
        let parts = filled.map_err(|error| attempt.stop(Kind::Blocked, error.to_string()))?;
        let mut ready = self.ready(&template, &parts, &attempt.saved);
        let is_busy = |answer: &Answer| answer.status == 429;
        let answer = self.deliver(&mut ready, waits, &is_busy, &|| false);
        let mut exchange = ready.exchange;
        let answer = match answer {
            Ok(answer) => answer,
            Err(undelivered) => {
                attempt.exchanges.push(exchange);
                return Err(attempt.undelivered(undelivered, &self.mask));
            }
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
