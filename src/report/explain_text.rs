//! Explanations for people.

use std::fmt::Write;

use super::check::sample;
use super::explain::{Explanation, FateOf, Mend};
use super::{counted, wrapped};
use crate::case::{Case, Step, StepChanges, TwinKind, Verdict};

impl Explanation {
    /// The text for people; ends with a line break.
    pub fn render(&self) -> String {
        let mut out = Lines::default();
        match self {
            Self::Code {
                id,
                meaning,
                example,
            } => {
                out.line(&format!("{id}, a finding"));
                out.text.push_str(&wrapped(meaning, "  "));
                if let Some(example) = example {
                    render_mend(&mut out, example);
                }
            }
            Self::Class { id, meaning } => {
                out.line(&format!("{id}, a class of faults"));
                out.text.push_str(&wrapped(meaning, "  "));
            }
            Self::Rule { .. } => self.render_rule(&mut out),
            Self::Fault { .. } => self.render_fault(&mut out),
            Self::Case(case) => render_case(&mut out, case),
        }
        out.text
    }

    fn render_rule(&self, out: &mut Lines) {
        let Self::Rule {
            id,
            operation,
            about,
            message,
            text,
            place,
            understood,
            source,
            field_path,
            severity,
            tags,
            refused_with,
            accepted,
            rejected,
            answer,
            accepted_story,
            rejected_story,
            faults,
        } = self
        else {
            return;
        };
        let about = about.as_ref().map(|about| format!(", {about}"));
        let about = about.unwrap_or_default();
        out.line(&format!("{id}, a rule of {operation}{about}"));
        if message != id {
            out.text.push_str(&wrapped(message, "  "));
        }
        out.entry("written", text);
        out.entry("at", place);
        out.entry("understood", understood);
        out.optional("source", source.as_deref());
        out.optional("field", field_path.as_deref());
        out.optional("severity", severity.as_deref());
        out.optional("tags", Some(tags.join(", ")).as_deref());
        let statuses: Vec<String> = refused_with.iter().map(u16::to_string).collect();
        let statuses = statuses.join(" or ");
        let mut samples = vec![("accepted", accepted, accepted_story)];
        if answer.is_none() {
            out.entry(
                "refused with",
                if statuses.is_empty() {
                    "400, 409 or 422"
                } else {
                    &statuses
                },
            );
            samples.push(("rejected", rejected, rejected_story));
        }
        for (title, requests, story) in samples {
            let title = format!("  {title:<13} ");
            let text = sample(&title, requests.as_ref(), story.as_deref());
            out.text.push_str(&text);
        }
        for (index, told) in answer.iter().flatten().enumerate() {
            out.entry(if index == 0 { "answer" } else { "" }, told);
        }
        out.line("");
        out.line(&format!(
            "  {}; a server that",
            counted(faults.len(), "fault")
        ));
        for fault in faults {
            out.line(&format!("    {}  [{}]", fault.words, fault.id));
            out.line(&format!("      {}", fault.fate.in_short()));
        }
    }

    fn render_fault(&self, out: &mut Lines) {
        let Self::Fault {
            id,
            owner,
            class,
            class_meaning,
            words,
            text,
            place,
            replaced,
            fate,
        } = self
        else {
            return;
        };
        out.line(&format!("{id}, a fault of {owner}"));
        out.line(&format!("  a server that {words}"));
        out.entry("class", &format!("{class}: {class_meaning}"));
        out.entry("written", text);
        out.entry("at", place);
        for one in replaced {
            out.entry("right", &one.right);
            out.entry("faulty", &one.faulty);
        }
        out.entry("fate", &fate.in_short());
        for (index, one) in fate.proof.iter().enumerate() {
            out.entry(if index == 0 { "proof" } else { "" }, one);
        }
        if fate.fate == "untestable" && fate.proof.is_empty() {
            out.entry(
                "proof",
                "both servers are the same wherever the schema holds",
            );
        }
    }
}

impl FateOf {
    /// The fate in one line.
    fn in_short(&self) -> String {
        let by = self.case.iter().map(|case| format!("by the case {case}"));
        let words: Vec<String> = by.chain(self.reason.clone()).collect();
        match words.as_slice() {
            [] => self.fate.clone(),
            words => format!("{}: {}", self.fate, words.join("; ")),
        }
    }
}

fn render_mend(out: &mut Lines, example: &Mend) {
    for (title, text) in [
        (
            format!("This leads to it, in {}:", example.part),
            &example.bad,
        ),
        ("This is meant:".to_owned(), &example.good),
    ] {
        out.line("");
        out.line(&format!("  {title}"));
        for line in text.lines() {
            out.line(&format!("    {line}"));
        }
    }
}

fn render_case(out: &mut Lines, case: &Case) {
    out.line(&format!("{}, a case of {}", case.id, case.rule));
    out.text.push_str(&wrapped(&case.reason, "  "));
    render_story(out, case);
    let statuses: Vec<String> = case.expected.statuses.iter().map(u16::to_string).collect();
    let verdict = match (case.expected.verdict, statuses.as_slice()) {
        (Verdict::Accept, []) => "accepted with any 2xx".to_owned(),
        (Verdict::Accept, _) => format!("accepted with {}", statuses.join(" or ")),
        (Verdict::Reject, _) => format!("refused with {}", statuses.join(" or ")),
    };
    out.entry("expected", &verdict);
    let value = case.value.map(|value| value.in_words());
    out.optional("value", value.as_deref());
    out.optional("filled", Some(case.filled.join(", ")).as_deref());
    out.optional("breaks", Some(case.breaks.join(", ")).as_deref());
    out.optional("assumes", Some(case.assumes.join(", ")).as_deref());
    // A story says what it does differently.
    let twin = case.twin.as_ref().filter(|_| case.story.is_none());
    out.optional("twin", twin.map(|twin| &*twin.id));
    for (step, changes) in case.steps.iter().zip(&case.changes) {
        let request = &step.request;
        let called = format!("{} {}", request.method, request.path_template);
        out.entry(&format!("step {}", changes.step), &called);
        out.entry("", &of_baseline(changes));
        for (place, value) in &changes.set {
            out.entry("", &format!("  {place} = {value}"));
        }
        for place in &changes.unset {
            out.entry("", &format!("  {place} is left out"));
        }
        for line in request.body.iter().flat_map(|body| body.lines()) {
            out.entry("", line);
        }
        for (place, text) in &request.written {
            out.entry("written", &format!("{place} as {text}"));
        }
        out.optional("shows", Some(shows(step)).as_deref());
    }
    for view in &case.views {
        let request = &view.request;
        let called = format!("{} {}", request.method, request.path_template);
        let told = format!("{called} before the last step: shows {}", shows(view));
        out.entry("looks at", &told);
    }
    out.line("");
    let count = counted(case.detects.len(), "fault");
    out.line(&format!("  {count} detected; a server that"));
    for fault in &case.detects {
        out.line(&format!("    {}  [{}]", fault.words, fault.fault));
    }
}

/// What the answer to a step has to show: `amount 25, no note`.
fn shows(step: &Step) -> String {
    let all = step.shows.iter().map(|shown| {
        let place = shown.path.join(".");
        match &shown.value {
            Some(value) => format!("{value} as {place}"),
            None => format!("no {place}"),
        }
    });
    all.collect::<Vec<_>>().join(", ")
}

/// What happens, and why: to be read in a few seconds.
fn render_story(out: &mut Lines, case: &Case) {
    let Some(story) = &case.story else {
        return;
    };
    out.line("");
    if story.steps.len() > 1 {
        out.text.push_str(&story.requests("", 2));
    }
    let twin = case.twin.as_ref().map(|twin| match twin.kind {
        TwinKind::Case => twin.id.clone(),
        TwinKind::Baseline => format!("baseline {}", twin.id),
    });
    for reason in story.reasons(twin.as_deref()) {
        let reason = wrapped(&reason, "    ");
        out.text.push_str(&reason.replacen("    ", "  ", 1));
    }
    out.line("");
}

fn of_baseline(changes: &StepChanges) -> String {
    let count = changes.set.len() + changes.unset.len();
    match (&changes.of, count) {
        (None, _) => "like no baseline, with".to_owned(),
        (Some(of), 0) => format!("as step {} of baseline {}", of.step, of.baseline),
        (Some(of), _) => format!("as step {} of baseline {}, but", of.step, of.baseline),
    }
}

/// A text in the making.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{line}");
    }

    fn entry(&mut self, name: &str, value: &str) {
        let mut lines = value.lines();
        let _ = writeln!(
            self.text,
            "  {name:<13} {}",
            lines.next().unwrap_or_default()
        );
        for line in lines {
            let _ = writeln!(self.text, "  {:<13} {}", "", line.trim_start());
        }
    }

    fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.entry(name, value);
        }
    }
}
