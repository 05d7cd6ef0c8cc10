//! Diagnostics of a pooled result: outliers and influence, and what parts of the studies give.

use super::pool::{Studies, no_fit, pool};
use super::{Pooled, Reason};
use crate::data::Study;
use crate::spec::{Analysis, DlCentre, ISquaredSource, Method, Structure};
use crate::stats::Effect;
use crate::stats::design::Design;
use crate::stats::heterogeneity::{CochranQ, Inconsistency};
use crate::stats::influence::{Influence, influence};
use crate::stats::pooling::Inference;
use crate::stats::pooling::inverse_variance::Model;
use crate::stats::sequential::{self, Refit};
use crate::stats::tau_squared::Estimator;

/// The diagnostics of a result of at least three studies.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostics {
    /// The studies with an estimate or a weight in the pooled one, by their index in the findings;
    /// the lists below follow it.
    pub studies: Vec<usize>,
    /// Outliers and influence.
    pub influence: Result<Influence, Reason>,
    /// The result without each study.
    pub leave_one_out: Result<Vec<Result<Part, Reason>>, Reason>,
    /// The studies in the order in which they are accumulated: by year where all have one, else as
    /// in the data; by their index in the findings.
    pub cumulative_order: Vec<usize>,
    /// The result of the first study, the first two, and so on.
    pub cumulative: Result<Vec<Result<Part, Reason>>, Reason>,
}

/// The result of a part of the studies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// Studies that it rests on.
    pub k: usize,
    /// The pooled effect.
    pub effect: Inference,
    /// Cochran's Q.
    pub q: Option<CochranQ>,
    /// τ².
    pub tau_squared: Option<f64>,
    /// I², percent.
    pub i_squared: Option<f64>,
}

/// The diagnostics of the studies under a model, in which they have these weights.
///
/// # Errors
/// Where fewer than three studies have an estimate.
pub(super) fn diagnose(
    spec: &Analysis,
    studies: &[Study],
    pooling: &Studies,
    weights: &[Option<f64>],
) -> Result<Diagnostics, Reason> {
    let all: Vec<usize> = (0..pooling.effects.len()).collect();
    let has_effect = |index: &usize| pooling.effects[*index].is_ok();
    if all.iter().filter(|index| has_effect(index)).count() < 3 {
        return Err(Reason::TooFewStudies);
    }
    // a table without an event has no estimate and yet a weight in a pooled difference
    let has_weight = |index: &usize| weights[*index].is_some_and(|weight| weight > 0.0);
    let taking_part: Vec<usize> =
        all.iter().copied().filter(|index| has_effect(index) || has_weight(index)).collect();
    let cumulative_order = by_year(studies, &taking_part);
    let wanted = spec.sensitivity;
    let model = refittable_model(spec);
    let influence = match model {
        Ok(model) if wanted.influence || wanted.leave_one_out => of_effects(spec, model, pooling),
        Ok(_) => Err(Reason::NotAskedFor),
        Err(reason) => Err(reason),
    };
    let leave_one_out = if !wanted.leave_one_out {
        Err(Reason::NotAskedFor)
    } else if let Ok(influence) = &influence {
        let deletions = influence.studies.iter().map(|study| match &study.deletion {
            Ok(deletion) => Ok(Part::of(spec, deletion.refit)),
            Err(_) => Err(Reason::UndefinedPool),
        });
        Ok(deletions.collect())
    } else {
        parts(spec, pooling, taking_part.iter().map(|left_out| all_but(&all, *left_out)))
    };
    let cumulative = if !wanted.cumulative {
        Err(Reason::NotAskedFor)
    } else if let Ok(model) = model {
        let accumulated: Vec<Effect> =
            cumulative_order.iter().filter_map(|index| pooling.effects[*index].ok()).collect();
        let (test, level) = (spec.model.test, spec.model.level);
        let fits = sequential::cumulative(&accumulated, model, test, level);
        Ok(fits
            .into_iter()
            .map(|fit| fit.map(|refit| Part::of(spec, refit)).map_err(no_fit))
            .collect())
    } else {
        parts(spec, pooling, (1..=taking_part.len()).map(|k| cumulative_order[..k].to_vec()))
    };
    Ok(Diagnostics {
        studies: taking_part,
        influence: if wanted.influence { influence } else { Err(Reason::NotAskedFor) },
        leave_one_out,
        cumulative_order,
        cumulative,
    })
}

fn of_effects(spec: &Analysis, model: Model, pooling: &Studies) -> Result<Influence, Reason> {
    let effects = pooling.estimable();
    let design = Design::intercept(effects.len());
    influence(&effects, &design, model, spec.model.test, spec.model.level)
        .map_err(|_| Reason::UndefinedPool)
}

fn all_but(studies: &[usize], left_out: usize) -> Vec<usize> {
    studies.iter().copied().filter(|study| *study != left_out).collect()
}

/// The most studies whose parts are pooled by models that know no shorter way than a fit for each.
const MOST_REFITS: usize = 1000;
/// The same of three-level models, whose fits take longer.
const MOST_CLUSTERED_REFITS: usize = 200;

/// Parts of the studies, each pooled as the whole is. Mixed models take too long for that.
fn parts(
    spec: &Analysis,
    studies: &Studies,
    members: impl Iterator<Item = Vec<usize>>,
) -> Result<Vec<Result<Part, Reason>>, Reason> {
    if matches!(spec.model.method, Method::UnconditionalMixed | Method::ConditionalMixed) {
        return Err(Reason::MixedModel);
    }
    let is_three_level = spec.model.structure == Structure::ThreeLevel;
    let most = if is_three_level { MOST_CLUSTERED_REFITS } else { MOST_REFITS };
    if studies.effects.len() > most {
        return Err(Reason::TooManyStudies);
    }
    let part = |members: Vec<usize>| {
        let studies = studies.select(&members).without_intervals();
        pool(spec, spec.model, &studies).map(|(pooled, _)| Part::from(&pooled))
    };
    Ok(members.map(part).collect())
}

/// The inverse-variance model of an analysis, which parts of its studies can be fitted by.
///
/// # Errors
/// Where the method pools tables, takes τ² from a Q about the Mantel-Haenszel estimate, or knows of
/// clusters.
pub(super) fn refittable_model(spec: &Analysis) -> Result<Model, Reason> {
    if spec.model.structure == Structure::ThreeLevel || spec.model.is_robust {
        return Err(Reason::ClusteredStudies);
    }
    match spec.model.method {
        Method::EqualEffects => Ok(Model::Common),
        Method::RandomEffects(Estimator::DerSimonianLaird)
            if spec.conventions.dl_centre == DlCentre::MantelHaenszel =>
        {
            Err(Reason::OtherCentre)
        }
        Method::RandomEffects(estimator) => Ok(Model::Random(estimator)),
        Method::MantelHaenszel
        | Method::Peto
        | Method::UnconditionalMixed
        | Method::ConditionalMixed => Err(Reason::NotInverseVariance),
    }
}

/// The indices by year, if every study has one that is a whole number; otherwise as they are.
fn by_year(studies: &[Study], indices: &[usize]) -> Vec<usize> {
    let year = |index: &usize| studies[*index].year.as_deref()?.trim().parse::<i64>().ok();
    let mut order = indices.to_vec();
    if order.iter().all(|index| year(index).is_some()) {
        order.sort_by_key(year);
    }
    order
}

impl Part {
    /// A refit, with I² from where the analysis takes it.
    fn of(spec: &Analysis, refit: Refit) -> Self {
        let inconsistency = match spec.conventions.i_squared {
            ISquaredSource::TauSquared => refit.inconsistency,
            ISquaredSource::Q => Inconsistency::from_q(&refit.q),
        };
        Self {
            k: refit.k,
            effect: refit.pooled,
            q: Some(refit.q),
            tau_squared: refit.tau_squared.map(|tau_squared| tau_squared.value),
            i_squared: inconsistency.map(|inconsistency| inconsistency.i_squared),
        }
    }
}

impl From<&Pooled> for Part {
    fn from(pooled: &Pooled) -> Self {
        Self {
            k: pooled.k,
            effect: pooled.effect,
            q: pooled.q.ok(),
            tau_squared: pooled.tau_squared.ok().map(|tau_squared| tau_squared.value),
            i_squared: pooled.inconsistency.ok().map(|inconsistency| inconsistency.i_squared),
        }
    }
}
