//! The three-level model, and inference that is robust to dependence within clusters.
//!
//! Estimates are nested in studies, studies in clusters. The covariance matrix of all estimates is
//! never formed: its inverse and determinant follow, study by study and cluster by cluster, from
//! weighted sums (Woodbury's identity). The two variances are found by bracketing: for each
//! variance between clusters the best one between studies, along that ridge the best of all, each a
//! root of the likelihood's derivative to machine precision.

mod cluster_robust;
mod matrix;

pub use cluster_robust::{RobustFit, two_level_robust};

use super::Effect;
use super::design::{Design, WeightedFit, positive_definite_inverse};
use super::heterogeneity::{CochranQ, typical_variance};
use super::pooling::{Inference, Reference};
use super::root::highest_maximum;
use super::tau_squared::inverse_variance_weights;
use cluster_robust::robust;
use libm::{log, log1p};
use matrix::{add_outer, dot, quadratic};

/// The likelihood that the variances maximise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likelihood {
    /// Restricted (REML).
    Restricted,
    /// Ordinary (ML).
    Ordinary,
}

/// How coefficients are tested and their intervals made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// Normal reference.
    Z,
    /// Student's t with k − p degrees of freedom.
    T,
}

/// To which cluster, and to which study within it, each estimate belongs. Any numbers may serve;
/// a study is known by its cluster and its number together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nesting<'a> {
    /// The cluster of each estimate.
    pub cluster: &'a [usize],
    /// The study of each estimate.
    pub study: &'a [usize],
}

/// A fitted three-level model, y = Xβ + u + t + e with u ~ N(0, σ₁²) shared by a cluster,
/// t ~ N(0, σ₂²) shared by a study, and e of the known sampling variances (Konstantopoulos 2011).
#[derive(Debug, Clone, PartialEq)]
pub struct ThreeLevelFit {
    /// The number of estimates, k.
    pub k: usize,
    /// The number of clusters.
    pub clusters: usize,
    /// The number of studies.
    pub studies: usize,
    /// One entry a coefficient; a model without moderators has one, the pooled effect.
    pub coefficients: Vec<Inference>,
    /// The covariance of the coefficients, by rows.
    pub covariance: Vec<Vec<f64>>,
    /// The reference distribution of the tests and intervals.
    pub reference: Reference,
    /// σ₁², the variance between clusters.
    pub between_clusters: f64,
    /// σ₂², the variance between the studies of a cluster.
    pub within_clusters: f64,
    /// I² in percent, split into the part between and the part within clusters: 100 σ²/(σ₁² + σ₂² +
    /// v_t) with the typical sampling variance v_t.
    pub i_squared: (f64, f64),
    /// Q_E with w = 1/v.
    pub q: CochranQ,
    /// Log-likelihood: restricted under REML, ordinary under ML.
    pub log_likelihood: f64,
    /// Akaike's criterion, −2 log-likelihood + 2 (p + 2).
    pub aic: f64,
    level: f64,
}

/// Why a model has no fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoFit {
    /// No estimate.
    NoStudies,
    /// A number is not finite, or its square is beyond the largest.
    NotFinite,
    /// A sampling variance is zero.
    ZeroVariance,
    /// Collinear moderators.
    Singular,
    /// The model needs more estimates than coefficients.
    NoResidualDegreesOfFreedom,
    /// The variance between clusters needs at least two clusters, and robust inference more
    /// clusters than its residuals can be fitted by.
    TooFewClusters,
    /// Every cluster has one study, so that the two variances cannot be told apart: the ordinary
    /// two-level model says the same.
    OneStudyPerCluster,
    /// The estimates lie on the model, so that their scatter leaves robust inference nothing to test
    /// by.
    NoScatter,
}

/// Fits y ~ X with estimates nested in studies nested in clusters, at confidence `level` (0 to 1).
///
/// # Errors
/// See [`NoFit`].
pub fn three_level(
    effects: &[Effect],
    design: &Design,
    nesting: Nesting<'_>,
    likelihood: Likelihood,
    test: Test,
    level: f64,
) -> Result<ThreeLevelFit, NoFit> {
    check(effects, design)?;
    let y: Vec<f64> = effects.iter().map(|effect| effect.estimate).collect();
    let v: Vec<f64> = effects.iter().map(|effect| effect.variance).collect();
    let common =
        WeightedFit::new(design, &y, inverse_variance_weights(&v, 0.0)).ok_or(NoFit::Singular)?;
    // the residuals about a first fit, so that no digits are lost to a large mean
    let sums = Sums::new(&common.residuals, &v, design, nesting);
    if sums.clusters.len() < 2 {
        return Err(NoFit::TooFewClusters);
    }
    if sums.clusters.iter().all(|studies| studies.len() == 1) {
        return Err(NoFit::OneStudyPerCluster);
    }
    let restricted = likelihood == Likelihood::Restricted;
    let (between, within) = sums.best(restricted);
    let state = sums.evaluate(between, within, restricted).ok_or(NoFit::Singular)?;

    let df = design.residual_df();
    let reference = match test {
        Test::Z => Reference::Normal,
        Test::T => Reference::T(df),
    };
    let coefficients: Vec<Inference> = (0..design.columns())
        .map(|j| {
            let estimate = common.coefficients[j] + state.coefficients[j];
            Inference::new(estimate, state.covariance[j][j].sqrt(), reference, level)
        })
        .collect();
    let likelihood_constant = if restricted {
        0.5 * (design.log_determinant() - df * log_two_pi())
    } else {
        -0.5 * y.len() as f64 * log_two_pi()
    };
    let log_likelihood = state.log_likelihood + likelihood_constant;
    let q = CochranQ::new(common.residual_sum(), df);
    if !(log_likelihood.is_finite() && q.statistic.is_finite() && are_finite(&coefficients)) {
        return Err(NoFit::NotFinite);
    }
    let total = between + within + typical_variance(&common, df);
    Ok(ThreeLevelFit {
        k: y.len(),
        clusters: sums.clusters.len(),
        studies: sums.clusters.iter().map(Vec::len).sum(),
        coefficients,
        covariance: state.covariance,
        reference,
        between_clusters: between,
        within_clusters: within,
        i_squared: (100.0 * between / total, 100.0 * within / total),
        q,
        log_likelihood,
        aic: 2.0 * (design.columns() + 2) as f64 - 2.0 * log_likelihood,
        level,
    })
}

impl ThreeLevelFit {
    /// The pooled effect: the only coefficient of a model without moderators.
    #[must_use]
    pub fn pooled(&self) -> &Inference {
        &self.coefficients[0]
    }

    /// The interval in which the true effect of a new study of a new cluster lies:
    /// μ ± c √(σ₁² + σ₂² + SE²) with c from the model's reference distribution.
    #[must_use]
    pub fn prediction_interval(&self) -> (f64, f64) {
        let pooled = self.pooled();
        let variance = self.between_clusters
            + self.within_clusters
            + pooled.standard_error * pooled.standard_error;
        let half_width = self.reference.critical(self.level) * variance.sqrt();
        (pooled.estimate - half_width, pooled.estimate + half_width)
    }

    /// The same coefficients with inference robust to any dependence within the clusters; the
    /// arguments are those of the fit.
    ///
    /// # Errors
    /// See [`NoFit`].
    pub fn robust(
        &self,
        effects: &[Effect],
        design: &Design,
        nesting: Nesting<'_>,
    ) -> Result<RobustFit, NoFit> {
        check(effects, design)?;
        let same = |a: usize, b: usize| f64::from(u8::from(nesting.study[a] == nesting.study[b]));
        robust(effects, design, nesting.cluster, self.level, |a, b| {
            self.between_clusters + self.within_clusters * same(a, b)
        })
    }
}

fn check(effects: &[Effect], design: &Design) -> Result<(), NoFit> {
    if effects.is_empty() {
        return Err(NoFit::NoStudies);
    }
    if effects.iter().any(|effect| effect.variance <= 0.0) {
        return Err(NoFit::ZeroVariance);
    }
    if !effects.iter().all(|effect| effect.estimate.is_finite() && effect.variance.is_finite()) {
        return Err(NoFit::NotFinite);
    }
    if design.residual_df() <= 0.0 {
        return Err(NoFit::NoResidualDegreesOfFreedom);
    }
    Ok(())
}

fn are_finite(coefficients: &[Inference]) -> bool {
    coefficients.iter().all(|b| {
        [b.statistic, b.p_value, b.ci_lower, b.ci_upper].iter().all(|number| number.is_finite())
    })
}

fn log_two_pi() -> f64 {
    log(2.0 * std::f64::consts::PI)
}

/// The places of equal numbers, in the order of the numbers.
fn places(numbers: &[usize]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_by_key(|place| numbers[*place]);
    order.chunk_by(|a, b| numbers[*a] == numbers[*b]).map(<[usize]>::to_vec).collect()
}

/// The weighted sums from which the likelihood follows at any pair of variances. A row z holds the
/// covariates of an estimate and then its y.
struct Sums {
    clusters: Vec<Vec<StudySum>>,
    /// Σ w (z − z̄)(z − z̄)′ about the means of the studies, by rows.
    within_studies: Vec<Vec<f64>>,
    log_variances: f64,
    /// Σ y².
    residual_sum: f64,
}

/// A study's weight Σw with w = 1/v, and its mean row Σwz/Σw.
struct StudySum {
    weight: f64,
    mean: Vec<f64>,
}

/// The likelihood at a pair of variances.
struct State {
    /// Without its constant.
    log_likelihood: f64,
    /// Its derivatives by the variance between and within clusters.
    score: (f64, f64),
    coefficients: Vec<f64>,
    covariance: Vec<Vec<f64>>,
}

impl Sums {
    fn new(y: &[f64], v: &[f64], design: &Design, nesting: Nesting<'_>) -> Self {
        let size = design.columns() + 1;
        let row = |i: usize| design.row(i).iter().copied().chain([y[i]]);
        let mut within_studies = vec![vec![0.0; size]; size];
        let mut study_sum = |members: &[usize]| {
            let weight: f64 = members.iter().map(|i| 1.0 / v[*i]).sum();
            let mut mean = vec![0.0; size];
            for i in members {
                mean.iter_mut().zip(row(*i)).for_each(|(mean, z)| *mean += z / v[*i] / weight);
            }
            for i in members {
                let deviation: Vec<f64> = row(*i).zip(&mean).map(|(z, mean)| z - mean).collect();
                add_outer(&mut within_studies, &deviation, 1.0 / v[*i]);
            }
            StudySum { weight, mean }
        };
        let clusters = places(nesting.cluster)
            .iter()
            .map(|members| {
                let studies: Vec<usize> = members.iter().map(|i| nesting.study[*i]).collect();
                let own = |place: &Vec<usize>| -> Vec<usize> {
                    place.iter().map(|at| members[*at]).collect()
                };
                places(&studies).iter().map(|place| study_sum(&own(place))).collect()
            })
            .collect();
        Self {
            clusters,
            within_studies,
            log_variances: v.iter().map(|v| log(*v)).sum(),
            residual_sum: y.iter().map(|y| y * y).sum(),
        }
    }

    /// The likelihood at these variances; `None` where X is singular.
    ///
    /// With t = Σw/(1 + σ₂²Σw) of a study, b = Σt of a cluster and m = b/(1 + σ₁²b):
    /// Z′V⁻¹Z is the scatter within studies, plus Σ t (z̄ − z̄_c)(z̄ − z̄_c)′ of the studies about
    /// their cluster, plus Σ m z̄_c z̄_c′; and log|V| = Σ log v + Σ log(1 + σ₂²Σw) + Σ log(1 + σ₁²b).
    fn evaluate(&self, between: f64, within: f64, restricted: bool) -> Option<State> {
        let size = self.within_studies.len();
        let p = size - 1;
        let mut moments = self.within_studies.clone();
        let mut log_determinant = self.log_variances;
        let mut means = Vec::with_capacity(self.clusters.len());
        for studies in &self.clusters {
            let mut total = 0.0;
            let mut mean = vec![0.0; size];
            for study in studies {
                let t = study.weight / (1.0 + within * study.weight);
                total += t;
                mean.iter_mut().zip(&study.mean).for_each(|(mean, z)| *mean += t * z);
                log_determinant += log1p(within * study.weight);
            }
            mean.iter_mut().for_each(|mean| *mean /= total);
            for study in studies {
                let t = study.weight / (1.0 + within * study.weight);
                let deviation: Vec<f64> =
                    study.mean.iter().zip(&mean).map(|(z, c)| z - c).collect();
                add_outer(&mut moments, &deviation, t);
            }
            add_outer(&mut moments, &mean, total / (1.0 + between * total));
            log_determinant += log1p(between * total);
            means.push((total, mean));
        }

        let gram: Vec<Vec<f64>> = moments[..p].iter().map(|row| row[..p].to_vec()).collect();
        let (covariance, log_gram) = positive_definite_inverse(&gram)?;
        let coefficients: Vec<f64> = covariance.iter().map(|row| dot(row, &moments[p])).collect();
        let residual_sum = moments[p][p] - dot(&coefficients, &moments[p]);
        let penalty = if restricted { log_gram } else { 0.0 };

        // for a set of estimates with the indicator z: z′V⁻¹z, less z′V⁻¹X(X′V⁻¹X)⁻¹X′V⁻¹z under
        // REML, less the square of z′V⁻¹(y − Xβ)
        let imbalance = |precision: f64, row: &[f64]| {
            let residual = row[p] - dot(&coefficients, row);
            let leverage = if restricted { quadratic(&covariance, &row[..p]) } else { 0.0 };
            precision - leverage - residual * residual
        };
        let mut score = (0.0, 0.0);
        for (studies, (total, mean)) in self.clusters.iter().zip(&means) {
            let shrunk = 1.0 / (1.0 + between * total);
            let row: Vec<f64> = mean.iter().map(|c| total * shrunk * c).collect();
            score.0 -= 0.5 * imbalance(total * shrunk, &row);
            for study in studies {
                let t = study.weight / (1.0 + within * study.weight);
                let share = between * total * shrunk;
                let row: Vec<f64> =
                    study.mean.iter().zip(mean).map(|(z, c)| t * (z - share * c)).collect();
                score.1 -= 0.5 * imbalance(t - between * shrunk * t * t, &row);
            }
        }
        let log_likelihood = -0.5 * (log_determinant + penalty + residual_sum);
        Some(State { log_likelihood, score, coefficients, covariance })
    }

    /// The variances between and within clusters with the highest likelihood.
    fn best(&self, restricted: bool) -> (f64, f64) {
        let heaviest = self
            .clusters
            .iter()
            .map(|studies| studies.iter().map(|study| study.weight).sum::<f64>())
            .fold(0.0, f64::max);
        // the scale is the sampling variance of the mean of the heaviest cluster
        let (scale, upper) = (1.0 / heaviest, self.residual_sum);
        let state = |between, within| self.evaluate(between, within, restricted);
        let undefined = (f64::NAN, f64::NAN);
        let within = |between: f64| {
            highest_from(scale, upper, |within| {
                state(between, within)
                    .map_or(undefined, |state| (state.log_likelihood, state.score.1))
            })
        };
        let between = highest_from(scale, upper, |between| {
            state(between, within(between))
                .map_or(undefined, |state| (state.log_likelihood, state.score.0))
        });
        (between, within(between))
    }
}

/// The place of the highest maximum on [0, ∞) of a function that gives its value and its
/// derivative.
fn highest_from(scale: f64, mut upper: f64, f: impl Fn(f64) -> (f64, f64)) -> f64 {
    for _ in 0..100 {
        if f(upper).1 > 0.0 {
            upper *= 4.0;
        } else {
            break;
        }
    }
    highest_maximum(scale, upper, f)
}
