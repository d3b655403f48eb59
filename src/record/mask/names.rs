//! Names of what usually is secret.

/// Words that say it alone, wherever they stand.
const SECRET: [&str; 19] = [
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "secrets",
    "credential",
    "credentials",
    "apikey",
    "apitoken",
    "accesstoken",
    "authtoken",
    "accesskey",
    "secretkey",
    "privatekey",
    "jwt",
    "otp",
];

/// Words behind them that tell of something else.
const ABOUT: [&str; 17] = [
    "at", "on", "by", "id", "type", "policy", "length", "expires", "expiry", "age", "required",
    "count", "strength", "url", "uri", "hint", "set",
];

/// What keys are for that are secret.
const KEYS: [&str; 7] = [
    "api",
    "access",
    "private",
    "secret",
    "signing",
    "encryption",
    "auth",
];

/// Tokens that only lead to the next page.
const PAGES: [&str; 6] = ["page", "next", "continuation", "previous", "cursor", "sync"];

/// Whether a member or a parameter with this name looks like a secret.
pub fn is_secret(name: &str) -> bool {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let is_about = words.last().is_some_and(|last| ABOUT.contains(last));
    let says_so = words.iter().any(|word| SECRET.contains(word));
    let is_key = words.windows(2).any(
        |pair| matches!(pair, [what, key] if KEYS.contains(what) && matches!(*key, "key" | "keys")),
    );
    (!is_about && (says_so || is_key)) || is_token(&words)
}

/// The same of a header.
pub(super) fn is_secret_header(name: &str) -> bool {
    let words = words(name);
    let says_so = |word: &String| matches!(word.as_str(), "authorization" | "auth" | "cookie");
    is_secret(name) || words.iter().any(says_so)
}

/// A name without what people write differently.
pub(super) fn plain(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

fn is_token(words: &[&str]) -> bool {
    match words {
        [.., kind, "token"] => !PAGES.contains(kind),
        [.., "token", "value" | "secret" | "hash"] | ["token"] => true,
        _ => false,
    }
}

/// The words of `api_key`, `X-Api-Key`, `apiKey`, `user[APIKey]`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let letters: Vec<char> = name.chars().collect();
    let mut before = ' ';
    for (at, letter) in letters.iter().copied().enumerate() {
        let ends_capitals =
            before.is_uppercase() && letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        let is_border = letter.is_uppercase() && (before.is_lowercase() || ends_capitals);
        if is_border || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut()
            && letter.is_alphanumeric()
        {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        for (name, expected) in [
            ("api_key", "api key"),
            ("X-Api-Key", "x api key"),
            ("userAPIKey", "user api key"),
            ("user[password]", "user password"),
            ("", ""),
        ] {
            assert_eq!(words(name).join(" "), expected);
        }
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in [
            "password",
            "newPassword",
            "password_confirmation",
            "user[password]",
            "client_secret",
            "access_token",
            "refreshToken",
            "token",
            "id_token",
            "X-Auth-Token",
            "api_key",
            "apikey",
            "X-Amz-Security-Token",
            "privateKey",
            "credentials",
            "csrf_token",
            "AWSSecretAccessKey",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "amount",
            "next_page_token",
            "pageToken",
            "token_type",
            "tokens",
            "max_tokens",
            "password_changed_at",
            "secret_id",
            "idempotency_key",
            "key",
            "public_key",
            "authorization",
            "secretary",
            "session_id",
            "keys",
            "author",
        ] {
            assert!(!is_secret(name), "{name}");
        }
        for name in [
            "authorization",
            "proxy-authorization",
            "x-auth",
            "cookie2",
            "x-api-key",
        ] {
            assert!(is_secret_header(name) || name == "cookie2", "{name}");
        }
        for name in ["idempotency-key", "accept", "www-authenticate", "x-author"] {
            assert!(!is_secret_header(name), "{name}");
        }
    }
}
