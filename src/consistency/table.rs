//! A table of claims: one row a claim, every column but `id` optional.

use super::claim::{Claim, Field, Part, Word};
use super::range::{has_open_comma, parse_printed};
use crate::data::Table;
use crate::diagnostic::{Code, Diagnostic, nearest_hint};
use crate::source::{Place, Sources, Span, Spanned};
use crate::spec::{Measure, Printed, Scale};
use std::collections::BTreeMap;

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

/// A column of the table at hand, and how its numbers are read.
struct TableColumn {
    at: usize,
    holds: Column,
    /// Whether a comma before three digits stands before decimals; `None` where nothing says.
    comma: Option<bool>,
}

impl TableColumn {
    fn new(at: usize, holds: Column, table: &Table) -> Self {
        let counts = match holds {
            Column::Removed | Column::Parts => true,
            Column::Number(field) => field.is_count(),
            _ => false,
        };
        Self { at, holds, comma: table.is_decimal(',', at, counts) }
    }

    /// Whether nothing but a whole number can be right.
    fn is_whole(&self) -> bool {
        match self.holds {
            Column::Removed => true,
            Column::Number(field) => field.is_whole(),
            _ => false,
        }
    }
}

/// Reads the claims of a table.
///
/// # Errors
/// Every cell that cannot be read, and columns that are not known.
pub fn read_claims(sources: &Sources, table: &Table) -> Result<Vec<Claim>, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let mut columns = Vec::new();
    for (at, name) in table.column_names().enumerate() {
        let column = Column::named(name);
        if column.is_none() {
            let known: Vec<&str> = self::columns().map(|(name, _)| name).collect();
            diagnostics.push(
                Diagnostic::error(
                    Code::MissingColumn,
                    header_cell(sources, table, name),
                    format!("a table of claims has no column `{name}`"),
                )
                .help(nearest_hint(name, known)),
            );
        }
        columns.extend(column.map(|column| TableColumn::new(at, column, table)));
    }
    if !columns.iter().any(|column| matches!(column.holds, Column::Id)) {
        let message = "a table of claims has a column `id`";
        diagnostics.push(
            Diagnostic::error(Code::MissingColumn, table.header_place(), message)
                .help("add a column `id` that gives each claim a name of its own"),
        );
    }
    let id_column = columns.iter().find(|column| matches!(column.holds, Column::Id));
    let mut first_places = BTreeMap::new();
    let mut claims = Vec::new();
    for row in 0..table.row_count() {
        let row = Row::read(sources, table, row);
        if let Some(id) = id_column.map(|column| &row.cells[column.at]) {
            diagnostics.extend(double(id, &mut first_places));
        }
        claims.push(claim(&row, &columns, &mut diagnostics));
    }
    if diagnostics.is_empty() { Ok(claims) } else { Err(diagnostics) }
}

/// Where a header has a name; the whole of it where that is not written as it is read.
fn header_cell(sources: &Sources, table: &Table, name: &str) -> Place {
    let header = table.header_place();
    let text = &sources.get(header.source).text[header.span.start..header.span.end];
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let is_cell = |at: &usize| {
        !text[..*at].ends_with(is_word) && !text[at + name.len()..].starts_with(is_word)
    };
    let found = text.match_indices(name).map(|(at, _)| at).find(is_cell);
    let cell = |at: usize| {
        let start = header.span.start + at;
        Place { span: Span { start, end: start + name.len() }, ..header }
    };
    found.filter(|_| !name.is_empty()).map_or(header, cell)
}

/// The message about an id that a claim before has; `first_places` are those of the ids so far.
fn double(id: &Spanned<String>, first_places: &mut BTreeMap<String, Place>) -> Option<Diagnostic> {
    if id.value.is_empty() {
        return None;
    }
    let Some(first) = first_places.get(&id.value) else {
        first_places.insert(id.value.clone(), id.place);
        return None;
    };
    let message = format!("two claims have the id `{}`", id.value);
    let error = Diagnostic::error(Code::DuplicateId, id.place, message);
    Some(error.related(*first, "first here").help("an id names one claim: change one of the two"))
}

/// A row of the table.
struct Row {
    cells: Vec<Spanned<String>>,
    place: Place,
}

impl Row {
    fn read(sources: &Sources, table: &Table, row: usize) -> Self {
        let cell = |(column, place)| Spanned { value: table.cell(row, column).to_owned(), place };
        let places = table.cell_places(sources, row);
        Self { cells: places.enumerate().map(cell).collect(), place: table.row_place(row) }
    }
}

fn claim(row: &Row, columns: &[TableColumn], diagnostics: &mut Vec<Diagnostic>) -> Claim {
    let mut claim = Claim { place: Some(row.place), ..Claim::default() };
    for column in columns {
        let cell = &row.cells[column.at];
        if cell.value.is_empty() {
            continue;
        }
        match column.holds {
            Column::Id => claim.id.clone_from(&cell.value),
            Column::Measure => claim.measure = measure(cell, diagnostics),
            Column::Scale => claim.scale = scale(cell, diagnostics),
            Column::CiScale => claim.ci_scale = scale(cell, diagnostics),
            Column::Removed => claim.removed = parts(cell, column, diagnostics),
            Column::Parts => claim.parts = parts(cell, column, diagnostics),
            Column::List => claim.list = pieces(&cell.value).map(str::to_owned).collect(),
            Column::Number(field) => {
                if let Some(printed) = printed(&cell.value, cell.place, column, diagnostics) {
                    claim.numbers.insert(field, printed);
                }
            }
            Column::Text(word) => {
                claim.words.insert(word, cell.clone());
            }
        }
    }
    if claim.id.is_empty() {
        let message = "the claim has no `id`";
        diagnostics.push(
            Diagnostic::error(Code::MissingKey, row.place, message)
                .help("give it a name of its own in the column `id`"),
        );
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

fn printed(
    text: &str,
    place: Place,
    column: &TableColumn,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Printed> {
    let wrong = |code, message, help: &str| Diagnostic::error(code, place, message).help(help);
    let error = match (has_open_comma(text), column.comma, parse_printed(text)) {
        (true, None, Some(_)) => wrong(
            Code::OpenNumber,
            format!("`{text}` could be two numbers"),
            "write thousands without a mark, and decimals with a point",
        ),
        (true, Some(true), _) => wrong(
            Code::NotANumber,
            format!("the comma of `{text}` is a decimal comma, as the table is written"),
            "write decimals with a point, and thousands without a mark",
        ),
        (_, _, None) => wrong(
            Code::NotANumber,
            format!("`{text}` is no printed number"),
            "write decimals with a point, and nothing but `<`, `>` or `%` beside the number",
        )
        .label("expected a printed number such as 0.201, -0.02 or <0.001"),
        (_, _, Some((_, _, value))) if column.is_whole() && value.fract() != 0.0 => wrong(
            Code::NotACount,
            format!("`{text}` is not a whole number"),
            "what is counted is whole: correct it, and write thousands without a mark",
        ),
        (_, _, Some((bound, text, value))) => {
            return Some(Printed { text, bound, value, place });
        }
    };
    diagnostics.push(error);
    None
}

fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '；']).map(str::trim).filter(|piece| !piece.is_empty())
}

/// `169; 12` or `SpA=1; OA=`.
fn parts(
    cell: &Spanned<String>,
    column: &TableColumn,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Part> {
    pieces(&cell.value)
        .map(|piece| {
            let (name, number) = piece.split_once('=').unwrap_or(("", piece));
            let number = number.trim();
            let number = if number.is_empty() {
                None
            } else {
                printed(number, cell.place, column, diagnostics)
            };
            Part { name: name.trim().to_owned(), number }
        })
        .collect()
}
