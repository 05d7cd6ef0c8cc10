//! Every verdict, decided from unrounded values. Sentences, tables and figures ask here.

use crate::analysis::{Pooled, Reason};
use crate::spec::Measure;
use crate::stats::influence::Deletion;
use crate::stats::pooling::Inference;
use serde::Serialize;

/// What the test of the pooled effect allows to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EffectVerdict {
    /// Significantly above the null: more events, or higher values, in the experimental group.
    Higher,
    /// Significantly below the null.
    Lower,
    /// Not significantly different from the null. This is not evidence of equality.
    NotSignificant,
    /// An estimate of one group: there is no null to differ from.
    Estimated,
    /// There is no pooled effect.
    NotEstimable,
}

impl EffectVerdict {
    /// The verdict at significance level `alpha`: metafor's reporter says "did not differ" where
    /// P > alpha.
    #[must_use]
    pub fn of(measure: Measure, pooled: Result<&Pooled, Reason>, alpha: f64) -> Self {
        pooled.map_or(Self::NotEstimable, |pooled| Self::of_effect(measure, &pooled.effect, alpha))
    }

    /// Its name in data.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Higher => "higher",
            Self::Lower => "lower",
            Self::NotSignificant => "not-significant",
            Self::Estimated => "estimated",
            Self::NotEstimable => "not-estimable",
        }
    }

    /// The verdict on an effect.
    #[must_use]
    pub fn of_effect(measure: Measure, effect: &Inference, alpha: f64) -> Self {
        if measure.is_single_group() {
            Self::Estimated
        } else if !is_significant(effect.p_value, alpha) {
            Self::NotSignificant
        } else if effect.estimate > 0.0 {
            Self::Higher
        } else {
            Self::Lower
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
    /// The verdict on an interval on the analysis scale, whose null is 0. A mean at the null has no
    /// side.
    #[must_use]
    pub fn of(estimate: f64, (lower, upper): (f64, f64)) -> Option<Self> {
        if estimate > 0.0 {
            Some(if lower < 0.0 { Self::AboveButBelowPossible } else { Self::SameDirection })
        } else if estimate < 0.0 {
            Some(if upper > 0.0 { Self::BelowButAbovePossible } else { Self::SameDirection })
        } else {
            None
        }
    }
}

/// What the two tests of funnel plot asymmetry say together, at 0.05.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AsymmetryVerdict {
    /// Neither is significant.
    Neither,
    /// Both are.
    Both,
    /// Only the regression test is.
    RegressionOnly,
    /// Only the rank correlation test is.
    RankOnly,
    /// A test is missing.
    NotTestable,
}

impl AsymmetryVerdict {
    /// The four branches of metafor's reporter.
    #[must_use]
    pub fn of(rank_p: Option<f64>, regression_p: Option<f64>) -> Self {
        let (Some(rank_p), Some(regression_p)) = (rank_p, regression_p) else {
            return Self::NotTestable;
        };
        match (is_significant(rank_p, 0.05), is_significant(regression_p, 0.05)) {
            (false, false) => Self::Neither,
            (true, true) => Self::Both,
            (false, true) => Self::RegressionOnly,
            (true, false) => Self::RankOnly,
        }
    }
}

/// Whether a study is an outlier: its studentised residual reaches the threshold on either side.
#[must_use]
pub fn is_outlier(deletion: &Deletion, threshold: f64) -> bool {
    deletion.studentised_residual.abs() >= threshold
}

/// Whether a study is influential: its Cook's distance is above the threshold.
#[must_use]
pub fn is_influential(deletion: &Deletion, threshold: f64) -> bool {
    deletion.cooks_distance > threshold
}

/// Whether a weight (percent) among `k` studies is large: at least three times the equal share.
#[must_use]
pub fn is_large_weight(weight: f64, k: usize) -> bool {
    weight >= 300.0 / k as f64
}

#[cfg(test)]
mod tests {
    use super::PredictionVerdict::{self, AboveButBelowPossible, SameDirection};

    #[test]
    fn a_mean_at_the_null_lies_on_no_side() {
        assert_eq!(PredictionVerdict::of(0.0, (-1.0, 1.0)), None);
        assert_eq!(PredictionVerdict::of(0.1, (-1.0, 1.2)), Some(AboveButBelowPossible));
        assert_eq!(PredictionVerdict::of(-0.5, (-1.0, 0.0)), Some(SameDirection));
    }
}
