//! A rule of Kubernetes over another path than `self`.

use crate::expr::literal_length;
use crate::rulefile::KEYWORDS;

/// Names that Kubernetes writes otherwise, as they are no identifiers.
const ESCAPES: [(&str, &str); 4] = [
    ("__underscores__", "__"),
    ("__dot__", "."),
    ("__dash__", "-"),
    ("__slash__", "/"),
];

/// The text with `own` in the place of `self`, and members by their real names.
///
/// # Errors
/// Why rules can't say it.
pub(super) fn rewrite(text: &str, own: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\'' | '"' => literal_length(rest, &out),
            c if c.is_ascii_alphabetic() || c == '_' => {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
                word(&mut out, name, own)?;
                rest = after;
                continue;
            }
            c => c.len_utf8(),
        };
        let (taken, after) = rest.split_at(length);
        out.push_str(taken);
        rest = after;
    }
    Ok(out)
}

fn word(out: &mut String, name: &str, own: &str) -> Result<(), String> {
    let is_member = out.trim_end().ends_with('.');
    match name {
        "oldSelf" if !is_member => {
            return Err(
                "it compares with the object as it was before, which a single \
                        request doesn't show"
                    .to_owned(),
            );
        }
        "self" if !is_member => out.push_str(own),
        name if is_member && unescaped(name) != name => {
            let kept = out.trim_end().trim_end_matches('.').len();
            out.truncate(kept);
            out.push_str(&format!("['{}']", unescaped(name)));
        }
        name => out.push_str(name),
    }
    Ok(())
}

/// The property that Kubernetes writes as `name`.
fn unescaped(name: &str) -> String {
    let inner = name
        .strip_prefix("__")
        .and_then(|name| name.strip_suffix("__"));
    if let Some(word) = inner.filter(|word| KEYWORDS.contains(word)) {
        return word.to_owned();
    }
    let mut out = String::new();
    let mut rest = name;
    while let Some(c) = rest.chars().next() {
        let escape = ESCAPES.iter().find(|(escape, _)| rest.starts_with(escape));
        let length = match escape {
            Some((escape, plain)) => {
                out.push_str(plain);
                escape.len()
            }
            None => {
                out.push(c);
                c.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn self_becomes_the_place() {
        for (text, wanted) in [
            ("self.a <= self.b", "body.spec.a <= body.spec.b"),
            ("self == 'self' || x.self", "body.spec == 'self' || x.self"),
            (
                r"self.matches(r'\w\') && self",
                r"body.spec.matches(r'\w\') && body.spec",
            ),
            ("has(self.x__dash__y)", "has(body.spec['x-y'])"),
            ("self.__namespace__ > 0", "body.spec['namespace'] > 0"),
            ("selfish(self)", "selfish(body.spec)"),
        ] {
            assert_eq!(rewrite(text, "body.spec").as_deref(), Ok(wanted), "{text}");
        }
        assert!(rewrite("self >= oldSelf", "body").is_err());
        assert!(rewrite("self.oldSelf > 0", "body").is_ok());
    }
}
