//! Effects that a study reports itself: an estimate with its variance, standard error or interval.

use super::Effect;
use super::pooling::Reference;
use libm::log;

/// An effect recovered from a confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntervalEffect {
    /// The effect, on the analysis scale.
    pub effect: Effect,
    /// (lower + upper − 2 estimate)/(upper − lower) on the analysis scale: 0 where the estimate
    /// lies midway between its limits, as it should but for rounding; ±1 where it lies on a limit,
    /// and beyond where it lies outside.
    pub asymmetry: f64,
}

/// The effect with this variance, on the square of the analysis scale. `None` where a number is
/// not finite or the variance is negative.
#[must_use]
pub fn from_variance(estimate: f64, variance: f64) -> Option<Effect> {
    (estimate.is_finite() && variance.is_finite() && variance >= 0.0)
        .then_some(Effect { estimate, variance })
}

/// The effect with this standard error, on the analysis scale. `None` where a number is not finite
/// or the standard error is negative.
#[must_use]
pub fn from_standard_error(estimate: f64, standard_error: f64) -> Option<Effect> {
    (standard_error >= 0.0).then(|| from_variance(estimate, standard_error * standard_error))?
}

/// The effect whose interval at confidence `level` (0 to 1) was reported on the analysis scale:
/// standard error (upper − lower)/(2 c) with c = Φ⁻¹((1 + level)/2). `None` where a number is not finite, the limits are not in order, or the level is not
/// between 0 and 1.
#[must_use]
pub fn from_interval(estimate: f64, lower: f64, upper: f64, level: f64) -> Option<IntervalEffect> {
    if !(lower < upper && level > 0.0 && level < 1.0) {
        return None;
    }
    let width = upper - lower;
    let standard_error = width / (2.0 * Reference::Normal.critical(level));
    let effect = from_standard_error(estimate, standard_error)?;
    let asymmetry = ((upper - estimate) - (estimate - lower)) / width;
    asymmetry.is_finite().then_some(IntervalEffect { effect, asymmetry })
}

/// The effect of a ratio reported as such with its interval: [`from_interval`] of the logarithms.
/// `None` also where a ratio is not positive.
#[must_use]
pub fn from_ratio_interval(
    ratio: f64,
    lower: f64,
    upper: f64,
    level: f64,
) -> Option<IntervalEffect> {
    (ratio > 0.0 && lower > 0.0)
        .then(|| from_interval(log(ratio), log(lower), log(upper), level))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_gives_back_the_standard_error_it_was_made_of() {
        for level in [0.5, 0.9, 0.95, 0.99] {
            let half_width = 0.37 * Reference::Normal.critical(level);
            let found = from_interval(-0.2, -0.2 - half_width, -0.2 + half_width, level).unwrap();
            assert!((found.effect.variance - 0.37 * 0.37).abs() < 1e-15);
            assert!(found.asymmetry.abs() < 1e-15);
        }
    }

    #[test]
    fn asymmetry_tells_an_interval_of_ratios_from_one_of_logarithms() {
        let right = from_ratio_interval(2.0, 1.0, 4.0, 0.95).unwrap();
        assert!(right.asymmetry.abs() < 1e-15);
        let wrong = from_interval(2.0, 1.0, 4.0, 0.95).unwrap();
        assert!((wrong.asymmetry - 1.0 / 3.0).abs() < 1e-15);
        let outside = from_interval(5.0, 1.0, 4.0, 0.95).unwrap();
        assert!(outside.asymmetry < -1.0);
    }

    #[test]
    fn what_is_not_defined_is_none() {
        assert_eq!(from_variance(f64::NAN, 1.0), None);
        assert_eq!(from_variance(0.0, -1.0), None);
        assert_eq!(from_standard_error(0.0, -1.0), None);
        assert_eq!(from_standard_error(0.0, f64::NAN), None);
        assert_eq!(from_interval(0.0, 1.0, -1.0, 0.95), None);
        assert_eq!(from_interval(0.0, -1.0, 1.0, 1.0), None);
        assert_eq!(from_interval(0.0, -1.0, f64::INFINITY, 0.95), None);
        assert_eq!(from_ratio_interval(1.0, 0.0, 2.0, 0.95), None);
        assert_eq!(from_ratio_interval(-1.0, 0.5, 2.0, 0.95), None);
    }
}
