//! How analyses were pooled: every choice, resolved.

use super::studies::is_from_quantiles;
use super::works::{ModelWorks, model_works};
use crate::report::ReviewFindings;
use crate::report::convention_results::{codes, test_code, to_code};
use crate::report::number::Numbers;
use crate::spec::{Analysis, DlCentre, ISquaredSource, Kind, Measure, Method, Structure};
use crate::stats::pooling::inverse_variance::PredictionReference;
use crate::stats::tau_squared::Estimator;
use serde::Serialize;

/// How analyses were pooled.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelView {
    /// Code of the kind.
    pub kind: &'static str,
    /// Measure code.
    pub measure: &'static str,
    /// Whether it is a ratio, analysed on the log scale.
    pub is_ratio: bool,
    /// Whether it describes one group.
    pub is_single_group: bool,
    /// Method code.
    pub method: &'static str,
    /// Whether τ² is estimated.
    pub is_random: bool,
    /// Whether effects lie in clusters with a variance of their own.
    pub is_three_level: bool,
    /// Whether inference is robust to dependence within clusters.
    pub is_robust: bool,
    /// Test code.
    pub test: &'static str,
    /// Confidence level in percent.
    pub level: String,
    /// Whether rules for zero cells or counts can matter.
    pub has_zero_rule: bool,
    /// Amount added to cells.
    pub add: String,
    /// Which studies it is added to.
    pub to: &'static str,
    /// Whether one-sided studies are dropped.
    pub drop00: bool,
    /// Code of what the correction of a risk ratio enters; none for other measures.
    pub rr_total: Option<&'static str>,
    /// Code of whether the correction enters a risk difference; none for other measures.
    pub rd_estimate: Option<&'static str>,
    /// Code of the variance of a pooled Mantel-Haenszel risk difference; none for others.
    pub rd_variance: Option<&'static str>,
    /// Whether zero cells are corrected in the Mantel-Haenszel sums.
    pub corrects_mh_sums: bool,
    /// Code of the variance of a mean difference; none for other measures.
    pub md_variance: Option<&'static str>,
    /// Code of the variance of a standardised mean difference; none for other measures.
    pub smd_variance: Option<&'static str>,
    /// Code of its factor J; none for other measures.
    pub smd_correction: Option<&'static str>,
    /// Code of the estimate of a ratio of means; none for other measures.
    pub rom: Option<&'static str>,
    /// Code of the interval of a single study's proportion; none for other kinds.
    pub study_interval: Option<&'static str>,
    /// Code of how means are estimated from medians; none where no median was given.
    pub mean_from_median: Option<&'static str>,
    /// Whether Q, and τ² with it, is taken about the Mantel-Haenszel estimate.
    pub q_about_mh: bool,
    /// Whether I² comes from Q and not from τ².
    pub i2_from_q: bool,
    /// Code of the distribution of the prediction interval; none where there is no interval.
    pub prediction: Option<&'static str>,
    /// Whether outliers and influence are examined.
    pub has_influence: bool,
    /// Whether refits of parts of the studies are made.
    pub has_leave_one_out: bool,
    /// The regression test of asymmetry: `rma` or `lm`.
    pub regression_model: &'static str,
    /// What it regresses on.
    pub regression_predictor: &'static str,
    /// Whether that test can be made under the model.
    pub has_regression: bool,
    /// Estimator of trim and fill; none where the model has none.
    pub trim_fill: Option<&'static str>,
    /// Whether the funnel is centred under a common effect.
    pub trims_common: bool,
    /// Whether some analysis has moderators.
    pub has_moderators: bool,
    /// What becomes of arms that share a control group.
    pub multi_arm: Option<&'static str>,
    /// What it cites.
    pub works: ModelWorks,
    /// Titles of the analyses; empty where all analyses use this model.
    pub analyses: Vec<String>,
}

/// The models in use, each with the titles of its analyses unless there is one for all.
pub(super) fn models(findings: &ReviewFindings, numbers: Numbers<'_>) -> Vec<ModelView> {
    let mut models: Vec<ModelView> = Vec::new();
    for (spec, found) in findings.analyses() {
        let model = model_view(spec, has_medians(found), numbers);
        let known = models
            .iter_mut()
            .find(|known| ModelView { analyses: Vec::new(), ..(*known).clone() } == model);
        match known {
            Some(known) => known.analyses.push(spec.title.clone()),
            None => models.push(ModelView { analyses: vec![spec.title.clone()], ..model }),
        }
    }
    if let [only] = models.as_mut_slice() {
        only.analyses.clear();
    }
    models
}

/// Whether a mean was estimated from quantiles.
pub(super) fn has_medians(findings: &crate::analysis::Findings) -> bool {
    findings.studies.iter().any(|study| is_from_quantiles(&study.study.data))
}

pub(super) fn model_view(spec: &Analysis, has_medians: bool, numbers: Numbers<'_>) -> ModelView {
    let conventions = &spec.conventions;
    let codes = codes(spec);
    let measure = spec.measure;
    let model = spec.model;
    let inverse_variance = !model.method.pools_counts();
    let has_clusters = model.structure == Structure::ThreeLevel || model.is_robust;
    let q_about_mh = conventions.dl_centre == DlCentre::MantelHaenszel
        && model.method == Method::RandomEffects(Estimator::DerSimonianLaird);
    let is_refittable = inverse_variance && !has_clusters && !q_about_mh;
    let is_mixed = matches!(model.method, Method::UnconditionalMixed | Method::ConditionalMixed);
    let mut view = ModelView {
        kind: spec.kind.name(),
        measure: measure.code(),
        is_ratio: measure.is_ratio(),
        is_single_group: measure.is_single_group(),
        method: model.method.code(),
        is_random: model.method.is_random(),
        is_three_level: model.structure == Structure::ThreeLevel,
        is_robust: model.is_robust,
        test: test_code(model.test),
        level: numbers.shortest(100.0 * model.level),
        has_zero_rule: spec.kind.counts_events() && inverse_variance,
        add: numbers.shortest(spec.zero_cells.add),
        to: to_code(spec.zero_cells.to),
        drop00: spec.zero_cells.drop00,
        rr_total: (measure == Measure::RR && inverse_variance).then_some(codes.rr_total),
        rd_estimate: (measure == Measure::RD && inverse_variance).then_some(codes.rd_estimate),
        rd_variance: (measure == Measure::RD && model.method == Method::MantelHaenszel)
            .then_some(codes.rd_variance),
        corrects_mh_sums: conventions.mantel_haenszel.corrects_sums
            && measure.is_ratio()
            && spec.kind == Kind::Binary,
        md_variance: (measure == Measure::MD && spec.kind == Kind::Continuous)
            .then_some(codes.md_variance),
        smd_variance: (measure == Measure::SMD && spec.kind == Kind::Continuous)
            .then_some(codes.smd_variance),
        smd_correction: (matches!(measure, Measure::SMD | Measure::SMDH)
            && spec.kind == Kind::Continuous)
            .then_some(codes.smd_correction),
        rom: (measure == Measure::ROM && spec.kind == Kind::Continuous).then_some(codes.rom),
        study_interval: (spec.kind == Kind::Proportion).then_some(codes.study_interval),
        mean_from_median: has_medians.then_some(codes.mean_from_median),
        q_about_mh,
        i2_from_q: conventions.i_squared == ISquaredSource::Q,
        prediction: conventions.prediction.map(|reference| match reference {
            PredictionReference::Model => "model",
            PredictionReference::ResidualDf => "t-k-1",
            PredictionReference::ResidualDfMinusOne => "t-k-2",
        }),
        has_influence: is_refittable && spec.sensitivity.influence,
        has_leave_one_out: !is_mixed && spec.sensitivity.leave_one_out,
        regression_model: spec.small_study.regression.scatter.name(),
        regression_predictor: spec.small_study.regression.predictor.name(),
        has_regression: is_refittable || spec.small_study.regression.scatter.name() == "lm",
        trim_fill: is_refittable.then_some(codes.trim_fill),
        trims_common: codes.trimming == "common",
        has_moderators: spec.regression.is_some(),
        multi_arm: codes.multi_arm,
        works: ModelWorks::default(),
        analyses: Vec::new(),
    };
    view.works = model_works(spec, &view);
    view
}
