//! A table of claims: one row a claim, every column but `id` optional.

use super::claim::{Claim, Field, Part, Word};
use super::range::parse_printed;
use crate::diagnostic::{Code, Diagnostic, nearest_hint};
use crate::source::{Place, SourceId, Sources, Spanned};
use crate::spec::{Measure, Printed, Scale};
use csv::{ReaderBuilder, StringRecord, Trim};

const SCALES: [(&str, Scale); 4] = [
    ("log", Scale::Log),
    ("ratio", Scale::Ratio),
    ("percent", Scale::Percent),
    ("difference", Scale::Difference),
];

/// Columns that are neither a number nor a text: what they hold.
const OTHER_COLUMNS: [(&str, &str); 7] = [
    ("id", "Name of the claim; the only column that must be there."),
    ("measure", "metafor's code: OR, RR, RD, HR, MD, SMD and so on."),
    ("scale", "Scale of the estimate: log, ratio, percent (a change of a ratio) or difference."),
    ("ci_scale", "Scale of the interval, where it is another."),
    ("removed", "What was taken away from `start`, separated by `;`."),
    ("parts", "What should add up to `total`: `1; 3` or `SpA=1; RA=3; OA=`."),
    ("list", "The names that `count` counts, separated by `;`."),
];

/// Every column of a table of claims, with what it holds.
pub fn columns() -> impl Iterator<Item = (&'static str, &'static str)> {
    OTHER_COLUMNS
        .into_iter()
        .chain(Word::ALL.iter().map(|word| (word.name(), word.meaning())))
        .chain(Field::ALL.iter().map(|field| (field.name(), field.meaning())))
}

/// What a column holds.
#[derive(Debug, Clone, Copy)]
enum Column {
    Id,
    Measure,
    Scale,
    CiScale,
    Removed,
    Parts,
    List,
    Number(Field),
    Text(Word),
}

impl Column {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "id" => Self::Id,
            "measure" => Self::Measure,
            "scale" => Self::Scale,
            "ci_scale" => Self::CiScale,
            "removed" => Self::Removed,
            "parts" => Self::Parts,
            "list" => Self::List,
            name => {
                let number = Field::ALL.iter().find(|field| field.name() == name);
                let text = Word::ALL.iter().find(|word| word.name() == name);
                return number
                    .map(|field| Self::Number(*field))
                    .or(text.map(|word| Self::Text(*word)));
            }
        })
    }
}

/// Reads a table of claims.
///
/// # Errors
/// Every cell that cannot be read, and columns that are not known.
pub fn read_claims(sources: &Sources, source: SourceId) -> Result<Vec<Claim>, Vec<Diagnostic>> {
    let table = Rows::parse(sources, source)?;
    let mut diagnostics = Vec::new();
    let mut columns = Vec::new();
    for (at, name) in table.header.iter().enumerate() {
        let column = Column::named(name);
        if column.is_none() {
            let known: Vec<&str> = self::columns().map(|(name, _)| name).collect();
            diagnostics.push(
                Diagnostic::error(
                    Code::MissingColumn,
                    table.header_place,
                    format!("a table of claims has no column `{name}`"),
                )
                .help(nearest_hint(name, known)),
            );
        }
        columns.extend(column.map(|column| (at, column)));
    }
    if !columns.iter().any(|(_, column)| matches!(column, Column::Id)) {
        let message = "a table of claims has a column `id`";
        diagnostics.push(Diagnostic::error(Code::MissingColumn, table.header_place, message));
    }
    let claims: Vec<Claim> =
        table.rows.iter().map(|row| claim(row, &columns, &mut diagnostics)).collect();
    for (at, claim) in claims.iter().enumerate() {
        let is_double = claims[..at].iter().any(|other| other.id == claim.id);
        if let Some(place) = claim.place.filter(|_| is_double && !claim.id.is_empty()) {
            let message = format!("two claims have the id `{}`", claim.id);
            diagnostics.push(Diagnostic::error(Code::DuplicateId, place, message));
        }
    }
    if diagnostics.is_empty() { Ok(claims) } else { Err(diagnostics) }
}

struct Rows {
    header: StringRecord,
    header_place: Place,
    rows: Vec<Row>,
}

struct Row {
    cells: Vec<Spanned<String>>,
    place: Place,
}

impl Rows {
    fn parse(sources: &Sources, source: SourceId) -> Result<Self, Vec<Diagnostic>> {
        let text = &sources.get(source).text;
        let at = |start, end| Place { source, span: crate::source::Span { start, end } };
        let mut reader =
            ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(text.as_bytes());
        let header_end = text.find(['\r', '\n']).unwrap_or(text.len());
        let malformed =
            |place, message: String| vec![Diagnostic::error(Code::MalformedTable, place, message)];
        let header = reader
            .headers()
            .cloned()
            .map_err(|error| malformed(at(0, 0), format!("not a table: {error}")))?;
        let mut rows = Vec::new();
        let mut records = Vec::new();
        for record in reader.records() {
            let record =
                record.map_err(|error| malformed(at(0, 0), format!("not a table: {error}")))?;
            let start = record.position().map_or(0, |position| position.byte() as usize);
            records.push((record, start));
        }
        let ends: Vec<usize> =
            records.iter().skip(1).map(|(_, start)| *start).chain([text.len()]).collect();
        for ((record, start), end) in records.into_iter().zip(ends) {
            let raw = &text[start..end];
            let start = start + raw.len() - raw.trim_start_matches(['\r', '\n']).len();
            let end = start + text[start..end].trim_end_matches(['\r', '\n']).len();
            let place = at(start, end);
            if record.len() != header.len() {
                let message = format!(
                    "the row has {} cells, but the header has {}",
                    record.len(),
                    header.len()
                );
                return Err(vec![
                    Diagnostic::error(Code::MalformedTable, place, message)
                        .help("a cell that holds a comma needs quotes round it"),
                ]);
            }
            let cells = record
                .iter()
                .zip(field_spans(&text[start..end]))
                .map(|(cell, (from, to))| Spanned {
                    value: cell.to_owned(),
                    place: at(start + from, start + to),
                })
                .collect();
            rows.push(Row { cells, place });
        }
        Ok(Self { header, header_place: at(0, header_end), rows })
    }
}

/// Where the fields of a record stand in its text.
fn field_spans(record: &str) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    let (mut is_quoted, mut start) = (false, 0);
    for (at, c) in record.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => {
                spans.push((start, at));
                start = at + 1;
            }
            _ => {}
        }
    }
    spans.push((start, record.len()));
    spans
}

fn claim(row: &Row, columns: &[(usize, Column)], diagnostics: &mut Vec<Diagnostic>) -> Claim {
    let mut claim = Claim { place: Some(row.place), ..Claim::default() };
    for (at, column) in columns {
        let cell = &row.cells[*at];
        if cell.value.is_empty() {
            continue;
        }
        match column {
            Column::Id => claim.id.clone_from(&cell.value),
            Column::Measure => claim.measure = measure(cell, diagnostics),
            Column::Scale => claim.scale = scale(cell, diagnostics),
            Column::CiScale => claim.ci_scale = scale(cell, diagnostics),
            Column::Removed => claim.removed = parts(cell, diagnostics),
            Column::Parts => claim.parts = parts(cell, diagnostics),
            Column::List => claim.list = pieces(&cell.value).map(str::to_owned).collect(),
            Column::Number(field) => {
                if let Some(printed) = printed(&cell.value, cell.place, diagnostics) {
                    claim.numbers.insert(*field, printed);
                }
            }
            Column::Text(word) => {
                claim.words.insert(*word, cell.clone());
            }
        }
    }
    if claim.id.is_empty() {
        let message = "the claim has no `id`";
        diagnostics.push(Diagnostic::error(Code::MissingKey, row.place, message));
    }
    claim
}

fn measure(cell: &Spanned<String>, diagnostics: &mut Vec<Diagnostic>) -> Option<Measure> {
    let found = Measure::ALL.into_iter().find(|measure| measure.code() == cell.value);
    if found.is_none() {
        let codes = Measure::ALL.map(Measure::code);
        diagnostics.push(
            Diagnostic::error(
                Code::UnknownChoice,
                cell.place,
                format!("there is no measure `{}`", cell.value),
            )
            .help(nearest_hint(&cell.value, codes)),
        );
    }
    found
}

fn scale(cell: &Spanned<String>, diagnostics: &mut Vec<Diagnostic>) -> Option<Scale> {
    let found = SCALES.iter().find(|(name, _)| *name == cell.value).map(|(_, scale)| *scale);
    if found.is_none() {
        diagnostics.push(
            Diagnostic::error(
                Code::UnknownChoice,
                cell.place,
                format!("there is no scale `{}`", cell.value),
            )
            .help(nearest_hint(&cell.value, SCALES.map(|(name, _)| name))),
        );
    }
    found
}

fn printed(text: &str, place: Place, diagnostics: &mut Vec<Diagnostic>) -> Option<Printed> {
    match parse_printed(text) {
        Some((bound, text, value)) => Some(Printed { text, bound, value, place }),
        None => {
            diagnostics.push(
                Diagnostic::error(
                    Code::NotANumber,
                    place,
                    format!("`{text}` is no printed number"),
                )
                .label("expected a printed number such as 0.201, -0.02 or <0.001"),
            );
            None
        }
    }
}

fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '；']).map(str::trim).filter(|piece| !piece.is_empty())
}

/// `169; 12` or `SpA=1; OA=`.
fn parts(cell: &Spanned<String>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Part> {
    pieces(&cell.value)
        .map(|piece| {
            let (name, number) = piece.split_once('=').unwrap_or(("", piece));
            let number = number.trim();
            let number =
                if number.is_empty() { None } else { printed(number, cell.place, diagnostics) };
            Part { name: name.trim().to_owned(), number }
        })
        .collect()
}
