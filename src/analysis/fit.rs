//! Fit statistics of a pooled model, as metafor's `fitstats`.

use super::{Findings, Reason};
use crate::spec::{Analysis, Method};
use crate::stats::design::Design;
use crate::stats::tau_squared::{log_likelihood, restricted_log_likelihood};
use libm::log;

/// The fit of one likelihood at the model's own τ².
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// Log-likelihood.
    pub log_likelihood: f64,
    /// Deviance.
    pub deviance: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// Bayesian criterion.
    pub bic: f64,
    /// Akaike's criterion, corrected for small samples.
    pub aicc: f64,
}

/// The fit under both likelihoods.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FitStatistics {
    /// Ordinary.
    pub ml: Fit,
    /// Restricted.
    pub reml: Fit,
}

/// The fit of a pooled result by inverse variance at its own estimates, whichever likelihood they
/// maximise: AIC = −2ℓ + 2q, BIC = −2ℓ + q log n and AICc = −2ℓ + 2q m/(m − q − 1) with
/// m = max(n, q + 2), q the number of parameters and n = k for ML, k − 1 for REML. The deviance of
/// ML is taken from the saturated model, that of REML is −2ℓ.
///
/// # Errors
/// A model that is not pooled by inverse variance at two levels.
pub fn fit_statistics(spec: &Analysis, findings: &Findings) -> Result<FitStatistics, Reason> {
    let pooled = findings.pooled.as_ref().map_err(|reason| *reason)?;
    let is_random = match spec.model.method {
        Method::EqualEffects => false,
        Method::RandomEffects(_) => true,
        _ => return Err(Reason::NotInverseVariance),
    };
    let tau_squared = match (is_random, pooled.tau_squared) {
        (true, found) => found?.value,
        (false, _) => 0.0,
    };
    let effects = || findings.studies.iter().filter_map(|study| study.effect.as_ref().ok());
    let y: Vec<f64> = effects().map(|effect| effect.effect.estimate).collect();
    let v: Vec<f64> = effects().map(|effect| effect.effect.variance).collect();
    let design = Design::intercept(y.len());
    let ml = log_likelihood(&y, &v, &design, tau_squared).ok_or(Reason::OutOfRange)?;
    let reml = restricted_log_likelihood(&y, &v, &design, tau_squared).ok_or(Reason::OutOfRange)?;
    let two_pi = 2.0 * std::f64::consts::PI;
    let saturated: f64 = v.iter().map(|v| -0.5 * log(two_pi * v)).sum();
    let k = y.len() as f64;
    let parameters = if is_random { 2.0 } else { 1.0 };
    let fit = |likelihood: f64, deviance: f64, n: f64| {
        let m = n.max(parameters + 2.0);
        Fit {
            log_likelihood: likelihood,
            deviance,
            aic: -2.0 * likelihood + 2.0 * parameters,
            bic: -2.0 * likelihood + parameters * log(n),
            aicc: -2.0 * likelihood + 2.0 * parameters * m / (m - parameters - 1.0),
        }
    };
    Ok(FitStatistics {
        ml: fit(ml, -2.0 * (ml - saturated), k),
        reml: fit(reml, -2.0 * reml, k - 1.0),
    })
}
