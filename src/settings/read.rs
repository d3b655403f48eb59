//! From text to settings, with what is wrong in it.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::{Settings, Switch};
use crate::fault::{FaultClass, Layer};
use crate::source::{Code, Diagnostic, Diagnostics, FileId, Sources, Span, did_you_mean};

/// The name of settings files.
pub const FILE: &str = "crossfield.toml";

/// The settings file that counts for a rule file: the nearest one in its folder or
/// one above.
pub fn nearest(rule_file: &Path) -> Option<PathBuf> {
    let whole = rule_file.canonicalize().ok()?;
    let folders = whole.ancestors().skip(1);
    let mut files = folders.map(|folder| folder.join(FILE));
    files.find(|file| file.is_file())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    off: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    class: Option<Spanned<String>>,
    layer: Option<Spanned<String>>,
    rule: Option<Spanned<String>>,
    fault: Option<Spanned<String>>,
    reason: Spanned<String>,
}

/// The settings that a file holds; what is wrong goes to `diagnostics`.
pub fn read(sources: &mut Sources, path: &Path, diagnostics: &mut Diagnostics) -> Option<Settings> {
    let file = match sources.read(path) {
        Ok(file) => file,
        Err(finding) => {
            diagnostics.push(*finding);
            return None;
        }
    };
    let text = sources.shared_text(file);
    let parsed: File = match toml::from_str(&text) {
        Ok(parsed) => parsed,
        Err(error) => {
            diagnostics.push(refused(file, &error));
            return None;
        }
    };
    let before = diagnostics.len();
    let entries = parsed.off.into_iter();
    let off: Vec<Switch> = entries
        .filter_map(|entry| switch(file, entry, diagnostics))
        .collect();
    (diagnostics.len() == before).then_some(Settings { off })
}

fn refused(file: FileId, error: &toml::de::Error) -> Diagnostic {
    let message = format!("`{FILE}` can't be read: {}", error.message());
    let place = error.span().unwrap_or_default();
    Diagnostic::error(Code::SettingsSyntax, message)
        .at(span(file, &place), "here")
        .help(
            "an entry is `[[off]]` with `reason = \"…\"` and one or more of `class`, `layer`, \
             `rule` and `fault`",
        )
}

fn switch(file: FileId, entry: Spanned<Entry>, diagnostics: &mut Diagnostics) -> Option<Switch> {
    let at = span(file, &entry.span());
    let entry = entry.into_inner();
    let before = diagnostics.len();
    if let Some(class) = &entry.class {
        let names = FaultClass::ALL.iter().map(|class| class.name());
        known(file, "class of faults", class, names.collect(), diagnostics);
    }
    if let Some(layer) = &entry.layer {
        let names = Layer::ALL.iter().map(|layer| layer.name());
        known(file, "layer", layer, names.collect(), diagnostics);
    }
    if entry.reason.get_ref().trim().is_empty() {
        let message = "faults are switched off for a reason: say which";
        let finding = Diagnostic::error(Code::WrongValue, message)
            .at(span(file, &entry.reason.span()), "says nothing");
        diagnostics.push(finding);
    }
    let all = [&entry.class, &entry.layer, &entry.rule, &entry.fault];
    if all.iter().all(|key| key.is_none()) {
        let message = "an entry that names nothing would switch every fault off";
        let finding = Diagnostic::error(Code::MissingKey, message)
            .at(at, "no `class`, `layer`, `rule` or `fault`");
        diagnostics.push(finding);
    }
    let text = |key: Option<Spanned<String>>| key.map(Spanned::into_inner);
    (diagnostics.len() == before).then(|| Switch {
        layer: entry.layer.and_then(|name| Layer::by_name(name.get_ref())),
        class: text(entry.class),
        rule: text(entry.rule),
        fault: text(entry.fault),
        reason: entry.reason.into_inner(),
        span: Some(at),
    })
}

fn known(
    file: FileId,
    what: &str,
    name: &Spanned<String>,
    names: Vec<&str>,
    diagnostics: &mut Diagnostics,
) {
    if names.contains(&name.get_ref().as_str()) {
        return;
    }
    let near = did_you_mean(name.get_ref(), names.iter().copied());
    let all = names.join(", ");
    let finding = Diagnostic::error(
        Code::WrongValue,
        format!("there is no {what} `{}`", name.get_ref()),
    )
    .at(span(file, &name.span()), "unknown")
    .maybe_help(near)
    .note(format!("there are {all}"));
    diagnostics.push(finding);
}

fn span(file: FileId, at: &Range<usize>) -> Span {
    Span::new(file, at.start, at.end)
}
