//! Choices in which programs differ, and what each profile says where a spec does not.

use super::check::has_mantel_haenszel;
use super::measure::{Kind, Measure};
use super::method::{Method, ZeroCellOptions};
use super::small_study::{
    FailSafeChoice, PredictorChoice, RegressionChoice, ScatterChoice, SmallStudy, Trimming,
};
use crate::stats::binary::{AddTo, CorrectedTotal, CorrectionConvention};
use crate::stats::continuous::{
    BiasCorrection, DifferenceVariance, RatioEstimate, StandardisedVariance,
};
use crate::stats::pooling::inverse_variance::{PredictionReference, Test};
use crate::stats::pooling::mantel_haenszel::{Convention, RiskDifferenceVariance};
use crate::stats::quantile_summary::MeanMethod;
use crate::stats::small_study::trim_and_fill::MissingEstimator;
use crate::stats::tau_squared::Estimator;

/// Choices in which programs differ; a profile makes them all, a spec any one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conventions {
    /// What the correction of zero cells enters.
    pub correction: CorrectionConvention,
    /// Sums and variance of the Mantel-Haenszel method.
    pub mantel_haenszel: Convention,
    /// The centre of the Q from which DerSimonian & Laird's τ² comes.
    pub dl_centre: DlCentre,
    /// Where I² and H² of a random-effects model come from.
    pub i_squared: ISquaredSource,
    /// The distribution of the prediction interval; none where the profile prints no interval.
    pub prediction: Option<PredictionReference>,
    /// Formulas of means and their differences.
    pub means: MeansConvention,
    /// The interval of a single study's proportion.
    pub study_interval: StudyInterval,
}

/// The interval of a single study's proportion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StudyInterval {
    /// Wald's, on the scale of the analysis.
    Wald,
    /// Exact (Clopper & Pearson 1934).
    ClopperPearson,
    /// Score (Wilson 1927).
    Wilson,
}

/// The formulas of means and their differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeansConvention {
    /// Sampling variance of a difference of means.
    pub difference_variance: DifferenceVariance,
    /// Sampling variance of a standardised difference.
    pub standardised_variance: StandardisedVariance,
    /// The factor J of a standardised difference.
    pub correction: BiasCorrection,
    /// How a ratio of means is estimated.
    pub ratio: RatioEstimate,
    /// How a mean is estimated from a median.
    pub from_quantiles: MeanMethod,
}

/// The centre of the Q from which DerSimonian & Laird's τ² comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DlCentre {
    /// The inverse-variance mean.
    InverseVariance,
    /// The Mantel-Haenszel estimate: RevMan's "M-H, Random".
    MantelHaenszel,
}

/// Where I² and H² of a random-effects model come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ISquaredSource {
    /// τ² and the typical sampling variance.
    TauSquared,
    /// Cochran's Q.
    Q,
}

/// A named set of statistical conventions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// R's metafor with its defaults.
    Metafor,
    /// jamovi's MAJOR, which calls metafor with its defaults.
    JamoviMajor,
    /// Review Manager 5.
    RevMan5,
    /// RevMan Web since 2025.
    RevManWeb,
    /// The R package meta, version 8.
    Meta,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 5] =
        [Self::Metafor, Self::JamoviMajor, Self::RevMan5, Self::RevManWeb, Self::Meta];

    /// Its name in specs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Metafor => "metafor",
            Self::JamoviMajor => "jamovi-major",
            Self::RevMan5 => "revman5",
            Self::RevManWeb => "revman-web",
            Self::Meta => "meta",
        }
    }
}

/// The defaults of a profile.
pub(super) struct Defaults {
    pub(super) method: Method,
    /// The common-effect method that stands against random effects.
    pub(super) common: Method,
    pub(super) test: Test,
    pub(super) zero_cells: ZeroCellOptions,
    pub(super) conventions: Conventions,
    pub(super) small_study: SmallStudy,
}

/// RevMan and meta correct the Mantel-Haenszel sums and use the binomial variance of a difference.
const CORRECTED_SUMS: Convention = Convention {
    corrects_sums: true,
    risk_difference_variance: RiskDifferenceVariance::GreenlandRobins,
};

/// metafor's formulas of means.
const METAFOR_MEANS: MeansConvention = MeansConvention {
    difference_variance: DifferenceVariance::Separate,
    standardised_variance: StandardisedVariance::LargeSample,
    correction: BiasCorrection::Exact,
    ratio: RatioEstimate::Plain,
    from_quantiles: MeanMethod::Luo,
};

/// RevMan's formulas of means.
const REVMAN_MEANS: MeansConvention = MeansConvention {
    standardised_variance: StandardisedVariance::RevMan,
    correction: BiasCorrection::Approximate,
    ..METAFOR_MEANS
};

/// The R package meta's formulas of means.
const META_MEANS: MeansConvention =
    MeansConvention { standardised_variance: StandardisedVariance::Unbiased, ..METAFOR_MEANS };

/// The defaults of a profile for a measure of a kind. Every profile adds ½ to the cells of studies
/// with a zero, but for measures that are defined with zeros; those of RevMan and meta drop studies
/// without any event for ratios, and keep them for differences. Where the profile's method is made
/// for other data, a common effect is pooled by inverse variance, as RevMan does.
pub(super) fn defaults(profile: Profile, kind: Kind, measure: Measure) -> Defaults {
    let reml = Method::RandomEffects(Estimator::RestrictedMaximumLikelihood);
    let common = if has_mantel_haenszel(kind, measure) {
        Method::MantelHaenszel
    } else if measure == Measure::PETO {
        Method::Peto
    } else {
        Method::EqualEffects
    };
    let metafor = Conventions {
        correction: CorrectionConvention::METAFOR,
        mantel_haenszel: Convention::METAFOR,
        dl_centre: DlCentre::InverseVariance,
        i_squared: ISquaredSource::TauSquared,
        prediction: Some(PredictionReference::Model),
        means: METAFOR_MEANS,
        study_interval: StudyInterval::Wald,
    };
    let revman = Conventions {
        correction: CorrectionConvention {
            corrects_risk_difference: false,
            ..CorrectionConvention::METAFOR
        },
        mantel_haenszel: CORRECTED_SUMS,
        dl_centre: DlCentre::MantelHaenszel,
        i_squared: ISquaredSource::Q,
        prediction: None,
        means: REVMAN_MEANS,
        study_interval: StudyInterval::Wald,
    };
    let (method, drops, conventions) = match profile {
        Profile::Metafor | Profile::JamoviMajor => (reml, false, metafor),
        Profile::RevMan5 => (common, true, revman),
        Profile::RevManWeb => (
            reml,
            true,
            Conventions {
                i_squared: ISquaredSource::TauSquared,
                prediction: Some(PredictionReference::ResidualDf),
                ..revman
            },
        ),
        Profile::Meta => (
            reml,
            true,
            Conventions {
                correction: CorrectionConvention {
                    risk_ratio_total: CorrectedTotal::EventCell,
                    corrects_risk_difference: false,
                },
                prediction: Some(PredictionReference::ResidualDf),
                means: META_MEANS,
                study_interval: StudyInterval::ClopperPearson,
                ..revman
            },
        ),
    };
    let is_defined_with_zeros = matches!(
        measure,
        Measure::AS
            | Measure::PHI
            | Measure::IRSD
            | Measure::PAS
            | Measure::PFT
            | Measure::IRS
            | Measure::IRFT
    );
    Defaults {
        method,
        common,
        test: Test::Z,
        zero_cells: ZeroCellOptions {
            add: if is_defined_with_zeros { 0.0 } else { 0.5 },
            to: AddTo::OnlyZero,
            drop00: drops && measure.is_ratio(),
        },
        conventions,
        small_study: small_study(profile),
    }
}

/// metafor and jamovi regress and trim under the model of the analysis; meta regresses with a free
/// factor of the variances (Egger's test) and trims under a common effect. RevMan has neither.
fn small_study(profile: Profile) -> SmallStudy {
    let (scatter, trimming) = match profile {
        Profile::Meta => (ScatterChoice::Multiplicative, Trimming::Common),
        _ => (ScatterChoice::Model, Trimming::Own),
    };
    SmallStudy {
        regression: RegressionChoice { scatter, predictor: PredictorChoice::StandardError },
        estimator: MissingEstimator::L0,
        side: None,
        trimming,
        fail_safe: FailSafeChoice::Rosenthal,
        target: None,
        selection: None,
        henmi_copas: false,
    }
}
