//! Where output goes: data to standard output, all else to standard error.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::Mutex;

use serde::Serialize;

use super::Exit;
use super::arguments::Format;
use crate::source::{Diagnostics, Sources};

/// The user's terminal, or what stands in for it.
#[derive(Debug)]
pub struct Console {
    /// How data is written.
    pub format: Format,
    color: bool,
    is_terminal: bool,
    /// How wide the progress line that is shown is.
    shown: Mutex<usize>,
}

impl Console {
    /// Looks at standard error: colours and progress are for terminals only.
    pub fn new(format: Format) -> Self {
        let is_terminal = io::stderr().is_terminal();
        let unset = |name| std::env::var_os(name).is_none_or(|value| value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            format,
            color: is_terminal && unset("NO_COLOR") && !is_dumb,
            is_terminal: is_terminal && !is_dumb,
            shown: Mutex::default(),
        }
    }

    /// Writes data. A reader that went away is no error.
    pub fn data(&self, text: &str) -> Exit {
        self.clear();
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => Exit::Clean,
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Exit::Clean,
            Err(error) => {
                self.error(&format!("standard output can't be written: {error}"));
                Exit::BadInput
            }
        }
    }

    /// Writes data as JSON.
    pub fn json(&self, data: &impl Serialize) -> Exit {
        match serde_json::to_string_pretty(data) {
            Ok(text) => self.data(&(text + "\n")),
            Err(error) => {
                self.error(&format!("the result can't be written as JSON: {error}"));
                Exit::Internal
            }
        }
    }

    /// Takes everything off the screen, where data goes to one.
    pub fn blank(&self) {
        if io::stdout().is_terminal() && self.is_terminal {
            let _ = io::stdout().write_all(b"\x1b[2J\x1b[3J\x1b[H");
        }
    }

    /// Tells what went wrong.
    pub fn error(&self, message: &str) {
        self.say(&format!("error: {message}\n"));
    }

    /// Tells something beside the data. Nothing is left to be told where
    /// standard error is closed.
    pub fn say(&self, text: &str) {
        self.clear();
        let _ = io::stderr().write_all(text.as_bytes());
    }

    /// Shows findings to people. In JSON they are part of the data.
    pub fn diagnostics(&self, diagnostics: &Diagnostics, sources: &Sources) {
        if self.format == Format::Human && !diagnostics.is_empty() {
            let mut text = diagnostics.render_human(sources, self.color);
            text.push('\n');
            self.say(&text);
        }
    }

    /// Shows how far a long task is, on a terminal only.
    pub fn progress(&self, text: &str) {
        if self.is_terminal
            && let Ok(mut shown) = self.shown.lock()
        {
            let width = text.chars().count();
            let rest = " ".repeat(shown.saturating_sub(width));
            let _ = write!(io::stderr(), "\r{text}{rest}");
            *shown = width;
        }
    }

    /// Takes the progress line away.
    fn clear(&self) {
        if let Ok(mut shown) = self.shown.lock()
            && *shown > 0
        {
            let _ = write!(io::stderr(), "\r{}\r", " ".repeat(*shown));
            *shown = 0;
        }
    }
}
