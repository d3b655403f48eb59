//! The command line of Crossfield.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

/// Finds the bugs that live between the fields of an API request.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {}

fn main() -> ExitCode {
    let Arguments {} = Arguments::parse();
    match crossfield::z3_version::check() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be told where standard error is closed.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}
