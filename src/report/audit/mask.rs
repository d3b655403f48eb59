//! What reports don't show of recorded requests.

use serde_json::Value as Json;

use crate::record::is_secret;

/// Parts of names by which a body that can't be taken apart isn't shown.
const TELLING: [&str; 6] = [
    "passw",
    "secret",
    "token",
    "key",
    "credential",
    "authorization",
];

/// What stands for a value that isn't shown.
const HIDDEN: &str = "***";

/// The members and parameters whose values are hidden.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    names: Vec<String>,
}

impl Mask {
    /// With these names beside those that are always hidden; case doesn't matter.
    pub fn new(names: &[String]) -> Self {
        Self {
            names: names.iter().map(|name| name.to_ascii_lowercase()).collect(),
        }
    }

    /// The body of a request. One that is cut off, and no JSON therefore, is
    /// shown only where it holds no such name.
    pub fn body(&self, text: &str) -> String {
        if let Ok(mut json) = serde_json::from_str(text) {
            return match self.json(&mut json) {
                true => json.to_string(),
                false => text.to_owned(),
            };
        }
        let lower = text.to_ascii_lowercase();
        let mut names = TELLING
            .into_iter()
            .chain(self.names.iter().map(String::as_str));
        match names.any(|name| lower.contains(name)) {
            true => HIDDEN.to_owned(),
            false => text.to_owned(),
        }
    }

    /// The path and the query of a request.
    pub fn target(&self, target: &str) -> String {
        let Some((path, query)) = target.split_once('?') else {
            return target.to_owned();
        };
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, _)) if self.hides(name) => format!("{name}={HIDDEN}"),
            _ => pair.to_owned(),
        });
        format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
    }

    fn hides(&self, own: &str) -> bool {
        let name = own.to_ascii_lowercase();
        is_secret(own) || name == "authorization" || self.names.contains(&name)
    }

    /// Hides what is to be hidden; whether there is something.
    fn json(&self, json: &mut Json) -> bool {
        match json {
            Json::Object(members) => {
                let mut is_changed = false;
                for (name, member) in members {
                    if self.hides(name) {
                        *member = Json::String(HIDDEN.to_owned());
                        is_changed = true;
                    } else {
                        is_changed |= self.json(member);
                    }
                }
                is_changed
            }
            Json::Array(items) => {
                let changed = items.iter_mut().map(|item| self.json(item));
                changed.fold(false, |all, own| all | own)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Mask;

    #[test]
    fn values_are_hidden_by_the_names_of_their_members() {
        let mask = Mask::new(&["IBAN".to_owned()]);
        let body = r#"{"a":[{"iban":"DE1","n":1.10}],"Password":{"x":1}}"#;
        assert_eq!(
            mask.body(body),
            r#"{"a":[{"iban":"***","n":1.10}],"Password":"***"}"#
        );
        assert_eq!(mask.body(r#"{"n": 1}"#), r#"{"n": 1}"#);
        assert_eq!(mask.body("{\"iban\": \"DE1 ..."), "***");
        assert_eq!(mask.target("/a?iban=1&b=2"), "/a?iban=***&b=2");
    }
}
