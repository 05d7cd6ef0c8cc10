//! Rows of a table as an analysis reads them: filtered, with a message for every cell that is wrong.

use super::table::{Number, Table};
use super::written::{excel_day, invisible, looks_like_a_day, spreadsheet_hint};
use crate::diagnostic::{Code, Diagnostic, nearest_hint};
use crate::project::Inputs;
use crate::source::{Place, Spanned};
use crate::spec::Filter;

/// The value of a number, unless it is too large for one.
fn finite(number: &Number) -> Option<f64> {
    match number {
        Number::Is(digits) => digits.parse().ok().filter(|value: &f64| value.is_finite()),
        Number::Open | Number::None => None,
    }
}

/// The rows of a table.
pub(super) struct Rows<'a> {
    pub(super) table: &'a Table,
    pub(super) inputs: &'a Inputs,
    pub(super) name: &'a str,
}

impl Rows<'_> {
    /// The index of a column; a message where the table has none of this name.
    pub(super) fn column(
        &self,
        name: &Spanned<String>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<usize> {
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

    /// The same of a column that need not be named.
    pub(super) fn optional(
        &self,
        name: Option<&Spanned<String>>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<usize> {
        name.and_then(|name| self.column(name, diagnostics))
    }

    /// The text of a cell.
    pub(super) fn cell(&self, row: usize, column: usize) -> &str {
        self.table.cell(row, column)
    }

    /// The text of a cell, where there is a column and the cell is not empty.
    pub(super) fn text(&self, row: usize, column: Option<usize>) -> Option<&str> {
        column.map(|column| self.cell(row, column)).filter(|cell| !cell.is_empty())
    }

    /// The rows that belong to an analysis at `place`, in their order.
    ///
    /// # Errors
    /// A table without rows, a filter that names a missing column, or that no row meets.
    pub(super) fn filtered(
        &self,
        filter: &[Filter],
        place: Place,
    ) -> Result<Vec<usize>, Vec<Diagnostic>> {
        let mut diagnostics = Vec::new();
        let columns: Vec<Option<usize>> =
            filter.iter().map(|filter| self.column(&filter.column, &mut diagnostics)).collect();
        diagnostics.extend(self.no_rows().filter(|_| diagnostics.is_empty()));
        if !diagnostics.is_empty() {
            return Err(diagnostics);
        }
        let rows = self.matching_rows(filter, &columns);
        if rows.is_empty() && !filter.is_empty() {
            return Err(vec![self.empty_filter(filter, place, &columns)]);
        }
        Ok(rows)
    }

    /// The message about a table with a header and no rows.
    pub(super) fn no_rows(&self) -> Option<Diagnostic> {
        let message = || format!("`{}` has a header and no rows", self.name);
        (self.table.row_count() == 0).then(|| {
            Diagnostic::error(Code::MalformedTable, self.table.header_place(), message())
                .help("add the rows below the header, or name the table that has them")
        })
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
    fn empty_filter(
        &self,
        filters: &[Filter],
        analysis: Place,
        columns: &[Option<usize>],
    ) -> Diagnostic {
        for (filter, column) in filters.iter().zip(columns) {
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
        let place = filters.first().map_or(analysis, |first| first.column.place);
        Diagnostic::error(
            Code::EmptyFilter,
            place,
            format!("the filter matches nothing: no row of `{}` meets all conditions", self.name),
        )
        .help("each condition is met by some row, and all of them by none: take one out")
    }

    /// A whole number of 0 or more.
    pub(super) fn count(
        &self,
        row: usize,
        column: usize,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<f64> {
        let number = self.table.number(row, column, true);
        if let Number::Is(digits) = &number
            && digits.len() <= 9
            && digits.bytes().all(|byte| byte.is_ascii_digit())
        {
            return digits.parse().ok();
        }
        let cell = self.cell(row, column);
        let value = match &number {
            Number::Is(digits) => digits.parse::<f64>().ok(),
            Number::Open | Number::None => None,
        };
        let reason = match value {
            _ if cell.is_empty() => "the cell is empty".to_owned(),
            Some(number) if number < 0.0 => format!("`{cell}` is negative"),
            Some(number) if number.fract() != 0.0 => format!("`{cell}` is not a whole number"),
            _ => format!("`{cell}` is not a count"),
        };
        let is_other = matches!(&number, Number::Is(digits) if digits != cell);
        let error = self.not_read(Code::NotACount, row, column, reason);
        diagnostics.push(if cell.is_empty() {
            error.help("a study without counts belongs in no analysis: filter its row out")
        } else if is_other && value.is_some_and(|value| value.fract() != 0.0) {
            error.help("its comma was read as a decimal comma: write thousands without a mark")
        } else {
            error
        });
        None
    }

    /// A whole number of 1 or more.
    pub(super) fn participants(
        &self,
        row: usize,
        column: usize,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<f64> {
        let count = self.count(row, column, diagnostics)?;
        if count == 0.0 {
            diagnostics.push(
                self.cell_error(
                    Code::NotACount,
                    row,
                    column,
                    "a group has no participants".to_owned(),
                )
                .help("look the number up in the publication, or filter the row out"),
            );
            return None;
        }
        Some(count)
    }

    /// A finite number.
    pub(super) fn number(
        &self,
        row: usize,
        column: usize,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<f64> {
        let number = self.finite(row, column);
        if number.is_none() {
            let cell = self.cell(row, column);
            diagnostics.push(if cell.is_empty() {
                let message = "the cell is empty".to_owned();
                self.cell_error(Code::NotANumber, row, column, message)
                    .help("a study without this number belongs in no analysis: filter its row out")
            } else {
                let message = format!("`{cell}` is not a number");
                self.not_read(Code::NotANumber, row, column, message)
            });
        }
        number
    }

    /// A finite number, if the cell has one for certain.
    pub(super) fn finite(&self, row: usize, column: usize) -> Option<f64> {
        finite(&self.table.number(row, column, false))
    }

    /// The same of a cell that need not be a number: nothing is noted.
    pub(super) fn quiet(&self, row: usize, column: usize) -> Option<f64> {
        finite(&self.table.understood(row, column, false).0)
    }

    /// The message about a cell that is no number, with a way out.
    fn not_read(&self, code: Code, row: usize, column: usize, message: String) -> Diagnostic {
        let error = self.mistaken(code, row, column, message);
        match (&error.help, code) {
            (Some(_), _) => error,
            (None, Code::NotACount) => {
                error.help("a count is a whole number of 0 or more, written with digits alone")
            }
            (None, _) => error.help(
                "write one number with a decimal point and nothing else, or filter out the row of a study without it",
            ),
        }
    }

    /// The same with a way out only where it is known what went wrong: the cell could be two
    /// numbers, a spreadsheet made something of it, or it holds what nobody sees.
    pub(super) fn mistaken(
        &self,
        code: Code,
        row: usize,
        column: usize,
        message: String,
    ) -> Diagnostic {
        let cell = self.cell(row, column);
        if self.table.understood(row, column, code == Code::NotACount).0 == Number::Open {
            let message = format!("`{cell}` could be two numbers");
            let help = "write thousands without a mark, or decimals with a point and more or fewer than three digits";
            return self.cell_error(Code::OpenNumber, row, column, message).help(help);
        }
        let code = if looks_like_a_day(cell) { Code::SpreadsheetDay } else { code };
        let error = self.cell_error(code, row, column, message);
        match (spreadsheet_hint(cell), invisible(cell)) {
            (Some(hint), _) => error.help(hint),
            (None, Some(c)) => error.help(format!(
                "a character that nobody sees stands in it, U+{:04X}: delete it",
                u32::from(c)
            )),
            (None, None) => error,
        }
    }

    /// A year as written, which may have a letter behind it or be a span, but is no day.
    pub(super) fn year(
        &self,
        row: usize,
        column: Option<usize>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<String> {
        let column = column?;
        let cell = self.cell(row, column);
        let day = excel_day(cell);
        if let Some((year, month, day)) = day {
            let message = format!("`{cell}` is no year");
            let help = format!(
                "a spreadsheet counts days so, and this is {year:04}-{month:02}-{day:02}: write the year"
            );
            diagnostics
                .push(self.cell_error(Code::SpreadsheetDay, row, column, message).help(help));
        }
        Some(cell.to_owned())
    }

    /// A finite number above 0, or of 0 or more.
    pub(super) fn positive(
        &self,
        row: usize,
        column: usize,
        may_be_zero: bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<f64> {
        let number = self.number(row, column, diagnostics)?;
        if number > 0.0 || (may_be_zero && number == 0.0) {
            return Some(number);
        }
        let cell = self.cell(row, column);
        let (reason, least) = match (number < 0.0, may_be_zero) {
            (true, true) => ("is negative", "of 0 or more"),
            (true, false) => ("is negative", "above 0"),
            (false, _) => ("is not above 0", "above 0"),
        };
        let help = format!(
            "only a number {least} can stand here: look it up in the publication, or filter the row out"
        );
        let message = format!("`{cell}` {reason}");
        diagnostics.push(self.cell_error(Code::NotANumber, row, column, message).help(help));
        None
    }

    pub(super) fn cell_error(
        &self,
        code: Code,
        row: usize,
        column: usize,
        message: String,
    ) -> Diagnostic {
        let name = self.table.column_names().nth(column).unwrap_or_default();
        Diagnostic::error(code, self.place(row, column), message)
            .label(format!("column `{name}`, row {}", self.table.row_number(row)))
    }

    pub(super) fn place(&self, row: usize, column: usize) -> Place {
        self.table.cell_place(&self.inputs.sources, row, column)
    }
}
