//! Descriptions: intervals of single proportions, and adverse events by class and term.

use crate::data::{DescribedData, EventRow, GroupCount, PrintedRows};
use crate::spec::{
    AdverseEventSpec, CountSpec, Description, DescriptionContent, ProportionInterval,
};
use crate::stats::single_group::{Proportion, clopper_pearson, wilson};
use std::collections::BTreeSet;

/// What a description found.
#[derive(Debug, Clone, PartialEq)]
pub enum DescribedFindings {
    /// Rows as they are.
    Table(PrintedRows),
    /// Proportions with their intervals.
    Counts(Vec<DescribedRow>),
    /// Adverse events.
    AdverseEvents(EventTable),
}

/// One row of proportions.
#[derive(Debug, Clone, PartialEq)]
pub struct DescribedRow {
    /// Label.
    pub study: String,
    /// Year as written.
    pub year: Option<String>,
    /// One proportion a group.
    pub groups: Vec<DescribedProportion>,
}

/// A proportion with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DescribedProportion {
    /// Events among participants.
    pub count: GroupCount,
    /// The interval, 0 to 1.
    pub interval: Option<(f64, f64)>,
}

/// Adverse events by class, term, arm and grade.
#[derive(Debug, Clone, PartialEq)]
pub struct EventTable {
    /// The grades in their order; empty where no row has a grade.
    pub grades: Vec<String>,
    /// The classes in the order of print.
    pub classes: Vec<EventClass>,
    /// The trials.
    pub studies: usize,
}

/// One organ class.
#[derive(Debug, Clone, PartialEq)]
pub struct EventClass {
    /// Its name.
    pub name: String,
    /// Participants with any event of the class, one an arm.
    pub total: Vec<ClassTotal>,
    /// Its terms.
    pub terms: Vec<EventTerm>,
}

/// Participants with an event of a class in one arm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassTotal {
    /// Events and participants, summed over trials and never over terms.
    pub count: GroupCount,
    /// Whether some trial gives terms only: the number is then the least that it can be.
    pub is_lower_bound: bool,
}

/// One term: for each arm any grade, then each grade of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct EventTerm {
    /// Its name.
    pub name: String,
    /// The counts of any grade, one an arm; none where the trials give grades only.
    pub any: Vec<Option<GroupCount>>,
    /// The counts of each grade, by arm.
    pub by_grade: Vec<Vec<Option<GroupCount>>>,
}

/// Computes a description.
#[must_use]
pub fn describe_rows(spec: &Description, data: &DescribedData) -> DescribedFindings {
    match (&spec.content, data) {
        (DescriptionContent::Counts(spec), DescribedData::Counts(rows)) => {
            DescribedFindings::Counts(
                rows.iter()
                    .map(|row| DescribedRow {
                        study: row.study.clone(),
                        year: row.year.clone(),
                        groups: row
                            .groups
                            .iter()
                            .map(|count| with_interval(spec, *count))
                            .collect(),
                    })
                    .collect(),
            )
        }
        (DescriptionContent::AdverseEvents(spec), DescribedData::AdverseEvents(rows)) => {
            DescribedFindings::AdverseEvents(event_table(spec, rows))
        }
        (_, DescribedData::Table(rows)) => DescribedFindings::Table(rows.clone()),
        _ => DescribedFindings::Table(PrintedRows::default()),
    }
}

fn with_interval(spec: &CountSpec, count: GroupCount) -> DescribedProportion {
    DescribedProportion { count, interval: single_interval(spec.interval, count, spec.level) }
}

/// The interval of a single proportion at confidence `level`, 0 to 1.
#[must_use]
pub fn single_interval(
    method: ProportionInterval,
    count: GroupCount,
    level: f64,
) -> Option<(f64, f64)> {
    let group = Proportion { events: count.events, total: count.total };
    match method {
        ProportionInterval::Exact => clopper_pearson(group, level),
        ProportionInterval::Wilson => wilson(group, level),
    }
}

fn event_table(spec: &AdverseEventSpec, rows: &[EventRow]) -> EventTable {
    let grades: BTreeSet<&str> = rows.iter().filter_map(|row| row.grade.as_deref()).collect();
    let studies: BTreeSet<&str> = rows.iter().map(|row| row.study.as_str()).collect();
    let named: BTreeSet<&str> = rows.iter().map(|row| row.class.as_str()).collect();
    let in_order = spec.order.iter().map(|class| class.value.as_str());
    let mut order: Vec<&str> = in_order.filter(|class| named.contains(class)).collect();
    let others: Vec<&str> = named.into_iter().filter(|class| !order.contains(class)).collect();
    order.extend(others);
    let arms = spec.groups.len();
    let grades: Vec<String> = grades.into_iter().map(str::to_owned).collect();
    let classes = order.into_iter().map(|class| event_class(class, rows, &grades, arms)).collect();
    EventTable { classes, grades, studies: studies.len() }
}

fn event_class(class: &str, rows: &[EventRow], grades: &[String], arms: usize) -> EventClass {
    let of_class: Vec<&EventRow> = rows.iter().filter(|row| row.class == class).collect();
    let mut names: Vec<&str> = Vec::new();
    for row in &of_class {
        if let Some(term) = row.term.as_deref().filter(|term| !names.contains(term)) {
            names.push(term);
        }
    }
    let terms = names
        .into_iter()
        .map(|name| {
            let sum = |grade: Option<&str>, arm: usize| {
                let counts = of_class
                    .iter()
                    .filter(|row| row.term.as_deref() == Some(name))
                    .filter(|row| row.grade.as_deref() == grade)
                    .map(|row| row.groups[arm]);
                counts.reduce(plus)
            };
            EventTerm {
                name: name.to_owned(),
                any: (0..arms).map(|arm| sum(None, arm)).collect(),
                by_grade: (0..arms)
                    .map(|arm| grades.iter().map(|grade| sum(Some(grade), arm)).collect())
                    .collect(),
            }
        })
        .collect();
    let total = (0..arms).map(|arm| class_total(&of_class, arm)).collect();
    EventClass { name: class.to_owned(), total, terms }
}

/// Participants of different trials are added; those of one trial with several terms may be the same
/// people. A trial that gives the class itself counts by that row, another by its largest term.
fn class_total(rows: &[&EventRow], arm: usize) -> ClassTotal {
    let studies: BTreeSet<&str> = rows.iter().map(|row| row.study.as_str()).collect();
    let mut total =
        ClassTotal { count: GroupCount { events: 0.0, total: 0.0 }, is_lower_bound: false };
    for study in studies {
        let of_study = || rows.iter().filter(move |row| row.study == study);
        let whole = of_study().find(|row| row.term.is_none() && row.grade.is_none());
        let count = match whole {
            Some(row) => row.groups[arm],
            None => {
                let largest = |part: fn(&GroupCount) -> f64| {
                    of_study().map(|row| part(&row.groups[arm])).fold(0.0, f64::max)
                };
                total.is_lower_bound |= may_be_more(of_study().copied(), arm);
                GroupCount { events: largest(|c| c.events), total: largest(|c| c.total) }
            }
        };
        total.count = plus(total.count, count);
    }
    total
}

/// Whether more participants of a trial may have an event than its largest row says: of one term,
/// given without grades or with a row for any of them, the number is exact.
fn may_be_more<'a>(rows: impl Iterator<Item = &'a EventRow>, arm: usize) -> bool {
    let with_event: Vec<&EventRow> = rows.filter(|row| row.groups[arm].events > 0.0).collect();
    let terms: BTreeSet<&Option<String>> = with_event.iter().map(|row| &row.term).collect();
    let has_any = with_event.iter().any(|row| row.grade.is_none());
    terms.len() > 1 || (with_event.len() > 1 && !has_any)
}

fn plus(a: GroupCount, b: GroupCount) -> GroupCount {
    GroupCount { events: a.events + b.events, total: a.total + b.total }
}
