//! The command line of Crossfield.

use std::process::ExitCode;

fn main() -> ExitCode {
    crossfield::cli::main(std::env::args_os())
}
