//! A request and its answer, until they are over.

use std::sync::Arc;

use hyper::body::Bytes;
use hyper::{HeaderMap, Method, StatusCode};
use jiff::Timestamp;

use super::coding::decoded;
use super::copy::{Copy, Kept};
use super::forward::Shared;
use super::line::line;
use super::tamper::{Answered, Asked};

/// What is known of an exchange that is under way. With the end of this value
/// it is over, and written, however far it came.
pub(super) struct Exchange {
    shared: Arc<Shared>,
    request: Sent,
    answer: Option<Answer>,
    /// What the upstream answered, where the client gets something else.
    original: Option<Answered>,
    problem: Option<String>,
    /// The request in whole, for what may tamper with answers.
    asked: Option<Arc<Asked>>,
    is_injected: bool,
}

/// A request as the upstream sees it.
pub(super) struct Sent {
    pub(super) at: Timestamp,
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: HeaderMap,
    pub(super) copy: Copy,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    copy: Copy,
}

/// An exchange that is over.
pub(super) struct Over<'e> {
    pub(super) at: Timestamp,
    pub(super) request: Message<'e>,
    pub(super) method: &'e Method,
    pub(super) url: &'e str,
    pub(super) answer: Option<(StatusCode, Message<'e>)>,
    /// Why there is no answer, or a part of one.
    pub(super) problem: Option<&'e str>,
    /// Whether the answer was made up.
    pub(super) is_injected: bool,
}

/// What requests and answers have in common.
pub(super) struct Message<'e> {
    pub(super) headers: &'e HeaderMap,
    pub(super) body: Kept,
}

impl Exchange {
    pub(super) fn new(shared: Arc<Shared>, request: Sent) -> Self {
        Self {
            shared,
            request,
            answer: None,
            original: None,
            problem: None,
            asked: None,
            is_injected: false,
        }
    }

    /// Keeps the request in whole.
    pub(super) fn asked(&mut self, asked: Arc<Asked>) {
        self.asked = Some(asked);
    }

    /// The upstream began to answer.
    pub(super) fn answered(&mut self, status: StatusCode, headers: HeaderMap, copy: Copy) {
        self.answer = Some(Answer {
            status,
            headers,
            copy,
        });
    }

    /// Something else answers.
    pub(super) fn injected(&mut self) {
        self.is_injected = true;
    }

    /// The upstream answered this, and the client gets something else.
    pub(super) fn changed(&mut self, original: Answered) {
        self.original = Some(original);
    }

    /// There is no answer, or no more of it.
    pub(super) fn fail(&mut self, problem: String) {
        self.problem = Some(problem);
    }

    fn over(&self) -> Over<'_> {
        let answer = self.answer.as_ref().map(|answer| {
            let message = Message {
                headers: &answer.headers,
                body: answer.copy.kept(),
            };
            (answer.status, message)
        });
        let left = match &answer {
            None => Some("the client went away before there was an answer"),
            Some((_, message)) if !message.body.is_whole => {
                Some("the client went away before the answer was whole")
            }
            Some(_) => None,
        };
        Over {
            at: self.request.at,
            request: Message {
                headers: &self.request.headers,
                body: self.request.copy.kept(),
            },
            method: &self.request.method,
            url: &self.request.url,
            answer,
            problem: self.problem.as_deref().or(left),
            is_injected: self.is_injected,
        }
    }

    /// Tells what may tamper with later answers.
    fn tell(&self, over: &Over<'_>) {
        let (Some(tamper), Some(asked)) = (&self.shared.tamper, &self.asked) else {
            return;
        };
        if let Some(original) = &self.original {
            return tamper.after(asked, original.clone());
        }
        if let Some((status, message)) = &over.answer {
            let limit = self.shared.max_body;
            let decoded = decoded(&message.body, message.headers, limit);
            let body = decoded.as_ref().unwrap_or(&message.body);
            tamper.after(
                asked,
                Answered {
                    status: status.as_u16(),
                    headers: message.headers.clone(),
                    body: Bytes::copy_from_slice(&body.bytes),
                    is_whole: over.problem.is_none() && !body.is_cut,
                    is_made_up: self.is_injected,
                },
            );
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let over = self.over();
        self.tell(&over);
        let line = line(&over, &self.shared.masking, self.shared.max_body);
        self.shared.file.write(&line, over.problem.is_some());
    }
}
