//! Fail-safe numbers: how many unpublished null results would undo the finding.

use crate::stats::Effect;
use crate::stats::distribution::{normal_quantile, normal_two_sided, normal_upper_tail};

/// A fail-safe number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FailSafe {
    /// The number of studies, whole and at least 0.
    pub number: f64,
    /// P of the studies' combined test, one-sided for Rosenthal's number and two-sided for
    /// Rosenberg's; Orwin's has none.
    pub p_value: Option<f64>,
    /// The mean effect of the studies; Rosenthal's number has none.
    pub mean: Option<f64>,
}

/// The mean that Orwin's number is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mean {
    /// All studies count the same.
    Unweighted,
    /// Weighted by inverse variances.
    Weighted,
}

/// Rosenthal's number (Rosenthal 1979): the studies with z = 0 that would bring the combined
/// one-sided P of Stouffer's test to `alpha`, k(z̄/z_α)² − k with z̄ = |Σ y/√v|/√k.
///
/// `None` where there is no study, a variance is not positive, or a number is beyond the largest.
#[must_use]
pub fn rosenthal(effects: &[Effect], alpha: f64) -> Option<FailSafe> {
    weights(effects)?;
    let k = effects.len() as f64;
    let sum: f64 = effects.iter().map(|effect| effect.estimate / effect.variance.sqrt()).sum();
    let combined = sum.abs() / k.sqrt();
    let ratio = combined / normal_quantile(1.0 - alpha);
    let number = k * ratio * ratio - k;
    number.is_finite().then(|| FailSafe {
        number: whole(number),
        p_value: Some(normal_upper_tail(combined)),
        mean: None,
    })
}

/// Orwin's number (Orwin 1983): the studies without effect that would bring the mean μ to a
/// target t of the same sign, k(μ − t)/t. Without a target, t is half the mean.
///
/// `None` where there is no study, a variance is needed and not positive, or no number suffices:
/// a target, or a mean, of zero.
#[must_use]
pub fn orwin(effects: &[Effect], mean: Mean, target: Option<f64>) -> Option<FailSafe> {
    let k = effects.len() as f64;
    let mean = match mean {
        Mean::Unweighted => effects.iter().map(|effect| effect.estimate).sum::<f64>() / k,
        Mean::Weighted => weighted_sum(effects) / weights(effects)?,
    };
    let target = target.unwrap_or(mean / 2.0).copysign(mean);
    let number = k * (mean - target) / target;
    number.is_finite().then(|| FailSafe { number: whole(number), p_value: None, mean: Some(mean) })
}

/// Rosenberg's number (Rosenberg 2005, with a normal reference): the studies without effect, of
/// average weight, that would bring the two-sided P of the common effect to `alpha`,
/// k[(Σwy/z_(α/2))² − Σw]/Σw with w = 1/v.
///
/// `None` where there is no study, a variance is not positive, or a number is beyond the largest.
#[must_use]
pub fn rosenberg(effects: &[Effect], alpha: f64) -> Option<FailSafe> {
    let total = weights(effects)?;
    let sum = weighted_sum(effects);
    let ratio = sum / normal_quantile(1.0 - alpha / 2.0);
    let number = effects.len() as f64 * (ratio * ratio - total) / total;
    number.is_finite().then(|| FailSafe {
        number: whole(number),
        p_value: Some(normal_two_sided(sum / total.sqrt())),
        mean: Some(sum / total),
    })
}

/// Σw; `None` where there is no study or a variance is not positive.
fn weights(effects: &[Effect]) -> Option<f64> {
    let is_positive = effects.iter().all(|effect| effect.variance > 0.0);
    (is_positive && !effects.is_empty())
        .then(|| effects.iter().map(|effect| 1.0 / effect.variance).sum())
}

/// Σwy.
fn weighted_sum(effects: &[Effect]) -> f64 {
    effects.iter().map(|effect| effect.estimate / effect.variance).sum()
}

/// The next whole number, at least 0; a number whole but for rounding error is taken as it is.
fn whole(number: f64) -> f64 {
    let number = number.max(0.0);
    let nearest = number.round_ties_even();
    if (number - nearest).abs() >= f64::EPSILON.sqrt() { number.ceil() } else { nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effects() -> Vec<Effect> {
        [(0.5, 0.04), (0.3, 0.02), (0.4, 0.05)]
            .iter()
            .map(|&(estimate, variance)| Effect { estimate, variance })
            .collect()
    }

    #[test]
    fn a_target_takes_the_sign_of_the_mean() {
        let up = orwin(&effects(), Mean::Unweighted, Some(0.1));
        let down = orwin(&effects(), Mean::Unweighted, Some(-0.1));
        assert_eq!(up, down);
        assert_eq!(up.unwrap().number, 9.0);
    }

    #[test]
    fn no_number_of_studies_reaches_a_target_of_zero() {
        assert_eq!(orwin(&effects(), Mean::Weighted, Some(0.0)), None);
        assert_eq!(orwin(&[], Mean::Unweighted, None), None);
        assert_eq!(rosenthal(&[], 0.05), None);
    }
}
