//! The Paule-Mandel estimator of τ²: the root of the generalised Q.

use super::{TauSquared, fit_at};
use crate::stats::design::{Design, WeightedFit};
use crate::stats::root::bracketed_root;

/// The root of Σ w (y − ŷ)² = k − p with w = 1/(v + τ²) (Paule & Mandel 1982), or 0 where the
/// left side is smaller at τ² = 0 already. Its standard error is √(2k²/(k − p))/Σw.
pub(super) fn paule_mandel(y: &[f64], v: &[f64], design: &Design) -> Option<TauSquared> {
    let df = design.residual_df();
    let excess = |tau_squared: f64| {
        fit_at(y, v, design, tau_squared).map_or(f64::NAN, |fit| fit.residual_sum() - df)
    };
    let at_boundary = excess(0.0) <= 0.0;
    let value = if at_boundary {
        0.0
    } else {
        // the generalised Q is at most RSS/τ², so the root is at most RSS/(k − p)
        let plain = WeightedFit::new(design, y, vec![1.0; y.len()])?.residual_sum();
        bracketed_root(0.0, plain / df, excess)
    };
    let k = y.len() as f64;
    let weight_sum = fit_at(y, v, design, value)?.weight_sum();
    Some(TauSquared { value, standard_error: (2.0 * k * k / df).sqrt() / weight_sum, at_boundary })
}
