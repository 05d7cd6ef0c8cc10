//! Inference that is robust to dependence within clusters, by the sandwich estimator.

use super::matrix::{
    add_outer, bilinear, cholesky, dot, inverse_square_root, product, quadratic, rank, transposed,
};
use super::{NoFit, are_finite, check, places};
use crate::stats::Effect;
use crate::stats::design::{Design, positive_definite_inverse};
use crate::stats::pooling::inverse_variance::is_rounding;
use crate::stats::pooling::{Inference, Reference};

/// Inference by the sandwich estimator with the CR2 correction and Satterthwaite's degrees of
/// freedom (Bell & McCaffrey 2002; Pustejovsky & Tipton 2018).
#[derive(Debug, Clone, PartialEq)]
pub struct RobustFit {
    /// The number of clusters.
    pub clusters: usize,
    /// One entry a coefficient, each tested by t with its own degrees of freedom.
    pub coefficients: Vec<Inference>,
    /// The degrees of freedom of each coefficient, usually not whole.
    pub degrees_of_freedom: Vec<f64>,
    /// The robust covariance of the coefficients, by rows.
    pub covariance: Vec<Vec<f64>>,
}

/// Robust inference for the ordinary two-level model with heterogeneity variance `tau_squared` (0
/// under a common effect), whose estimates may depend on each other within a cluster.
///
/// # Errors
/// See [`NoFit`].
pub fn two_level_robust(
    effects: &[Effect],
    design: &Design,
    tau_squared: f64,
    cluster: &[usize],
    level: f64,
) -> Result<RobustFit, NoFit> {
    check(effects, design)?;
    robust(effects, design, cluster, level, |a, b| if a == b { tau_squared } else { 0.0 })
}

/// A cluster as robust inference needs it.
struct Block {
    members: Vec<usize>,
    /// The working covariance matrix Φ of its estimates, and its inverse.
    covariance: Vec<Vec<f64>>,
    inverse: Vec<Vec<f64>>,
}

/// Robust inference with weights that are the inverse of the working covariance matrix, in which
/// two estimates a and b of one cluster share `shared(a, b)`, and the sampling variance is added
/// where a = b.
///
/// With M = (X′Φ⁻¹X)⁻¹ and Φ_g = LL′ of a cluster g: A_g = L(L′(Φ_g − X_g M X_g′)L)^(−½)L′ is the
/// CR2 adjustment of its residuals e_g, P_g = A_g Φ_g⁻¹ X_g M, and Var(β) = Σ P_g′e_g e_g′P_g.
/// Satterthwaite's degrees of freedom compare the first two moments of a variance under the working
/// model: Σ_g p_g′Φ_g p_h δ_gh − (X_g′p_g)′M(X_h′p_h) are the elements of the form behind it.
pub(super) fn robust(
    effects: &[Effect],
    design: &Design,
    cluster: &[usize],
    level: f64,
    shared: impl Fn(usize, usize) -> f64,
) -> Result<RobustFit, NoFit> {
    let p = design.columns();
    let blocks = blocks(effects, cluster, shared)?;
    if blocks.len() < 2 {
        return Err(NoFit::TooFewClusters);
    }
    let mut gram = vec![vec![0.0; p]; p];
    let mut moment = vec![0.0; p];
    for block in &blocks {
        for (a, inverse) in block.members.iter().zip(&block.inverse) {
            for (b, weight) in block.members.iter().zip(inverse) {
                for (i, x) in design.row(*a).iter().enumerate() {
                    moment[i] += x * weight * effects[*b].estimate;
                    for (j, other) in design.row(*b).iter().enumerate() {
                        gram[i][j] += x * weight * other;
                    }
                }
            }
        }
    }
    let (bread, _) = positive_definite_inverse(&gram).ok_or(NoFit::Singular)?;
    let estimates: Vec<f64> = bread.iter().map(|row| dot(row, &moment)).collect();
    let squares = effects.iter().enumerate().map(|(i, effect)| {
        let residual = effect.estimate - dot(design.row(i), &estimates);
        residual * residual / effect.variance
    });
    if is_rounding(squares.sum()) {
        return Err(NoFit::NoScatter);
    }

    let mut covariance = vec![vec![0.0; p]; p];
    let mut forms: Vec<Form> = (0..p).map(|_| Form::new(p)).collect();
    for block in &blocks {
        let projections = projections(block, design, &bread)?;
        let sums: Vec<f64> = projections
            .iter()
            .map(|column| {
                let terms = block.members.iter().zip(column).map(|(i, weight)| {
                    weight * (effects[*i].estimate - dot(design.row(*i), &estimates))
                });
                terms.sum()
            })
            .collect();
        add_outer(&mut covariance, &sums, 1.0);
        for (form, column) in forms.iter_mut().zip(&projections) {
            form.add(block, column, design, &bread);
        }
    }
    let degrees_of_freedom: Vec<f64> =
        forms.iter().map(|form| form.degrees_of_freedom(&bread)).collect();
    let sound = (0..p).all(|j| covariance[j][j] > 0.0 && degrees_of_freedom[j] > 0.0);
    if !sound {
        return Err(NoFit::TooFewClusters);
    }
    let coefficients: Vec<Inference> = (0..p)
        .map(|j| {
            let reference = Reference::T(degrees_of_freedom[j]);
            Inference::new(estimates[j], covariance[j][j].sqrt(), reference, level)
        })
        .collect();
    if !are_finite(&coefficients) {
        return Err(NoFit::NotFinite);
    }
    Ok(RobustFit { clusters: blocks.len(), coefficients, degrees_of_freedom, covariance })
}

fn blocks(
    effects: &[Effect],
    cluster: &[usize],
    shared: impl Fn(usize, usize) -> f64,
) -> Result<Vec<Block>, NoFit> {
    places(cluster)
        .into_iter()
        .map(|members| {
            let covariance: Vec<Vec<f64>> = members
                .iter()
                .map(|a| {
                    let own = |b: usize| if *a == b { effects[b].variance } else { 0.0 };
                    members.iter().map(|b| shared(*a, *b) + own(*b)).collect()
                })
                .collect();
            let (inverse, _) = positive_definite_inverse(&covariance).ok_or(NoFit::Singular)?;
            Ok(Block { members, covariance, inverse })
        })
        .collect()
}

/// The columns of P_g = A_g Φ_g⁻¹ X_g M, one a coefficient.
fn projections(block: &Block, design: &Design, bread: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, NoFit> {
    let n = block.members.len();
    let rows: Vec<&[f64]> = block.members.iter().map(|i| design.row(*i)).collect();
    let lower = cholesky(&block.covariance).ok_or(NoFit::Singular)?;
    let upper = transposed(&lower);
    let residual: Vec<Vec<f64>> = (0..n)
        .map(|a| {
            let fitted = |b: usize| -> f64 { bilinear(bread, rows[a], rows[b]) };
            (0..n).map(|b| block.covariance[a][b] - fitted(b)).collect()
        })
        .collect();
    let between = product(&product(&upper, &residual), &lower);
    let full = product(&product(&upper, &block.covariance), &lower);
    let scaled = |a: usize, b: usize| between[a][b] / full[a][a].sqrt() / full[b][b].sqrt();
    let rank = rank((0..n).map(|a| (0..n).map(|b| scaled(a, b)).collect()).collect(), RANK);
    let root = inverse_square_root(between, rank);
    let adjustment = product(&product(&lower, &root), &upper);
    let weights = product(&adjustment, &block.inverse);
    Ok(bread
        .iter()
        .map(|bread| {
            let column: Vec<f64> = rows.iter().map(|row| dot(row, bread)).collect();
            weights.iter().map(|weights| dot(weights, &column)).collect()
        })
        .collect())
}

/// Eigenvalues up to this count as zero, where those of the covariance without a fit are about 1:
/// whatever the variances, as they may differ by many orders of magnitude within a cluster.
const RANK: f64 = 1e-12;

/// The moments of a quadratic form under the working model, summed over clusters.
struct Form {
    trace: f64,
    squares: f64,
    /// Σ t t′ with t = X_g′p_g.
    outer: Vec<Vec<f64>>,
}

impl Form {
    fn new(p: usize) -> Self {
        Self { trace: 0.0, squares: 0.0, outer: vec![vec![0.0; p]; p] }
    }

    fn add(&mut self, block: &Block, column: &[f64], design: &Design, bread: &[Vec<f64>]) {
        let mut t = vec![0.0; bread.len()];
        for (i, weight) in block.members.iter().zip(column) {
            t.iter_mut().zip(design.row(*i)).for_each(|(t, x)| *t += weight * x);
        }
        let own = quadratic(&block.covariance, column);
        let fitted = quadratic(bread, &t);
        self.trace += own - fitted;
        self.squares += own * own - 2.0 * own * fitted;
        add_outer(&mut self.outer, &t, 1.0);
    }

    /// 2 E²/Var of the form: (Σ_g c_gg)²/Σ_gh c_gh².
    fn degrees_of_freedom(&self, bread: &[Vec<f64>]) -> f64 {
        let spread = product(bread, &self.outer);
        let rest: f64 = product(&spread, &spread).iter().enumerate().map(|(i, row)| row[i]).sum();
        self.trace * self.trace / (self.squares + rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Variances of a cluster that differ by nine orders of magnitude; the definitions evaluated by
    /// mpmath with 60 digits.
    #[test]
    fn small_variances_beside_large_ones_count() {
        let effects: Vec<Effect> =
            [(310.0, 6e4), (0.66, 1.2e-5), (0.65, 2.5e-5), (0.7, 2e-3), (2.5, 4.0)]
                .map(|(estimate, variance)| Effect { estimate, variance })
                .to_vec();
        let design = Design::intercept(effects.len());
        let fit = two_level_robust(&effects, &design, 0.0, &[0, 0, 1, 1, 2], 0.95).unwrap();
        let found = fit.coefficients[0];
        for (found, expected) in [
            (found.estimate, 0.656_935_121_846_061_53),
            (found.standard_error, 0.004_378_798_355_176_758_5),
            (fit.degrees_of_freedom[0], 1.000_174_296_852_911_8),
        ] {
            assert!((found - expected).abs() <= 1e-10 * expected, "{found}, expected {expected}");
        }
    }

    #[test]
    fn identical_effects_leave_nothing_to_test_by() {
        let effects = [0.02, 0.3, 0.05, 1.0].map(|variance| Effect { estimate: 0.7, variance });
        let fit = two_level_robust(&effects, &Design::intercept(4), 0.0, &[0, 0, 1, 2], 0.95);
        assert_eq!(fit, Err(NoFit::NoScatter));
    }
}
