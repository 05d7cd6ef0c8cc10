//! Survival curves as data.

use super::results::describe;
use super::view::interval_code;
use crate::analysis::{SurvivalFindings, SurvivalGroup};
use crate::spec::SurvivalAnalysis;
use crate::stats::survival::{Curve, Step};
use serde::Serialize;

/// One analysis of patients' times to an event.
#[derive(Debug, Clone, Serialize)]
pub struct SurvivalResults {
    review: String,
    id: String,
    kind: &'static str,
    level: f64,
    conf_type: &'static str,
    groups: Vec<GroupResults>,
    log_rank: Option<LogRankResults>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_rank_reason: Option<&'static str>,
}

#[derive(Debug, Clone, Serialize)]
struct GroupResults {
    group: String,
    n: usize,
    events: usize,
    /// R's names of a survfit object.
    curve: Option<CurveResults>,
    median: Option<f64>,
    median_lb: Option<f64>,
    median_ub: Option<f64>,
    landmarks: Vec<LandmarkResults>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

#[derive(Debug, Clone, Serialize)]
struct CurveResults {
    time: Vec<f64>,
    n_risk: Vec<usize>,
    n_event: Vec<usize>,
    n_censor: Vec<usize>,
    surv: Vec<f64>,
    lower: Vec<Option<f64>>,
    upper: Vec<Option<f64>>,
}

#[derive(Debug, Clone, Serialize)]
struct LandmarkResults {
    time: f64,
    n_risk: Option<usize>,
    surv: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
}

#[derive(Debug, Clone, Serialize)]
struct LogRankResults {
    chisq: f64,
    df: f64,
    pval: f64,
    observed: Vec<usize>,
    expected: Vec<f64>,
}

impl SurvivalResults {
    pub(super) fn of(review: &str, spec: &SurvivalAnalysis, found: &SurvivalFindings) -> Self {
        Self {
            review: review.to_owned(),
            id: spec.id.clone(),
            kind: "survival",
            level: 100.0 * spec.level,
            conf_type: interval_code(spec.intervals),
            groups: found.groups.iter().map(|group| GroupResults::of(spec, group)).collect(),
            log_rank: found.log_rank.as_ref().ok().map(|test| LogRankResults {
                chisq: test.statistic,
                df: test.df,
                pval: test.p_value,
                observed: test.observed.clone(),
                expected: test.expected.clone(),
            }),
            log_rank_reason: found.log_rank.as_ref().err().map(|reason| describe(*reason)),
        }
    }
}

impl GroupResults {
    fn of(spec: &SurvivalAnalysis, group: &SurvivalGroup) -> Self {
        let curve = group.curve.as_ref().ok();
        let median = curve.map(Curve::median);
        Self {
            group: group.name.clone(),
            n: group.patients,
            events: group.events,
            curve: curve.map(CurveResults::of),
            median: median.as_ref().and_then(|median| median.time),
            median_lb: median.as_ref().and_then(|median| median.lower),
            median_ub: median.as_ref().and_then(|median| median.upper),
            landmarks: spec
                .landmarks
                .iter()
                .map(|time| {
                    let rate = curve.and_then(|curve| curve.at(*time));
                    LandmarkResults {
                        time: *time,
                        n_risk: rate.as_ref().map(|rate| rate.at_risk),
                        surv: rate.as_ref().map(|rate| rate.survival),
                        lower: rate.as_ref().and_then(|rate| rate.interval).map(|(lower, _)| lower),
                        upper: rate.as_ref().and_then(|rate| rate.interval).map(|(_, upper)| upper),
                    }
                })
                .collect(),
            reason: group.curve.as_ref().err().map(|reason| describe(*reason)),
        }
    }
}

impl CurveResults {
    fn of(curve: &Curve) -> Self {
        fn list<T>(curve: &Curve, part: impl Fn(&Step) -> T) -> Vec<T> {
            curve.steps.iter().map(part).collect()
        }
        Self {
            time: list(curve, |step| step.time),
            n_risk: list(curve, |step| step.at_risk),
            n_event: list(curve, |step| step.events),
            n_censor: list(curve, |step| step.censored),
            surv: list(curve, |step| step.survival),
            lower: list(curve, |step| step.interval.map(|(lower, _)| lower)),
            upper: list(curve, |step| step.interval.map(|(_, upper)| upper)),
        }
    }
}
