//! The spine: from a model to proven cases, with the fate of every fault.
//!
//! Owner by owner (`owner`): simulate what there is, search for what is
//! left, minimise, verify, keep; then twins (`twins`) and compaction
//! (`compact`). At the end every claim that something is untestable is
//! attacked (`attack`).

mod attack;
mod baselines;
mod compact;
mod cover;
mod evidence;
mod field;
mod file;
mod fill;
mod global;
mod identity;
mod masking;
mod merge;
mod owner;
mod pool;
mod previous;
mod result;
mod sequences;
mod spine;
mod twins;
mod valid;
mod views;
mod wanted;
mod worth;

pub use baselines::{BaselineTrace, ExampleFinding, baselines, beside, last_verdict};
pub use field::{Base, FieldCase, FieldFate, FieldLayer};
pub use file::case_file;
pub use fill::Pairs;
pub use result::{Case, Fate, Generated, Twin};
pub use sequences::sequences;
pub use spine::{Options, generate};
pub use valid::refusal;
pub use wanted::{Scope, Wanted};
