//! Every verdict, decided from unrounded values. Sentences, tables and figures ask here.

use crate::analysis::{Pooled, Reason};
use serde::Serialize;

/// What the test of the pooled effect allows to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EffectVerdict {
    /// Significantly above the null: more events in the experimental group.
    Higher,
    /// Significantly below the null.
    Lower,
    /// Not significantly different from the null. This is not evidence of equality.
    NotSignificant,
    /// There is no pooled effect.
    NotEstimable,
}

impl EffectVerdict {
    /// The verdict at significance level `alpha`: metafor's reporter says "did not differ" where
    /// P > alpha.
    #[must_use]
    pub fn of(pooled: Result<&Pooled, Reason>, alpha: f64) -> Self {
        match pooled {
            Err(_) => Self::NotEstimable,
            Ok(pooled) if !is_significant(pooled.effect.p_value, alpha) => Self::NotSignificant,
            Ok(pooled) if pooled.effect.estimate > 0.0 => Self::Higher,
            Ok(_) => Self::Lower,
        }
    }
}

/// Whether a P value is significant at `alpha`.
#[must_use]
pub fn is_significant(p: f64, alpha: f64) -> bool {
    p <= alpha
}

/// What the Q test allows to be said about heterogeneity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeterogeneityVerdict {
    /// P > 0.10: no significant amount.
    None,
    /// 0.05 < P ≤ 0.10: not significant, but some may be present.
    Some,
    /// P ≤ 0.05: the outcomes appear to be heterogeneous.
    Heterogeneous,
    /// There is nothing to test.
    NotEstimable,
}

impl HeterogeneityVerdict {
    /// The three grades of metafor's reporter.
    #[must_use]
    pub fn of(q_p_value: Option<f64>) -> Self {
        match q_p_value {
            None => Self::NotEstimable,
            Some(p) if p > 0.10 => Self::None,
            Some(p) if p > 0.05 => Self::Some,
            Some(_) => Self::Heterogeneous,
        }
    }
}

/// What a prediction interval allows to be said about single studies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PredictionVerdict {
    /// The mean lies above the null, but effects below it are possible.
    AboveButBelowPossible,
    /// The mean lies below the null, but effects above it are possible.
    BelowButAbovePossible,
    /// The interval lies on one side of the null.
    SameDirection,
}

impl PredictionVerdict {
    /// The verdict on an interval on the analysis scale, whose null is 0.
    #[must_use]
    pub fn of(estimate: f64, (lower, upper): (f64, f64)) -> Self {
        if estimate > 0.0 && lower < 0.0 {
            Self::AboveButBelowPossible
        } else if estimate < 0.0 && upper > 0.0 {
            Self::BelowButAbovePossible
        } else {
            Self::SameDirection
        }
    }
}

/// Whether a weight (percent) among `k` studies is large: at least three times the equal share.
#[must_use]
pub fn is_large_weight(weight: f64, k: usize) -> bool {
    weight >= 300.0 / k as f64
}
