//! Forest plots: of the studies of an analysis, and of the analyses of a review.

use super::axis::{Axis, Side};
use super::forest_groups::{ForestGroup, forest_groups};
use super::study_label::StudyLabel;
use crate::analysis::{Findings, Pooled, StudyFinding};
use crate::data::StudyData;
use crate::report::number::Numbers;
use crate::report::scale::{EffectPrinter, EffectText, PrintScale};
use crate::report::style::Pattern;
use crate::report::verdict::is_significant;
use crate::report::view::DataColumns;
use crate::spec::{Analysis, Measure};
use serde::Serialize;

/// A forest plot.
#[derive(Debug, Clone, Serialize)]
pub struct ForestView<Row> {
    /// The rows from top to bottom.
    pub rows: Vec<Row>,
    /// The horizontal axis.
    pub axis: Axis,
    /// The subgroups of a plot of studies, from top to bottom; empty where it has none.
    pub groups: Vec<ForestGroup>,
    /// The pooled effect of a plot of studies.
    pub summary: Option<SummaryRow>,
    /// Lines that it has between its header and its last row: rows, headings, subtotals.
    pub lines: usize,
}

/// A study.
#[derive(Debug, Clone, Serialize)]
pub struct StudyRow {
    /// Its label.
    pub label: String,
    /// The same in pieces, where the style cites the study in it.
    pub cited: Option<StudyLabel>,
    /// Its data, one cell a column.
    pub cells: Vec<String>,
    /// Its weight in percent, if it has one.
    pub weight: Option<String>,
    /// Its effect as text, if it has one.
    pub effect: Option<EffectText>,
    /// Its effect as a mark.
    pub marker: Option<MarkerView>,
}

/// The pooled effect.
#[derive(Debug, Clone, Serialize)]
pub struct SummaryRow {
    /// The effect as text.
    pub effect: EffectText,
    /// Sum of the weights.
    pub weight: String,
    /// The diamond.
    pub diamond: IntervalView,
    /// The centre of the diamond.
    pub at: f64,
    /// The prediction interval.
    pub prediction: Option<IntervalView>,
}

/// An analysis.
#[derive(Debug, Clone, Serialize)]
pub struct OverviewRow {
    /// Its title.
    pub label: String,
    /// Number of studies.
    pub k: String,
    /// Its pooled effect as text, if it has one.
    pub effect: Option<EffectText>,
    /// P of the effect.
    pub p: Option<String>,
    /// Whether the effect is significant.
    pub is_significant: bool,
    /// The effect as a mark.
    pub marker: Option<MarkerView>,
}

/// A point with its interval.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MarkerView {
    /// Position of the estimate; `None` where it is beyond the axis.
    pub at: Option<f64>,
    /// Side of the square as a part of the largest; its area follows the weight.
    pub size: f64,
    /// The confidence interval.
    pub interval: IntervalView,
}

/// An interval on an axis; an end beyond it is drawn as an arrow.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IntervalView {
    /// Left end, 0 to 1.
    pub from: f64,
    /// Right end, 0 to 1.
    pub to: f64,
    /// Whether the left end lies beyond the axis.
    pub arrow_left: bool,
    /// Whether the right end lies beyond the axis.
    pub arrow_right: bool,
}

/// The forest plot of an analysis, which has this number in the report.
#[must_use]
pub fn study_forest(
    number: usize,
    spec: &Analysis,
    findings: &Findings,
    numbers: Numbers<'_>,
) -> ForestView<StudyRow> {
    let printer = EffectPrinter::of(spec, findings, numbers);
    let scale = printer.scale();
    let pooled = findings.pooled.as_ref().ok();
    let mut essential = Vec::new();
    let mut wanted = Vec::new();
    for effect in findings.studies.iter().filter_map(|study| study.effect.as_ref().ok()) {
        essential.push(effect.effect.estimate);
        wanted.extend([effect.ci_lower, effect.ci_upper]);
    }
    let subgroups = findings.subgroups.iter().flat_map(|found| &found.groups);
    for pooled in pooled.into_iter().chain(subgroups.filter_map(|group| group.pooled.as_ref().ok()))
    {
        essential.extend([pooled.effect.ci_lower, pooled.effect.ci_upper]);
    }
    if let Some(pooled) = pooled {
        wanted.extend(pooled.prediction.iter().flat_map(|(lower, upper)| [*lower, *upper]));
    }
    let axis = axis_of(scale, &essential, &wanted, numbers);
    let data: Vec<StudyData> = findings.studies.iter().map(|study| study.study.data).collect();
    let columns = DataColumns::new(spec, &data, &numbers.style().forest.data, numbers);
    let label = &numbers.style().forest.study_label;
    let weights: Vec<f64> =
        findings.studies.iter().map(|study| study.weight.unwrap_or(0.0)).collect();
    let heaviest = weights.iter().copied().fold(0.0, f64::max);
    let printed_weights = numbers.weights(&weights);
    let rows: Vec<StudyRow> = findings
        .studies
        .iter()
        .zip(printed_weights)
        .map(|(study, weight)| study_row(printer, &columns, label, study, weight, heaviest, &axis))
        .collect();
    let has_weights = findings.studies.iter().any(|study| study.weight.is_some());
    let summary = pooled.map(|pooled| SummaryRow {
        prediction: pooled
            .prediction
            .ok()
            .map(|(lower, upper)| interval(&axis, scale, lower, upper)),
        ..summary_row(
            printer,
            pooled,
            if has_weights { numbers.whole_weight() } else { String::new() },
            &axis,
        )
    });
    let groups = forest_groups(number, spec, findings, &columns, numbers, |group, pooled| {
        let weight =
            if has_weights { numbers.weight_of(&weights, &group.studies) } else { String::new() };
        summary_row(printer.of_members(findings, &group.studies), pooled, weight, &axis)
    });
    let lines = rows.len() + groups.iter().map(ForestGroup::lines).sum::<usize>();
    ForestView { rows, axis, groups, summary, lines }
}

/// A pooled effect, without a prediction interval.
fn summary_row(
    printer: EffectPrinter<'_>,
    pooled: &Pooled,
    weight: String,
    axis: &Axis,
) -> SummaryRow {
    let scale = printer.scale();
    SummaryRow {
        effect: printer.pooled(pooled),
        weight,
        diamond: interval(axis, scale, pooled.effect.ci_lower, pooled.effect.ci_upper),
        at: axis.position(scale.on_axis(pooled.effect.estimate)).1,
        prediction: None,
    }
}

fn study_row(
    printer: EffectPrinter<'_>,
    columns: &DataColumns<'_>,
    label: &Pattern,
    study: &StudyFinding,
    weight: String,
    heaviest: f64,
    axis: &Axis,
) -> StudyRow {
    let effect = study.effect.as_ref().ok();
    let printer = printer.of_study(&study.study.data);
    let scale = printer.scale();
    let label = StudyLabel::new(&study.study, label);
    StudyRow {
        label: label.text(),
        cited: (!label.citations.is_empty()).then_some(label),
        cells: columns.cells(&study.study.data),
        weight: study.weight.map(|_| weight),
        effect: effect.map(|effect| {
            let interval = match study.exact {
                Some(limits) => printer.of_proportions().interval(limits),
                None => printer.interval((effect.ci_lower, effect.ci_upper)),
            };
            printer.effect_in(effect.effect.estimate, interval)
        }),
        marker: effect.map(|effect| {
            let share = study.weight.map_or(0.0, |weight| weight / heaviest);
            // light studies stay visible
            let size = if share.is_finite() { share.sqrt().max(0.2) } else { 0.2 };
            let limits = (effect.ci_lower, effect.ci_upper);
            let wald = marker(axis, scale, effect.effect.estimate, limits, size);
            match study.exact {
                Some((lower, upper)) => MarkerView {
                    interval: interval(axis, printer.of_proportions().scale(), lower, upper),
                    ..wald
                },
                None => wald,
            }
        }),
    }
}

/// The forest plot of the pooled effects of analyses that share a measure.
#[must_use]
pub fn overview_forest<'a>(
    measure: Measure,
    analyses: impl Iterator<Item = (&'a Analysis, &'a Findings)>,
    numbers: Numbers<'_>,
) -> ForestView<OverviewRow> {
    let analyses: Vec<_> = analyses.collect();
    let mut essential = Vec::new();
    let mut wanted = Vec::new();
    for pooled in analyses.iter().filter_map(|(_, findings)| findings.pooled.as_ref().ok()) {
        essential.push(pooled.effect.estimate);
        wanted.extend([pooled.effect.ci_lower, pooled.effect.ci_upper]);
    }
    let of_measure = PrintScale::of_measure(measure);
    let axis = axis_of(of_measure, &essential, &wanted, numbers);
    let rows: Vec<OverviewRow> = analyses
        .into_iter()
        .map(|(spec, findings)| {
            let pooled = findings.pooled.as_ref().ok();
            let alpha = 1.0 - spec.model.level;
            let printer = EffectPrinter::of(spec, findings, numbers);
            let scale = printer.scale();
            let limits =
                |effect: &crate::stats::pooling::Inference| (effect.ci_lower, effect.ci_upper);
            OverviewRow {
                label: spec.title.clone(),
                k: pooled.map_or_else(|| findings.studies.len(), |pooled| pooled.k).to_string(),
                effect: pooled.map(|pooled| printer.pooled(pooled)),
                p: pooled
                    .filter(|_| !measure.is_single_group())
                    .map(|pooled| numbers.p_cell(pooled.effect.p_value, alpha)),
                is_significant: pooled.is_some_and(|pooled| {
                    !measure.is_single_group() && is_significant(pooled.effect.p_value, alpha)
                }),
                marker: pooled.map(|pooled| {
                    marker(&axis, scale, pooled.effect.estimate, limits(&pooled.effect), 0.6)
                }),
            }
        })
        .collect();
    ForestView { lines: rows.len(), rows, axis, groups: Vec::new(), summary: None }
}

pub(super) fn axis_of(
    scale: PrintScale,
    essential: &[f64],
    wanted: &[f64],
    numbers: Numbers<'_>,
) -> Axis {
    let on_axis = |values: &[f64]| values.iter().map(|x| scale.on_axis(*x)).collect::<Vec<_>>();
    let (essential, wanted) = (on_axis(essential), on_axis(wanted));
    match scale.null() {
        Some(1.0) => Axis::ratio(&essential, &wanted, numbers.style().forest.ratio_reach, numbers),
        Some(_) => Axis::difference(&essential, &wanted, numbers),
        None => Axis::amount(&essential, &wanted, scale.most(), numbers),
    }
}

fn marker(
    axis: &Axis,
    scale: PrintScale,
    estimate: f64,
    (lower, upper): (f64, f64),
    size: f64,
) -> MarkerView {
    let (side, at) = axis.position(scale.on_axis(estimate));
    MarkerView {
        at: (side == Side::Inside).then_some(at),
        size: (size * 1e4).round() / 1e4,
        interval: interval(axis, scale, lower, upper),
    }
}

pub(super) fn interval(axis: &Axis, scale: PrintScale, lower: f64, upper: f64) -> IntervalView {
    let (left, from) = axis.position(scale.on_axis(lower));
    let (right, to) = axis.position(scale.on_axis(upper));
    IntervalView { from, to, arrow_left: left != Side::Inside, arrow_right: right != Side::Inside }
}
