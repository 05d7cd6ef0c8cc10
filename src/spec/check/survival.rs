//! An analysis of times to an event, from its file to its resolved spec.

use super::part::Part;
use super::{expect_folder_name, find_table};
use crate::diagnostic::{Code, Diagnostic, nearest_hint};
use crate::project::Inputs;
use crate::source::{Place, Spanned};
use crate::spec::figures::Figure;
use crate::spec::file::AnalysisFile;
use crate::spec::survival::SurvivalAnalysis;
use crate::stats::survival::IntervalScale;

const ROLES: [&str; 3] = ["time", "event", "group"];

pub(super) fn resolve(
    place: Place,
    file: AnalysisFile,
    inputs: &Inputs,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<SurvivalAnalysis> {
    let before = diagnostics.len();
    let mut part = Part::new("the analysis", place, &file.written);
    let id = part.require(file.id, "id");
    let title = part.require(file.title, "title");
    let data = part.require(file.data, "data");
    part.report_missing(diagnostics);
    let mut part = Part::of_columns(place);
    part.require_role(&file.columns, "time");
    part.require_role(&file.columns, "event");
    part.report_missing(diagnostics);
    if let Some(id) = &id {
        expect_folder_name(id, diagnostics);
    }
    for (role, column) in file.columns.own() {
        if !ROLES.contains(&role) {
            diagnostics.push(
                Diagnostic::error(
                    Code::UnknownKey,
                    column.place,
                    format!("kind `survival` has no use for the column `{role}`"),
                )
                .help(nearest_hint(role, ROLES)),
            );
        }
    }
    let own = |figure: &&Spanned<Figure>| figure.place.source == place.source;
    if let Some(figure) = file.figures.iter().flatten().find(own) {
        diagnostics.push(
            Diagnostic::error(
                Code::Impossible,
                figure.place,
                format!("kind `survival` has no figure `{}`", figure.value.name()),
            )
            .help("its curves are always shown: remove `figures`"),
        );
    }
    let data = data.and_then(|data| find_table(&data, inputs, diagnostics));
    if diagnostics.len() > before || file.has_mistakes {
        return None;
    }
    Some(SurvivalAnalysis {
        id: id?.value,
        place,
        title: title?.value,
        note: file.note,
        data: data?,
        data_path: inputs.sources.get(data?).name.clone(),
        is_plain: true,
        filter: file.filter,
        time: file.columns.get("time")?,
        event: file.columns.get("event")?,
        group: file.columns.get("group"),
        unit: file.survival.unit.unwrap_or_default(),
        landmarks: file.survival.landmarks.unwrap_or_default(),
        intervals: file.survival.intervals.unwrap_or(IntervalScale::Log),
        level: file.model.level.unwrap_or(0.95),
    })
}
