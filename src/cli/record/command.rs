//! The command that is run while a recording is made.

use std::env;
use std::process::{Child, Command, ExitStatus};
use std::thread;

use super::{SLICE, Stop, bad};
use crate::cli::Exit;
use crate::cli::arguments::RecordArguments;
use crate::run::Interrupt;

/// The variable that suites read, those of Crossfield included.
const BASE_URL: &str = "API_BASE_URL";

/// Runs the command until it ends; how it did. It is asked to end at a
/// `termination`.
pub(super) fn run(
    arguments: &RecordArguments,
    url: &str,
    termination: &Interrupt,
) -> Result<Exit, Stop> {
    let Some((program, rest)) = arguments.command.split_first() else {
        return Ok(Exit::Clean);
    };
    let mut command = Command::new(program);
    command.args(rest).env(BASE_URL, url);
    command.envs(around_proxies());
    for name in &arguments.env {
        command.env(name, url);
    }
    let program = program.to_string_lossy();
    let child = command.spawn();
    let child = child.map_err(|error| bad(format!("`{program}` can't be run: {error}")))?;
    let status = wait(child, termination);
    let status = status.map_err(|error| bad(format!("`{program}` is lost: {error}")))?;
    Ok(Exit::Command(code(status)))
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
fn wait(mut child: Child, termination: &Interrupt) -> std::io::Result<ExitStatus> {
    let mut is_told = false;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if termination.is_raised() && !is_told {
            is_told = true;
            tell(&child);
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
