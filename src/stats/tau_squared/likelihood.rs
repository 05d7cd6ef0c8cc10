//! Maximum and restricted maximum likelihood estimators of τ².
//!
//! Fisher scoring may stop short, oscillate, or settle on a local maximum. Here the score is
//! scanned over an interval that holds every root, each change of sign from plus to minus is
//! refined to machine precision, and the maximum with the highest likelihood is kept, the boundary
//! τ² = 0 included.

use super::{TauSquared, fit_at};
use crate::stats::design::{Design, WeightedFit};
use crate::stats::root::bracketed_root;
use libm::log;

/// The step of the scan in log(min v + τ²). The score is a rational function of τ² with its poles
/// at −v, so on this scale nothing it does is narrower than about one.
const SCAN_STEP: f64 = 0.05;

/// Which likelihood is maximised.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Likelihood {
    Restricted,
    Ordinary,
}

/// REML: score ∝ y′PPy − tr(P), standard error √(2/tr(PP)) (Raudenbush 2009).
pub(super) fn restricted(y: &[f64], v: &[f64], design: &Design) -> Option<TauSquared> {
    let value = global_maximum(y, v, design, Likelihood::Restricted)?;
    let fit = fit_at(y, v, design, value)?;
    let information = fit.double_projection_trace(|_| 1.0, |_| 1.0);
    Some(estimate(value, information))
}

/// ML: score ∝ y′PPy − Σw, standard error √(2/Σw²) (Raudenbush 2009).
pub(super) fn unrestricted(y: &[f64], v: &[f64], design: &Design) -> Option<TauSquared> {
    let value = global_maximum(y, v, design, Likelihood::Ordinary)?;
    let information = v.iter().map(|v| 1.0 / ((v + value) * (v + value))).sum();
    Some(estimate(value, information))
}

fn estimate(value: f64, information: f64) -> TauSquared {
    TauSquared { value, standard_error: (2.0 / information).sqrt(), at_boundary: value == 0.0 }
}

/// The log-likelihood of τ² with β profiled out:
/// −½[k log 2π + Σ log(v + τ²) + y′Py]. `None` where X is singular.
#[must_use]
pub fn log_likelihood(y: &[f64], v: &[f64], design: &Design, tau_squared: f64) -> Option<f64> {
    let fit = fit_at(y, v, design, tau_squared)?;
    let k = y.len() as f64;
    Some(-0.5 * (k * log_two_pi() + log_variance_sum(v, tau_squared) + fit.residual_sum()))
}

/// The restricted log-likelihood of τ²:
/// −½[(k − p) log 2π − log|X′X| + Σ log(v + τ²) + log|X′WX| + y′Py]. `None` where X is singular.
#[must_use]
pub fn restricted_log_likelihood(
    y: &[f64],
    v: &[f64],
    design: &Design,
    tau_squared: f64,
) -> Option<f64> {
    let fit = fit_at(y, v, design, tau_squared)?;
    Some(
        -0.5 * (design.residual_df() * log_two_pi() - design.log_determinant()
            + log_variance_sum(v, tau_squared)
            + fit.log_determinant
            + fit.residual_sum()),
    )
}

fn log_two_pi() -> f64 {
    log(2.0 * std::f64::consts::PI)
}

fn log_variance_sum(v: &[f64], tau_squared: f64) -> f64 {
    v.iter().map(|v| log(v + tau_squared)).sum()
}

/// The τ² ≥ 0 with the highest likelihood. `None` where X is singular, or the estimates are so
/// far apart that a square of them is not finite.
fn global_maximum(y: &[f64], v: &[f64], design: &Design, likelihood: Likelihood) -> Option<f64> {
    let is_intercept = design.is_intercept();
    let score_at = |tau_squared: f64| {
        if is_intercept {
            intercept_score(y, v, tau_squared, likelihood)
        } else {
            score(y, v, design, tau_squared, likelihood)
        }
    };
    let height_at = |tau_squared: f64| match likelihood {
        Likelihood::Restricted => restricted_log_likelihood(y, v, design, tau_squared),
        Likelihood::Ordinary => log_likelihood(y, v, design, tau_squared),
    };
    let smallest = v.iter().copied().fold(f64::INFINITY, f64::min);
    let upper = score_root_bound(y, v, design).filter(|upper| upper.is_finite())?;
    let range = log((smallest + upper) / smallest);
    let points = (range / SCAN_STEP).ceil().max(1.0);
    let point = |i: f64| smallest * libm::expm1(range * i / points);

    let mut best = (0.0, height_at(0.0)?);
    let (mut left, mut left_score) = (0.0, score_at(0.0));
    for i in 1..=points as u32 {
        let right = point(f64::from(i));
        let right_score = score_at(right);
        if left_score > 0.0 && right_score <= 0.0 {
            let root = bracketed_root(left, right, score_at);
            let height = height_at(root)?;
            if height > best.1 {
                best = (root, height);
            }
        }
        (left, left_score) = (right, right_score);
    }
    Some(best.0)
}

/// Half the derivative of the log-likelihood.
fn score(y: &[f64], v: &[f64], design: &Design, tau_squared: f64, likelihood: Likelihood) -> f64 {
    let Some(fit) = fit_at(y, v, design, tau_squared) else { return f64::NAN };
    let trace = match likelihood {
        Likelihood::Restricted => fit.projection_trace(|_| 1.0),
        Likelihood::Ordinary => fit.weight_sum(),
    };
    fit.squared_residual_sum() - trace
}

/// The same for a model without moderators, where tr(P) = Σw − Σw²/Σw; without allocation, since
/// the scan asks for it often.
fn intercept_score(y: &[f64], v: &[f64], tau_squared: f64, likelihood: Likelihood) -> f64 {
    let (mut sum, mut square_sum, mut moment) = (0.0, 0.0, 0.0);
    for (y, v) in y.iter().zip(v) {
        let w = 1.0 / (v + tau_squared);
        sum += w;
        square_sum += w * w;
        moment += w * y;
    }
    let mean = moment / sum;
    let mut squared_residuals = 0.0;
    for (y, v) in y.iter().zip(v) {
        let scaled = (y - mean) / (v + tau_squared);
        squared_residuals += scaled * scaled;
    }
    match likelihood {
        Likelihood::Restricted => squared_residuals - (sum - square_sum / sum),
        Likelihood::Ordinary => squared_residuals - sum,
    }
}

/// A τ² above which both scores are negative. With RSS the unweighted residual sum,
/// y′PPy ≤ RSS/τ⁴, while Σw and tr(P) are at least (k − p)/(max v + τ²).
fn score_root_bound(y: &[f64], v: &[f64], design: &Design) -> Option<f64> {
    let rss = WeightedFit::new(design, y, vec![1.0; y.len()])?.residual_sum();
    let largest = v.iter().copied().fold(0.0, f64::max);
    let df = design.residual_df();
    Some((rss + (rss * rss + 4.0 * df * rss * largest).sqrt()) / (2.0 * df) * (1.0 + 1e-9))
}
