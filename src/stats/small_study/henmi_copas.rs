//! Henmi and Copas' confidence interval, which small-study effects bias less (Henmi & Copas 2010).

use crate::stats::Effect;
use crate::stats::distribution::{chi_squared_upper_tail, normal_quantile};
use crate::stats::pooling::inverse_variance::NoFit;
use crate::stats::root::bracketed_root;
use libm::{cosh, exp, sinh, tanh};

/// The common-effect estimate with a variance that allows for heterogeneity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HenmiCopas {
    /// Σ w y/Σ w with w = 1/v.
    pub estimate: f64,
    /// √((1 + τ² Σw²/Σw)/Σw).
    pub standard_error: f64,
    /// Lower confidence limit.
    pub ci_lower: f64,
    /// Upper confidence limit.
    pub ci_upper: f64,
    /// τ² by DerSimonian and Laird.
    pub tau_squared: f64,
}

/// The estimate with its interval at confidence `level` (0 to 1).
///
/// # Errors
/// Where there are fewer than two studies or a variance is not positive; [`NoFit::Singular`] where a
/// number is not finite or its powers are beyond the largest.
pub fn henmi_copas(effects: &[Effect], level: f64) -> Result<HenmiCopas, NoFit> {
    if effects.is_empty() {
        return Err(NoFit::NoStudies);
    }
    if effects.iter().any(|effect| effect.variance <= 0.0) {
        return Err(NoFit::ZeroVariance);
    }
    if effects.len() < 2 {
        return Err(NoFit::NoResidualDegreesOfFreedom);
    }
    let total: f64 = effects.iter().map(|effect| 1.0 / effect.variance).sum();
    let estimate =
        effects.iter().map(|effect| effect.estimate / effect.variance).sum::<f64>() / total;
    let pivot = Pivot::new(effects, estimate);
    let standard_error = (pivot.variance_ratio / pivot.w1).sqrt();
    let half_width = pivot.critical(level) * standard_error;
    let found = HenmiCopas {
        estimate,
        standard_error,
        ci_lower: estimate - half_width,
        ci_upper: estimate + half_width,
        tau_squared: pivot.tau_squared,
    };
    let numbers = [standard_error, found.ci_lower, found.ci_upper, found.tau_squared];
    if numbers.iter().all(|number| number.is_finite()) { Ok(found) } else { Err(NoFit::Singular) }
}

/// The joint distribution of the two variables behind the interval: R, the standardised error of
/// the estimate, and Q, whose distribution given R is taken as gamma with the exact moments.
struct Pivot {
    /// k − 1.
    df: f64,
    /// τ².
    tau_squared: f64,
    /// Σw.
    w1: f64,
    /// Σw²/Σw.
    w2: f64,
    /// Σw³/Σw.
    w3: f64,
    /// Σw⁴/Σw.
    w4: f64,
    /// 1 + τ² Σw²/Σw: the variance of R where that under homogeneity is 1.
    variance_ratio: f64,
}

impl Pivot {
    fn new(effects: &[Effect], estimate: f64) -> Self {
        let weights = || effects.iter().map(|effect| 1.0 / effect.variance);
        let w1: f64 = weights().sum();
        let w2 = weights().map(|w| w * w).sum::<f64>() / w1;
        let w3 = weights().map(|w| w * w * w).sum::<f64>() / w1;
        let w4 = weights().map(|w| w * w * w * w).sum::<f64>() / w1;
        let q: f64 = effects
            .iter()
            .map(|effect| {
                let residual = effect.estimate - estimate;
                residual * residual / effect.variance
            })
            .sum();
        let df = effects.len() as f64 - 1.0;
        let tau_squared = ((q - df) / (w1 - w2)).max(0.0);
        Self { df, tau_squared, w1, w2, w3, w4, variance_ratio: 1.0 + tau_squared * w2 }
    }

    /// The critical value in standard errors: the t with ∫_t^∞ P(Q ≤ f(r/t) | R = r√V) φ(r) dr = α/2,
    /// where V is the variance ratio and f(x) = (Σw/w₂ − 1)(x² − 1) + k − 1, times √V.
    fn critical(&self, level: f64) -> f64 {
        let tail = 0.5 - 0.5 * level;
        // the integral is at most the normal tail beyond t
        let upper = normal_quantile(0.5 + 0.5 * level);
        let excess = |t: f64| {
            if t <= 0.0 {
                return 0.5 - tail;
            }
            let density = |r: f64| self.q_lower_tail(t, r) * normal_density(r);
            integral(t, NORMAL_REACH, density) - tail
        };
        bracketed_root(0.0, upper, excess) * self.variance_ratio.sqrt()
    }

    /// P(Q ≤ f(r/t) | R = r√V).
    fn q_lower_tail(&self, t: f64, r: f64) -> f64 {
        let square = (r / t) * (r / t);
        let bound = (self.w1 / self.w2 - 1.0) * (square - 1.0) + self.df;
        if !bound.is_finite() {
            return 1.0;
        }
        let (mean, variance) = self.q_moments(r * r);
        // a gamma variable of this mean and variance is a scaled chi-squared one
        let factor = variance / (2.0 * mean);
        1.0 - chi_squared_upper_tail(bound / factor, mean / factor)
    }

    /// Mean and variance of Q given R = r√V.
    fn q_moments(&self, r_square: f64) -> (f64, f64) {
        let Self { df, tau_squared: t, w1, w2, w3, w4, variance_ratio: ratio } = *self;
        let bend = (r_square - 1.0) / ratio;
        let third = w3 - w2 * w2;
        let mean = df + t * (w1 - w2) + t * t * bend * third;
        let variance = 2.0 * df
            + 4.0 * t * (w1 - w2)
            + 2.0 * t * t * (w1 * w2 - 2.0 * w3 + w2 * w2)
            + 4.0 * t * t * bend * third
            + 4.0 * t * t * t * bend * (w4 - 2.0 * w2 * w3 + w2 * w2 * w2)
            + 2.0 * t * t * t * t * (1.0 - 2.0 * r_square) / (ratio * ratio) * third * third;
        (mean, variance)
    }
}

/// Beyond it the normal density is below 1e-22.
const NORMAL_REACH: f64 = 10.0;

fn normal_density(r: f64) -> f64 {
    exp(-0.5 * r * r) / (2.0 * std::f64::consts::PI).sqrt()
}

/// The integral of an analytic function of size 1, by the double exponential rule (Takahasi & Mori
/// 1974). Halving the step squares the error, so that a change below 1e-9 leaves none.
fn integral(lower: f64, upper: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (middle, half) = (0.5 * (lower + upper), 0.5 * (upper - lower));
    let node = |s: f64| {
        let inner = std::f64::consts::FRAC_PI_2 * sinh(s);
        let slope = std::f64::consts::FRAC_PI_2 * cosh(s) / (cosh(inner) * cosh(inner));
        half * slope * f(middle + half * tanh(inner))
    };
    let reach = 3.5;
    let mut step = 0.5;
    let mut count = (reach / step) as i32;
    let mut sum: f64 = (-count..=count).map(|i| node(f64::from(i) * step)).sum();
    let mut previous = sum * step;
    for _ in 0..8 {
        sum += (-count..count).map(|i| node((f64::from(i) + 0.5) * step)).sum::<f64>();
        step *= 0.5;
        count *= 2;
        let value = sum * step;
        if (value - previous).abs() <= 1e-9 {
            return value;
        }
        previous = value;
    }
    previous
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_integrates_the_normal_density() {
        let tail = integral(1.0, NORMAL_REACH, normal_density);
        assert!((tail - 0.158_655_253_931_457_05).abs() < 1e-15);
    }

    #[test]
    fn one_study_has_no_interval() {
        let one = [Effect { estimate: 0.1, variance: 0.2 }];
        assert_eq!(henmi_copas(&one, 0.95), Err(NoFit::NoResidualDegreesOfFreedom));
    }
}
