//! `crossfield run`

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::Exit;
use super::arguments::{Format, RunArguments};
use super::console::Console;
use super::generate::{file_name, internal, one, with_jobs};
use super::input::{case_files, is_case_file, load};
use crate::case::CaseFile;
use crate::generate::{self, case_file};
use crate::run::{
    Environment, Interrupt, Kind, Missing, Options, Results, Suite, Target, run as send,
};
use crate::source::DiagnosticJson;

/// The data of the command.
#[derive(Serialize)]
struct Data<'a> {
    /// What is wrong with rule files, or worth knowing.
    diagnostics: &'a [DiagnosticJson],
    /// None where rule files have errors.
    #[serde(flatten)]
    results: Option<&'a Results>,
}

/// A command that can't go on: why, unless that was told, and how it ends.
type Stop = (String, Exit);

/// Runs the command.
pub(super) fn run(arguments: &RunArguments, console: &Console) -> Exit {
    match work(arguments, console) {
        Ok(exit) => exit,
        Err((message, exit)) => {
            if !message.is_empty() {
                console.error(&message);
            }
            exit
        }
    }
}

fn work(arguments: &RunArguments, console: &Console) -> Result<Exit, Stop> {
    let mut options = Options {
        target: target(arguments)?,
        others: BTreeMap::new(),
        jobs: arguments.jobs.get(),
        rate: arguments.rate,
        timeout: Duration::from_secs_f64(arguments.timeout),
        filters: arguments.filter.clone(),
        smoke: arguments.smoke,
        interrupt: Interrupt::default(),
    };
    // What can't be written is better known before the work is done.
    if let Some(path) = &arguments.junit {
        fs::write(path, "").map_err(|error| unwritable(path, &error))?;
    }
    let mut diagnostics = Vec::new();
    let suites = suites(arguments, console, &mut diagnostics)?;
    let environment = Environment::of_process();
    ready(&suites, &arguments.filter, &environment)?;
    options.others = others(&suites, &environment, arguments)?;
    let progress = |done: usize, of: usize| {
        console.progress(&format!("{done} of {of} sent"));
    };
    listen(&options.interrupt)?;
    let results = send(&suites, &options, &environment, &progress);
    if let Some(path) = &arguments.junit {
        let text = results.junit();
        let text = text.map_err(|error| (format!("JUnit XML: {error}"), Exit::Internal))?;
        fs::write(path, text).map_err(|error| unwritable(path, &error))?;
    }
    let shown = match console.format {
        Format::Json => console.json(&Data {
            diagnostics: &diagnostics,
            results: Some(&results),
        }),
        Format::Human if arguments.smoke => console.data(&results.render_smoke()),
        Format::Human => console.data(&results.render()),
    };
    if options.interrupt.is_raised() {
        console.error("interrupted: what had been made until then was deleted as far as it can be");
        return Err((String::new(), Exit::Interrupted));
    }
    Ok(shown.worse(exit(&results)))
}

/// The first signal ends the run in order, the second one at once.
fn listen(interrupt: &Interrupt) -> Result<(), Stop> {
    for signal in [SIGINT, SIGTERM] {
        let status = i32::from(Exit::Interrupted.code());
        flag::register_conditional_shutdown(signal, status, interrupt.flag())
            .and_then(|_| flag::register(signal, interrupt.flag()))
            .map_err(|error| {
                let message = format!("signals can't be waited for: {error}");
                (message, Exit::Internal)
            })?;
    }
    Ok(())
}

fn exit(results: &Results) -> Exit {
    match results.outcome {
        Kind::Passed => Exit::Clean,
        Kind::Inconclusive => Exit::Inconclusive,
        Kind::Blocked | Kind::Failed => Exit::Findings,
    }
}

/// Where the API is, if requests may go there.
fn target(arguments: &RunArguments) -> Result<Target, Stop> {
    allowed("--url", &arguments.url, arguments)
}

/// Where the other APIs are that setup steps call.
fn others(
    suites: &[Suite],
    environment: &Environment,
    arguments: &RunArguments,
) -> Result<BTreeMap<String, Target>, Stop> {
    let operations = suites.iter().flat_map(|suite| &suite.file.operations);
    let variables = operations.filter_map(|own| own.base_url.as_deref());
    let mut others = BTreeMap::new();
    for variable in variables {
        // What the selected cases don't need isn't set.
        if let Some(url) = environment.get(variable) {
            others.insert(variable.to_owned(), allowed(variable, url, arguments)?);
        }
    }
    Ok(others)
}

/// The address that `what` gives, if requests may go there.
fn allowed(what: &str, url: &str, arguments: &RunArguments) -> Result<Target, Stop> {
    let target = Target::parse(url);
    let target =
        target.map_err(|error| (format!("{what} can't be used: {error}"), Exit::BadInput))?;
    let host = target.host();
    let mut allowed = arguments.allow.iter();
    let is_allowed = arguments.yes || allowed.any(|own| own.eq_ignore_ascii_case(host));
    if is_allowed || target.is_loopback() {
        return Ok(target);
    }
    let message = format!(
        "{host} is not this machine, and cases create data on the server that they are sent to; \
         where that is meant, add `--allow {host}`, or `--yes` for any host"
    );
    Err((message, Exit::BadInput))
}

/// All cases: read from case files, else looked for.
fn suites(
    arguments: &RunArguments,
    console: &Console,
    diagnostics: &mut Vec<DiagnosticJson>,
) -> Result<Vec<Suite>, Stop> {
    let mut suites = Vec::new();
    // A folder with case files is a suite.
    let (ready, rules): (Vec<PathBuf>, Vec<PathBuf>) = arguments
        .paths
        .iter()
        .cloned()
        .partition(|path| is_case_file(path) || !case_files(path).is_empty());
    for path in ready.iter().flat_map(|path| case_files(path)) {
        suites.push(read(&path)?);
    }
    if !rules.is_empty() {
        suites.extend(generated(&rules, console, diagnostics)?);
    }
    for suite in &suites {
        let mut cases = suite.file.cases.iter();
        if let Some(case) = cases.find(|case| case.concurrent.is_some()) {
            let (path, id) = (&suite.path, &case.id);
            let message =
                format!("{path}: {id} sends requests at the same time, which isn't there yet");
            return Err((message, Exit::BadInput));
        }
    }
    let filters = &arguments.filter;
    if suites
        .iter()
        .all(|suite| suite.selected(filters).is_empty())
    {
        let message = match filters.as_slice() {
            [] => "there is no case to send".to_owned(),
            all => format!("no case, rule or tag contains `{}`", all.join("` or `")),
        };
        return Err((message, Exit::BadInput));
    }
    Ok(suites)
}

fn read(path: &Path) -> Result<Suite, Stop> {
    let shown = path.display();
    let text = fs::read_to_string(path);
    let text =
        text.map_err(|error| (format!("`{shown}` can't be read: {error}"), Exit::BadInput))?;
    let file = CaseFile::read(&text);
    let file = file.map_err(|error| (format!("{shown}: {error}"), Exit::BadInput))?;
    Ok(Suite {
        path: shown.to_string(),
        file,
    })
}

/// The cases of rule files.
fn generated(
    paths: &[PathBuf],
    console: &Console,
    diagnostics: &mut Vec<DiagnosticJson>,
) -> Result<Vec<Suite>, Stop> {
    let mut input = load(paths);
    console.diagnostics(&input.diagnostics, &input.sources);
    *diagnostics = input.diagnostics.to_json(&input.sources);
    if input.diagnostics.has_errors() {
        let shown = match console.format {
            Format::Human => Exit::Clean,
            Format::Json => console.json(&Data {
                diagnostics,
                results: None,
            }),
        };
        return Err((String::new(), shown.worse(Exit::BadInput)));
    }
    let mut suites = Vec::new();
    for loaded in &mut input.files {
        let generated = one(
            &generate::Options {
                settings: loaded.settings.clone(),
                ..with_jobs(None)
            },
            loaded,
            console,
        );
        if !generated.internal.is_empty() {
            let exit = internal(&std::env::temp_dir(), loaded, &generated, console);
            return Err((String::new(), exit));
        }
        let z3 = crate::z3_version::linked();
        let file = case_file(&loaded.built, &generated, &file_name(&loaded.path), &z3)
            .map_err(|error| (format!("{}: {error}", loaded.path), Exit::BadInput))?;
        suites.push(Suite {
            path: loaded.path.clone(),
            file,
        });
    }
    Ok(suites)
}

/// Says what the environment lacks, all at once, before anything is sent.
fn ready(suites: &[Suite], filters: &[String], environment: &Environment) -> Result<(), Stop> {
    let missing = environment.missing(suites, filters);
    if !missing.is_empty() {
        let lines = missing.iter();
        let lines = lines.map(|Missing { variable, purpose }| format!("\n  {variable}: {purpose}"));
        let lines: String = lines.collect();
        let message = format!(
            "the requests need what the environment doesn't have; set and run again:{lines}"
        );
        return Err((message, Exit::BadInput));
    }
    let mut files = suites.iter().map(|suite| &suite.file);
    let unusable = |file| {
        environment
            .no_number(file)
            .or_else(|| environment.same_values(file))
    };
    let unusable = files.find_map(unusable);
    unusable.map_or(Ok(()), |message| Err((message, Exit::BadInput)))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Stop {
    let message = format!("`{}` can't be written: {error}", path.display());
    (message, Exit::BadInput)
}
