//! What is written is read back before anybody sees it.

use std::ops::Range;

use super::write::{Written, write};
use super::{Cel, Demand, Imported, Lost, Replaced, unique_ids};
use crate::document::Document;
use crate::model::build;
use crate::rulefile::RuleFile;
use crate::source::{Diagnostic, Diagnostics, FileId, Severity, Sources, Span};

/// Rules that read, and their file.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The rules that are left, and all that isn't carried over.
    pub imported: Imported,
    /// The text of the file.
    pub text: String,
}

/// Writes a rule file over `document`, which stands at `api` for the file, and
/// takes out the rules that can't be read there. `now`: nanoseconds since 1970.
///
/// # Errors
/// What keeps the file from being read at all: what is wrong with the document.
pub fn settle(
    mut imported: Imported,
    document: &Document,
    sources: &Sources,
    (api, title): (&str, &str),
    now: i128,
) -> Result<Settled, Diagnostics> {
    drop_constants(&mut imported, sources);
    unique_ids(&mut imported.rules);
    loop {
        let written = write(&imported, api, title, &|lost| place(sources, lost));
        let (file, errors) = read_back(&written, document, sources, now);
        if errors.is_empty() {
            let text = written.text;
            return Ok(Settled { imported, text });
        }
        let about = |range: &Range<usize>| {
            let is_here = |span: Span| span.file == file && range.contains(&span.start);
            let found = errors
                .iter()
                .find(|error| error.place().is_some_and(is_here));
            found.cloned()
        };
        if !take_out(&mut imported, &written, sources, &about) {
            return Err(errors.into_iter().collect());
        }
    }
}

/// `file:line` of what is lost.
fn place(sources: &Sources, lost: &Lost) -> String {
    let path = sources.path(lost.span.file);
    format!("{path}:{}", sources.line_col(lost.span).line)
}

/// Rules that hold whatever is sent, or never, say nothing.
fn drop_constants(imported: &mut Imported, sources: &Sources) {
    for rule in std::mem::take(&mut imported.rules) {
        let why = match (&rule.when, &rule.demand) {
            (Some(Cel::Bool(false)), _) => Some("it never applies"),
            (_, Demand::Rule(Cel::Bool(true))) => Some("it holds for every request"),
            (_, Demand::Rule(Cel::Bool(false))) => Some("it holds for no request"),
            _ => None,
        };
        match why {
            None => imported.rules.push(rule),
            Some(why) => {
                let what = words(sources, rule.span);
                imported.lost.push(Lost::new(what, why, rule.span));
            }
        }
    }
}

/// What stands under a span, on one line.
fn words(sources: &Sources, span: Span) -> String {
    const SHOWN: usize = 100;
    let all: Vec<&str> = sources.excerpt(span).split_whitespace().collect();
    let all = all.join(" ");
    match all.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", all.get(..end).unwrap_or_default()),
        None => all,
    }
}

/// What is wrong with the file as everybody else reads it.
fn read_back(
    written: &Written,
    document: &Document,
    sources: &Sources,
    now: i128,
) -> (FileId, Vec<Diagnostic>) {
    let mut sources = sources.clone();
    let file = sources.add("the imported rules", written.text.as_str());
    let (parsed, mut found) = RuleFile::parse(&sources, file);
    if let Some(parsed) = parsed {
        build(document, &parsed, now, &mut found);
    }
    let all = found.into_iter();
    let errors = all.filter(|finding| finding.severity == Severity::Error);
    (file, errors.collect())
}

/// Turns the rules and the changes of fields that errors are about into losses.
/// Whether there were any.
fn take_out(
    imported: &mut Imported,
    written: &Written,
    sources: &Sources,
    about: &dyn Fn(&Range<usize>) -> Option<Diagnostic>,
) -> bool {
    let mut is_changed = false;
    let rules = std::mem::take(&mut imported.rules);
    for (rule, range) in rules.into_iter().zip(&written.rules) {
        let Some(error) = about(range) else {
            imported.rules.push(rule);
            continue;
        };
        let lost = Lost::new(words(sources, rule.span), error.message, rule.span);
        let lost = lost.maybe_help(error.help.into_iter().next());
        imported.lost.push(lost);
        is_changed = true;
    }
    for (range, field) in &written.fields {
        let Some(error) = about(range) else {
            continue;
        };
        let same = |own: &Replaced| {
            (&own.operation, &own.path, &own.keyword)
                == (&field.operation, &field.path, &field.keyword)
        };
        imported.fields.retain(|own| !same(own));
        let what = format!("`{}` of {}", field.keyword, field.path);
        let why = format!(
            "the schema keeps saying this beside the rule ({})",
            error.message
        );
        imported.lost.push(Lost::new(what, why, field.span));
        is_changed = true;
    }
    is_changed
}
