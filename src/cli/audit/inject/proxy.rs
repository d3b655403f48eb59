//! One run of a suite with a proxy in front of the API.

use std::fs::{self, File};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use crate::cli::Exit;
use crate::cli::generate::Stop;
use crate::cli::record::{GRACE, listen};
use crate::cli::suite::{Bounds, Suite};
use crate::record::{Masking, Options, Recording, Tamper, TrafficFile};
use crate::run::Target;

/// The file of the first run.
pub(super) const RECORDING: &str = "recording.jsonl";
/// What a suite writes to.
const TOLD: &str = "output.txt";
/// How many lines of that are shown.
const LINES: usize = 30;
/// How much of a body is recorded.
const MAX_BODY: usize = 1 << 20;

/// What all runs have in common.
pub(super) struct Proxy<'a> {
    pub upstream: Target,
    pub masking: Masking,
    pub suite: Suite<'a>,
    /// Where recordings are, as long as this value is.
    pub folder: TempDir,
}

impl Proxy<'_> {
    /// Runs the suite once: how it ended. The recording has a name; those of earlier
    /// runs with that name are gone.
    pub fn run(
        &self,
        tamper: Option<Arc<dyn Tamper>>,
        (name, time): (&str, Option<Duration>),
    ) -> Result<Exit, Stop> {
        let internal = |error: &dyn std::fmt::Display| (error.to_string(), Exit::Internal);
        let path = self.folder.path().join(name);
        // It may not be there.
        let _ = fs::remove_file(&path);
        let file = TrafficFile::create(&path).map_err(|error| internal(&error))?;
        let told = File::create(self.folder.path().join(TOLD)).map_err(|error| internal(&error))?;
        let options = Options {
            upstream: self.upstream.clone(),
            preserve_host: false,
            max_body: MAX_BODY,
            masking: self.masking.clone(),
            tamper,
        };
        let listener = listen::listener("127.0.0.1:0", false)?;
        let recording = Recording::start(&options, listener, file);
        let recording = recording.map_err(|error| internal(&error))?;
        let url = listen::url_on_this_machine(recording.address());
        let bounds = Bounds {
            time,
            output: Some(&told),
            ..Bounds::default()
        };
        let status = self.suite.run(&url, &bounds);
        let recorded = recording.stop(GRACE).map_err(|error| internal(&error))?;
        let status = status.map_err(|message| (message, Exit::BadInput))?;
        if recorded.panicked {
            return Err(internal(
                &"a mistake of Crossfield: an exchange could not be handled",
            ));
        }
        if recorded.exchanges == 0 {
            return Err((
                "COMMAND sent nothing to the proxy, whose address is in API_BASE_URL; `--env NAME` \
                 puts it into another variable, too"
                    .to_owned(),
                Exit::BadInput,
            ));
        }
        Ok(status)
    }

    /// The end of what the last run said.
    pub fn told(&self) -> String {
        let bytes = fs::read(self.folder.path().join(TOLD)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.trim_end().lines().collect();
        let start = lines.len().saturating_sub(LINES);
        lines.get(start..).unwrap_or_default().join("\n")
    }
}
