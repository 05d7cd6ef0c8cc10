//! Tables without pooled effects, from their files to their resolved specs.

use super::part::Part;
use super::{expect_folder_name, find_table};
use crate::diagnostic::{Code, Diagnostic, nearest_hint};
use crate::project::Inputs;
use crate::source::{Place, SourceId, Spanned};
use crate::spec::file::{AnalysisFile, ColumnsFile, KindFile, TableFile};
use crate::spec::model::{Arms, Filter};
use crate::spec::tables::{
    AdverseEventSpec, CountColumns, CountSpec, Description, DescriptionContent, ProportionInterval,
    TableSpec,
};

/// What is printed for an empty cell where the spec says nothing.
const ABSENT: &str = "\u{2013}";

pub(super) fn resolve(
    kind: KindFile,
    place: Place,
    file: AnalysisFile,
    inputs: &Inputs,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Description> {
    let before = diagnostics.len();
    let mut part = Part::new("the analysis", place, &file.written);
    let id = part.require(file.id.clone(), "id");
    let title = part.require(file.title.clone(), "title");
    let data = part.require(file.data.clone(), "data");
    if kind == KindFile::Table && file.table.is_none() && !file.written.contains("table") {
        part.missing("table");
    }
    part.report_missing(diagnostics);
    if let Some(id) = &id {
        expect_folder_name(id, diagnostics);
    }
    let data = data.and_then(|data| find_table(&data, inputs, diagnostics));
    let content = data.and_then(|data| match kind {
        KindFile::AdverseEvents => {
            adverse_events(data, place, &file, diagnostics).map(DescriptionContent::AdverseEvents)
        }
        KindFile::Narrative if file.table.is_none() => {
            counts(data, place, &file, diagnostics).map(DescriptionContent::Counts)
        }
        _ => {
            let filter = file.filter.clone();
            let spec = table(file.table.clone()?, data, filter, inputs, diagnostics);
            Some(match kind {
                KindFile::Narrative => DescriptionContent::Narrative(spec),
                _ => DescriptionContent::Table(spec),
            })
        }
    });
    if diagnostics.len() > before || file.has_mistakes {
        return None;
    }
    Some(Description {
        id: id?.value,
        place,
        title: title?.value,
        note: file.note,
        data_path: inputs.sources.get(data?).name.clone(),
        content: content?,
    })
}

/// A printed table over rows of `data`.
pub(super) fn table(
    file: TableFile,
    data: SourceId,
    filter: Vec<Filter>,
    inputs: &Inputs,
    diagnostics: &mut Vec<Diagnostic>,
) -> TableSpec {
    for footnote in &file.footnotes {
        let Some(column) = &footnote.column else { continue };
        let names = || file.columns.iter().map(|printed| printed.column.value.as_str());
        if !names().any(|name| name == column.value) {
            diagnostics.push(
                Diagnostic::error(
                    Code::UnknownChoice,
                    column.place,
                    format!("the table prints no column `{}`", column.value),
                )
                .help(nearest_hint(&column.value, names())),
            );
        }
    }
    TableSpec {
        place: file.place,
        data,
        data_path: inputs.sources.get(data).name.clone(),
        filter,
        columns: file.columns,
        row_groups: file.row_groups,
        sort: file.sort,
        missing: file.missing.unwrap_or_else(|| ABSENT.to_owned()),
        notes: file.notes,
        footnotes: file.footnotes,
    }
}

fn counts(
    data: SourceId,
    place: Place,
    file: &AnalysisFile,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<CountSpec> {
    let roles =
        ["study", "outcome", "year", "events1", "total1", "events2", "total2", "events", "total"];
    expect_roles("narrative", &roles, &file.columns, diagnostics);
    let is_by_outcome = file.columns.is_written("outcome");
    let label = if is_by_outcome { "outcome" } else { "study" };
    let study = role(&file.columns, label, place, diagnostics);
    let groups = groups(&file.columns, place, diagnostics);
    Some(CountSpec {
        data,
        filter: file.filter.clone(),
        study: study?,
        is_by_outcome,
        year: file.columns.get("year"),
        groups: groups?,
        arms: arms(file),
        interval: ProportionInterval::of(file.conventions.study_interval),
        level: file.model.level.unwrap_or(0.95),
    })
}

fn adverse_events(
    data: SourceId,
    place: Place,
    file: &AnalysisFile,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<AdverseEventSpec> {
    let roles = [
        "study", "category", "event", "grade", "events1", "total1", "events2", "total2", "events",
        "total",
    ];
    expect_roles("adverse-events", &roles, &file.columns, diagnostics);
    let study = role(&file.columns, "study", place, diagnostics);
    let class = role(&file.columns, "category", place, diagnostics);
    let term = role(&file.columns, "event", place, diagnostics);
    let groups = groups(&file.columns, place, diagnostics);
    Some(AdverseEventSpec {
        data,
        filter: file.filter.clone(),
        study: study?,
        class: class?,
        term: term?,
        grade: file.columns.get("grade"),
        groups: groups?,
        arms: arms(file),
        order: file.classes.clone(),
    })
}

/// Roles that the file itself gives and the kind has no use for.
fn expect_roles(
    kind: &str,
    roles: &[&str],
    columns: &ColumnsFile,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for (role, column) in columns.own() {
        if !roles.contains(&role) {
            diagnostics.push(
                Diagnostic::error(
                    Code::UnknownKey,
                    column.place,
                    format!("kind `{kind}` has no use for the column `{role}`"),
                )
                .help(nearest_hint(role, roles.iter().copied())),
            );
        }
    }
}

fn role(
    columns: &ColumnsFile,
    role: &'static str,
    place: Place,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Spanned<String>> {
    let mut part = Part::of_columns(place);
    part.require_role(columns, role);
    part.report_missing(diagnostics);
    columns.get(role)
}

/// The counts of one group, where the file names `events` and `total`, or else of two.
fn groups(
    columns: &ColumnsFile,
    place: Place,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<CountColumns>> {
    let is_single = columns.is_written("events") || columns.is_written("total");
    let roles: &[(&'static str, &'static str)] = if is_single {
        &[("events", "total")]
    } else {
        &[("events1", "total1"), ("events2", "total2")]
    };
    let mut part = Part::of_columns(place);
    for (events, total) in roles {
        part.require_role(columns, events);
        part.require_role(columns, total);
    }
    part.report_missing(diagnostics);
    roles
        .iter()
        .map(|(events, total)| {
            Some(CountColumns { events: columns.get(events)?, total: columns.get(total)? })
        })
        .collect()
}

fn arms(file: &AnalysisFile) -> Arms {
    Arms {
        experimental: file.experimental.clone().unwrap_or_else(|| "Experimental".to_owned()),
        control: file.control.clone().unwrap_or_else(|| "Control".to_owned()),
    }
}
