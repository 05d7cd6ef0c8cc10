//! One analysis: the studies of a dataset to [`Findings`], on the analysis scale.

mod described;
mod diagnostics;
mod effects;
mod fit;
mod pool;
mod regression;
mod small_study;
mod subgroups;
mod survival;
mod totals;

pub use described::{
    ClassTotal, DescribedFindings, DescribedProportion, DescribedRow, EventClass, EventTable,
    EventTerm, describe_rows, single_interval,
};
pub use diagnostics::{Diagnostics, Part};
pub use effects::{correlation_measure, proportion_measure, rate_measure};
pub use fit::{Fit, FitStatistics, fit_statistics};
pub use regression::{Lines, NumericModerator, Regression};
pub use small_study::SmallStudyEffects;
pub use survival::{SurvivalFindings, SurvivalGroup, analyse_survival};
pub use totals::{GroupTotal, Totals};

use crate::data::{Dataset, Study, StudyData};
use crate::spec::{
    Analysis, HeterogeneityRule, Kind, Measure, Method, ModelSpec, Structure, StudyInterval,
};
use crate::stats::Effect;
use crate::stats::heterogeneity::{CochranQ, Inconsistency};
use crate::stats::meta_regression::Omnibus;
use crate::stats::pooling::inverse_variance::HeterogeneityIntervals;
use crate::stats::pooling::inverse_variance::Test;
use crate::stats::pooling::mantel_haenszel::ChiSquaredTest;
use crate::stats::pooling::{Inference, Reference};
use crate::stats::single_group::{clopper_pearson, wilson};
use crate::stats::tau_squared::Estimator;
use crate::stats::tau_squared::TauSquared;
use diagnostics::diagnose;
use effects::study_effects;
use pool::{Studies, pool};
use regression::regression;
use small_study::examine;
use std::collections::BTreeSet;
use subgroups::by_subgroup;

/// Computes an analysis. It always gives findings: what the data do not allow is a [`Reason`].
#[must_use]
pub fn analyse(spec: &Analysis, dataset: &Dataset) -> Findings {
    let studies = pooling_of(spec, spec.model.method, dataset);
    let (pooled, weights) = match pool(spec, spec.model, &studies) {
        Ok((pooled, weights)) => (Ok(pooled), weights),
        Err(reason) => (Err(reason), vec![None; studies.data.len()]),
    };
    let if_pooled = pooled.as_ref().map(|_| ()).map_err(|reason| *reason);
    let diagnostics = if_pooled.and_then(|()| diagnose(spec, &dataset.studies, &studies, &weights));
    let critical = Reference::Normal.critical(spec.model.level);
    let of_studies = dataset
        .studies
        .iter()
        .zip(&studies.effects)
        .zip(weights)
        .map(|((study, effect), weight)| StudyFinding {
            study: study.clone(),
            effect: effect.map(|effect| with_interval(effect, critical)),
            exact: exact_interval(spec, &study.data),
            weight,
        })
        .collect();
    Findings {
        totals: Totals::of(&studies.data),
        regression: spec
            .regression
            .as_ref()
            .map(|wanted| regression(spec, wanted, &dataset.moderators, &studies)),
        subgroups: spec.subgroups.as_ref().map(|_| by_subgroup(spec, &dataset.studies, &studies)),
        diagnostics,
        small_study: if_pooled.and_then(|()| examine(spec, &studies)),
        choice: None,
        other_models: if spec.sensitivity.other_models && pooled.is_ok() {
            other_models(spec, dataset)
        } else {
            Vec::new()
        },
        studies: of_studies,
        pooled,
    }
}

/// Lets heterogeneity choose the method of an analysis that has a rule for it: the studies are
/// pooled under a common effect by inverse variance, and its Q decides. Without a Q the method for
/// low heterogeneity is taken. `None` where the analysis has no rule.
pub fn choose_model(spec: &mut Analysis, dataset: &Dataset) -> Option<ChoiceOutcome> {
    let choice = spec.choice?;
    let common = two_level(spec.model, Method::EqualEffects, Test::Z);
    let studies = pooling_of(spec, common.method, dataset);
    let q = pool(spec, common, &studies).ok().and_then(|(fit, _)| fit.q.ok());
    let outcome = q.and_then(|q| {
        let i_squared = Inconsistency::from_q(&q)?.i_squared;
        let is_high = match choice.rule {
            HeterogeneityRule::ISquaredAbove(threshold) => i_squared > threshold,
            HeterogeneityRule::QTestBelow(threshold) => q.p_value < threshold,
        };
        Some(ChoiceOutcome { i_squared, q_p_value: q.p_value, is_high })
    });
    let is_high = outcome.is_some_and(|outcome| outcome.is_high);
    spec.model.method = if is_high { choice.high } else { choice.low };
    if !is_high {
        // the common-effect methods from tables have no other test
        spec.model.test = Test::Z;
    }
    outcome
}

/// The studies as `method` takes them.
fn pooling_of(spec: &Analysis, method: Method, dataset: &Dataset) -> Studies {
    let data: Vec<_> = dataset.studies.iter().map(|study| study.data).collect();
    let effects = study_effects(spec, method, &data);
    Studies { data, effects, clusters: clusters(&dataset.studies), wants_intervals: true }
}

/// The cluster of each study, by number, if the studies have clusters.
fn clusters(studies: &[Study]) -> Option<Vec<usize>> {
    let mut numbers = std::collections::BTreeMap::new();
    studies
        .iter()
        .map(|study| {
            let next = numbers.len();
            Some(*numbers.entry(study.cluster.as_deref()?).or_insert(next))
        })
        .collect()
}

fn two_level(model: ModelSpec, method: Method, test: Test) -> ModelSpec {
    ModelSpec { method, test, structure: Structure::TwoLevel, is_robust: false, ..model }
}

/// The models that stand side by side, without that of the analysis itself.
fn other_models(spec: &Analysis, dataset: &Dataset) -> Vec<OtherModel> {
    let reml = Method::RandomEffects(Estimator::RestrictedMaximumLikelihood);
    let random = Method::RandomEffects;
    let is_fit = |method: Method| match method {
        Method::MantelHaenszel => match spec.kind {
            Kind::Binary => matches!(spec.measure, Measure::OR | Measure::RR | Measure::RD),
            Kind::Rate => matches!(spec.measure, Measure::IRR | Measure::IRD),
            _ => false,
        },
        Method::Peto => spec.kind == Kind::Binary && spec.measure.is_odds_ratio(),
        _ => true,
    };
    [
        (Method::EqualEffects, Test::Z),
        (Method::MantelHaenszel, Test::Z),
        (Method::Peto, Test::Z),
        (reml, Test::Z),
        (random(Estimator::DerSimonianLaird), Test::Z),
        (random(Estimator::PauleMandel), Test::Z),
        (reml, Test::KnappHartung),
    ]
    .into_iter()
    .filter(|(method, _)| is_fit(*method))
    .map(|(method, test)| two_level(spec.model, method, test))
    .filter(|model| *model != spec.model)
    .map(|model| {
        let studies = pooling_of(spec, model.method, dataset).without_intervals();
        let pooled = pool(spec, model, &studies);
        OtherModel { model, pooled: pooled.map(|(pooled, _)| pooled) }
    })
    .collect()
}

/// The interval of a study's own proportion, where the analysis wants another than Wald's.
fn exact_interval(spec: &Analysis, data: &StudyData) -> Option<(f64, f64)> {
    let StudyData::Proportion(group) = data else { return None };
    match spec.conventions.study_interval {
        StudyInterval::Wald => None,
        StudyInterval::ClopperPearson => clopper_pearson(*group, spec.model.level),
        StudyInterval::Wilson => wilson(*group, spec.model.level),
    }
}

fn with_interval(effect: Effect, critical: f64) -> StudyEffect {
    let half_width = critical * effect.variance.sqrt();
    StudyEffect {
        effect,
        ci_lower: effect.estimate - half_width,
        ci_upper: effect.estimate + half_width,
    }
}

/// What one analysis found.
#[derive(Debug, Clone, PartialEq)]
pub struct Findings {
    /// The studies, in the order of the data.
    pub studies: Vec<StudyFinding>,
    /// Sums over all studies of the analysis.
    pub totals: Totals,
    /// The pooled result, or why there is none.
    pub pooled: Result<Pooled, Reason>,
    /// The effects regressed on moderators, if the analysis has moderators.
    pub regression: Option<Result<Regression, Reason>>,
    /// The studies by subgroup, if the analysis has subgroups.
    pub subgroups: Option<SubgroupFindings>,
    /// Diagnostics of the pooled result, or why there are none.
    pub diagnostics: Result<Diagnostics, Reason>,
    /// Small-study effects, or why they were not examined.
    pub small_study: Result<SmallStudyEffects, Reason>,
    /// What heterogeneity chose, where a rule lets it choose the method.
    pub choice: Option<ChoiceOutcome>,
    /// The same studies under other models, so that a verdict that depends on the model is seen.
    pub other_models: Vec<OtherModel>,
}

impl Findings {
    /// Trials of the studies that the result rests on, of all without a result: arms of one trial,
    /// each a study, are one trial.
    #[must_use]
    pub fn trials(&self) -> usize {
        let distinct = |needs_effect: bool| {
            let studies = self.studies.iter().filter(|it| !needs_effect || it.effect.is_ok());
            studies.map(|it| it.study.trial()).collect::<BTreeSet<_>>().len()
        };
        let with_effect = self.studies.iter().filter(|it| it.effect.is_ok()).count();
        let rests_on_effects = self.pooled.as_ref().is_ok_and(|pooled| pooled.k == with_effect);
        distinct(rests_on_effects)
    }
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
    /// Its studies, by index.
    pub studies: Vec<usize>,
    /// Sums over its studies.
    pub totals: Totals,
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
    /// The study, its counts as in the data, before any zero-cell rule.
    pub study: Study,
    /// The study's own effect, or why there is none.
    pub effect: Result<StudyEffect, Reason>,
    /// The exact interval of the study's proportion, 0 to 1, where the analysis wants one.
    pub exact: Option<(f64, f64)>,
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
    pub tau_squared: Result<BetweenVariance, Reason>,
    /// The variances of a three-level model.
    pub components: Option<Components>,
    /// The number of clusters, where the model knows of them.
    pub clusters: Option<usize>,
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

/// The variance between studies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BetweenVariance {
    /// Its estimate, square of the analysis scale.
    pub value: f64,
    /// Its standard error, where the method has one.
    pub standard_error: Option<f64>,
}

impl From<TauSquared> for BetweenVariance {
    fn from(tau_squared: TauSquared) -> Self {
        Self { value: tau_squared.value, standard_error: Some(tau_squared.standard_error) }
    }
}

/// The variances of a three-level model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Components {
    /// σ₁², between clusters.
    pub between_clusters: f64,
    /// σ₂², between the effects of a cluster.
    pub within_clusters: f64,
    /// The part of the total variance between clusters, percent.
    pub i_squared_between: f64,
    /// The part of the total variance within clusters, percent.
    pub i_squared_within: f64,
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
    /// The study's numbers leave the measure undefined.
    UndefinedEffect,
    /// The method pools counts, and a study reports an estimate only.
    NotAllCounts,
    /// The method is for odds ratios of counts.
    OddsRatiosOnly,
    /// A generalised linear mixed model has no such quantity.
    MixedModel,
    /// A three-level model has two variances in the place of one τ².
    SeveralVariances,
    /// Robust inference is about the mean alone.
    RobustInference,
    /// The diagnostics take studies to be independent, and here they lie in clusters.
    ClusteredStudies,
    /// Too few clusters.
    TooFewClusters,
    /// Every cluster has one study.
    OneStudyPerCluster,
    /// The model has as many coefficients as there are studies, or more.
    TooFewForModel,
    /// A moderator is a combination of the others, or does not vary.
    CollinearModerators,
    /// No moderator varies among the studies.
    ModeratorsDoNotVary,
    /// There is no heterogeneity to be explained.
    NoHeterogeneity,
    /// The studies allow no such test.
    NoTest,
    /// A study has no sample size.
    NoSampleSizes,
    /// The iterations do not settle.
    NotSettled,
    /// An interval between the steps of the selection model holds no study.
    EmptySelectionInterval,
    /// An estimate or a variance is too large or too small to be computed with.
    OutOfRange,
    /// The effects are identical, or lie on the model: what takes its errors from their scatter
    /// (Knapp-Hartung, robust inference) has nothing to test by.
    NoScatter,
    /// There are too many participants for the exact likelihood.
    TooManyParticipants,
    /// There are too many studies for a fit without each.
    TooManyStudies,
    /// The spec does not ask for it.
    NotAskedFor,
}
