//! Servers of tests, which run as programs of their own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

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

/// A server, gone with this value.
pub struct Server {
    process: Child,
    /// Its address.
    pub url: String,
}

impl Server {
    /// Starts a Python program, by its path from the project's folder, which
    /// prints its address.
    pub fn start(program: &str, arguments: &[&str]) -> Self {
        let project = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut process = Command::new(python())
            .arg(project.join(program))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        let said = process.stdout.take().unwrap();
        BufReader::new(said).read_line(&mut url).unwrap();
        Self {
            process,
            url: url.trim().to_owned(),
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
