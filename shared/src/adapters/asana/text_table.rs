//! A table of Markdown as text with aligned columns: descriptions and comments of Asana have no tables.

/// Widest column that is filled up with spaces.
const MAX_WIDTH: usize = 40;

/// The cells of a table so far.
#[derive(Default)]
pub(super) struct TextTable {
    rows: Vec<Vec<String>>,
}

impl TextTable {
    pub(super) fn start_row(&mut self) {
        self.rows.push(vec![]);
    }

    pub(super) fn start_cell(&mut self) {
        self.rows.iter_mut().last().into_iter().for_each(|row| row.push(String::new()));
    }

    /// Adds to the current cell.
    pub(super) fn push(&mut self, text: &str) {
        if let Some(cell) = self.cell() {
            cell.push_str(&text.replace('\n', " "));
        }
    }

    /// Adds the address of a link, unless it is its text.
    pub(super) fn push_address(&mut self, address: &str) {
        let plain = address.strip_prefix("mailto:").unwrap_or(address);
        if let Some(cell) = self.cell().filter(|cell| !cell.ends_with(plain)) {
            cell.push_str(&if cell.is_empty() { plain.to_owned() } else { format!(" ({plain})") });
        }
    }

    /// Returns the table as lines, with a line below its head.
    pub(super) fn into_text(self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let longest = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count().min(MAX_WIDTH)).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(longest).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            cells.collect::<Vec<_>>().join(" | ").trim_end().to_owned()
        };
        let mut lines: Vec<String> = self.rows.iter().map(line).collect();
        if lines.len() > 1 {
            let last = widths.len() - 1;
            let rule = |(column, width): (usize, &usize)| {
                "-".repeat(width + usize::from(column > 0) + usize::from(column < last))
            };
            lines.insert(1, widths.iter().enumerate().map(rule).collect::<Vec<_>>().join("|"));
        }
        lines.join("\n")
    }

    fn cell(&mut self) -> Option<&mut String> {
        self.rows.last_mut()?.last_mut()
    }
}
