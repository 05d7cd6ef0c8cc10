//! The studies of an analysis as data.

use super::results::describe;
use crate::analysis::{GroupTotal, StudyFinding, Totals};
use crate::data::{Precision, SharedControl, StudyData};
use serde::Serialize;

#[derive(Debug, Clone, Serialize)]
pub(super) struct StudyResults {
    study: String,
    #[serde(flatten)]
    data: DataResults,
    yi: Option<f64>,
    vi: Option<f64>,
    ci_lb: Option<f64>,
    ci_ub: Option<f64>,
    /// The exact interval of its proportion, where the analysis wants one.
    #[serde(skip_serializing_if = "Option::is_none")]
    ci_exact: Option<[f64; 2]>,
    /// Percent.
    weight: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<String>,
    /// What became of a control group that several arms of the trial share.
    #[serde(skip_serializing_if = "Option::is_none")]
    shared_control: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// What the effect was computed from.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
enum DataResults {
    Counts { events1: u64, total1: u64, events2: u64, total2: u64 },
    Means(MeansResults),
    Proportion { events: u64, total: u64 },
    Rates { events1: u64, time1: f64, events2: u64, time2: f64 },
    Rate { events: u64, time: f64 },
    Correlation { r: f64, n: u64 },
    Estimate { reported: &'static str, n: Option<u64> },
}

#[derive(Debug, Clone, Serialize)]
struct MeansResults {
    mean1: f64,
    sd1: f64,
    n1: u64,
    mean2: f64,
    sd2: f64,
    n2: u64,
    /// Whether the means were estimated from quantiles.
    from_quantiles: bool,
}

/// Sums over the studies of an analysis; what no study gives is left out.
#[derive(Debug, Clone, Serialize)]
pub(super) struct TotalResults {
    #[serde(skip_serializing_if = "Option::is_none")]
    events1: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total1: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time1: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    events2: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total2: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time2: Option<f64>,
}

impl StudyResults {
    pub(super) fn of(found: &StudyFinding) -> Self {
        let effect = found.effect.as_ref().ok();
        Self {
            study: found.study.label.clone(),
            data: DataResults::of(&found.study.data),
            yi: effect.map(|effect| effect.effect.estimate),
            vi: effect.map(|effect| effect.effect.variance),
            ci_lb: effect.map(|effect| effect.ci_lower),
            ci_ub: effect.map(|effect| effect.ci_upper),
            ci_exact: found.exact.map(|(lower, upper)| [lower, upper]),
            weight: found.weight,
            cluster: found.study.cluster.clone(),
            shared_control: found.study.shared_control.map(|shared| match shared {
                SharedControl::Divided { .. } => "divided",
                SharedControl::Combined { .. } => "combined",
            }),
            reason: found.effect.as_ref().err().map(|reason| describe(*reason)),
        }
    }
}

/// Counts are whole numbers below 2^53.
fn whole(count: f64) -> u64 {
    count as u64
}

impl DataResults {
    fn of(data: &StudyData) -> Self {
        match data {
            StudyData::Counts(counts) => Self::Counts {
                events1: whole(counts.events1),
                total1: whole(counts.total1),
                events2: whole(counts.events2),
                total2: whole(counts.total2),
            },
            StudyData::Means(means) => Self::Means(MeansResults {
                mean1: means.moments.mean1,
                sd1: means.moments.sd1,
                n1: whole(means.moments.n1),
                mean2: means.moments.mean2,
                sd2: means.moments.sd2,
                n2: whole(means.moments.n2),
                from_quantiles: means.quantiles1.is_some() || means.quantiles2.is_some(),
            }),
            StudyData::Proportion(group) => {
                Self::Proportion { events: whole(group.events), total: whole(group.total) }
            }
            StudyData::Rates(rates) => Self::Rates {
                events1: whole(rates.events1),
                time1: rates.time1,
                events2: whole(rates.events2),
                time2: rates.time2,
            },
            StudyData::Rate(rate) => Self::Rate { events: whole(rate.events), time: rate.time },
            StudyData::Correlation(correlation) => {
                Self::Correlation { r: correlation.coefficient, n: whole(correlation.n) }
            }
            StudyData::Estimate(estimate) => Self::Estimate {
                reported: match estimate.precision {
                    Precision::Variance => "vi",
                    Precision::StandardError => "sei",
                    Precision::Interval => "ci",
                },
                n: estimate.n.map(whole),
            },
        }
    }
}

impl TotalResults {
    pub(super) fn of(totals: &Totals) -> Self {
        let [first, second] = [totals.group1, totals.group2].map(|group| {
            let GroupTotal { events, participants, time } = group;
            (events.map(whole), participants.map(whole), time)
        });
        Self {
            events1: first.0,
            total1: first.1,
            time1: first.2,
            events2: second.0,
            total2: second.1,
            time2: second.2,
        }
    }
}
