//! Bodies as recordings hold them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use hyper::header::CONTENT_TYPE;
use serde_json::{Map, Value as Json};

use super::coding::decoded;
use super::copy::Kept;
use super::exact::exact;
use super::mask::Masking;

/// Adds the members that tell of a body: `body` where a JSON value can hold it,
/// else `raw_body` or `raw_body_base64`; `truncated` where it is a part.
pub(super) fn add(
    entry: &mut Map<String, Json>,
    kept: &Kept,
    headers: &HeaderMap,
    masking: &Masking,
    limit: usize,
) {
    let (kept, is_known) = match decoded(kept, headers, limit) {
        Some(decoded) => (decoded, true),
        None => (kept.clone(), false),
    };
    let is_part = kept.is_cut || !kept.is_whole;
    if !kept.bytes.is_empty() {
        let text = text(&kept.bytes, is_part).filter(|_| is_known);
        let (name, value) = match text {
            Some(text) => readable(text, content_type(headers), masking),
            None => ("raw_body_base64", Json::from(STANDARD.encode(&kept.bytes))),
        };
        entry.insert(name.to_owned(), value);
    }
    if is_part {
        entry.insert("truncated".to_owned(), Json::Bool(true));
    }
}

/// The text that bytes are; of a part, without the character that was cut.
fn text(bytes: &[u8], is_part: bool) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if is_part && error.error_len().is_none() => {
            let whole = bytes.get(..error.valid_up_to())?;
            std::str::from_utf8(whole).ok()
        }
        Err(_) => None,
    }
}

fn readable(text: &str, content_type: &str, masking: &Masking) -> (&'static str, Json) {
    let masked = masking.body(text, content_type);
    if !is_json(content_type) {
        return ("body", Json::from(masked));
    }
    match exact(&masked) {
        Some(value) => ("body", value),
        None => ("raw_body", Json::from(masked)),
    }
}

fn content_type(headers: &HeaderMap) -> &str {
    let value = headers.get(CONTENT_TYPE);
    let text = value.and_then(|value| value.to_str().ok());
    text.unwrap_or_default()
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    essence.ends_with("/json") || essence.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn added(bytes: &[u8], is_cut: bool, content_type: &'static str) -> String {
        let headers =
            HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        let kept = Kept {
            bytes: bytes.to_vec(),
            is_cut,
            is_whole: true,
        };
        let mut entry = Map::new();
        add(&mut entry, &kept, &headers, &Masking::none(), 100);
        Json::Object(entry).to_string()
    }

    #[test]
    fn bodies_are_kept_exactly() {
        for (bytes, content_type, entry) in [
            (
                &b"{\"a\": 1.0}"[..],
                "application/json",
                r#"{"body":{"a":1.0}}"#,
            ),
            (
                b"[1]",
                "application/problem+json; charset=utf-8",
                r#"{"body":[1]}"#,
            ),
            (
                b"{\"a\":1,\"a\":2}",
                "application/json",
                r#"{"raw_body":"{\"a\":1,\"a\":2}"}"#,
            ),
            (b"{}", "text/plain", r#"{"body":"{}"}"#),
            (b"\xff", "application/json", r#"{"raw_body_base64":"/w=="}"#),
            (b"\xff", "image/png", r#"{"raw_body_base64":"/w=="}"#),
            (b"", "application/json", "{}"),
        ] {
            assert_eq!(added(bytes, false, content_type), entry);
        }
        let cut = added("abé".as_bytes().get(..3).unwrap(), true, "text/plain");
        assert_eq!(cut, r#"{"body":"ab","truncated":true}"#);
    }
}
