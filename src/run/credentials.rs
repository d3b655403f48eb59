//! Credentials: where requests carry them, and how they stay unseen.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use itertools::Itertools;

use super::encoding::escaped;
use super::environment::Environment;
use crate::case::{Actor, Operation, Security};
use crate::value::Value;

/// The variables of all credentials.
const SECRETS: [&str; 4] = ["API_TOKEN", "API_USER", "API_PASSWORD", "API_KEY"];

/// What stands for a credential in all that people see.
const MASK: &str = "***";

/// Where a request carries a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A header.
    Header(String),
    /// A query parameter.
    Query(String),
    /// A cookie.
    Cookie(String),
}

/// A credential as requests carry it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret {
    pub(super) place: Place,
    pub(super) text: String,
}

/// Who sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender<'f> {
    /// Rules tell nobody apart: whoever the usual variables stand for.
    Anybody,
    /// An actor, with the variable of the environment that holds their
    /// credential, if they have one.
    Actor(Option<&'f str>),
    /// An actor whose credential a setup step saves under this name.
    Saved(&'f str),
}

impl<'f> Sender<'f> {
    /// An actor of a case file.
    pub(super) fn of(actor: &'f Actor) -> Self {
        match &actor.saved_credential {
            Some(name) => Self::Saved(name),
            None => Self::Actor(actor.credential.as_deref()),
        }
    }
}

/// What setup steps saved, by name.
pub(super) type Saved = BTreeMap<String, Value>;

/// A saved value as a text.
pub(super) fn text_of(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The credentials that a sender has for an operation: every way that the
/// environment has all of.
pub(super) fn secrets(
    operation: &Operation,
    sender: Sender<'_>,
    environment: &Environment,
    saved: &Saved,
) -> Vec<Secret> {
    let ways = operation.security.iter();
    let secret = |way: &Security| match sender {
        Sender::Anybody => secret(way, environment),
        Sender::Actor(variable) => held(way, environment.get(variable?)?),
        Sender::Saved(name) => held(way, &text_of(saved.get(name)?)),
    };
    ways.filter_map(secret).collect()
}

fn secret(way: &Security, environment: &Environment) -> Option<Secret> {
    let credential = match way {
        Security::Bearer => environment.get("API_TOKEN")?.to_owned(),
        Security::Basic => {
            let pair = (
                environment.get("API_USER")?,
                environment.get("API_PASSWORD")?,
            );
            format!("{}:{}", pair.0, pair.1)
        }
        Security::ApiKeyHeader { .. }
        | Security::ApiKeyQuery { .. }
        | Security::ApiKeyCookie { .. } => environment.get("API_KEY")?.to_owned(),
    };
    held(way, &credential)
}

/// A credential as the way carries it.
fn held(way: &Security, credential: &str) -> Option<Secret> {
    let authorization = || Place::Header("Authorization".to_owned());
    let (place, text) = match way {
        Security::Bearer => (authorization(), format!("Bearer {credential}")),
        Security::Basic => {
            let pair = base64(credential.as_bytes());
            (authorization(), format!("Basic {pair}"))
        }
        Security::ApiKeyHeader { name } => (Place::Header(name.clone()), credential.to_owned()),
        Security::ApiKeyQuery { name } => (Place::Query(name.clone()), credential.to_owned()),
        Security::ApiKeyCookie { name } => (Place::Cookie(name.clone()), credential.to_owned()),
    };
    Some(Secret { place, text })
}

fn pair(environment: &Environment) -> Option<String> {
    let (user, password) = (
        environment.get("API_USER")?,
        environment.get("API_PASSWORD")?,
    );
    Some(base64(format!("{user}:{password}").as_bytes()))
}

/// Whether an operation asks for credentials and there are none.
pub(super) fn lack(operation: &Operation, environment: &Environment) -> bool {
    let own = secrets(operation, Sender::Anybody, environment, &Saved::new());
    !operation.security.is_empty() && own.is_empty()
}

/// The variables that give an operation its credentials:
/// `API_USER and API_PASSWORD, or API_KEY`.
pub(super) fn ways(operation: &Operation) -> String {
    let ways = operation.security.iter().map(|way| match way {
        Security::Bearer => "API_TOKEN",
        Security::Basic => "API_USER and API_PASSWORD",
        Security::ApiKeyHeader { .. }
        | Security::ApiKeyQuery { .. }
        | Security::ApiKeyCookie { .. } => "API_KEY",
    });
    ways.unique().join(", or ")
}

/// Takes credentials out of what is shown or written.
#[derive(Default)]
pub(super) struct Mask(RwLock<Vec<String>>);

impl Mask {
    /// Hides the usual credentials and those of actors, whose variables are
    /// given.
    pub(super) fn new<'f>(
        environment: &Environment,
        actors: impl IntoIterator<Item = &'f str>,
    ) -> Self {
        let names = SECRETS.into_iter().chain(actors);
        let plain = names.filter_map(|name| environment.get(name));
        let spelled = plain.flat_map(spellings);
        Self(RwLock::new(ordered(spelled.chain(pair(environment)))))
    }

    /// Hides another credential from now on.
    pub(super) fn add(&self, secret: &str) {
        if secret.is_empty() {
            return;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let all = known.drain(..).chain(spellings(secret));
        *known = ordered(all.collect::<Vec<_>>().into_iter());
    }

    /// The text without credentials, should a server or a library repeat them.
    pub(super) fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        for secret in known.iter() {
            text = text.replace(secret.as_str(), MASK);
        }
        text
    }
}

/// A credential as it may be written: as it is, in an address, in JSON, and in
/// a header of its own.
fn spellings(secret: &str) -> [String; 4] {
    let json = serde_json::to_string(secret).unwrap_or_default();
    let inner = json.trim_matches('"').to_owned();
    let pair = base64(secret.as_bytes());
    [secret.to_owned(), escaped(secret), inner, pair]
}

/// The longest first: one may be a part of another.
fn ordered(all: impl Iterator<Item = String>) -> Vec<String> {
    let longest_first = |a: &String, b: &String| (b.len(), b).cmp(&(a.len(), a));
    all.sorted_by(longest_first).dedup().collect()
}

fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_written_in_base64() {
        for (text, written) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("Aladdin:open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            ("ü?>", "w7w/Pg=="),
        ] {
            assert_eq!(base64(text.as_bytes()), written);
        }
    }

    #[test]
    fn no_spelling_of_a_credential_is_shown() {
        let environment = Environment::of(&[
            ("API_USER", "ann"),
            ("API_PASSWORD", "a\"b c"),
            ("API_TOKEN", "ann-long"),
            ("STAFF_TOKEN", "bob"),
        ]);
        let mask = Mask::new(&environment, ["STAFF_TOKEN"]);
        let said = r#"ann-long {"p": "a\"b c"} a"b c a%22b%20c YW5uOmEiYiBj bob"#;
        assert_eq!(mask.hide(said), r#"*** {"p": "***"} *** *** *** ***"#);
    }
}
