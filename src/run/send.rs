//! Sends requests.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use thiserror::Error;
use ureq::http::header::{HeaderMap, HeaderName, HeaderValue};
use ureq::http::{Method, Request};
use ureq::{Agent, Timeout};

use super::answer::Answer;
use super::credentials::{Place, Secret};
use super::encoding::escaped;
use super::message::Message;
use super::target::Target;

/// Answers that are longer are none that a test could use.
const LONGEST: u64 = 10_000_000;

/// Why there is no answer; texts may hold what the server or a library says.
#[derive(Debug, Error)]
pub(super) enum NoAnswer {
    #[error("no answer within {} s", .0.as_secs_f64())]
    TooSlow(Duration),
    #[error("the server is out of reach: {0}")]
    Unreachable(String),
    #[error("the server gave no whole answer: {0}")]
    Broken(String),
    #[error("the request can't be sent: {0}")]
    Unsendable(String),
}

/// Sends requests to one API.
#[derive(Debug)]
pub(super) struct Client {
    agent: Agent,
    base: String,
    timeout: Duration,
    sent: AtomicUsize,
}

impl Client {
    /// A client of the API at `target`, which gives up after `timeout`.
    pub(super) fn new(target: &Target, timeout: Duration) -> Self {
        let some = Some(timeout);
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .max_idle_connections(0)
            .timeout_resolve(some)
            .timeout_connect(some)
            .timeout_send_request(some)
            .timeout_send_body(some)
            .timeout_recv_response(some)
            .timeout_recv_body(some);
        if target.is_loopback() {
            // What is sent to this machine stays here.
            config = config.proxy(None);
        }
        Self {
            agent: config.build().new_agent(),
            base: target.base().to_owned(),
            timeout,
            sent: AtomicUsize::new(0),
        }
    }

    /// How many requests were sent.
    pub(super) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// The answer to a request; redirections are answers.
    pub(super) fn send(&self, message: &Message, secrets: &[Secret]) -> Result<Answer, NoAnswer> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let mut url = format!("{}{}", self.base, message.target);
        for secret in secrets {
            if let Place::Query(name) = &secret.place {
                let joint = if url.contains('?') { '&' } else { '?' };
                url += &format!("{joint}{}={}", escaped(name), escaped(&secret.text));
            }
        }
        let unsendable = |error: &dyn std::fmt::Display| NoAnswer::Unsendable(error.to_string());
        let method: Method = message.method.parse().map_err(|error| unsendable(&error))?;
        let needs_body = matches!(method, Method::POST | Method::PUT | Method::PATCH);
        let mut builder = Request::builder().method(method).uri(url);
        if let Some(headers) = builder.headers_mut() {
            *headers = self::headers(message, secrets)?;
        }
        let body = message.body.as_deref().map(str::as_bytes);
        let body = body.or(needs_body.then_some(&[][..]));
        let answer = match body {
            Some(body) => {
                let request = builder.body(body).map_err(|error| unsendable(&error))?;
                self.agent.run(request)
            }
            None => {
                let request = builder.body(()).map_err(|error| unsendable(&error))?;
                self.agent.run(request)
            }
        };
        let mut answer = answer.map_err(|error| self.no_answer(error))?;
        let status = answer.status().as_u16();
        let header = |name: &str| {
            let value = answer.headers().get(name)?.as_bytes();
            Some(String::from_utf8_lossy(value).into_owned())
        };
        let (location, retry_after) = (header("location"), header("retry-after"));
        let location = location.filter(|_| (300..=399).contains(&status));
        let headers = answer.headers().iter().map(|(name, value)| {
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), text)
        });
        let headers = headers.collect();
        let body = answer.body_mut().with_config().limit(LONGEST).read_to_vec();
        let body = body.map_err(|error| self.no_answer(error))?;
        let text = String::from_utf8_lossy(&body).into_owned();
        let answer = Answer::new(status, text, location, retry_after.as_deref());
        Ok(answer.with(headers))
    }

    fn no_answer(&self, error: ureq::Error) -> NoAnswer {
        let said = match &error {
            ureq::Error::Io(error) => error.to_string(),
            other => other.to_string(),
        };
        match error {
            ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
                let waited = self.timeout.as_secs_f64();
                NoAnswer::Unreachable(format!("no connection within {waited} s"))
            }
            ureq::Error::Timeout(_) => NoAnswer::TooSlow(self.timeout),
            ureq::Error::Io(error) => match error.kind() {
                ErrorKind::TimedOut | ErrorKind::WouldBlock => NoAnswer::TooSlow(self.timeout),
                ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
                | ErrorKind::UnexpectedEof => NoAnswer::Broken(said),
                _ => NoAnswer::Unreachable(said),
            },
            ureq::Error::Protocol(_)
            | ureq::Error::BodyExceedsLimit(_)
            | ureq::Error::LargeResponseHeader(..) => NoAnswer::Broken(said),
            ureq::Error::Http(_) | ureq::Error::BadUri(_) => NoAnswer::Unsendable(said),
            _ => NoAnswer::Unreachable(said),
        }
    }
}

/// All headers. What the request says for itself counts before what is usual,
/// credentials before both.
fn headers(message: &Message, secrets: &[Secret]) -> Result<HeaderMap, NoAnswer> {
    let mut headers = HeaderMap::new();
    let usual = [
        ("Accept", "application/json"),
        ("Connection", "close"),
        ("User-Agent", "crossfield"),
    ];
    for (name, text) in usual {
        set(&mut headers, name, text)?;
    }
    for (name, text) in &message.headers {
        set(&mut headers, name, text)?;
    }
    let mut cookies = message.cookies.clone();
    for secret in secrets {
        match &secret.place {
            Place::Header(name) => set(&mut headers, name, &secret.text)?,
            Place::Cookie(name) => cookies.push(format!("{name}={}", secret.text)),
            Place::Query(_) => {}
        }
    }
    if !cookies.is_empty() {
        set(&mut headers, "Cookie", &cookies.join("; "))?;
    }
    Ok(headers)
}

fn set(headers: &mut HeaderMap, name: &str, text: &str) -> Result<(), NoAnswer> {
    let problem = |what: &str| NoAnswer::Unsendable(format!("the header {name} {what}"));
    let key = HeaderName::from_bytes(name.as_bytes());
    let key = key.map_err(|_| problem("has a name that HTTP doesn't allow"))?;
    let value = HeaderValue::from_bytes(text.as_bytes());
    let value = value.map_err(|_| problem("holds what HTTP doesn't allow"))?;
    headers.insert(key, value);
    Ok(())
}
