//! The generalised Q as a function of τ²: the Paule-Mandel estimator and the Q-profile limits are
//! its roots.

use super::{Estimated, Studies, TauSquared};
use crate::stats::root::bracketed_root;

/// The root of Σ w (y − ŷ)² = k − p with w = 1/(v + τ²) (Paule & Mandel 1982), or 0 where the
/// left side is smaller at τ² = 0 already. Its standard error is √(2k²/(k − p))/Σw.
pub(super) fn paule_mandel<'a>(studies: &Studies<'a>) -> Option<Estimated<'a>> {
    let df = studies.residual_df();
    let at_boundary = studies.common.residual_sum() <= df;
    let value = studies.generalised_q_root(df)?;
    let k = studies.y.len() as f64;
    let fit = studies.fit_at(value)?;
    let standard_error = (2.0 * k * k / df).sqrt() / fit.weight_sum();
    Some(Estimated { tau_squared: TauSquared { value, standard_error, at_boundary }, fit })
}

impl Studies<'_> {
    /// The τ² ≥ 0 at which the generalised Q, y′Py, equals `target` > 0; 0 where it is not above it
    /// at τ² = 0 already. `None` where X is singular.
    ///
    /// 1/Q rises with τ² and is concave, as a harmonic mean is: Newton's method on it, exact where
    /// all v are equal, climbs from 0 to the root and never passes it.
    pub(in crate::stats) fn generalised_q_root(&self, target: f64) -> Option<f64> {
        if self.common.residual_sum() <= target {
            return Some(0.0);
        }
        let smallest = self.smallest_variance();
        let mut tau_squared = 0.0;
        for _ in 0..100 {
            let fit = self.fit_at(tau_squared)?;
            let q = fit.residual_sum();
            let step = (q / target - 1.0) * q / fit.squared_residual_sum();
            if !step.is_finite() {
                break;
            }
            tau_squared = (tau_squared + step).max(0.0);
            if step.abs() <= 1e-11 * (smallest + tau_squared) {
                return Some(tau_squared);
            }
        }
        // out of the range of the numbers; Q is at most RSS/τ²
        let upper = self.unweighted_residual_sum()? / target;
        Some(bracketed_root(0.0, upper, |tau_squared| {
            self.fit_at(tau_squared).map_or(f64::NAN, |fit| fit.residual_sum() - target)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::design::Design;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_root_is_that_of_the_bracket(
            studies in prop::collection::vec((-3.0..3.0f64, -9.0..3.0f64), 2..25),
            share in 0.001..3.0f64,
        ) {
            let (y, v): (Vec<f64>, Vec<f64>) =
                studies.into_iter().map(|(y, v)| (y, libm::exp(v))).unzip();
            let design = Design::intercept(y.len());
            let studies = Studies::new(&y, &v, &design).unwrap();
            let target = design.residual_df() * share;
            let q = |at| studies.fit_at(at).unwrap().residual_sum();
            let upper = studies.unweighted_residual_sum().unwrap() / target;
            let expected = if q(0.0) <= target {
                0.0
            } else {
                bracketed_root(0.0, upper, |at| q(at) - target)
            };
            let found = studies.generalised_q_root(target).unwrap();
            let smallest = studies.smallest_variance();
            prop_assert!((found - expected).abs() <= 1e-12 * (smallest + expected));
        }
    }
}
