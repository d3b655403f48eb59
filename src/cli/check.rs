//! `crossfield check`

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Serialize;

use super::Exit;
use super::arguments::{CheckArguments, Format};
use super::console::Console;
use super::input::{Input, load};
use super::watch::watch;
use crate::check::analyse;
use crate::report::{CheckedFile, Detail};
use crate::source::{Diagnostic, DiagnosticJson, Severity};

/// The data of the command.
#[derive(Serialize)]
struct Output<'a> {
    diagnostics: Vec<DiagnosticJson>,
    files: &'a [CheckedFile],
}

/// Runs the command.
pub(super) fn run(arguments: &CheckArguments, console: &Console) -> Exit {
    if !arguments.watch {
        return once(arguments, console).0;
    }
    watch(&arguments.paths, console, || once(arguments, console).1)
}

/// Checks once; how that ended, and the files that it rests on.
fn once(arguments: &CheckArguments, console: &Console) -> (Exit, BTreeSet<PathBuf>) {
    let jobs = arguments.jobs.unwrap_or_else(super::processors);
    let mut input = load(&arguments.paths);
    let mut exit = match input.diagnostics.has_errors() {
        true => Exit::BadInput,
        false => Exit::Clean,
    };
    let mut files = Vec::new();
    let mut found = Vec::new();
    for loaded in &mut input.files {
        let path = &loaded.path;
        let progress = |done: usize, of: usize| {
            console.progress(&format!(
                "{path}: rules of {done} of {of} operations analysed"
            ));
        };
        let (sources, now) = (&input.sources, input.now);
        let analysis = analyse(&mut loaded.built, sources, now, jobs, &progress);
        if analysis.findings.has_errors() {
            exit = exit.worse(Exit::Findings);
        }
        if arguments.strict && analysis.is_undecided() {
            exit = exit.worse(Exit::Inconclusive);
        }
        let detail = match arguments.verbose {
            true => Detail::Verbose,
            false => Detail::Plain,
        };
        files.push(CheckedFile::new(
            path,
            &loaded.built,
            sources,
            &analysis,
            detail,
        ));
        found.extend(analysis.findings);
    }
    found.into_iter().for_each(|finding| input.report(finding));
    let exit = exit.worse(show(&input, &files, console));
    (exit, input.paths)
}

fn show(input: &Input, files: &[CheckedFile], console: &Console) -> Exit {
    console.diagnostics(&input.diagnostics, &input.sources);
    if console.format == Format::Json {
        return console.json(&Output {
            diagnostics: input.diagnostics.to_json(&input.sources),
            files,
        });
    }
    let mut texts: Vec<String> = files.iter().map(CheckedFile::render).collect();
    texts.push(totals(input, files));
    console.data(&texts.join("\n"))
}

/// The last line: how many findings there are.
fn totals(input: &Input, files: &[CheckedFile]) -> String {
    let rules: usize = files.iter().map(|file| file.rules.len()).sum();
    let count = |severity| {
        let all = input.diagnostics.iter();
        all.filter(|finding: &&Diagnostic| finding.severity == severity)
            .count()
    };
    let (errors, warnings, notes) = (
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Note),
    );
    format!(
        "{}: {}, {}, {}\n",
        crate::report::counted(rules, "rule"),
        crate::report::counted(errors, "error"),
        crate::report::counted(warnings, "warning"),
        crate::report::counted(notes, "note"),
    )
}
