//! Requests and answers, for people.

use std::fmt::Write;

use super::counted;
use crate::case::{parse_json, pretty_json};
use crate::run::Exchange;

/// The requests of a case, and the answers.
pub(super) fn requests(exchanges: &[Exchange]) -> String {
    let mut out = String::new();
    let steps = exchanges.iter().filter(|own| !own.is_view);
    let several = steps.count() > 1;
    let mut number = 0;
    for exchange in exchanges {
        number += u32::from(!exchange.is_view);
        let title = match several {
            _ if exchange.is_view => "what is remembered by then".to_owned(),
            true => format!("request {number}"),
            false => "request".to_owned(),
        };
        for step in &exchange.setup {
            out += &request(&setup_title(step), step);
        }
        if let Some(clock) = &exchange.clock {
            out += &request("the clock is set by", clock);
        }
        let title = match &exchange.setup_step {
            Some(_) => setup_title(exchange),
            None => title,
        };
        out += &request(&title, exchange);
        if let Some(awaited) = &exchange.awaited {
            out += &request("awaited by", awaited);
        }
    }
    out
}

fn setup_title(exchange: &Exchange) -> String {
    let name = exchange.setup_step.as_deref().unwrap_or_default();
    format!("setup step {name}")
}

fn request(title: &str, exchange: &Exchange) -> String {
    let mut out = format!("{title}: {} {}\n", exchange.method, exchange.target);
    for header in &exchange.headers {
        let _ = writeln!(out, "  {header}");
    }
    if let Some(baseline) = &exchange.baseline {
        let ending = match exchange.changes.is_empty() {
            true => " as it is",
            false => ", with",
        };
        let _ = writeln!(out, "  baseline {baseline}{ending}");
    }
    for change in &exchange.changes {
        let place = &change.location;
        let _ = match (&change.from, &change.to) {
            (Some(from), Some(to)) => writeln!(out, "    {place}: {from} -> {to}"),
            (None, Some(to)) => writeln!(out, "    {place}: {to} (new)"),
            (_, None) => writeln!(out, "    {place}: left out"),
        };
    }
    if let Some(body) = &exchange.body {
        let pretty = parse_json(body).map_or_else(|_| body.clone(), |value| pretty_json(&value));
        for line in pretty.lines() {
            let _ = writeln!(out, "  {line}");
        }
    }
    if exchange.retries > 0 {
        let times = usize::try_from(exchange.retries).unwrap_or_default();
        let times = counted(times, "time");
        let _ = writeln!(out, "  sent again {times}, since the server was too busy");
    }
    match &exchange.answer {
        None => out += "no answer\n",
        Some(answer) => {
            let place = answer.location.as_ref();
            let place = place.map(|place| format!(" to {place}"));
            let place = place.unwrap_or_default();
            let text = format!("{}{place} {}", answer.status, answer.body);
            let text = text.trim_end().replace('\n', "\n  ");
            let _ = writeln!(out, "answered: {text}");
        }
    }
    let lines = visible(&out);
    let lines = lines.lines().map(|line| format!("  {line}\n"));
    lines.collect()
}

/// The text without what would steer a terminal.
pub(super) fn visible(text: &str) -> String {
    let is_harmless = |char: &char| !char.is_control() || matches!(char, '\n' | '\t');
    let chars = text.chars().map(|char| match is_harmless(&char) {
        true => char.to_string(),
        false => char.escape_default().to_string(),
    });
    chars.collect()
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn answers_dont_steer_the_terminal() {
        assert_eq!(visible("a\n\tb\u{1b}[2Jc\r"), "a\n\tb\\u{1b}[2Jc\\r");
    }
}
