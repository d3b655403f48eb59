//! The command line: what can be typed, where output goes, how it ends.
//!
//! Each command is one module with a function `run`, which gives an [`Exit`].

mod arguments;
mod audit;
mod check;
mod console;
mod exit;
mod explain;
mod generate;
mod guard;
mod import;
mod input;
mod output;
mod record;
mod run;
mod shell;
mod suite;
mod watch;

pub use exit::Exit;

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::error::{ContextKind, ErrorKind};
use clap::{CommandFactory, Parser};

use self::arguments::{Arguments, Command, SchemaOf};
use self::console::Console;

/// Runs the program with these arguments, the first of which is its name.
pub fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error).into(),
    };
    let console = Console::new(arguments.format);
    guard::catch(&console, || run(arguments.command, &console)).into()
}

fn run(command: Command, console: &Console) -> Exit {
    if let Err(error) = crate::z3_version::check() {
        console.error(&error.to_string());
        return Exit::BadInput;
    }
    match command {
        Command::Check(arguments) => check::run(&arguments, console),
        Command::Generate(arguments) => generate::run(&arguments, console),
        Command::Run(arguments) => run::run(&arguments, console),
        Command::Record(arguments) => record::run(&arguments, console),
        Command::Audit(arguments) => audit::run(&arguments, console),
        Command::Explain(arguments) => explain::run(&arguments, console),
        Command::Import(arguments) => import::run(&arguments, console),
        Command::Schema {
            of: SchemaOf::Cases,
        } => console.json(&crate::case::schema()),
        Command::Schema {
            of: SchemaOf::Rules,
        } => console.json(&crate::rulefile::schema()),
        Command::Completions { shell } => shell::completions(shell, console),
        Command::Man => shell::man(console),
    }
}

/// How many threads run at a time where nothing is said.
fn processors() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Tells what is wrong with the command line; help and version are asked for.
fn usage(error: &clap::Error) -> Exit {
    // Nothing is left to be told where the stream is closed.
    let _ = error.print();
    if error.kind() == ErrorKind::InvalidSubcommand
        && error.get(ContextKind::InvalidSubcommand).is_some()
    {
        let command = Arguments::command();
        let names: Vec<&str> = command
            .get_subcommands()
            .map(clap::Command::get_name)
            .collect();
        let console = Console::new(arguments::Format::Human);
        console.say(&format!("\nThe commands are: {}\n", names.join(", ")));
    }
    match error.exit_code() {
        0 => Exit::Clean,
        _ => Exit::BadInput,
    }
}
