//! Runs an emitted suite on a server of this process, for tests of servers.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::{env, thread};

use axum::Router;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

/// The folder that has the suite of each example.
const SUITES: &str = "CROSSFIELD_SUITES";
/// The Python that has pytest.
const PYTHON: &str = "CROSSFIELD_PYTHON";

/// Whether the suite of an example passes, with the values of the environment that it
/// needs; None where the folder isn't named.
pub fn passes(example: &str, router: Router, environment: &[(&str, &str)]) -> Option<bool> {
    let Some(suites) = env::var_os(SUITES).map(PathBuf::from) else {
        eprintln!("skipped: {SUITES} names no folder of emitted suites; `make mutants` does");
        return None;
    };
    let suite = suites.join(example);
    let url = serve(router).map_err(|error| eprintln!("the server doesn't start: {error}"));
    let run = |url: String| {
        pytest(&suite)
            .env("API_BASE_URL", url)
            .envs(environment.iter().copied())
            .status()
    };
    Some(url.is_ok_and(|url| run(url).as_ref().is_ok_and(ExitStatus::success)))
}

/// Serves until the process ends; the address.
fn serve(router: Router) -> std::io::Result<String> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    let url = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || runtime.block_on(async { axum::serve(listener, router).await }));
    Ok(url)
}

/// Ends with the first test that fails.
fn pytest(suite: &Path) -> Command {
    let python = env::var_os(PYTHON).unwrap_or_else(|| "python3".into());
    let mut command = Command::new(python);
    command
        .args(["-m", "pytest", "-x", "-q", "--no-header", "--color=no"])
        .args([
            "-p",
            "no:cacheprovider",
            "-p",
            "no:randomly",
            "-p",
            "no:xdist",
        ])
        .current_dir(suite)
        .env_remove("PYTEST_ADDOPTS")
        .env("API_TIMEOUT", "5")
        .env("NO_PROXY", "127.0.0.1")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
