//! Descriptions as printed: tables of rows, single trials, adverse events.

use super::grid::{Footnotes, GridColumn, GridHead, GridRow, GridText, GridView};
use crate::analysis::{
    ClassTotal, DescribedFindings, DescribedProportion, DescribedRow, EventTable,
};
use crate::data::{GroupCount, PrintedRows};
use crate::report::ReviewFindings;
use crate::report::described_results::arm_name;
use crate::report::number::Numbers;
use crate::report::scale::IntervalText;
use crate::report::works::{Work, choices};
use crate::spec::{AdverseEventSpec, Align, CountSpec, Description, DescriptionContent, TableSpec};
use serde::Serialize;

/// The section of a description.
#[derive(Debug, Clone, Serialize)]
pub struct DescribedView {
    /// Id of the analysis.
    pub id: String,
    /// Number in the report, from 1.
    pub number: usize,
    /// Title.
    pub title: String,
    /// Paragraphs of the author.
    pub note: Vec<String>,
    /// `table`, `narrative`, `counts` or `adverse-events`.
    pub kind: &'static str,
    /// Its table.
    pub grid: GridView,
    /// Code of how intervals were computed, where there are any.
    pub interval: Option<&'static str>,
    /// What its notes cite.
    pub works: Vec<Work>,
    /// Confidence level in percent, where there are intervals.
    pub level: Option<String>,
    /// Whether some number of a class is a lower bound.
    pub has_bounds: bool,
    /// Number of trials with adverse events.
    pub studies: usize,
}

type Abbreviations = [(String, String)];

pub(super) fn described_view(
    number: usize,
    spec: &Description,
    found: &DescribedFindings,
    abbreviations: &Abbreviations,
    numbers: Numbers<'_>,
) -> DescribedView {
    let mut view = DescribedView {
        id: spec.id.clone(),
        number,
        title: spec.title.clone(),
        note: spec.note.clone(),
        kind: "table",
        grid: GridView::default(),
        interval: None,
        works: Vec::new(),
        level: None,
        has_bounds: false,
        studies: 0,
    };
    match (&spec.content, found) {
        (DescriptionContent::Table(table), DescribedFindings::Table(rows)) => {
            view.grid = printed_grid(table, rows);
        }
        (DescriptionContent::Narrative(table), DescribedFindings::Table(rows)) => {
            view.kind = "narrative";
            view.grid = printed_grid(table, rows);
        }
        (DescriptionContent::Counts(counts), DescribedFindings::Counts(rows)) => {
            view.kind = "counts";
            view.interval = Some(counts.interval.name());
            view.works = choices::proportion_interval(counts.interval).to_vec();
            view.level = Some(numbers.shortest(100.0 * counts.level));
            view.grid = count_grid(counts, rows, numbers);
        }
        (DescriptionContent::AdverseEvents(events), DescribedFindings::AdverseEvents(found)) => {
            view.kind = "adverse-events";
            view.studies = found.studies;
            let totals = || found.classes.iter().flat_map(|class| &class.total);
            view.has_bounds = totals().any(|total| total.is_lower_bound);
            view.grid = event_grid(events, found, numbers);
        }
        _ => {}
    }
    view.grid = view.grid.laid_out(abbreviations);
    view
}

pub(super) fn characteristics_view(findings: &ReviewFindings) -> Option<GridView> {
    let about = &findings.review.about_studies;
    let grid = printed_grid(about.characteristics.as_ref()?, findings.characteristics.as_ref()?);
    Some(grid.laid_out(&about.abbreviations))
}

/// The rows of a table as they are.
fn printed_grid(spec: &TableSpec, found: &PrintedRows) -> GridView {
    let mut heads: Vec<GridHead> = Vec::new();
    for column in &spec.columns {
        let printed = GridColumn {
            title: column.title.as_str().into(),
            align: match column.align {
                None => "",
                Some(Align::Left) => "left",
                Some(Align::Center) => "center",
                Some(Align::Right) => "right",
            },
            width: None,
        };
        let title = column.group.as_deref().map(GridText::from);
        match heads.last_mut() {
            Some(last) if title.is_some() && last.title == title => last.columns.push(printed),
            _ => heads.push(GridHead { title, columns: vec![printed] }),
        }
    }
    let mut footnotes = Footnotes::default();
    let mut rows = Vec::new();
    for group in &found.groups {
        if spec.row_groups.is_some() {
            let name = if group.name.is_empty() { &spec.missing } else { &group.name };
            rows.push(GridRow::new("group", vec![name.as_str().into()]));
        }
        let form = if spec.row_groups.is_some() { "part" } else { "row" };
        for row in &group.rows {
            let cells = row.cells.iter().enumerate().map(|(index, cell)| {
                let text = cell.as_deref().unwrap_or(&spec.missing);
                let of_cell = row.footnotes.iter().filter(|(column, _)| *column == index);
                let marks: Vec<String> =
                    of_cell.map(|(_, text)| footnotes.mark(text.as_str().into())).collect();
                GridText { marks: marks.join(","), ..text.into() }
            });
            rows.push(GridRow::new(form, cells.collect()));
        }
    }
    GridView {
        heads,
        rows,
        footnotes: footnotes.finish(),
        notes: spec.notes.clone(),
        ..GridView::default()
    }
}

/// Events among participants with their percentages.
fn count_grid(spec: &CountSpec, rows: &[DescribedRow], numbers: Numbers<'_>) -> GridView {
    let level = numbers.shortest(100.0 * spec.level);
    let label = if spec.is_by_outcome { "outcome" } else { "study" };
    let mut heads = vec![head(GridColumn::new(GridText::label(label)))];
    if spec.year.is_some() {
        heads.push(head(GridColumn::new(GridText::label("year"))));
    }
    for arm in 0..spec.groups.len() {
        let columns = vec![
            GridColumn::new(GridText::label("events_per_total")),
            GridColumn::new(GridText::labelled("percent_ci", format!("[{level}% CI]"))),
        ];
        let is_single = spec.groups.len() == 1;
        let title = (!is_single).then(|| arm_name(&spec.arms, arm).into());
        if is_single {
            heads.extend(columns.into_iter().map(head));
        } else {
            heads.push(GridHead { title, columns });
        }
    }
    let printed = rows.iter().map(|row| {
        let mut cells: Vec<GridText> = vec![row.study.as_str().into()];
        if spec.year.is_some() {
            cells.push(row.year.clone().unwrap_or_default().into());
        }
        cells.extend(
            row.groups.iter().flat_map(|found| proportion_cells(found, spec.level, numbers)),
        );
        GridRow::new("row", cells)
    });
    GridView { heads, rows: printed.collect(), ..GridView::default() }
}

/// Events among participants, and percent with its interval.
pub(super) fn proportion_cells(
    found: &DescribedProportion,
    level: f64,
    numbers: Numbers<'_>,
) -> [GridText; 2] {
    let GroupCount { events, total } = found.count;
    let percent = |part: f64| numbers.part_in_percent(part);
    let mut text = percent(events / total);
    if let Some((lower, upper)) = found.interval {
        let level = numbers.shortest(100.0 * level);
        let interval = IntervalText::new(numbers, percent(lower), percent(upper), &level);
        let effect = &numbers.style().intervals.effect;
        text = effect.fill(&[("estimate", &text), ("interval", &interval.text)]);
    }
    [numbers.fraction(events, total).into(), text.into()]
}

fn head(column: GridColumn) -> GridHead {
    GridHead { title: None, columns: vec![column] }
}

/// Adverse events by class and term; the arm's size stands in the heading where every row has it.
fn event_grid(spec: &AdverseEventSpec, found: &EventTable, numbers: Numbers<'_>) -> GridView {
    let arms = spec.groups.len();
    let sizes: Vec<Option<f64>> = (0..arms).map(|arm| shared_size(found, arm)).collect();
    let mut heads = vec![head(GridColumn::new(GridText::label("class_and_term")))];
    for (arm, size) in sizes.iter().enumerate() {
        let name = arm_name(&spec.arms, arm);
        let title = match size {
            Some(size) => format!("{name} (n\u{a0}=\u{a0}{})", numbers.count(*size)),
            None => name.to_owned(),
        };
        let code = if size.is_some() { "n_percent" } else { "n_total_percent" };
        let right = |title: GridText| GridColumn { title, align: "right", width: None };
        let mut columns = Vec::new();
        if found.grades.is_empty() {
            columns.push(right(GridText::label(code)));
        } else {
            columns.push(right(GridText::label("any_grade")));
            let grade = |grade: &String| right(GridText::labelled("grade", grade.clone()));
            columns.extend(found.grades.iter().map(grade));
        }
        heads.push(GridHead { title: Some(title.into()), columns });
    }
    let cell = |count: Option<GroupCount>, arm: usize| -> GridText {
        count
            .map_or_else(|| "\u{2013}".to_owned(), |count| event_cell(count, sizes[arm], numbers))
            .into()
    };
    let mut rows = Vec::new();
    for class in &found.classes {
        let mut cells: Vec<GridText> = vec![class.name.as_str().into()];
        for (arm, ClassTotal { count, is_lower_bound }) in class.total.iter().enumerate() {
            let text = event_cell(*count, sizes[arm], numbers);
            cells.push(if *is_lower_bound { format!("≥\u{a0}{text}") } else { text }.into());
            cells.extend(found.grades.iter().map(|_| GridText::default()));
        }
        rows.push(GridRow::new("class", cells));
        for term in &class.terms {
            let mut cells: Vec<GridText> = vec![term.name.as_str().into()];
            for (arm, (any, by_grade)) in term.any.iter().zip(&term.by_grade).enumerate() {
                cells.push(cell(*any, arm));
                cells.extend(by_grade.iter().map(|count| cell(*count, arm)));
            }
            rows.push(GridRow::new("part", cells));
        }
    }
    GridView { heads, rows, ..GridView::default() }
}

/// The size of an arm, where all rows have the same.
fn shared_size(found: &EventTable, arm: usize) -> Option<f64> {
    let terms = found.classes.iter().flat_map(|class| &class.terms);
    let of_terms = terms.flat_map(|term| term.by_grade[arm].iter().chain([&term.any[arm]]));
    let of_classes = found.classes.iter().map(|class| class.total[arm].count.total);
    let mut sizes = of_terms.flatten().map(|count| count.total).chain(of_classes);
    let first = sizes.next()?;
    sizes.all(|size| size == first).then_some(first)
}

fn event_cell(count: GroupCount, size: Option<f64>, numbers: Numbers<'_>) -> String {
    let percent = numbers.part_in_percent(count.events / count.total);
    match size {
        Some(_) => format!("{} ({percent})", numbers.count(count.events)),
        None => format!("{} ({percent})", numbers.fraction(count.events, count.total)),
    }
}
