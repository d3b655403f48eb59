//! Where an imported rule file goes.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::source::replace;

/// What the last line of a file that may be replaced begins with. The hash is
/// that of all before: whoever edits the file makes it their own.
const SEAL: &str = "# As imported, sha256:";

/// The file to write, if it isn't standard output.
pub(super) struct Target {
    pub file: Option<PathBuf>,
    /// The folder that paths in the file start from.
    folder: PathBuf,
}

impl Target {
    pub(super) fn new(output: Option<&Path>) -> Self {
        let parent = output.and_then(Path::parent).unwrap_or(Path::new(""));
        Self {
            file: output.map(Path::to_owned),
            folder: parent.to_owned(),
        }
    }

    /// `path` as it is written in the file.
    pub(super) fn relative(&self, path: &Path) -> String {
        if path.is_absolute() || self.folder.as_os_str().is_empty() {
            return shown(path);
        }
        let here = std::env::current_dir().unwrap_or_default();
        let from = normal(&here.join(&self.folder));
        let to = normal(&here.join(path));
        let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        let up = from.iter().skip(shared).map(|_| "..".to_owned());
        let down = to.iter().skip(shared).cloned();
        up.chain(down).collect::<Vec<_>>().join("/")
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

/// The steps of a path, without `.` and `..`.
fn normal(path: &Path) -> Vec<String> {
    let mut steps = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(step) => steps.push(step.to_string_lossy().into_owned()),
            Component::ParentDir => {
                steps.pop();
            }
            _ => {}
        }
    }
    steps
}

/// Writes the file. What somebody else wrote, or edited, stays.
pub(super) fn put(file: &Path, text: &str) -> Result<&'static str, String> {
    let failed = |error: io::Error| format!("{}: {error}", file.display());
    let text = sealed(text);
    match fs::read_to_string(file) {
        Ok(old) if old == text => return Ok("unchanged"),
        Ok(old) if is_ours(&old) => {}
        Ok(_) => {
            return Err(format!(
                "{} is there and was written or edited by somebody else: move it away, or choose \
                 another file",
                file.display()
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    replace(file, &text).map_err(failed)?;
    Ok("written")
}

fn sealed(text: &str) -> String {
    format!("{text}\n{SEAL}{}\n", hash(text))
}

/// Whether a file is as an import left it.
fn is_ours(text: &str) -> bool {
    let parts = text.rsplit_once(SEAL);
    parts.is_some_and(|(before, seal)| {
        let body = before.strip_suffix('\n');
        body.is_some_and(|body| hash(body) == seal.trim_end())
    })
}

fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let short = digest.iter().take(16);
    short.map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_nobody_touched_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/a.rules.yaml");
        assert_eq!(put(&file, "a: 1\n"), Ok("written"));
        assert_eq!(put(&file, "a: 1\n"), Ok("unchanged"));
        assert_eq!(put(&file, "a: 2\n"), Ok("written"));
        let edited = fs::read_to_string(&file).unwrap().replace('2', "3");
        fs::write(&file, &edited).unwrap();
        assert!(put(&file, "a: 2\n").is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), edited);
    }

    #[test]
    fn paths_start_from_the_rule_file() {
        let relative = |output: Option<&str>, path: &str| {
            Target::new(output.map(Path::new)).relative(Path::new(path))
        };
        assert_eq!(relative(None, "a/b.yaml"), "a/b.yaml");
        assert_eq!(relative(Some("x.yaml"), "./a/b.yaml"), "./a/b.yaml");
        assert_eq!(relative(Some("rules/x.yaml"), "a/b.yaml"), "../a/b.yaml");
        assert_eq!(relative(Some("a/x.yaml"), "a/b.yaml"), "b.yaml");
        assert_eq!(relative(Some("r/s/x.yaml"), "r/../b.yaml"), "../../b.yaml");
        assert_eq!(relative(Some("rules/x.yaml"), "/a/b.yaml"), "/a/b.yaml");
    }
}
