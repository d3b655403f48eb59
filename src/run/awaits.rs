//! Waits until what an accepted request started is done.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::answer::{Answer, in_words};
use super::exchange::Exchange;
use super::play::Player;
use super::template::{Known, Template};
use crate::case::{Await, CaseFile};

/// What was waited for didn't come.
pub(super) struct Late {
    pub(super) told: String,
    /// The last request, if any could be sent.
    pub(super) exchange: Option<Box<Exchange>>,
}

impl Player<'_> {
    /// Waits after an accepted request, if its operation says so: the last
    /// request by which it did. `known` holds the request and its answer.
    pub(super) fn awaited(
        &self,
        file: &CaseFile,
        after: &Template<'_>,
        known: Known<'_>,
    ) -> Result<Option<Box<Exchange>>, Late> {
        let Some(wait) = &after.operation.r#await else {
            return Ok(None);
        };
        let id = after.operation.id.as_str();
        let Some(template) = Template::following(file, &wait.request, after.sender) else {
            return Err(Late::unsent(id, "its operation is not in the case file"));
        };
        let filled = template.filled(known, self.environment, &self.fresh);
        let parts = filled.map_err(|lacks| Late::unsent(id, &lacks.to_string()))?;
        let started = Instant::now();
        let longest = Duration::from_millis(wait.timeout_ms);
        // Who waited in vain once doesn't wait as long again.
        let is_given_up = self.is_given_up(id);
        loop {
            self.pace.turn();
            let mut ready = self.ready(&template, &parts, known.saved);
            let given = self.deliver(&mut ready, &mut 0, &|_| false, &|| false);
            let mut exchange = ready.exchange;
            let said = match &given {
                Ok(answer) => {
                    exchange.answered(answer, &self.mask);
                    if answer.fits(&wait.until.statuses, &wait.until.checks) {
                        self.give_up(id, false);
                        return Ok(Some(Box::new(exchange)));
                    }
                    self.mask.hide(&answered(&template.operation.id, answer))
                }
                Err(undelivered) => self.told(undelivered),
            };
            let every = Duration::from_millis(wait.every_ms.max(1));
            let is_over = started.elapsed() + every > longest;
            if is_given_up || is_over || self.interrupt.is_raised() {
                self.give_up(id, true);
                return Err(Late {
                    told: late(id, wait, &said, is_given_up),
                    exchange: Some(Box::new(exchange)),
                });
            }
            let asked = given.ok().and_then(|answer| answer.retry_after);
            let rest = longest.saturating_sub(started.elapsed());
            let wait = asked.unwrap_or(every).max(every).min(rest);
            self.interrupt.sleep(wait);
        }
    }

    fn is_given_up(&self, operation: &str) -> bool {
        let known = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        known.contains(operation)
    }

    fn give_up(&self, operation: &str, is_late: bool) {
        let mut known = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        match is_late {
            true => known.insert(operation.to_owned()),
            false => known.remove(operation),
        };
    }
}

impl Late {
    fn unsent(operation: &str, why: &str) -> Self {
        Self {
            told: format!("what {operation} started can't be awaited: {why}"),
            exchange: None,
        }
    }
}

fn answered(operation: &str, answer: &Answer) -> String {
    format!("{operation} answered {}", answer.status)
}

fn late(operation: &str, wait: &Await, said: &str, is_given_up: bool) -> String {
    let wanted = in_words(&wait.until.statuses, &wait.until.checks);
    let seconds = Duration::from_millis(wait.timeout_ms).as_secs_f64();
    let long = match is_given_up {
        true => "at once, since it was waited for in vain before".to_owned(),
        false => format!("within {seconds} s"),
    };
    format!("what {operation} started wasn't done {long}: {said}, and {wanted} was awaited")
}
