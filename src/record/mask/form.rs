//! Secrets in queries and forms.

use percent_encoding::percent_decode_str;

use super::{Secrets, json};

/// `a=b&c=d`, with the values of secret names masked.
pub(super) fn pairs(secrets: &Secrets, text: &str) -> String {
    let pairs = text.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) if secrets.is_secret(&plain(name)) => {
            format!("{name}={}", secrets.masked(&plain(value)))
        }
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn plain(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// A multipart body: what stands in parts with secret names is masked.
pub(super) fn parts(secrets: &Secrets, text: &str) -> String {
    let line_end = text.find('\n').map_or(text.len(), |at| at + 1);
    let boundary = text.get(..line_end).unwrap_or_default().trim_end();
    if !boundary.starts_with("--") {
        return json::members(secrets, text);
    }
    let parts = text.split(boundary).map(|part| part_of(secrets, part));
    parts.collect::<Vec<_>>().join(boundary)
}

fn part_of(secrets: &Secrets, part: &str) -> String {
    let Some((head, content)) = part.split_once("\r\n\r\n") else {
        return part.to_owned();
    };
    if !part_name(head).is_some_and(|name| secrets.is_secret(name)) {
        return format!("{head}\r\n\r\n{}", json::members(secrets, content));
    }
    let secret = content.trim_end_matches(['\r', '\n']);
    let end = content.get(secret.len()..).unwrap_or_default();
    format!("{head}\r\n\r\n{}{end}", secrets.masked(secret))
}

/// The name in `Content-Disposition: form-data; name="..."`.
fn part_name(head: &str) -> Option<&str> {
    let (_, rest) = head.split_once("; name=")?;
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split([';', '\r', '\n']).next(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Masking;

    #[test]
    fn values_of_secret_names_are_masked() {
        let masking = Masking::new([], []);
        let mask = masking.header("x-api-key", "a b");
        let form = "application/x-www-form-urlencoded";
        let masked = masking.body("user=ann&pass%77ord=a+b&token&client_secret=", form);
        assert_eq!(
            masked,
            format!("user=ann&pass%77ord={mask}&token&client_secret=")
        );
        let said = |user: &str, password: &str| {
            let part = "\r\nContent-Disposition: form-data; name=";
            format!(
                "--x{part}\"user\"\r\n\r\n{user}\r\n--x{part}\"password\"\r\n\r\n{password}\r\n--x--\r\n"
            )
        };
        let masked = masking.body(&said("ann", "a b"), "multipart/form-data; boundary=x");
        assert_eq!(masked, said("ann", &mask));
    }
}
