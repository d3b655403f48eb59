//! Answers that name the upstream, made to name the proxy.

use hyper::header::{CONTENT_LOCATION, HeaderMap, HeaderValue, LOCATION, SET_COOKIE};

use super::upstream::Upstream;

/// Lets the addresses and cookies of an answer lead to the proxy, whose own
/// address for the client is `proxy`, without a slash at its end.
pub(super) fn rewrite(headers: &mut HeaderMap, upstream: &Upstream, proxy: &str) {
    for name in [LOCATION, CONTENT_LOCATION] {
        let value = headers.get(&name).and_then(|value| value.to_str().ok());
        if let Some(new) = value.and_then(|value| address(value, upstream, proxy))
            && let Ok(new) = HeaderValue::from_str(&new)
        {
            headers.insert(name, new);
        }
    }
    let cookies: Vec<HeaderValue> = headers.get_all(SET_COOKIE).iter().cloned().collect();
    headers.remove(SET_COOKIE);
    for value in cookies {
        let new = value.to_str().ok().map(|text| cookie(text, upstream));
        let new = new.and_then(|text| HeaderValue::from_str(&text).ok());
        headers.append(SET_COOKIE, new.unwrap_or(value));
    }
}

/// None where it isn't the upstream's.
fn address(text: &str, upstream: &Upstream, proxy: &str) -> Option<String> {
    let rest = upstream.below(text)?;
    if text.starts_with('/') {
        let slash = if rest.starts_with('/') { "" } else { "/" };
        return Some(format!("{slash}{rest}"));
    }
    Some(format!("{proxy}{rest}"))
}

/// A cookie that clients send to the proxy: of its host, for its paths, without
/// TLS.
fn cookie(text: &str, upstream: &Upstream) -> String {
    let parts = text.split(';').filter_map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "secure" => None,
            "domain" if upstream.is_host(value.trim()) => None,
            "path" => match upstream.cookie_path(value.trim()) {
                Some(path) => Some(format!(" Path={path}")),
                None => Some(part.to_owned()),
            },
            _ => Some(part.to_owned()),
        }
    });
    parts.collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Target;

    #[test]
    fn clients_stay_with_the_proxy() {
        let upstream = Upstream::new(&Target::parse("https://h.example/v1").unwrap());
        let mut headers = HeaderMap::new();
        for (name, given, expected) in [
            (
                LOCATION,
                "https://h.example/v1/a?b=1",
                "http://127.0.0.1:1/a?b=1",
            ),
            (LOCATION, "https://h.example/v1", "http://127.0.0.1:1"),
            (LOCATION, "/v1", "/"),
            (LOCATION, "/v1/a", "/a"),
            (LOCATION, "/login", "/login"),
            (
                LOCATION,
                "https://login.example/v1",
                "https://login.example/v1",
            ),
            (LOCATION, "a/b", "a/b"),
            (CONTENT_LOCATION, "/v1/a", "/a"),
            (
                SET_COOKIE,
                "a=b; Path=/v1; Domain=h.example; Secure; HttpOnly",
                "a=b; Path=/; HttpOnly",
            ),
            (
                SET_COOKIE,
                "a=b=c; path=/x; SameSite=Lax",
                "a=b=c; path=/x; SameSite=Lax",
            ),
        ] {
            headers.clear();
            headers.insert(&name, HeaderValue::from_str(given).unwrap());
            rewrite(&mut headers, &upstream, "http://127.0.0.1:1");
            assert_eq!(headers.get(&name).unwrap(), expected, "{given}");
        }
    }
}
