//! The pooled result of an analysis.

use super::diagnostics::{DiagnosticsView, diagnostics_view};
use super::footer::heterogeneity_runs;
use super::text::{i_squared_text, q_view, reason_code, test_value};
use crate::analysis::{Findings, Pooled};
use crate::report::number::Numbers;
use crate::report::scale::{EffectPrinter, EffectText, IntervalText};
use crate::report::style::Run;
use crate::report::verdict::{HeterogeneityVerdict, PredictionVerdict, is_large_weight};
use crate::spec::Analysis;
use crate::stats::pooling::Reference;
use serde::Serialize;

/// A pooled result in words' reach.
#[derive(Debug, Clone, Serialize)]
pub struct ResultView {
    /// Number of studies.
    pub k: usize,
    /// Number of studies with an estimate of their own; a method that sums counts may use more.
    pub estimates: usize,
    /// Lowest estimate of a study.
    pub lowest: String,
    /// Highest estimate.
    pub highest: String,
    /// Whether more than half of the estimates lie above the null.
    pub majority_above: bool,
    /// Percentage of the estimates on the majority's side; none for one group.
    pub majority_percent: Option<String>,
    /// Pooled effect.
    pub effect: EffectText,
    /// Statistic, with its letter and degrees of freedom; none for one group.
    pub statistic: Option<StatisticView>,
    /// The test in the house style.
    pub statistic_runs: Vec<Run>,
    /// P with its relation; none for one group.
    pub p: Option<String>,
    /// Q test.
    pub q: Option<QView>,
    /// Heterogeneity in the house style.
    pub heterogeneity_runs: Vec<Run>,
    /// Verdict on heterogeneity.
    pub heterogeneity: HeterogeneityVerdict,
    /// τ², with its standard error.
    pub tau2: Option<EstimateWithError>,
    /// Whether τ² is above zero.
    pub has_tau2: bool,
    /// I², percent.
    pub i2: Option<String>,
    /// H².
    pub h2: Option<String>,
    /// Q-profile interval of τ².
    pub tau2_ci: Option<IntervalText>,
    /// Q-profile interval of I².
    pub i2_ci: Option<IntervalText>,
    /// The variances of a three-level model.
    pub components: Option<ComponentsView>,
    /// Number of clusters, where the model knows of them.
    pub clusters: Option<usize>,
    /// Whether the Q-profile interval is empty: no τ² of 0 or more is compatible with the data.
    pub is_tau2_interval_empty: bool,
    /// Prediction interval.
    pub prediction: Option<IntervalText>,
    /// What it says about direction; none of one group, or where the mean lies at the null.
    pub prediction_verdict: Option<PredictionVerdict>,
    /// Labels of studies with a large weight.
    pub large_weights: Vec<String>,
    /// Codes of what was not computed and why.
    pub not_computed: Vec<NotComputed>,
    /// What the diagnostics found, where there are any.
    pub diagnostics: Option<DiagnosticsView>,
}

/// The variances of a three-level model.
#[derive(Debug, Clone, Serialize)]
pub struct ComponentsView {
    /// Between clusters.
    pub between: String,
    /// Within clusters.
    pub within: String,
    /// Their parts of the total variance, percent.
    pub i2_between: String,
    /// Within clusters.
    pub i2_within: String,
}

/// Something that was not computed.
#[derive(Debug, Clone, Serialize)]
pub struct NotComputed {
    /// What.
    pub what: &'static str,
    /// Code of the reason.
    pub reason: &'static str,
}

/// A test statistic.
#[derive(Debug, Clone, Serialize)]
pub struct StatisticView {
    /// `z` or `t`.
    pub letter: &'static str,
    /// Degrees of freedom of t.
    pub df: Option<String>,
    /// Value.
    pub value: String,
}

/// Cochran's Q.
#[derive(Debug, Clone, Serialize)]
pub struct QView {
    /// Value.
    pub value: String,
    /// Degrees of freedom.
    pub df: String,
    /// P with its relation.
    pub p: String,
}

/// An estimate with its standard error.
#[derive(Debug, Clone, Serialize)]
pub struct EstimateWithError {
    /// Estimate.
    pub value: String,
    /// Standard error, where there is one.
    pub se: Option<String>,
}

pub(super) fn result_view(
    spec: &Analysis,
    findings: &Findings,
    pooled: &Pooled,
    numbers: Numbers<'_>,
) -> ResultView {
    let printer = EffectPrinter::of(spec, findings, numbers);
    let level = numbers.shortest(100.0 * spec.model.level);
    let interval = |lower: String, upper: String| IntervalText::new(numbers, lower, upper, &level);
    let is_single = spec.measure.is_single_group();
    let alpha = 1.0 - spec.model.level;
    let estimates: Vec<f64> = findings
        .studies
        .iter()
        .filter_map(|study| study.effect.as_ref().ok())
        .map(|effect| effect.effect.estimate)
        .collect();
    let extreme = |pick: fn(f64, f64) -> f64, start: f64| {
        let of_studies = findings.studies.iter().filter_map(|study| {
            let effect = study.effect.as_ref().ok()?;
            Some(printer.scale().of_study(&study.study.data).printed(effect.effect.estimate))
        });
        printer.estimate_printed(of_studies.fold(start, pick))
    };
    let above = estimates.iter().filter(|estimate| **estimate > 0.0).count();
    let share_above = above as f64 / estimates.len() as f64;
    let majority_above = share_above > 0.5;
    let majority = if majority_above { share_above } else { 1.0 - share_above };
    let q = pooled.q.ok();
    let intervals = pooled.intervals.ok().filter(|found| !found.tau_squared.is_empty);
    let large_weights = findings
        .studies
        .iter()
        .filter(|study| study.weight.is_some_and(|weight| is_large_weight(weight, pooled.k)))
        .map(|study| study.study.label.clone())
        .collect();
    ResultView {
        k: pooled.k,
        estimates: estimates.len(),
        lowest: extreme(f64::min, f64::INFINITY),
        highest: extreme(f64::max, f64::NEG_INFINITY),
        majority_above,
        majority_percent: (!is_single).then(|| numbers.fixed(100.0 * majority, 0)),
        effect: printer.pooled(pooled),
        statistic: (!is_single).then(|| StatisticView {
            letter: if pooled.reference == Reference::Normal { "z" } else { "t" },
            df: match pooled.reference {
                Reference::Normal => None,
                Reference::T(df) => Some(numbers.degrees(df)),
            },
            value: numbers.test_statistic(pooled.effect.statistic),
        }),
        statistic_runs: if is_single {
            Vec::new()
        } else {
            let overall = &numbers.style().statistics.overall;
            overall.runs(|name| test_value(name, pooled, alpha, numbers))
        },
        p: (!is_single).then(|| numbers.p_relation(pooled.effect.p_value, alpha)),
        q: q.map(|q| q_view(&q, numbers)),
        heterogeneity_runs: heterogeneity_runs(spec, pooled, numbers),
        heterogeneity: HeterogeneityVerdict::of(q.map(|q| q.p_value)),
        tau2: pooled.tau_squared.ok().map(|tau_squared| EstimateWithError {
            value: numbers.variance(tau_squared.value),
            se: tau_squared.standard_error.map(|error| numbers.variance(error)),
        }),
        has_tau2: pooled.tau_squared.is_ok_and(|tau_squared| tau_squared.value > 0.0),
        i2: i_squared_text(pooled, numbers),
        h2: pooled
            .inconsistency
            .ok()
            .map(|found| numbers.fixed(found.h_squared, numbers.style().numbers.decimals.h2)),
        tau2_ci: intervals.map(|intervals| {
            let limits = intervals.tau_squared;
            interval(numbers.variance(limits.lower), numbers.variance(limits.upper))
        }),
        i2_ci: intervals.map(|intervals| {
            let (lower, upper) = intervals.i_squared;
            interval(numbers.i_squared(lower), numbers.i_squared(upper))
        }),
        components: pooled.components.map(|components| ComponentsView {
            between: numbers.variance(components.between_clusters),
            within: numbers.variance(components.within_clusters),
            i2_between: numbers.i_squared(components.i_squared_between),
            i2_within: numbers.i_squared(components.i_squared_within),
        }),
        clusters: pooled.clusters,
        is_tau2_interval_empty: pooled.intervals.is_ok_and(|found| found.tau_squared.is_empty),
        prediction: pooled.prediction.ok().map(|limits| printer.interval(limits)),
        prediction_verdict: pooled
            .prediction
            .ok()
            .filter(|_| !is_single)
            .and_then(|interval| PredictionVerdict::of(pooled.effect.estimate, interval)),
        large_weights,
        not_computed: not_computed(pooled),
        diagnostics: diagnostics_view(spec, findings, numbers),
    }
}

fn not_computed(pooled: &Pooled) -> Vec<NotComputed> {
    let entries = [
        ("tau2", pooled.tau_squared.as_ref().err()),
        ("q", pooled.q.as_ref().err()),
        ("prediction", pooled.prediction.as_ref().err()),
    ];
    entries
        .into_iter()
        .filter_map(|(what, reason)| Some(NotComputed { what, reason: reason_code(*reason?) }))
        .collect()
}
