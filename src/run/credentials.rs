//! Credentials: where requests carry them, and how they stay unseen.

use itertools::Itertools;

use super::encoding::escaped;
use super::environment::Environment;
use crate::case::{Operation, Security};

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
}

/// The credentials that a sender has for an operation: every way that the
/// environment has all of.
pub(super) fn secrets(
    operation: &Operation,
    sender: Sender<'_>,
    environment: &Environment,
) -> Vec<Secret> {
    let ways = operation.security.iter();
    let secret = |way: &Security| match sender {
        Sender::Anybody => secret(way, environment),
        Sender::Actor(variable) => held(way, environment.get(variable?)?),
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
    let own = secrets(operation, Sender::Anybody, environment);
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
#[derive(Clone, Default)]
pub(super) struct Mask(Vec<String>);

impl Mask {
    /// Hides the usual credentials and those of actors, whose variables are
    /// given.
    pub(super) fn new<'f>(
        environment: &Environment,
        actors: impl IntoIterator<Item = &'f str>,
    ) -> Self {
        let names = SECRETS.into_iter().chain(actors);
        let plain: Vec<&str> = names.filter_map(|name| environment.get(name)).collect();
        let pairs: Vec<String> = plain.iter().map(|own| base64(own.as_bytes())).collect();
        let plain = plain.into_iter();
        let spelled = plain.flat_map(|secret| {
            let json = serde_json::to_string(secret).unwrap_or_default();
            let inner = json.trim_matches('"').to_owned();
            [secret.to_owned(), escaped(secret), inner]
        });
        let all = spelled.chain(pair(environment)).chain(pairs);
        // The longest first: one may be a part of another.
        let longest_first = |a: &String, b: &String| (b.len(), b).cmp(&(a.len(), a));
        Self(all.sorted_by(longest_first).dedup().collect())
    }

    /// The text without credentials, should a server or a library repeat them.
    pub(super) fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            text = text.replace(secret.as_str(), MASK);
        }
        text
    }
}

/// The alphabet of RFC 4648.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let groups = bytes.chunks(3).flat_map(|group| {
        let bits = (0..3).fold(0_u32, |bits, index| {
            bits << 8 | u32::from(group.get(index).copied().unwrap_or_default())
        });
        let digits = (0..4_usize).map(move |index| {
            let digit = bits >> (18 - 6 * index) & 63;
            let digit = usize::try_from(digit).ok().and_then(|at| DIGITS.get(at));
            digit.copied().map_or('=', char::from)
        });
        let count = group.len() + 1;
        digits
            .enumerate()
            .map(move |(index, digit)| if index < count { digit } else { '=' })
    });
    groups.collect()
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
