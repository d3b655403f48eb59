//! pytest: one readable test a case, sent with requests.

mod docstring;
mod python;
mod request;
mod setup;
mod shown;
mod test_file;

use super::{EmitError, Output, distinct, name};
use crate::case::CaseFile;

/// What all tests share, with their names below the folder of the suite.
const SHARED: [(&str, &str); 12] = [
    ("conftest.py", include_str!("runtime/conftest.py")),
    (
        "crossfield_runtime/__init__.py",
        include_str!("runtime/__init__.py"),
    ),
    (
        "crossfield_runtime/client.py",
        include_str!("runtime/client.py"),
    ),
    (
        "crossfield_runtime/encoding.py",
        include_str!("runtime/encoding.py"),
    ),
    (
        "crossfield_runtime/environment.py",
        include_str!("runtime/environment.py"),
    ),
    (
        "crossfield_runtime/exact_json.py",
        include_str!("runtime/exact_json.py"),
    ),
    (
        "crossfield_runtime/following.py",
        include_str!("runtime/following.py"),
    ),
    (
        "crossfield_runtime/moments.py",
        include_str!("runtime/moments.py"),
    ),
    (
        "crossfield_runtime/request.py",
        include_str!("runtime/request.py"),
    ),
    (
        "crossfield_runtime/setup.py",
        include_str!("runtime/setup.py"),
    ),
    (
        "crossfield_runtime/shown.py",
        include_str!("runtime/shown.py"),
    ),
    (
        "crossfield_runtime/suite.py",
        include_str!("runtime/suite.py"),
    ),
];

/// The files of a pytest suite: `test_NAME.py` for each case file, and what
/// they share.
///
/// # Errors
/// Where a case file contradicts itself, needs what isn't there yet, or two
/// would have one name.
pub fn emit(files: &[CaseFile]) -> Result<Vec<Output>, EmitError> {
    let shared = SHARED.iter().map(|(path, text)| Output {
        path: (*path).to_owned(),
        text: (*text).to_owned(),
        rule_file: None,
        shard: None,
    });
    let mut outputs: Vec<Output> = shared.collect();
    for file in files {
        file.check().map_err(|problem| EmitError::CaseFile {
            rule_file: file.rule_file.clone(),
            error: crate::case::CaseFileError::Content(problem),
        })?;
        outputs.push(Output {
            path: format!("test_{}.py", python::identifier(&name(file))),
            text: test_file::print(file)?,
            rule_file: Some(file.rule_file.clone()),
            shard: file.shard,
        });
    }
    distinct(outputs)
}
