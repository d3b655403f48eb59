//! A command that sends requests to the proxy.

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use super::Exit;
use crate::run::Interrupt;

/// The variable that suites read, those of Crossfield included.
const BASE_URL: &str = "API_BASE_URL";
/// How long nobody looks whether it has ended.
const SLICE: Duration = Duration::from_millis(20);

/// What somebody wants to be run.
pub(super) struct Suite<'a> {
    /// The program and what it is given.
    pub command: &'a [OsString],
    /// Variables that hold the proxy's address beside [`BASE_URL`].
    pub variables: &'a [String],
}

/// How long it may run, and where it writes to.
#[derive(Default)]
pub(super) struct Bounds<'a> {
    /// Raised where it is asked to end.
    pub termination: Option<&'a Interrupt>,
    /// When it is ended.
    pub time: Option<Duration>,
    /// What takes all that it says, instead of the terminal.
    pub output: Option<&'a File>,
}

impl Suite<'_> {
    /// Runs it until it ends; how it did. One that took too long ends as if by a
    /// signal.
    ///
    /// # Errors
    /// It can't be run, or is lost, in words.
    pub fn run(&self, url: &str, bounds: &Bounds<'_>) -> Result<Exit, String> {
        let Some((program, rest)) = self.command.split_first() else {
            return Ok(Exit::Clean);
        };
        let mut command = Command::new(program);
        command.args(rest).env(BASE_URL, url);
        command.envs(around_proxies());
        for name in self.variables {
            command.env(name, url);
        }
        let program = program.to_string_lossy();
        let cannot = |error| format!("`{program}` can't be run: {error}");
        if let Some(output) = bounds.output {
            command.stdout(output.try_clone().map_err(cannot)?);
            command.stderr(output.try_clone().map_err(cannot)?);
        }
        let child = command.spawn().map_err(cannot)?;
        let status = wait(child, bounds);
        let status = status.map_err(|error| format!("`{program}` is lost: {error}"))?;
        Ok(Exit::Command(code(status)))
    }
}

/// What keeps requests to this machine from the proxies that others go through.
fn around_proxies() -> Vec<(&'static str, String)> {
    let set = |name: &&str| env::var(name).ok().filter(|value| !value.is_empty());
    let proxies = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    if !proxies.iter().any(|name| set(name).is_some()) {
        return Vec::new();
    }
    let exceptions = ["NO_PROXY", "no_proxy"];
    let known = exceptions.iter().find_map(set);
    let all = known.into_iter().chain(["127.0.0.1,::1".to_owned()]);
    let all = all.collect::<Vec<_>>().join(",");
    exceptions.map(|name| (name, all.clone())).into()
}

/// Waits, and passes a termination on. An interruption from a terminal reaches
/// the command by itself.
fn wait(mut child: Child, bounds: &Bounds<'_>) -> std::io::Result<ExitStatus> {
    let start = Instant::now();
    let mut is_told = false;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if bounds.termination.is_some_and(Interrupt::is_raised) && !is_told {
            is_told = true;
            tell(&child);
        }
        if bounds.time.is_some_and(|most| start.elapsed() > most) {
            // It may have ended by itself.
            let _ = child.kill();
            return child.wait();
        }
        thread::sleep(SLICE);
    }
}

#[cfg(unix)]
fn tell(child: &Child) {
    // It may have ended by itself.
    let _ = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
}

#[cfg(not(unix))]
fn tell(_: &Child) {}

/// As shells count it: 128 and the number of the signal that ended it.
fn code(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .or_else(|| signal(status).map(|own| 128 + own));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}
