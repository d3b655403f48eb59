//! Cases as data: the interface between finding states and writing tests.
//!
//! One [`CaseFile`] belongs to one rule file and holds all that a target
//! needs: whole requests as text, expected answers, reasons. Whoever writes,
//! sends or reviews cases reads only this.

mod build;
mod changes;
mod check;
mod compared;
mod format;
mod json;
mod parts;
mod read;
mod schema;
mod setup;
mod shown;
mod splice;
mod story;

pub use build::{
    Builder, Draft, FieldDraft, FieldRule, NotSendable, TwinTrace, compared, comparison,
    not_sendable,
};
pub use changes::Changes;
pub use compared::{Compared, beside};
pub use format::{
    Actor, Anchor, Answer, AnswerPlace, Await, Baseline, Case, CaseFile, Check, CheckOperator,
    CleanUp, ClockSetter, Detected, Encoding, Expected, ExpectedAnswer, FORMAT, Group, Named,
    Operation, ParameterValue, Place, Request, Rule, Security, SetupStep, Shard, Splice, Step,
    StepChanges, StepRef, Style, Twin, TwinKind, Verdict, Worth,
};
pub use json::{parse_json, pretty_json};
pub use parts::{
    body_text, is_written, request_parts, sent_texts, sent_values, splice_places, text_place,
};
pub use read::CaseFileError;
pub use schema::schema;
pub use shown::{Comparison, Shown};
pub use story::{
    FaultyStory, Judged, Remembered, Showing, Story, StoryStep, There, Told, TwinChange, TwinStory,
};
