//! Decision tables as one condition.
//!
//! `allow` becomes the disjunction of its rows, `forbid` the conjunction of
//! their negations; a row is the conjunction of its cells. What is typed is
//! syntax, as if the author had written it, so that every cell has the operators
//! (and the faults) of an expression.

mod cell;
mod domain;
mod overlaps;
mod patchwork;

use std::ops::Range;
use std::rc::Rc;

use self::cell::{End, Test};
use self::patchwork::{Patchwork, shifted};
use super::Builder;
use crate::expr::{Elaborated, ExprId, Syntax, SyntaxKind, Type};
use crate::model::OperationRef;
use crate::rulefile::{Effect, Row, Table};
use crate::source::{Code, Diagnostic};
use crate::value::Value;

/// A column that was understood.
struct Column {
    syntax: Syntax,
    /// Its text, for messages.
    text: String,
    expr: ExprId,
    ty: Type,
    /// Whether its value may be absent, and whether it may be null.
    optional: Option<Optional>,
}

#[derive(Clone, Copy)]
struct Optional {
    absent: bool,
    null: bool,
}

impl Builder<'_> {
    /// A table at an operation.
    pub(super) fn table(&mut self, operation: OperationRef, table: &Table) -> Option<Elaborated> {
        if let Some(csv) = &table.csv {
            let message = format!("the rows in `{}` weren't read", csv.value);
            let finding = Diagnostic::error(Code::UnreadableFile, message).at(csv.span, "");
            self.diagnostics.push(finding);
            return None;
        }
        let mut patchwork = Patchwork::default();
        let columns: Vec<Option<Column>> = table
            .columns
            .iter()
            .map(|column| self.column(operation, &column.value, &mut patchwork))
            .collect();
        let columns: Vec<Column> = columns.into_iter().collect::<Option<_>>()?;
        let tests = self.tests(table, &columns)?;
        let is_whole = |row: &Row| row.cells.len() == columns.len();
        if !table.rows.iter().all(is_whole) {
            // Reading the file said so.
            return None;
        }
        self.overlaps(table, &columns, &tests);
        let mut rows = Vec::new();
        for (row, tests) in table.rows.iter().zip(&tests) {
            rows.push(self.row(row, tests, &columns, &mut patchwork)?);
        }
        let key = patchwork.place(table.key);
        let whole = match table.effect {
            Effect::Allow => joined("_||_", rows, &key),
            Effect::Forbid => {
                let not = |row: Syntax| call("!_", row.span.clone(), vec![row]);
                joined("_&&_", rows.into_iter().map(not).collect(), &key)
            }
        };
        let nowhere = table.key;
        let locate = move |range: Range<usize>| patchwork.span(range).unwrap_or(nowhere);
        self.typed_at(operation, &whole, Rc::new(locate))
    }

    fn column(
        &mut self,
        operation: OperationRef,
        value: &crate::rulefile::Expression,
        patchwork: &mut Patchwork,
    ) -> Option<Column> {
        let syntax = self.syntax(value)?;
        let found = self.typed(operation, value, &syntax)?;
        let ty = self.arena.ty(found.expr).clone();
        if matches!(
            ty,
            Type::List(_) | Type::Map(_) | Type::Object(_) | Type::Resource(_)
        ) {
            let message = format!("the cells of a table can't test a value of type {ty}");
            let finding = Diagnostic::error(Code::TypeMismatch, message)
                .at(value.span(), "this column")
                .help("name a field, or ask a question such as `size(body.lines) > 1`");
            self.diagnostics.push(finding);
            return None;
        }
        let start = patchwork.add(value.text.clone());
        Some(Column {
            syntax: shifted(&syntax, start),
            text: value.source().trim().to_owned(),
            expr: found.expr,
            optional: self.optional(found.expr, &syntax),
            ty,
        })
    }

    /// Whether a column is a field that may be absent or null.
    fn optional(&self, expr: ExprId, syntax: &Syntax) -> Option<Optional> {
        let (absent, null) = self.may_lack(expr)?;
        let is_path = matches!(syntax.kind, SyntaxKind::Select(..));
        let absent = absent && is_path;
        (absent || null).then_some(Optional { absent, null })
    }

    /// What every cell asks, row by row.
    fn tests(&mut self, table: &Table, columns: &[Column]) -> Option<Vec<Vec<Test>>> {
        let mut clean = true;
        let mut rows = Vec::new();
        for row in &table.rows {
            let mut tests = Vec::new();
            for (node, column) in row.cells.iter().zip(columns) {
                let read = cell::read(node, &column.ty).and_then(|test| {
                    let asks_absent = match &test {
                        Test::Absent => true,
                        Test::Either(tests) => tests.contains(&Test::Absent),
                        _ => false,
                    };
                    if asks_absent && column.optional.is_none() {
                        let message = format!("`{}` is never absent or null", column.text);
                        return Err(Box::new(
                            Diagnostic::error(Code::WrongValue, message)
                                .at(node.span, "asks for what can't be")
                                .help("`'-'` stands for anything"),
                        ));
                    }
                    Ok(test)
                });
                match read {
                    Ok(test) => tests.push(test),
                    Err(finding) => {
                        self.diagnostics.push(*finding);
                        clean = false;
                    }
                }
            }
            let is_read = tests.len() == columns.len();
            if is_read && tests.iter().all(|test| *test == Test::Any) {
                let message = "this row matches every request";
                let finding = Diagnostic::error(Code::WrongValue, message)
                    .at(row.span, "asks for nothing")
                    .help("take it out, or let a cell ask for something");
                self.diagnostics.push(finding);
                clean = false;
            }
            rows.push(tests);
        }
        clean.then_some(rows)
    }

    fn row(
        &mut self,
        row: &Row,
        tests: &[Test],
        columns: &[Column],
        patchwork: &mut Patchwork,
    ) -> Option<Syntax> {
        let mut cells = Vec::new();
        for ((node, test), column) in row.cells.iter().zip(tests).zip(columns) {
            let place = patchwork.place(node.span);
            cells.extend(condition(test, column, &place));
        }
        let place = patchwork.place(row.span);
        (!cells.is_empty()).then(|| joined("_&&_", cells, &place))
    }
}

fn call(name: &str, span: Range<usize>, args: Vec<Syntax>) -> Syntax {
    let kind = SyntaxKind::Call {
        name: name.to_owned(),
        target: None,
        args,
    };
    Syntax { kind, span }
}

/// Conditions joined by one operator, which stands at `place`.
fn joined(operator: &str, parts: Vec<Syntax>, place: &Range<usize>) -> Syntax {
    let all = parts
        .into_iter()
        .reduce(|left, right| call(operator, place.clone(), vec![left, right]));
    all.unwrap_or_else(|| literal(&Value::Bool(true), place))
}

fn literal(value: &Value, place: &Range<usize>) -> Syntax {
    let decimal = matches!(value, Value::Number(number) if !number.is_integer());
    Syntax {
        kind: SyntaxKind::Literal(value.clone(), decimal),
        span: place.clone(),
    }
}

/// What a cell asks, as a condition on its column; none where it asks nothing.
fn condition(test: &Test, column: &Column, place: &Range<usize>) -> Option<Syntax> {
    let asked = match test {
        Test::Any => return None,
        Test::Absent => {
            let there = there(column, place);
            let there = joined("_&&_", there, place);
            return Some(call("!_", place.clone(), vec![there]));
        }
        Test::Either(tests) => {
            let parts = tests.iter().map(|test| condition(test, column, place));
            let parts: Option<Vec<Syntax>> = parts.collect();
            return Some(joined("_||_", parts?, place));
        }
        Test::OneOf(values) => one_of(values, column, place),
        Test::Compare(comparison, value) => compare(comparison.operator(), column, value, place),
        Test::Range(low, high) => {
            let end = |end: &End, open: &str, closed: &str| {
                let operator = if end.is_open { open } else { closed };
                compare(operator, column, &end.value, place)
            };
            let ends = vec![end(low, "_>_", "_>=_"), end(high, "_<_", "_<=_")];
            joined("_&&_", ends, place)
        }
    };
    let mut parts = there(column, place);
    parts.push(asked);
    Some(joined("_&&_", parts, place))
}

/// That the column has a value, where it may lack one.
fn there(column: &Column, place: &Range<usize>) -> Vec<Syntax> {
    let mut parts = Vec::new();
    let Some(optional) = column.optional else {
        return parts;
    };
    if optional.absent {
        let path = Box::new(column.syntax.clone());
        parts.push(Syntax {
            kind: SyntaxKind::Has(path),
            span: place.clone(),
        });
    }
    if optional.null {
        parts.push(compare("_!=_", column, &Value::Null, place));
    }
    parts
}

fn one_of(values: &[Value], column: &Column, place: &Range<usize>) -> Syntax {
    match values {
        [Value::Bool(true)] if column.ty == Type::Bool => column.syntax.clone(),
        [Value::Bool(false)] if column.ty == Type::Bool => {
            call("!_", place.clone(), vec![column.syntax.clone()])
        }
        [one] => compare("_==_", column, one, place),
        several => {
            let items = several.iter().map(|value| literal(value, place));
            let list = Syntax {
                kind: SyntaxKind::List(items.collect()),
                span: place.clone(),
            };
            call("@in", place.clone(), vec![column.syntax.clone(), list])
        }
    }
}

fn compare(operator: &str, column: &Column, value: &Value, place: &Range<usize>) -> Syntax {
    let value = literal(value, place);
    call(operator, place.clone(), vec![column.syntax.clone(), value])
}
