//! Survival curves of an analysis, in words' reach.

use super::QView;
use super::text::reason_code;
use super::works::{SurvivalWorks, survival_works};
use crate::analysis::{Reason, SurvivalFindings, SurvivalGroup};
use crate::report::metafor;
use crate::report::number::Numbers;
use crate::report::plots::survival_curves::{
    self, SurvivalOptions, SurvivalView as CurvesView, survival_curves,
};
use crate::report::scale::IntervalText;
use crate::report::verdict::is_significant;
use crate::spec::SurvivalAnalysis;
use crate::stats::survival::IntervalScale;
use serde::Serialize;

/// The section of an analysis of patients' times to an event.
#[derive(Debug, Clone, Serialize)]
pub struct SurvivalView {
    /// Id of the analysis.
    pub id: String,
    /// Number in the report, from 1.
    pub number: usize,
    /// Title.
    pub title: String,
    /// Paragraphs of the author.
    pub note: Vec<String>,
    /// Confidence level in percent.
    pub level: String,
    /// Unit of time.
    pub unit: String,
    /// Code of the scale of the intervals.
    pub intervals: &'static str,
    /// Patients.
    pub patients: String,
    /// Patients with the event.
    pub events: String,
    /// The landmarks, as printed.
    pub landmarks: Vec<String>,
    /// The curves.
    pub curves: Option<CurvesView>,
    /// Code of the reason why there are none.
    pub curves_reason: Option<&'static str>,
    /// Whether the curves have confidence bands.
    pub has_bands: bool,
    /// The groups.
    pub groups: Vec<SurvivalGroupRow>,
    /// The log-rank test.
    pub log_rank: Option<QView>,
    /// Code of the reason why there is none.
    pub log_rank_reason: Option<&'static str>,
    /// Whether the groups differ significantly.
    pub differ: bool,
    /// What it cites.
    pub works: SurvivalWorks,
    /// The call that reproduces the analysis in R's survival.
    pub metafor_call: String,
}

/// One group.
#[derive(Debug, Clone, Serialize)]
pub struct SurvivalGroupRow {
    /// Its name.
    pub name: String,
    /// Patients.
    pub patients: String,
    /// Patients with the event.
    pub events: String,
    /// Median time; none where the curve does not fall to one half.
    pub median: Option<String>,
    /// Interval of the median; a limit that the curve does not reach is a dash.
    pub median_interval: IntervalText,
    /// What the curve is at each landmark.
    pub landmarks: Vec<Option<LandmarkView>>,
    /// Code of the reason why there is no curve.
    pub reason: Option<&'static str>,
}

/// A curve at a landmark.
#[derive(Debug, Clone, Serialize)]
pub struct LandmarkView {
    /// Patients at risk.
    pub at_risk: String,
    /// Survival, percent.
    pub survival: String,
    /// Its interval, percent.
    pub interval: Option<IntervalText>,
}

pub(super) fn survival_view(
    number: usize,
    spec: &SurvivalAnalysis,
    found: &SurvivalFindings,
    numbers: Numbers<'_>,
) -> SurvivalView {
    let total = |part: fn(&SurvivalGroup) -> usize| {
        numbers.count(found.groups.iter().map(part).sum::<usize>() as f64)
    };
    let log_rank = found.log_rank.as_ref();
    SurvivalView {
        id: spec.id.clone(),
        number,
        title: spec.title.clone(),
        note: spec.note.clone(),
        level: numbers.shortest(100.0 * spec.level),
        unit: spec.unit.clone(),
        intervals: interval_code(spec.intervals),
        patients: total(|group| group.patients),
        events: total(|group| group.events),
        landmarks: spec.landmarks.iter().map(|time| numbers.shortest(*time)).collect(),
        curves: curves(found),
        curves_reason: curves_reason(found),
        has_bands: has_bands(found),
        groups: found.groups.iter().map(|group| group_row(spec, group, numbers)).collect(),
        log_rank: log_rank.ok().map(|test| QView {
            value: numbers.q(test.statistic),
            df: numbers.fixed(test.df, 0),
            p: numbers.p_relation(test.p_value, 1.0 - spec.level),
        }),
        log_rank_reason: log_rank
            .err()
            .filter(|_| found.groups.len() > 1)
            .map(|reason| reason_code(*reason)),
        works: survival_works(found),
        metafor_call: metafor::survival_call(spec),
        differ: log_rank.is_ok_and(|test| is_significant(test.p_value, 1.0 - spec.level)),
    }
}

/// The most groups whose bands can be told apart.
const MOST_BANDS: usize = 3;

fn has_bands(found: &SurvivalFindings) -> bool {
    found.groups.len() <= MOST_BANDS
}

fn curves(found: &SurvivalFindings) -> Option<CurvesView> {
    let groups: Vec<survival_curves::SurvivalGroup<'_>> = found
        .groups
        .iter()
        .filter_map(|group| {
            let curve = group.curve.as_ref().ok()?;
            Some(survival_curves::SurvivalGroup { label: &group.name, curve })
        })
        .collect();
    let options = SurvivalOptions { end: None, has_bands: has_bands(found), has_medians: true };
    survival_curves(&groups, options)
}

/// Why no group has a curve, where none has.
fn curves_reason(found: &SurvivalFindings) -> Option<&'static str> {
    let reasons: Vec<_> = found.groups.iter().map(|group| group.curve.as_ref().err()).collect();
    if reasons.is_empty() {
        return Some(reason_code(Reason::NoStudy));
    }
    reasons.into_iter().collect::<Option<Vec<_>>>()?.first().map(|reason| reason_code(**reason))
}

/// R's name of a scale of intervals.
pub(in crate::report) fn interval_code(scale: IntervalScale) -> &'static str {
    match scale {
        IntervalScale::Plain => "plain",
        IntervalScale::Log => "log",
        IntervalScale::LogLog => "log-log",
    }
}

fn group_row(
    spec: &SurvivalAnalysis,
    group: &SurvivalGroup,
    numbers: Numbers<'_>,
) -> SurvivalGroupRow {
    let level = numbers.shortest(100.0 * spec.level);
    let curve = group.curve.as_ref().ok();
    let median = curve.map(|curve| curve.median());
    let time = |time: Option<f64>| time.map(|time| numbers.shortest(time));
    let limit = |limit: Option<f64>| time(limit).unwrap_or_else(|| "\u{2013}".to_owned());
    SurvivalGroupRow {
        name: group.name.clone(),
        patients: numbers.count(group.patients as f64),
        events: numbers.count(group.events as f64),
        median: median.as_ref().and_then(|median| time(median.time)),
        median_interval: IntervalText::new(
            numbers,
            limit(median.as_ref().and_then(|median| median.lower)),
            limit(median.as_ref().and_then(|median| median.upper)),
            &level,
        ),
        landmarks: spec
            .landmarks
            .iter()
            .map(|landmark| {
                let rate = curve?.at(*landmark)?;
                let percent = |part: f64| numbers.percent(part, 1.0);
                Some(LandmarkView {
                    at_risk: numbers.count(rate.at_risk as f64),
                    survival: percent(rate.survival),
                    interval: rate.interval.map(|(lower, upper)| {
                        IntervalText::new(numbers, percent(lower), percent(upper), &level)
                    }),
                })
            })
            .collect(),
        reason: group.curve.as_ref().err().map(|reason| reason_code(*reason)),
    }
}
