//! Decision tables: which combinations of values are allowed or forbidden.

use super::{Expression, Located};
use crate::source::Span;
use crate::tree::Node;

/// `table`: each row is a combination. All rows have the same outcome, so that
/// it doesn't matter if several match (the hit policy "any").
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Where the key `table` stands.
    pub key: Span,
    /// What the cells of a row are about, in their order.
    pub columns: Vec<Column>,
    /// What a row means.
    pub effect: Effect,
    /// The rows, in the order of the file.
    pub rows: Vec<Row>,
    /// The CSV file that holds the rows, as long as it wasn't read: relative to
    /// the rule file. Its first row names the columns.
    pub csv: Option<Located<String>>,
}

/// What the rows of a table say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// `allow`: what matches no row is refused.
    Allow,
    /// `forbid`: what matches a row is refused.
    Forbid,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its heading in a CSV file, where that isn't the expression.
    pub heading: Option<Located<String>>,
    /// The value that its cells test.
    pub value: Expression,
}

/// A row of a table: as many cells as there are columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What the values must be: a literal, a list of alternatives, a comparison
    /// (`> 5`, `1..10`), null for what is absent, `-` for anything.
    pub cells: Vec<Node>,
    /// All of it.
    pub span: Span,
}
