//! The conditional model: the first count of each table, given the table's margins.

use super::{Local, MixedFit, NoFit, ascend, informative, maximise};
use crate::stats::binary::TwoByTwo;
use libm::{exp, log};

/// The conditional model with exact likelihood (Stijnen, Hamza & Özdemir 2010; metafor's CM.EL):
/// given its margins the first count is non-central hypergeometric with odds ratio exp(θ_i). The
/// random effect is integrated out to machine precision; `level` is that of the intervals (0 to 1).
///
/// # Errors
/// See [`NoFit`].
pub fn conditional(tables: &[TwoByTwo], level: f64) -> Result<MixedFit, NoFit> {
    let tables = informative(tables)?;
    if tables.iter().any(|table| same_margins(table) > MOST_TABLES) {
        return Err(NoFit::TooManyParticipants);
    }
    let studies: Vec<Hypergeometric> = tables.iter().map(Hypergeometric::new).collect();
    let peak = maximise(&tables, |mean, deviation| {
        studies
            .iter()
            .fold(Local::default(), |sum, study| sum.plus(&study.integrated(mean, deviation)))
    })?;
    Ok(peak.fit(tables.len(), 0.0, level))
}

/// The most tables with the same margins that are gone through for a study.
const MOST_TABLES: f64 = 1e7;

/// The number of tables with the margins of this one.
fn same_margins(table: &TwoByTwo) -> f64 {
    let events = table.events1 + table.events2;
    events.min(table.total1) - (events - table.total2).max(0.0) + 1.0
}

/// The non-central hypergeometric distribution of the first count of a table, given the margins.
struct Hypergeometric {
    /// What the first count can be, less what it is: the least.
    lowest: f64,
    /// P(x + 1)/P(x) at odds ratio 1, and its logarithm, from the least value on; both fall.
    ratios: Vec<(f64, f64)>,
    /// log P(x) − log P(a) at odds ratio 1 of each value x, with a the observed count.
    log_weights: Vec<f64>,
}

/// Terms below this part of the largest are left out of a sum.
const NEGLIGIBLE: f64 = 1e-20;

impl Hypergeometric {
    fn new(table: &TwoByTwo) -> Self {
        let (n1, n2) = (table.total1, table.total2);
        let events = table.events1 + table.events2;
        let least = (events - n2).max(0.0);
        let count = (events.min(n1) - least) as usize;
        let ratios: Vec<(f64, f64)> = (0..count)
            .map(|i| {
                let x = least + i as f64;
                let ratio = (n1 - x) * (events - x) / ((x + 1.0) * (n2 - events + x + 1.0));
                (ratio, log(ratio))
            })
            .collect();
        let observed = (table.events1 - least) as usize;
        let mut log_weights = vec![0.0; count + 1];
        for i in observed..count {
            log_weights[i + 1] = log_weights[i] + ratios[i].1;
        }
        for i in (0..observed).rev() {
            log_weights[i] = log_weights[i + 1] - ratios[i].1;
        }
        Self { lowest: least - table.events1, ratios, log_weights }
    }

    /// The log-probability of the observed count at log odds ratio `theta` with its first and
    /// second derivative: observed less mean, and minus the variance.
    fn log_probability(&self, theta: f64) -> (f64, f64, f64) {
        let odds = exp(theta);
        let mode = self.ratios.partition_point(|(_, log_ratio)| log_ratio + theta > 0.0);
        let (mut sum, mut first, mut second) = (1.0, 0.0, 0.0);
        let mut add = |weight: f64, distance: f64| {
            sum += weight;
            first += weight * distance;
            second += weight * distance * distance;
        };
        let mut weight = 1.0;
        for (i, (ratio, _)) in self.ratios.iter().enumerate().skip(mode) {
            weight *= ratio * odds;
            add(weight, (i + 1 - mode) as f64);
            if weight < NEGLIGIBLE {
                break;
            }
        }
        weight = 1.0;
        for (i, (ratio, _)) in self.ratios.iter().enumerate().take(mode).rev() {
            weight /= ratio * odds;
            add(weight, -((mode - i) as f64));
            if weight < NEGLIGIBLE {
                break;
            }
        }
        let mode_distance = self.lowest + mode as f64;
        let shift = first / sum;
        let value = -(self.log_weights[mode] + mode_distance * theta + log(sum));
        (value, -(mode_distance + shift), -(second / sum - shift * shift))
    }

    /// The logarithm of ∫ P(a | μ + τz) φ(z) dz with its derivatives.
    ///
    /// The trapezoidal rule with a step of a quarter of the integrand's width, over all z at which
    /// it is not negligible: for a smooth integrand that vanishes at both ends its error falls
    /// faster than any power of the step.
    fn integrated(&self, mean: f64, deviation: f64) -> Local {
        let exponent = |z: f64| {
            let (value, first, second) = self.log_probability(mean + deviation * z);
            (value - 0.5 * z * z, first, second)
        };
        let mode = ascend(0.0, |z| {
            let (_, first, second) = exponent(z);
            (deviation * first - z, deviation * deviation * second - 1.0)
        });
        let (top, _, second) = exponent(mode);
        let width = 1.0 / (1.0 - deviation * deviation * second).sqrt();
        let step = 0.25 * width.min(1.0 / deviation.max(1.0));
        let mut sums = Moments::default();
        let centre = (mode / step).round();
        for direction in [1.0, -1.0] {
            let mut at = if direction > 0.0 { centre } else { centre - 1.0 };
            loop {
                let z = at * step;
                let (value, first, second) = exponent(z);
                let weight = exp(value - top);
                sums.add(weight, z, first, second);
                // z beyond the mode by more than the integrand's width, where it only falls
                if weight < NEGLIGIBLE && (z - mode) * direction > width {
                    break;
                }
                at += direction;
            }
        }
        sums.local(top + log(step) - 0.5 * log(2.0 * std::f64::consts::PI))
    }
}

/// Weighted sums of an integrand's derivatives by μ and τ.
#[derive(Default)]
struct Moments {
    weight: f64,
    gradient: [f64; 2],
    squares: [f64; 3],
    curvature: [f64; 3],
}

impl Moments {
    /// Adds a point z at which the log-probability has these derivatives by θ = μ + τz.
    fn add(&mut self, weight: f64, z: f64, first: f64, second: f64) {
        let powers = [1.0, z, z * z];
        self.weight += weight;
        for (sum, power) in self.gradient.iter_mut().zip(powers) {
            *sum += weight * first * power;
        }
        let second_order = self.squares.iter_mut().zip(&mut self.curvature).zip(powers);
        for ((square, curvature), power) in second_order {
            *square += weight * first * first * power;
            *curvature += weight * second * power;
        }
    }

    /// The logarithm of the sum, shifted, with its derivatives.
    fn local(&self, shift: f64) -> Local {
        let gradient = self.gradient.map(|g| g / self.weight);
        let outer =
            [gradient[0] * gradient[0], gradient[0] * gradient[1], gradient[1] * gradient[1]];
        Local {
            value: log(self.weight) + shift,
            gradient,
            hessian: [0, 1, 2]
                .map(|i| (self.squares[i] + self.curvature[i]) / self.weight - outer[i]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::glmm::log_choose;

    #[test]
    fn the_hypergeometric_distribution_is_that_of_its_definition() {
        let table = TwoByTwo { events1: 2.0, total1: 5.0, events2: 3.0, total2: 7.0 };
        let theta: f64 = 0.7;
        let choose = |n: f64, k: f64| exp(log_choose(n, k));
        let weight = |x: f64| choose(5.0, x) * choose(7.0, 5.0 - x) * exp(x * theta);
        let all: Vec<f64> = (0..=5).map(f64::from).collect();
        let total: f64 = all.iter().map(|x| weight(*x)).sum();
        let mean = all.iter().map(|x| x * weight(*x)).sum::<f64>() / total;
        let square = all.iter().map(|x| x * x * weight(*x)).sum::<f64>() / total;
        let (value, first, second) = Hypergeometric::new(&table).log_probability(theta);
        assert!((value - log(weight(2.0) / total)).abs() < 1e-13);
        assert!((first - (2.0 - mean)).abs() < 1e-13);
        assert!((second + square - mean * mean).abs() < 1e-13);
    }
}
