//! What stands in recordings in place of secrets.
//!
//! Equal secrets of a recording have equal masks, so that who asks can be told
//! apart; the salt of the digests is written nowhere.

mod form;
mod json;
mod names;

pub use names::is_secret;

pub(super) use json::keys;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

/// Begins every mask; some digits follow.
const MASK: &str = "***";
/// How many bytes of a digest are shown.
const SHOWN: usize = 4;
/// Shorter credentials may be words that stand elsewhere by chance.
const TELLING: usize = 8;
/// How many credentials are looked for elsewhere: the latest.
const LOOKED_FOR: usize = 100;
/// What stands in front of a credential and is no secret.
const SCHEMES: [&str; 6] = ["Bearer ", "Basic ", "Token ", "Digest ", "ApiKey ", "DPoP "];

/// Hides secrets.
#[derive(Clone)]
pub struct Masking(Option<Arc<Secrets>>);

struct Secrets {
    salt: [u8; 32],
    /// Names that are secret beside those that look so.
    names: BTreeSet<String>,
    /// Variables of the environment that hold credentials, by their values.
    variables: BTreeMap<String, String>,
    /// Credentials that headers held.
    seen: Mutex<Vec<String>>,
}

impl Masking {
    /// Hides what usually is secret, and what has one of these names. A
    /// secret that one of these variables holds is named by it, if the variable
    /// says that it is one.
    pub fn new<'n>(
        names: impl IntoIterator<Item = &'n str>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let names = names.into_iter().map(names::plain).collect();
        let variables = variables.into_iter();
        let variables =
            variables.filter(|(name, value)| names::is_secret(name) && !value.is_empty());
        Self(Some(Arc::new(Secrets {
            salt: salt(),
            names,
            variables: variables.map(|(name, value)| (value, name)).collect(),
            seen: Mutex::default(),
        })))
    }

    /// Hides nothing.
    pub fn none() -> Self {
        Self(None)
    }

    /// The value of a header.
    pub(super) fn header(&self, name: &str, value: &str) -> String {
        let Some(secrets) = &self.0 else {
            return value.to_owned();
        };
        match name {
            "cookie" => each(value, ';', |pair| secrets.pair(pair)),
            "set-cookie" => match value.split_once(';') {
                Some((pair, rest)) => format!("{};{rest}", secrets.pair(pair)),
                None => secrets.pair(value),
            },
            "location" | "content-location" | "referer" => secrets.url(value),
            _ if secrets.is_secret_header(name) => {
                secrets.remember(credential(value).1);
                secrets.masked(value)
            }
            _ => value.to_owned(),
        }
    }

    /// An address, whose query may hold secrets.
    pub(super) fn url(&self, url: &str) -> String {
        self.with(url, |secrets| secrets.url(url))
    }

    /// A body that is a text.
    pub(super) fn body(&self, text: &str, content_type: &str) -> String {
        self.with(text, |secrets| {
            let content_type = content_type.to_ascii_lowercase();
            if content_type.starts_with("multipart/") {
                return form::parts(secrets, text);
            }
            let is_form = content_type.starts_with("application/x-www-form-urlencoded");
            if is_form && !text.trim_start().starts_with(['{', '[']) {
                return form::pairs(secrets, text);
            }
            json::members(secrets, text)
        })
    }

    /// Masks what repeats a credential of a header, wherever it stands.
    pub(super) fn scrub(&self, entry: &mut Map<String, Json>) {
        if let Some(secrets) = &self.0 {
            let seen = secrets.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let seen: Vec<(String, String)> = seen
                .iter()
                .map(|own| (own.clone(), secrets.masked(own)))
                .collect();
            entry.values_mut().for_each(|value| scrub(value, &seen));
        }
    }

    fn with(&self, text: &str, mask: impl FnOnce(&Secrets) -> String) -> String {
        let masked = self.0.as_deref().map(mask);
        masked.unwrap_or_else(|| text.to_owned())
    }
}

impl Secrets {
    fn is_secret(&self, name: &str) -> bool {
        names::is_secret(name) || self.names.contains(&names::plain(name))
    }

    fn is_secret_header(&self, name: &str) -> bool {
        names::is_secret_header(name) || self.names.contains(&names::plain(name))
    }

    fn remember(&self, credential: &str) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if credential.len() >= TELLING && !seen.iter().any(|own| own == credential) {
            seen.push(credential.to_owned());
            let surplus = seen.len().saturating_sub(LOOKED_FOR);
            seen.drain(..surplus);
        }
    }

    /// What stands for a secret.
    fn masked(&self, secret: &str) -> String {
        let (scheme, credential) = credential(secret);
        if credential.is_empty() {
            return secret.to_owned();
        }
        if let Some(variable) = self.variable(scheme, credential) {
            return format!("{scheme}{MASK}${variable}");
        }
        let digest = Sha256::new()
            .chain_update(self.salt)
            .chain_update(credential)
            .finalize();
        let digits = digest.iter().take(SHOWN);
        let digits: String = digits.map(|byte| format!("{byte:02x}")).collect();
        format!("{scheme}{MASK}{digits}")
    }

    /// The variable that holds a credential; of pairs it holds `user:password`.
    fn variable(&self, scheme: &str, credential: &str) -> Option<&str> {
        if !scheme.eq_ignore_ascii_case("basic ") {
            return self.variables.get(credential).map(String::as_str);
        }
        let pair = STANDARD.decode(credential).ok()?;
        let pair = String::from_utf8(pair).ok()?;
        self.variables.get(&pair).map(String::as_str)
    }

    /// `name=secret`
    fn pair(&self, pair: &str) -> String {
        match pair.split_once('=') {
            Some((name, value)) => {
                let value = value.trim().trim_matches('"');
                format!("{name}={}", self.masked(value))
            }
            None => self.masked(pair),
        }
    }

    fn url(&self, url: &str) -> String {
        let Some((start, rest)) = url.split_once('?') else {
            return url.to_owned();
        };
        let end = rest.find('#').unwrap_or(rest.len());
        let (query, fragment) = rest.split_at(end);
        let fragment = match fragment.strip_prefix('#') {
            Some(inner) if inner.contains('=') => format!("#{}", form::pairs(self, inner)),
            _ => fragment.to_owned(),
        };
        format!("{start}?{}{fragment}", form::pairs(self, query))
    }
}

/// What may stand in front of a credential, and the credential.
fn credential(secret: &str) -> (&str, &str) {
    let is_scheme = |scheme: &&str| {
        let start = secret.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    let scheme = SCHEMES.iter().copied().find(is_scheme);
    secret.split_at(scheme.map_or(0, str::len))
}

fn scrub(value: &mut Json, seen: &[(String, String)]) {
    match value {
        Json::String(text) => {
            for (secret, mask) in seen {
                if text.contains(secret.as_str()) {
                    *text = text.replace(secret.as_str(), mask);
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| scrub(item, seen)),
        Json::Object(members) => members.values_mut().for_each(|own| scrub(own, seen)),
        _ => {}
    }
}

fn each(text: &str, separator: char, work: impl Fn(&str) -> String) -> String {
    let parts: Vec<String> = text.split(separator).map(work).collect();
    parts.join(&separator.to_string())
}

/// Nobody can guess it: the system's random numbers begin every `RandomState`.
fn salt() -> [u8; 32] {
    let words = (0..4_u64).map(|word| RandomState::new().hash_one(word));
    let words: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
    Sha256::digest(words).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_secrets_have_equal_masks() {
        let variables = [
            ("ANN_TOKEN", "of-ann"),
            ("BOB_PASSWORD", "bob:beeblebrox"),
            ("USER", "abc"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let masking = Masking::new(["X-Trace", "pin code"], variables);
        let one = masking.header("authorization", "Bearer abc");
        let digits = one.strip_prefix("Bearer ***").unwrap();
        assert_eq!(digits.len(), 8);
        assert_eq!(
            masking.header("authorization", "bearer abc"),
            format!("bearer ***{digits}")
        );
        assert_ne!(masking.header("authorization", "Bearer abd"), one);
        assert_ne!(
            Masking::new([], []).header("authorization", "Bearer abc"),
            one
        );
        for (name, value, masked) in [
            ("cookie", "a=abc; b=abc", "a=***#; b=***#"),
            (
                "set-cookie",
                "a=abc; Path=/; HttpOnly",
                "a=***#; Path=/; HttpOnly",
            ),
            ("set-cookie", "a=; Max-Age=0", "a=; Max-Age=0"),
            ("x-api-key", "abc", "***#"),
            ("x-trace", "abc", "***#"),
            (
                "location",
                "/a?token=abc&b=1#access_token=abc",
                "/a?token=***#&b=1#access_token=***#",
            ),
            ("authorization", "Bearer of-ann", "Bearer ***$ANN_TOKEN"),
            (
                "authorization",
                "Basic Ym9iOmJlZWJsZWJyb3g=",
                "Basic ***$BOB_PASSWORD",
            ),
            ("idempotency-key", "abc", "abc"),
            ("content-type", "abc", "abc"),
        ] {
            let masked = masked.replace("***#", &format!("***{digits}"));
            assert_eq!(masking.header(name, value), masked, "{name}");
        }
        assert_eq!(
            masking.body(r#"{"token":"abc"}"#, ""),
            format!(r#"{{"token":"***{digits}"}}"#)
        );
        assert_eq!(
            masking.body(r#"{"pinCode":"abc"}"#, ""),
            format!(r#"{{"pinCode":"***{digits}"}}"#)
        );
        assert_eq!(
            masking.body("password=abc", "application/x-www-form-urlencoded"),
            format!("password=***{digits}")
        );
        let repeated = |text: &str| {
            masking.header("authorization", "Bearer long-enough");
            let mut entry = Map::from_iter([("a".to_owned(), Json::from(vec![text]))]);
            masking.scrub(&mut entry);
            entry["a"][0].to_string()
        };
        let long = masking.header("x-api-key", "long-enough");
        assert_eq!(
            repeated("not long-enough, abc"),
            format!("\"not {long}, abc\"")
        );
        assert_eq!(
            Masking::none().header("authorization", "Bearer abc"),
            "Bearer abc"
        );
    }
}
