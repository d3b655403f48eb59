//! `table`: decision tables, and the rows that a CSV file holds.

use super::expression::Literals;
use super::file::list;
use super::mapping::first_line;
use super::{Reader, keys};
use crate::rulefile::{Column, Effect, Located, Row, Table};
use crate::source::{Code, Diagnostic};
use crate::tree::{Entry, Node};

/// What a table looks like.
const FORM: &str = "{columns: [body.method, body.amount], allow: [[card, '-'], [debit, '<= 500']]}";

impl Reader<'_> {
    pub(super) fn table(&mut self, entry: &Entry) -> Option<Table> {
        if !entry.value.is_mapping() {
            let message = "`table` must be a mapping with columns and rows";
            self.report(
                Diagnostic::error(Code::WrongKind, message)
                    .at(
                        entry.value_span(),
                        format!("this is {}", entry.value.kind_name()),
                    )
                    .help(format!("its form is `table: {FORM}`")),
            );
            return None;
        }
        let fields = self.fields_of(entry, &keys::TABLE)?;
        let columns = fields.get("columns").map(|entry| self.columns(entry));
        let (rows, effect) = match (fields.get("allow"), fields.get("forbid")) {
            (Some(allow), None) => (allow, Effect::Allow),
            (None, Some(forbid)) => (forbid, Effect::Forbid),
            (Some(first), Some(second)) => {
                self.report(
                    Diagnostic::error(
                        Code::ConflictingKeys,
                        "a table either allows or forbids what its rows say",
                    )
                    .at(first.key_span, "")
                    .also(second.key_span, "")
                    .help("write a rule for each"),
                );
                return None;
            }
            (None, None) if fields.has_misspelt("allow") || fields.has_misspelt("forbid") => {
                return None;
            }
            (None, None) => {
                self.report(
                    Diagnostic::error(Code::MissingKey, "this table has no rows")
                        .at(entry.key_span, "`allow` or `forbid` is missing here")
                        .help(format!("for example `table: {FORM}`")),
                );
                return None;
            }
        };
        let csv = rows.value.is_mapping();
        if columns.is_none() && !csv {
            self.required(&fields, "columns");
        }
        let mut table = Table {
            key: entry.key_span,
            columns: columns.unwrap_or_default(),
            effect,
            rows: Vec::new(),
            csv: None,
        };
        if csv {
            let fields = self.fields_of(rows, &keys::CSV)?;
            let path = self.required(&fields, "csv")?;
            table.csv = self.text(path);
        } else {
            table.rows = self.rows(rows, table.columns.len());
        }
        Some(table)
    }

    /// A list of expressions, or headings with their expressions.
    fn columns(&mut self, entry: &Entry) -> Vec<Column> {
        if entry.value.is_mapping() {
            let named = entry.value.entries().iter().filter_map(|entry| {
                let value = self.expression(entry, Literals::Refused)?;
                let heading = Located::new(entry.key.clone(), entry.key_span);
                Some(Column {
                    heading: Some(heading),
                    value,
                })
            });
            return named.collect();
        }
        let values = self.expressions(entry);
        if values.is_empty() && list(&entry.value).is_some_and(<[Node]>::is_empty) {
            let at = entry.value.span;
            self.error(Code::WrongValue, "`columns` lists nothing", at);
        }
        let columns = values.into_iter().map(|value| Column {
            heading: None,
            value,
        });
        columns.collect()
    }

    fn rows(&mut self, entry: &Entry, columns: usize) -> Vec<Row> {
        if let Some(path) = entry.value.as_str() {
            let message = format!("`{}` must be a list of rows, and this is a text", entry.key);
            self.report(
                Diagnostic::error(Code::WrongKind, message)
                    .at(entry.value.span, "a list of rows is expected")
                    .help(format!(
                        "rows in a file are named so: `{}: {{csv: {path}}}`",
                        entry.key
                    )),
            );
            return Vec::new();
        }
        let Some(items) = list(&entry.value) else {
            let what = format!("`{}`", entry.key);
            self.wrong_kind(&entry.value, entry.key_span, &what, "a list of rows");
            return Vec::new();
        };
        if items.is_empty() {
            let message = format!("`{}` lists no rows", entry.key);
            self.error(Code::WrongValue, message, entry.value.span);
        }
        items
            .iter()
            .filter_map(|item| self.row(item, columns))
            .collect()
    }

    fn row(&mut self, node: &Node, columns: usize) -> Option<Row> {
        let at = first_line(self.sources.excerpt(node.span), node.span);
        let Some(cells) = list(node) else {
            let message = format!("a row must be a list, and this is {}", node.kind_name());
            self.report(
                Diagnostic::error(Code::WrongKind, message)
                    .at(at, "a cell for each column is expected")
                    .help("write it in brackets: `- [card, '-', '> 5']`"),
            );
            return None;
        };
        let row = Row {
            cells: cells.to_vec(),
            span: node.span,
        };
        // A row of another length is kept: what else is wrong with the table is
        // looked for, too.
        if !self.row_length(&row, columns) {
            self.late.extend(self.found.pop());
        }
        Some(row)
    }

    /// Whether a row has a cell for each column; reports where not.
    pub(super) fn row_length(&mut self, row: &Row, columns: usize) -> bool {
        let cells = row.cells.len();
        if cells == columns || columns == 0 {
            return true;
        }
        let counted = |count: usize, what: &str| match count {
            1 => format!("1 {what}"),
            _ => format!("{count} {what}s"),
        };
        let message = format!(
            "this row has {}, and the table {}",
            counted(cells, "cell"),
            counted(columns, "column")
        );
        let at = first_line(self.sources.excerpt(row.span), row.span);
        self.report(
            Diagnostic::error(Code::WrongValue, message)
                .at(at, "")
                .help("`'-'` stands for a cell that says nothing"),
        );
        false
    }
}
