//! Mean and standard deviation from a reported median, quartiles and extremes.

use super::distribution::normal_quantile;
use libm::pow;

/// What a study reports of an outcome in one group, in the unit of the outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum QuantileSummary {
    /// Minimum, median and maximum.
    Range {
        /// Minimum.
        minimum: f64,
        /// Median.
        median: f64,
        /// Maximum.
        maximum: f64,
    },
    /// First quartile, median and third quartile.
    Quartiles {
        /// First quartile.
        first_quartile: f64,
        /// Median.
        median: f64,
        /// Third quartile.
        third_quartile: f64,
    },
    /// All five.
    FiveNumbers {
        /// Minimum.
        minimum: f64,
        /// First quartile.
        first_quartile: f64,
        /// Median.
        median: f64,
        /// Third quartile.
        third_quartile: f64,
        /// Maximum.
        maximum: f64,
    },
}

/// How the mean is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeanMethod {
    /// Weights that depend on the sample size (Luo et al. 2018).
    Luo,
    /// Fixed weights (Wan et al. 2014, with Hozo et al. 2005 and Bland 2015 for the extremes).
    Wan,
}

/// An estimated mean and standard deviation, in the unit of the outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EstimatedMoments {
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub sd: f64,
}

/// The mean by `method` and the standard deviation by Wan et al. 2014 of a group of `n`
/// participants, taken to come from a normal distribution. `None` where fewer than two
/// participants are given or the quantiles are not in order.
#[must_use]
pub fn estimated_moments(
    summary: QuantileSummary,
    n: f64,
    method: MeanMethod,
) -> Option<EstimatedMoments> {
    if !(n >= 2.0 && n.is_finite() && is_ordered(summary)) {
        return None;
    }
    let mean = match method {
        MeanMethod::Luo => mean_by_luo(summary, n),
        MeanMethod::Wan => mean_by_wan(summary),
    };
    let sd = standard_deviation(summary, n);
    (mean.is_finite() && sd.is_finite()).then_some(EstimatedMoments { mean, sd })
}

fn is_ordered(summary: QuantileSummary) -> bool {
    match summary {
        QuantileSummary::Range { minimum, median, maximum } => {
            [minimum, median, maximum].is_sorted()
        }
        QuantileSummary::Quartiles { first_quartile, median, third_quartile } => {
            [first_quartile, median, third_quartile].is_sorted()
        }
        QuantileSummary::FiveNumbers {
            minimum,
            first_quartile,
            median,
            third_quartile,
            maximum,
        } => [minimum, first_quartile, median, third_quartile, maximum].is_sorted(),
    }
}

/// Luo et al. 2018, equations 7, 11 and 15, with a, b the extremes, p, q the quartiles and m the
/// median:
/// range: w (a + b)/2 + (1 − w) m, w = 4/(4 + n^0.75);
/// quartiles: w (p + q)/2 + (1 − w) m, w = 0.7 + 0.39/n;
/// all five: w₁ (a + b)/2 + w₂ (p + q)/2 + (1 − w₁ − w₂) m, w₁ = 2.2/(2.2 + n^0.75),
/// w₂ = 0.7 − 0.72/n^0.55.
fn mean_by_luo(summary: QuantileSummary, n: f64) -> f64 {
    match summary {
        QuantileSummary::Range { minimum, median, maximum } => {
            let weight = 4.0 / (4.0 + pow(n, 0.75));
            weight * 0.5 * (minimum + maximum) + (1.0 - weight) * median
        }
        QuantileSummary::Quartiles { first_quartile, median, third_quartile } => {
            let weight = 0.7 + 0.39 / n;
            weight * 0.5 * (first_quartile + third_quartile) + (1.0 - weight) * median
        }
        QuantileSummary::FiveNumbers {
            minimum,
            first_quartile,
            median,
            third_quartile,
            maximum,
        } => {
            let outer = 2.2 / (2.2 + pow(n, 0.75));
            let inner = 0.7 - 0.72 / pow(n, 0.55);
            outer * 0.5 * (minimum + maximum)
                + inner * 0.5 * (first_quartile + third_quartile)
                + (1.0 - outer - inner) * median
        }
    }
}

/// Wan et al. 2014, equations 3, 14 and 10, with the letters of [`mean_by_luo`]: (a + 2m + b)/4;
/// (p + m + q)/3; (a + 2p + 2m + 2q + b)/8.
fn mean_by_wan(summary: QuantileSummary) -> f64 {
    match summary {
        QuantileSummary::Range { minimum, median, maximum } => {
            (minimum + 2.0 * median + maximum) / 4.0
        }
        QuantileSummary::Quartiles { first_quartile, median, third_quartile } => {
            (first_quartile + median + third_quartile) / 3.0
        }
        QuantileSummary::FiveNumbers {
            minimum,
            first_quartile,
            median,
            third_quartile,
            maximum,
        } => (minimum + 2.0 * (first_quartile + median + third_quartile) + maximum) / 8.0,
    }
}

/// Wan et al. 2014, equations 9, 16 and 13: the range over its expected value in units of the
/// standard deviation, the same of the quartiles, and the mean of both.
fn standard_deviation(summary: QuantileSummary, n: f64) -> f64 {
    match summary {
        QuantileSummary::Range { minimum, maximum, .. } => (maximum - minimum) / expected_range(n),
        QuantileSummary::Quartiles { first_quartile, third_quartile, .. } => {
            (third_quartile - first_quartile) / expected_interquartile_range(n)
        }
        QuantileSummary::FiveNumbers {
            minimum, first_quartile, third_quartile, maximum, ..
        } => {
            0.5 * ((maximum - minimum) / expected_range(n)
                + (third_quartile - first_quartile) / expected_interquartile_range(n))
        }
    }
}

/// 2 Φ⁻¹((n − 0.375)/(n + 0.25)): the range of n standard normal variables.
fn expected_range(n: f64) -> f64 {
    2.0 * normal_quantile((n - 0.375) / (n + 0.25))
}

/// 2 Φ⁻¹((0.75 n − 0.125)/(n + 0.25)): their interquartile range.
fn expected_interquartile_range(n: f64) -> f64 {
    2.0 * normal_quantile((0.75 * n - 0.125) / (n + 0.25))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published formulas, computed in R.
    #[test]
    fn every_case_agrees_with_the_published_formulas() {
        // a, p, m, q, b, n; then for range, quartiles and all five: mean by Luo, mean by Wan, SD
        let expected = [
            (
                [2.0, 5.0, 8.0, 13.0, 31.0, 40.0],
                [
                    [9.708_077_963_978_679_4, 12.25, 6.724_308_037_439_537_4],
                    [8.709_75, 8.666_666_666_666_666, 6.151_439_211_835_369_6],
                    [9.638_173_006_112_591_4, 10.625, 6.437_873_624_637_453_5],
                ],
            ),
            (
                [-3.5, -1.0, 0.25, 0.5, 2.0, 12.0],
                [
                    [-0.132_869_661_276_773_08, -0.25, 1.681_916_792_970_517_7],
                    [-0.116_25, -0.083_333_333_333_333_33, 1.257_900_106_160_639_4],
                    [-0.262_630_147_935_199_12, -0.25, 1.469_908_449_565_578_5],
                ],
            ),
            (
                [10.0, 14.0, 15.0, 15.0, 90.0, 1500.0],
                [
                    [15.571_362_046_967_936, 32.5, 11.970_581_506_141_485],
                    [14.649_87, 14.666_666_666_666_666, 0.742_022_067_343_660_7],
                    [14.973_023_115_107_393, 23.5, 6.356_301_786_742_573],
                ],
            ),
        ];
        for ([minimum, first_quartile, median, third_quartile, maximum, n], results) in expected {
            let summaries = [
                QuantileSummary::Range { minimum, median, maximum },
                QuantileSummary::Quartiles { first_quartile, median, third_quartile },
                QuantileSummary::FiveNumbers {
                    minimum,
                    first_quartile,
                    median,
                    third_quartile,
                    maximum,
                },
            ];
            for (summary, [luo, wan, sd]) in summaries.into_iter().zip(results) {
                let by_luo = estimated_moments(summary, n, MeanMethod::Luo).unwrap();
                let by_wan = estimated_moments(summary, n, MeanMethod::Wan).unwrap();
                let agrees = |found: f64, expected: f64| {
                    assert!((found - expected).abs() <= 1e-13 * expected.abs(), "{found}");
                };
                agrees(by_luo.mean, luo);
                agrees(by_wan.mean, wan);
                agrees(by_luo.sd, sd);
                agrees(by_wan.sd, sd);
            }
        }
    }

    #[test]
    fn what_is_not_defined_is_none() {
        let range = |minimum, median, maximum| QuantileSummary::Range { minimum, median, maximum };
        assert_eq!(estimated_moments(range(1.0, 0.5, 2.0), 20.0, MeanMethod::Luo), None);
        assert_eq!(estimated_moments(range(1.0, f64::NAN, 2.0), 20.0, MeanMethod::Luo), None);
        assert_eq!(estimated_moments(range(1.0, 1.5, 2.0), 1.0, MeanMethod::Luo), None);
        assert_eq!(
            estimated_moments(range(1.0, 1.0, 1.0), 20.0, MeanMethod::Luo),
            Some(EstimatedMoments { mean: 1.0, sd: 0.0 })
        );
    }
}
