//! Moment estimators of τ² in closed form: DL, HE, HS, SJ.
//!
//! P and its traces are those of `WeightedFit`; the standard errors follow from the variance of a
//! quadratic form (Viechtbauer 2005).

use super::{Estimated, FitAt, Studies, TauSquared};
use crate::stats::design::{Design, WeightedFit};
use crate::stats::is_computable;
use crate::stats::weighted_mean::unweighted_residual_sum;

/// (Q − (k − p))/tr(P) with w = 1/v (DerSimonian & Laird 1986).
pub(super) fn dersimonian_laird<'a>(studies: &Studies<'a>) -> Option<Estimated<'a>> {
    about(studies.common.residual_sum(), studies)
}

/// DerSimonian & Laird's estimate without moderators from a Q that was taken about another centre
/// than the inverse-variance mean, as RevMan does about the Mantel-Haenszel estimate (Deeks &
/// Higgins 2010). `None` for fewer than two studies.
#[must_use]
pub fn dersimonian_laird_about(q: f64, y: &[f64], v: &[f64]) -> Option<TauSquared> {
    let design = Design::intercept(y.len());
    if !is_computable(y, v) {
        return None;
    }
    let studies = Studies::new(y, v, &design)?;
    if studies.residual_df() <= 0.0 {
        return None;
    }
    Some(about(q, &studies)?.tau_squared)
}

fn about<'a>(q: f64, studies: &Studies<'a>) -> Option<Estimated<'a>> {
    let fit = &studies.common;
    let df = studies.residual_df();
    let trace = fit.projection_trace();
    studies.truncated((q - df) / trace, |tau_squared| {
        inverse_variance_quadratic(fit, df, trace, tau_squared).sqrt() / trace
    })
}

/// (Q − k)/Σw with w = 1/v (Hunter & Schmidt 1990).
pub(super) fn hunter_schmidt<'a>(studies: &Studies<'a>) -> Option<Estimated<'a>> {
    let fit = &studies.common;
    let df = studies.residual_df();
    let trace = fit.projection_trace();
    let total = fit.weight_sum();
    studies.truncated((fit.residual_sum() - studies.y.len() as f64) / total, |tau_squared| {
        inverse_variance_quadratic(fit, df, trace, tau_squared).sqrt() / total
    })
}

/// (RSS − tr(PV))/(k − p) with unit weights (Hedges & Olkin 1985).
pub(super) fn hedges<'a>(studies: &Studies<'a>) -> Option<Estimated<'a>> {
    let residual_sum = studies.unweighted_residual_sum()?;
    let df = studies.residual_df();
    let (trace, double_trace) = unweighted_traces(studies.v, studies.design)?;
    studies.truncated((residual_sum - trace) / df, |tau_squared| {
        let variance =
            2.0 * double_trace + 4.0 * tau_squared * trace + 2.0 * tau_squared * tau_squared * df;
        variance.sqrt() / df
    })
}

/// tr(PV) and tr(PVPV) with unit weights; without moderators (1 − 1/k)Σv and
/// (1 − 2/k)Σv² + (Σv/k)².
fn unweighted_traces(v: &[f64], design: &Design) -> Option<(f64, f64)> {
    if design.is_intercept() {
        let k = v.len() as f64;
        let sum: f64 = v.iter().sum();
        let squares: f64 = v.iter().map(|v| v * v).sum();
        return Some((sum - sum / k, squares - 2.0 * squares / k + (sum / k) * (sum / k)));
    }
    let fit = WeightedFit::new(design, v, vec![1.0; v.len()])?;
    Some((fit.projection_trace(|i| v[i]), fit.double_projection_trace(|i| v[i], |i| v[i])))
}

/// τ₀² y′Py/(k − p) with w = 1/(v + τ₀²) and τ₀² = Σ(y − ȳ)²/k (Sidik & Jonkman 2005); positive
/// unless all estimates are equal.
pub(super) fn sidik_jonkman<'a>(studies: &Studies<'a>) -> Option<Estimated<'a>> {
    let start = unweighted_residual_sum(studies.y) / studies.y.len() as f64;
    let fit = studies.fit_at(start)?;
    let df = studies.residual_df();
    studies.truncated(start * fit.residual_sum() / df, |tau_squared| {
        // V + τ² = W⁻¹ + (τ² − τ₀²), and PW⁻¹P = P
        let excess = tau_squared - start;
        let variance = 2.0 * df
            + 4.0 * excess * fit.projection_trace()
            + 2.0 * excess * excess * fit.double_projection_trace();
        start / df * variance.sqrt()
    })
}

/// Var(y′Py) = 2(k − p) + 4τ² tr(P) + 2τ⁴ tr(PP) where w = 1/v.
fn inverse_variance_quadratic(fit: &FitAt<'_>, df: f64, trace: f64, tau_squared: f64) -> f64 {
    let double_trace = fit.double_projection_trace();
    2.0 * df + 4.0 * tau_squared * trace + 2.0 * tau_squared * tau_squared * double_trace
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The short forms without moderators against the traces of the matrices, with the columns
    /// turned so that the design is not seen to be a mean.
    #[test]
    fn short_forms_are_those_of_the_matrices() {
        let y = [0.3, -0.2, 0.9, 1.4, 0.1];
        let v = [0.1, 0.3, 0.05, 0.7, 0.2];
        let plain = Design::intercept(5);
        let doubled = Design::from_columns(&[vec![2.0; 5]]);
        let near = |a: f64, b: f64| assert!((a - b).abs() <= 1e-13 * b.abs(), "{a} {b}");
        for estimator in [dersimonian_laird, hunter_schmidt, hedges, sidik_jonkman] {
            let short = estimator(&Studies::new(&y, &v, &plain).unwrap()).unwrap().tau_squared;
            let long = estimator(&Studies::new(&y, &v, &doubled).unwrap()).unwrap().tau_squared;
            near(short.value, long.value);
            near(short.standard_error, long.standard_error);
        }
    }
}
