//! Pooling: inverse variance (common and random effects), Mantel-Haenszel, Peto.

pub mod inverse_variance;
pub mod mantel_haenszel;
pub(in crate::stats) mod mean;
pub mod peto;

use super::distribution::{normal_quantile, normal_two_sided, t_quantile, t_two_sided};

/// An estimate with its test against zero and its confidence interval, on the analysis scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inference {
    /// The estimate.
    pub estimate: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// estimate / standard error.
    pub statistic: f64,
    /// Two-sided P value.
    pub p_value: f64,
    /// Lower confidence limit.
    pub ci_lower: f64,
    /// Upper confidence limit.
    pub ci_upper: f64,
}

/// The reference distribution of a statistic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reference {
    /// Standard normal.
    Normal,
    /// Student's t with so many degrees of freedom.
    T(f64),
}

impl Reference {
    /// The two-sided P value of a statistic.
    #[must_use]
    pub fn two_sided(self, statistic: f64) -> f64 {
        match self {
            Self::Normal => normal_two_sided(statistic),
            Self::T(df) => t_two_sided(statistic, df),
        }
    }

    /// The half-width, in standard errors, of an interval at confidence `level` (0 to 1).
    #[must_use]
    pub fn critical(self, level: f64) -> f64 {
        let p = 0.5 + 0.5 * level;
        match self {
            Self::Normal => normal_quantile(p),
            Self::T(df) => t_quantile(p, df),
        }
    }
}

impl Inference {
    /// Test and interval of an estimate at confidence `level` (0 to 1).
    #[must_use]
    pub fn new(estimate: f64, standard_error: f64, reference: Reference, level: f64) -> Self {
        let critical = reference.critical(level);
        Self::with_critical(estimate, standard_error, reference, critical)
    }

    /// As [`Inference::new`], where the critical value of the reference is known already.
    fn with_critical(
        estimate: f64,
        standard_error: f64,
        reference: Reference,
        critical: f64,
    ) -> Self {
        let statistic = estimate / standard_error;
        let half_width = critical * standard_error;
        Self {
            estimate,
            standard_error,
            statistic,
            p_value: reference.two_sided(statistic),
            ci_lower: estimate - half_width,
            ci_upper: estimate + half_width,
        }
    }
}
