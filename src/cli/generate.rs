//! `crossfield generate`

use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Exit;
use super::arguments::{Compact, Format, GenerateArguments, Target};
use super::console::Console;
use super::input::{Input, Loaded, case_files, load};
use super::output::{self, Written};
use crate::case::CaseFile;
use crate::emit::{self, EmitError, Output};
use crate::fault::Layer;
use crate::field::field_faults;
use crate::generate::{Generated, Options, Scope, Wanted, case_file, generate};
use crate::model::Model;
use crate::report::Summary;
use crate::settings::{Settings, unused};
use crate::source::{DiagnosticJson, Diagnostics, Span};

/// The data of the command.
#[derive(Serialize)]
struct Data<'a> {
    diagnostics: Vec<DiagnosticJson>,
    files: &'a [Summary],
    #[serde(flatten)]
    written: &'a Written,
}

/// A command that can't go on: why, and how it ends.
pub(super) type Stop = (String, Exit);

/// Runs the command.
pub(super) fn run(arguments: &GenerateArguments, console: &Console) -> Exit {
    let mut input = load(&arguments.paths);
    console.diagnostics(&input.diagnostics, &input.sources);
    if input.diagnostics.has_errors() {
        if console.format == Format::Json {
            return console
                .json(&Data {
                    diagnostics: input.diagnostics.to_json(&input.sources),
                    files: &[],
                    written: &Written::default(),
                })
                .worse(Exit::BadInput);
        }
        return Exit::BadInput;
    }
    match work(arguments, &mut input, console) {
        Ok(exit) => exit,
        Err((message, exit)) => {
            console.error(&message);
            exit
        }
    }
}

fn work(arguments: &GenerateArguments, input: &mut Input, console: &Console) -> Result<Exit, Stop> {
    agree(arguments)?;
    let folder = &arguments.output;
    if !arguments.check {
        // What can't be written is better known before the work is done.
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    }
    let mut exit = Exit::Clean;
    let mut cases = Vec::new();
    let mut summaries = Vec::new();
    let mut used = Vec::new();
    for loaded in &mut input.files {
        let previous = if arguments.fresh {
            None
        } else {
            previous(folder, &loaded.path)?
        };
        let options = Options {
            wanted: wanted(arguments),
            settings: settings(arguments, loaded),
            fields: arguments.layers.contains(&Layer::Field),
            previous,
            ..with_jobs(arguments.jobs)
        };
        let generated = one(&options, loaded, console);
        if generated.internal.is_empty() && !arguments.check {
            // What an earlier run left of a mistake that is mended.
            let _ = fs::remove_file(internal_file(folder, loaded));
        }
        if !generated.internal.is_empty() {
            let temporary = std::env::temp_dir();
            let kept = if arguments.check { &temporary } else { folder };
            exit = exit.worse(internal(kept, loaded, &generated, console));
        }
        let name = file_name(&loaded.path);
        let z3 = crate::z3_version::linked();
        let file = case_file(&loaded.built, &generated, &name, &z3)
            .map_err(|error| (format!("{}: {error}", loaded.path), Exit::BadInput))?;
        cases.push(file);
        let model = &loaded.built.model;
        let summary = Summary::new(&loaded.path, model, &input.sources, &generated);
        if !summary.unreachable.is_empty() {
            exit = exit.worse(Exit::Findings);
        }
        if arguments.strict && summary.is_inconclusive() {
            exit = exit.worse(Exit::Inconclusive);
        }
        summaries.push(summary);
        let off = generated.off.iter();
        used.extend(off.filter_map(|(_, switch)| switch.span));
        let fields = &generated.fields.off;
        used.extend(fields.iter().filter_map(|(_, switch)| switch.span));
        if !options.fields {
            // What it says of the field layer counts where that is asked for.
            used.extend(of_fields(&options.settings, &loaded.built.model));
        }
    }
    let all: Vec<&Settings> = input.files.iter().map(|own| &own.settings).collect();
    let found: Diagnostics = unused(&all, &used).into_iter().collect();
    console.diagnostics(&found, &input.sources);
    found.into_iter().for_each(|one| input.report(one));
    let outputs = outputs(&cases, &arguments.emit, &input.files)?;
    let written = output::put(folder, &outputs, arguments.check)
        .map_err(|error| (error.to_string(), Exit::BadInput))?;
    if !written.stale.is_empty() {
        exit = exit.worse(Exit::Findings);
    }
    Ok(exit.worse(show(arguments, input, &summaries, &written, console)))
}

/// What the options ask for together must be possible.
fn agree(arguments: &GenerateArguments) -> Result<(), Stop> {
    let is_global = arguments.compact == Compact::Global;
    let problem = if is_global && arguments.shard.is_some() {
        "`--compact global` compares all cases of a file, and a shard knows its own only: leave \
         out one of the two"
    } else if arguments.fill.is_some() && arguments.shard.is_some() {
        "`--fill` spreads values over all cases of a file, and a shard knows its own only: leave \
         out one of the two"
    } else if is_global && arguments.isolate {
        "`--isolate` gives each fault a case, and `--compact global` leaves out all that it can: \
         leave out one of the two"
    } else {
        return Ok(());
    };
    Err((problem.to_owned(), Exit::BadInput))
}

fn wanted(arguments: &GenerateArguments) -> Wanted {
    Wanted {
        scope: match arguments.compact {
            Compact::Rule => Scope::Owner,
            Compact::Global => Scope::File,
        },
        most_cases: arguments.max_cases.map(NonZeroUsize::get),
        is_isolated: arguments.isolate,
        is_filled: arguments.fill.is_some(),
        shard: arguments.shard,
    }
}

/// The entries of settings that switch field faults off.
fn of_fields(settings: &Settings, model: &Model) -> Vec<Span> {
    if settings.off.is_empty() {
        return Vec::new();
    }
    let list = field_faults(model);
    let switches = list.faults.iter().filter_map(|fault| {
        let owner = list.demands.get(fault.demand)?;
        settings.field_switch(&owner.id, &fault.id)?.span
    });
    switches.collect()
}

/// What the settings file says, and the options.
fn settings(arguments: &GenerateArguments, loaded: &Loaded) -> Settings {
    let own = loaded.settings.clone();
    match arguments.layers.as_slice() {
        [] => own,
        layers => own.with_layers(layers),
    }
}

/// So many rules at a time: without a number, one for each processor.
pub(super) fn with_jobs(jobs: Option<NonZeroUsize>) -> Options {
    Options {
        threads: jobs.unwrap_or_else(super::processors).get(),
        ..Options::default()
    }
}

/// Generates the cases of one rule file.
pub(super) fn one(options: &Options, loaded: &mut Loaded, console: &Console) -> Generated {
    let path = &loaded.path;
    let progress = |done: usize, of: usize| {
        console.progress(&format!("{path}: faults of {done} of {of} rules decided"));
    };
    generate(&mut loaded.built, options, &progress)
}

/// The cases of an earlier run, be they in one file or several.
pub(super) fn previous(folder: &Path, rule_file: &str) -> Result<Option<CaseFile>, Stop> {
    let mut all: Option<CaseFile> = None;
    for path in case_files(folder) {
        let name = path.file_name().map(|name| name.to_string_lossy());
        if !name.is_some_and(|name| is_of(&name, emit::stem(rule_file))) {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(|error| {
            let message = format!("`{}` can't be read: {error}", path.display());
            (message, Exit::BadInput)
        })?;
        let file = CaseFile::read(&text);
        let file =
            file.map_err(|error| (format!("{}: {error}", path.display()), Exit::BadInput))?;
        match &mut all {
            None => all = Some(file),
            Some(all) => all.cases.extend(file.cases),
        }
    }
    Ok(all)
}

/// Whether a case file belongs to a rule file: `payments.cases.json`, or
/// `payments.2of4.cases.json`.
fn is_of(name: &str, stem: &str) -> bool {
    let rest = name.strip_prefix(stem);
    let rest = rest.and_then(|rest| rest.strip_suffix(".cases.json"));
    rest.is_some_and(|rest| {
        let numbers = rest
            .strip_prefix('.')
            .and_then(|rest| rest.split_once("of"));
        let is_number = |text: &str| text.parse::<usize>().is_ok();
        rest.is_empty() || numbers.is_some_and(|(a, b)| is_number(a) && is_number(b))
    })
}

pub(super) fn outputs(
    cases: &[CaseFile],
    targets: &[Target],
    files: &[Loaded],
) -> Result<Vec<Output>, Stop> {
    let stop = |error| (with_paths(error, files).to_string(), Exit::BadInput);
    let mut outputs = emit::case_files(cases).map_err(stop)?;
    if targets.contains(&Target::Pytest) {
        outputs.extend(emit::pytest::emit(cases).map_err(stop)?);
    }
    Ok(outputs)
}

/// Case files know their rule files by name only: here, by their paths.
fn with_paths(error: EmitError, files: &[Loaded]) -> EmitError {
    let EmitError::SameName {
        first,
        second,
        path,
    } = error
    else {
        return error;
    };
    let named = |name: &str| -> Vec<String> {
        let paths = files.iter().map(|loaded| loaded.path.clone());
        paths.filter(|path| file_name(path) == name).collect()
    };
    EmitError::SameName {
        first: named(&first).into_iter().next().unwrap_or(first),
        second: named(&second).into_iter().next_back().unwrap_or(second),
        path,
    }
}

/// Tells of mistakes of our own, and keeps what is needed to find them in
/// `folder`.
pub(super) fn internal(
    folder: &Path,
    loaded: &Loaded,
    generated: &Generated,
    console: &Console,
) -> Exit {
    let text = generated.internal.join("\n\n") + "\n";
    let kept = internal_file(folder, loaded);
    let what = match fs::write(&kept, &text) {
        Ok(()) => format!("please report it with `{}`", kept.display()),
        Err(_) => format!("please report it with this:\n{text}"),
    };
    console.error(&format!(
        "{}: judges that should agree don't, {} times; the requests were withheld. This is a \
         mistake of Crossfield, not of your files; {what}",
        loaded.path,
        generated.internal.len()
    ));
    Exit::Internal
}

fn internal_file(folder: &Path, loaded: &Loaded) -> PathBuf {
    folder.join(format!("{}.internal-error.txt", emit::stem(&loaded.path)))
}

fn show(
    arguments: &GenerateArguments,
    input: &Input,
    summaries: &[Summary],
    written: &Written,
    console: &Console,
) -> Exit {
    if console.format == Format::Json {
        return console.json(&Data {
            diagnostics: input.diagnostics.to_json(&input.sources),
            files: summaries,
            written,
        });
    }
    let texts = summaries.iter();
    let mut texts: Vec<String> = texts.map(|own| own.render(arguments.verbose)).collect();
    texts.push(written.render(&arguments.output, arguments.check));
    console.data(&texts.join("\n"))
}

pub(super) fn file_name(path: &str) -> String {
    let name = Path::new(path).file_name();
    name.map_or_else(
        || path.to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

pub(super) fn unwritable(folder: &Path, error: &io::Error) -> Stop {
    let message = format!(
        "the folder `{}` can't be written: {error}",
        folder.display()
    );
    (message, Exit::BadInput)
}
