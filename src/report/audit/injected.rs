//! Which faults a suite notices of those that it sends.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::Audit;
use super::markdown::{code, escaped};
use crate::fault::Fault;
use crate::inject::{Fates, Forged, Found, Notice};
use crate::model::Model;
use crate::report::table::table;
use crate::report::{counted, wrapped};

/// How many made-up answers are shown of a fault.
const ANSWERS: usize = 3;
/// How many faults are shown that aren't noticed, where not all are.
const SHOWN: usize = 20;

/// What a suite made of the faults whose answers it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Injected {
    /// How often it ran with faults.
    pub runs: usize,
    /// All faults that its requests show.
    #[serde(flatten)]
    pub all: Noticed,
    /// What it doesn't notice.
    pub slips: Vec<Slip>,
    #[serde(skip)]
    by_fault: BTreeMap<String, &'static str>,
}

/// How many faults that requests show are noticed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Noticed {
    /// The suite failed.
    pub noticed: usize,
    /// It passed, although answers were wrong.
    pub not_noticed: usize,
    /// No wrong answer could be made up.
    pub not_made_up: usize,
    /// Nobody looked.
    pub not_tried: usize,
}

/// Wrong answers with which a suite passes, and the servers that give them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Slip {
    /// What the first fault belongs to.
    pub rule: String,
    /// The faults, by id: servers with one of them answer the same.
    pub faults: Vec<String>,
    /// What the first of these servers does: completes "a server that ...".
    pub words: String,
    /// The answers.
    pub answers: Vec<Wrong>,
}

/// A wrong answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// `POST /payments`
    pub request: String,
    /// What a right server says of it, and what was answered.
    pub answer: String,
}

impl Injected {
    /// From what became of faults, by their positions.
    pub fn new(model: &Model, faults: &[Fault], fates: &Fates) -> Self {
        let mut own = Self {
            runs: fates.runs,
            all: Noticed::default(),
            slips: Vec::new(),
            by_fault: BTreeMap::new(),
        };
        let mut slips: Vec<(&[Forged], Slip)> = Vec::new();
        for (position, Found { notice, forged }) in &fates.faults {
            let Some(fault) = faults.get(*position) else {
                continue;
            };
            own.all.add(word(*notice));
            own.by_fault.insert(fault.id.clone(), word(*notice));
            if *notice != Notice::Unnoticed {
                continue;
            }
            let known = slips
                .iter_mut()
                .find(|(answers, _)| *answers == forged.as_slice());
            match known {
                Some((_, slip)) => slip.faults.push(fault.id.clone()),
                None => slips.push((forged, slip(model, fault, forged))),
            }
        }
        own.slips = slips.into_iter().map(|(_, slip)| slip).collect();
        own
    }
}

fn slip(model: &Model, fault: &Fault, forged: &[Forged]) -> Slip {
    let answers = forged.iter().map(|own| Wrong {
        request: own.request.clone(),
        answer: own.words.clone(),
    });
    Slip {
        rule: fault.owner.id(model),
        faults: vec![fault.id.clone()],
        words: fault.words.clone(),
        answers: answers.collect(),
    }
}

fn word(notice: Notice) -> &'static str {
    match notice {
        Notice::Noticed => "noticed",
        Notice::Unnoticed => "not noticed",
        Notice::NotMade => "not made up",
        Notice::NotTried => "not tried",
    }
}

impl Noticed {
    fn add(&mut self, word: &str) {
        match word {
            "noticed" => self.noticed += 1,
            "not noticed" => self.not_noticed += 1,
            "not made up" => self.not_made_up += 1,
            _ => self.not_tried += 1,
        }
    }

    /// Faults that requests show.
    pub fn sent(&self) -> usize {
        self.noticed + self.not_noticed + self.not_made_up + self.not_tried
    }
}

impl Audit {
    /// Takes in what the suite made of faults. Such that only the search for masked
    /// ones brought up weren't tried.
    pub fn inject(&mut self, mut injected: Injected) {
        let mut rules: BTreeMap<&str, Noticed> = BTreeMap::new();
        for fault in &mut self.faults {
            let known = injected.by_fault.get(&fault.fault).copied();
            if known.is_none() && fault.is_exercised() {
                injected.all.add("not tried");
            }
            fault.notice = known.or(fault.is_exercised().then_some("not tried"));
            if let Some(word) = fault.notice {
                rules.entry(&fault.rule).or_default().add(word);
            }
        }
        for rule in &mut self.rules {
            rule.noticed = rules
                .get(rule.rule.as_str())
                .copied()
                .or(Some(Noticed::default()));
        }
        let all = injected.all;
        self.headline += &format!(
            "; the suite notices {} of the {} that it sends",
            all.noticed,
            counted(all.sent(), "fault")
        );
        self.injected = Some(injected);
    }

    /// How many faults are noticed.
    pub fn noticed(&self) -> usize {
        self.injected.as_ref().map_or(0, |own| own.all.noticed)
    }

    /// What the suite made of faults, for people.
    pub(super) fn injected_text(&self, verbose: bool) -> String {
        let Some(injected) = &self.injected else {
            return String::new();
        };
        let mut out = format!("\n{}\n{}", self.runs_line(injected), self.noticed_table());
        if injected.slips.is_empty() {
            return out;
        }
        out += "\nSent, but not noticed: the suite passes though the server\n";
        let most = if verbose { usize::MAX } else { SHOWN };
        for (index, slip) in injected.slips.iter().take(most).enumerate() {
            out += &slip_text(index + 1, slip, verbose);
        }
        if injected.slips.len() > most {
            let _ = writeln!(
                out,
                "  and {} more: see --verbose",
                injected.slips.len() - most
            );
        }
        out
    }

    fn runs_line(&self, injected: &Injected) -> String {
        let mut line = format!("{} with faults", counted(injected.runs, "run"));
        let all = injected.all;
        for (count, words) in [
            (all.not_made_up, "of which no wrong answer could be made up"),
            (all.not_tried, "that nobody tried"),
        ] {
            if count > 0 {
                let _ = write!(line, "; {} {words}", counted(count, "fault"));
            }
        }
        line + "\n"
    }

    fn noticed_table(&self) -> String {
        let titles = [
            "rule",
            "faults",
            "sent",
            "noticed",
            "not noticed",
            "not tried",
            "not sent",
        ];
        table(&titles, &self.noticed_rows())
    }

    fn noticed_rows(&self) -> Vec<Vec<String>> {
        let rows = self.rules.iter().map(|rule| {
            let own = rule.noticed.unwrap_or_default();
            let testable = rule.faults.testable();
            let counts = [
                testable,
                own.sent(),
                own.noticed,
                own.not_noticed,
                own.not_made_up + own.not_tried,
                testable.saturating_sub(own.sent()),
            ];
            let name = std::iter::once(rule.rule.clone());
            name.chain(counts.map(|own| own.to_string())).collect()
        });
        rows.collect()
    }

    /// The same as Markdown.
    pub(super) fn injected_lines(&self) -> String {
        let Some(injected) = &self.injected else {
            return String::new();
        };
        let mut out = "\n| rule | faults | sent | noticed | not noticed | not tried | not sent |\n\
                       |---|---|---|---|---|---|---|\n"
            .to_owned();
        for row in self.noticed_rows() {
            let cells = row.iter().enumerate().map(|(index, cell)| match index {
                0 => code(cell),
                _ => cell.clone(),
            });
            let cells: Vec<String> = cells.collect();
            let _ = writeln!(out, "| {} |", cells.join(" | "));
        }
        if injected.slips.is_empty() {
            return out;
        }
        out += "\n**Sent, but not noticed: the suite passes though the server**\n";
        for slip in injected.slips.iter().take(SHOWN) {
            let _ = writeln!(out, "- {} ({})", escaped(&slip.words), code(&slip.rule));
            for own in slip.answers.iter().take(ANSWERS) {
                let _ = writeln!(out, "  - {}: {}", code(&own.request), escaped(&own.answer));
            }
        }
        if injected.slips.len() > SHOWN {
            let _ = writeln!(out, "\nand {} more.", injected.slips.len() - SHOWN);
        }
        out
    }
}

fn slip_text(number: usize, slip: &Slip, verbose: bool) -> String {
    let mut out = wrapped(&format!("{number}. {} [{}]", slip.words, slip.rule), "  ");
    let others = slip.faults.len().saturating_sub(1);
    if verbose {
        for fault in &slip.faults {
            let _ = writeln!(out, "       {fault}");
        }
    } else if others > 0 {
        let faults = counted(others, "other fault");
        let _ = writeln!(out, "     ({faults} would be answered the same)");
    }
    for own in slip.answers.iter().take(ANSWERS) {
        out += &wrapped(&format!("{}: {}", own.request, own.answer), "     ");
    }
    if slip.answers.len() > ANSWERS {
        let _ = writeln!(out, "     and {} more", slip.answers.len() - ANSWERS);
    }
    out
}
