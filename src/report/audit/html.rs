//! Audits as one page that needs nothing else.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Audit, AuditedFault, AuditedRule, ClassCounts, Disagreed, Passed, Request};
use crate::fault::FaultClass;
use crate::report::counted;
use crate::report::summary_text::off;

const STYLE: &str = include_str!("page.css");

/// The page of some audits.
pub fn page(audits: &[Audit]) -> String {
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>What the traffic misses</title>\n<style>\n{STYLE}</style></head><body>\n\
         <h1>What the traffic exercises, and what it misses</h1>\n"
    );
    for audit in audits {
        section(&mut out, audit);
    }
    let version = env!("CARGO_PKG_VERSION");
    let _ = writeln!(
        out,
        "<p class=\"dim\">Crossfield {version}</p>\n</body></html>"
    );
    out
}

fn section(out: &mut String, audit: &Audit) {
    let _ = writeln!(out, "<h2>{}</h2>", text(&audit.file));
    let _ = writeln!(out, "<p class=\"headline\">{}.</p>", text(&audit.headline));
    let _ = writeln!(out, "<p>{}.</p>", text(&audit.coverage_line()));
    for note in off(&audit.switched_off).lines() {
        let _ = writeln!(out, "<p>{}.</p>", text(note));
    }
    worse(out, audit);
    slips(out, audit);
    to_add(out, audit);
    matrix(out, audit);
    let _ = writeln!(out, "<h2>Rules and their faults</h2>");
    for rule in &audit.rules {
        self::rule(out, audit, rule);
    }
    disagreements(out, audit);
    fields(out, audit);
    traffic(out, audit);
}

/// What schemas demand of single places.
fn fields(out: &mut String, audit: &Audit) {
    let _ = writeln!(
        out,
        "<h2>Fields</h2>\n<details><summary>{}</summary>\n<ul>",
        text(&audit.field_line())
    );
    for own in &audit.fields {
        let (kind, word) = match own.broken_alone {
            0 => ("missing", "never alone"),
            _ => ("exercised", "broken alone"),
        };
        let first = own
            .first
            .as_ref()
            .map(|first| format!(" <span class=\"dim\">{}</span>", text(first)));
        let _ = writeln!(
            out,
            "<li><span class=\"fate {kind}\">{word}</span> {}: {}{}</li>",
            code(&own.operation),
            text(&own.demand),
            first.unwrap_or_default()
        );
    }
    out.push_str("</ul></details>\n");
}

fn worse(out: &mut String, audit: &Audit) {
    if audit.worse.is_empty() {
        return;
    }
    let _ = writeln!(out, "<h2>Less is exercised than before</h2>\n<ul>");
    for own in &audit.worse {
        let faults: Vec<String> = own.faults.iter().map(|own| code(own)).collect();
        let _ = writeln!(out, "<li>{}: {}</li>", text(&own.rule), faults.join(", "));
    }
    let _ = writeln!(out, "</ul>");
}

/// What the suite sends and doesn't notice.
fn slips(out: &mut String, audit: &Audit) {
    let Some(injected) = &audit.injected else {
        return;
    };
    let _ = writeln!(
        out,
        "<h2>Sent, but not noticed</h2>\n<p>{} of {} noticed. The suite passes though the server</p>\n<ul>",
        injected.all.noticed,
        counted(injected.all.sent(), "fault")
    );
    for own in &injected.slips {
        let answers = own.answers.iter();
        let answers =
            answers.map(|own| format!("<br>{}: {}", code(&own.request), text(&own.answer)));
        let _ = writeln!(
            out,
            "<li>{} <span class=\"dim\">({})</span>{}</li>",
            text(&own.words),
            text(&own.faults.join(", ")),
            answers.collect::<String>()
        );
    }
    out.push_str("</ul>\n");
}

fn to_add(out: &mut String, audit: &Audit) {
    if audit.to_add.is_empty() {
        return;
    }
    let _ = writeln!(out, "<h2>The requests to add first</h2>\n<ol>");
    for own in &audit.to_add {
        let count = counted(own.faults.len(), "fault");
        let _ = writeln!(
            out,
            "<li><a href=\"#{}\">{}</a>, {count} of {}: {}</li>",
            anchor(audit, &own.case),
            text(&own.case),
            text(&own.rule),
            text(&own.reason)
        );
    }
    let _ = writeln!(out, "</ol>");
}

/// Rules against classes of faults.
fn matrix(out: &mut String, audit: &Audit) {
    let occurs = |class: &FaultClass| {
        audit
            .rules
            .iter()
            .any(|rule| rule.classes.contains_key(class.name()))
    };
    let classes: Vec<FaultClass> = FaultClass::ALL.into_iter().filter(occurs).collect();
    let _ = writeln!(
        out,
        "<h2>Rules against classes of faults</h2>\n<p class=\"dim\">Exercised of those that can be.</p>\n\
         <div class=\"scroll\"><table>\n<tr><th>rule</th><th>requests</th><th>broken alone</th><th>at its \
         border</th><th>accepted</th>"
    );
    for class in &classes {
        let _ = writeln!(
            out,
            "<th title=\"{}\">{}</th>",
            text(class.doc()),
            class.name()
        );
    }
    out.push_str("</tr>\n");
    for rule in &audit.rules {
        let _ = writeln!(
            out,
            "<tr><td><a href=\"#{}\">{}</a></td><td>{}</td>",
            anchor(audit, &rule.rule),
            text(&rule.rule),
            rule.touched
        );
        for layer in [rule.is_broken_alone, rule.is_at_border, rule.is_accepted] {
            let kind = match layer {
                super::Tried::Yes => "all",
                super::Tried::No => "none",
                _ => "",
            };
            let _ = writeln!(out, "<td class=\"{kind}\">{}</td>", layer.word());
        }
        for class in &classes {
            cell(out, rule.classes.get(class.name()));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table></div>\n");
}

fn cell(out: &mut String, counts: Option<&ClassCounts>) {
    let Some(counts) = counts.filter(|own| own.testable() > 0) else {
        let _ = writeln!(out, "<td>{}</td>", counts.map_or("", |_| "-"));
        return;
    };
    let kind = match counts {
        ClassCounts { missing: 0, .. } => "all",
        ClassCounts { exercised: 0, .. } => "none",
        _ => "some",
    };
    let _ = writeln!(
        out,
        "<td class=\"{kind}\">{}/{}</td>",
        counts.exercised,
        counts.testable()
    );
}

fn rule(out: &mut String, audit: &Audit, rule: &AuditedRule) {
    let _ = writeln!(
        out,
        "<details id=\"{}\"><summary>{} <span class=\"dim\">{} of {} exercised</span></summary>",
        anchor(audit, &rule.rule),
        text(&rule.rule),
        rule.faults.exercised,
        rule.faults.testable()
    );
    if !rule.message.is_empty() {
        let _ = writeln!(out, "<p>{}</p>", text(&rule.message));
    }
    if !rule.examples.is_empty() {
        let _ = writeln!(out, "<p>Requests to its operation, such as</p>\n<ul>");
        for own in &rule.examples {
            let _ = writeln!(out, "<li>{}: {}</li>", own.side, request(&own.request));
        }
        out.push_str("</ul>\n");
    }
    let _ = writeln!(out, "<p>A server that</p>\n<ul>");
    for own in audit.faults.iter().filter(|own| own.rule == rule.rule) {
        fault(out, own);
    }
    out.push_str("</ul>\n");
    requests(out, audit, rule);
    for case in audit
        .cases
        .iter()
        .filter(|case| case.owners.contains(&rule.rule))
    {
        let _ = writeln!(
            out,
            "<p id=\"{}\">{}: {}</p>\n<pre>{}</pre>",
            anchor(audit, &case.case),
            code(&case.case),
            text(&case.reason),
            text(&case.curl.join("\n"))
        );
    }
    out.push_str("</details>\n");
}

/// The requests that exercise the faults of a rule, each once.
fn requests(out: &mut String, audit: &Audit, rule: &AuditedRule) {
    let own = audit.faults.iter().filter(|own| own.rule == rule.rule);
    let own = own.filter_map(|own| own.request.as_ref());
    let with_bodies: BTreeMap<&str, &Request> = own
        .filter(|own| own.body.is_some())
        .map(|own| (own.at.as_str(), own))
        .collect();
    if with_bodies.is_empty() {
        return;
    }
    let count = counted(with_bodies.len(), "request");
    let _ = writeln!(
        out,
        "<details><summary>The bodies of these {count}</summary>\n<ul>"
    );
    for own in with_bodies.values() {
        let body = own.body.as_deref().unwrap_or_default();
        let _ = writeln!(out, "<li>{}<pre>{}</pre></li>", line(own), text(body));
    }
    out.push_str("</ul></details>\n");
}

fn fault(out: &mut String, fault: &AuditedFault) {
    let kind = match fault.fate {
        "exercised" => "exercised",
        "untestable" => "untestable",
        _ => "missing",
    };
    let mut how = String::new();
    if let Some(own) = &fault.request {
        let by = match fault.by {
            Some("answer") => "by what the answer shows, ",
            Some("status") => "by the status of the refusal only, ",
            _ => "",
        };
        let _ = write!(how, " <span class=\"dim\">{by}{}</span>", line(own));
    }
    if let Some(case) = &fault.case {
        let _ = write!(how, " <span class=\"dim\">{} would</span>", code(case));
    }
    if let Some(reason) = &fault.reason {
        let _ = write!(how, " <span class=\"dim\">{}</span>", text(reason));
    }
    let _ = writeln!(
        out,
        "<li><span class=\"fate {kind}\">{}</span> {} <span class=\"dim\">({}, {})</span>{how}</li>",
        fault.fate,
        text(&fault.words),
        fault.class,
        text(&fault.place)
    );
}

fn disagreements(out: &mut String, audit: &Audit) {
    if audit.disagreements.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "<h2>Where server and rules disagree</h2>\n<p>The server is wrong, or a rule is.</p>\n<ul>"
    );
    for own in &audit.disagreements {
        disagreed(out, own);
    }
    out.push_str("</ul>\n");
}

fn disagreed(out: &mut String, own: &Disagreed) {
    let _ = writeln!(
        out,
        "<li>{}: {} ({}), such as {}",
        code(&own.operation),
        text(&own.what),
        counted(own.count, "request"),
        request(&own.example)
    );
    for remembered in &own.remembered {
        let _ = writeln!(
            out,
            "<br><span class=\"dim\">then the {}</span>",
            text(remembered)
        );
    }
    out.push_str("</li>\n");
}

fn traffic(out: &mut String, audit: &Audit) {
    let traffic = &audit.traffic;
    let _ = writeln!(
        out,
        "<h2>The traffic</h2>\n<p>{} in {}; {} to operations with rules, {} judged.</p>",
        counted(traffic.entries, "request"),
        counted(traffic.files.len(), "file"),
        traffic.matched,
        traffic.judged
    );
    for (title, all) in traffic.parts() {
        passed(out, title, all);
    }
}

fn passed(out: &mut String, title: &str, all: &[Passed]) {
    let total: usize = all.iter().map(|own| own.count).sum();
    if total == 0 {
        return;
    }
    let _ = writeln!(out, "<details><summary>{total} {title}</summary>\n<ul>");
    for own in all {
        let operation = own.operation.as_ref().map(|own| format!("{}: ", code(own)));
        let _ = writeln!(
            out,
            "<li>{} {}{} <span class=\"dim\">first {} {}</span></li>",
            own.count,
            operation.unwrap_or_default(),
            text(&own.what),
            text(&own.first),
            text(&own.request)
        );
    }
    out.push_str("</ul></details>\n");
}

/// A request with its body.
fn request(own: &Request) -> String {
    let body = own
        .body
        .as_ref()
        .map(|body| format!("<pre>{}</pre>", text(body)));
    format!("{}{}", line(own), body.unwrap_or_default())
}

/// A request in one line.
fn line(own: &Request) -> String {
    let name = own.name.as_ref().map(|name| format!(" ({})", text(name)));
    let status = own.status.map(|status| format!(", answered with {status}"));
    format!(
        "{}{}, {}{}",
        code(&own.request),
        name.unwrap_or_default(),
        text(&own.at),
        status.unwrap_or_default()
    )
}

/// What a place of the page is known by.
fn anchor(audit: &Audit, name: &str) -> String {
    let all = format!("{}-{name}", audit.file);
    let chars = all.chars().map(|own| match own.is_alphanumeric() {
        true => own.to_string(),
        false => format!("_{:x}", u32::from(own)),
    });
    chars.collect()
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", self::text(text))
}

/// A text as HTML.
fn text(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
