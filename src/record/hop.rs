//! Headers that are about one connection only, and what asks for another
//! protocol.

use hyper::header::{
    CONNECTION, HeaderMap, HeaderName, HeaderValue, TE, TRANSFER_ENCODING, UPGRADE,
};
use hyper::{Method, Request, Version};

/// Takes out what RFC 9110, section 7.6.1, keeps from being forwarded.
pub(super) fn remove(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(tokens)
        .filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in [CONNECTION, TE, TRANSFER_ENCODING, UPGRADE] {
        headers.remove(name);
    }
    for name in ["keep-alive", "proxy-connection"] {
        headers.remove(name);
    }
}

/// The protocol that a request asks for in place of HTTP/1.1, if a proxy can't
/// pass over that. Offers of HTTP/2 may be declined without a word.
pub(super) fn other_protocol<B>(request: &Request<B>) -> Option<String> {
    if request.method() == Method::CONNECT {
        return Some("a tunnel (CONNECT)".to_owned());
    }
    let is_asked = |name: &str| name.eq_ignore_ascii_case("upgrade");
    let connection = request.headers().get_all(CONNECTION).iter();
    if !connection.flat_map(tokens).any(|name| is_asked(&name)) {
        return None;
    }
    let offers = request.headers().get_all(UPGRADE).iter();
    let is_http = |offer: &String| {
        let offer = offer.to_ascii_lowercase();
        offer == "h2c" || offer == "h2" || offer.starts_with("http/") || offer.starts_with("tls/")
    };
    offers.flat_map(tokens).find(|offer| !is_http(offer))
}

/// Whether the client means to ask more over its connection.
pub(super) fn is_kept(version: Version, headers: &HeaderMap) -> bool {
    let is_said = |word: &str| {
        let mut names = headers.get_all(CONNECTION).iter().flat_map(tokens);
        names.any(|name| name.eq_ignore_ascii_case(word))
    };
    match version {
        Version::HTTP_11 => !is_said("close"),
        _ => is_said("keep-alive"),
    }
}

fn tokens(value: &HeaderValue) -> Vec<String> {
    let text = value.to_str().unwrap_or_default();
    let tokens = text.split(',').map(|token| token.trim().to_owned());
    tokens.filter(|token| !token.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request<()> {
        let mut builder = Request::get("/");
        for (name, text) in headers {
            builder = builder.header(*name, *text);
        }
        builder.body(()).unwrap()
    }

    #[test]
    fn what_connections_say_stays_there() {
        let mut request = request(&[
            ("Connection", "close, X-Once"),
            ("Connection", "Keep-Alive"),
            ("Keep-Alive", "timeout=5"),
            ("Proxy-Connection", "keep-alive"),
            ("TE", "trailers"),
            ("Transfer-Encoding", "chunked"),
            ("Upgrade", "h2c"),
            ("X-Once", "1"),
            ("X-Other", "2"),
            ("Content-Length", "3"),
        ]);
        remove(request.headers_mut());
        let mut left: Vec<&str> = request.headers().keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["content-length", "x-other"]);
    }

    #[test]
    fn clients_say_whether_they_go_on() {
        for (version, connection, expected) in [
            (Version::HTTP_11, "x", true),
            (Version::HTTP_11, "x, Close", false),
            (Version::HTTP_10, "x", false),
            (Version::HTTP_10, "Keep-Alive", true),
        ] {
            let request = request(&[("Connection", connection)]);
            assert_eq!(
                is_kept(version, request.headers()),
                expected,
                "{connection}"
            );
        }
    }

    #[test]
    fn only_http_can_be_passed_on() {
        let asks = |upgrade| request(&[("Connection", "x, Upgrade"), ("Upgrade", upgrade)]);
        assert_eq!(
            other_protocol(&asks("websocket")).as_deref(),
            Some("websocket")
        );
        assert_eq!(other_protocol(&asks("h2c")), None);
        assert_eq!(other_protocol(&request(&[("Upgrade", "websocket")])), None);
    }
}
