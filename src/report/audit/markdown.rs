//! Audits as Markdown, for pull requests.

use std::fmt::Write;

use super::{Audit, Tried};
use crate::report::counted;
use crate::report::summary_text::off;

/// How many rules, and requests to add, are shown.
const MOST: usize = 20;

impl Audit {
    /// The summary; ends with a line break.
    pub fn markdown(&self) -> String {
        let mut out = format!(
            "### {}\n\n{}.\n\n{}.\n",
            code(&self.file),
            self.headline,
            self.coverage_line()
        );
        for note in off(&self.switched_off).lines() {
            let _ = writeln!(out, "\n{}.", escaped(note));
        }
        out += &self.worse_lines();
        out += &self.injected_lines();
        out += &self.rule_lines();
        out += &self.disagreement_lines();
        out += &self.request_lines();
        out
    }

    fn worse_lines(&self) -> String {
        if self.worse.is_empty() {
            return String::new();
        }
        let mut out = "\n**Less is exercised than before:**\n".to_owned();
        for own in &self.worse {
            let count = counted(own.faults.len(), "fault");
            let _ = writeln!(
                out,
                "- {}: {count}, such as {}",
                code(&own.rule),
                code(own.faults.first().map_or("", String::as_str))
            );
        }
        out
    }

    /// The rules that lack something.
    fn rule_lines(&self) -> String {
        let lacking = self.rules.iter().filter(|rule| rule.faults.missing > 0);
        let lacking: Vec<_> = lacking.collect();
        if lacking.is_empty() {
            return String::new();
        }
        let mut out = "\n| rule | broken alone | at its border | accepted | exercised |\n|---|---|---|---|---|\n".to_owned();
        for rule in lacking.iter().take(MOST) {
            let layers = [rule.is_broken_alone, rule.is_at_border, rule.is_accepted];
            let [alone, border, accepted] = layers.map(|own| match own {
                Tried::No => "**no**",
                own => own.word(),
            });
            let _ = writeln!(
                out,
                "| {} | {alone} | {border} | {accepted} | {} of {} |",
                code(&rule.rule),
                rule.faults.exercised,
                rule.faults.testable()
            );
        }
        if lacking.len() > MOST {
            let _ = writeln!(out, "\nand {} rules more.", lacking.len() - MOST);
        }
        out
    }

    fn disagreement_lines(&self) -> String {
        if self.disagreements.is_empty() {
            return String::new();
        }
        let mut out = "\n**Where server and rules disagree:**\n".to_owned();
        for own in &self.disagreements {
            let count = counted(own.count, "request");
            let _ = writeln!(
                out,
                "- {}: {} ({count}, such as {} at {})",
                code(&own.operation),
                escaped(&own.what),
                code(&own.example.request),
                code(&own.example.at)
            );
        }
        out
    }

    fn request_lines(&self) -> String {
        if self.to_add.is_empty() {
            return String::new();
        }
        let mut out = "\n<details><summary>The requests to add first</summary>\n".to_owned();
        for own in self.to_add.iter().take(MOST) {
            let count = counted(own.faults.len(), "fault");
            let _ = writeln!(
                out,
                "\n{} ({count}): {}\n\n```sh",
                code(&own.case),
                escaped(&own.reason)
            );
            for command in &own.curl {
                let _ = writeln!(out, "{command}");
            }
            out += "```\n";
        }
        out + "\n</details>\n"
    }
}

/// A text in backquotes, whatever it holds.
pub(super) fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ").replace('|', "\\|");
    match text.contains('`') {
        true => format!("`` {text} ``"),
        false => format!("`{text}`"),
    }
}

/// A text without what would be a tag; between backticks nothing is one.
pub(super) fn escaped(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(index, part)| match index % 2 {
        0 => part.replace('<', "&lt;"),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("`")
}
