//! Rule files of a fixture's folder, and a server that can get one thing wrong:
//! what emitted suites and `run` say of it.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::{self, Server};

/// Rule files, and the server that they are about.
pub struct Fixture {
    /// The folder below `tests/fixtures/cli`.
    pub folder: &'static str,
    /// The server's program, by its path from the project's folder: its argument
    /// is what it gets wrong, or `none`.
    pub server: &'static str,
    /// What suites and `run` read.
    pub environment: &'static [(&'static str, &'static str)],
}

/// The exit status, and all that was said.
pub fn told(output: &Output) -> (i32, String) {
    let both = [&output.stdout, &output.stderr];
    let both = both.map(|own| String::from_utf8_lossy(own).into_owned());
    (output.status.code().unwrap(), both.concat())
}

/// What is said of a server by the suite in a folder: the exit status and the
/// words.
type Ask = fn(&Fixture, &Server, &Path) -> (i32, String);

/// The two ways to ask a server.
pub const WAYS: [Ask; 2] = [Fixture::pytest, Fixture::sent];

impl Fixture {
    /// The program in the fixture's folder.
    pub fn crossfield(&self) -> Command {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cli");
        let mut command = Command::new(env!("CARGO_BIN_EXE_crossfield"));
        command.current_dir(folder.join(self.folder));
        command
            .env_remove("API_TOKEN")
            .envs(self.environment.iter().copied());
        command
    }

    /// The suite of a rule file, with what `generate` says.
    pub fn generated(&self, rules: &str, options: &[&str]) -> (tempfile::TempDir, i32, String) {
        let folder = tempfile::tempdir().unwrap();
        let mut command = self.crossfield();
        command.args(["generate", rules, "-o"]).arg(folder.path());
        let (status, said) = told(&command.args(options).output().unwrap());
        (folder, status, said)
    }

    /// The server, with something wrong.
    pub fn serving(&self, what: &str) -> Server {
        Server::start(self.server, &[what])
    }

    /// What the emitted suite says of a server.
    pub fn pytest(&self, server: &Server, suite: &Path) -> (i32, String) {
        let mut command = support::pytest(suite);
        let environment = self.environment.iter().copied();
        command.env("API_BASE_URL", &server.url).envs(environment);
        told(&command.output().unwrap())
    }

    /// The same of `crossfield run`.
    pub fn sent(&self, server: &Server, suite: &Path) -> (i32, String) {
        let mut command = self.crossfield();
        command.arg("run").arg(suite).args(["--url", &server.url]);
        told(&command.output().unwrap())
    }

    /// The right server passes twice, and each wrong one is caught, by `words`.
    pub fn tells_apart(&self, suite: &Path, faults: &[&str], words: &str) {
        for ask in WAYS {
            let right = self.serving("none");
            // What earlier tests left on a server is in nobody's way.
            for _ in 0..2 {
                let (status, said) = ask(self, &right, suite);
                assert_eq!(status, 0, "{said}");
            }
            for fault in faults {
                let (status, said) = ask(self, &self.serving(fault), suite);
                assert_eq!(status, 1, "{fault} escapes:\n{said}");
                assert!(said.contains(words), "{fault}:\n{said}");
            }
        }
    }
}
