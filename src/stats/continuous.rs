//! Two-group means: differences, standardised differences and ratios of means.

use super::Effect;
use libm::{exp, log, log1p, tgamma};

/// Mean, standard deviation and participants of the experimental (1) and control (2) group.
///
/// Standard deviations are not negative; group sizes are positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeansAndDeviations {
    /// Mean of group 1, in the unit of the outcome.
    pub mean1: f64,
    /// Standard deviation of group 1, in the unit of the outcome.
    pub sd1: f64,
    /// Participants in group 1.
    pub n1: f64,
    /// Mean of group 2, in the unit of the outcome.
    pub mean2: f64,
    /// Standard deviation of group 2, in the unit of the outcome.
    pub sd2: f64,
    /// Participants in group 2.
    pub n2: f64,
}

/// What two means are summarised as; metafor's names in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Difference of the means, in the unit of the outcome (MD).
    MeanDifference(DifferenceVariance),
    /// Difference in units of the pooled standard deviation: Hedges' g (SMD; Hedges 1981).
    StandardisedMeanDifference {
        /// The correction of its small-sample bias.
        correction: BiasCorrection,
        /// The formula of its sampling variance.
        variance: StandardisedVariance,
    },
    /// Difference in units of the root of the mean of both variances, for groups that differ in
    /// variance (SMDH; Bonett 2009).
    HeteroscedasticStandardisedMeanDifference(BiasCorrection),
    /// Logarithm of the ratio of the means (ROM; Hedges, Gurevitch & Curtis 1999).
    LogRatioOfMeans(RatioEstimate),
}

/// The sampling variance of a difference of means; metafor's `vtype` in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferenceVariance {
    /// s₁²/n₁ + s₂²/n₂ (LS).
    Separate,
    /// s²(1/n₁ + 1/n₂) with the pooled variance s² (HO).
    Pooled,
}

/// The factor J by which a standardised difference is shrunk, with m = n₁ + n₂ − 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BiasCorrection {
    /// Γ(m/2) / (√(m/2) Γ((m − 1)/2)) (Hedges 1981).
    Exact,
    /// 1 − 3/(4m − 1), as RevMan has it (Hedges 1981).
    Approximate,
}

/// The sampling variance of g = J d, with N = n₁ + n₂, m = N − 2 and h = 1/n₁ + 1/n₂; metafor's
/// `vtype` in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandardisedVariance {
    /// h + g²/(2N) (LS; Hedges 1982).
    LargeSample,
    /// J² (h + d²/(2N)) (LS2; Borenstein 2009).
    LargeSampleScaled,
    /// h + (1 − (m − 2)/(m J²)) g² (UB; Hedges 1983).
    Unbiased,
    /// h + ḡ²/(2N), where ḡ is the mean of all studies' g weighted by N (AV).
    AverageEffect,
    /// h + g²/(2(N − 3.94)) (RevMan 5).
    RevMan,
}

/// How a ratio of means is estimated. The sampling variance is s₁²/(n₁m₁²) + s₂²/(n₂m₂²) either
/// way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RatioEstimate {
    /// log(m₁/m₂), as metafor before version 5 has it.
    Plain,
    /// log(m₁/m₂) + ½ (s₁²/(n₁m₁²) − s₂²/(n₂m₂²)) (Lajeunesse 2015), as metafor 5 has it.
    BiasCorrected,
}

/// The effect of each study, group 1 against group 2, on the analysis scale. `None` where the
/// measure is not defined: too few participants, no spread to standardise by, or means whose
/// ratio is not positive.
#[must_use]
pub fn effects(measure: Measure, studies: &[MeansAndDeviations]) -> Vec<Option<Effect>> {
    match measure {
        Measure::MeanDifference(variance) => {
            studies.iter().map(|study| mean_difference(study, variance)).collect()
        }
        Measure::StandardisedMeanDifference { correction, variance } => {
            let average = average_standardised_difference(studies, correction);
            studies
                .iter()
                .map(|study| standardised_difference(study, correction, variance, average?))
                .collect()
        }
        Measure::HeteroscedasticStandardisedMeanDifference(correction) => studies
            .iter()
            .map(|study| heteroscedastic_standardised_difference(study, correction))
            .collect(),
        Measure::LogRatioOfMeans(estimate) => {
            studies.iter().map(|study| log_ratio_of_means(study, estimate)).collect()
        }
    }
}

/// The factor J that takes the bias from a standardised difference with `df` = m degrees of
/// freedom; see [`BiasCorrection`] for the formulas. `None` where m ≤ 1.
#[must_use]
pub fn bias_correction(correction: BiasCorrection, df: f64) -> Option<f64> {
    if !(df > 1.0 && df.is_finite()) {
        return None;
    }
    Some(match correction {
        BiasCorrection::Exact => exact_bias_correction(0.5 * df),
        BiasCorrection::Approximate => 1.0 - 3.0 / (4.0 * df - 1.0),
    })
}

/// Γ(x) / (√x Γ(x − ½)). Beyond the reach of Γ itself Stirling's series is used for the logarithm
/// of the quotient, so that nothing large is subtracted from anything large.
fn exact_bias_correction(x: f64) -> f64 {
    if x < 100.0 {
        return tgamma(x) / (x.sqrt() * tgamma(x - 0.5));
    }
    let tail = |z: f64| {
        let square = z * z;
        (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * square)) / square) / z
    };
    exp((1.0 - x) * log1p(-0.5 / x) - 0.5 + (tail(x) - tail(x - 0.5)))
}

fn mean_difference(study: &MeansAndDeviations, variance: DifferenceVariance) -> Option<Effect> {
    let variance = match variance {
        DifferenceVariance::Separate => {
            let (error1, error2) = squared_standard_errors(study);
            error1 + error2
        }
        DifferenceVariance::Pooled => pooled_variance(study)? * (1.0 / study.n1 + 1.0 / study.n2),
    };
    defined(study.mean1 - study.mean2, variance)
}

fn standardised_difference(
    study: &MeansAndDeviations,
    correction: BiasCorrection,
    variance: StandardisedVariance,
    average: f64,
) -> Option<Effect> {
    let (n, df) = (study.n1 + study.n2, degrees_of_freedom(study));
    let j = bias_correction(correction, df)?;
    let d = (study.mean1 - study.mean2) / pooled_variance(study)?.sqrt();
    let g = j * d;
    let sizes = 1.0 / study.n1 + 1.0 / study.n2;
    let variance = match variance {
        StandardisedVariance::LargeSample => sizes + g * g / (2.0 * n),
        StandardisedVariance::LargeSampleScaled => j * j * (sizes + d * d / (2.0 * n)),
        StandardisedVariance::Unbiased => sizes + (1.0 - (df - 2.0) / (df * j * j)) * g * g,
        StandardisedVariance::AverageEffect => sizes + average * average / (2.0 * n),
        StandardisedVariance::RevMan if n > 3.94 => sizes + g * g / (2.0 * (n - 3.94)),
        StandardisedVariance::RevMan => return None,
    };
    defined(g, variance)
}

/// The mean of all studies' g, weighted by n₁ + n₂. `None` where no study has one.
fn average_standardised_difference(
    studies: &[MeansAndDeviations],
    correction: BiasCorrection,
) -> Option<f64> {
    let (mut sum, mut total) = (0.0, 0.0);
    for study in studies {
        if let Some(effect) =
            standardised_difference(study, correction, StandardisedVariance::LargeSample, 0.0)
        {
            sum += (study.n1 + study.n2) * effect.estimate;
            total += study.n1 + study.n2;
        }
    }
    (total > 0.0).then(|| sum / total)
}

/// g = J (m₁ − m₂)/s with s² = (s₁² + s₂²)/2, and its variance after Bonett 2009 with metafor's
/// factor J² about the whole:
/// v = J² [g² (s₁⁴/(n₁ − 1) + s₂⁴/(n₂ − 1))/(8 s⁴) + (s₁²/(n₁ − 1) + s₂²/(n₂ − 1))/s²].
fn heteroscedastic_standardised_difference(
    study: &MeansAndDeviations,
    correction: BiasCorrection,
) -> Option<Effect> {
    let j = bias_correction(correction, degrees_of_freedom(study))?;
    let (square1, square2) = (study.sd1 * study.sd1, study.sd2 * study.sd2);
    let (df1, df2) = (study.n1 - 1.0, study.n2 - 1.0);
    if df1 <= 0.0 || df2 <= 0.0 {
        return None;
    }
    let average = 0.5 * (square1 + square2);
    let g = j * (study.mean1 - study.mean2) / average.sqrt();
    let spread = square1 / average * (square1 / average) / df1
        + square2 / average * (square2 / average) / df2;
    let variance = g * g * spread / 8.0 + (square1 / df1 + square2 / df2) / average;
    defined(g, j * j * variance)
}

fn log_ratio_of_means(study: &MeansAndDeviations, estimate: RatioEstimate) -> Option<Effect> {
    let (error1, error2) = squared_standard_errors(study);
    let relative1 = error1 / (study.mean1 * study.mean1);
    let relative2 = error2 / (study.mean2 * study.mean2);
    let plain = log(study.mean1 / study.mean2);
    let estimate = match estimate {
        RatioEstimate::Plain => plain,
        RatioEstimate::BiasCorrected => plain + 0.5 * (relative1 - relative2),
    };
    defined(estimate, relative1 + relative2)
}

/// The squared standard errors of the two means, s²/n.
fn squared_standard_errors(study: &MeansAndDeviations) -> (f64, f64) {
    (study.sd1 * study.sd1 / study.n1, study.sd2 * study.sd2 / study.n2)
}

/// n₁ + n₂ − 2.
fn degrees_of_freedom(study: &MeansAndDeviations) -> f64 {
    study.n1 + study.n2 - 2.0
}

/// ((n₁ − 1) s₁² + (n₂ − 1) s₂²)/(n₁ + n₂ − 2). `None` without degrees of freedom.
fn pooled_variance(study: &MeansAndDeviations) -> Option<f64> {
    let df = degrees_of_freedom(study);
    let sum = (study.n1 - 1.0) * study.sd1 * study.sd1 + (study.n2 - 1.0) * study.sd2 * study.sd2;
    (df > 0.0).then(|| sum / df)
}

fn defined(estimate: f64, variance: f64) -> Option<Effect> {
    (estimate.is_finite() && variance.is_finite() && variance >= 0.0)
        .then_some(Effect { estimate, variance })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUDY: MeansAndDeviations =
        MeansAndDeviations { mean1: 102.3, sd1: 12.1, n1: 34.0, mean2: 95.1, sd2: 14.7, n2: 29.0 };

    fn one(measure: Measure) -> Option<Effect> {
        effects(measure, &[STUDY])[0]
    }

    fn agrees(found: f64, expected: f64, relative: f64) {
        assert!((found - expected).abs() <= relative * expected.abs(), "{found} for {expected}");
    }

    /// Γ by exact rational arithmetic.
    #[test]
    fn the_exact_correction_is_exact_for_any_size() {
        let expected = [
            (2.0, 0.564_189_583_547_756_286),
            (3.0, 0.723_601_254_558_267_659),
            (10.0, 0.922_745_608_053_087_103),
            (61.0, 0.987_645_822_449_673_817),
            (198.0, 0.996_206_532_385_184_515),
            (199.0, 0.996_225_623_024_817_155),
            (200.0, 0.996_244_522_479_126_554),
            (201.0, 0.996_263_233_605_773_912),
            (340.0, 0.997_792_223_559_249_447),
            (1000.0, 0.999_249_781_179_716_367),
            (100_000.0, 0.999_992_499_978_124_929),
        ];
        for (df, expected) in expected {
            agrees(bias_correction(BiasCorrection::Exact, df).unwrap(), expected, 1e-15);
        }
        assert_eq!(bias_correction(BiasCorrection::Exact, 1.0), None);
    }

    /// The published formulas, computed with 40 digits; metafor 3.8-1 meets them to 1e-14.
    #[test]
    fn every_variance_of_a_study_agrees_with_its_formula() {
        let standardised = |correction, variance| {
            one(Measure::StandardisedMeanDifference { correction, variance }).unwrap()
        };
        let expected = [
            (StandardisedVariance::LargeSample, 0.066_144_178_879_384_874),
            (StandardisedVariance::LargeSampleScaled, 0.064_575_202_254_582_07),
            (StandardisedVariance::Unbiased, 0.066_286_433_882_891_251),
            (StandardisedVariance::AverageEffect, 0.066_144_178_879_384_874),
        ];
        for (variance, expected) in expected {
            let effect = standardised(BiasCorrection::Exact, variance);
            agrees(effect.estimate, 0.532_406_423_378_250_73, 1e-15);
            agrees(effect.variance, expected, 1e-14);
        }
        let revman = standardised(BiasCorrection::Approximate, StandardisedVariance::RevMan);
        agrees(revman.estimate, 0.532_411_004_652_334_26, 1e-14);
        agrees(revman.variance, 0.066_294_298_791_141_154, 1e-14);
        let ratio = one(Measure::LogRatioOfMeans(RatioEstimate::BiasCorrected)).unwrap();
        agrees(ratio.estimate, 0.072_774_488_457_022_696, 1e-13);
        agrees(ratio.variance, 0.001_235_374_407_482_704_7, 1e-14);
    }

    #[test]
    fn what_is_not_defined_is_none() {
        let standardised = Measure::StandardisedMeanDifference {
            correction: BiasCorrection::Exact,
            variance: StandardisedVariance::AverageEffect,
        };
        let heteroscedastic =
            Measure::HeteroscedasticStandardisedMeanDifference(BiasCorrection::Exact);
        let ratio = Measure::LogRatioOfMeans(RatioEstimate::Plain);
        let still = MeansAndDeviations { sd1: 0.0, sd2: 0.0, ..STUDY };
        let tiny = MeansAndDeviations { n1: 1.0, n2: 2.0, ..STUDY };
        let single = MeansAndDeviations { n1: 1.0, ..STUDY };
        let opposed = MeansAndDeviations { mean1: -1.0, ..STUDY };
        let zero = MeansAndDeviations { mean2: 0.0, ..STUDY };
        assert_eq!(effects(standardised, &[still, tiny]), [None, None]);
        assert_eq!(effects(heteroscedastic, &[still, tiny, single]), [None, None, None]);
        assert_eq!(effects(ratio, &[opposed, zero]), [None, None]);
        let pooled = Measure::MeanDifference(DifferenceVariance::Pooled);
        let pair = MeansAndDeviations { n1: 1.0, n2: 1.0, ..STUDY };
        assert_eq!(effects(pooled, &[pair]), [None]);
    }

    #[test]
    fn the_average_effect_leaves_out_studies_without_one() {
        let measure = Measure::StandardisedMeanDifference {
            correction: BiasCorrection::Exact,
            variance: StandardisedVariance::AverageEffect,
        };
        let still = MeansAndDeviations { sd1: 0.0, sd2: 0.0, ..STUDY };
        assert_eq!(effects(measure, &[STUDY, still]), [one(measure), None]);
    }
}
