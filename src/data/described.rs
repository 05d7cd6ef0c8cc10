//! Rows that are printed or counted, and not pooled.

use super::names::{self, Grouping};
use super::rows::Rows;
use super::studies::{Tables, table_of};
use crate::diagnostic::{Code, Diagnostic, nearest_hint};
use crate::project::Inputs;
use crate::source::Spanned;
use crate::spec::{
    AdverseEventSpec, CountColumns, CountSpec, Description, DescriptionContent, TableSpec,
};
use std::collections::BTreeSet;

/// What a description prints.
#[derive(Debug, Clone, PartialEq)]
pub enum DescribedData {
    /// Rows as they are.
    Table(PrintedRows),
    /// Events among participants, one row each.
    Counts(Vec<CountRow>),
    /// Adverse events.
    AdverseEvents(Vec<EventRow>),
}

/// Rows of a printed table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrintedRows {
    /// The rows by group, in the order of print; one group without a name where there are none.
    pub groups: Vec<PrintedGroup>,
}

/// Rows under one heading.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintedGroup {
    /// The heading; empty where the table has no row groups.
    pub name: String,
    /// The rows.
    pub rows: Vec<PrintedRow>,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintedRow {
    /// One cell a column; none where the data have nothing.
    pub cells: Vec<Option<String>>,
    /// Footnotes by the column that they belong to.
    pub footnotes: Vec<(usize, String)>,
}

/// Events among the participants of one group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupCount {
    /// Participants with the event.
    pub events: f64,
    /// Participants.
    pub total: f64,
}

/// The counts of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct CountRow {
    /// Label.
    pub study: String,
    /// Year as written, if the table has one.
    pub year: Option<String>,
    /// One count a group.
    pub groups: Vec<GroupCount>,
}

/// A row of adverse events.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRow {
    /// The trial.
    pub study: String,
    /// The organ class.
    pub class: String,
    /// The term; none for any event of the class.
    pub term: Option<String>,
    /// The grade; none for any grade.
    pub grade: Option<String>,
    /// One count an arm.
    pub groups: Vec<GroupCount>,
}

/// Reads what a description prints.
///
/// # Errors
/// Everything that is wrong with the file, its columns, its filter and its rows.
pub fn read_description(
    spec: &Description,
    inputs: &Inputs,
    tables: &mut Tables,
) -> Result<DescribedData, Vec<Diagnostic>> {
    match &spec.content {
        DescriptionContent::Table(table) | DescriptionContent::Narrative(table) => {
            read_printed(table, inputs, tables).map(DescribedData::Table)
        }
        DescriptionContent::Counts(counts) => {
            read_counts(spec, counts, inputs, tables).map(DescribedData::Counts)
        }
        DescriptionContent::AdverseEvents(events) => {
            read_events(spec, events, inputs, tables).map(DescribedData::AdverseEvents)
        }
    }
}

/// Reads the rows of a printed table.
///
/// # Errors
/// A column that the data do not have, a filter that no row meets, a footnote to no row.
pub fn read_printed(
    spec: &TableSpec,
    inputs: &Inputs,
    tables: &mut Tables,
) -> Result<PrintedRows, Vec<Diagnostic>> {
    let table = table_of(spec.data, inputs, tables)?;
    let rows = Rows { table, inputs, name: &spec.data_path };
    let mut diagnostics = Vec::new();
    let columns: Vec<Option<usize>> =
        spec.columns.iter().map(|column| rows.column(&column.column, &mut diagnostics)).collect();
    let by = rows.optional(spec.row_groups.as_ref(), &mut diagnostics);
    let sort = rows.optional(spec.sort.as_ref(), &mut diagnostics);
    let filtered = rows.filtered(&spec.filter, spec.place);
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let columns: Vec<usize> = columns.into_iter().flatten().collect();
    let mut order = filtered?;
    if let Some(sort) = sort {
        sort_rows(&mut order, sort, &rows);
    }
    let label = |row: usize| columns.first().map_or("", |column| rows.cell(row, *column));
    for footnote in &spec.footnotes {
        if !order.iter().any(|row| label(*row) == footnote.row.value) {
            let labels: BTreeSet<&str> = order.iter().map(|row| label(*row)).collect();
            diagnostics.push(
                Diagnostic::error(
                    Code::UnknownChoice,
                    footnote.row.place,
                    format!("no row of the table is `{}`", footnote.row.value),
                )
                .help(nearest_hint(&footnote.row.value, labels)),
            );
        }
    }
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let mut groups: Vec<PrintedGroup> = Vec::new();
    for row in order {
        let cell = |column: &usize| rows.text(row, Some(*column)).map(str::to_owned);
        let of_row = spec.footnotes.iter().filter(|footnote| footnote.row.value == label(row));
        let footnotes = of_row
            .map(|footnote| {
                let named = footnote.column.as_ref().and_then(|named| {
                    spec.columns.iter().position(|column| column.column.value == named.value)
                });
                (named.unwrap_or(0), footnote.text.clone())
            })
            .collect();
        let printed = PrintedRow { cells: columns.iter().map(cell).collect(), footnotes };
        let name = by.map_or("", |by| rows.cell(row, by));
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.rows.push(printed),
            None => groups.push(PrintedGroup { name: name.to_owned(), rows: vec![printed] }),
        }
    }
    Ok(PrintedRows { groups })
}

/// By number where every cell is one, by text otherwise; empty cells come last, and rows with the
/// same cell stay as in the data.
fn sort_rows(order: &mut [usize], column: usize, rows: &Rows<'_>) {
    let number = |row: usize| rows.quiet(row, column);
    let is_numeric =
        order.iter().all(|row| rows.cell(*row, column).is_empty() || number(*row).is_some());
    order.sort_by(|a, b| {
        let (left, right) = (rows.cell(*a, column), rows.cell(*b, column));
        left.is_empty().cmp(&right.is_empty()).then_with(|| {
            match (is_numeric, number(*a), number(*b)) {
                (true, Some(a), Some(b)) => a.total_cmp(&b),
                _ => left.cmp(right),
            }
        })
    });
}

fn read_counts(
    description: &Description,
    spec: &CountSpec,
    inputs: &Inputs,
    tables: &mut Tables,
) -> Result<Vec<CountRow>, Vec<Diagnostic>> {
    let table = table_of(spec.data, inputs, tables)?;
    let rows = Rows { table, inputs, name: &description.data_path };
    let mut diagnostics = Vec::new();
    let study = rows.column(&spec.study, &mut diagnostics);
    let year = rows.optional(spec.year.as_ref(), &mut diagnostics);
    let groups = group_columns(&spec.groups, &rows, &mut diagnostics);
    let filtered = rows.filtered(&spec.filter, description.place);
    let (Some(study), true) = (study, diagnostics.is_empty()) else { return Err(diagnostics) };
    let mut counts = Vec::new();
    for row in filtered? {
        let Some(groups) = read_groups(&groups, row, &rows, &mut diagnostics) else { continue };
        counts.push(CountRow {
            study: rows.cell(row, study).to_owned(),
            year: rows.year(row, year, &mut diagnostics).filter(|year| !year.is_empty()),
            groups,
        });
    }
    if diagnostics.is_empty() { Ok(counts) } else { Err(diagnostics) }
}

/// What a reviewer should look at: names of adverse events that look alike, and organ classes that
/// `classes` does not list, which are a slip of the pen, or to be listed.
///
/// # Errors
/// As [`read_description`].
pub fn suspect_rows(
    description: &Description,
    inputs: &Inputs,
    tables: &mut Tables,
) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let DescriptionContent::AdverseEvents(spec) = &description.content else {
        return Ok(Vec::new());
    };
    let table = table_of(spec.data, inputs, tables)?;
    let rows = Rows { table, inputs, name: &description.data_path };
    let mut diagnostics = Vec::new();
    let Some(class) = rows.column(&spec.class, &mut diagnostics) else { return Err(diagnostics) };
    let filtered = rows.filtered(&spec.filter, description.place)?;
    let mut warnings = unlisted_classes(spec, class, &filtered, &rows);
    let column = |name: &Spanned<String>| table.column(&name.value);
    let any_event = "leave the cell empty, which counts any event of the class";
    let groupings = [
        (Some(class), "class", "filter the row out, or name the class"),
        (column(&spec.term), "term", any_event),
        (spec.grade.as_ref().and_then(column), "grade", "leave the cell empty, which is any grade"),
    ];
    for (column, what, empty) in groupings {
        let grouping = column.map(|column| Grouping { column, what, empty, unnamed: &[""] });
        warnings.extend(grouping.into_iter().flat_map(|it| names::suspect(&rows, &filtered, it)));
    }
    Ok(warnings)
}

/// Warnings about classes that the spec does not list, where it lists them.
fn unlisted_classes(
    spec: &AdverseEventSpec,
    class: usize,
    of_rows: &[usize],
    rows: &Rows<'_>,
) -> Vec<Diagnostic> {
    let listed: Vec<&str> = spec.order.iter().map(|class| class.value.as_str()).collect();
    if listed.is_empty() {
        return Vec::new();
    }
    let mut told = BTreeSet::new();
    let mut warnings = Vec::new();
    for row in of_rows {
        let found = rows.cell(*row, class);
        if !listed.contains(&found) && told.insert(found) {
            let message = format!("`{found}` is not among the `classes`, and stands after them");
            let hint = nearest_hint(found, listed.iter().copied());
            let warning = rows.cell_error(Code::UnknownChoice, *row, class, message);
            warnings.push(warning.help(hint).as_warning());
        }
    }
    warnings
}

fn read_events(
    description: &Description,
    spec: &AdverseEventSpec,
    inputs: &Inputs,
    tables: &mut Tables,
) -> Result<Vec<EventRow>, Vec<Diagnostic>> {
    let table = table_of(spec.data, inputs, tables)?;
    let rows = Rows { table, inputs, name: &description.data_path };
    let mut diagnostics = Vec::new();
    let study = rows.column(&spec.study, &mut diagnostics);
    let class = rows.column(&spec.class, &mut diagnostics);
    let term = rows.column(&spec.term, &mut diagnostics);
    let grade = rows.optional(spec.grade.as_ref(), &mut diagnostics);
    let groups = group_columns(&spec.groups, &rows, &mut diagnostics);
    let filtered = rows.filtered(&spec.filter, description.place);
    let (Some(study), Some(class), Some(term), true) = (study, class, term, diagnostics.is_empty())
    else {
        return Err(diagnostics);
    };
    let mut events: Vec<(usize, EventRow)> = Vec::new();
    for row in filtered? {
        if rows.cell(row, class).is_empty() {
            let message = "the event has no organ class".to_owned();
            diagnostics.push(rows.cell_error(Code::MalformedTable, row, class, message));
        }
        let Some(groups) = read_groups(&groups, row, &rows, &mut diagnostics) else { continue };
        let event = EventRow {
            study: rows.cell(row, study).to_owned(),
            class: rows.cell(row, class).to_owned(),
            term: rows.text(row, Some(term)).map(str::to_owned),
            grade: rows.text(row, grade).map(str::to_owned),
            groups,
        };
        let is_same = |known: &&(usize, EventRow)| {
            let known = &known.1;
            known.study == event.study
                && known.class == event.class
                && known.term == event.term
                && known.grade == event.grade
        };
        if let Some((first, _)) = events.iter().find(is_same) {
            let message = "the event stands twice for this trial".to_owned();
            diagnostics.push(
                rows.cell_error(Code::DuplicateStudy, row, term, message)
                    .related(rows.place(*first, term), "first here")
                    .help("one row holds one trial, term and grade: filter one of the two out"),
            );
        }
        events.push((row, event));
    }
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    Ok(events.into_iter().map(|(_, event)| event).collect())
}

/// The indices of each group's columns.
fn group_columns(
    groups: &[CountColumns],
    rows: &Rows<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(usize, usize)> {
    let mut pair = |group: &CountColumns| {
        let events = rows.column(&group.events, diagnostics);
        let total = rows.column(&group.total, diagnostics);
        Some((events?, total?))
    };
    groups.iter().filter_map(&mut pair).collect()
}

fn read_groups(
    groups: &[(usize, usize)],
    row: usize,
    rows: &Rows<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<GroupCount>> {
    let counts: Vec<Option<GroupCount>> = groups
        .iter()
        .map(|(events, total)| {
            let count = rows.count(row, *events, diagnostics);
            let participants = rows.participants(row, *total, diagnostics);
            let (count, participants) = (count?, participants?);
            if count > participants {
                let message = format!("{count} events among {participants} participants");
                diagnostics.push(rows.cell_error(Code::EventsAboveTotal, row, *events, message));
                return None;
            }
            Some(GroupCount { events: count, total: participants })
        })
        .collect();
    counts.into_iter().collect()
}
