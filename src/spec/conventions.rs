//! What each profile says where a spec does not.

use super::model::{
    Conventions, DlCentre, ISquaredSource, Measure, Method, Profile, ZeroCellOptions,
};
use crate::stats::binary::{AddTo, CorrectedTotal, CorrectionConvention};
use crate::stats::pooling::inverse_variance::{PredictionReference, Test};
use crate::stats::pooling::mantel_haenszel::{Convention, RiskDifferenceVariance};
use crate::stats::tau_squared::Estimator;

/// The defaults of a profile.
pub(super) struct Defaults {
    pub(super) method: Method,
    pub(super) test: Test,
    pub(super) zero_cells: ZeroCellOptions,
    pub(super) conventions: Conventions,
}

/// RevMan and meta correct the Mantel-Haenszel sums and use the binomial variance of a difference.
const CORRECTED_SUMS: Convention = Convention {
    corrects_sums: true,
    risk_difference_variance: RiskDifferenceVariance::GreenlandRobins,
};

/// The defaults of a profile for a measure. Every profile adds ½ to the cells of studies with a
/// zero; those of RevMan and meta drop studies without any event for ratios, and keep them for
/// differences.
pub(super) fn defaults(profile: Profile, measure: Measure) -> Defaults {
    let reml = Method::RandomEffects(Estimator::RestrictedMaximumLikelihood);
    let zero_cells = |drop00| ZeroCellOptions { add: 0.5, to: AddTo::OnlyZero, drop00 };
    let metafor = Conventions {
        correction: CorrectionConvention::METAFOR,
        mantel_haenszel: Convention::METAFOR,
        dl_centre: DlCentre::InverseVariance,
        i_squared: ISquaredSource::TauSquared,
        prediction: Some(PredictionReference::Model),
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
    };
    let (method, drops, conventions) = match profile {
        Profile::Metafor | Profile::JamoviMajor => (reml, false, metafor),
        Profile::RevMan5 => (Method::MantelHaenszel, true, revman),
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
                ..revman
            },
        ),
    };
    Defaults {
        method,
        test: Test::Z,
        zero_cells: zero_cells(drops && measure.is_ratio()),
        conventions,
    }
}
