//! Diagnostics of a pooled result: outliers and influence, parts of the studies, small-study effects.

use super::{Reason, StudyFinding};
use crate::spec::{Analysis, DlCentre, Method};
use crate::stats::Effect;
use crate::stats::design::Design;
use crate::stats::influence::{Influence, influence};
use crate::stats::pooling::inverse_variance::{Model, NoFit, Test};
use crate::stats::sequential::{Refit, cumulative};
use crate::stats::small_study::fail_safe::{FailSafe, rosenthal};
use crate::stats::small_study::rank_correlation::{RankCorrelation, rank_correlation};
use crate::stats::small_study::regression::{
    NoTest, Predictor, RegressionTest, Scatter, regression_test,
};
use crate::stats::small_study::trim_and_fill::{
    MissingEstimator, NoTrimAndFill, TrimAndFill, trim_and_fill,
};
use crate::stats::tau_squared::Estimator;

/// The significance level of the fail-safe number.
const FAIL_SAFE_ALPHA: f64 = 0.05;

/// The diagnostics of an inverse-variance result of at least three studies.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostics {
    /// The studies with an estimate, by their index in the findings; the lists below follow it.
    pub studies: Vec<usize>,
    /// Outliers and influence; the fits without a study are in it.
    pub influence: Influence,
    /// The studies in the order in which they are accumulated: by year where all have one, else as
    /// in the data; by their index in the findings.
    pub cumulative_order: Vec<usize>,
    /// The fit of the first study, the first two, and so on.
    pub cumulative: Vec<Result<Refit, NoFit>>,
    /// Rank correlation test of funnel plot asymmetry.
    pub rank: Option<RankCorrelation>,
    /// Regression test on the standard error, under the model's own assumptions (metafor's default).
    pub regression: Result<RegressionTest, NoTest>,
    /// The classical form of Egger's test: multiplicative dispersion, t reference.
    pub egger: Result<RegressionTest, NoTest>,
    /// Trim and fill with L₀, under the model's own assumptions, on the likely side.
    pub trim_and_fill: Result<TrimAndFill, NoTrimAndFill>,
    /// Rosenthal's fail-safe number.
    pub fail_safe: Option<FailSafe>,
}

/// The diagnostics of the studies under a model.
///
/// # Errors
/// Where the method does not pool by inverse variance, or fewer than three studies have an
/// estimate.
pub(super) fn diagnose(spec: &Analysis, studies: &[StudyFinding]) -> Result<Diagnostics, Reason> {
    let model = refittable_model(spec)?;
    let model_spec = spec.model;
    let estimable: Vec<(usize, Effect)> = studies
        .iter()
        .enumerate()
        .filter_map(|(index, study)| Some((index, study.effect.as_ref().ok()?.effect)))
        .collect();
    if estimable.len() < 3 {
        return Err(Reason::TooFewStudies);
    }
    let (indices, effects): (Vec<usize>, Vec<Effect>) = estimable.into_iter().unzip();
    let (test, level) = (model_spec.test, model_spec.level);
    let design = Design::intercept(effects.len());
    let influence =
        influence(&effects, &design, model, test, level).map_err(|_| Reason::UndefinedPool)?;
    let cumulative_order = by_year(studies, &indices);
    let accumulated: Vec<Effect> = cumulative_order
        .iter()
        .filter_map(|index| Some(studies[*index].effect.as_ref().ok()?.effect))
        .collect();
    let regression =
        |scatter| regression_test(&effects, &design, Predictor::StandardError, scatter, level);
    Ok(Diagnostics {
        influence,
        cumulative: cumulative(&accumulated, model, test, level),
        cumulative_order,
        rank: rank_correlation(&effects),
        regression: regression(Scatter::Additive(model, test)),
        egger: regression(Scatter::Multiplicative),
        trim_and_fill: trim_and_fill(
            &effects,
            model,
            model,
            Test::Z,
            level,
            MissingEstimator::L0,
            None,
        ),
        fail_safe: rosenthal(&effects, FAIL_SAFE_ALPHA),
        studies: indices,
    })
}

/// The inverse-variance model of an analysis, which parts of its studies can be fitted by.
///
/// # Errors
/// Where the method pools tables, or takes τ² from a Q about the Mantel-Haenszel estimate.
pub(super) fn refittable_model(spec: &Analysis) -> Result<Model, Reason> {
    match spec.model.method {
        Method::EqualEffects => Ok(Model::Common),
        Method::RandomEffects(Estimator::DerSimonianLaird)
            if spec.conventions.dl_centre == DlCentre::MantelHaenszel =>
        {
            Err(Reason::OtherCentre)
        }
        Method::RandomEffects(estimator) => Ok(Model::Random(estimator)),
        Method::MantelHaenszel | Method::Peto => Err(Reason::NotInverseVariance),
    }
}

/// The indices by year, if every study has one that is a whole number; otherwise as they are.
fn by_year(studies: &[StudyFinding], indices: &[usize]) -> Vec<usize> {
    let year = |index: &usize| studies[*index].year.as_deref()?.trim().parse::<i64>().ok();
    let mut order = indices.to_vec();
    if order.iter().all(|index| year(index).is_some()) {
        order.sort_by_key(year);
    }
    order
}
