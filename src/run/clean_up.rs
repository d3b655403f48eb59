//! Deletes what requests made, once their case is over.

use std::sync::PoisonError;

use serde::Serialize;

use super::answer::Answer;
use super::credentials::Saved;
use super::deliver::Undelivered;
use super::play::{Player, WAITS};
use super::template::{Known, Template};
use crate::case::CaseFile;
use crate::value::Value;

/// Answers that say that something is gone already.
const GONE: [u16; 2] = [404, 410];

/// Something that a request made, and the request that deletes it.
pub(super) struct Made<'f> {
    resource: &'f str,
    template: Template<'f>,
    parts: Value,
    saved: Saved,
}

/// Something that wasn't deleted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Leftover {
    /// What it is, as the rule file names it: `payment`.
    pub resource: String,
    /// The request that should have deleted it: `DELETE /payments/pay_1`.
    pub request: String,
    /// Why it didn't.
    pub message: String,
}

impl Player<'_> {
    /// What an accepted request made, if that is to be deleted.
    pub(super) fn made<'f>(
        &self,
        file: &'f CaseFile,
        by: &Template<'f>,
        sent: &Value,
        answer: &Answer,
        saved: &Saved,
        now: i128,
    ) -> Option<Made<'f>> {
        let own = by.operation.clean_up.as_ref()?;
        let template = Template::following(file, &own.request, by.sender)?;
        let known = Known {
            answers: std::slice::from_ref(answer),
            sent: Some(sent),
            saved,
            now,
        };
        match template.filled(known, self.environment, &self.fresh) {
            Ok(parts) => Some(Made {
                resource: &own.resource,
                template,
                parts,
                saved: saved.clone(),
            }),
            Err(lacks) => {
                let request = format!("{} {}", template.operation.method, template.operation.path);
                self.left(&own.resource, request, lacks.to_string());
                None
            }
        }
    }

    /// Deletes what was made, the last first. What goes wrong is reported, and
    /// fails nothing.
    pub(super) fn clean_up(&self, made: Vec<Made<'_>>) {
        for own in made.into_iter().rev() {
            self.pace.turn();
            let mut ready = self.ready(&own.template, &own.parts, &own.saved);
            let mut waits = WAITS;
            let is_busy = |answer: &Answer| answer.status == 429;
            let given = self.deliver(&mut ready, &mut waits, &is_busy, &|| false);
            let operation = own.template.operation;
            let message = match given {
                Ok(answer) if GONE.contains(&answer.status) => continue,
                Ok(answer) if answer.fits(&operation.accept.statuses, &operation.accept.checks) => {
                    continue;
                }
                Ok(answer) => format!(
                    "the server answered {} with {}",
                    operation.id, answer.status
                ),
                Err(undelivered) => self.told(&undelivered),
            };
            let request = format!("{} {}", ready.exchange.method, ready.exchange.target);
            self.left(own.resource, request, message);
        }
    }

    fn left(&self, resource: &str, request: String, message: String) {
        let mut all = self
            .leftovers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        all.push(Leftover {
            resource: resource.to_owned(),
            request,
            message,
        });
    }

    /// Why there is no answer, without credentials.
    pub(super) fn told(&self, undelivered: &Undelivered) -> String {
        match undelivered {
            Undelivered::NoAnswer(error) => self.mask.hide(&error.to_string()),
            Undelivered::Over => "its times were over".to_owned(),
        }
    }
}
