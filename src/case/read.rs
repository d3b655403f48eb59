//! Case files as text.

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::format::{Case, CaseFile, FORMAT};

/// Why a text is no case file that can be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CaseFileError {
    /// Not JSON, or members are missing, unknown or of another type.
    #[error("the case file can't be read: {0}; write it again with `crossfield generate --fresh`")]
    Syntax(String),
    /// Another version of the format.
    #[error(
        "the case file has format {found}, and this version of Crossfield reads {FORMAT}: \
         write it again with `crossfield generate --fresh`"
    )]
    Version {
        /// What the file says of itself.
        found: String,
    },
    /// Its parts contradict each other.
    #[error(
        "the case file contradicts itself: {0}; write it again with `crossfield generate --fresh`"
    )]
    Content(String),
}

impl CaseFile {
    /// Reads a case file and checks that what it refers to is there.
    ///
    /// # Errors
    /// What is wrong with it, and what to do.
    pub fn read(text: &str) -> Result<Self, CaseFileError> {
        let syntax = |error: serde_json::Error| CaseFileError::Syntax(error.to_string());
        let raw: serde_json::Value = serde_json::from_str(text).map_err(syntax)?;
        match raw.get("format") {
            Some(found) if *found != FORMAT => {
                let found = found.to_string();
                return Err(CaseFileError::Version { found });
            }
            _ => {}
        }
        // Again from the text, for messages with line and column.
        let file: Self = serde_json::from_str(text).map_err(syntax)?;
        file.check().map_err(CaseFileError::Content)?;
        Ok(file)
    }

    /// The file's text: the same bytes for the same cases.
    ///
    /// # Errors
    /// Where its parts contradict each other.
    pub fn write(&self) -> Result<String, CaseFileError> {
        self.check().map_err(CaseFileError::Content)?;
        let text = serde_json::to_string_pretty(self);
        let text = text.map_err(|error| CaseFileError::Syntax(error.to_string()))?;
        Ok(text + "\n")
    }
}

impl Case {
    /// The digest of all members but the digest itself, and what the case is worth
    /// beside others: 16 hexadecimal digits.
    pub fn content_digest(&self) -> String {
        let content = Self {
            digest: String::new(),
            value: None,
            ..self.clone()
        };
        // Serialising plain data into memory doesn't fail.
        let text = serde_json::to_string(&content).unwrap_or_default();
        let hash = Sha256::digest(text.as_bytes());
        hash.iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}
