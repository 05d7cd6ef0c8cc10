//! How small-study effects are examined.

use crate::stats::small_study::selection::Alternative;
use crate::stats::small_study::trim_and_fill::{MissingEstimator, Side};

/// How small-study effects are examined; a profile makes every choice, a spec any one of them.
#[derive(Debug, Clone, PartialEq)]
pub struct SmallStudy {
    /// The regression test by which asymmetry is judged.
    pub regression: RegressionChoice,
    /// The estimator of the number of missing studies.
    pub estimator: MissingEstimator,
    /// The side on which studies are missing; without it, the likely one.
    pub side: Option<Side>,
    /// The model under which the funnel's centre is found.
    pub trimming: Trimming,
    /// The fail-safe number.
    pub fail_safe: FailSafeChoice,
    /// The effect towards which Orwin's number drives the mean, analysis scale; without it, half
    /// the mean.
    pub target: Option<f64>,
    /// The selection model, if one is fitted.
    pub selection: Option<SelectionChoice>,
    /// Whether the estimate of Henmi & Copas is made.
    pub henmi_copas: bool,
}

/// A regression test of funnel plot asymmetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegressionChoice {
    /// How the scatter about the line is modelled.
    pub scatter: ScatterChoice,
    /// What the effects are regressed on.
    pub predictor: PredictorChoice,
}

/// How the scatter about the line is modelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScatterChoice {
    /// By the model of the analysis (`rma`).
    Model,
    /// By a free factor of the variances (`lm`): with the standard error, Egger's test.
    Multiplicative,
}

/// What the effects are regressed on, by metafor's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PredictorChoice {
    /// Standard error (`sei`).
    StandardError,
    /// Sampling variance (`vi`).
    Variance,
    /// Sample size (`ni`).
    SampleSize,
    /// 1/n (`ninv`).
    InverseSampleSize,
    /// √n (`sqrtni`).
    RootSampleSize,
    /// 1/√n (`sqrtninv`).
    InverseRootSampleSize,
}

/// The model under which trim and fill finds the funnel's centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trimming {
    /// That of the analysis (metafor).
    Own,
    /// A common effect (the R package meta).
    Common,
}

/// Fail-safe numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailSafeChoice {
    /// Rosenthal 1979.
    Rosenthal,
    /// Orwin 1983.
    Orwin,
    /// Rosenberg 2005.
    Rosenberg,
}

/// A step function selection model.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectionChoice {
    /// The steps in P, rising, between 0 and 1.
    pub steps: Vec<f64>,
    /// The direction that P values are counted in.
    pub alternative: Alternative,
}

impl PredictorChoice {
    /// metafor's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::StandardError => "sei",
            Self::Variance => "vi",
            Self::SampleSize => "ni",
            Self::InverseSampleSize => "ninv",
            Self::RootSampleSize => "sqrtni",
            Self::InverseRootSampleSize => "sqrtninv",
        }
    }
}

impl ScatterChoice {
    /// metafor's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Model => "rma",
            Self::Multiplicative => "lm",
        }
    }
}

impl FailSafeChoice {
    /// The author's name, as metafor has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rosenthal => "Rosenthal",
            Self::Orwin => "Orwin",
            Self::Rosenberg => "Rosenberg",
        }
    }
}
