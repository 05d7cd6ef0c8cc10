//! The resolved choices of an analysis as data, by the words of the spec.

use crate::spec::{Analysis, DlCentre, ISquaredSource, MultiArm, StudyInterval, Trimming};
use crate::stats::binary::{AddTo, CorrectedTotal};
use crate::stats::continuous::{
    BiasCorrection, DifferenceVariance, RatioEstimate, StandardisedVariance,
};
use crate::stats::pooling::inverse_variance::{PredictionReference, Test};
use crate::stats::pooling::mantel_haenszel::RiskDifferenceVariance;
use crate::stats::quantile_summary::MeanMethod;
use crate::stats::small_study::trim_and_fill::MissingEstimator;
use serde::Serialize;

/// The resolved choices in which programs differ, by the words of the spec.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ConventionResults {
    pub(super) add: f64,
    pub(super) to: &'static str,
    pub(super) drop00: bool,
    pub(super) rr_total: &'static str,
    pub(super) rd_estimate: &'static str,
    pub(super) mh_sums: &'static str,
    pub(super) rd_variance: &'static str,
    pub(super) dl_centre: &'static str,
    pub(super) i_squared: &'static str,
    pub(super) prediction: &'static str,
    pub(super) md_variance: &'static str,
    pub(super) smd_variance: &'static str,
    pub(super) smd_correction: &'static str,
    pub(super) rom: &'static str,
    pub(super) mean_from_median: &'static str,
    pub(super) regression_model: &'static str,
    pub(super) regression_predictor: &'static str,
    pub(super) trim_fill: &'static str,
    pub(super) trimming: &'static str,
    pub(super) multi_arm: Option<&'static str>,
    pub(super) study_interval: &'static str,
}

/// The resolved choices of an analysis.
pub(super) fn codes(spec: &Analysis) -> ConventionResults {
    let conventions = &spec.conventions;
    let corrected = |is_corrected| if is_corrected { "corrected" } else { "plain" };
    ConventionResults {
        add: spec.zero_cells.add,
        to: to_code(spec.zero_cells.to),
        drop00: spec.zero_cells.drop00,
        rr_total: match conventions.correction.risk_ratio_total {
            CorrectedTotal::BothCells => "both-cells",
            CorrectedTotal::EventCell => "event-cell",
        },
        rd_estimate: corrected(conventions.correction.corrects_risk_difference),
        mh_sums: corrected(conventions.mantel_haenszel.corrects_sums),
        rd_variance: match conventions.mantel_haenszel.risk_difference_variance {
            RiskDifferenceVariance::Sato => "sato",
            RiskDifferenceVariance::GreenlandRobins => "greenland-robins",
        },
        dl_centre: match conventions.dl_centre {
            DlCentre::InverseVariance => "inverse-variance",
            DlCentre::MantelHaenszel => "mantel-haenszel",
        },
        i_squared: match conventions.i_squared {
            ISquaredSource::TauSquared => "tau2",
            ISquaredSource::Q => "q",
        },
        prediction: match conventions.prediction {
            None => "none",
            Some(PredictionReference::Model) => "model",
            Some(PredictionReference::ResidualDf) => "t-k-1",
            Some(PredictionReference::ResidualDfMinusOne) => "t-k-2",
        },
        md_variance: match conventions.means.difference_variance {
            DifferenceVariance::Separate => "separate",
            DifferenceVariance::Pooled => "pooled",
        },
        smd_variance: match conventions.means.standardised_variance {
            StandardisedVariance::LargeSample => "LS",
            StandardisedVariance::LargeSampleScaled => "LS2",
            StandardisedVariance::Unbiased => "UB",
            StandardisedVariance::AverageEffect => "AV",
            StandardisedVariance::RevMan => "revman",
        },
        smd_correction: match conventions.means.correction {
            BiasCorrection::Exact => "exact",
            BiasCorrection::Approximate => "approximate",
        },
        rom: match conventions.means.ratio {
            RatioEstimate::Plain => "plain",
            RatioEstimate::BiasCorrected => "bias-corrected",
        },
        mean_from_median: match conventions.means.from_quantiles {
            MeanMethod::Luo => "luo",
            MeanMethod::Wan => "wan",
        },
        regression_model: spec.small_study.regression.scatter.name(),
        regression_predictor: spec.small_study.regression.predictor.name(),
        trim_fill: estimator_code(spec.small_study.estimator),
        trimming: match spec.small_study.trimming {
            Trimming::Own => "own",
            Trimming::Common => "common",
        },
        multi_arm: spec.multi_arm.map(|rule| match rule {
            MultiArm::Split => "split",
            MultiArm::Combine => "combine",
        }),
        study_interval: match conventions.study_interval {
            StudyInterval::Wald => "wald",
            StudyInterval::ClopperPearson => "clopper-pearson",
            StudyInterval::Wilson => "wilson",
        },
    }
}

/// metafor's code of the studies that a correction is added to.
pub(super) fn to_code(to: AddTo) -> &'static str {
    match to {
        AddTo::OnlyZero => "only0",
        AddTo::All => "all",
        AddTo::IfAnyZero => "if0all",
        AddTo::None => "none",
    }
}

/// metafor's name of an estimator of the number of missing studies.
pub(super) fn estimator_code(estimator: MissingEstimator) -> &'static str {
    match estimator {
        MissingEstimator::L0 => "L0",
        MissingEstimator::R0 => "R0",
        MissingEstimator::Q0 => "Q0",
    }
}

/// metafor's code of a test.
pub(super) fn test_code(test: Test) -> &'static str {
    match test {
        Test::Z => "z",
        Test::T => "t",
        Test::KnappHartung => "knha",
        Test::AdHoc => "adhoc",
    }
}
