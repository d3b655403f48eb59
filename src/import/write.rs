//! Imported rules as the text of a rule file.

mod scalar;

use std::fmt::Write;
use std::ops::Range;

use super::{Demand, Imported, ImportedRule, Lost, Replaced};
pub use scalar::{flow, scalar};

/// A rule file, and where each rule stands in it.
#[derive(Clone, Debug)]
pub struct Written {
    /// The text.
    pub text: String,
    /// The bytes of each rule, in order.
    pub rules: Vec<Range<usize>>,
    /// The bytes of each keyword of `fields`.
    pub fields: Vec<(Range<usize>, Replaced)>,
}

/// How wide lines get before a long expression is folded.
const WIDTH: usize = 100;

/// Writes a rule file over the API document at `api`. `title` is a comment at
/// its start; `place` says where something of the source stands.
pub fn write(
    imported: &Imported,
    api: &str,
    title: &str,
    place: &dyn Fn(&Lost) -> String,
) -> Written {
    let mut out = String::new();
    comment(&mut out, "", title);
    let _ = writeln!(out, "crossfield: 1\napi: {}", scalar(api));
    if imported.undefined_rejects {
        out.push_str("undefined: reject\n");
    }
    let fields = fields(&mut out, &imported.fields);
    let mut rules = Vec::new();
    if imported.rules.is_empty() {
        out.push_str("\nrules: []\n");
    } else {
        out.push_str("\nrules:\n");
    }
    for rule in &imported.rules {
        let start = out.len();
        write_rule(&mut out, rule);
        rules.push(start..out.len());
    }
    let lost: Vec<&Lost> = imported.lost.iter().filter(|lost| !lost.is_noted).collect();
    if !lost.is_empty() {
        out.push_str("\n# Not carried over:\n");
    }
    for lost in lost {
        let words = format!("{} ({}): {}", lost.what.trim(), place(lost), lost.why);
        comment(&mut out, "", &format!("- {words}"));
    }
    Written {
        text: out,
        rules,
        fields,
    }
}

fn fields(out: &mut String, fields: &[Replaced]) -> Vec<(Range<usize>, Replaced)> {
    let mut ranges = Vec::new();
    if fields.is_empty() {
        return ranges;
    }
    let mut fields: Vec<&Replaced> = fields.iter().collect();
    fields.sort();
    let mut said = "";
    fields.dedup_by(|a, b| {
        (&a.operation, &a.path, &a.keyword) == (&b.operation, &b.path, &b.keyword)
    });
    out.push_str("\noperations:\n");
    for of_operation in fields.chunk_by(|a, b| a.operation == b.operation) {
        let Some(first) = of_operation.first() else {
            continue;
        };
        let _ = writeln!(out, "  {}:\n    fields:", scalar(&first.operation));
        for of_path in of_operation.chunk_by(|a, b| a.path == b.path) {
            for field in of_path {
                if field.why != said {
                    comment(out, "      ", &field.why);
                }
                said = &field.why;
            }
            let path = of_path.first().map_or("", |field| field.path.as_str());
            let _ = write!(out, "      {}: {{", scalar(path));
            for (index, field) in of_path.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                let start = out.len();
                let _ = write!(out, "{}: null", field.keyword);
                ranges.push((start..out.len(), (*field).clone()));
            }
            out.push_str("}\n");
        }
    }
    ranges
}

fn write_rule(out: &mut String, rule: &ImportedRule) {
    for line in &rule.comments {
        comment(out, "  ", line);
    }
    let _ = writeln!(out, "  - id: {}", scalar(&rule.id));
    match rule.operations.as_slice() {
        [only] => entry(out, "operation", only),
        several => list(out, "operation", several),
    }
    if let Some(when) = &rule.when {
        entry(out, "when", &when.to_string());
    }
    match &rule.demand {
        Demand::Rule(cel) => entry(out, "rule", &cel.to_string()),
        Demand::Fields(key, paths) => list(out, key, paths),
        Demand::Requires(field, needs) => {
            let _ = writeln!(out, "    requires:");
            nested(out, "field", field);
            let needs: Vec<String> = needs.iter().map(|path| flow(path)).collect();
            let _ = writeln!(out, "      needs: [{}]", needs.join(", "));
        }
        Demand::Conditional(key, field, is) => {
            let _ = writeln!(out, "    {key}:");
            nested(out, "field", field);
            nested(out, "is", &is.to_string());
        }
    }
    if let Some(message) = &rule.message {
        entry(out, "message", message);
    }
    if let Some(source) = &rule.source {
        entry(out, "source", source);
    }
    if let Some(path) = &rule.field_path {
        entry(out, "fieldPath", path);
    }
    if !rule.tags.is_empty() {
        list(out, "tags", &rule.tags);
    }
}

fn entry(out: &mut String, key: &str, value: &str) {
    indented(out, "    ", key, value);
}

fn nested(out: &mut String, key: &str, value: &str) {
    indented(out, "      ", key, value);
}

fn list(out: &mut String, key: &str, items: &[String]) {
    let flat: Vec<String> = items.iter().map(|item| flow(item)).collect();
    let line = format!("    {key}: [{}]", flat.join(", "));
    if line.len() <= WIDTH {
        let _ = writeln!(out, "{line}");
        return;
    }
    let _ = writeln!(out, "    {key}:");
    for item in items {
        let _ = writeln!(out, "      - {}", scalar(item));
    }
}

fn indented(out: &mut String, indent: &str, key: &str, value: &str) {
    let line = format!("{indent}{key}: {}", scalar(value));
    match scalar::folded(value, WIDTH - indent.len() - 2) {
        Some(lines) if line.len() > WIDTH => {
            let _ = writeln!(out, "{indent}{key}: >-");
            for line in lines {
                let _ = writeln!(out, "{indent}  {line}");
            }
        }
        _ => {
            let _ = writeln!(out, "{line}");
        }
    }
}

/// Comment lines; whatever would end a line is written as a blank.
fn comment(out: &mut String, indent: &str, text: &str) {
    for line in text.lines() {
        let line: String = line
            .chars()
            .map(|c| {
                if c.is_control() || scalar::breaks(c) {
                    ' '
                } else {
                    c
                }
            })
            .collect();
        let _ = writeln!(out, "{indent}# {}", line.trim_end());
    }
}
