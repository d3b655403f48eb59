//! Where things stand: the text of every file that was read, spans in it, and
//! diagnostics that point at them.
//!
//! All findings of the tool, from a YAML syntax error to a rule that contradicts
//! another, take the one form [`Diagnostic`], are collected in [`Diagnostics`],
//! and are printed for people or as JSON from there.

mod codes;
mod diagnostic;
mod example;
mod files;
mod fix;
mod json;
mod path;
mod render;
mod suggest;
mod write;

pub use codes::Code;
pub use diagnostic::{Diagnostic, Diagnostics, Label, Severity};
pub use example::{CodeExample, ExamplePart, ORDER, ORDERS};
pub use files::{FileId, LineColumns, Sources, Span};
pub use fix::{Applicability, Edit, Fix};
pub use json::{DiagnosticJson, EditJson, FixJson, PlaceJson};
pub use path::tidy;
pub use suggest::{did_you_mean, suggest};
pub use write::replace;
