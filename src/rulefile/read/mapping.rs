//! Mappings with known keys.

use super::Reader;
use super::keys::{self, Keys, Later};
use crate::source::{Code, Diagnostic, Span, suggest};
use crate::tree::{Entry, Node, quoted};

/// The entries of a mapping whose keys were looked at.
pub(super) struct Fields<'t> {
    node: &'t Node,
    keys: &'static Keys,
    /// Where to report what is missing.
    at: Span,
}

impl<'t> Fields<'t> {
    /// The entry under a key.
    pub(super) fn get(&self, key: &str) -> Option<&'t Entry> {
        self.node.entry(key)
    }

    /// Whether there is a key that isn't supported yet.
    pub(super) fn has_later_key(&self) -> bool {
        let later = |entry: &Entry| self.keys.later.iter().any(|key| key.0 == entry.key);
        self.node.entries().iter().any(later)
    }

    /// Whether there is an unknown key for which `key` was suggested.
    pub(super) fn has_misspelt(&self, key: &str) -> bool {
        let known = self.keys.known;
        self.node.entries().iter().any(|entry| {
            let name = entry.key.as_str();
            !known.contains(&name) && meant(self.keys, name) == Some(key)
        })
    }

    /// Where to report what is missing.
    pub(super) fn span(&self) -> Span {
        self.at
    }
}

impl Reader<'_> {
    /// The entries of a mapping with known keys; reports the others. `at`:
    /// where to point at for what is missing.
    pub(super) fn fields<'t>(
        &mut self,
        node: &'t Node,
        at: Span,
        keys: &'static Keys,
    ) -> Option<Fields<'t>> {
        if !node.is_mapping() {
            self.wrong_kind(node, at, keys.what, "a mapping");
            return None;
        }
        for entry in node.entries() {
            self.key(node, entry, keys);
        }
        Some(Fields { node, keys, at })
    }

    /// The value of an entry as a mapping with known keys.
    pub(super) fn fields_of<'t>(
        &mut self,
        entry: &'t Entry,
        keys: &'static Keys,
    ) -> Option<Fields<'t>> {
        self.fields(&entry.value, entry.key_span, keys)
    }

    /// The entry under a key that must be there.
    pub(super) fn required<'t>(&mut self, fields: &Fields<'t>, key: &str) -> Option<&'t Entry> {
        let found = fields.get(key);
        if found.is_none() && !fields.has_misspelt(key) {
            let message = format!("{} needs the key `{key}`", fields.keys.what);
            let at = first_line(self.sources.excerpt(fields.at), fields.at);
            self.report(Diagnostic::error(Code::MissingKey, message).at(at, "missing here"));
        }
        found
    }

    /// The entries of a mapping with names of the author's as keys.
    pub(super) fn named_entries<'t>(&mut self, entry: &'t Entry) -> &'t [Entry] {
        if !entry.value.is_mapping() {
            let what = format!("`{}`", entry.key);
            self.wrong_kind(&entry.value, entry.key_span, &what, "a mapping");
        }
        entry.value.entries()
    }

    /// Reports a value of the wrong kind.
    pub(super) fn wrong_kind(&mut self, node: &Node, key: Span, what: &str, wanted: &str) {
        self.wrong_kind_but(node, key, what, wanted, None);
    }

    /// The same, with what to write in its place.
    pub(super) fn wrong_kind_but(
        &mut self,
        node: &Node,
        key: Span,
        what: &str,
        wanted: &str,
        help: Option<String>,
    ) {
        let absent = node.span.start == node.span.end;
        let diagnostic = if absent {
            Diagnostic::error(Code::WrongKind, format!("{what} is empty"))
                .at(key, format!("{wanted} is expected"))
        } else {
            let kind = node.kind_name();
            let at = first_line(self.sources.excerpt(node.span), node.span);
            let message = format!("{what} must be {wanted}, and this is {kind}");
            Diagnostic::error(Code::WrongKind, message).at(at, format!("{wanted} is expected"))
        };
        self.report(diagnostic.maybe_help(help));
    }

    /// Whether a list or a mapping is written in brackets.
    pub(super) fn in_brackets(&self, node: &Node) -> bool {
        self.sources.excerpt(node.span).starts_with(['[', '{'])
    }

    fn key(&mut self, mapping: &Node, entry: &Entry, keys: &Keys) {
        if keys.known.contains(&entry.key.as_str()) {
            return;
        }
        if let Some(later) = keys.later.iter().find(|later| later.0 == entry.key) {
            self.report(not_yet(later, entry.key_span));
            return;
        }
        let absent = entry.value.span.start == entry.value.span.end;
        if absent && self.in_brackets(mapping) {
            self.cut_by_comma(mapping, entry);
            return;
        }
        let message = format!("{} has no key `{}`", keys.what, entry.key);
        let near = || meant(keys, &entry.key).map(|meant| format!("did you mean `{meant}`?"));
        let help = keys::home(keys, &entry.key)
            .or_else(near)
            .unwrap_or_else(|| format!("its keys are {}", listed(keys.known)));
        self.report(
            Diagnostic::error(Code::UnknownKey, message)
                .at(entry.key_span, "")
                .help(help),
        );
    }

    /// `{is: min(a, b) == c}`: what stands behind the comma became a key.
    fn cut_by_comma(&mut self, mapping: &Node, entry: &Entry) {
        let before = mapping
            .entries()
            .iter()
            .rfind(|other| other.key_span < entry.key_span)
            .filter(|other| other.value.as_text().is_some_and(|text| text.is_plain()));
        let Some(before) = before else {
            let message = format!("the key `{}` has no value", entry.key);
            self.error(Code::UnknownKey, message, entry.key_span);
            return;
        };
        let cut = before.value.span;
        let whole = self.sources.excerpt(cut.join(entry.key_span));
        let fix = quoted(whole).map(|whole| format!("`{}: {whole}`", before.key));
        self.report(
            Diagnostic::error(
                Code::NeedsQuotes,
                "a comma ends an unquoted text inside `{...}`",
            )
            .at(entry.key_span, "YAML takes this for another key")
            .also(cut, "this text ends at the comma")
            .help(match fix {
                Some(fix) => format!("put the whole text in quotes: {fix}"),
                None => "write the mapping over several lines, one key a line".to_owned(),
            }),
        );
    }
}

/// The key that is probably meant by an unknown one.
fn meant(keys: &Keys, name: &str) -> Option<&'static str> {
    keys::synonym(keys, name).or_else(|| suggest(name, keys.known.iter().copied()))
}

/// `` `a`, `b` and `c` ``
pub(super) fn listed(names: &[&str]) -> String {
    joined(names, "and")
}

/// `` `a`, `b` or `c` ``
pub(super) fn one_of(names: &[&str]) -> String {
    joined(names, "or")
}

fn joined(names: &[&str], word: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {word} {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// The finding that a key isn't supported yet.
pub(super) fn not_yet(later: &Later, at: Span) -> Diagnostic {
    let Later(key, way_out) = later;
    Diagnostic::error(Code::Unsupported, format!("`{key}` isn't supported yet"))
        .at(at, "")
        .maybe_help(way_out.map(str::to_owned))
}

/// The part of a span on its first line, so that a long mapping isn't quoted
/// in full.
pub(super) fn first_line(excerpt: &str, span: Span) -> Span {
    let length = excerpt.lines().next().map_or(0, str::len);
    Span::new(span.file, span.start, span.start + length)
}
