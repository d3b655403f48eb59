//! Aligned columns.

use super::{WIDTH, shortened};

/// What stands between columns.
const GAP: &str = "  ";

/// Rows below their titles: the first column to the left, numbers to the
/// right. Only the first column gives way where all is too wide.
pub(super) fn table(titles: &[&str], rows: &[Vec<String>]) -> String {
    let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
    let all = || std::iter::once(&titles).chain(rows);
    let mut widths = vec![0_usize; titles.len()];
    for row in all() {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let numbers: usize = widths.iter().skip(1).map(|width| width + GAP.len()).sum();
    let room = WIDTH.saturating_sub(numbers).max(16);
    if let Some(first) = widths.first_mut() {
        *first = (*first).min(room);
    }
    all().map(|row| line(row, &widths)).collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).enumerate();
    let cells: Vec<String> = cells
        .map(|(index, (cell, &width))| match index {
            0 => format!("{:<width$}", shortened(cell, width)),
            _ => format!("{cell:>width$}"),
        })
        .collect();
    cells.join(GAP) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_give_way_to_numbers() {
        let name = "a-rule-".repeat(20);
        let rows = [
            vec![name, "12".to_owned()],
            vec!["b".to_owned(), "3".to_owned()],
        ];
        let text = table(&["rule", "faults"], &rows);
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines.iter().all(|line| line.chars().count() == WIDTH),
            "{text}"
        );
        assert!(
            lines[1].contains('…') && lines[1].ends_with("    12"),
            "{text}"
        );
    }
}
