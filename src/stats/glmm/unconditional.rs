//! The unconditional model: binomial counts, with a level for each study.

use super::jet::Jet;
use super::{Local, MixedFit, NoFit, ascend, informative, log_choose, maximise};
use crate::stats::binary::TwoByTwo;
use crate::stats::root::bracketed_root;
use libm::log;
use std::cell::RefCell;

/// The number of quadrature points that R's metafor and lme4 use.
pub const USUAL_POINTS: usize = 7;

/// The unconditional model with fixed study effects (Turner et al. 2000; metafor's UM.FS): the
/// counts are binomial with logits α_i + θ_i/2 and α_i − θ_i/2. The random effect is integrated out
/// by adaptive Gauss-Hermite quadrature with so many `points` about its mode (Pinheiro & Bates
/// 1995); `level` is that of the intervals (0 to 1).
///
/// # Errors
/// See [`NoFit`].
pub fn unconditional(tables: &[TwoByTwo], points: usize, level: f64) -> Result<MixedFit, NoFit> {
    let tables = informative(tables)?;
    let quadrature = gauss_hermite(points.max(1));
    let levels: Vec<f64> = tables
        .iter()
        .map(|table| {
            let events = table.events1 + table.events2;
            log(events / (table.total1 + table.total2 - events))
        })
        .collect();
    let levels = RefCell::new(levels);
    let peak = maximise(&tables, |mean, deviation| {
        let mut levels = levels.borrow_mut();
        let studies = tables.iter().zip(levels.iter_mut());
        studies.fold(Local::default(), |sum, (table, level)| {
            sum.plus(&profiled(table, level, mean, deviation, &quadrature))
        })
    })?;
    let constant: f64 = tables
        .iter()
        .map(|t| log_choose(t.total1, t.events1) + log_choose(t.total2, t.events2))
        .sum();
    Ok(peak.fit(tables.len(), constant, level))
}

/// The log-likelihood of one study of the unconditional model at the best of its own α, which is
/// left in `level` for the next call.
fn profiled(
    table: &TwoByTwo,
    level: &mut f64,
    mean: f64,
    deviation: f64,
    quadrature: &[(f64, f64)],
) -> Local {
    let at = |level: f64| {
        let variable = [level, mean, deviation];
        let [level, mean, deviation] = [0, 1, 2].map(|i| Jet::variable(variable[i], i));
        binomial_likelihood(table, level, mean, deviation, quadrature)
    };
    *level = ascend(*level, |level| {
        let jet = at(level);
        (jet.gradient[0], jet.hessian[0][0])
    });
    let jet = at(*level);
    let [level_level, level_mean, level_deviation] = jet.hessian[0];
    let rest = jet.gradient[0] / level_level;
    Local {
        value: jet.value,
        gradient: [jet.gradient[1] - level_mean * rest, jet.gradient[2] - level_deviation * rest],
        hessian: [
            jet.hessian[1][1] - level_mean * level_mean / level_level,
            jet.hessian[1][2] - level_mean * level_deviation / level_level,
            jet.hessian[2][2] - level_deviation * level_deviation / level_level,
        ],
    }
}

/// log ∫ exp F(z) dz/√(2π) with F(z) = a η₁ − n₁ log(1 + e^η₁) + c η₂ − n₂ log(1 + e^η₂) − z²/2 and
/// η = α ± (μ + τz)/2.
///
/// With the mode ẑ of F, s² = −1/F″(ẑ), and nodes x and weights ω for the standard normal density,
/// it is log s + log Σ ω exp(F(ẑ + sx) + x²/2).
fn binomial_likelihood(
    table: &TwoByTwo,
    level: Jet,
    mean: Jet,
    deviation: Jet,
    quadrature: &[(f64, f64)],
) -> Jet {
    let [a, _, c, _] = table.cells();
    let (n1, n2) = (table.total1, table.total2);
    let logits = |z: Jet| {
        let half = mean.plus(&deviation.times(&z)).scaled(0.5);
        (level.plus(&half), level.plus(&half.scaled(-1.0)))
    };
    let slope_and_curvature = |z: Jet| {
        let (first, second) = logits(z);
        let (p1, p2) = (first.logistic(), second.logistic());
        let score = p2.scaled(n2).plus(&p1.scaled(-n1)).shifted(a - c);
        let information = p1.times(&p1.scaled(-1.0).shifted(1.0)).scaled(n1);
        let information =
            information.plus(&p2.times(&p2.scaled(-1.0).shifted(1.0)).scaled(n2)).scaled(0.25);
        let slope = deviation.times(&score).scaled(0.5).plus(&z.scaled(-1.0));
        let curvature = deviation.times(&deviation).times(&information).shifted(1.0);
        (slope, curvature.scaled(-1.0))
    };
    let mode = ascend(0.0, |z| {
        let (slope, curvature) = slope_and_curvature(Jet::constant(z));
        (slope.value, curvature.value)
    });
    // each step of Newton's method makes the derivatives of the mode exact to one more order
    let mut mode = Jet::constant(mode);
    for _ in 0..2 {
        let (slope, curvature) = slope_and_curvature(mode);
        mode = mode.plus(&slope.times(&curvature.reciprocal()).scaled(-1.0));
    }
    let (_, curvature) = slope_and_curvature(mode);
    let scale = curvature.scaled(-1.0).reciprocal().square_root();
    let exponents: Vec<Jet> = quadrature
        .iter()
        .map(|(node, weight)| {
            let z = mode.plus(&scale.scaled(*node));
            let (first, second) = logits(z);
            let density = first.scaled(a).plus(&first.softplus().scaled(-n1));
            let density = density.plus(&second.scaled(c)).plus(&second.softplus().scaled(-n2));
            let density = density.plus(&z.times(&z).scaled(-0.5));
            density.shifted(0.5 * node * node + log(*weight))
        })
        .collect();
    let largest = exponents.iter().map(|jet| jet.value).fold(f64::NEG_INFINITY, f64::max);
    let sum = exponents
        .iter()
        .fold(Jet::constant(0.0), |sum, jet| sum.plus(&jet.shifted(-largest).exponential()));
    sum.logarithm().shifted(largest).plus(&scale.logarithm())
}

/// The nodes and weights of Gauss-Hermite quadrature for the standard normal density.
///
/// The nodes are the roots of the Hermite polynomial H_n; with the orthonormal polynomials h_j the
/// weight of a node x is 1/Σ h_j(x)² over j < n.
fn gauss_hermite(points: usize) -> Vec<(f64, f64)> {
    let n = points as f64;
    // h₀ … h_n at x
    let orthonormal = |x: f64| {
        let mut values = vec![1.0, x];
        for j in 1..points {
            let (j, previous) = (j as f64, values[j - 1]);
            let next = (x * values[j as usize] - j.sqrt() * previous) / (j + 1.0).sqrt();
            values.push(next);
        }
        values
    };
    let polynomial = |x: f64| orthonormal(x)[points];
    let bound = (4.0 * n + 3.0).sqrt();
    // an even number of steps of which none ends at the middle root by chance alone
    let steps = 40 * points;
    let place = |i: usize| bound * (2.0 * i as f64 / steps as f64 - 1.0) + 1e-3 / n;
    (0..steps)
        .filter(|i| (polynomial(place(*i)) > 0.0) != (polynomial(place(*i + 1)) > 0.0))
        .map(|i| {
            let node = bracketed_root(place(i), place(i + 1), polynomial);
            let squares: f64 = orthonormal(node)[..points].iter().map(|h| h * h).sum();
            (node, 1.0 / squares)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quadrature_integrates_polynomials_exactly() {
        for points in [1, 2, 7, 8, 25] {
            let nodes = gauss_hermite(points);
            assert_eq!(nodes.len(), points);
            let moment = |power: usize| -> f64 {
                nodes.iter().map(|(x, w)| w * (0..power).map(|_| *x).product::<f64>()).sum()
            };
            assert!((moment(0) - 1.0).abs() < 1e-14);
            assert!(moment(1).abs() < 1e-14);
            if points > 3 {
                assert!((moment(4) - 3.0).abs() < 1e-13 && (moment(6) - 15.0).abs() < 1e-12);
            }
        }
    }
}
