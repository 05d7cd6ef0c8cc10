//! Trim and fill: the number of studies missing from a funnel plot, and the result with them
//! imputed (Duval & Tweedie 2000a, 2000b).

use super::deviate;
use crate::stats::Effect;
use crate::stats::design::Design;
use crate::stats::pooling::inverse_variance::{Fit, Model, NoFit, Test, fit};
use crate::stats::pooling::mean::{Columns, Pooling};

/// The side of the funnel plot on which studies are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Below the pooled effect.
    Left,
    /// Above the pooled effect.
    Right,
}

/// The estimator of the number of missing studies, from the ranks of the k studies' distances
/// |y − μ| to the pooled effect μ, with S the sum of the ranks of those beyond μ on the side that
/// is not missing any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingEstimator {
    /// L₀ = (4S − k(k + 1))/(2k − 1).
    L0,
    /// R₀ = k − r − 1, with r the largest rank on the side with missing studies.
    R0,
    /// Q₀ = k − ½ − √(2k² − 4S + ¼).
    Q0,
}

/// The result of trim and fill.
#[derive(Debug, Clone, PartialEq)]
pub struct TrimAndFill {
    /// The side with missing studies.
    pub side: Side,
    /// k₀, the estimated number of missing studies, rounded (halves to even) and at least 0.
    pub missing: usize,
    /// The standard error of k₀; `None` where its formula has none.
    pub missing_standard_error: Option<f64>,
    /// The P value of no missing studies, 2^−(k₀ + 1); only the R₀ estimator has one.
    pub missing_p_value: Option<f64>,
    /// The imputed studies: mirror images 2μ − y of the most extreme on the other side, with their
    /// variances.
    pub imputed: Vec<Effect>,
    /// The fit of all studies, observed and then imputed.
    pub fit: Fit,
}

/// Why there is no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoTrimAndFill {
    /// The studies, or those left after trimming, have no fit.
    NoFit(NoFit),
    /// The estimator is not defined for these ranks: no study lies on the side with missing
    /// studies (R₀), or more rank sum on the other than the formula can take (Q₀).
    NoEstimate,
    /// The number of missing studies does not settle, but runs in a circle.
    NotSettled,
}

/// Trim and fill, with intervals at confidence `level` (0 to 1).
///
/// The centre of the funnel is found under the model `trimming`, and observed and imputed studies
/// are pooled under `pooling` and `test`. metafor takes the fitted model for both and always tests
/// with a normal reference; meta trims with a common effect by default.
///
/// Without a `side`, it is that on which small studies are missing by the slope of y on √v under
/// the model `trimming`: right where it is negative, else left.
///
/// # Errors
/// See [`NoTrimAndFill`].
pub fn trim_and_fill(
    effects: &[Effect],
    trimming: Model,
    pooling: Model,
    test: Test,
    level: f64,
    estimator: MissingEstimator,
    side: Option<Side>,
) -> Result<TrimAndFill, NoTrimAndFill> {
    let side = match side {
        Some(side) => side,
        None => likely_side(effects, trimming)?,
    };
    let sign = if side == Side::Right { -1.0 } else { 1.0 };
    let mut sorted: Vec<Effect> = effects
        .iter()
        .map(|effect| Effect { estimate: sign * effect.estimate, ..*effect })
        .collect();
    sorted.sort_by(|a, b| a.estimate.total_cmp(&b.estimate));

    let (centre, missing) = settle(&sorted, trimming, estimator)?;
    let imputed: Vec<Effect> = sorted[sorted.len() - missing.count..]
        .iter()
        .map(|effect| Effect { estimate: sign * (2.0 * centre - effect.estimate), ..*effect })
        .collect();
    let all: Vec<Effect> = effects.iter().chain(&imputed).copied().collect();
    let design = Design::intercept(all.len());
    let fit = fit(&all, &design, pooling, test, level).map_err(NoTrimAndFill::NoFit)?;
    Ok(TrimAndFill {
        side,
        missing: missing.count,
        missing_standard_error: missing.standard_error,
        missing_p_value: (estimator == MissingEstimator::R0)
            .then(|| libm::exp2(-(missing.count as f64 + 1.0))),
        imputed,
        fit,
    })
}

fn likely_side(effects: &[Effect], model: Model) -> Result<Side, NoTrimAndFill> {
    let errors = effects.iter().map(|effect| effect.variance.sqrt()).collect();
    let design = Design::from_columns(&[vec![1.0; effects.len()], errors]);
    let fit = fit(effects, &design, model, Test::Z, 0.95).map_err(NoTrimAndFill::NoFit)?;
    Ok(if fit.coefficients[1].estimate < 0.0 { Side::Right } else { Side::Left })
}

#[derive(Debug, Clone, Copy)]
struct Missing {
    count: usize,
    standard_error: Option<f64>,
}

/// Trims the largest estimates until the number to trim stays the same; the centre is that of the
/// last fit. `sorted` rises, with studies missing on the left.
fn settle(
    sorted: &[Effect],
    model: Model,
    estimator: MissingEstimator,
) -> Result<(f64, Missing), NoTrimAndFill> {
    let Columns { y, v } = Columns::of(sorted);
    let pooling = Pooling::new(model, Test::Z, 0.95);
    let mut before = None;
    let mut trimmed = 0;
    for _ in 0..100 {
        let kept = sorted.len() - trimmed;
        let fit = pooling.fit_few(&y[..kept], &v[..kept], before);
        let fit = fit.map_err(NoTrimAndFill::NoFit)?;
        before = Some(fit.tau_squared_value());
        let centre = fit.pooled.estimate;
        let missing = estimator
            .estimate(&signed_ranks(sorted, centre))
            .filter(|missing| missing.count < sorted.len())
            .ok_or(NoTrimAndFill::NoEstimate)?;
        if missing.count == trimmed {
            return Ok((centre, missing));
        }
        trimmed = missing.count;
    }
    Err(NoTrimAndFill::NotSettled)
}

/// The ranks of |y − μ| with the sign of y − μ; ties rank in the order of the studies, and a
/// study at μ, or off it by rounding alone, has no sign.
fn signed_ranks(sorted: &[Effect], centre: f64) -> Vec<f64> {
    let mut distances: Vec<f64> = sorted.iter().map(|effect| deviate(effect, centre)).collect();
    distances.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    distances
        .iter()
        .enumerate()
        .map(|(rank, distance)| {
            let rank = rank as f64 + 1.0;
            if *distance == 0.0 { 0.0 } else { rank.copysign(*distance) }
        })
        .collect()
}

impl MissingEstimator {
    fn estimate(self, signed_ranks: &[f64]) -> Option<Missing> {
        let k = signed_ranks.len() as f64;
        let sum: f64 = signed_ranks.iter().filter(|rank| **rank > 0.0).sum();
        let (value, standard_error) = match self {
            Self::L0 => {
                let value = (4.0 * sum - k * (k + 1.0)) / (2.0 * k - 1.0);
                (value, 4.0 * rank_sum_variance(k, value).sqrt() / (2.0 * k - 1.0))
            }
            Self::R0 => {
                let lowest = signed_ranks.iter().copied().fold(0.0, f64::min);
                if lowest == 0.0 {
                    return None;
                }
                let value = k + lowest - 1.0;
                (value, (2.0 * value.max(0.0) + 2.0).sqrt())
            }
            Self::Q0 => {
                let value = k - 0.5 - (2.0 * k * k - 4.0 * sum + 0.25).sqrt();
                let slope = (k - 0.5) * (k - 0.5) - value * (2.0 * k - value - 1.0);
                (value, 2.0 * rank_sum_variance(k, value).sqrt() / slope.sqrt())
            }
        };
        value.is_finite().then(|| Missing {
            count: value.max(0.0).round_ties_even() as usize,
            standard_error: standard_error.is_finite().then_some(standard_error),
        })
    }
}

/// Var(S) where k₀ studies are missing beside the k observed (Duval & Tweedie 2000a).
fn rank_sum_variance(k: f64, missing: f64) -> f64 {
    let square = missing * missing;
    let total =
        k * (k + 1.0) * (2.0 * k + 1.0) + 10.0 * square * missing + 27.0 * square + 17.0 * missing
            - 18.0 * k * square
            - 18.0 * k * missing
            + 6.0 * k * k * missing;
    total / 24.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimators_follow_their_formulae() {
        let ranks = [1.0, -2.0, 3.0, -4.0, 5.0, 6.0, 7.0];
        let count = |estimator: MissingEstimator| estimator.estimate(&ranks).unwrap().count;
        // S = 22, k = 7: (88 − 56)/13, 7 − 4 − 1, 6.5 − √(98 − 88 + ¼)
        assert_eq!(count(MissingEstimator::L0), 2);
        assert_eq!(count(MissingEstimator::R0), 2);
        assert_eq!(count(MissingEstimator::Q0), 3);
    }

    #[test]
    fn what_the_ranks_do_not_tell_is_not_estimated() {
        let above = [1.0, 2.0, 3.0, 4.0];
        assert!(MissingEstimator::R0.estimate(&above).is_none());
        assert!(MissingEstimator::Q0.estimate(&above).is_none());
    }

    #[test]
    fn a_symmetric_funnel_misses_nothing() {
        let effects: Vec<Effect> =
            [(-0.3, 0.2), (-0.1, 0.05), (0.0, 0.01), (0.1, 0.05), (0.3, 0.2)]
                .iter()
                .map(|&(estimate, variance)| Effect { estimate, variance })
                .collect();
        let side = Some(Side::Left);
        let estimator = MissingEstimator::L0;
        let found =
            trim_and_fill(&effects, Model::Common, Model::Common, Test::Z, 0.95, estimator, side);
        let found = found.unwrap();
        assert_eq!((found.missing, found.imputed.len()), (0, 0));
    }
}
