//! Small-study effects: funnel plot asymmetry, and what the result would be without it.

use super::Reason;
use super::diagnostics::refittable_model;
use super::effects::{counts_of, zero_cell_rule};
use super::pool::Studies;
use crate::spec::{Analysis, FailSafeChoice, Measure, PredictorChoice, ScatterChoice, Trimming};
use crate::stats::Effect;
use crate::stats::binary::TwoByTwo;
use crate::stats::design::Design;
use crate::stats::pooling::inverse_variance::{Model, Test};
use crate::stats::small_study::binary::{harbord, peters};
use crate::stats::small_study::fail_safe::{FailSafe, Mean, orwin, rosenberg, rosenthal};
use crate::stats::small_study::henmi_copas::{HenmiCopas, henmi_copas};
use crate::stats::small_study::rank_correlation::{RankCorrelation, rank_correlation};
use crate::stats::small_study::regression::{
    NoTest, Predictor, RegressionTest, Scatter, regression_test,
};
use crate::stats::small_study::selection::{NoSelection, StepSelection, step_selection};
use crate::stats::small_study::trim_and_fill::{Side, TrimAndFill, trim_and_fill};

/// The significance level of the fail-safe number.
const FAIL_SAFE_ALPHA: f64 = 0.05;

/// Small-study effects of at least three studies.
#[derive(Debug, Clone, PartialEq)]
pub struct SmallStudyEffects {
    /// The number of studies that they rest on.
    pub k: usize,
    /// Rank correlation test of funnel plot asymmetry.
    pub rank: Result<RankCorrelation, Reason>,
    /// The regression test by which asymmetry is judged, as the analysis chooses it.
    pub regression: Result<RegressionTest, Reason>,
    /// The classical form of Egger's test: on the standard error, with a free factor of the
    /// variances and a t reference.
    pub egger: Result<RegressionTest, Reason>,
    /// Harbord's test of odds ratios.
    pub harbord: Result<RegressionTest, Reason>,
    /// Peters' test of odds ratios.
    pub peters: Result<RegressionTest, Reason>,
    /// Trim and fill.
    pub trim_and_fill: Result<TrimAndFill, Reason>,
    /// The fail-safe number, as the analysis chooses it.
    pub fail_safe: Result<FailSafe, Reason>,
    /// The step function selection model, if the analysis asks for one.
    pub selection: Option<Result<StepSelection, Reason>>,
    /// The estimate of Henmi & Copas, if the analysis asks for it.
    pub henmi_copas: Option<Result<HenmiCopas, Reason>>,
}

/// Small-study effects, as the analysis wants them examined.
///
/// # Errors
/// Where fewer than three studies have an estimate.
pub(super) fn examine(spec: &Analysis, studies: &Studies) -> Result<SmallStudyEffects, Reason> {
    let effects = studies.estimable();
    if effects.len() < 3 {
        return Err(Reason::TooFewStudies);
    }
    let model = refittable_model(spec);
    let level = spec.model.level;
    let design = Design::intercept(effects.len());
    let choice = spec.small_study.regression;
    let regression = sample_sizes(studies, choice.predictor).and_then(|sizes| {
        let scatter = match choice.scatter {
            ScatterChoice::Model => Scatter::Additive(model?, spec.model.test),
            ScatterChoice::Multiplicative => Scatter::Multiplicative,
        };
        let predictor = predictor(choice.predictor, &sizes);
        regression_test(&effects, &design, predictor, scatter, level).map_err(no_test)
    });
    // trim and fill looks for the likely side by the same regression, where that is the one made
    let is_likely_side = choice.scatter == ScatterChoice::Model
        && choice.predictor == PredictorChoice::StandardError
        && spec.small_study.trimming == Trimming::Own;
    let likely = regression
        .as_ref()
        .ok()
        .filter(|_| is_likely_side)
        .map(|test| if test.slope.estimate < 0.0 { Side::Right } else { Side::Left });
    let side = spec.small_study.side.or(likely);
    let egger = regression_test(
        &effects,
        &design,
        Predictor::StandardError,
        Scatter::Multiplicative,
        level,
    );
    let tables = odds_ratio_tables(spec, studies);
    let rule = zero_cell_rule(spec, spec.model.method);
    Ok(SmallStudyEffects {
        k: effects.len(),
        rank: rank_correlation(&effects).ok_or(Reason::NoTest),
        regression,
        egger: egger.map_err(no_test),
        harbord: tables
            .as_ref()
            .map_err(|reason| *reason)
            .and_then(|tables| harbord(tables, level).map_err(no_test)),
        peters: tables
            .as_ref()
            .map_err(|reason| *reason)
            .and_then(|tables| peters(tables, rule, level).map_err(no_test)),
        trim_and_fill: model.and_then(|model| filled(spec, &effects, model, side)),
        fail_safe: match spec.small_study.fail_safe {
            FailSafeChoice::Rosenthal => rosenthal(&effects, FAIL_SAFE_ALPHA),
            FailSafeChoice::Orwin => orwin(&effects, Mean::Weighted, spec.small_study.target),
            FailSafeChoice::Rosenberg => rosenberg(&effects, FAIL_SAFE_ALPHA),
        }
        .ok_or(Reason::NoTest),
        selection: spec.small_study.selection.as_ref().map(|choice| {
            step_selection(&effects, model?, &choice.steps, choice.alternative, level)
                .map_err(no_selection)
        }),
        henmi_copas: spec
            .small_study
            .henmi_copas
            .then(|| henmi_copas(&effects, level).map_err(|_| Reason::NoTest)),
    })
}

fn filled(
    spec: &Analysis,
    effects: &[Effect],
    model: Model,
    side: Option<Side>,
) -> Result<TrimAndFill, Reason> {
    let choice = &spec.small_study;
    let trimming = match choice.trimming {
        Trimming::Own => model,
        Trimming::Common => Model::Common,
    };
    let level = spec.model.level;
    trim_and_fill(effects, trimming, model, Test::Z, level, choice.estimator, side)
        .map_err(|_| Reason::NotSettled)
}

/// The sample sizes of the studies with an effect; empty where the predictor needs none.
fn sample_sizes(studies: &Studies, predictor: PredictorChoice) -> Result<Vec<f64>, Reason> {
    if matches!(predictor, PredictorChoice::StandardError | PredictorChoice::Variance) {
        return Ok(Vec::new());
    }
    studies
        .data
        .iter()
        .zip(&studies.effects)
        .filter(|(_, effect)| effect.is_ok())
        .map(|(data, _)| data.participants())
        .collect::<Option<Vec<f64>>>()
        .ok_or(Reason::NoSampleSizes)
}

fn predictor(choice: PredictorChoice, sizes: &[f64]) -> Predictor<'_> {
    match choice {
        PredictorChoice::StandardError => Predictor::StandardError,
        PredictorChoice::Variance => Predictor::Variance,
        PredictorChoice::SampleSize => Predictor::SampleSize(sizes),
        PredictorChoice::InverseSampleSize => Predictor::InverseSampleSize(sizes),
        PredictorChoice::RootSampleSize => Predictor::RootSampleSize(sizes),
        PredictorChoice::InverseRootSampleSize => Predictor::InverseRootSampleSize(sizes),
    }
}

/// The tables of an analysis of odds ratios.
fn odds_ratio_tables(spec: &Analysis, studies: &Studies) -> Result<Vec<TwoByTwo>, Reason> {
    if spec.measure != Measure::OR {
        return Err(Reason::OddsRatiosOnly);
    }
    studies.data.iter().map(counts_of).collect::<Option<Vec<_>>>().ok_or(Reason::NotAllCounts)
}

fn no_test(no_test: NoTest) -> Reason {
    match no_test {
        NoTest::NoFit(_) | NoTest::NoScatter => Reason::NoTest,
        NoTest::NoSampleSizes => Reason::NoSampleSizes,
    }
}

fn no_selection(no_selection: NoSelection) -> Reason {
    match no_selection {
        NoSelection::ZeroVariance => Reason::ZeroVariance,
        NoSelection::Steps | NoSelection::NoMaximum => Reason::NotSettled,
        NoSelection::EmptyInterval => Reason::EmptySelectionInterval,
        NoSelection::TooFewStudies => Reason::TooFewForModel,
    }
}
