//! Cochran's Q, I², H², and the Q-profile interval of τ².

use super::design::{Design, WeightedFit};
use super::distribution::{chi_squared_upper_quantile, chi_squared_upper_tail};
use super::tau_squared::Studies;

/// Cochran's Q (Q_E with moderators) and its test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CochranQ {
    /// Σ w (y − ŷ)² with w = 1/v.
    pub statistic: f64,
    /// k − p.
    pub df: f64,
    /// P of the chi-squared test; 1 where df = 0.
    pub p_value: f64,
}

impl CochranQ {
    /// The test of a statistic on `df` degrees of freedom.
    #[must_use]
    pub fn new(statistic: f64, df: f64) -> Self {
        let p_value = if df > 0.0 { chi_squared_upper_tail(statistic, df) } else { 1.0 };
        Self { statistic, df, p_value }
    }
}

/// I² and H² from τ² and the typical sampling variance v_t: I² = 100 τ²/(τ² + v_t),
/// H² = τ²/v_t + 1 (Higgins & Thompson 2002, eqs. 9 and 17).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inconsistency {
    /// Percent, 0 to 100.
    pub i_squared: f64,
    /// Ratio, at least 1 where it comes from τ².
    pub h_squared: f64,
}

impl Inconsistency {
    /// From τ² and the typical sampling variance of the studies.
    #[must_use]
    pub fn from_tau_squared(tau_squared: f64, typical_variance: f64) -> Self {
        Self {
            i_squared: 100.0 * tau_squared / (tau_squared + typical_variance),
            h_squared: tau_squared / typical_variance + 1.0,
        }
    }

    /// From Q: I² = max(0, 100 (Q − df)/Q), H² = Q/df. `None` where df = 0.
    #[must_use]
    pub fn from_q(q: &CochranQ) -> Option<Self> {
        (q.df > 0.0).then(|| Self {
            i_squared: if q.statistic > q.df {
                100.0 * (q.statistic - q.df) / q.statistic
            } else {
                0.0
            },
            h_squared: q.statistic / q.df,
        })
    }
}

/// The typical sampling variance v_t = (k − p)/tr(P) with P at τ² = 0; for a model without
/// moderators (k − 1)/(Σw − Σw²/Σw).
#[must_use]
pub fn typical_variance(common: &WeightedFit<'_>, residual_df: f64) -> f64 {
    residual_df / common.projection_trace(|_| 1.0)
}

/// A confidence interval of τ² by the Q-profile method (Viechtbauer 2007).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TauSquaredInterval {
    /// Lower limit, at least 0.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// Whether no τ² ≥ 0 is compatible with the data at this level: the studies agree more closely
    /// than chance allows. Both limits are then 0.
    pub is_empty: bool,
}

/// The Q-profile interval at confidence `level`: the values of τ² at which the generalised Q lies
/// between the quantiles of its chi-squared distribution. `None` where k ≤ p.
#[must_use]
pub fn tau_squared_interval(
    y: &[f64],
    v: &[f64],
    design: &Design,
    level: f64,
) -> Option<TauSquaredInterval> {
    let df = design.residual_df();
    if df <= 0.0 {
        return None;
    }
    let studies = Studies::new(y, v, design)?;
    let alpha = 1.0 - level;
    let small = chi_squared_upper_quantile(1.0 - alpha / 2.0, df);
    let large = chi_squared_upper_quantile(alpha / 2.0, df);
    Some(TauSquaredInterval {
        lower: studies.generalised_q_root(large)?,
        upper: studies.generalised_q_root(small)?,
        is_empty: studies.common.residual_sum() < small,
    })
}
