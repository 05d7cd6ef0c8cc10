//! Analyses of two-group counts.

use super::diagnostics::diagnose;
use super::subgroups::by_subgroup;
use super::{ChoiceOutcome, Findings, OtherModel, Pooled, Reason, StudyEffect, StudyFinding};
use crate::data::Dataset;
use crate::spec::{
    Analysis, DlCentre, HeterogeneityRule, ISquaredSource, Measure, Method, ModelSpec,
};
use crate::stats::Effect;
use crate::stats::binary::{self, AddTo, TwoByTwo, ZeroCells, effects_under};
use crate::stats::design::Design;
use crate::stats::heterogeneity::{CochranQ, Inconsistency};
use crate::stats::pooling::inverse_variance::{
    self, Fit, Model, NoFit, Test, heterogeneity_intervals,
};
use crate::stats::pooling::mantel_haenszel::{self, PooledMeasure, STUDY_ZERO_CELLS, TableFit};
use crate::stats::pooling::{Reference, peto};
use crate::stats::tau_squared::{Estimator, dersimonian_laird_about};

/// Computes an analysis. It always gives findings: what the data do not allow is a [`Reason`].
#[must_use]
pub fn analyse(spec: &Analysis, dataset: &Dataset) -> Findings {
    let tables: Vec<TwoByTwo> = dataset.studies.iter().map(|study| study.counts).collect();
    let rule = zero_cell_rule(spec, spec.model.method);
    let study_effects = effects_under(
        study_measure(spec, spec.model.method),
        &tables,
        rule,
        spec.conventions.correction,
    );
    let (pooled, weights) = match pool(spec, spec.model, &tables, &study_effects) {
        Ok((pooled, weights)) => (Ok(pooled), weights),
        Err(reason) => (Err(reason), vec![None; tables.len()]),
    };
    let critical = Reference::Normal.critical(spec.model.level);
    let studies: Vec<StudyFinding> = dataset
        .studies
        .iter()
        .zip(&study_effects)
        .zip(weights)
        .map(|((study, effect), weight)| StudyFinding {
            label: study.label.clone(),
            year: study.year.clone(),
            source: study.source.clone(),
            subgroup: study.subgroup.clone(),
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
    let diagnostics =
        pooled.as_ref().map_err(|reason| *reason).and_then(|_| diagnose(spec, &studies));
    let subgroups = spec.subgroups.as_ref().map(|_| {
        by_subgroup(spec, &studies, |members| {
            let tables: Vec<TwoByTwo> = members.iter().map(|i| studies[*i].counts).collect();
            let effects: Vec<Option<Effect>> = members.iter().map(|i| study_effects[*i]).collect();
            let pooled = pool(spec, spec.model, &tables, &effects).map(|(pooled, _)| pooled);
            (totals(&tables), pooled)
        })
    });
    Findings {
        studies,
        totals: totals(&tables),
        pooled,
        subgroups,
        diagnostics,
        choice: None,
        other_models,
    }
}

/// Lets heterogeneity choose the method of an analysis that has a rule for it: the studies are
/// pooled under a common effect by inverse variance, and its Q decides. Without a Q the method for
/// low heterogeneity is taken. `None` where the analysis has no rule.
pub fn choose_model(spec: &mut Analysis, dataset: &Dataset) -> Option<ChoiceOutcome> {
    let choice = spec.choice?;
    let tables: Vec<TwoByTwo> = dataset.studies.iter().map(|study| study.counts).collect();
    let common = ModelSpec { method: Method::EqualEffects, test: Test::Z, ..spec.model };
    let study_effects = effects_under(
        study_measure(spec, common.method),
        &tables,
        zero_cell_rule(spec, common.method),
        spec.conventions.correction,
    );
    let q = pool(spec, common, &tables, &study_effects).ok().and_then(|(fit, _)| fit.q.ok());
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
        let study_effects =
            effects_under(study_measure(spec, method), tables, rule, spec.conventions.correction);
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
    let mantel_haenszel = || {
        let measure = match spec.measure {
            Measure::OR => PooledMeasure::LogOddsRatio,
            Measure::RR => PooledMeasure::LogRiskRatio,
            Measure::RD => PooledMeasure::RiskDifference,
        };
        let convention = spec.conventions.mantel_haenszel;
        mantel_haenszel::fit_under(measure, tables, model.level, convention)
    };
    match model.method {
        Method::EqualEffects => pool_effects(spec, model, Centre::Own, effects),
        Method::RandomEffects(estimator) => {
            let about_other = estimator == Estimator::DerSimonianLaird
                && spec.conventions.dl_centre == DlCentre::MantelHaenszel;
            let centre = match mantel_haenszel().filter(|_| about_other) {
                Some(fit) => Centre::At(fit.pooled.estimate),
                None => Centre::Own,
            };
            pool_effects(spec, model, centre, effects)
        }
        Method::MantelHaenszel => mantel_haenszel().map(table_result).ok_or(Reason::UndefinedPool),
        Method::Peto => {
            peto::fit(tables, model.level).map(table_result).ok_or(Reason::UndefinedPool)
        }
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
    effects: &[Option<Effect>],
) -> Result<PooledWithWeights, Reason> {
    let estimable: Vec<Effect> = effects.iter().flatten().copied().collect();
    // one study is its own result, whatever the model: nothing can be learnt about variation
    let is_single = estimable.len() == 1;
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
    let fit = inverse_variance::fit(&estimable, &design, model, test, level).map_err(|no_fit| {
        match no_fit {
            NoFit::NoStudies => Reason::NoEstimableStudy,
            NoFit::ZeroVariance => Reason::ZeroVariance,
            NoFit::Singular | NoFit::NoResidualDegreesOfFreedom => Reason::UndefinedPool,
        }
    })?;
    let mut fitted_weights = fit.weights.iter().copied();
    let weights = effects.iter().map(|effect| effect.and_then(|_| fitted_weights.next())).collect();
    let intervals = heterogeneity_intervals(&estimable, &design, level).ok_or(Reason::OneStudy);
    Ok((effects_result(spec, &fit, q_about, intervals), weights))
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
        tau_squared: fit.tau_squared.ok_or(no_variation),
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
