//! Moment estimators of τ² in closed form: DL, HE, HS, SJ.
//!
//! P and its traces are those of `WeightedFit`; the standard errors follow from the variance of a
//! quadratic form (Viechtbauer 2005).

use super::{TauSquared, fit_at, truncated};
use crate::stats::design::{Design, WeightedFit};

/// (Q − (k − p))/tr(P) with w = 1/v (DerSimonian & Laird 1986).
pub(super) fn dersimonian_laird(y: &[f64], v: &[f64], design: &Design) -> Option<TauSquared> {
    let fit = fit_at(y, v, design, 0.0)?;
    let df = design.residual_df();
    let trace = fit.projection_trace(|_| 1.0);
    Some(truncated((fit.residual_sum() - df) / trace, |tau_squared| {
        inverse_variance_quadratic(&fit, df, trace, tau_squared).sqrt() / trace
    }))
}

/// DerSimonian & Laird's estimate without moderators from a Q that was taken about another centre
/// than the inverse-variance mean, as RevMan does about the Mantel-Haenszel estimate (Deeks &
/// Higgins 2010). `None` for fewer than two studies.
#[must_use]
pub fn dersimonian_laird_about(q: f64, y: &[f64], v: &[f64]) -> Option<TauSquared> {
    let design = Design::intercept(y.len());
    let df = design.residual_df();
    if df <= 0.0 {
        return None;
    }
    let fit = fit_at(y, v, &design, 0.0)?;
    let trace = fit.projection_trace(|_| 1.0);
    Some(truncated((q - df) / trace, |tau_squared| {
        inverse_variance_quadratic(&fit, df, trace, tau_squared).sqrt() / trace
    }))
}

/// (Q − k)/Σw with w = 1/v (Hunter & Schmidt 1990).
pub(super) fn hunter_schmidt(y: &[f64], v: &[f64], design: &Design) -> Option<TauSquared> {
    let fit = fit_at(y, v, design, 0.0)?;
    let df = design.residual_df();
    let trace = fit.projection_trace(|_| 1.0);
    let total = fit.weight_sum();
    Some(truncated((fit.residual_sum() - y.len() as f64) / total, |tau_squared| {
        inverse_variance_quadratic(&fit, df, trace, tau_squared).sqrt() / total
    }))
}

/// (RSS − tr(PV))/(k − p) with unit weights (Hedges & Olkin 1985).
pub(super) fn hedges(y: &[f64], v: &[f64], design: &Design) -> Option<TauSquared> {
    let fit = WeightedFit::new(design, y, vec![1.0; y.len()])?;
    let df = design.residual_df();
    let trace = fit.projection_trace(|i| v[i]);
    Some(truncated((fit.residual_sum() - trace) / df, |tau_squared| {
        let variance = 2.0 * fit.double_projection_trace(|i| v[i], |i| v[i])
            + 4.0 * tau_squared * trace
            + 2.0 * tau_squared * tau_squared * df;
        variance.sqrt() / df
    }))
}

/// τ₀² y′Py/(k − p) with w = 1/(v + τ₀²) and τ₀² = Σ(y − ȳ)²/k (Sidik & Jonkman 2005); positive
/// unless all estimates are equal.
pub(super) fn sidik_jonkman(y: &[f64], v: &[f64], design: &Design) -> Option<TauSquared> {
    let k = y.len() as f64;
    let mean = y.iter().sum::<f64>() / k;
    let start = y.iter().map(|y| (y - mean) * (y - mean)).sum::<f64>() / k;
    let fit = fit_at(y, v, design, start)?;
    let df = design.residual_df();
    Some(truncated(start * fit.residual_sum() / df, |tau_squared| {
        let variance = 2.0 * fit.double_projection_trace(|i| v[i], |i| v[i])
            + 4.0 * tau_squared * fit.double_projection_trace(|i| v[i], |_| 1.0)
            + 2.0 * tau_squared * tau_squared * fit.double_projection_trace(|_| 1.0, |_| 1.0);
        start / df * variance.sqrt()
    }))
}

/// Var(y′Py) = 2(k − p) + 4τ² tr(P) + 2τ⁴ tr(PP) where w = 1/v.
fn inverse_variance_quadratic(fit: &WeightedFit<'_>, df: f64, trace: f64, tau_squared: f64) -> f64 {
    let double_trace = fit.double_projection_trace(|_| 1.0, |_| 1.0);
    2.0 * df + 4.0 * tau_squared * trace + 2.0 * tau_squared * tau_squared * double_trace
}
