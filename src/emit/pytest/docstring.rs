//! What a test says about itself.

use super::python::{self, WIDTH};
use crate::case::{Case, Judged, Rule, Showing, Story, TwinKind};

/// The docstring of a case's test, in the body of a function. `twin` is the
/// name of the twin's test, where it is a case.
pub(super) fn docstring(case: &Case, rule: Option<&Rule>, twin: Option<&str>) -> String {
    let message = rule.map_or(case.rule.as_str(), |rule| rule.message.as_str());
    let mut paragraphs = vec![vec![paragraph(message)], verdict(case, twin), catches(case)];
    let value = case.value.map(|value| format!("{}.", value.in_words()));
    let value = value.map(|value| paragraph(&value));
    paragraphs.push(
        std::iter::once(paragraph(&origin(case, rule)))
            .chain(value)
            .collect(),
    );
    let text = paragraphs
        .iter()
        .map(|lines| lines.join("\n"))
        .collect::<Vec<_>>()
        .join("\n\n");
    let text = indent(&text).replace("\"\"\"", "\\\"\\\"\\\"");
    format!("    \"\"\"{}\n    \"\"\"\n", text.trim_start())
}

fn verdict(case: &Case, twin: Option<&str>) -> Vec<String> {
    let must = case.expected.verdict.word();
    let mut lines = vec![paragraph(&format!("Must be {must}: {}", case.reason))];
    let values = case.story.as_ref();
    let values = values.and_then(|story| Judged::all_in_words(&story.because));
    lines.extend(values.map(|text| paragraph(&text)));
    lines.extend(answer(case));
    let shown = case.story.as_ref().and_then(Story::shown_in_words);
    lines.extend(shown.map(|text| paragraph(&text)));
    lines.extend(twin_line(case, twin));
    if !case.filled.is_empty() {
        let filled: Vec<_> = case.filled.iter().collect();
        let text = format!(
            "No rule reads {}, which take part in pairs of values.",
            list(&filled)
        );
        lines.push(paragraph(&text));
    }
    let others: Vec<_> = case
        .breaks
        .iter()
        .filter(|rule| **rule != case.rule)
        .collect();
    if !others.is_empty() {
        lines.push(paragraph(&format!("It breaks as well: {}.", list(&others))));
    }
    if !case.assumes.is_empty() {
        let assumed: Vec<_> = case.assumes.iter().collect();
        let text = format!(
            "Taken as kept, since they are undefined here: {}.",
            list(&assumed)
        );
        lines.push(paragraph(&text));
    }
    lines
}

/// What the answer says, and what that of the faulty server does.
fn answer(case: &Case) -> Option<String> {
    let story = case.story.as_ref()?;
    let words = |shows: &[Showing]| {
        let each: Vec<String> = shows.iter().map(Showing::in_words).collect();
        each.join(", ")
    };
    if story.answer.is_empty() {
        return None;
    }
    let mut text = format!("The answer says: {}.", words(&story.answer));
    let faulty = story.faulty.as_ref().map(|faulty| faulty.answer.as_slice());
    if let Some(faulty) = faulty.filter(|faulty| !faulty.is_empty()) {
        text += &format!(" Such a server answers: {}.", words(faulty));
    }
    Some(paragraph(&text))
}

fn twin_line(case: &Case, twin: Option<&str>) -> Option<String> {
    let found = case.twin.as_ref()?;
    let name = match found.kind {
        TwinKind::Case => twin.unwrap_or(&found.id).to_owned(),
        TwinKind::Baseline => format!("baseline {}", found.id),
    };
    if let Some(step) = found.without {
        return Some(paragraph(&format!(
            "Accepted, for comparison: {name}, which leaves out request {step}."
        )));
    }
    let places =
        found
            .differs
            .iter()
            .map(|place| match (place.location.as_str(), case.steps.len()) {
                ("", 1) => "all of it".to_owned(),
                ("", _) => format!("all of request {}", place.step),
                (location, 1) => location.to_owned(),
                (location, _) => format!("{location} of request {}", place.step),
            });
    let places: Vec<_> = places.collect();
    let places = list(&places.iter().collect::<Vec<_>>());
    Some(paragraph(&format!(
        "Accepted, for comparison: {name}, which differs in {places}."
    )))
}

fn catches(case: &Case) -> Vec<String> {
    if case.detects.is_empty() {
        return vec!["It is there for comparison with a request that must be refused.".to_owned()];
    }
    let mut lines = vec!["Catches a server that".to_owned()];
    let (primary, others): (Vec<_>, Vec<_>) = case
        .detects
        .iter()
        .partition(|fault| Some(&fault.fault) == case.primary.as_ref());
    for fault in primary.into_iter().chain(others) {
        let item = wrapped(&format!("{} ({})", fault.words, fault.class), WIDTH - 6);
        lines.push(format!("- {}", item.join("\n  ")));
    }
    lines
}

fn origin(case: &Case, rule: Option<&Rule>) -> String {
    let mut text = format!("Rule {}", case.rule);
    let Some(rule) = rule else { return text };
    if let Some(severity) = &rule.severity {
        text += &format!(", severity {severity}");
    }
    if !rule.tags.is_empty() {
        text += &format!(", tags {}", rule.tags.join(" "));
    }
    if let Some(source) = &rule.source {
        text += &format!(": {source}");
    }
    text
}

fn list(parts: &[&String]) -> String {
    match parts {
        [] => String::new(),
        [one] => (*one).clone(),
        [all @ .., last] => {
            let all: Vec<_> = all.iter().map(|part| part.as_str()).collect();
            format!("{} and {last}", all.join(", "))
        }
    }
}

fn paragraph(text: &str) -> String {
    wrapped(text, WIDTH - 4).join("\n")
}

/// Lines of at most `width` characters, words kept whole.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in python::escaped(&text.split_whitespace().collect::<Vec<_>>().join(" ")).split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn indent(text: &str) -> String {
    let lines = text.lines().map(|line| match line {
        "" => String::new(),
        line => format!("    {line}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}
