//! Servers of tests, which run as programs of their own.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

/// The Python that emitted tests are run with.
pub fn python() -> PathBuf {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python");
    assert!(
        python.exists(),
        "{} is missing: run `make setup`, which installs what emitted tests are run with",
        python.display()
    );
    python
}

/// pytest in the folder of a suite: without colors and caches, and without what
/// the caller's environment would say to it.
#[allow(dead_code, reason = "not all tests need it")]
pub fn pytest(suite: &Path) -> Command {
    let mut command = Command::new(python());
    command
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "--color=no"])
        .current_dir(suite)
        .env_remove("PYTEST_ADDOPTS")
        .env_remove("API_BASE_URL")
        .env_remove("API_TOKEN")
        .env("NO_PROXY", "127.0.0.1")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// The program of a package of the workspace that isn't the one under test: cargo
/// builds it, once in a process.
#[allow(dead_code, reason = "not all tests need one")]
pub fn program(package: &str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap();
    let known = built.entry(package.to_owned());
    known.or_insert_with(|| build(package)).clone()
}

fn build(package: &str) -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--locked", "--message-format=json", "-p", package])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(built.status.success(), "{package} can't be built");
    let messages = String::from_utf8(built.stdout).unwrap();
    let mut files = messages.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).unwrap();
        let file = message.get("executable")?.as_str()?;
        Some(PathBuf::from(file))
    });
    files.next_back().unwrap()
}

/// A server, gone with this value.
pub struct Server {
    process: Child,
    /// Its address.
    pub url: String,
}

impl Server {
    /// Starts a Python program, by its path from the project's folder, which
    /// prints its address.
    #[allow(dead_code, reason = "examples have servers of several kinds")]
    pub fn start(program: &str, arguments: &[&str]) -> Self {
        let project = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new(python());
        Self::of(command.arg(project.join(program)).args(arguments))
    }

    /// Starts a program whose first line ends with its address.
    pub fn of(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let said = process.stdout.take().unwrap();
        BufReader::new(said).read_line(&mut line).unwrap();
        let url = line.split_whitespace().last().unwrap_or_default();
        Self {
            process,
            url: url.to_owned(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
