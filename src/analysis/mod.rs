//! One analysis: the studies of a dataset to [`Findings`], on the analysis scale.

mod binary;
mod diagnostics;
mod subgroups;

pub use binary::{analyse, choose_model};
pub use diagnostics::Diagnostics;

use crate::spec::ModelSpec;
use crate::stats::Effect;
use crate::stats::binary::TwoByTwo;
use crate::stats::heterogeneity::{CochranQ, Inconsistency};
use crate::stats::meta_regression::Omnibus;
use crate::stats::pooling::inverse_variance::HeterogeneityIntervals;
use crate::stats::pooling::mantel_haenszel::ChiSquaredTest;
use crate::stats::pooling::{Inference, Reference};
use crate::stats::tau_squared::TauSquared;

/// What one analysis found.
#[derive(Debug, Clone, PartialEq)]
pub struct Findings {
    /// The studies, in the order of the data.
    pub studies: Vec<StudyFinding>,
    /// Sums over all studies of the analysis.
    pub totals: TwoByTwo,
    /// The pooled result, or why there is none.
    pub pooled: Result<Pooled, Reason>,
    /// The studies by subgroup, if the analysis has subgroups.
    pub subgroups: Option<SubgroupFindings>,
    /// Diagnostics of the pooled result, or why there are none.
    pub diagnostics: Result<Diagnostics, Reason>,
    /// What heterogeneity chose, where a rule lets it choose the method.
    pub choice: Option<ChoiceOutcome>,
    /// The same studies under other models, so that a verdict that depends on the model is seen.
    pub other_models: Vec<OtherModel>,
}

/// An analysis by subgroups.
#[derive(Debug, Clone, PartialEq)]
pub struct SubgroupFindings {
    /// The subgroups in the order in which the data name them.
    pub groups: Vec<SubgroupFinding>,
    /// Differences between the pooled effects of the subgroups, each with a τ² of its own: Q about
    /// their inverse-variance mean.
    pub between: Result<CochranQ, Reason>,
    /// The same with one τ² for all subgroups: the omnibus test of a meta-regression on the group.
    pub between_common: Result<Omnibus, Reason>,
}

/// One subgroup.
#[derive(Debug, Clone, PartialEq)]
pub struct SubgroupFinding {
    /// Its name.
    pub level: String,
    /// Its studies.
    pub studies: usize,
    /// Sums over its studies.
    pub totals: TwoByTwo,
    /// Its pooled result, or why there is none.
    pub pooled: Result<Pooled, Reason>,
}

/// What a rule of heterogeneity chose, and on what grounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChoiceOutcome {
    /// I² under a common effect, percent.
    pub i_squared: f64,
    /// P of the Q test.
    pub q_p_value: f64,
    /// Whether heterogeneity was high.
    pub is_high: bool,
}

/// The result of another model on the same studies.
#[derive(Debug, Clone, PartialEq)]
pub struct OtherModel {
    /// The model.
    pub model: ModelSpec,
    /// Its pooled result, or why there is none.
    pub pooled: Result<Pooled, Reason>,
}

/// One study's part in an analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct StudyFinding {
    /// Label.
    pub label: String,
    /// Year, as written.
    pub year: Option<String>,
    /// Source of the row, as written.
    pub source: Option<String>,
    /// Subgroup, if the analysis has subgroups.
    pub subgroup: Option<String>,
    /// Counts as in the data, before any zero-cell rule.
    pub counts: TwoByTwo,
    /// The study's own effect, or why there is none.
    pub effect: Result<StudyEffect, Reason>,
    /// Weight in the pooled effect, percent.
    pub weight: Option<f64>,
}

/// A study's effect with its Wald interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StudyEffect {
    /// Estimate and variance, analysis scale.
    pub effect: Effect,
    /// Lower confidence limit.
    pub ci_lower: f64,
    /// Upper confidence limit.
    pub ci_upper: f64,
}

/// A pooled result.
#[derive(Debug, Clone, PartialEq)]
pub struct Pooled {
    /// Studies that the result rests on.
    pub k: usize,
    /// The pooled effect.
    pub effect: Inference,
    /// Reference distribution of its test and interval.
    pub reference: Reference,
    /// τ².
    pub tau_squared: Result<TauSquared, Reason>,
    /// Cochran's Q.
    pub q: Result<CochranQ, Reason>,
    /// I² and H².
    pub inconsistency: Result<Inconsistency, Reason>,
    /// Q-profile intervals of τ², I² and H².
    pub intervals: Result<HeterogeneityIntervals, Reason>,
    /// Prediction interval.
    pub prediction: Result<(f64, f64), Reason>,
    /// Log-likelihood.
    pub log_likelihood: Result<f64, Reason>,
    /// Akaike's criterion.
    pub aic: Result<f64, Reason>,
    /// Cochran-Mantel-Haenszel test.
    pub cochran_mantel_haenszel: Option<ChiSquaredTest>,
    /// Tarone's test of homogeneity.
    pub tarone: Option<ChiSquaredTest>,
}

/// Why something was not computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The analysis has no study.
    NoStudy,
    /// No study gives an estimate under the zero-cell rule.
    NoEstimableStudy,
    /// No participant of any study had the event, so a ratio has no value.
    NoEvent,
    /// Every participant of every study had the event, so an odds ratio has no value.
    NothingButEvents,
    /// The study has no event in either group, or nothing but events, and the options drop it.
    DroppedStudy,
    /// A zero cell leaves the study's measure undefined, and the options add nothing to it.
    UndefinedMeasure,
    /// The method's estimate or variance is not defined for these counts.
    UndefinedPool,
    /// A study's sampling variance is zero.
    ZeroVariance,
    /// One study: nothing about variation between studies can be estimated.
    OneStudy,
    /// The model assumes one common effect.
    CommonEffect,
    /// The method has no likelihood.
    NoLikelihood,
    /// The profile prints no such quantity.
    NotInProfile,
    /// Fewer than two subgroups have a result.
    OneSubgroup,
    /// The diagnostics rest on inverse-variance pooling.
    NotInverseVariance,
    /// τ² comes from a Q about the Mantel-Haenszel estimate, which a refit of effects has not.
    OtherCentre,
    /// The diagnostics need at least three studies with an estimate.
    TooFewStudies,
    /// Fewer than three studies leave no degrees of freedom for the prediction interval.
    TooFewForPrediction,
}
