//! Estimators of the between-study variance τ², with their standard errors.

mod closed_form;
mod generalised_q;
mod likelihood;

use super::design::{Design, WeightedFit};
use super::is_computable;
use super::weighted_mean::{self, WeightedMean};

pub use closed_form::dersimonian_laird_about;
pub use likelihood::{log_likelihood, restricted_log_likelihood};

/// How τ² is estimated; metafor's names in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Estimator {
    /// Restricted maximum likelihood (REML).
    RestrictedMaximumLikelihood,
    /// Maximum likelihood (ML).
    MaximumLikelihood,
    /// DerSimonian & Laird 1986 (DL).
    DerSimonianLaird,
    /// Hedges & Olkin 1985 (HE).
    Hedges,
    /// Hunter & Schmidt 1990 (HS).
    HunterSchmidt,
    /// Sidik & Jonkman 2005 (SJ).
    SidikJonkman,
    /// Paule & Mandel 1982 (PM).
    PauleMandel,
    /// Empirical Bayes, Berkey et al. 1995 (EB); equal to PM at convergence.
    EmpiricalBayes,
}

/// An estimate of τ².
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TauSquared {
    /// The estimate, at least 0, on the square of the analysis scale.
    pub value: f64,
    /// Its asymptotic standard error.
    pub standard_error: f64,
    /// Whether the estimate lies at 0, where the estimating equation was cut off or the likelihood
    /// is highest at its boundary.
    pub at_boundary: bool,
}

/// Estimates τ² from estimates `y` with variances `v` under the model y ~ X.
///
/// `None` where there are no residual degrees of freedom (k ≤ p) or X is singular. Variances must
/// be positive. It cannot fail to converge: closed forms are evaluated, roots are bracketed.
#[must_use]
pub fn estimate(estimator: Estimator, y: &[f64], v: &[f64], design: &Design) -> Option<TauSquared> {
    if !is_computable(y, v) {
        return None;
    }
    Some(Studies::new(y, v, design)?.estimate(estimator, None)?.tau_squared)
}

/// Studies under a model y ~ X, with the fit at τ² = 0 that estimators start from.
pub(super) struct Studies<'a> {
    y: &'a [f64],
    v: &'a [f64],
    design: &'a Design,
    /// The fit with w = 1/v.
    pub(super) common: FitAt<'a>,
}

/// An estimate of τ².
pub(super) struct Estimated<'a> {
    pub(super) tau_squared: TauSquared,
    /// The fit at this τ².
    pub(super) fit: FitAt<'a>,
}

impl<'a> Studies<'a> {
    /// `None` where X′WX is singular.
    pub(super) fn new(y: &'a [f64], v: &'a [f64], design: &'a Design) -> Option<Self> {
        Some(Self { y, v, design, common: FitAt::new(y, v, design, 0.0)? })
    }

    /// The fit at this τ²; `None` where X′WX is singular.
    pub(super) fn fit_at(&self, tau_squared: f64) -> Option<FitAt<'a>> {
        if tau_squared == 0.0 {
            return Some(self.common.clone());
        }
        FitAt::new(self.y, self.v, self.design, tau_squared)
    }

    /// As [`estimate`]; a value `near` the estimate, as that of almost the same studies, shortens
    /// the search for the highest likelihood.
    pub(super) fn estimate(
        &self,
        estimator: Estimator,
        near: Option<f64>,
    ) -> Option<Estimated<'a>> {
        if self.residual_df() <= 0.0 {
            return None;
        }
        match estimator {
            Estimator::RestrictedMaximumLikelihood => likelihood::restricted(self, near),
            Estimator::MaximumLikelihood => likelihood::unrestricted(self, near),
            Estimator::DerSimonianLaird => closed_form::dersimonian_laird(self),
            Estimator::Hedges => closed_form::hedges(self),
            Estimator::HunterSchmidt => closed_form::hunter_schmidt(self),
            Estimator::SidikJonkman => closed_form::sidik_jonkman(self),
            Estimator::PauleMandel | Estimator::EmpiricalBayes => generalised_q::paule_mandel(self),
        }
    }

    /// An estimate cut off at 0.
    fn truncated(
        &self,
        estimate: f64,
        standard_error: impl Fn(f64) -> f64,
    ) -> Option<Estimated<'a>> {
        let value = estimate.max(0.0);
        let standard_error = standard_error(value);
        let tau_squared = TauSquared { value, standard_error, at_boundary: estimate <= 0.0 };
        Some(Estimated { tau_squared, fit: self.fit_at(value)? })
    }

    /// k − p.
    fn residual_df(&self) -> f64 {
        self.design.residual_df()
    }

    /// The smallest variance.
    fn smallest_variance(&self) -> f64 {
        self.v.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// y′(I − X(X′X)⁻¹X′)y, the residual sum with unit weights. `None` where X is singular.
    fn unweighted_residual_sum(&self) -> Option<f64> {
        if self.design.is_intercept() {
            return Some(weighted_mean::unweighted_residual_sum(self.y));
        }
        let weights = vec![1.0; self.y.len()];
        Some(WeightedFit::new(self.design, self.y, weights)?.residual_sum())
    }
}

/// w = 1/(v + τ²).
#[must_use]
pub fn inverse_variance_weights(v: &[f64], tau_squared: f64) -> Vec<f64> {
    v.iter().map(|v| 1.0 / (v + tau_squared)).collect()
}

/// The fit of y on X with weights w = 1/(v + τ²); without moderators it needs no memory.
#[derive(Debug, Clone)]
pub(super) enum FitAt<'a> {
    /// Without moderators.
    Mean(WeightedMean),
    /// With moderators.
    Regression(WeightedFit<'a>),
}

impl<'a> FitAt<'a> {
    fn new(y: &[f64], v: &[f64], design: &'a Design, tau_squared: f64) -> Option<Self> {
        if design.is_intercept() {
            let mean = WeightedMean::new(y, v, tau_squared);
            return mean.is_regular().then_some(Self::Mean(mean));
        }
        WeightedFit::new(design, y, inverse_variance_weights(v, tau_squared)).map(Self::Regression)
    }
}

impl FitAt<'_> {
    /// Σw.
    fn weight_sum(&self) -> f64 {
        match self {
            Self::Mean(mean) => mean.weight_sum,
            Self::Regression(fit) => fit.weight_sum(),
        }
    }

    /// Σw².
    fn squared_weight_sum(&self) -> f64 {
        match self {
            Self::Mean(mean) => mean.squared_weight_sum,
            Self::Regression(fit) => fit.weights().iter().map(|w| w * w).sum(),
        }
    }

    /// log |X′WX|.
    fn log_determinant(&self) -> f64 {
        match self {
            Self::Mean(mean) => libm::log(mean.weight_sum),
            Self::Regression(fit) => fit.log_determinant,
        }
    }

    /// y′Py.
    pub(super) fn residual_sum(&self) -> f64 {
        match self {
            Self::Mean(mean) => mean.residual_sum,
            Self::Regression(fit) => fit.residual_sum(),
        }
    }

    /// y′PPy.
    fn squared_residual_sum(&self) -> f64 {
        match self {
            Self::Mean(mean) => mean.squared_residual_sum,
            Self::Regression(fit) => fit.squared_residual_sum(),
        }
    }

    /// y′PPPy.
    fn cubed_residual_form(&self) -> f64 {
        match self {
            Self::Mean(mean) => mean.cubed_residual_form(),
            Self::Regression(fit) => fit.cubed_residual_form(),
        }
    }

    /// tr P.
    pub(super) fn projection_trace(&self) -> f64 {
        match self {
            Self::Mean(mean) => mean.projection_trace(),
            Self::Regression(fit) => fit.projection_trace(|_| 1.0),
        }
    }

    /// tr PP.
    fn double_projection_trace(&self) -> f64 {
        match self {
            Self::Mean(mean) => mean.double_projection_trace(),
            Self::Regression(fit) => fit.double_projection_trace(|_| 1.0, |_| 1.0),
        }
    }
}
