//! CSV text to a table in which every cell knows its place.

use super::layout::{Separator, header, layout, open_quote, outside_quotes, reader};
use super::untidy::{Notes, Untidy};
use super::written::{Shown, Written, is_decimal, understand};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Place, SourceId, Sources, Span};
use csv::StringRecord;
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// The most columns of one name that are told.
const MOST_DOUBLES: usize = 20;

/// A table with a header row.
#[derive(Debug, Clone)]
pub struct Table {
    source: SourceId,
    separator: Separator,
    header: StringRecord,
    header_span: Span,
    rows: Vec<Row>,
    /// For each column that was asked for: the rows of each cell text.
    indexes: Vec<OnceCell<BTreeMap<String, Vec<usize>>>>,
    /// For each column that was asked for: which decimal marks its numbers show.
    shown: Vec<OnceCell<Shown>>,
    /// What the shape of the table has otherwise than SPEC.md writes it, where first and how often.
    shape: Vec<(Untidy, Span, usize)>,
    notes: Notes,
}

#[derive(Debug, Clone)]
struct Row {
    cells: StringRecord,
    /// Its number among the records of the file, from 1.
    number: usize,
    start: usize,
    end: usize,
}

/// A number of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Number {
    /// Its digits, with a decimal point.
    Is(String),
    /// `1,234` or `1.234`, of which nothing says what the mark is.
    Open,
    /// There is none.
    None,
}

impl Table {
    /// Parses a table with a header row and rows of equal length; commas, semicolons or tabs stand
    /// between cells. Cells are trimmed; empty columns at the right and empty rows are left out.
    ///
    /// # Errors
    /// All rows that do not fit the header, and columns that have one name.
    pub fn parse(sources: &Sources, source: SourceId) -> Result<Self, Vec<Diagnostic>> {
        let full = &sources.get(source).text;
        let (separator, start) = layout(full);
        let text = &full[start..];
        let at = |from: usize, to: usize| Span { start: start + from, end: start + to };
        let malformed = |span, message: String| {
            vec![Diagnostic::error(Code::MalformedTable, Place { source, span }, message)]
        };
        if let Some(quote) = open_quote(text, separator) {
            let line = text[quote..].lines().next().unwrap_or_default();
            let message = "the cell opens with a quote that is not closed".to_owned();
            let help = "close the quote at the end of the cell, or take it out; a quote within such a cell is written twice";
            let errors = malformed(at(quote, quote + line.len()), message);
            return Err(errors.into_iter().map(|error| error.help(help)).collect());
        }
        let mut reader = reader(separator, true, text);
        let mut header_row = match reader.headers() {
            Ok(header) => header.clone(),
            Err(error) => return Err(malformed(at(0, 0), format!("not a table: {error}"))),
        };
        let first = text.len() - text.trim_start_matches(['\r', '\n']).len();
        let header_span = at(first, first + header(&text[first..]).len());
        if header_row.iter().all(str::is_empty) {
            return Err(malformed(header_span, "the table has no header row".to_owned()));
        }
        let mut diagnostics = Vec::new();
        let mut rows = Vec::new();
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
                    rows.push(Row { cells, number: rows.len() + 1, start, end: text.len() });
                }
            }
        }
        for next in 1..rows.len() {
            rows[next - 1].end = rows[next].start;
        }
        for row in &mut rows {
            // a record starts after the line break that ends the one before it
            let raw = &text[row.start..row.end];
            let begin = row.start + raw.len() - raw.trim_start_matches(['\r', '\n']).len();
            let end = begin + text[begin..row.end].trim_end_matches(['\r', '\n']).len();
            (row.start, row.end) = (start + begin, start + end);
        }
        let shape = tidied(&mut header_row, header_span, &mut rows);
        let place_of = |column| {
            let written = &full[header_span.start..header_span.end];
            let (from, to) = field_span(written, separator.character(), column);
            let span = Span { start: header_span.start + from, end: header_span.start + to };
            Place { source, span }
        };
        diagnostics.extend(doubles(&header_row, place_of).take(MOST_DOUBLES));
        for row in rows.iter().filter(|row| row.cells.len() != header_row.len()) {
            let count = row.cells.len();
            let cells = if count == 1 { "cell" } else { "cells" };
            let message =
                format!("the row has {count} {cells}, but the header has {}", header_row.len());
            let mark = match separator {
                Separator::Comma => "comma",
                Separator::Semicolon => "semicolon",
                Separator::Tab => "tab",
            };
            let help = if count < header_row.len() {
                format!(
                    "a row has a {mark} behind every cell but the last, be the cell empty or not"
                )
            } else {
                format!("a cell that holds a {mark} needs quotes round it")
            };
            let span = Span { start: row.start, end: row.end };
            diagnostics.extend(malformed(span, message).into_iter().map(|d| d.help(help.as_str())));
        }
        if !diagnostics.is_empty() {
            return Err(diagnostics);
        }
        Ok(Self {
            source,
            separator,
            indexes: vec![OnceCell::new(); header_row.len()],
            shown: vec![OnceCell::new(); header_row.len()],
            header: header_row,
            header_span,
            rows,
            shape,
            notes: Notes::default(),
        })
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

    /// The number of a cell, with a note where it is not written as numbers are; `wants_whole` says
    /// that it counts something.
    pub(super) fn number(&self, row: usize, column: usize, wants_whole: bool) -> Number {
        let (number, how) = self.understood(row, column, wants_whole);
        for kind in how {
            self.notes.add(kind, row * self.header.len() + column);
        }
        number
    }

    /// The number of a cell, and how it is written otherwise than numbers are.
    pub(super) fn understood(
        &self,
        row: usize,
        column: usize,
        wants_whole: bool,
    ) -> (Number, Vec<Untidy>) {
        let cell = self.cell(row, column);
        if !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit()) {
            return (Number::Is(cell.to_owned()), Vec::new());
        }
        match understand(cell) {
            Written::Plain => (Number::Is(cell.to_owned()), Vec::new()),
            Written::Otherwise(digits, how) => (Number::Is(digits), how),
            Written::No => (Number::None, Vec::new()),
            Written::Either { mark, decimal, whole, others } => {
                match self.is_decimal(mark, column, wants_whole) {
                    None => (Number::Open, Vec::new()),
                    Some(is_decimal) => {
                        let kind = match (mark, is_decimal) {
                            ('.', true) => None,
                            (_, true) => Some(Untidy::DecimalComma),
                            (_, false) => Some(Untidy::Thousands),
                        };
                        let digits = if is_decimal { decimal } else { whole };
                        (Number::Is(digits), others.into_iter().chain(kind).collect())
                    }
                }
            }
        }
    }

    /// What a comma or point before three digits is in a column, by the numbers of the column and of
    /// the table: whether it stands before decimals, or between thousands. `None` where nothing says.
    pub(crate) fn is_decimal(&self, mark: char, column: usize, wants_whole: bool) -> Option<bool> {
        let columns = (0..self.header.len()).map(|column| self.shown(column));
        let of_table = columns.fold(Shown::default(), |all, of| Shown {
            comma: all.comma || of.comma,
            point: all.point || of.point,
        });
        is_decimal(mark, self.separator, self.shown(column), of_table, wants_whole)
    }

    fn shown(&self, column: usize) -> Shown {
        *self.shown[column].get_or_init(|| {
            (0..self.row_count())
                .fold(Shown::default(), |shown, row| shown.and(self.cell(row, column)))
        })
    }

    /// The number of a row among the records of its file, from 1: empty ones, which are left out,
    /// count.
    #[must_use]
    pub fn row_number(&self, row: usize) -> usize {
        self.rows[row].number
    }

    /// What the table has otherwise than SPEC.md writes it, and what was made of that: one note a
    /// kind, at the first place.
    #[must_use]
    pub fn notes(&self, sources: &Sources) -> Vec<Diagnostic> {
        let place = |span| Place { source: self.source, span };
        let note = |place, what: String| {
            let message = format!("the table is not plain CSV: {what}");
            Diagnostic::error(Code::Untidy, place, message).as_note()
        };
        let separator = match self.separator {
            Separator::Comma => None,
            Separator::Semicolon => Some("semicolons"),
            Separator::Tab => Some("tabs"),
        };
        let mut notes: Vec<Diagnostic> = separator
            .map(|mark| note(place(self.header_span), format!("{mark} between its cells")))
            .into_iter()
            .collect();
        let shape = self.shape.iter();
        notes.extend(shape.map(|(kind, span, n)| note(place(*span), kind.describe(*n))));
        notes.extend(self.notes.found().map(|(kind, cell, n)| {
            let (row, column) = (cell / self.header.len(), cell % self.header.len());
            note(self.cell_place(sources, row, column), kind.describe(n)).label("the first")
        }));
        notes
    }

    /// The place of the header.
    #[must_use]
    pub fn header_place(&self) -> Place {
        Place { source: self.source, span: self.header_span }
    }

    /// The place of a cell.
    #[must_use]
    pub fn cell_place(&self, sources: &Sources, row: usize, column: usize) -> Place {
        let Row { start, end, .. } = self.rows[row];
        let text = &sources.get(self.source).text[start..end];
        let (from, to) = field_span(text, self.separator.character(), column);
        Place { source: self.source, span: Span { start: start + from, end: start + to } }
    }

    /// The places of all cells of a row.
    pub fn cell_places(&self, sources: &Sources, row: usize) -> impl Iterator<Item = Place> {
        let Row { start, end, .. } = self.rows[row];
        let text = &sources.get(self.source).text[start..end];
        let source = self.source;
        field_spans(text, self.separator.character()).map(move |(from, to)| Place {
            source,
            span: Span { start: start + from, end: start + to },
        })
    }

    /// The place of a whole row.
    #[must_use]
    pub fn row_place(&self, row: usize) -> Place {
        let Row { start, end, .. } = self.rows[row];
        Place { source: self.source, span: Span { start, end } }
    }
}

/// Messages about columns that have the name of one before them; `place_of` a column is its name in
/// the header.
fn doubles(
    header: &StringRecord,
    place_of: impl Fn(usize) -> Place,
) -> impl Iterator<Item = Diagnostic> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    header.iter().enumerate().filter_map(move |(column, name)| {
        let first = seen.insert(name, column)?;
        let columns = format!("columns {} and {}", first + 1, column + 1);
        let (message, help) = if name.is_empty() {
            (format!("{columns} have no name"), "name both in the header")
        } else {
            (format!("{columns} are both named `{name}`"), "rename one of the two in the header")
        };
        let error = Diagnostic::error(Code::MalformedTable, place_of(column), message)
            .label(format!("column {}", column + 1))
            .related(place_of(first), format!("column {}", first + 1))
            .help(format!("{help}, or take out the column that is not meant"));
        Some(error)
    })
}

/// Leaves out what is empty: columns at the right, cells beyond the header, rows. Gives what it left
/// out, where first and how often.
fn tidied(
    header: &mut StringRecord,
    header_span: Span,
    rows: &mut Vec<Row>,
) -> Vec<(Untidy, Span, usize)> {
    let mut found = Vec::new();
    let is_empty = |row: &Row| row.cells.iter().all(str::is_empty);
    let mut note = |kind, spans: Vec<Span>| {
        if let Some(first) = spans.first() {
            found.push((kind, *first, spans.len()));
        }
    };
    let span = |row: &Row| Span { start: row.start, end: row.end };
    let named = header.len() - header.iter().rev().take_while(|name| name.is_empty()).count();
    let used = rows.iter().map(|row| used(&row.cells)).max().unwrap_or(0);
    let width = named.max(used.min(header.len()));
    note(Untidy::EmptyColumns, vec![header_span; header.len() - width]);
    let given = header.len();
    let beyond =
        |row: &&Row| row.cells.len() > given && has_nothing_beyond(row, width) && !is_empty(row);
    note(Untidy::TrailingCells, rows.iter().filter(beyond).map(span).collect());
    // a row of one empty cell is a line that looks empty
    let empty = rows.iter().filter(|row| is_empty(row)).map(span).collect();
    note(Untidy::EmptyRows, empty);
    rows.retain(|row| !is_empty(row));
    header.truncate(width);
    for row in
        rows.iter_mut().filter(|row| row.cells.len() > width && has_nothing_beyond(row, width))
    {
        row.cells.truncate(width);
    }
    found
}

/// How many cells a record has up to its last that is not empty.
fn used(cells: &StringRecord) -> usize {
    cells.len() - cells.iter().rev().take_while(|cell| cell.is_empty()).count()
}

/// Whether a row has nothing beyond so many cells.
fn has_nothing_beyond(row: &Row, width: usize) -> bool {
    used(&row.cells) <= width
}

/// Where the fields of a record stand in its text, quotes included.
fn field_spans(record: &str, separator: char) -> impl Iterator<Item = (usize, usize)> {
    let is_separator = move |c| c == separator;
    let ends = outside_quotes(record, is_separator).filter(move |(_, c)| is_separator(*c));
    let ends = ends.map(|(at, _)| at).chain([record.len()]);
    ends.scan(0, |start, end| Some((std::mem::replace(start, end + 1), end)))
}

/// Where field number `index` stands: at the end where there is none.
fn field_span(record: &str, separator: char, index: usize) -> (usize, usize) {
    field_spans(record, separator).nth(index).unwrap_or((record.len(), record.len()))
}

#[cfg(test)]
mod tests {
    use super::field_span;

    #[test]
    fn fields_are_found_behind_quoted_commas() {
        let record = r#"a,"b, ""c""",,d"#;
        let field = |index| {
            let (start, end) = field_span(record, ',', index);
            &record[start..end]
        };
        assert_eq!(field(0), "a");
        assert_eq!(field(1), r#""b, ""c""""#);
        assert_eq!(field(2), "");
        assert_eq!(field(3), "d");
        assert_eq!(field(4), "");
    }

    /// A quote within a cell is a character, as it is to the reader.
    #[test]
    fn only_a_quote_at_the_beginning_quotes() {
        let record = r#"=?"1,2,"3"4",5"#;
        let field = |index| {
            let (start, end) = field_span(record, ',', index);
            &record[start..end]
        };
        assert_eq!([field(0), field(1), field(2), field(3)], ["=?\"1", "2", "\"3\"4\"", "5"]);
    }
}
