//! What commands tell: data that serialises, and its text for people.
//!
//! Nothing here knows of the command line or of terminals. All texts fit into
//! [`WIDTH`] columns where names and values allow it.

mod abridged;
mod audit;
mod check;
mod detail;
mod ensured;
mod exchange;
mod explain;
mod explain_text;
mod fields;
mod junit;
mod language;
mod place;
mod request;
mod run;
mod smoke;
mod story;
mod summary;
mod summary_text;
mod table;

pub use audit::{Audit, Auditor, Earlier, Injected, Mask, page};
pub use check::{CheckedFile, CheckedRule, Detail};
pub use detail::{BaselineDetail, OperationDetail};
pub use explain::{Explainer, Explanation, FateOf, Mend, Replaced, RuleFault};
pub use fields::{FieldSummary, OpenField, explain_field};
pub use junit::JunitError;
pub use language::language;
pub use place::proof;
pub use request::{Change, RequestDiff, Requests};
pub use summary::{
    BrokenExample, Counts, Coverage, Omitted, OpenFault, OwnerCounts, Summary, UntestableFault,
};

/// How wide texts are.
pub const WIDTH: usize = 100;

/// `text` with its middle left out where it is longer than `longest`.
pub(crate) fn shortened(text: &str, longest: usize) -> String {
    let count = text.chars().count();
    if count <= longest {
        return text.to_owned();
    }
    let tail = longest / 3;
    let head = longest.saturating_sub(tail + 1);
    let start = text.chars().take(head);
    let end = text.chars().skip(count - tail);
    start.chain(['…']).chain(end).collect()
}

/// `text` in lines of at most [`WIDTH`], each behind `indent`; white space of
/// any kind parts words.
pub(crate) fn wrapped(text: &str, indent: &str) -> String {
    let mut out = String::new();
    let mut line = indent.to_owned();
    for word in text.split_whitespace() {
        let is_first = line.len() == indent.len();
        if !is_first && line.chars().count() + 1 + word.chars().count() > WIDTH {
            out.push_str(&line);
            out.push('\n');
            line.replace_range(indent.len().., word);
            continue;
        }
        if !is_first {
            line.push(' ');
        }
        line.push_str(word);
    }
    out + &line + "\n"
}

/// `1 rule`, `2 rules`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}
