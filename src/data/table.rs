//! CSV text to a table in which every cell knows its place.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Place, SourceId, Sources, Span};
use csv::{ReaderBuilder, StringRecord};
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// A table with a header row.
#[derive(Debug, Clone)]
pub struct Table {
    source: SourceId,
    header: StringRecord,
    rows: Vec<Row>,
    /// For each column that was asked for: the rows of each cell text.
    indexes: Vec<OnceCell<BTreeMap<String, Vec<usize>>>>,
}

#[derive(Debug, Clone)]
struct Row {
    cells: StringRecord,
    start: usize,
    end: usize,
}

impl Table {
    /// Parses CSV with commas, a header row and rows of equal length. Cells are trimmed.
    ///
    /// # Errors
    /// All rows that do not fit the header, and columns that have one name.
    pub fn parse(sources: &Sources, source: SourceId) -> Result<Self, Vec<Diagnostic>> {
        let text = &sources.get(source).text;
        let mut reader =
            ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let at = |start: usize, end: usize| Place { source, span: Span { start, end } };
        let malformed =
            |place, message: String| vec![Diagnostic::error(Code::MalformedTable, place, message)];
        let header = match reader.headers() {
            Ok(header) => header.clone(),
            Err(error) => return Err(malformed(at(0, 0), format!("not a table: {error}"))),
        };
        let header_end = text.find(['\r', '\n']).unwrap_or(text.len());
        if header.iter().all(str::is_empty) {
            return Err(malformed(at(0, header_end), "the table has no header row".to_owned()));
        }
        let mut diagnostics = Vec::new();
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for (column, name) in header.iter().enumerate() {
            if let Some(first) = seen.insert(name, column) {
                let message =
                    format!("columns {} and {} are both named `{name}`", first + 1, column + 1);
                diagnostics.extend(malformed(at(0, header_end), message));
            }
        }
        let mut rows = Vec::new();
        let mut starts = Vec::new();
        for record in reader.records() {
            match record {
                Err(error) => {
                    diagnostics.extend(malformed(at(0, 0), format!("not a table: {error}")));
                    break;
                }
                Ok(cells) => {
                    let start = cells
                        .position()
                        .and_then(|position| usize::try_from(position.byte()).ok())
                        .unwrap_or(0);
                    starts.push(start);
                    rows.push(Row { cells, start, end: start });
                }
            }
        }
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        for (row, end) in rows.iter_mut().zip(ends) {
            // a record starts after the line break that ends the one before it
            let raw = &text[row.start..end];
            row.start += raw.len() - raw.trim_start_matches(['\r', '\n']).len();
            row.end = row.start + text[row.start..end].trim_end_matches(['\r', '\n']).len();
            if row.cells.len() != header.len() {
                diagnostics.push(
                    Diagnostic::error(
                        Code::MalformedTable,
                        at(row.start, row.end),
                        format!(
                            "the row has {} cells, but the header has {}",
                            row.cells.len(),
                            header.len()
                        ),
                    )
                    .help("a cell that holds a comma needs quotes round it"),
                );
            }
        }
        if diagnostics.is_empty() {
            let indexes = vec![OnceCell::new(); header.len()];
            Ok(Self { source, header, rows, indexes })
        } else {
            Err(diagnostics)
        }
    }

    /// The names of the columns.
    pub fn column_names(&self) -> impl Iterator<Item = &str> {
        self.header.iter()
    }

    /// The index of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    /// The number of rows below the header.
    #[must_use]
    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// The rows whose cell in a column is this text, in their order. The column is indexed the first
    /// time it is asked for, so that many analyses of one table take time in the rows they use.
    #[must_use]
    pub fn rows_with(&self, column: usize, text: &str) -> &[usize] {
        let index = self.indexes[column].get_or_init(|| {
            let mut index: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for row in 0..self.row_count() {
                index.entry(self.cell(row, column).to_owned()).or_default().push(row);
            }
            index
        });
        index.get(text).map_or(&[], Vec::as_slice)
    }

    /// The text of a cell.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.rows[row].cells.get(column).unwrap_or_default()
    }

    /// The place of a cell.
    #[must_use]
    pub fn cell_place(&self, sources: &Sources, row: usize, column: usize) -> Place {
        let Row { start, end, .. } = self.rows[row];
        let text = &sources.get(self.source).text[start..end];
        let (from, to) = field_span(text, column);
        Place { source: self.source, span: Span { start: start + from, end: start + to } }
    }

    /// The place of a whole row.
    #[must_use]
    pub fn row_place(&self, row: usize) -> Place {
        let Row { start, end, .. } = self.rows[row];
        Place { source: self.source, span: Span { start, end } }
    }
}

/// Where field number `index` of a record stands in its text, quotes included.
fn field_span(record: &str, index: usize) -> (usize, usize) {
    let mut is_quoted = false;
    let mut field = 0;
    let mut start = 0;
    for (at, c) in record.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => {
                if field == index {
                    return (start, at);
                }
                field += 1;
                start = at + 1;
            }
            _ => {}
        }
    }
    if field == index { (start, record.len()) } else { (record.len(), record.len()) }
}

#[cfg(test)]
mod tests {
    use super::field_span;

    #[test]
    fn fields_are_found_behind_quoted_commas() {
        let record = r#"a,"b, ""c""",,d"#;
        let field = |index| {
            let (start, end) = field_span(record, index);
            &record[start..end]
        };
        assert_eq!(field(0), "a");
        assert_eq!(field(1), r#""b, ""c""""#);
        assert_eq!(field(2), "");
        assert_eq!(field(3), "d");
        assert_eq!(field(4), "");
    }
}
