//! Completions for shells, and the manual page.

use clap::CommandFactory;
use clap_complete::Shell;

use super::Exit;
use super::arguments::Arguments;
use super::console::Console;

/// Writes the completions of a shell.
pub(super) fn completions(shell: Shell, console: &Console) -> Exit {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "crossfield", &mut text);
    console.data(&String::from_utf8_lossy(&text))
}

/// Writes the manual page.
pub(super) fn man(console: &Console) -> Exit {
    let mut text = Vec::new();
    match clap_mangen::Man::new(Arguments::command()).render(&mut text) {
        Ok(()) => console.data(&String::from_utf8_lossy(&text)),
        Err(error) => {
            console.error(&format!("the manual page can't be written: {error}"));
            Exit::Internal
        }
    }
}
