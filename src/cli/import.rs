//! `crossfield import`

mod load;
mod place;

use jiff::Timestamp;
use serde::Serialize;

use self::load::{Loaded, load};
use self::place::{Target, put};
use super::Exit;
use super::arguments::{Format, ImportArguments, RuleKind};
use super::console::Console;
use crate::import::{Demand, Imported, ImportedRule, settle};
use crate::report::counted;
use crate::source::{Diagnostic, DiagnosticJson, Diagnostics, Sources};

/// The data of the command.
#[derive(Serialize)]
struct Data {
    diagnostics: Vec<DiagnosticJson>,
    rules: Vec<Rule>,
    /// Where the rule file was written to.
    written: Option<String>,
    /// The rule file, where it was asked for on standard output.
    file: Option<String>,
}

/// A rule that was carried over.
#[derive(Serialize)]
struct Rule {
    id: String,
    operations: Vec<String>,
    /// `rule`, or a shorthand.
    form: &'static str,
    message: Option<String>,
    source: Option<String>,
}

/// Runs the command.
pub(super) fn run(arguments: &ImportArguments, console: &Console) -> Exit {
    let mut sources = Sources::new();
    let mut findings = Diagnostics::new();
    let done = work(arguments, &mut sources, &mut findings);
    console.diagnostics(&findings, &sources);
    let mut exit = match findings.has_errors() {
        true => Exit::BadInput,
        false => Exit::Clean,
    };
    let mut written = None;
    if let Some((target, imported, text)) = &done
        && let Some(file) = &target.file
    {
        match put(file, text) {
            Ok(how) => written = Some((file.display().to_string(), how)),
            Err(message) => {
                console.error(&message);
                return Exit::BadInput;
            }
        }
        if console.format == Format::Human {
            let (path, how) = written.as_ref().map_or(("", ""), |(path, how)| (path, how));
            exit = exit.worse(console.data(&summary(path, how, imported)));
        }
    }
    if console.format == Format::Json {
        return exit.worse(console.json(&data(&findings, &sources, done, written)));
    }
    match done {
        Some((target, _, text)) if target.file.is_none() => exit.worse(console.data(&text)),
        _ => exit,
    }
}

fn summary(path: &str, how: &str, imported: &Imported) -> String {
    format!(
        "{path}: {how}; {}, {} not carried over\n",
        counted(imported.rules.len(), "rule"),
        imported.lost.len()
    )
}

/// What was imported, and its text; `None` where nothing can be written.
fn work(
    arguments: &ImportArguments,
    sources: &mut Sources,
    findings: &mut Diagnostics,
) -> Option<(Target, Imported, String)> {
    let target = Target::new(arguments.output.as_deref());
    let Loaded {
        document,
        api,
        mut imported,
    } = load(arguments, &target, sources, findings)?;
    imported.rules.sort_by_key(|rule| rule.span);
    let kind = match arguments.kind {
        RuleKind::Idl => "idl",
        RuleKind::Jsonschema => "jsonschema",
        RuleKind::Kubernetes => "kubernetes",
    };
    let spec = target.relative(&arguments.spec);
    let title = format!("Imported from {spec} by `crossfield import {kind}`.");
    let now = Timestamp::now().as_nanosecond();
    let settled = settle(imported, &document, sources, (&api, &title), now);
    match settled {
        Ok(settled) => {
            let lost = settled.imported.lost.iter();
            findings.extend(lost.map(crate::import::Lost::diagnostic));
            Some((target, settled.imported, settled.text))
        }
        Err(errors) => {
            report(findings, errors);
            None
        }
    }
}

/// Takes in findings that aren't there yet.
fn report(findings: &mut Diagnostics, errors: Diagnostics) {
    for error in errors {
        if !findings.iter().any(|known: &Diagnostic| *known == error) {
            findings.push(error);
        }
    }
}

fn data(
    findings: &Diagnostics,
    sources: &Sources,
    done: Option<(Target, Imported, String)>,
    written: Option<(String, &'static str)>,
) -> Data {
    let rules = done.as_ref().map(|(_, imported, _)| imported.rules.iter());
    let file = done.as_ref().filter(|(target, ..)| target.file.is_none());
    Data {
        diagnostics: findings.to_json(sources),
        rules: rules
            .map(|rules| rules.map(rule).collect())
            .unwrap_or_default(),
        written: written.map(|(path, _)| path),
        file: file.map(|(_, _, text)| text.clone()),
    }
}

fn rule(rule: &ImportedRule) -> Rule {
    Rule {
        id: rule.id.clone(),
        operations: rule.operations.clone(),
        form: match rule.demand {
            Demand::Rule(_) => "rule",
            Demand::Requires(..) => "requires",
            Demand::Fields(key, _) | Demand::Conditional(key, ..) => key,
        },
        message: rule.message.clone(),
        source: rule.source.clone(),
    }
}
