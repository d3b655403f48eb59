//! Rule files: what an author wrote, taken apart and located, nothing resolved.
//!
//! A [`RuleFile`] is the located tree of a `*.rules.yaml` with a meaning for
//! every key. Expressions stay texts, paths and operations stay names: what they
//! refer to is a later question. Reading recovers: everything that is wrong with
//! a file is reported in one go, and what is right is kept.

mod read;
mod rule;
mod schema;
mod table;
mod types;

pub use read::{KEYWORDS, Opened};
pub use rule::{Across, Check, Expect, ReplayOrder, Rule, RuleSeverity, Shorthand};
pub use schema::schema;
pub use table::{Column, Effect, Row, Table};
pub use types::{
    Actor, Answers, Api, Assignment, Attribute, Await, Baseline, Bind, Clock, ClockKind,
    ClockSetter, Credential, Def, DefKind, DerivedRules, Existing, Expression, FieldOverride,
    Lifecycle, Located, Nulls, Operation, Resource, RuleFile, Saved, SavedFrom, SchemaApi,
    ServerValue, SetupEach, SetupStep, StateChange, Undefined, ValueKind, View,
};
