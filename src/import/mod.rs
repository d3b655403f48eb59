//! Rules that already exist elsewhere, as a rule file.
//!
//! Each source (one module each) gives [`Imported`]: rules in the words of rule
//! files, and what could not be carried over. [`settle`] writes them, reads the
//! file back as everybody else would, and takes out what doesn't read: so what
//! is written is right, and what isn't there is said.

mod cel;
pub mod idl;
pub mod jsonschema;
pub mod kubernetes;
mod name;
mod rule;
mod settle;
mod walk;
mod write;

pub use cel::{Cel, member, opposite, string};
pub use rule::{Demand, Imported, ImportedRule, Lost, Replaced, slug, unique_ids};
pub use settle::{Settled, settle};
pub use write::{Written, flow, scalar, write};

use crate::document::{Document, Listed, Operation};
use crate::source::{Diagnostics, Severity};

/// An operation; `None` where the document's part of it is wrong, which goes
/// to `findings`.
fn model(document: &Document, listed: &Listed, findings: &mut Diagnostics) -> Option<Operation> {
    match document.operation(listed) {
        Ok(operation) => Some(operation),
        Err(found) => {
            let errors = found.into_iter();
            findings.extend(errors.filter(|finding| finding.severity == Severity::Error));
            None
        }
    }
}

/// `source` of a rule that stands at a JSON pointer of a file.
fn source_of(file: &str, pointer: &str) -> String {
    format!("{file}#{pointer}")
}
