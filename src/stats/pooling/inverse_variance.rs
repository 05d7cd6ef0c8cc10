//! Inverse-variance pooling: common-effect and random-effects models, with or without moderators.

use super::mean::{Columns, Pooling};
use super::{Inference, Reference};
use crate::stats::design::{Design, WeightedFit};
use crate::stats::heterogeneity::{
    CochranQ, Inconsistency, TauSquaredInterval, tau_squared_interval, typical_variance,
};
use crate::stats::tau_squared::{
    Estimator, FitAt, Studies, TauSquared, inverse_variance_weights, log_likelihood,
    restricted_log_likelihood,
};
use crate::stats::{Effect, is_computable};

/// How coefficients are tested and their intervals made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// Wald test, normal reference.
    Z,
    /// Wald test, t with k − p degrees of freedom.
    T,
    /// Knapp & Hartung 2003: variance times s² = Σ w r²/(k − p), t with k − p degrees of freedom.
    KnappHartung,
    /// As Knapp & Hartung, with s² never below 1.
    AdHoc,
}

/// The assumption about the studies' true effects.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Model {
    /// One effect shared by all studies (metafor's EE); τ² is not estimated.
    Common,
    /// Effects vary with variance τ², estimated as named.
    Random(Estimator),
    /// Effects vary with this variance τ², estimated elsewhere.
    RandomGiven(TauSquared),
}

/// The distribution behind a prediction interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PredictionReference {
    /// That of the model's own test, with its standard error (metafor's default).
    Model,
    /// t with k − p degrees of freedom (Veroniki et al. 2019).
    ResidualDf,
    /// t with k − p − 1 degrees of freedom (Higgins, Thompson & Spiegelhalter 2009).
    ResidualDfMinusOne,
}

/// A fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The number of studies, k.
    pub k: usize,
    /// One entry a coefficient; a model without moderators has one, the pooled effect.
    pub coefficients: Vec<Inference>,
    /// The covariance of the coefficients by rows, as the test scales it; its diagonal holds the
    /// squared standard errors.
    pub covariance: Vec<Vec<f64>>,
    /// The reference distribution of the tests and intervals.
    pub reference: Reference,
    /// τ² under a random-effects model.
    pub tau_squared: Option<TauSquared>,
    /// Cochran's Q with w = 1/v.
    pub q: CochranQ,
    /// I² and H²; `None` where there are no residual degrees of freedom.
    pub inconsistency: Option<Inconsistency>,
    /// The typical sampling variance v_t behind I² and H².
    pub typical_variance: Option<f64>,
    /// Weights in percent; they sum to 100.
    pub weights: Vec<f64>,
    /// Log-likelihood: restricted under REML, ordinary otherwise.
    pub log_likelihood: f64,
    /// Akaike's criterion, −2 log-likelihood + 2 (p + 1 for an estimated τ²).
    pub aic: f64,
    level: f64,
}

/// Why a model has no fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoFit {
    /// No study gave an estimate.
    NoStudies,
    /// Fewer studies than coefficients, or collinear moderators.
    Singular,
    /// A random-effects model, or a t test, needs more studies than coefficients.
    NoResidualDegreesOfFreedom,
    /// A study's sampling variance is zero.
    ZeroVariance,
    /// An estimate beyond 10^±50, or a variance beyond 10^−50 to 10^50: products of four such
    /// numbers are numbers still.
    OutOfRange,
    /// The effects are identical, so that a Knapp-Hartung test has nothing to test by.
    NoScatter,
}

/// Whether estimates and variances are numbers that can be computed with.
pub(super) fn expect_usable(y: &[f64], v: &[f64]) -> Result<(), NoFit> {
    if v.iter().any(|v| *v <= 0.0) {
        return Err(NoFit::ZeroVariance);
    }
    if is_computable(y, v) { Ok(()) } else { Err(NoFit::OutOfRange) }
}

/// Fits y ~ X at confidence `level` (0 to 1).
///
/// # Errors
/// See [`NoFit`]: the model needs an estimate, a design of full rank, positive variances, and,
/// for random effects or a t reference, residual degrees of freedom.
pub fn fit(
    effects: &[Effect],
    design: &Design,
    model: Model,
    test: Test,
    level: f64,
) -> Result<Fit, NoFit> {
    if design.is_intercept() {
        return fit_mean(effects, design, model, test, level);
    }
    if effects.is_empty() {
        return Err(NoFit::NoStudies);
    }
    let Columns { y, v } = Columns::of(effects);
    expect_usable(&y, &v)?;
    let df = design.residual_df();
    let needs_df = model != Model::Common || test != Test::Z;
    if df < 0.0 || (needs_df && df == 0.0) {
        return Err(NoFit::NoResidualDegreesOfFreedom);
    }
    let studies = Studies::new(&y, &v, design).ok_or(NoFit::Singular)?;
    let (tau_squared, weighted) = match model {
        Model::Common => (None, studies.fit_at(0.0)),
        Model::Random(estimator) => {
            let found = studies.estimate(estimator, None).ok_or(NoFit::Singular)?;
            (Some(found.tau_squared), Some(found.fit))
        }
        Model::RandomGiven(tau_squared) => (Some(tau_squared), studies.fit_at(tau_squared.value)),
    };
    let value = tau_squared.map_or(0.0, |tau_squared| tau_squared.value);
    let (FitAt::Regression(common), Some(FitAt::Regression(weighted))) = (studies.common, weighted)
    else {
        return Err(NoFit::Singular);
    };

    let reference = if test == Test::Z { Reference::Normal } else { Reference::T(df) };
    let scale = variance_scale(test, weighted.residual_sum(), df);
    if scale == 0.0 {
        return Err(NoFit::NoScatter);
    }
    let coefficients = (0..design.columns())
        .map(|j| {
            let standard_error = (scale * weighted.coefficient_variance(j)).sqrt();
            Inference::new(weighted.coefficients[j], standard_error, reference, level)
        })
        .collect();

    let p = design.columns();
    let covariance = (0..p)
        .map(|i| (0..p).map(|j| scale * weighted.coefficient_covariance(i, j)).collect())
        .collect();

    let q = CochranQ::new(common.residual_sum(), df);
    let typical = (df > 0.0).then(|| typical_variance(&common, df));
    let inconsistency = match (tau_squared, typical) {
        (Some(tau_squared), Some(typical)) => {
            Some(Inconsistency::from_tau_squared(tau_squared.value, typical))
        }
        _ => Inconsistency::from_q(&q),
    };
    let total = weighted.weight_sum();
    let weights = weighted.weights().iter().map(|w| 100.0 * w / total).collect();
    let log_likelihood = model_log_likelihood(model, &y, &v, design, value)?;
    Ok(Fit {
        k: effects.len(),
        coefficients,
        covariance,
        reference,
        tau_squared,
        q,
        inconsistency,
        typical_variance: typical,
        weights,
        log_likelihood,
        aic: akaike(log_likelihood, p, tau_squared.is_some()),
        level,
    })
}

fn fit_mean(
    effects: &[Effect],
    design: &Design,
    model: Model,
    test: Test,
    level: f64,
) -> Result<Fit, NoFit> {
    let Columns { y, v } = Columns::of(effects);
    let fit = Pooling::new(model, test, level).fit(&y, &v, None)?;
    let value = fit.tau_squared_value();
    let total = fit.weighted.weight_sum;
    let log_likelihood = model_log_likelihood(model, &y, &v, design, value)?;
    Ok(Fit {
        k: fit.k,
        coefficients: vec![fit.pooled],
        covariance: vec![vec![fit.scale / total]],
        reference: fit.reference,
        tau_squared: fit.tau_squared,
        q: fit.q,
        inconsistency: fit.inconsistency,
        typical_variance: fit.typical_variance,
        weights: v.iter().map(|v| 100.0 / ((v + value) * total)).collect(),
        log_likelihood,
        aic: akaike(log_likelihood, 1, fit.tau_squared.is_some()),
        level,
    })
}

/// Restricted under REML, ordinary otherwise.
fn model_log_likelihood(
    model: Model,
    y: &[f64],
    v: &[f64],
    design: &Design,
    tau_squared: f64,
) -> Result<f64, NoFit> {
    match model {
        Model::Random(Estimator::RestrictedMaximumLikelihood) => {
            restricted_log_likelihood(y, v, design, tau_squared)
        }
        _ => log_likelihood(y, v, design, tau_squared),
    }
    .ok_or(NoFit::Singular)
}

fn akaike(log_likelihood: f64, coefficients: usize, has_tau_squared: bool) -> f64 {
    2.0 * (coefficients + usize::from(has_tau_squared)) as f64 - 2.0 * log_likelihood
}

/// Whether a weighted sum of squared residuals is what rounding leaves of zero.
pub(crate) fn is_rounding(residual_sum: f64) -> bool {
    residual_sum <= f64::EPSILON
}

/// The factor by which the test changes the variances of the coefficients.
pub(super) fn variance_scale(test: Test, residual_sum: f64, df: f64) -> f64 {
    let scale = if is_rounding(residual_sum) { 0.0 } else { residual_sum / df };
    match test {
        Test::Z | Test::T => 1.0,
        Test::KnappHartung => scale,
        Test::AdHoc => scale.max(1.0),
    }
}

impl Fit {
    /// The pooled effect: the only coefficient of a model without moderators.
    #[must_use]
    pub fn pooled(&self) -> &Inference {
        &self.coefficients[0]
    }

    /// The interval in which the effect of a new study lies with probability `level`, under the
    /// model's own reference distribution; see [`Fit::prediction_interval_under`].
    #[must_use]
    pub fn prediction_interval(&self) -> Option<(f64, f64)> {
        self.prediction_interval_under(PredictionReference::Model)
    }

    /// The interval in which the effect of a new study lies with probability `level`:
    /// μ ± c √(τ² + SE²). `None` under a common effect, or without degrees of freedom for c.
    #[must_use]
    pub fn prediction_interval_under(&self, reference: PredictionReference) -> Option<(f64, f64)> {
        let tau_squared = self.tau_squared?.value;
        let reference = match reference {
            PredictionReference::Model => self.reference,
            PredictionReference::ResidualDf => Reference::T(self.q.df),
            PredictionReference::ResidualDfMinusOne if self.q.df > 1.0 => {
                Reference::T(self.q.df - 1.0)
            }
            PredictionReference::ResidualDfMinusOne => return None,
        };
        let pooled = self.pooled();
        let spread = (tau_squared + pooled.standard_error * pooled.standard_error).sqrt();
        let half_width = reference.critical(self.level) * spread;
        Some((pooled.estimate - half_width, pooled.estimate + half_width))
    }
}

/// Q-profile intervals of τ² and, by transformation, of I² (percent) and H².
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeterogeneityIntervals {
    /// Of τ².
    pub tau_squared: TauSquaredInterval,
    /// Of I², percent.
    pub i_squared: (f64, f64),
    /// Of H².
    pub h_squared: (f64, f64),
}

/// The Q-profile intervals at confidence `level`; they do not depend on the estimator of τ².
/// `None` where k ≤ p.
#[must_use]
pub fn heterogeneity_intervals(
    effects: &[Effect],
    design: &Design,
    level: f64,
) -> Option<HeterogeneityIntervals> {
    let Columns { y, v } = Columns::of(effects);
    if !is_computable(&y, &v) {
        return None;
    }
    let tau_squared = tau_squared_interval(&y, &v, design, level)?;
    let common = WeightedFit::new(design, &y, inverse_variance_weights(&v, 0.0))?;
    let typical = typical_variance(&common, design.residual_df());
    let lower = Inconsistency::from_tau_squared(tau_squared.lower, typical);
    let upper = Inconsistency::from_tau_squared(tau_squared.upper, typical);
    Some(HeterogeneityIntervals {
        tau_squared,
        i_squared: (lower.i_squared, upper.i_squared),
        h_squared: (lower.h_squared, upper.h_squared),
    })
}
