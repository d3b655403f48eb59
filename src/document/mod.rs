//! API documents: operations, and what their requests must be.
//!
//! A [`Document`] lists its operations; one that is asked for is modelled as an
//! [`Operation`] with all [`Schemas`] of its request in one internal form. A
//! request state is one value with the members `path`, `query`, `header`,
//! `cookie` and `body`; [`Operation::request`] is its schema. [`Validator`]
//! judges states without that form, by the document alone.

mod answers;
mod baseline;
mod bodies;
mod build;
mod bundle;
mod choice;
mod combine;
mod complete;
mod condition;
mod conform;
mod convert;
mod defaults;
mod described;
mod dialect;
mod doubts;
mod draft;
mod encoding;
mod inheritance;
mod judge;
mod keywords;
mod links;
mod location;
mod model;
mod nodes;
mod operation;
mod overlay;
mod parameters;
mod parts;
mod read;
mod reference;
mod resolve;
mod schema;
mod security;
mod sendable;
mod standalone;
mod swagger;
mod synth;
#[cfg(test)]
mod tests;
mod types;
mod used;
mod validate;
mod vary;

pub use crate::text::Format;
pub use answers::Undeclared;
pub use baseline::{Baseline, baseline, has_passed};
pub use complete::{NoValue, complete};
pub use condition::{Condition, Contains, Formula};
pub use conform::{Refusal, refusals};
pub use defaults::{default_application, drop_null_defaults};
pub use described::described;
pub use encoding::{Encoding, Group, Style};
pub use judge::verdict;
pub use links::LinkProblem;
pub use location::{Location, Segment};
pub use operation::{Body, Credential, Example, Form, Operation, Parameter, Place, Scheme};
pub use overlay::Overlay;
pub use read::{Document, Listed};
pub use reference::percent_decoded;
pub use schema::{
    Additional, Bound, JsonType, Placed, Schema, SchemaId, Schemas, TypeSet, Unmodelled,
};
pub use standalone::SchemaRequest;
pub use used::{Hop, Uses};
pub use validate::{Validator, Violation};
pub use vary::{changes, other_names, variations};
