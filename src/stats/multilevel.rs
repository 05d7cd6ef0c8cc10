//! The three-level model, and inference that is robust to dependence within clusters.
//!
//! Estimates are nested in studies, studies in clusters. The covariance matrix of all estimates is
//! never formed: its inverse and determinant follow, study by study and cluster by cluster, from
//! weighted sums (Woodbury's identity). The two variances are found by bracketing: for each
//! variance between clusters the best one between studies, along that ridge the best of all, each a
//! root of the likelihood's derivative to machine precision.

use super::Effect;
use super::design::{Design, WeightedFit, positive_definite_inverse};
use super::heterogeneity::{CochranQ, typical_variance};
use super::pooling::{Inference, Reference};
use super::root::highest_maximum;
use super::tau_squared::inverse_variance_weights;
use libm::{log, log1p};

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
fn robust(
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
    let size: f64 = (0..n).map(|i| full[i][i]).sum();
    let root = inverse_square_root(between, size * RANK);
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

/// Eigenvalues below this part of the trace count as zero.
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

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// a′Mb.
fn bilinear(matrix: &[Vec<f64>], a: &[f64], b: &[f64]) -> f64 {
    matrix.iter().zip(a).map(|(row, a)| a * dot(row, b)).sum()
}

/// a′Ma.
fn quadratic(matrix: &[Vec<f64>], a: &[f64]) -> f64 {
    bilinear(matrix, a, a)
}

/// Adds `weight` aa′ to a matrix.
fn add_outer(matrix: &mut [Vec<f64>], a: &[f64], weight: f64) {
    for (row, x) in matrix.iter_mut().zip(a) {
        for (value, y) in row.iter_mut().zip(a) {
            *value += weight * x * y;
        }
    }
}

fn transposed(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let columns = matrix.first().map_or(0, Vec::len);
    (0..columns).map(|j| matrix.iter().map(|row| row[j]).collect()).collect()
}

fn product(a: &[Vec<f64>], b: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let columns = transposed(b);
    a.iter().map(|row| columns.iter().map(|column| dot(row, column)).collect()).collect()
}

/// The lower triangle L with LL′ equal to a positive definite matrix.
fn cholesky(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let n = matrix.len();
    let mut lower = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let rest = matrix[i][j] - dot(&lower[i][..j], &lower[j][..j]);
            if i > j {
                lower[i][j] = rest / lower[j][j];
            } else if rest > 0.0 {
                lower[i][i] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    Some(lower)
}

/// The symmetric (pseudo-)inverse square root of a positive semidefinite matrix, in which
/// eigenvalues up to `zero` count as 0: Jacobi's rotations.
fn inverse_square_root(mut matrix: Vec<Vec<f64>>, zero: f64) -> Vec<Vec<f64>> {
    let n = matrix.len();
    let mut vectors: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    // the sum of squares off the diagonal falls quadratically: ten sweeps are plenty
    for _ in 0..60 {
        let mut rotated = false;
        for i in 0..n {
            for j in i + 1..n {
                rotated |= rotate(&mut matrix, &mut vectors, i, j);
            }
        }
        if !rotated {
            break;
        }
    }
    let mut root = vec![vec![0.0; n]; n];
    for (i, vector) in transposed(&vectors).iter().enumerate() {
        if matrix[i][i] > zero {
            add_outer(&mut root, vector, 1.0 / matrix[i][i].sqrt());
        }
    }
    root
}

/// Makes one element off the diagonal zero; false where it is negligible already.
fn rotate(matrix: &mut [Vec<f64>], vectors: &mut [Vec<f64>], i: usize, j: usize) -> bool {
    let off = matrix[i][j];
    if off.abs() <= 0.1 * f64::EPSILON * matrix[i][i].abs().max(matrix[j][j].abs()) {
        return false;
    }
    let theta = (matrix[j][j] - matrix[i][i]) / (2.0 * off);
    let tangent = 1.0f64.copysign(theta) / (theta.abs() + (theta * theta + 1.0).sqrt());
    let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
    let sine = tangent * cosine;
    let turn = |a: f64, b: f64| (cosine * a - sine * b, sine * a + cosine * b);
    for row in matrix.iter_mut() {
        (row[i], row[j]) = turn(row[i], row[j]);
    }
    let (above, below) = matrix.split_at_mut(j);
    for (a, b) in above[i].iter_mut().zip(&mut below[0]) {
        (*a, *b) = turn(*a, *b);
    }
    matrix[i][j] = 0.0;
    matrix[j][i] = 0.0;
    for row in vectors.iter_mut() {
        (row[i], row[j]) = turn(row[i], row[j]);
    }
    true
}
