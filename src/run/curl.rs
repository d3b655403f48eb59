//! Requests of case files as they would be sent, without sending them: as
//! commands of curl, and as data.

use super::message::Message;
use super::template::Template;
use crate::case::{CaseFile, Security, Splice, Step};

/// One command a request. `$API_BASE_URL` stands for the address, `$KEY_1` for
/// what the answer to the first request names.
pub fn curl(file: &CaseFile, steps: &[Step]) -> Vec<String> {
    let commands = steps.iter().enumerate().map(|(index, step)| {
        let command = Template::of(file, step).map(|template| command(file, step, &template));
        let mut command = command.unwrap_or_default();
        for path in &step.save {
            let path = path.join(".");
            command += &format!("  # KEY_{}: {path} of the answer", index + 1);
        }
        command
    });
    commands.collect()
}

/// A request as it would be sent where nothing is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The method in capitals.
    pub method: String,
    /// The path and the query.
    pub target: String,
    /// The headers, cookies among them.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
}

/// What a step sends; none where its operation isn't in the file.
pub fn written(file: &CaseFile, step: &Step) -> Option<Written> {
    let template = Template::of(file, step)?;
    let message = Message::new(template.operation, &template.parts);
    let mut headers = message.headers;
    if !message.cookies.is_empty() {
        headers.push(("Cookie".to_owned(), message.cookies.join("; ")));
    }
    Some(Written {
        method: message.method,
        target: message.target,
        headers,
        body: message.body,
    })
}

fn command(file: &CaseFile, step: &Step, template: &Template<'_>) -> String {
    let message = Message::new(template.operation, &template.parts);
    let mut target = message.target.clone();
    let mut words = vec!["curl".to_owned()];
    if message.method != "GET" {
        words.push(format!("-X {}", message.method));
    }
    for way in &template.operation.security {
        words.extend(credential(file, step, way, &mut target));
    }
    let keys = keys(step);
    words.push(format!("\"$API_BASE_URL\"{}", quoted(&target, &keys)));
    for (name, text) in &message.headers {
        words.push(format!("-H {}", quoted(&format!("{name}: {text}"), &keys)));
    }
    for cookie in &message.cookies {
        words.push(format!("-b {}", quoted(cookie, &keys)));
    }
    if let Some(body) = &message.body {
        words.push(format!("--data-binary {}", quoted(body, &keys)));
    }
    words.join(" ")
}

/// What stands for keys in the request, and the variable that takes its place.
fn keys(step: &Step) -> Vec<(String, String)> {
    let saved = step.splices.iter().filter_map(|splice| match splice {
        Splice::Saved {
            placeholder, step, ..
        } => Some((placeholder.clone(), format!("$KEY_{step}"))),
        Splice::Environment {
            placeholder,
            variable,
            ..
        } => Some((placeholder.clone(), format!("${variable}"))),
        _ => None,
    });
    let mut keys: Vec<(String, String)> = saved.collect();
    // `key-of-step-12` before `key-of-step-1`.
    keys.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
    keys.dedup();
    keys
}

/// A text in single quotes, but for variables.
fn quoted(text: &str, keys: &[(String, String)]) -> String {
    let mut text = format!("'{}'", text.replace('\'', r"'\''"));
    for (placeholder, variable) in keys {
        text = text.replace(placeholder.as_str(), &format!("'\"{variable}\"'"));
    }
    match text.strip_suffix("\"''") {
        Some(bare) => format!("{bare}\""),
        None => text,
    }
}

fn credential(file: &CaseFile, step: &Step, way: &Security, target: &mut String) -> Option<String> {
    let actor = step.request.actor.as_ref();
    let actor = actor.and_then(|name| file.actors.iter().find(|own| own.name == *name));
    let variable = |usual: &str| match actor {
        Some(actor) => actor.credential.clone(),
        None => Some(usual.to_owned()),
    };
    Some(match way {
        Security::Bearer => format!("-H \"Authorization: Bearer ${}\"", variable("API_TOKEN")?),
        Security::Basic => match actor {
            Some(_) => format!("-u \"${}\"", variable("")?),
            None => "-u \"$API_USER:$API_PASSWORD\"".to_owned(),
        },
        Security::ApiKeyHeader { name } => format!("-H \"{name}: ${}\"", variable("API_KEY")?),
        Security::ApiKeyCookie { name } => format!("-b \"{name}=${}\"", variable("API_KEY")?),
        Security::ApiKeyQuery { name } => {
            let mark = if target.contains('?') { '&' } else { '?' };
            target.push_str(&format!("{mark}{name}=..."));
            return None;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_keys_are_kept_apart() {
        let keys = [("key-of-step-1".to_owned(), "$KEY_1".to_owned())];
        assert_eq!(
            quoted("/a/key-of-step-1/it's", &keys),
            r#"'/a/'"$KEY_1"'/it'\''s'"#
        );
        assert_eq!(quoted("/a/key-of-step-1", &keys), r#"'/a/'"$KEY_1""#);
    }
}
