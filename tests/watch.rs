//! `check --watch`, with files that change.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::spawn;
use std::time::Duration;

/// Longer than any check takes.
const PATIENCE: Duration = Duration::from_secs(60);

struct Watched {
    child: Child,
    lines: Receiver<String>,
}

impl Watched {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_crossfield"))
            .args(["check", "--watch", "."])
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = child.stdout.take().unwrap();
        let (send, lines) = channel();
        spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// Waits for a line; nothing clears a screen that is none.
    fn wait_for(&self, wanted: &str) {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("`{wanted}` doesn't come"));
            assert!(!line.contains('\u{1b}'), "{line:?}");
            if line == wanted {
                return;
            }
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn rule_files_and_documents_are_checked_again_when_they_change() {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cli");
    let document = fs::read_to_string(fixtures.join("shop.openapi.yaml")).unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("shop.openapi.yaml", &document);
    let rule = |limit: u32| {
        format!(
            "crossfield: 1\napi: shop.openapi.yaml\nrules:\n  \
             - {{id: small, operation: createOrder, rule: body.amount < {limit}}}\n"
        )
    };
    write("shop.rules.yaml", &rule(500));
    let watched = Watched::start(folder.path());
    watched.wait_for("1 rule: 0 errors, 0 warnings, 0 notes");
    write("shop.rules.yaml", &rule(50_000));
    watched.wait_for("1 rule: 1 error, 0 warnings, 0 notes");
    write(
        "shop.openapi.yaml",
        &document.replace("maximum: 1000, multipleOf", "maximum: 900000, multipleOf"),
    );
    watched.wait_for("1 rule: 0 errors, 0 warnings, 0 notes");
    write("more.rules.yaml", &rule(400).replace("small", "smaller"));
    watched.wait_for("2 rules: 0 errors, 0 warnings, 0 notes");
}
