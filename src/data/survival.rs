//! Patients with their time to an event.

use super::names::{self, Grouping};
use super::rows::Rows;
use super::studies::{Tables, table_of};
use crate::diagnostic::{Code, Diagnostic};
use crate::project::Inputs;
use crate::spec::SurvivalAnalysis;
use crate::stats::survival::Observation;

/// The patients of one analysis, by group in the order in which the table names them.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    /// The groups; one without a name where the analysis has no groups.
    pub groups: Vec<CohortGroup>,
    /// What a reviewer should look at.
    pub warnings: Vec<Diagnostic>,
}

/// One group of patients.
#[derive(Debug, Clone, PartialEq)]
pub struct CohortGroup {
    /// Its name.
    pub name: String,
    /// Its patients.
    pub patients: Vec<Observation>,
}

/// Reads the patients of an analysis.
///
/// # Errors
/// Everything that is wrong with the file, its columns, its filter and its rows.
pub fn read_cohort(
    analysis: &SurvivalAnalysis,
    inputs: &Inputs,
    tables: &mut Tables,
) -> Result<Cohort, Vec<Diagnostic>> {
    let table = table_of(analysis.data, inputs, tables)?;
    let rows = Rows { table, inputs, name: &inputs.sources.get(analysis.data).name };
    let mut diagnostics = Vec::new();
    let time = rows.column(&analysis.time, &mut diagnostics);
    let event = rows.column(&analysis.event, &mut diagnostics);
    let group = rows.optional(analysis.group.as_ref(), &mut diagnostics);
    let filtered = rows.filtered(&analysis.filter, analysis.place);
    let (Some(time), Some(event)) = (time, event) else { return Err(diagnostics) };
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let mut groups: Vec<CohortGroup> = Vec::new();
    let filtered = filtered?;
    let grouping = group.map(|column| Grouping {
        column,
        what: "group",
        empty: "filter the patient out of the analysis, whose patients have a group each",
        unnamed: &[""],
    });
    let warnings =
        grouping.map(|grouping| names::suspect(&rows, &filtered, grouping)).unwrap_or_default();
    for row in filtered {
        let observed_time = rows.positive(row, time, true, &mut diagnostics);
        let happened = read_event(&rows, row, event, &mut diagnostics);
        let name = group.map_or("", |group| rows.cell(row, group));
        if let Some(column) = group.filter(|_| name.is_empty()) {
            let message = "the patient has no group".to_owned();
            diagnostics.push(rows.cell_error(Code::MalformedTable, row, column, message));
        }
        let (Some(time), Some(event)) = (observed_time, happened) else { continue };
        let observation = Observation { time, event };
        match groups.iter_mut().find(|known| known.name == name) {
            Some(known) => known.patients.push(observation),
            None => groups.push(CohortGroup { name: name.to_owned(), patients: vec![observation] }),
        }
    }
    if diagnostics.is_empty() { Ok(Cohort { groups, warnings }) } else { Err(diagnostics) }
}

fn read_event(
    rows: &Rows<'_>,
    row: usize,
    column: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<bool> {
    let cell = rows.cell(row, column);
    match cell.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" => Some(true),
        "0" | "false" | "no" => Some(false),
        _ => {
            let message = if cell.is_empty() {
                "the cell is empty".to_owned()
            } else {
                format!("`{cell}` does not say whether the event was observed")
            };
            diagnostics.push(
                rows.cell_error(Code::NotANumber, row, column, message).help(
                    "write 1 where the event was observed and 0 where observation ended first",
                ),
            );
            None
        }
    }
}
