//! How the effects of studies are pooled.

use crate::stats::binary::ZeroCells;
use crate::stats::pooling::inverse_variance::Test;
use crate::stats::tau_squared::Estimator;

/// How the studies are pooled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModelSpec {
    /// Method.
    pub method: Method,
    /// Test of the pooled effect.
    pub test: Test,
    /// Confidence level, 0 to 1.
    pub level: f64,
    /// How the effects of one cluster depend on each other.
    pub structure: Structure,
    /// Whether inference is robust to dependence within clusters (CR2).
    pub is_robust: bool,
}

/// How effects depend on each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Structure {
    /// Each effect is of a study of its own.
    TwoLevel,
    /// Effects lie within clusters, whose true effects vary too.
    ThreeLevel,
}

/// A method chosen by the heterogeneity of the studies under a common effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModelChoice {
    /// When heterogeneity is high.
    pub rule: HeterogeneityRule,
    /// The method where it is not.
    pub low: Method,
    /// The method where it is.
    pub high: Method,
}

/// When heterogeneity is called high.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HeterogeneityRule {
    /// I² (percent, from Q) above this.
    ISquaredAbove(f64),
    /// P of the Q test below this.
    QTestBelow(f64),
}

/// Pooling methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Inverse variance, one common effect (EE).
    EqualEffects,
    /// Inverse variance, random effects.
    RandomEffects(Estimator),
    /// Mantel-Haenszel (MH).
    MantelHaenszel,
    /// Peto (PETO).
    Peto,
    /// Generalised linear mixed model of the counts, unconditional with fixed study effects (UM.FS).
    UnconditionalMixed,
    /// Generalised linear mixed model of the counts, conditional with exact likelihood (CM.EL).
    ConditionalMixed,
}

impl Method {
    /// metafor's code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::EqualEffects => "EE",
            Self::MantelHaenszel => "MH",
            Self::Peto => "PETO",
            Self::UnconditionalMixed => "UM.FS",
            Self::ConditionalMixed => "CM.EL",
            Self::RandomEffects(estimator) => match estimator {
                Estimator::RestrictedMaximumLikelihood => "REML",
                Estimator::MaximumLikelihood => "ML",
                Estimator::DerSimonianLaird => "DL",
                Estimator::Hedges => "HE",
                Estimator::HunterSchmidt => "HS",
                Estimator::SidikJonkman => "SJ",
                Estimator::PauleMandel => "PM",
                Estimator::EmpiricalBayes => "EB",
            },
        }
    }

    /// Whether it pools the counts of the studies rather than their effects.
    #[must_use]
    pub fn pools_counts(self) -> bool {
        match self {
            Self::MantelHaenszel
            | Self::Peto
            | Self::UnconditionalMixed
            | Self::ConditionalMixed => true,
            Self::EqualEffects | Self::RandomEffects(_) => false,
        }
    }

    /// Whether the true effects of the studies may differ.
    #[must_use]
    pub fn is_random(self) -> bool {
        matches!(self, Self::RandomEffects(_) | Self::UnconditionalMixed | Self::ConditionalMixed)
    }
}

/// The `add`, `to` and `drop00` options.
pub type ZeroCellOptions = ZeroCells;
