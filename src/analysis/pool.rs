//! The pooled result of studies under a model.

use super::effects::{counts_of, rates_of};
use super::{BetweenVariance, Components, Pooled, Reason};
use crate::data::StudyData;
use crate::spec::{Analysis, DlCentre, ISquaredSource, Measure, Method, ModelSpec, Structure};
use crate::stats::Effect;
use crate::stats::binary::TwoByTwo;
use crate::stats::design::Design;
use crate::stats::glmm::{self, MixedFit, USUAL_POINTS};
use crate::stats::heterogeneity::{CochranQ, Inconsistency};
use crate::stats::multilevel::{
    self, Likelihood, Nesting, RobustFit, three_level, two_level_robust,
};
use crate::stats::pooling::inverse_variance::{
    self, Fit, Model, NoFit, Test, heterogeneity_intervals,
};
use crate::stats::pooling::mantel_haenszel::{self, PooledMeasure, PooledRateMeasure, TableFit};
use crate::stats::pooling::{Reference, peto};
use crate::stats::rate::TwoRates;
use crate::stats::tau_squared::{Estimator, dersimonian_laird_about};

/// What is pooled: the studies' data and effects, and the cluster of each, if there are clusters.
#[derive(Debug, Clone)]
pub(super) struct Studies {
    pub(super) data: Vec<StudyData>,
    pub(super) effects: Vec<Result<Effect, Reason>>,
    pub(super) clusters: Option<Vec<usize>>,
    /// Whether the intervals of τ² are wanted; other models and parts of the studies do without.
    pub(super) wants_intervals: bool,
}

impl Studies {
    /// Some of the studies, by index.
    pub(super) fn select(&self, members: &[usize]) -> Self {
        Self {
            data: members.iter().map(|i| self.data[*i]).collect(),
            effects: members.iter().map(|i| self.effects[*i]).collect(),
            clusters: self
                .clusters
                .as_ref()
                .map(|clusters| members.iter().map(|i| clusters[*i]).collect()),
            wants_intervals: self.wants_intervals,
        }
    }

    /// The same without the intervals of τ².
    pub(super) fn without_intervals(self) -> Self {
        Self { wants_intervals: false, ..self }
    }

    /// The effects of the studies that have one.
    pub(super) fn estimable(&self) -> Vec<Effect> {
        self.effects.iter().filter_map(|effect| effect.ok()).collect()
    }

    /// Something of every study; a reason where a study lacks it.
    fn every<T>(&self, part: impl Fn(&StudyData) -> Option<T>) -> Result<Vec<T>, Reason> {
        self.data.iter().map(part).collect::<Option<Vec<T>>>().ok_or(Reason::NotAllCounts)
    }

    /// The clusters of the studies that have an effect.
    fn clusters_of_estimable(&self) -> Option<Vec<usize>> {
        let clusters = self.clusters.as_ref()?.iter().zip(&self.effects);
        Some(clusters.filter(|(_, effect)| effect.is_ok()).map(|(cluster, _)| *cluster).collect())
    }
}

/// The pooled result, and the weight of each study in it.
pub(super) type PooledWithWeights = (Pooled, Vec<Option<f64>>);

/// Pools studies under a model.
///
/// # Errors
/// What the data do not allow.
pub(super) fn pool(
    spec: &Analysis,
    model: ModelSpec,
    studies: &Studies,
) -> Result<PooledWithWeights, Reason> {
    if studies.data.is_empty() {
        return Err(Reason::NoStudy);
    }
    expect_informative(spec, studies)?;
    match model.method {
        Method::EqualEffects => pool_effects(spec, model, Centre::Own, studies),
        Method::RandomEffects(estimator) => {
            let about_other = estimator == Estimator::DerSimonianLaird
                && spec.conventions.dl_centre == DlCentre::MantelHaenszel;
            let centre = if about_other {
                mantel_haenszel(spec, model, studies)
                    .map_or(Centre::Own, |fit| Centre::At(fit.pooled.estimate))
            } else {
                Centre::Own
            };
            pool_effects(spec, model, centre, studies)
        }
        Method::MantelHaenszel => mantel_haenszel(spec, model, studies).map(table_result),
        Method::Peto => {
            let tables = studies.every(counts_of)?;
            peto::fit(&tables, model.level).map(table_result).ok_or(Reason::UndefinedPool)
        }
        Method::UnconditionalMixed => {
            let tables = studies.every(counts_of)?;
            mixed_result(glmm::unconditional(&tables, USUAL_POINTS, model.level), studies)
        }
        Method::ConditionalMixed => {
            let tables = studies.every(counts_of)?;
            mixed_result(glmm::conditional(&tables, model.level), studies)
        }
    }
}

/// Ratios of counts have no value where nobody, or everybody, had the event.
fn expect_informative(spec: &Analysis, studies: &Studies) -> Result<(), Reason> {
    if let Ok(tables) = studies.every(counts_of) {
        let all = sum_of_tables(&tables);
        if spec.measure.is_ratio() && all.has_no_event() {
            return Err(Reason::NoEvent);
        }
        if spec.measure.is_odds_ratio() && all.is_one_sided() {
            return Err(Reason::NothingButEvents);
        }
    }
    if let Ok(rates) = studies.every(rates_of)
        && spec.measure.is_ratio()
        && rates.iter().all(TwoRates::has_no_event)
    {
        return Err(Reason::NoEvent);
    }
    Ok(())
}

fn sum_of_tables(tables: &[TwoByTwo]) -> TwoByTwo {
    let sum = |part: fn(&TwoByTwo) -> f64| tables.iter().map(part).sum();
    TwoByTwo {
        events1: sum(|table| table.events1),
        total1: sum(|table| table.total1),
        events2: sum(|table| table.events2),
        total2: sum(|table| table.total2),
    }
}

fn mantel_haenszel(
    spec: &Analysis,
    model: ModelSpec,
    studies: &Studies,
) -> Result<TableFit, Reason> {
    let rates = |measure| {
        let rates = studies.every(rates_of)?;
        mantel_haenszel::fit_rates(measure, &rates, model.level).ok_or(Reason::UndefinedPool)
    };
    let tables = |measure| {
        let tables = studies.every(counts_of)?;
        let convention = spec.conventions.mantel_haenszel;
        let of_studies = studies.estimable();
        mantel_haenszel::fit_with(measure, &tables, &of_studies, model.level, convention)
            .ok_or(Reason::UndefinedPool)
    };
    match spec.measure {
        Measure::OR => tables(PooledMeasure::LogOddsRatio),
        Measure::RR => tables(PooledMeasure::LogRiskRatio),
        Measure::RD => tables(PooledMeasure::RiskDifference),
        Measure::IRR => rates(PooledRateMeasure::LogRateRatio),
        Measure::IRD => rates(PooledRateMeasure::RateDifference),
        // the spec is checked against this
        _ => Err(Reason::UndefinedPool),
    }
}

/// The centre about which Q is taken.
#[derive(Clone, Copy)]
enum Centre {
    /// The inverse-variance mean.
    Own,
    /// Another estimate.
    At(f64),
}

fn pool_effects(
    spec: &Analysis,
    model_spec: ModelSpec,
    centre: Centre,
    studies: &Studies,
) -> Result<PooledWithWeights, Reason> {
    let estimable = studies.estimable();
    // one study is its own result, whatever the model: nothing can be learnt about variation
    let is_single = estimable.len() == 1;
    if model_spec.structure == Structure::ThreeLevel && !is_single {
        return pool_clusters(spec, model_spec, &estimable, studies);
    }
    let q_about = match centre {
        Centre::At(at) if !is_single => Some(q_about(&estimable, at)),
        Centre::At(_) | Centre::Own => None,
    };
    let model = match model_spec.method {
        Method::RandomEffects(_) if is_single => Model::Common,
        Method::RandomEffects(estimator) => match q_about {
            Some(q) => {
                let (y, v): (Vec<f64>, Vec<f64>) =
                    estimable.iter().map(|effect| (effect.estimate, effect.variance)).unzip();
                let tau_squared = dersimonian_laird_about(q.statistic, &y, &v);
                Model::RandomGiven(tau_squared.ok_or(Reason::UndefinedPool)?)
            }
            None => Model::Random(estimator),
        },
        _ => Model::Common,
    };
    let test = if is_single { Test::Z } else { model_spec.test };
    let design = Design::intercept(estimable.len());
    let level = model_spec.level;
    let fit = inverse_variance::fit(&estimable, &design, model, test, level).map_err(no_fit)?;
    let intervals = if studies.wants_intervals {
        heterogeneity_intervals(&estimable, &design, level).ok_or(Reason::OneStudy)
    } else {
        Err(Reason::NotAskedFor)
    };
    let mut pooled = effects_result(spec, &fit, q_about, intervals);
    if model_spec.is_robust && !is_single {
        let tau_squared = fit.tau_squared.map_or(0.0, |tau_squared| tau_squared.value);
        let clusters = studies.clusters_of_estimable().unwrap_or_default();
        let robust = two_level_robust(&estimable, &design, tau_squared, &clusters, level);
        make_robust(&mut pooled, robust)?;
    }
    Ok((pooled, in_place(&fit.weights, &studies.effects)))
}

pub(super) fn no_fit(no_fit: NoFit) -> Reason {
    match no_fit {
        NoFit::NoStudies => Reason::NoEstimableStudy,
        NoFit::ZeroVariance => Reason::ZeroVariance,
        NoFit::OutOfRange => Reason::OutOfRange,
        NoFit::NoScatter => Reason::NoScatter,
        NoFit::Singular | NoFit::NoResidualDegreesOfFreedom => Reason::UndefinedPool,
    }
}

/// The weights of the studies with an effect, in their places among all studies.
fn in_place(weights: &[f64], effects: &[Result<Effect, Reason>]) -> Vec<Option<f64>> {
    let mut weights = weights.iter().copied();
    effects.iter().map(|effect| effect.ok().and_then(|_| weights.next())).collect()
}

/// The inference of `pooled` made robust to dependence within clusters. Its prediction interval
/// goes: the robust error is that of the mean alone.
fn make_robust(
    pooled: &mut Pooled,
    robust: Result<RobustFit, multilevel::NoFit>,
) -> Result<(), Reason> {
    let robust = robust.map_err(no_clustered_fit)?;
    let (Some(effect), Some(df)) = (robust.coefficients.first(), robust.degrees_of_freedom.first())
    else {
        return Err(Reason::UndefinedPool);
    };
    pooled.effect = *effect;
    pooled.reference = Reference::T(*df);
    pooled.clusters = Some(robust.clusters);
    pooled.prediction = Err(Reason::RobustInference);
    Ok(())
}

/// Why a clustered model has no fit.
pub(super) fn no_clustered_fit(no_fit: multilevel::NoFit) -> Reason {
    match no_fit {
        multilevel::NoFit::NoStudies => Reason::NoEstimableStudy,
        multilevel::NoFit::ZeroVariance => Reason::ZeroVariance,
        multilevel::NoFit::NotFinite => Reason::OutOfRange,
        multilevel::NoFit::Singular => Reason::CollinearModerators,
        multilevel::NoFit::NoResidualDegreesOfFreedom => Reason::TooFewForModel,
        multilevel::NoFit::TooFewClusters => Reason::TooFewClusters,
        multilevel::NoFit::OneStudyPerCluster => Reason::OneStudyPerCluster,
        multilevel::NoFit::NoScatter => Reason::NoScatter,
    }
}

/// Each estimate is a study of its own within its cluster.
pub(super) fn likelihood_of(method: Method) -> Likelihood {
    match method {
        Method::RandomEffects(Estimator::MaximumLikelihood) => Likelihood::Ordinary,
        _ => Likelihood::Restricted,
    }
}

/// The test of a multilevel model.
pub(super) fn multilevel_test(test: Test) -> multilevel::Test {
    match test {
        Test::Z => multilevel::Test::Z,
        Test::T | Test::KnappHartung | Test::AdHoc => multilevel::Test::T,
    }
}

fn pool_clusters(
    spec: &Analysis,
    model: ModelSpec,
    estimable: &[Effect],
    studies: &Studies,
) -> Result<PooledWithWeights, Reason> {
    let clusters = studies.clusters_of_estimable().unwrap_or_default();
    let of: Vec<usize> = (0..estimable.len()).collect();
    let nesting = Nesting { cluster: &clusters, study: &of };
    let design = Design::intercept(estimable.len());
    let fit = three_level(
        estimable,
        &design,
        nesting,
        likelihood_of(model.method),
        multilevel_test(model.test),
        model.level,
    )
    .map_err(no_clustered_fit)?;
    let mut pooled = Pooled {
        k: fit.k,
        effect: *fit.pooled(),
        reference: fit.reference,
        tau_squared: Err(Reason::SeveralVariances),
        components: Some(Components {
            between_clusters: fit.between_clusters,
            within_clusters: fit.within_clusters,
            i_squared_between: fit.i_squared.0,
            i_squared_within: fit.i_squared.1,
        }),
        clusters: Some(fit.clusters),
        q: Ok(fit.q),
        inconsistency: Err(Reason::SeveralVariances),
        intervals: Err(Reason::SeveralVariances),
        prediction: spec
            .conventions
            .prediction
            .map(|_| fit.prediction_interval())
            .ok_or(Reason::NotInProfile),
        log_likelihood: Ok(fit.log_likelihood),
        aic: Ok(fit.aic),
        cochran_mantel_haenszel: None,
        tarone: None,
    };
    if model.is_robust {
        make_robust(&mut pooled, fit.robust(estimable, &design, nesting))?;
    }
    let weights =
        clustered_weights(estimable, &clusters, fit.between_clusters, fit.within_clusters);
    Ok((pooled, in_place(&weights, &studies.effects)))
}

/// The weight of each estimate in the mean of a three-level model, percent: with
/// u = 1/(v + σ₂²) in a cluster whose sum of u is U, u/(1 + σ₁² U), the row sums of the inverse of
/// the marginal covariance.
fn clustered_weights(
    effects: &[Effect],
    clusters: &[usize],
    between: f64,
    within: f64,
) -> Vec<f64> {
    let precision: Vec<f64> =
        effects.iter().map(|effect| 1.0 / (effect.variance + within)).collect();
    let mut sums = vec![0.0; clusters.iter().max().map_or(0, |last| last + 1)];
    for (cluster, u) in clusters.iter().zip(&precision) {
        sums[*cluster] += u;
    }
    let weights: Vec<f64> = clusters
        .iter()
        .zip(&precision)
        .map(|(cluster, u)| u / (1.0 + between * sums[*cluster]))
        .collect();
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| 100.0 * weight / total).collect()
}

fn mixed_result(
    fit: Result<MixedFit, glmm::NoFit>,
    studies: &Studies,
) -> Result<PooledWithWeights, Reason> {
    let fit = fit.map_err(|no_fit| match no_fit {
        glmm::NoFit::NoStudies => Reason::NoEstimableStudy,
        glmm::NoFit::TooFewStudies => Reason::OneStudy,
        glmm::NoFit::NoFiniteEstimate | glmm::NoFit::NotCounts => Reason::UndefinedPool,
        glmm::NoFit::TooManyParticipants => Reason::TooManyParticipants,
    })?;
    let pooled = Pooled {
        k: fit.k,
        effect: fit.pooled,
        reference: Reference::Normal,
        tau_squared: Ok(BetweenVariance { value: fit.tau_squared, standard_error: None }),
        components: None,
        clusters: None,
        q: Err(Reason::MixedModel),
        inconsistency: Err(Reason::MixedModel),
        intervals: Err(Reason::MixedModel),
        prediction: Ok(fit.prediction_interval()),
        log_likelihood: Ok(fit.log_likelihood),
        aic: Err(Reason::MixedModel),
        cochran_mantel_haenszel: None,
        tarone: None,
    };
    Ok((pooled, vec![None; studies.data.len()]))
}

/// Q of the studies about a centre that is not their own mean.
fn q_about(effects: &[Effect], centre: f64) -> CochranQ {
    let terms = effects.iter().map(|effect| {
        let residual = effect.estimate - centre;
        residual * residual / effect.variance
    });
    CochranQ::new(terms.sum(), effects.len() as f64 - 1.0)
}

fn effects_result(
    spec: &Analysis,
    fit: &Fit,
    q_about: Option<CochranQ>,
    intervals: Result<inverse_variance::HeterogeneityIntervals, Reason>,
) -> Pooled {
    let is_single = fit.k == 1;
    let no_variation = if is_single { Reason::OneStudy } else { Reason::CommonEffect };
    let q = q_about.unwrap_or(fit.q);
    let inconsistency = match spec.conventions.i_squared {
        ISquaredSource::TauSquared => fit.inconsistency,
        ISquaredSource::Q => Inconsistency::from_q(&q),
    };
    let prediction = match spec.conventions.prediction {
        _ if fit.tau_squared.is_none() => Err(no_variation),
        None => Err(Reason::NotInProfile),
        Some(reference) => {
            fit.prediction_interval_under(reference).ok_or(Reason::TooFewForPrediction)
        }
    };
    Pooled {
        k: fit.k,
        effect: *fit.pooled(),
        reference: fit.reference,
        tau_squared: fit.tau_squared.map(BetweenVariance::from).ok_or(no_variation),
        components: None,
        clusters: None,
        q: if is_single { Err(Reason::OneStudy) } else { Ok(q) },
        inconsistency: inconsistency.ok_or(Reason::OneStudy),
        intervals,
        prediction,
        log_likelihood: Ok(fit.log_likelihood),
        aic: Ok(fit.aic),
        cochran_mantel_haenszel: None,
        tarone: None,
    }
}

fn table_result(fit: TableFit) -> PooledWithWeights {
    let has_variation = fit.inconsistency.is_some();
    let weights = fit.weights.iter().map(|weight| Some(*weight)).collect();
    let pooled = Pooled {
        k: fit.k,
        effect: fit.pooled,
        reference: Reference::Normal,
        tau_squared: Err(Reason::CommonEffect),
        components: None,
        clusters: None,
        q: if has_variation { Ok(fit.q) } else { Err(Reason::OneStudy) },
        inconsistency: fit.inconsistency.ok_or(Reason::OneStudy),
        intervals: Err(Reason::CommonEffect),
        prediction: Err(Reason::CommonEffect),
        log_likelihood: Err(Reason::NoLikelihood),
        aic: Err(Reason::NoLikelihood),
        cochran_mantel_haenszel: fit.cochran_mantel_haenszel,
        tarone: fit.tarone,
    };
    (pooled, weights)
}
