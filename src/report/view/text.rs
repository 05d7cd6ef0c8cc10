//! Numbers of a result as texts.

use super::QView;
use crate::analysis::{Pooled, Reason};
use crate::report::number::Numbers;
use crate::report::style::{Parts, Run};
use crate::stats::heterogeneity::CochranQ;
use crate::stats::pooling::Reference;

pub(super) fn i_squared_text(pooled: &Pooled, numbers: Numbers<'_>) -> Option<String> {
    pooled.inconsistency.ok().map(|inconsistency| numbers.i_squared(inconsistency.i_squared))
}

pub(super) fn tau_squared_text(pooled: &Pooled, numbers: Numbers<'_>) -> Option<String> {
    pooled.tau_squared.ok().map(|tau_squared| numbers.variance(tau_squared.value))
}

pub(super) fn q_view(q: &CochranQ, numbers: Numbers<'_>) -> QView {
    QView {
        value: numbers.q(q.statistic),
        df: numbers.fixed(q.df, 0),
        p: numbers.p_relation(q.p_value, 0.05),
    }
}

/// The statistics of a Q test by the names that patterns give them.
pub(super) fn q_runs(parts: &Parts, q: &CochranQ, numbers: Numbers<'_>) -> Vec<Run> {
    parts.runs(|name| q_value(name, q, numbers))
}

/// One statistic of a Q test.
pub(super) fn q_value(name: &str, q: &CochranQ, numbers: Numbers<'_>) -> Option<Vec<Run>> {
    match name {
        "q" => Some(vec![Run::plain(numbers.q(q.statistic))]),
        "df" => Some(vec![Run::plain(numbers.fixed(q.df, 0))]),
        "p_q" => Some(numbers.p_runs(q.p_value, 0.05)),
        _ => None,
    }
}

/// One statistic of the test of a pooled effect.
pub(super) fn test_value(
    name: &str,
    pooled: &Pooled,
    alpha: f64,
    numbers: Numbers<'_>,
) -> Option<Vec<Run>> {
    let effect = &pooled.effect;
    let text = match (name, pooled.reference) {
        ("z", Reference::Normal) | ("t", Reference::T(_)) => {
            numbers.test_statistic(effect.statistic)
        }
        ("t_df", Reference::T(df)) => numbers.degrees(df),
        ("p", _) => return Some(numbers.p_runs(effect.p_value, alpha)),
        _ => return None,
    };
    Some(vec![Run::plain(text)])
}

/// The code by which the labels of every language name a reason.
#[must_use]
pub fn reason_code(reason: Reason) -> &'static str {
    match reason {
        Reason::NoStudy => "no-study",
        Reason::NoEstimableStudy => "no-estimable-study",
        Reason::NoEvent => "no-event",
        Reason::NothingButEvents => "nothing-but-events",
        Reason::DroppedStudy => "dropped-study",
        Reason::UndefinedMeasure => "undefined-measure",
        Reason::UndefinedPool => "undefined-pool",
        Reason::ZeroVariance => "zero-variance",
        Reason::OneStudy => "one-study",
        Reason::CommonEffect => "common-effect",
        Reason::NoLikelihood => "no-likelihood",
        Reason::NotInProfile => "not-in-profile",
        Reason::OneSubgroup => "one-subgroup",
        Reason::NotInverseVariance => "not-inverse-variance",
        Reason::OtherCentre => "other-centre",
        Reason::TooFewStudies => "too-few-studies",
        Reason::TooFewForPrediction => "too-few-for-prediction",
        Reason::UndefinedEffect => "undefined-effect",
        Reason::NotAllCounts => "not-all-counts",
        Reason::OddsRatiosOnly => "odds-ratios-only",
        Reason::MixedModel => "mixed-model",
        Reason::SeveralVariances => "several-variances",
        Reason::RobustInference => "robust-inference",
        Reason::ClusteredStudies => "clustered-studies",
        Reason::TooFewClusters => "too-few-clusters",
        Reason::OneStudyPerCluster => "one-study-per-cluster",
        Reason::TooFewForModel => "too-few-for-model",
        Reason::CollinearModerators => "collinear-moderators",
        Reason::ModeratorsDoNotVary => "moderators-do-not-vary",
        Reason::NoHeterogeneity => "no-heterogeneity",
        Reason::NoTest => "no-test",
        Reason::NoSampleSizes => "no-sample-sizes",
        Reason::NotSettled => "not-settled",
        Reason::EmptySelectionInterval => "empty-selection-interval",
        Reason::OutOfRange => "out-of-range",
        Reason::NoScatter => "no-scatter",
        Reason::TooManyParticipants => "too-many-participants",
        Reason::TooManyStudies => "too-many-studies",
        Reason::NotAskedFor => "not-asked-for",
    }
}
