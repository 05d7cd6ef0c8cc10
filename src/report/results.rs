//! Results as data: the objects of `eval` and `results.json`.
//!
//! Field names are metafor's with underscores; numbers have full precision on the analysis scale;
//! what cannot be computed is null, with its reason under `reasons`.

use super::ReviewFindings;
use super::diagnostic_results::DiagnosticResults;
use crate::analysis::{Findings, OtherModel, Pooled, Reason, SubgroupFinding, SubgroupFindings};
use crate::spec::{Analysis, DlCentre, HeterogeneityRule, ISquaredSource};
use crate::stats::binary::{AddTo, CorrectedTotal};
use crate::stats::pooling::Reference;
use crate::stats::pooling::inverse_variance::{PredictionReference, Test};
use crate::stats::pooling::mantel_haenszel::RiskDifferenceVariance;
use serde::Serialize;
use std::collections::BTreeMap;

/// One analysis.
#[derive(Debug, Clone, Serialize)]
pub struct AnalysisResults {
    review: String,
    id: String,
    kind: &'static str,
    measure: &'static str,
    /// Studies in the pooled result; without one, studies of the analysis.
    k: usize,
    totals: Counts,
    conventions: ConventionResults,
    studies: Vec<StudyResults>,
    /// Null without a pooled result; the reason stands under `reasons`.
    model: Option<ModelResults>,
    heterogeneity_ci: Option<HeterogeneityResults>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subgroups: Option<Vec<SubgroupResults>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subgroup_test: Option<SubgroupTestResults>,
    #[serde(flatten)]
    diagnostics: DiagnosticResults,
    /// What heterogeneity chose, where a rule let it choose the method.
    #[serde(skip_serializing_if = "Option::is_none")]
    model_choice: Option<ChoiceResults>,
    /// The same studies under other models.
    other_models: Vec<OtherModelResults>,
    reasons: Reasons,
}

#[derive(Debug, Clone, Serialize)]
struct SubgroupResults {
    level: String,
    k: usize,
    totals: Counts,
    model: Option<ModelResults>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// The test of differences between subgroups: with a τ² for each, and with one for all.
#[derive(Debug, Clone, Serialize)]
struct SubgroupTestResults {
    column: String,
    qm: Option<f64>,
    df: Option<f64>,
    qm_p: Option<f64>,
    common_qm: Option<f64>,
    common_df: Option<f64>,
    common_ddf: Option<f64>,
    common_qm_p: Option<f64>,
    reasons: Reasons,
}

#[derive(Debug, Clone, Serialize)]
struct ChoiceResults {
    rule: &'static str,
    threshold: f64,
    /// Percent, under a common effect.
    i2: Option<f64>,
    qe_p: Option<f64>,
    chosen: &'static str,
}

#[derive(Debug, Clone, Serialize)]
struct OtherModelResults {
    method: &'static str,
    test: &'static str,
    estimate: Option<f64>,
    se: Option<f64>,
    pval: Option<f64>,
    ci_lb: Option<f64>,
    ci_ub: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// The resolved choices in which programs differ, by the words of the spec.
#[derive(Debug, Clone, Serialize)]
struct ConventionResults {
    add: f64,
    to: &'static str,
    drop00: bool,
    rr_total: &'static str,
    rd_estimate: &'static str,
    mh_sums: &'static str,
    rd_variance: &'static str,
    dl_centre: &'static str,
    i_squared: &'static str,
    prediction: &'static str,
}

/// Why a field is null, by the field's name.
pub(super) type Reasons = BTreeMap<&'static str, &'static str>;

#[derive(Debug, Clone, Serialize)]
struct Counts {
    events1: u64,
    total1: u64,
    events2: u64,
    total2: u64,
}

#[derive(Debug, Clone, Serialize)]
struct StudyResults {
    study: String,
    #[serde(flatten)]
    counts: Counts,
    yi: Option<f64>,
    vi: Option<f64>,
    ci_lb: Option<f64>,
    ci_ub: Option<f64>,
    /// Percent.
    weight: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

#[derive(Debug, Clone, Serialize)]
struct ModelResults {
    method: &'static str,
    test: &'static str,
    level: f64,
    beta: Vec<f64>,
    se: Vec<f64>,
    zval: Vec<f64>,
    pval: Vec<f64>,
    ci_lb: Vec<f64>,
    ci_ub: Vec<f64>,
    pi_lb: Option<f64>,
    pi_ub: Option<f64>,
    tau2: Option<f64>,
    se_tau2: Option<f64>,
    /// Percent.
    i2: Option<f64>,
    h2: Option<f64>,
    qe: Option<f64>,
    qe_df: Option<f64>,
    qe_p: Option<f64>,
    ddf: Option<f64>,
    log_lik: Option<f64>,
    aic: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cmh: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cmh_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tarone: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tarone_p: Option<f64>,
    reasons: Reasons,
}

#[derive(Debug, Clone, Serialize)]
struct HeterogeneityResults {
    tau2: [f64; 2],
    i2: [f64; 2],
    h2: [f64; 2],
    /// Whether no τ² of 0 or more is compatible with the data; the limits are then 0.
    empty: bool,
}

/// The results of every analysis of a review, in the order of the report.
#[must_use]
pub fn results(findings: &ReviewFindings) -> Vec<AnalysisResults> {
    findings
        .analyses()
        .map(|(spec, analysis)| analysis_results(&findings.review.id, spec, analysis))
        .collect()
}

fn analysis_results(review: &str, spec: &Analysis, findings: &Findings) -> AnalysisResults {
    let pooled = findings.pooled.as_ref();
    let mut reasons = Reasons::new();
    if let Err(reason) = pooled {
        reasons.insert("model", describe(*reason));
        reasons.insert("heterogeneity_ci", describe(*reason));
    }
    let diagnostics = DiagnosticResults::of(findings, &mut reasons);
    let heterogeneity_ci = pooled.ok().and_then(|pooled| {
        keep(pooled.intervals, "heterogeneity_ci", &mut reasons).map(|intervals| {
            HeterogeneityResults {
                tau2: [intervals.tau_squared.lower, intervals.tau_squared.upper],
                i2: [intervals.i_squared.0, intervals.i_squared.1],
                h2: [intervals.h_squared.0, intervals.h_squared.1],
                empty: intervals.tau_squared.is_empty,
            }
        })
    });
    AnalysisResults {
        review: review.to_owned(),
        id: spec.id.clone(),
        kind: "binary",
        measure: spec.measure.code(),
        k: pooled.map_or(findings.studies.len(), |pooled| pooled.k),
        totals: counts(&findings.totals),
        conventions: convention_results(spec),
        studies: findings
            .studies
            .iter()
            .map(|study| {
                let effect = study.effect.as_ref().ok();
                StudyResults {
                    study: study.label.clone(),
                    counts: counts(&study.counts),
                    yi: effect.map(|effect| effect.effect.estimate),
                    vi: effect.map(|effect| effect.effect.variance),
                    ci_lb: effect.map(|effect| effect.ci_lower),
                    ci_ub: effect.map(|effect| effect.ci_upper),
                    weight: study.weight,
                    reason: study.effect.as_ref().err().map(|reason| describe(*reason)),
                }
            })
            .collect(),
        model: pooled.ok().map(|pooled| model_results(spec, pooled)),
        heterogeneity_ci,
        subgroups: findings
            .subgroups
            .as_ref()
            .map(|found| found.groups.iter().map(|group| subgroup_results(spec, group)).collect()),
        subgroup_test: spec
            .subgroups
            .as_ref()
            .zip(findings.subgroups.as_ref())
            .map(|(column, found)| subgroup_test_results(&column.value, found)),
        diagnostics,
        model_choice: spec.choice.map(|choice| {
            let (rule, threshold) = match choice.rule {
                HeterogeneityRule::ISquaredAbove(threshold) => ("i2_above", threshold),
                HeterogeneityRule::QTestBelow(threshold) => ("p_below", threshold),
            };
            ChoiceResults {
                rule,
                threshold,
                i2: findings.choice.map(|outcome| outcome.i_squared),
                qe_p: findings.choice.map(|outcome| outcome.q_p_value),
                chosen: spec.model.method.code(),
            }
        }),
        other_models: findings.other_models.iter().map(other_model_results).collect(),
        reasons,
    }
}

fn subgroup_results(spec: &Analysis, group: &SubgroupFinding) -> SubgroupResults {
    let pooled = group.pooled.as_ref();
    SubgroupResults {
        level: group.level.clone(),
        k: pooled.map_or(group.studies, |pooled| pooled.k),
        totals: counts(&group.totals),
        model: pooled.ok().map(|pooled| model_results(spec, pooled)),
        reason: pooled.err().map(|reason| describe(*reason)),
    }
}

fn subgroup_test_results(column: &str, found: &SubgroupFindings) -> SubgroupTestResults {
    let mut reasons = Reasons::new();
    let separate = keep(found.between, "qm", &mut reasons);
    let common = keep(found.between_common, "common_qm", &mut reasons);
    SubgroupTestResults {
        column: column.to_owned(),
        qm: separate.map(|q| q.statistic),
        df: separate.map(|q| q.df),
        qm_p: separate.map(|q| q.p_value),
        common_qm: common.map(|test| test.statistic),
        common_df: common.map(|test| test.df),
        common_ddf: common.and_then(|test| test.residual_df),
        common_qm_p: common.map(|test| test.p_value),
        reasons,
    }
}

fn convention_results(spec: &Analysis) -> ConventionResults {
    let conventions = &spec.conventions;
    let corrected = |is_corrected| if is_corrected { "corrected" } else { "plain" };
    ConventionResults {
        add: spec.zero_cells.add,
        to: to_code(spec.zero_cells.to),
        drop00: spec.zero_cells.drop00,
        rr_total: match conventions.correction.risk_ratio_total {
            CorrectedTotal::BothCells => "both-cells",
            CorrectedTotal::EventCell => "event-cell",
        },
        rd_estimate: corrected(conventions.correction.corrects_risk_difference),
        mh_sums: corrected(conventions.mantel_haenszel.corrects_sums),
        rd_variance: match conventions.mantel_haenszel.risk_difference_variance {
            RiskDifferenceVariance::Sato => "sato",
            RiskDifferenceVariance::GreenlandRobins => "greenland-robins",
        },
        dl_centre: match conventions.dl_centre {
            DlCentre::InverseVariance => "inverse-variance",
            DlCentre::MantelHaenszel => "mantel-haenszel",
        },
        i_squared: match conventions.i_squared {
            ISquaredSource::TauSquared => "tau2",
            ISquaredSource::Q => "q",
        },
        prediction: match conventions.prediction {
            None => "none",
            Some(PredictionReference::Model) => "model",
            Some(PredictionReference::ResidualDf) => "t-k-1",
            Some(PredictionReference::ResidualDfMinusOne) => "t-k-2",
        },
    }
}

/// metafor's code of the studies that a correction is added to.
pub(super) fn to_code(to: AddTo) -> &'static str {
    match to {
        AddTo::OnlyZero => "only0",
        AddTo::All => "all",
        AddTo::IfAnyZero => "if0all",
        AddTo::None => "none",
    }
}

fn other_model_results(other: &OtherModel) -> OtherModelResults {
    let effect = other.pooled.as_ref().ok().map(|pooled| pooled.effect);
    OtherModelResults {
        method: other.model.method.code(),
        test: test_code(other.model.test),
        estimate: effect.map(|effect| effect.estimate),
        se: effect.map(|effect| effect.standard_error),
        pval: effect.map(|effect| effect.p_value),
        ci_lb: effect.map(|effect| effect.ci_lower),
        ci_ub: effect.map(|effect| effect.ci_upper),
        reason: other.pooled.as_ref().err().map(|reason| describe(*reason)),
    }
}

/// metafor's code of a test.
pub(super) fn test_code(test: Test) -> &'static str {
    match test {
        Test::Z => "z",
        Test::T => "t",
        Test::KnappHartung => "knha",
        Test::AdHoc => "adhoc",
    }
}

fn counts(table: &crate::stats::binary::TwoByTwo) -> Counts {
    // counts are whole numbers below 2^53
    Counts {
        events1: table.events1 as u64,
        total1: table.total1 as u64,
        events2: table.events2 as u64,
        total2: table.total2 as u64,
    }
}

fn model_results(spec: &Analysis, pooled: &Pooled) -> ModelResults {
    let mut reasons = Reasons::new();
    let tau_squared = keep(pooled.tau_squared, "tau2", &mut reasons);
    let q = keep(pooled.q, "qe", &mut reasons);
    let inconsistency = keep(pooled.inconsistency, "i2", &mut reasons);
    let prediction = keep(pooled.prediction, "pi_lb", &mut reasons);
    let log_lik = keep(pooled.log_likelihood, "log_lik", &mut reasons);
    let aic = keep(pooled.aic, "aic", &mut reasons);
    let ddf = match pooled.reference {
        Reference::T(df) => Some(df),
        Reference::Normal => {
            reasons.insert("ddf", "the reference distribution is normal");
            None
        }
    };
    // a field that follows from another has its reason
    let follows =
        [("tau2", "se_tau2"), ("qe", "qe_df"), ("qe", "qe_p"), ("i2", "h2"), ("pi_lb", "pi_ub")];
    for (from, to) in follows {
        if let Some(reason) = reasons.get(from).copied() {
            reasons.insert(to, reason);
        }
    }
    let effect = &pooled.effect;
    ModelResults {
        method: spec.model.method.code(),
        test: if pooled.reference == Reference::Normal { "z" } else { test_code(spec.model.test) },
        level: 100.0 * spec.model.level,
        beta: vec![effect.estimate],
        se: vec![effect.standard_error],
        zval: vec![effect.statistic],
        pval: vec![effect.p_value],
        ci_lb: vec![effect.ci_lower],
        ci_ub: vec![effect.ci_upper],
        pi_lb: prediction.map(|(lower, _)| lower),
        pi_ub: prediction.map(|(_, upper)| upper),
        tau2: tau_squared.map(|tau_squared| tau_squared.value),
        se_tau2: tau_squared.map(|tau_squared| tau_squared.standard_error),
        i2: inconsistency.map(|inconsistency| inconsistency.i_squared),
        h2: inconsistency.map(|inconsistency| inconsistency.h_squared),
        qe: q.map(|q| q.statistic),
        qe_df: q.map(|q| q.df),
        qe_p: q.map(|q| q.p_value),
        ddf,
        log_lik,
        aic,
        cmh: pooled.cochran_mantel_haenszel.map(|test| test.statistic),
        cmh_p: pooled.cochran_mantel_haenszel.map(|test| test.p_value),
        tarone: pooled.tarone.map(|test| test.statistic),
        tarone_p: pooled.tarone.map(|test| test.p_value),
        reasons,
    }
}

/// The value, or none with its reason noted.
fn keep<T>(value: Result<T, Reason>, field: &'static str, reasons: &mut Reasons) -> Option<T> {
    match value {
        Ok(value) => Some(value),
        Err(reason) => {
            reasons.insert(field, describe(reason));
            None
        }
    }
}

/// A reason in words, as data consumers see it.
#[must_use]
pub fn describe(reason: Reason) -> &'static str {
    match reason {
        Reason::NoStudy => "the analysis has no study",
        Reason::NoEstimableStudy => "no study gives an estimate",
        Reason::NoEvent => "no participant of any study had the event",
        Reason::NothingButEvents => "every participant of every study had the event",
        Reason::DroppedStudy => "no event in either group, or nothing but events (drop00)",
        Reason::UndefinedMeasure => "a zero cell leaves the measure undefined",
        Reason::UndefinedPool => "the method is not defined for these counts",
        Reason::ZeroVariance => "a study's sampling variance is zero",
        Reason::OneStudy => "one study says nothing about variation between studies",
        Reason::CommonEffect => "the model assumes one common effect",
        Reason::NoLikelihood => "the method has no likelihood",
        Reason::NotInProfile => "the profile prints no such quantity",
        Reason::OneSubgroup => "fewer than two subgroups have a result",
        Reason::NotInverseVariance => "the diagnostics rest on inverse-variance pooling",
        Reason::OtherCentre => "tau2 comes from Q about the Mantel-Haenszel estimate",
        Reason::TooFewStudies => "fewer than three studies have an estimate",
        Reason::TooFewForPrediction => "fewer than three studies leave no degrees of freedom",
    }
}
