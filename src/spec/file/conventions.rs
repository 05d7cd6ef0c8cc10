//! The conventions that a spec names.

use super::super::conventions::{DlCentre, ISquaredSource, StudyInterval};
use super::super::mapping::Mapping;
use super::inherit;
use crate::diagnostic::Diagnostic;
use crate::stats::binary::CorrectedTotal;
use crate::stats::continuous::{
    BiasCorrection, DifferenceVariance, RatioEstimate, StandardisedVariance,
};
use crate::stats::pooling::inverse_variance::PredictionReference;
use crate::stats::pooling::mantel_haenszel::RiskDifferenceVariance;
use crate::stats::quantile_summary::MeanMethod;

/// The conventions that a spec names.
#[derive(Debug, Default, Clone)]
pub(in crate::spec) struct ConventionsFile {
    pub(in crate::spec) rr_total: Option<CorrectedTotal>,
    pub(in crate::spec) rd_corrected: Option<bool>,
    pub(in crate::spec) mh_corrected: Option<bool>,
    pub(in crate::spec) rd_variance: Option<RiskDifferenceVariance>,
    pub(in crate::spec) dl_centre: Option<DlCentre>,
    pub(in crate::spec) i_squared: Option<ISquaredSource>,
    pub(in crate::spec) prediction: Option<Option<PredictionReference>>,
    pub(in crate::spec) md_variance: Option<DifferenceVariance>,
    pub(in crate::spec) smd_variance: Option<StandardisedVariance>,
    pub(in crate::spec) smd_correction: Option<BiasCorrection>,
    pub(in crate::spec) rom: Option<RatioEstimate>,
    pub(in crate::spec) from_quantiles: Option<MeanMethod>,
    pub(in crate::spec) study_interval: Option<StudyInterval>,
}

impl ConventionsFile {
    pub(super) fn read(mut map: Mapping<'_>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let conventions = Self {
            rr_total: map.choice(
                "rr_total",
                &[
                    ("both-cells", CorrectedTotal::BothCells),
                    ("event-cell", CorrectedTotal::EventCell),
                ],
                diagnostics,
            ),
            rd_corrected: map.choice(
                "rd_estimate",
                &[("corrected", true), ("plain", false)],
                diagnostics,
            ),
            mh_corrected: map.choice(
                "mh_sums",
                &[("corrected", true), ("plain", false)],
                diagnostics,
            ),
            rd_variance: map.choice(
                "rd_variance",
                &[
                    ("sato", RiskDifferenceVariance::Sato),
                    ("greenland-robins", RiskDifferenceVariance::GreenlandRobins),
                ],
                diagnostics,
            ),
            dl_centre: map.choice(
                "dl_centre",
                &[
                    ("inverse-variance", DlCentre::InverseVariance),
                    ("mantel-haenszel", DlCentre::MantelHaenszel),
                ],
                diagnostics,
            ),
            i_squared: map.choice(
                "i_squared",
                &[("tau2", ISquaredSource::TauSquared), ("q", ISquaredSource::Q)],
                diagnostics,
            ),
            prediction: map.choice(
                "prediction",
                &[
                    ("model", Some(PredictionReference::Model)),
                    ("t-k-1", Some(PredictionReference::ResidualDf)),
                    ("t-k-2", Some(PredictionReference::ResidualDfMinusOne)),
                    ("none", None),
                ],
                diagnostics,
            ),
            md_variance: map.choice(
                "md_variance",
                &[
                    ("separate", DifferenceVariance::Separate),
                    ("pooled", DifferenceVariance::Pooled),
                ],
                diagnostics,
            ),
            smd_variance: map.choice("smd_variance", &STANDARDISED_VARIANCES, diagnostics),
            smd_correction: map.choice(
                "smd_correction",
                &[("exact", BiasCorrection::Exact), ("approximate", BiasCorrection::Approximate)],
                diagnostics,
            ),
            rom: map.choice(
                "rom",
                &[
                    ("plain", RatioEstimate::Plain),
                    ("bias-corrected", RatioEstimate::BiasCorrected),
                ],
                diagnostics,
            ),
            from_quantiles: map.choice(
                "mean_from_median",
                &[("luo", MeanMethod::Luo), ("wan", MeanMethod::Wan)],
                diagnostics,
            ),
            study_interval: map.choice(
                "study_interval",
                &[
                    ("wald", StudyInterval::Wald),
                    ("clopper-pearson", StudyInterval::ClopperPearson),
                    ("wilson", StudyInterval::Wilson),
                ],
                diagnostics,
            ),
        };
        map.close(diagnostics);
        conventions
    }

    pub(super) fn over(self, defaults: &Self) -> Self {
        inherit!(self, defaults, {
            rr_total,
            rd_corrected,
            mh_corrected,
            rd_variance,
            dl_centre,
            i_squared,
            prediction,
            md_variance,
            smd_variance,
            smd_correction,
            rom,
            from_quantiles,
            study_interval,
        })
    }
}

/// The sampling variances of a standardised difference, by metafor's `vtype`.
pub(in crate::spec) const STANDARDISED_VARIANCES: [(&str, StandardisedVariance); 5] = [
    ("LS", StandardisedVariance::LargeSample),
    ("LS2", StandardisedVariance::LargeSampleScaled),
    ("UB", StandardisedVariance::Unbiased),
    ("AV", StandardisedVariance::AverageEffect),
    ("revman", StandardisedVariance::RevMan),
];
