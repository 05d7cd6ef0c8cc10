//! The studies of one analysis: filtered rows, checked counts.

use super::table::Table;
use crate::diagnostic::{Code, Diagnostic, has_errors, nearest_hint};
use crate::project::Inputs;
use crate::source::{Place, SourceId, Spanned};
use crate::spec::{Analysis, Filter};
use crate::stats::binary::TwoByTwo;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The studies of one analysis, in the order of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The studies.
    pub studies: Vec<Study>,
}

/// One study of an analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// Label, unique within the analysis.
    pub label: String,
    /// Year as written, if the table has one.
    pub year: Option<String>,
    /// Its subgroup, if the analysis has subgroups.
    pub subgroup: Option<String>,
    /// Where its row comes from, if the table says so.
    pub source: Option<String>,
    /// Its counts.
    pub counts: TwoByTwo,
}

/// Tables that were parsed for one analysis and serve the next.
pub type Tables = BTreeMap<SourceId, Table>;

/// Reads the studies of `analysis`. Parsed tables are kept in `tables`.
///
/// # Errors
/// Everything that is wrong with the file, its columns, its filter and its rows.
pub fn read_dataset(
    analysis: &Analysis,
    inputs: &Inputs,
    tables: &mut Tables,
) -> Result<Dataset, Vec<Diagnostic>> {
    let source = analysis.data;
    let table = match tables.entry(source) {
        Entry::Occupied(parsed) => parsed.into_mut(),
        Entry::Vacant(place) => place.insert(Table::parse(&inputs.sources, source)?),
    };
    Rows { table, inputs, name: &inputs.sources.get(source).name }.studies(analysis)
}

struct Rows<'a> {
    table: &'a Table,
    inputs: &'a Inputs,
    name: &'a str,
}

impl Rows<'_> {
    fn studies(&self, analysis: &Analysis) -> Result<Dataset, Vec<Diagnostic>> {
        let mut diagnostics = Vec::new();
        let columns = &analysis.columns;
        let study = self.column(&columns.study, &mut diagnostics);
        let counts = [&columns.events1, &columns.total1, &columns.events2, &columns.total2]
            .map(|column| self.column(column, &mut diagnostics));
        let mut optional = |column: &Option<Spanned<String>>| {
            column.as_ref().and_then(|column| self.column(column, &mut diagnostics))
        };
        let year = optional(&columns.year);
        let source = optional(&columns.source);
        let subgroup = optional(&analysis.subgroups);
        let filter: Vec<Option<usize>> = analysis
            .filter
            .iter()
            .map(|filter| self.column(&filter.column, &mut diagnostics))
            .collect();
        let (Some(study), [Some(events1), Some(total1), Some(events2), Some(total2)]) =
            (study, counts)
        else {
            return Err(diagnostics);
        };
        if has_errors(&diagnostics) {
            return Err(diagnostics);
        }
        let rows = self.matching_rows(&analysis.filter, &filter);
        if rows.is_empty() && !analysis.filter.is_empty() {
            return Err(vec![self.empty_filter(analysis, &filter)]);
        }

        let mut studies = Vec::new();
        let mut first_rows: BTreeMap<&str, usize> = BTreeMap::new();
        for row in rows {
            let label = self.table.cell(row, study);
            if label.is_empty() {
                diagnostics.push(self.cell_error(
                    Code::MalformedTable,
                    row,
                    study,
                    "the study has no label".to_owned(),
                ));
            } else if let Some(first) = first_rows.insert(label, row) {
                diagnostics.push(self.duplicate(label, row, first, study));
            }
            if let Some(column) = subgroup.filter(|column| self.table.cell(row, *column).is_empty())
            {
                diagnostics.push(
                    self.cell_error(
                        Code::MalformedTable,
                        row,
                        column,
                        "the study has no subgroup".to_owned(),
                    )
                    .help("give every study of the analysis a subgroup, or filter its row out"),
                );
            }
            let group1 = self.group(row, events1, total1, &mut diagnostics);
            let group2 = self.group(row, events2, total2, &mut diagnostics);
            let (Some((events1, total1)), Some((events2, total2))) = (group1, group2) else {
                continue;
            };
            let text = |column: Option<usize>| {
                column.map(|column| self.table.cell(row, column).to_owned())
            };
            studies.push(Study {
                label: label.to_owned(),
                year: text(year),
                source: text(source),
                subgroup: text(subgroup),
                counts: TwoByTwo { events1, total1, events2, total2 },
            });
        }
        if diagnostics.is_empty() { Ok(Dataset { studies }) } else { Err(diagnostics) }
    }

    fn column(&self, name: &Spanned<String>, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
        let index = self.table.column(&name.value);
        if index.is_none() {
            diagnostics.push(
                Diagnostic::error(
                    Code::MissingColumn,
                    name.place,
                    format!("`{}` has no column `{}`", self.name, name.value),
                )
                .help(nearest_hint(&name.value, self.table.column_names())),
            );
        }
        index
    }

    /// The rows that meet every condition, in their order: those of the condition that fewest meet,
    /// without those that fail another.
    fn matching_rows(&self, filter: &[Filter], columns: &[Option<usize>]) -> Vec<usize> {
        let conditions = || filter.iter().zip(columns);
        let rows_of = |(filter, column): (&Filter, &Option<usize>)| {
            let values: Vec<&[usize]> = filter
                .values
                .iter()
                .map(|value| {
                    column.map_or(&[][..], |c| self.table.rows_with(c, value.value.trim()))
                })
                .collect();
            values
        };
        let fewest = conditions()
            .map(rows_of)
            .min_by_key(|values| values.iter().map(|rows| rows.len()).sum::<usize>());
        let rows = match fewest {
            None => (0..self.table.row_count()).collect(),
            Some(values) => {
                let mut rows = values.concat();
                // a value that is named twice is one value
                rows.sort_unstable();
                rows.dedup();
                rows
            }
        };
        let meets = |row: &usize| {
            conditions().all(|(filter, column)| {
                column.is_some_and(|column| {
                    let cell = self.table.cell(*row, column);
                    filter.values.iter().any(|value| value.value.trim() == cell)
                })
            })
        };
        rows.into_iter().filter(meets).collect()
    }

    /// Names the first condition that no row meets by itself, or else says that none meets all.
    fn empty_filter(&self, analysis: &Analysis, columns: &[Option<usize>]) -> Diagnostic {
        for (filter, column) in analysis.filter.iter().zip(columns) {
            let Some(column) = *column else { continue };
            let cells: std::collections::BTreeSet<&str> =
                (0..self.table.row_count()).map(|row| self.table.cell(row, column)).collect();
            let is_met = filter.values.iter().any(|value| cells.contains(value.value.trim()));
            if let (false, Some(value)) = (is_met, filter.values.first()) {
                let message = format!(
                    "the filter matches nothing: no row of `{}` has `{}` in column `{}`",
                    self.name, value.value, filter.column.value
                );
                let diagnostic = Diagnostic::error(Code::EmptyFilter, value.place, message);
                return if cells.len() <= 40 {
                    diagnostic.help(nearest_hint(&value.value, cells))
                } else {
                    diagnostic
                };
            }
        }
        let place = analysis.filter.first().map_or(analysis.place, |first| first.column.place);
        Diagnostic::error(
            Code::EmptyFilter,
            place,
            format!("the filter matches nothing: no row of `{}` meets all conditions", self.name),
        )
    }

    fn duplicate(&self, label: &str, row: usize, first: usize, study: usize) -> Diagnostic {
        let place = |row| self.table.cell_place(&self.inputs.sources, row, study);
        Diagnostic::error(
            Code::DuplicateStudy,
            place(row),
            format!("the study `{label}` stands twice in this analysis"),
        )
        .label("again here")
        .related(place(first), "first here")
        .help("give the two rows different labels, or filter one of them out")
    }

    /// Events and participants of one group.
    fn group(
        &self,
        row: usize,
        events_column: usize,
        total_column: usize,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<(f64, f64)> {
        let events = self.count(row, events_column, diagnostics);
        let total = self.count(row, total_column, diagnostics);
        let (events, total) = (events?, total?);
        if total == 0.0 {
            diagnostics.push(self.cell_error(
                Code::NotACount,
                row,
                total_column,
                "a group has no participants".to_owned(),
            ));
            return None;
        }
        if events > total {
            diagnostics.push(
                self.cell_error(
                    Code::EventsAboveTotal,
                    row,
                    events_column,
                    format!(
                        "{events} participants with an event are more than the {total} in the group"
                    ),
                )
                .related(self.place(row, total_column), "the group's total")
                .help("count participants with at least one event, not events"),
            );
            return None;
        }
        Some((events, total))
    }

    fn count(&self, row: usize, column: usize, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
        let cell = self.table.cell(row, column);
        let is_whole =
            !cell.is_empty() && cell.len() <= 9 && cell.bytes().all(|b| b.is_ascii_digit());
        if is_whole {
            return cell.parse().ok();
        }
        let reason = match cell.parse::<f64>() {
            _ if cell.is_empty() => "the cell is empty".to_owned(),
            Ok(number) if number < 0.0 => format!("`{cell}` is negative"),
            Ok(number) if number.fract() != 0.0 => format!("`{cell}` is not a whole number"),
            _ => format!("`{cell}` is not a count"),
        };
        let mut diagnostic = self.cell_error(Code::NotACount, row, column, reason);
        if cell.is_empty() {
            diagnostic = diagnostic
                .help("a study without counts belongs in no analysis: filter its row out");
        }
        diagnostics.push(diagnostic);
        None
    }

    fn cell_error(&self, code: Code, row: usize, column: usize, message: String) -> Diagnostic {
        let name = self.table.column_names().nth(column).unwrap_or_default();
        Diagnostic::error(code, self.place(row, column), message)
            .label(format!("column `{name}`, row {}", row + 1))
    }

    fn place(&self, row: usize, column: usize) -> Place {
        self.table.cell_place(&self.inputs.sources, row, column)
    }
}
