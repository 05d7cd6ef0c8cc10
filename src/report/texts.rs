//! The author's texts among the findings of a review.

use super::{EntryFindings, ReviewFindings};
use crate::analysis::{DescribedFindings, Findings};
use crate::consistency::Consistency;
use crate::data::{PrintedRows, Study};
use crate::spec::{DescriptionContent, Entry, TextKind, Visit};

/// Visits every printed text that the author of a review wrote, in its specs and in its data.
/// Labels of studies and codes of sources are names; so are the coefficients of a regression, which
/// bear the names of columns. The numbers of the findings stay.
pub fn visit_texts(
    findings: &mut ReviewFindings,
    consistency: &mut [Consistency],
    visit: &mut Visit<'_>,
) {
    findings.review.visit_texts(visit);
    for (is_source, name) in findings.flow.iter_mut().flat_map(|flow| flow.names_mut()) {
        visit(if is_source { TextKind::Name } else { TextKind::Words }, name);
    }
    if let Some(rows) = &mut findings.characteristics {
        of_rows(rows, TextKind::Name, visit);
    }
    for study in findings.risk_of_bias.iter_mut().flat_map(|judged| &mut judged.studies) {
        visit(TextKind::Name, &mut study.label);
    }
    for (entry, found) in findings.review.entries.iter().zip(&mut findings.findings) {
        match found {
            EntryFindings::Pooled(found) => of_pooled(found, visit),
            EntryFindings::Survival(found) => {
                found.groups.iter_mut().for_each(|group| visit(TextKind::Words, &mut group.name));
            }
            EntryFindings::Described(found) => of_described(labels_of(entry), found, visit),
        }
    }
    for checked in consistency {
        visit(TextKind::Words, &mut checked.title);
        for found in &mut checked.findings {
            found.printed.visit_texts(visit);
            found.follows.visit_texts(visit);
            found.accepted.iter_mut().for_each(|reason| visit(TextKind::Words, reason));
        }
    }
}

fn of_pooled(found: &mut Findings, visit: &mut Visit<'_>) {
    for study in &mut found.studies {
        of_study(&mut study.study, visit);
    }
    for group in found.subgroups.iter_mut().flat_map(|found| &mut found.groups) {
        visit(TextKind::Words, &mut group.level);
    }
    for name in found.regression.iter_mut().flatten().flat_map(|found| &mut found.names) {
        visit(TextKind::Name, name);
    }
}

fn of_study(study: &mut Study, visit: &mut Visit<'_>) {
    // a count of trials counts what the data call them
    study.trial = Some(study.trial().to_owned());
    visit(TextKind::Name, &mut study.label);
    if let Some(source) = &mut study.source {
        visit(TextKind::Name, source);
    }
    if let Some(subgroup) = &mut study.subgroup {
        visit(TextKind::Words, subgroup);
    }
}

/// What the rows of a description are called by: outcomes of one trial, or else studies.
fn labels_of(entry: &Entry) -> TextKind {
    let Entry::Description(description) = entry else { return TextKind::Name };
    match &description.content {
        DescriptionContent::Narrative(_) => TextKind::Words,
        DescriptionContent::Counts(counts) if counts.is_by_outcome => TextKind::Words,
        _ => TextKind::Name,
    }
}

fn of_described(labels: TextKind, found: &mut DescribedFindings, visit: &mut Visit<'_>) {
    match found {
        DescribedFindings::Table(rows) => of_rows(rows, labels, visit),
        DescribedFindings::Counts(rows) => {
            rows.iter_mut().for_each(|row| visit(labels, &mut row.study));
        }
        DescribedFindings::AdverseEvents(table) => {
            for class in &mut table.classes {
                visit(TextKind::Words, &mut class.name);
                class.terms.iter_mut().for_each(|term| visit(TextKind::Words, &mut term.name));
            }
            table.grades.iter_mut().for_each(|grade| visit(TextKind::Words, grade));
        }
    }
}

/// The first column names the rows.
fn of_rows(rows: &mut PrintedRows, labels: TextKind, visit: &mut Visit<'_>) {
    for group in &mut rows.groups {
        visit(TextKind::Words, &mut group.name);
        for row in &mut group.rows {
            for (column, cell) in row.cells.iter_mut().enumerate() {
                let kind = if column == 0 { labels } else { TextKind::Words };
                cell.iter_mut().for_each(|cell| visit(kind, cell));
            }
            row.footnotes.iter_mut().for_each(|(_, text)| visit(TextKind::Words, text));
        }
    }
}
