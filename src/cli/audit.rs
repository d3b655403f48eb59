//! `crossfield audit`

mod inject;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use self::inject::Injection;
use super::Exit;
use super::arguments::{AuditArguments, Format};
use super::console::Console;
use super::generate::{Stop, file_name, internal, outputs, previous, unwritable};
use super::input::{ENDING, Input, Loaded, case_files, load};
use super::output::{self, Written};
use crate::audit::{Audited, Request, Setting, audit};
use crate::case::CaseFile;
use crate::emit::Output;
use crate::generate::{Options, case_file};
use crate::report::{Audit, Auditor, Earlier, Mask, page};
use crate::run::Environment;
use crate::source::{DiagnosticJson, Sources};
use crate::traffic::files;

/// The data of the command.
#[derive(Serialize)]
struct Data<'a> {
    /// What is wrong with rule files, or worth knowing.
    diagnostics: Vec<DiagnosticJson>,
    files: &'a [Audit],
    /// What was written for what isn't exercised.
    #[serde(skip_serializing_if = "Option::is_none")]
    complement: Option<&'a Written>,
}

/// What the files of a suite stand beside that `--complement` writes.
const COMPLEMENT: &str = "complement.md";

/// Runs the command.
pub(super) fn run(arguments: &AuditArguments, console: &Console) -> Exit {
    let arguments = &sorted_out(arguments);
    if arguments.paths.is_empty() {
        console.error(
            "no rule file is named: everything behind --traffic is traffic, so put the rule files \
             before it",
        );
        return Exit::BadInput;
    }
    let mut input = load(&arguments.paths);
    console.diagnostics(&input.diagnostics, &input.sources);
    if input.diagnostics.has_errors() {
        let shown = match console.format {
            Format::Human => Exit::Clean,
            Format::Json => console.json(&Data {
                diagnostics: input.diagnostics.to_json(&input.sources),
                files: &[],
                complement: None,
            }),
        };
        return shown.worse(Exit::BadInput);
    }
    match work(arguments, &mut input, console) {
        Ok(exit) => exit,
        Err((message, exit)) => {
            console.error(&message);
            exit
        }
    }
}

fn work(arguments: &AuditArguments, input: &mut Input, console: &Console) -> Result<Exit, Stop> {
    // What can't be written is better known before the work is done.
    if let Some(folder) = &arguments.complement {
        keep_suite(folder)?;
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    }
    for path in [&arguments.html, &arguments.markdown].into_iter().flatten() {
        fs::write(path, "").map_err(|error| unwritable_file(path, &error))?;
    }
    let earlier = arguments.baseline.as_deref().map(earlier).transpose()?;
    let mut injection = match arguments.inject_all {
        true => Some(Injection::start(arguments, console)?),
        false => None,
    };
    let named = match &injection {
        Some(injection) => vec![injection.recording()],
        None => arguments.traffic.clone(),
    };
    let traffic = files(&named).map_err(|error| (error.to_string(), Exit::BadInput))?;
    let mut exit = Exit::Clean;
    let mut is_known = earlier.is_none();
    let mut audits = Vec::new();
    let mut cases = Vec::new();
    for index in 0..input.files.len() {
        let (mut audit, file, own) = one(arguments, input, index, &traffic, console)?;
        if let Some(earlier) = &earlier {
            is_known |= earlier.knows(&audit);
            audit.worse = earlier.worse(&audit);
        }
        if let Some(injection) = &mut injection {
            let injected = injection.of(&audit.file)?;
            injected.into_iter().for_each(|own| audit.inject(own));
        }
        exit = exit.worse(own);
        audits.push(audit);
        cases.push(file);
    }
    if !is_known {
        let message = "the baseline is of other rule files: nothing can be compared with it";
        return Err((message.to_owned(), Exit::BadInput));
    }
    if let Some(injection) = &mut injection {
        exit = exit.worse(injection.end()?);
    }
    let written = complement(arguments, &cases, input)?;
    exit = exit.worse(judged(arguments, &audits, console));
    if let Some(path) = &arguments.html {
        fs::write(path, page(&audits)).map_err(|error| unwritable_file(path, &error))?;
    }
    if let Some(path) = &arguments.markdown {
        let texts: Vec<String> = audits.iter().map(Audit::markdown).collect();
        fs::write(path, texts.join("\n")).map_err(|error| unwritable_file(path, &error))?;
    }
    Ok(exit.worse(show(input, &audits, arguments, written.as_ref(), console)))
}

/// Rule files that stand behind `--traffic FILE...` are no traffic.
fn sorted_out(arguments: &AuditArguments) -> AuditArguments {
    let mut arguments = arguments.clone();
    if arguments.paths.is_empty() {
        let is_rules = |path: &PathBuf| path.to_string_lossy().ends_with(ENDING);
        let (rules, traffic) = arguments.traffic.into_iter().partition(is_rules);
        (arguments.paths, arguments.traffic) = (rules, traffic);
    }
    arguments
}

/// The audit of one rule file, and the cases that are missing.
fn one(
    arguments: &AuditArguments,
    input: &mut Input,
    index: usize,
    traffic: &[(PathBuf, bool)],
    console: &Console,
) -> Result<(Audit, CaseFile, Exit), Stop> {
    let nothing = || ("there is no rule file".to_owned(), Exit::BadInput);
    let loaded = input.files.get_mut(index).ok_or_else(nothing)?;
    let paths: Vec<PathBuf> = traffic.iter().map(|(path, _)| path.clone()).collect();
    let cases = arguments.cases.as_ref();
    let previous = cases
        .map(|folder| previous(folder, &loaded.path))
        .transpose()?;
    if let (Some(folder), Some(None)) = (cases, &previous) {
        let message = format!(
            "`{}` holds no cases of `{}`: name the folder of a suite that `generate` wrote",
            folder.display(),
            loaded.path
        );
        return Err((message, Exit::BadInput));
    }
    let request = Request {
        document: &loaded.document,
        files: &paths,
        setting: &Setting {
            bases: arguments.base.clone(),
            from_start: arguments.from_start,
        },
        environment: &Environment::of_process(),
        options: Options {
            threads: arguments.jobs.unwrap_or_else(super::processors).get(),
            previous: previous.flatten(),
            settings: loaded.settings.clone(),
            ..Options::default()
        },
    };
    let path = loaded.path.clone();
    let audited = audit(&mut loaded.built, request, &|what, count| {
        console.progress(&format!("{path}: {count} {what}"));
    });
    let mut exit = Exit::Clean;
    if !audited.generated.internal.is_empty() {
        exit = internal(&std::env::temp_dir(), loaded, &audited.generated, console);
    }
    tell(&audited, traffic, console)?;
    let z3 = crate::z3_version::linked();
    let file = case_file(
        &loaded.built,
        &audited.generated,
        &file_name(&loaded.path),
        &z3,
    );
    let file = file.map_err(|error| (format!("{}: {error}", loaded.path), Exit::BadInput))?;
    let loaded = input.files.get(index).ok_or_else(nothing)?;
    let mask = Mask::new(&arguments.mask);
    let paths = paths.iter().map(|path| inject::shown(arguments, path));
    let paths: Vec<String> = paths.collect();
    let report = report((loaded, &input.sources), &audited, &file, &paths, &mask);
    Ok((report, file, exit))
}

fn report(
    (loaded, sources): (&Loaded, &Sources),
    audited: &Audited,
    cases: &CaseFile,
    files: &[String],
    mask: &Mask,
) -> Audit {
    let auditor = Auditor {
        file: &loaded.path,
        model: &loaded.built.model,
        sources,
        faults: &audited.faults,
        generated: &audited.generated,
        cases,
        seen: &audited.seen,
        kept: &audited.kept,
        exercised: &audited.exercised,
        files,
        unread: &audited.unread,
        mask,
    };
    auditor.audit()
}

/// Tells of files that somebody named and that can't be read, and of variables
/// that aren't set.
fn tell(audited: &Audited, traffic: &[(PathBuf, bool)], console: &Console) -> Result<(), Stop> {
    for (file, problem) in &audited.unread {
        let Some((path, is_named)) = traffic.get(*file) else {
            continue;
        };
        let message = format!("`{}`: {problem}", path.display());
        if *is_named {
            return Err((message, Exit::BadInput));
        }
        console.say(&format!("note: {message}\n"));
    }
    let unset: BTreeSet<&String> = audited.unset.iter().collect();
    for variable in unset {
        console.say(&format!(
            "note: {variable} isn't set: requests that it matters for aren't judged\n"
        ));
    }
    Ok(())
}

/// A suite that `generate` wrote isn't replaced by a part of it.
fn keep_suite(folder: &Path) -> Result<(), Stop> {
    if case_files(folder).is_empty() || folder.join(COMPLEMENT).exists() {
        return Ok(());
    }
    let message = format!(
        "`{}` holds a suite that `generate` wrote: name another folder for what is missing",
        folder.display()
    );
    Err((message, Exit::BadInput))
}

/// Writes tests for what isn't exercised.
fn complement(
    arguments: &AuditArguments,
    cases: &[CaseFile],
    input: &Input,
) -> Result<Option<Written>, Stop> {
    let Some(folder) = &arguments.complement else {
        return Ok(None);
    };
    let mut outputs = outputs(cases, &arguments.emit, &input.files)?;
    outputs.push(Output {
        path: COMPLEMENT.to_owned(),
        text: "Tests for what recorded traffic doesn't exercise, written by `crossfield audit \
               --complement`. What\ntraffic exercises by the next time isn't here any more.\n"
            .to_owned(),
        rule_file: None,
        shard: None,
    });
    let written = output::put(folder, &outputs, false);
    written
        .map(Some)
        .map_err(|error| (error.to_string(), Exit::BadInput))
}

/// An earlier result.
fn earlier(path: &Path) -> Result<Earlier, Stop> {
    let stop = |problem: String| (format!("`{}`: {problem}", path.display()), Exit::BadInput);
    let text =
        fs::read_to_string(path).map_err(|error| stop(format!("it can't be read: {error}")))?;
    Earlier::read(&text).map_err(|problem| {
        stop(format!(
            "it is no result of `audit --format json`: {problem}"
        ))
    })
}

/// How the command ends by what is exercised, or noticed.
fn judged(arguments: &AuditArguments, audits: &[Audit], console: &Console) -> Exit {
    if audits.iter().any(|audit| !audit.worse.is_empty()) {
        return Exit::Findings;
    }
    let (found, word) = match arguments.inject_all {
        true => (audits.iter().map(Audit::noticed).sum(), "noticed"),
        false => (
            audits.iter().map(|audit| audit.coverage.detected).sum(),
            "exercised",
        ),
    };
    let testable: usize = audits.iter().map(|audit| audit.coverage.testable).sum();
    let shown = crate::report::Coverage::of(found, testable).percent;
    let percent = match testable {
        0 => 100.0,
        // Counts of faults are far below 2^32.
        _ => 100.0 * small(found) / small(testable),
    };
    match arguments.fail_under {
        Some(limit) if percent < limit => {
            console.say(&format!(
                "{found} of {testable} testable faults are {word} ({shown:.1} %), which is under \
                 the limit of {limit} %\n"
            ));
            Exit::Findings
        }
        _ => Exit::Clean,
    }
}

fn small(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn show(
    input: &Input,
    audits: &[Audit],
    arguments: &AuditArguments,
    written: Option<&Written>,
    console: &Console,
) -> Exit {
    if console.format == Format::Json {
        return console.json(&Data {
            diagnostics: input.diagnostics.to_json(&input.sources),
            files: audits,
            complement: written,
        });
    }
    let texts = audits.iter().map(|audit| audit.render(arguments.verbose));
    let mut texts: Vec<String> = texts.collect();
    if let (Some(written), Some(folder)) = (written, &arguments.complement) {
        texts.push(written.render(folder, false));
    }
    console.data(&texts.join("\n"))
}

fn unwritable_file(path: &Path, error: &std::io::Error) -> Stop {
    let message = format!("`{}` can't be written: {error}", path.display());
    (message, Exit::BadInput)
}
