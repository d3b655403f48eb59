//! Queries and forms, taken apart.

use percent_encoding::percent_decode_str;

/// A name with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The name.
    pub name: String,
    /// The text.
    pub text: String,
}

/// The pairs of a query, or of an `application/x-www-form-urlencoded` body.
pub fn pairs(text: &str) -> Vec<Pair> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    let each = parts.map(|part| {
        let (name, text) = part.split_once('=').unwrap_or((part, ""));
        Pair {
            name: decoded(name),
            text: decoded(text),
        }
    });
    each.collect()
}

/// The cookies of a header.
pub fn cookies(text: &str) -> Vec<Pair> {
    let parts = text.split(';');
    let each = parts.filter_map(|part| {
        let (name, text) = part.trim().split_once('=')?;
        let text = percent_decode_str(text).decode_utf8_lossy().into_owned();
        Some(Pair {
            name: name.to_owned(),
            text,
        })
    });
    each.collect()
}

/// The fields of a `multipart/form-data` body; none where it is none.
pub fn multipart(content_type: &str, body: &str) -> Option<Vec<Pair>> {
    let boundary = parameter(content_type, "boundary")?;
    let delimiter = format!("--{boundary}");
    let mut parts = body.split(delimiter.as_str()).skip(1);
    let mut found = Vec::new();
    loop {
        let part = parts.next()?;
        if part.starts_with("--") {
            return Some(found);
        }
        let part = part.strip_prefix("\r\n").or(part.strip_prefix('\n'))?;
        let (head, text) = part.split_once("\r\n\r\n").or(part.split_once("\n\n"))?;
        let text = text
            .strip_suffix("\r\n")
            .or(text.strip_suffix('\n'))
            .unwrap_or(text);
        let mut lines = head.lines();
        let is_own = |line: &&str| {
            line.to_ascii_lowercase()
                .starts_with("content-disposition:")
        };
        let name = parameter(lines.find(is_own)?, "name")?;
        found.push(Pair {
            name: name
                .replace("%22", "\"")
                .replace("%0D", "\r")
                .replace("%0A", "\n"),
            text: text.to_owned(),
        });
    }
}

/// A parameter of a header's value: `boundary=x`, `name="x"`.
fn parameter(header: &str, name: &str) -> Option<String> {
    let mut parts = header.split(';').skip(1);
    parts.find_map(|part| {
        let (own, text) = part.trim().split_once('=')?;
        let is_own = own.trim().eq_ignore_ascii_case(name);
        is_own.then(|| text.trim().trim_matches('"').to_owned())
    })
}

fn decoded(text: &str) -> String {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_taken_apart() {
        let pair = |name: &str, text: &str| Pair {
            name: name.to_owned(),
            text: text.to_owned(),
        };
        assert_eq!(
            pairs("a=1+2&b%5Bc%5D=%C3%A9&d"),
            [pair("a", "1 2"), pair("b[c]", "é"), pair("d", "")]
        );
        let body = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
                    --x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f.txt\"\r\n\
                    Content-Type: text/plain\r\n\r\nl1\r\nl2\r\n--x--\r\n";
        assert_eq!(
            multipart("multipart/form-data; boundary=x", body),
            Some(vec![pair("a", "1"), pair("f", "l1\r\nl2")])
        );
        assert_eq!(multipart("multipart/form-data; boundary=y", body), None);
        assert_eq!(cookies("a=1; b=x%3By"), [pair("a", "1"), pair("b", "x;y")]);
    }
}
