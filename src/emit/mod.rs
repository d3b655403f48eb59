//! Tests in users' frameworks, written from case files alone.
//!
//! A target turns case files into [`Output`]s, texts with names; [`write()`]
//! puts them into a folder, and [`compare`] says whether a folder is stale.

pub mod pytest;
mod write;

use thiserror::Error;

pub use write::{MANIFEST, Stale, WriteError, Written, compare, write};

use crate::case::{CaseFile, CaseFileError, Shard};

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its path below the folder of the suite, with `/`.
    pub path: String,
    /// Its whole text.
    pub text: String,
    /// The rule file that it belongs to; none where all share it.
    pub rule_file: Option<String>,
    /// Which of several parts of the rule file's cases it belongs to.
    pub shard: Option<Shard>,
}

/// Why cases can't be written as tests.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EmitError {
    /// A case file contradicts itself.
    #[error("{rule_file}: {error}")]
    CaseFile {
        /// The rule file.
        rule_file: String,
        /// What is wrong.
        error: CaseFileError,
    },
    /// Two rule files whose tests would have one name.
    #[error("{first} and {second} would both be written to {path}: rename one of them")]
    SameName {
        /// A rule file.
        first: String,
        /// The other.
        second: String,
        /// The file that both want.
        path: String,
    },
    /// A case needs what the target can't do yet.
    #[error("case {case} can't be written as a test: {problem}")]
    Unsupported {
        /// The case's id.
        case: String,
        /// What it needs.
        problem: String,
    },
}

/// The case files themselves: `NAME.cases.json` for `NAME.rules.yaml`.
///
/// # Errors
/// Where one contradicts itself, or two have the same name.
pub fn case_files(files: &[CaseFile]) -> Result<Vec<Output>, EmitError> {
    let outputs = files.iter().map(|file| {
        let text = file.write().map_err(|error| EmitError::CaseFile {
            rule_file: file.rule_file.clone(),
            error,
        })?;
        Ok(Output {
            path: format!("{}.cases.json", name(file)),
            text,
            rule_file: Some(file.rule_file.clone()),
            shard: file.shard,
        })
    });
    distinct(outputs.collect::<Result<_, _>>()?)
}

/// The name of a rule file without its endings: `payments`.
pub fn stem(rule_file: &str) -> &str {
    let name = rule_file.rsplit(['/', '\\']).next().unwrap_or(rule_file);
    let endings = [".rules.yaml", ".rules.yml", ".yaml", ".yml", ".json"];
    let bare = endings.iter().find_map(|ending| name.strip_suffix(ending));
    bare.filter(|bare| !bare.is_empty()).unwrap_or(name)
}

/// The name of what is made of a case file: `payments`, or `payments.2of4`.
fn name(file: &CaseFile) -> String {
    let stem = stem(&file.rule_file);
    match file.shard {
        None => stem.to_owned(),
        Some(Shard { number, of }) => format!("{stem}.{number}of{of}"),
    }
}

/// The outputs, if no two have one path.
fn distinct(mut outputs: Vec<Output>) -> Result<Vec<Output>, EmitError> {
    outputs.sort_by(|a, b| a.path.cmp(&b.path));
    for (first, second) in outputs.iter().zip(outputs.iter().skip(1)) {
        if first.path == second.path {
            return Err(EmitError::SameName {
                first: first.rule_file.clone().unwrap_or_default(),
                second: second.rule_file.clone().unwrap_or_default(),
                path: first.path.clone(),
            });
        }
    }
    Ok(outputs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_file_is_named_by_its_stem() {
        assert_eq!(stem("rules/payments.rules.yaml"), "payments");
        assert_eq!(stem("orders.yml"), "orders");
        assert_eq!(stem(".yaml"), ".yaml");
    }
}
