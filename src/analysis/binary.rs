//! Analyses of two-group counts.

use super::{Findings, OtherModel, Pooled, Reason, StudyEffect, StudyFinding};
use crate::data::Dataset;
use crate::spec::{Analysis, Measure, Method, ModelSpec};
use crate::stats::Effect;
use crate::stats::binary::{self, AddTo, TwoByTwo, ZeroCells, effects};
use crate::stats::design::Design;
use crate::stats::pooling::inverse_variance::{
    self, Fit, Model, NoFit, Test, heterogeneity_intervals,
};
use crate::stats::pooling::mantel_haenszel::{self, PooledMeasure, STUDY_ZERO_CELLS, TableFit};
use crate::stats::pooling::{Reference, peto};
use crate::stats::tau_squared::Estimator;

/// Computes an analysis. It always gives findings: what the data do not allow is a [`Reason`].
#[must_use]
pub fn analyse(spec: &Analysis, dataset: &Dataset) -> Findings {
    let tables: Vec<TwoByTwo> = dataset.studies.iter().map(|study| study.counts).collect();
    let rule = zero_cell_rule(spec, spec.model.method);
    let study_effects = effects(study_measure(spec, spec.model.method), &tables, rule);
    let (pooled, weights) = match pool(spec, spec.model, &tables, &study_effects) {
        Ok((pooled, weights)) => (Ok(pooled), weights),
        Err(reason) => (Err(reason), vec![None; tables.len()]),
    };
    let critical = Reference::Normal.critical(spec.model.level);
    let studies = dataset
        .studies
        .iter()
        .zip(&study_effects)
        .zip(weights)
        .map(|((study, effect), weight)| StudyFinding {
            label: study.label.clone(),
            year: study.year.clone(),
            source: study.source.clone(),
            counts: study.counts,
            effect: effect
                .map(|effect| with_interval(effect, critical))
                .ok_or_else(|| why_no_effect(&study.counts, rule)),
            weight,
        })
        .collect();
    let other_models = if spec.sensitivity.other_models && pooled.is_ok() {
        other_models(spec, &tables)
    } else {
        Vec::new()
    };
    Findings { studies, totals: totals(&tables), pooled, other_models }
}

/// The models that stand side by side, without that of the analysis itself.
fn other_models(spec: &Analysis, tables: &[TwoByTwo]) -> Vec<OtherModel> {
    let reml = Method::RandomEffects(Estimator::RestrictedMaximumLikelihood);
    let random = Method::RandomEffects;
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
    .filter(|(method, test)| (*method, *test) != (spec.model.method, spec.model.test))
    .filter(|(method, _)| *method != Method::Peto || spec.measure == Measure::OR)
    .map(|(method, test)| {
        let model = ModelSpec { method, test, level: spec.model.level };
        let rule = zero_cell_rule(spec, method);
        let study_effects = effects(study_measure(spec, method), tables, rule);
        let pooled = pool(spec, model, tables, &study_effects).map(|(pooled, _)| pooled);
        OtherModel { model, pooled }
    })
    .collect()
}

/// Mantel-Haenszel and Peto keep their own rule for the studies' estimates.
fn zero_cell_rule(spec: &Analysis, method: Method) -> ZeroCells {
    match method {
        Method::MantelHaenszel => STUDY_ZERO_CELLS,
        // Peto's estimate is defined with zero cells, so nothing is added
        Method::Peto => ZeroCells { add: 0.0, to: AddTo::None, drop00: true },
        _ => spec.zero_cells,
    }
}

fn study_measure(spec: &Analysis, method: Method) -> binary::Measure {
    match (method, spec.measure) {
        (Method::Peto, _) => binary::Measure::PetoLogOddsRatio,
        (_, Measure::OR) => binary::Measure::LogOddsRatio,
        (_, Measure::RR) => binary::Measure::LogRiskRatio,
        (_, Measure::RD) => binary::Measure::RiskDifference,
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

fn why_no_effect(counts: &TwoByTwo, rule: ZeroCells) -> Reason {
    if rule.drop00 && counts.is_one_sided() {
        Reason::DroppedStudy
    } else {
        Reason::UndefinedMeasure
    }
}

fn totals(tables: &[TwoByTwo]) -> TwoByTwo {
    let sum = |part: fn(&TwoByTwo) -> f64| tables.iter().map(part).sum();
    TwoByTwo {
        events1: sum(|table| table.events1),
        total1: sum(|table| table.total1),
        events2: sum(|table| table.events2),
        total2: sum(|table| table.total2),
    }
}

/// The pooled result, and the weight of each study in it.
type PooledWithWeights = (Pooled, Vec<Option<f64>>);

fn pool(
    spec: &Analysis,
    model: ModelSpec,
    tables: &[TwoByTwo],
    effects: &[Option<Effect>],
) -> Result<PooledWithWeights, Reason> {
    if tables.is_empty() {
        return Err(Reason::NoStudy);
    }
    let all = totals(tables);
    if spec.measure.is_ratio() && all.has_no_event() {
        return Err(Reason::NoEvent);
    }
    if spec.measure == Measure::OR && all.is_one_sided() {
        return Err(Reason::NothingButEvents);
    }
    match model.method {
        Method::EqualEffects => pool_effects(model, Model::Common, effects),
        Method::RandomEffects(estimator) => pool_effects(model, Model::Random(estimator), effects),
        Method::MantelHaenszel => {
            let measure = match spec.measure {
                Measure::OR => PooledMeasure::LogOddsRatio,
                Measure::RR => PooledMeasure::LogRiskRatio,
                Measure::RD => PooledMeasure::RiskDifference,
            };
            let fit = mantel_haenszel::fit(measure, tables, model.level);
            fit.map(table_result).ok_or(Reason::UndefinedPool)
        }
        Method::Peto => {
            peto::fit(tables, model.level).map(table_result).ok_or(Reason::UndefinedPool)
        }
    }
}

fn pool_effects(
    spec: ModelSpec,
    model: Model,
    effects: &[Option<Effect>],
) -> Result<PooledWithWeights, Reason> {
    let estimable: Vec<Effect> = effects.iter().flatten().copied().collect();
    // one study is its own result, whatever the model: nothing can be learnt about variation
    let is_single = estimable.len() == 1;
    let (model, test) = if is_single { (Model::Common, Test::Z) } else { (model, spec.test) };
    let design = Design::intercept(estimable.len());
    let level = spec.level;
    let fit = inverse_variance::fit(&estimable, &design, model, test, level).map_err(|no_fit| {
        match no_fit {
            NoFit::NoStudies => Reason::NoEstimableStudy,
            NoFit::ZeroVariance => Reason::ZeroVariance,
            NoFit::Singular | NoFit::NoResidualDegreesOfFreedom => Reason::UndefinedPool,
        }
    })?;
    let mut fitted_weights = fit.weights.iter().copied();
    let weights = effects.iter().map(|effect| effect.and_then(|_| fitted_weights.next())).collect();
    let no_variation = if is_single { Reason::OneStudy } else { Reason::CommonEffect };
    let intervals = heterogeneity_intervals(&estimable, &design, level).ok_or(Reason::OneStudy);
    Ok((effects_result(&fit, intervals, is_single, no_variation), weights))
}

fn effects_result(
    fit: &Fit,
    intervals: Result<inverse_variance::HeterogeneityIntervals, Reason>,
    is_single: bool,
    no_variation: Reason,
) -> Pooled {
    let unless_single = |reason| if is_single { Err(reason) } else { Ok(()) };
    Pooled {
        k: fit.k,
        effect: *fit.pooled(),
        reference: fit.reference,
        tau_squared: fit.tau_squared.ok_or(no_variation),
        q: unless_single(Reason::OneStudy).map(|()| fit.q),
        inconsistency: fit.inconsistency.ok_or(Reason::OneStudy),
        intervals,
        prediction: fit.prediction_interval().ok_or(no_variation),
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
