//! Descriptions as data: their rows.

use crate::analysis::{DescribedFindings, DescribedProportion, EventTerm};
use crate::data::{GroupCount, PrintedRow};
use crate::spec::{Arms, Description, DescriptionContent, TableSpec};
use serde::Serialize;
use std::collections::BTreeMap;

/// One description.
#[derive(Debug, Clone, Serialize)]
pub struct DescribedResults {
    review: String,
    id: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<f64>,
    rows: Vec<RowResults>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
enum RowResults {
    /// The cells by the names of their columns; null where the data have nothing.
    Printed(BTreeMap<String, Option<String>>),
    Counts {
        study: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        year: Option<String>,
        groups: Vec<ProportionResults>,
    },
    Event {
        category: String,
        /// Null for any event of the class.
        event: Option<String>,
        /// Null for any grade.
        grade: Option<String>,
        group: String,
        events: f64,
        total: f64,
        /// Whether `events` is the least number that is compatible with the data.
        lower_bound: bool,
    },
}

#[derive(Debug, Clone, Serialize)]
struct ProportionResults {
    group: String,
    events: f64,
    total: f64,
    percent: f64,
    ci_lb: Option<f64>,
    ci_ub: Option<f64>,
}

impl DescribedResults {
    pub(super) fn of(review: &str, spec: &Description, found: &DescribedFindings) -> Self {
        let mut results = Self {
            review: review.to_owned(),
            id: spec.id.clone(),
            kind: kind_code(&spec.content),
            interval: None,
            level: None,
            rows: Vec::new(),
        };
        match (&spec.content, found) {
            (
                DescriptionContent::Table(table) | DescriptionContent::Narrative(table),
                DescribedFindings::Table(rows),
            ) => {
                for group in &rows.groups {
                    let printed = |row| RowResults::Printed(printed(table, &group.name, row));
                    results.rows.extend(group.rows.iter().map(printed));
                }
            }
            (DescriptionContent::Counts(counts), DescribedFindings::Counts(rows)) => {
                results.interval = Some(counts.interval.name());
                results.level = Some(100.0 * counts.level);
                results.rows = rows
                    .iter()
                    .map(|row| RowResults::Counts {
                        study: row.study.clone(),
                        year: row.year.clone(),
                        groups: row
                            .groups
                            .iter()
                            .enumerate()
                            .map(|(arm, found)| proportion(arm_name(&counts.arms, arm), found))
                            .collect(),
                    })
                    .collect();
            }
            (
                DescriptionContent::AdverseEvents(events),
                DescribedFindings::AdverseEvents(found),
            ) => {
                for class in &found.classes {
                    for (arm, total) in class.total.iter().enumerate() {
                        let arm = arm_name(&events.arms, arm);
                        let row = event_row(&class.name, None, None, arm, total.count);
                        results.rows.push(row.bounded(total.is_lower_bound));
                    }
                    for term in &class.terms {
                        results.rows.extend(term_rows(
                            &class.name,
                            term,
                            &found.grades,
                            &events.arms,
                        ));
                    }
                }
            }
            _ => {}
        }
        results
    }
}

impl RowResults {
    fn bounded(mut self, is_lower_bound: bool) -> Self {
        if let Self::Event { lower_bound, .. } = &mut self {
            *lower_bound = is_lower_bound;
        }
        self
    }
}

fn kind_code(content: &DescriptionContent) -> &'static str {
    match content {
        DescriptionContent::Table(_) => "table",
        DescriptionContent::Narrative(_) | DescriptionContent::Counts(_) => "narrative",
        DescriptionContent::AdverseEvents(_) => "adverse-events",
    }
}

/// The name of an arm by its number.
pub(super) fn arm_name(arms: &Arms, arm: usize) -> &str {
    if arm == 0 { &arms.experimental } else { &arms.control }
}

fn printed(table: &TableSpec, group: &str, row: &PrintedRow) -> BTreeMap<String, Option<String>> {
    let names = table.columns.iter().map(|column| column.column.value.clone());
    let mut cells: BTreeMap<String, Option<String>> =
        names.zip(row.cells.iter().cloned()).collect();
    if let Some(by) = &table.row_groups {
        cells.insert(by.value.clone(), Some(group.to_owned()));
    }
    cells
}

fn proportion(group: &str, found: &DescribedProportion) -> ProportionResults {
    let GroupCount { events, total } = found.count;
    ProportionResults {
        group: group.to_owned(),
        events,
        total,
        percent: 100.0 * events / total,
        ci_lb: found.interval.map(|(lower, _)| 100.0 * lower),
        ci_ub: found.interval.map(|(_, upper)| 100.0 * upper),
    }
}

fn event_row(
    class: &str,
    term: Option<&str>,
    grade: Option<&str>,
    group: &str,
    count: GroupCount,
) -> RowResults {
    RowResults::Event {
        category: class.to_owned(),
        event: term.map(str::to_owned),
        grade: grade.map(str::to_owned),
        group: group.to_owned(),
        events: count.events,
        total: count.total,
        lower_bound: false,
    }
}

fn term_rows(class: &str, term: &EventTerm, grades: &[String], arms: &Arms) -> Vec<RowResults> {
    let mut rows = Vec::new();
    for (arm, (any, by_grade)) in term.any.iter().zip(&term.by_grade).enumerate() {
        let name = arm_name(arms, arm);
        rows.extend(any.map(|count| event_row(class, Some(&term.name), None, name, count)));
        for (grade, count) in grades.iter().zip(by_grade) {
            let row = |count| event_row(class, Some(&term.name), Some(grade), name, count);
            rows.extend(count.map(row));
        }
    }
    rows
}
