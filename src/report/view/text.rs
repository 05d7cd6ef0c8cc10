//! Numbers of a result as texts.

use super::QView;
use crate::analysis::{Pooled, Reason};
use crate::report::number;
use crate::stats::heterogeneity::CochranQ;

/// I² with one decimal; a value that is not zero does not print as zero.
pub(super) fn i_squared_text(pooled: &Pooled) -> Option<String> {
    pooled
        .inconsistency
        .ok()
        .map(|inconsistency| number::fixed_beside(inconsistency.i_squared, 0.0, 1))
}

pub(super) fn tau_squared_text(value: f64) -> String {
    number::fixed_beside(value, 0.0, 3)
}

pub(super) fn q_view(q: &CochranQ) -> QView {
    QView {
        value: number::fixed(q.statistic, 2),
        df: number::fixed(q.df, 0),
        p: number::p_relation(q.p_value, 0.05),
    }
}

/// A setting with no more decimals than it has: `95`, `99.9`, `0.5`.
pub(super) fn shortest(value: f64) -> String {
    (0..6)
        .map(|decimals| number::fixed(value, decimals))
        .find(|text| text.parse::<f64>().is_ok_and(|parsed| (parsed - value).abs() < 1e-9))
        .unwrap_or_else(|| number::fixed(value, 6))
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
