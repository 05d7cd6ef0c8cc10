//! The works behind each choice that a spec can make. A choice that is in every textbook has none.

use super::Work;
use crate::spec::{
    BiasTool, FailSafeChoice, Figure, Measure, Method, PredictorChoice, Profile,
    ProportionInterval, RegressionChoice, ScatterChoice, StudyInterval,
};
use crate::stats::continuous::{RatioEstimate, StandardisedVariance};
use crate::stats::pooling::inverse_variance::{PredictionReference, Test};
use crate::stats::pooling::mantel_haenszel::RiskDifferenceVariance;
use crate::stats::quantile_summary::MeanMethod;
use crate::stats::tau_squared::Estimator;

/// The program whose conventions a profile follows.
pub(in crate::report) fn profile(profile: Profile) -> &'static [Work] {
    match profile {
        Profile::Metafor | Profile::JamoviMajor => &[Work::Viechtbauer2010],
        Profile::RevMan5 => &[Work::Deeks2010, Work::Higgins2019],
        Profile::RevManWeb => &[Work::Higgins2019],
        Profile::Meta => &[Work::Balduzzi2019],
    }
}

/// The scale of a measure.
pub(in crate::report) fn measure(measure: Measure, ratio: RatioEstimate) -> &'static [Work] {
    match measure {
        Measure::AS => &[Work::Ruecker2009],
        Measure::SMDH => &[Work::Bonett2009],
        Measure::ROM => match ratio {
            RatioEstimate::Plain => &[Work::Hedges1999],
            RatioEstimate::BiasCorrected => &[Work::Lajeunesse2015],
        },
        Measure::PFT | Measure::IRFT => &[Work::Freeman1950],
        Measure::ZCOR => &[Work::Fisher1921],
        Measure::OR
        | Measure::RR
        | Measure::RD
        | Measure::PETO
        | Measure::PHI
        | Measure::MD
        | Measure::SMD
        | Measure::PR
        | Measure::PLN
        | Measure::PLO
        | Measure::PAS
        | Measure::IRR
        | Measure::IRD
        | Measure::IRSD
        | Measure::IR
        | Measure::IRLN
        | Measure::IRS
        | Measure::COR
        | Measure::HR
        | Measure::GEN => &[],
    }
}

/// The sampling variance of a standardised mean difference.
pub(in crate::report) fn standardised_variance(variance: StandardisedVariance) -> &'static [Work] {
    match variance {
        StandardisedVariance::LargeSample => &[Work::Hedges1982],
        StandardisedVariance::LargeSampleScaled => &[Work::Borenstein2009],
        StandardisedVariance::Unbiased => &[Work::Hedges1983],
        StandardisedVariance::AverageEffect => &[],
        StandardisedVariance::RevMan => &[Work::Deeks2010],
    }
}

/// Means from medians.
pub(in crate::report) fn means(method: MeanMethod) -> &'static [Work] {
    match method {
        MeanMethod::Luo => &[Work::Luo2018, Work::Wan2014],
        MeanMethod::Wan => &[Work::Wan2014],
    }
}

/// The interval of one study's proportion within a meta-analysis.
pub(in crate::report) fn study_interval(interval: StudyInterval) -> &'static [Work] {
    match interval {
        StudyInterval::Wald => &[],
        StudyInterval::ClopperPearson => &[Work::Clopper1934],
        StudyInterval::Wilson => &[Work::Wilson1927],
    }
}

/// The interval of a proportion by itself.
pub(in crate::report) fn proportion_interval(interval: ProportionInterval) -> &'static [Work] {
    match interval {
        ProportionInterval::Exact => &[Work::Clopper1934],
        ProportionInterval::Wilson => &[Work::Wilson1927],
    }
}

/// A pooling method of effects that do not depend on each other.
pub(in crate::report) fn method(method: Method) -> &'static [Work] {
    match method {
        Method::EqualEffects => &[Work::Hedges1985],
        Method::RandomEffects(estimator) => tau_squared(estimator),
        Method::MantelHaenszel => &[Work::Mantel1959],
        Method::Peto => &[Work::Yusuf1985],
        Method::UnconditionalMixed => &[Work::Turner2000],
        Method::ConditionalMixed => &[Work::Stijnen2010],
    }
}

/// An estimator of the variance between studies.
fn tau_squared(estimator: Estimator) -> &'static [Work] {
    match estimator {
        Estimator::RestrictedMaximumLikelihood | Estimator::MaximumLikelihood => {
            &[Work::Raudenbush2009]
        }
        Estimator::DerSimonianLaird => &[Work::DerSimonian1986],
        Estimator::Hedges => &[Work::Hedges1985],
        Estimator::HunterSchmidt => &[Work::Hunter1990],
        Estimator::SidikJonkman => &[Work::Sidik2005],
        Estimator::PauleMandel => &[Work::Paule1982],
        Estimator::EmpiricalBayes => &[Work::Berkey1995],
    }
}

/// The variance of a pooled Mantel-Haenszel estimate.
pub(in crate::report) fn mantel_haenszel_variance(
    measure: Measure,
    risk_difference: RiskDifferenceVariance,
) -> &'static [Work] {
    match measure {
        Measure::OR => &[Work::Robins1986],
        Measure::RR => &[Work::Greenland1985],
        Measure::RD => match risk_difference {
            RiskDifferenceVariance::Sato => &[Work::Sato1989],
            RiskDifferenceVariance::GreenlandRobins => &[Work::Greenland1985],
        },
        Measure::IRR | Measure::IRD => &[Work::Rothman2008],
        // the method pools no other measure
        _ => &[],
    }
}

/// What tests and intervals of the pooled effect rest on.
pub(in crate::report) fn inference(test: Test, is_robust: bool) -> &'static [Work] {
    match test {
        _ if is_robust => &[Work::Bell2002, Work::Pustejovsky2018],
        Test::Z | Test::T => &[],
        Test::KnappHartung | Test::AdHoc => &[Work::Knapp2003],
    }
}

/// The distribution of a prediction interval.
pub(in crate::report) fn prediction(reference: PredictionReference) -> &'static [Work] {
    match reference {
        PredictionReference::Model | PredictionReference::ResidualDf => &[],
        PredictionReference::ResidualDfMinusOne => &[Work::Higgins2009],
    }
}

/// A regression test of funnel plot asymmetry.
pub(in crate::report) fn regression_test(choice: RegressionChoice) -> &'static [Work] {
    match (choice.scatter, choice.predictor) {
        (ScatterChoice::Multiplicative, PredictorChoice::StandardError) => &[Work::Egger1997],
        (ScatterChoice::Multiplicative | ScatterChoice::Model, _) => &[Work::Sterne2005],
    }
}

/// A fail-safe number.
pub(in crate::report) fn fail_safe(choice: FailSafeChoice) -> &'static [Work] {
    match choice {
        FailSafeChoice::Rosenthal => &[Work::Rosenthal1979],
        FailSafeChoice::Orwin => &[Work::Orwin1983],
        FailSafeChoice::Rosenberg => &[Work::Rosenberg2005],
    }
}

/// A figure.
pub(in crate::report) fn figure(figure: Figure) -> &'static [Work] {
    match figure {
        Figure::Baujat => &[Work::Baujat2002],
        Figure::Labbe => &[Work::Labbe1987],
        Figure::Radial => &[Work::Galbraith1988],
        Figure::Influence => &[Work::ViechtbauerCheung2010],
        Figure::Funnel | Figure::LeaveOneOut | Figure::Cumulative | Figure::Bubble => &[],
    }
}

/// A tool of risk of bias.
pub(in crate::report) fn bias_tool(tool: BiasTool) -> &'static [Work] {
    match tool {
        BiasTool::Rob2 => &[Work::Sterne2019],
        BiasTool::RobinsI => &[Work::Sterne2016],
    }
}
