//! The studies of an analysis, and their sums.

use super::columns::DataColumns;
use super::text::reason_code;
use crate::analysis::{Findings, GroupTotal};
use crate::data::{SharedControl, StudyData};
use crate::report::number::Numbers;
use crate::report::plots::StudyRow;
use crate::report::scale::EffectText;
use crate::spec::{Analysis, Kind, Method};
use crate::stats::binary::AddTo;
use serde::Serialize;

/// One study.
#[derive(Debug, Clone, Serialize)]
pub struct StudyView {
    /// Label.
    pub label: String,
    /// Year.
    pub year: Option<String>,
    /// Source of the row.
    pub source: Option<String>,
    /// Its data, one cell a column.
    pub cells: Vec<String>,
    /// Effect.
    pub effect: Option<EffectText>,
    /// Weight in percent.
    pub weight: Option<String>,
    /// Code of the reason why there is no effect.
    pub reason: Option<&'static str>,
    /// Whether the zero-cell rule added to its cells.
    pub is_corrected: bool,
    /// Whether nobody in either group had the event.
    pub has_no_event: bool,
    /// Whether a mean was estimated from quantiles.
    pub is_from_quantiles: bool,
    /// Whether the study reports its estimate only, where others give their data.
    pub is_estimate: bool,
    /// Whether its control group is a part of one that several arms share.
    pub is_divided: bool,
    /// Whether it is several arms of a trial taken together.
    pub is_combined: bool,
}

/// Which footnotes a studies' table needs.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Footnotes {
    /// Some study had its cells corrected.
    pub corrected: bool,
    /// Some study had no event.
    pub no_event: bool,
    /// Some mean was estimated from quantiles.
    pub from_quantiles: bool,
    /// Some study reports its estimate only.
    pub estimate: bool,
    /// Some control group was divided.
    pub divided: bool,
    /// Some arms were combined.
    pub combined: bool,
}

/// Events among participants.
#[derive(Debug, Clone, Serialize)]
pub struct GroupView {
    /// Participants with an event.
    pub events: String,
    /// Participants.
    pub total: String,
    /// Percentage with an event.
    pub percent: String,
}

/// Sums over the studies of an analysis.
#[derive(Debug, Clone, Serialize)]
pub struct TotalsView {
    /// Number of studies.
    pub studies: usize,
    /// Number of trials: arms of one, each a study, are one.
    pub trials: usize,
    /// Cells of the table's last row.
    pub cells: Vec<String>,
    /// Cells of the forest plot's last row.
    pub forest_cells: Vec<String>,
    /// Cells of a row of its own for events, where the style has one.
    pub event_cells: Option<Vec<String>>,
    /// Events and participants of the experimental group, or of the one group.
    pub group1: Option<GroupView>,
    /// Events and participants of the control group.
    pub group2: Option<GroupView>,
    /// Participants, events or person-time of each group, as the table of results has them.
    pub sizes: [Option<String>; 2],
    /// Studies without an event in any group.
    pub without_event: usize,
}

pub(super) fn data_of(findings: &Findings) -> Vec<StudyData> {
    findings.studies.iter().map(|study| study.study.data).collect()
}

pub(super) fn study_views(
    spec: &Analysis,
    findings: &Findings,
    rows: &[StudyRow],
    numbers: Numbers<'_>,
) -> Vec<StudyView> {
    let data = data_of(findings);
    let columns = DataColumns::new(spec, &data, &numbers.style().tables.data, numbers);
    let any_zero = data.iter().any(has_zero);
    findings
        .studies
        .iter()
        .zip(rows)
        .map(|(found, row)| {
            let study = &found.study;
            StudyView {
                label: study.label.clone(),
                year: study.year.clone(),
                source: study.source.clone(),
                cells: columns.cells(&study.data),
                effect: row.effect.clone(),
                weight: row.weight.clone(),
                reason: found.effect.as_ref().err().map(|reason| reason_code(*reason)),
                is_corrected: found.effect.is_ok() && adds_to(spec, &study.data, any_zero),
                has_no_event: study.data.has_no_event(),
                is_from_quantiles: is_from_quantiles(&study.data),
                is_estimate: spec.kind != Kind::Generic
                    && matches!(study.data, StudyData::Estimate(_)),
                is_divided: matches!(study.shared_control, Some(SharedControl::Divided { .. })),
                is_combined: matches!(study.shared_control, Some(SharedControl::Combined { .. })),
            }
        })
        .collect()
}

/// Whether a mean of the study was estimated from quantiles.
pub(super) fn is_from_quantiles(data: &StudyData) -> bool {
    matches!(data, StudyData::Means(means) if means.quantiles1.is_some() || means.quantiles2.is_some())
}

/// Whether the study has a zero that rules for zeros look at.
fn has_zero(data: &StudyData) -> bool {
    match data {
        StudyData::Counts(counts) => counts.has_zero_cell(),
        StudyData::Proportion(group) => group.events == 0.0 || group.events == group.total,
        StudyData::Rates(rates) => rates.has_zero(),
        StudyData::Rate(rate) => rate.events == 0.0,
        StudyData::Means(_) | StudyData::Correlation(_) | StudyData::Estimate(_) => false,
    }
}

/// Whether the zero rule adds to a study's counts.
fn adds_to(spec: &Analysis, data: &StudyData, any_zero: bool) -> bool {
    let is_counted =
        !matches!(data, StudyData::Means(_) | StudyData::Correlation(_) | StudyData::Estimate(_));
    match spec.model.method {
        Method::Peto | Method::UnconditionalMixed | Method::ConditionalMixed => false,
        Method::MantelHaenszel => has_zero(data),
        Method::EqualEffects | Method::RandomEffects(_) => {
            is_counted
                && spec.zero_cells.add > 0.0
                && match spec.zero_cells.to {
                    AddTo::All => true,
                    AddTo::OnlyZero => has_zero(data),
                    AddTo::IfAnyZero => any_zero,
                    AddTo::None => false,
                }
        }
    }
}

/// Events and participants of a group, where both are known.
pub(super) fn group_view(total: GroupTotal, numbers: Numbers<'_>) -> Option<GroupView> {
    let (events, participants) = total.events.zip(total.participants)?;
    Some(GroupView {
        events: numbers.count(events),
        total: numbers.count(participants),
        percent: numbers.percent(events, participants),
    })
}
