//! The rows of a table from a CSV file (RFC 4180): fields after commas, in
//! double quotes where they hold commas, quotes or line breaks; the first row
//! names the columns.

use std::ops::Range;

use super::Reader;
use crate::rulefile::{Column, Expression, Row, Table};
use crate::source::{Code, Diagnostic, FileId, Span, did_you_mean};
use crate::tree::{Node, NodeKind, Text};

/// A field: what it holds, and where it stands.
struct Field {
    value: String,
    range: Range<usize>,
}

impl Reader<'_> {
    /// Fills a table with the rows of `file`.
    pub(super) fn fill(&mut self, table: &mut Table, file: FileId) {
        let sources = self.sources;
        let text = sources.text(file);
        let mut records = match records(text) {
            Ok(records) => records.into_iter(),
            Err(quote) => {
                let at = Span::new(file, quote, quote + 1);
                let message =
                    "what starts here in quotes isn't closed before a comma or line break";
                return self.error(Code::WrongValue, message, at);
            }
        };
        let Some(header) = records.next() else {
            let at = Span::new(file, 0, 0);
            let message = "the file is empty: its first row should name the columns";
            return self.error(Code::WrongValue, message, at);
        };
        let Some(order) = self.order(table, &header, file) else {
            return;
        };
        for record in records {
            let row = row(&record, file);
            if self.row_length(&row, header.len()) {
                let cells = order.iter().filter_map(|at| row.cells.get(*at).cloned());
                table.rows.push(Row {
                    cells: cells.collect(),
                    span: row.span,
                });
            }
        }
        if table.rows.is_empty() {
            let at = Span::new(file, 0, text.len());
            let at = super::mapping::first_line(text, at);
            self.error(Code::WrongValue, "the file has no row below its header", at);
        }
    }

    /// For each column, the field of a record that is its cell. Columns that
    /// the rule file doesn't give are the header's expressions.
    fn order(&mut self, table: &mut Table, header: &[Field], file: FileId) -> Option<Vec<usize>> {
        let span = |field: &Field| Span::new(file, field.range.start, field.range.end);
        if table.columns.is_empty() {
            let columns = header.iter().map(|field| Column {
                heading: None,
                value: Expression {
                    text: Text::synthetic(field.value.trim(), span(field)),
                },
            });
            table.columns = columns.collect();
            return Some((0..header.len()).collect());
        }
        let name = |column: &Column| match &column.heading {
            Some(heading) => (heading.value.clone(), heading.span),
            None => (column.value.source().trim().to_owned(), column.value.span()),
        };
        let names: Vec<_> = table.columns.iter().map(name).collect();
        let mut clean = true;
        for field in header {
            if !names.iter().any(|(name, _)| name == field.value.trim()) {
                let message = format!("the rule file has no column `{}`", field.value.trim());
                let known = names.iter().map(|(name, _)| name.as_str());
                let help = did_you_mean(field.value.trim(), known);
                let help = help.unwrap_or_else(|| "add it to `columns`, or take it out".to_owned());
                let finding = Diagnostic::error(Code::UnknownKey, message)
                    .at(span(field), "")
                    .also(table.key, "the table is declared here")
                    .help(help);
                self.report(finding);
                clean = false;
            }
        }
        let mut order = Vec::new();
        for (name, at) in &names {
            match header.iter().position(|field| field.value.trim() == name) {
                Some(position) => order.push(position),
                None => {
                    let message = format!("the CSV file has no column `{name}`");
                    self.error(Code::MissingKey, message, *at);
                    clean = false;
                }
            }
        }
        clean.then_some(order)
    }
}

fn row(record: &[Field], file: FileId) -> Row {
    let start = record.first().map_or(0, |field| field.range.start);
    let end = record.last().map_or(start, |field| field.range.end);
    Row {
        cells: record.iter().map(|field| cell(field, file)).collect(),
        span: Span::new(file, start, end),
    }
}

/// A cell; `|` stands between alternatives, and nothing at all for `-`.
fn cell(field: &Field, file: FileId) -> Node {
    let span = Span::new(file, field.range.start, field.range.end);
    let one = |text: &str| Node {
        span,
        kind: match text.trim() {
            "null" => NodeKind::Null,
            "" => NodeKind::String(Text::synthetic("-", span)),
            other => NodeKind::String(Text::synthetic(other, span)),
        },
    };
    let parts: Vec<Node> = field.value.split('|').map(one).collect();
    match parts.as_slice() {
        [only] => only.clone(),
        _ => Node {
            span,
            kind: NodeKind::Sequence(parts),
        },
    }
}

/// All records but blank lines; the error is the place of an open quotation
/// mark.
fn records(text: &str) -> Result<Vec<Vec<Field>>, usize> {
    let mut records = Vec::new();
    let mut record = Vec::new();
    let mut at = 0;
    while at < text.len() || !record.is_empty() {
        let field = field(text, at)?;
        at = field.range.end;
        record.push(field);
        let rest = text.get(at..).unwrap_or_default();
        if rest.starts_with(',') {
            at += 1;
            // A comma at the very end: an empty field follows.
            if at < text.len() {
                continue;
            }
            record.push(Field {
                value: String::new(),
                range: at..at,
            });
        }
        at += if rest.starts_with("\r\n") { 2 } else { 1 };
        let is_blank = matches!(record.as_slice(), [only] if only.value.trim().is_empty());
        let done = std::mem::take(&mut record);
        if !is_blank {
            records.push(done);
        }
    }
    Ok(records)
}

/// The field that starts at `start`.
fn field(text: &str, start: usize) -> Result<Field, usize> {
    let rest = text.get(start..).unwrap_or_default();
    let ends = |text: &str| text.find([',', '\n', '\r']).unwrap_or(text.len());
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let Some(quoted) = rest.get(blanks..).and_then(|rest| rest.strip_prefix('"')) else {
        let end = ends(rest);
        return Ok(Field {
            value: rest.get(..end).unwrap_or_default().to_owned(),
            range: start..start + end,
        });
    };
    let open = start + blanks;
    let mut value = String::new();
    let mut characters = quoted.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        if c != '"' {
            value.push(c);
        } else if characters.next_if(|(_, next)| *next == '"').is_some() {
            value.push('"');
        } else {
            let behind = open + 1 + at + 1;
            let after = text.get(behind..).map_or(0, ends);
            let rest = text.get(behind..behind + after).unwrap_or_default();
            if !rest.trim().is_empty() {
                return Err(open);
            }
            return Ok(Field {
                value,
                range: start..behind + after,
            });
        }
    }
    Err(open)
}

#[cfg(test)]
mod tests {
    use super::records;

    fn read(text: &str) -> Vec<Vec<String>> {
        let records = records(text).unwrap().into_iter();
        let values = |record: Vec<super::Field>| record.into_iter().map(|f| f.value).collect();
        records.map(values).collect()
    }

    #[test]
    fn fields_are_taken_apart_as_rfc_4180_says() {
        assert_eq!(read("a,b\r\n1,2\r\n"), [["a", "b"], ["1", "2"]]);
        assert_eq!(
            read("a,\"b, \"\"c\"\"\nd\"\n\n x ,"),
            [["a", "b, \"c\"\nd"], [" x ", ""]]
        );
        assert_eq!(read(""), Vec::<Vec<String>>::new());
        assert_eq!(read("a,\n,b"), [["a", ""], ["", "b"]]);
        assert_eq!(records("a,\"b").err(), Some(2));
        assert_eq!(records("a,\"b\"c").err(), Some(2));
    }
}
