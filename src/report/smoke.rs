//! What `run --smoke` found, as a table.

use crate::case::TwinKind;
use crate::run::{CaseResult, Exchange, FileResults, Kind, Results, RuleResults};

/// How much of an answer's body the table shows.
const BODY: usize = 60;

/// A line of the table.
type Row = [String; 4];

impl Results {
    /// The text for people; ends with a line break.
    pub fn render_smoke(&self) -> String {
        let mut out = String::new();
        for file in self.files.iter().filter(|file| !file.rules.is_empty()) {
            out += &format!("{} at {}\n\n", file.path, self.url);
            out += &columns(&rows(file));
            out.push('\n');
        }
        let details = self.details();
        if !details.is_empty() {
            out += "Where the server and the rules disagree, or nothing can be said:\n\n";
            out += &details;
        }
        out + &self.leftovers() + &self.last_line()
    }
}

fn rows(file: &FileResults) -> Vec<Row> {
    let titles = ["request", "rules say", "", "server says"].map(str::to_owned);
    let baselines = file.baselines.iter().map(|own| {
        let verdict = if own.outcome == Kind::Passed {
            "agrees"
        } else {
            own.outcome.name()
        };
        [
            format!("baseline {}", own.baseline),
            "accepted".to_owned(),
            verdict.to_owned(),
            said(own.exchanges.last()),
        ]
    });
    let rules = file.rules.iter().flat_map(of_rule);
    std::iter::once(titles)
        .chain(baselines)
        .chain(rules)
        .collect()
}

fn of_rule(rule: &RuleResults) -> Vec<Row> {
    let accepts_baseline = rule.cases.iter().find_map(|case| {
        let twin = case.twin.as_ref()?;
        (twin.kind == TwinKind::Baseline).then_some(twin)
    });
    let baseline = accepts_baseline.map(|twin| {
        let kind = twin.outcome.unwrap_or(Kind::Blocked);
        let verdict = if kind == Kind::Passed {
            "agrees"
        } else {
            kind.name()
        };
        [
            format!("{}: baseline {}", rule.rule, twin.id),
            "accepted".to_owned(),
            verdict.to_owned(),
            "see above".to_owned(),
        ]
    });
    baseline
        .into_iter()
        .chain(rule.cases.iter().map(of_case))
        .collect()
}

fn of_case(case: &CaseResult) -> Row {
    let says = case.verdict.word();
    let verdict = match case.outcome {
        Kind::Passed => "agrees",
        Kind::Failed => "DISAGREES",
        other => other.name(),
    };
    let said = match case.status {
        // What is shown was answered to another request, which is the cause.
        Some(status) if case.exchanges_of.is_some() => status.to_string(),
        _ => said(case.exchanges.last()),
    };
    [case.case.clone(), says.to_owned(), verdict.to_owned(), said]
}

fn said(last: Option<&Exchange>) -> String {
    let Some(answer) = last.and_then(|own| own.answer.as_ref()) else {
        return "no answer".to_owned();
    };
    let body = answer.body.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut start: String = body.chars().take(BODY).collect();
    if start.len() < body.len() {
        start += " ...";
    }
    format!("{} {start}", answer.status).trim().to_owned()
}

/// Rows in aligned columns, all to the left.
fn columns(rows: &[Row]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..4).map(width).collect();
    let lines = rows.iter().map(|row| {
        let cells = row.iter().zip(&widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        cells.join("  ").trim_end().to_owned() + "\n"
    });
    lines.collect()
}
