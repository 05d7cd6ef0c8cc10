//! Results as data: the objects of `eval` and `results.json`.
//!
//! Field names are metafor's with underscores; numbers have full precision on the analysis scale;
//! what cannot be computed is null, with its reason under `reasons`.

use super::absolute::{AbsoluteResults, absolute_results};
use super::convention_results::{ConventionResults, codes, test_code};
use super::described_results::DescribedResults;
use super::diagnostic_results::DiagnosticResults;
use super::regression_results::{permutation_results, regression_model};
use super::study_results::{StudyResults, TotalResults};
use super::survival_results::SurvivalResults;
use super::{EntryFindings, ReviewFindings};
use crate::analysis::{Findings, OtherModel, Pooled, Reason, SubgroupFinding, SubgroupFindings};
use crate::spec::{Analysis, Entry, FindingSpec, HeterogeneityRule};
use crate::stats::pooling::Reference;
use crate::stats::pooling::inverse_variance::HeterogeneityIntervals;
use serde::Serialize;
use std::collections::BTreeMap;

/// One analysis, by its kind.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum EntryResults {
    /// Pooled effects.
    Pooled(Box<AnalysisResults>),
    /// Survival curves.
    Survival(Box<SurvivalResults>),
    /// Rows that are described.
    Described(Box<DescribedResults>),
}

/// One analysis that pools effects.
#[derive(Debug, Clone, Serialize)]
pub struct AnalysisResults {
    review: String,
    id: String,
    kind: &'static str,
    measure: &'static str,
    /// Studies in the pooled result; without one, studies of the analysis.
    k: usize,
    totals: TotalResults,
    conventions: ConventionResults,
    studies: Vec<StudyResults>,
    /// Null without a result; the reason stands under `reasons`. Under moderators it is the
    /// meta-regression.
    model: Option<ModelResults>,
    heterogeneity_ci: Option<HeterogeneityResults>,
    /// The pooled effect of an analysis with moderators.
    #[serde(skip_serializing_if = "Option::is_none")]
    model_without_moderators: Option<ModelResults>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permutation: Option<super::regression_results::PermutationResults>,
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
    /// Absolute effects and certainty, for each outcome that rests on the analysis.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    summary_of_findings: Vec<AbsoluteResults>,
    reasons: Reasons,
}

#[derive(Debug, Clone, Serialize)]
struct SubgroupResults {
    level: String,
    k: usize,
    totals: TotalResults,
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

/// Why a field is null, by the field's name.
pub(super) type Reasons = BTreeMap<&'static str, &'static str>;

#[derive(Debug, Clone, Serialize)]
pub(super) struct ModelResults {
    pub(super) method: &'static str,
    pub(super) test: &'static str,
    pub(super) level: f64,
    /// Names of the coefficients, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) coef_names: Option<Vec<String>>,
    pub(super) beta: Vec<f64>,
    pub(super) se: Vec<f64>,
    pub(super) zval: Vec<f64>,
    pub(super) pval: Vec<f64>,
    pub(super) ci_lb: Vec<f64>,
    pub(super) ci_ub: Vec<f64>,
    pub(super) pi_lb: Option<f64>,
    pub(super) pi_ub: Option<f64>,
    pub(super) tau2: Option<f64>,
    pub(super) se_tau2: Option<f64>,
    /// Percent.
    pub(super) i2: Option<f64>,
    pub(super) h2: Option<f64>,
    pub(super) qe: Option<f64>,
    pub(super) qe_df: Option<f64>,
    pub(super) qe_p: Option<f64>,
    pub(super) qm: Option<f64>,
    pub(super) qm_df: Option<f64>,
    pub(super) qm_p: Option<f64>,
    /// Percent.
    pub(super) r2: Option<f64>,
    pub(super) ddf: Option<f64>,
    /// Degrees of freedom of each coefficient, where they differ (CR2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ddf_each: Option<Vec<f64>>,
    /// Variances between and within clusters, and their parts of the total in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sigma2: Option<[f64; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) i2_levels: Option<[f64; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) clusters: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) robust: Option<&'static str>,
    pub(super) log_lik: Option<f64>,
    pub(super) aic: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cmh: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cmh_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tarone: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tarone_p: Option<f64>,
    pub(super) reasons: Reasons,
}

#[derive(Debug, Clone, Serialize)]
struct HeterogeneityResults {
    tau2: [f64; 2],
    tau: [f64; 2],
    i2: [f64; 2],
    h2: [f64; 2],
    /// Whether no τ² of 0 or more is compatible with the data; the limits are then 0.
    empty: bool,
}

/// The results of every analysis of a review, in the order of the report.
#[must_use]
pub fn results(findings: &ReviewFindings) -> Vec<EntryResults> {
    let review = &findings.review.id;
    let outcomes = &findings.review.about_studies.findings;
    findings
        .entries()
        .filter_map(|(entry, found)| entry_results(review, outcomes, entry, found))
        .collect()
}

/// The results of one analysis of a review, with its outcomes in the summary of findings; none
/// where findings are of another kind.
#[must_use]
pub fn entry_results(
    review: &str,
    outcomes: &[FindingSpec],
    entry: &Entry,
    findings: &EntryFindings,
) -> Option<EntryResults> {
    match (entry, findings) {
        (Entry::Pooled(spec), EntryFindings::Pooled(found)) => {
            let mut results = analysis_results(review, spec, found);
            let of_analysis = outcomes.iter().filter(|outcome| outcome.analysis.value == spec.id);
            results.summary_of_findings =
                of_analysis.map(|outcome| absolute_results(outcome, spec, found)).collect();
            Some(EntryResults::Pooled(Box::new(results)))
        }
        (Entry::Survival(spec), EntryFindings::Survival(found)) => {
            Some(EntryResults::Survival(Box::new(SurvivalResults::of(review, spec, found))))
        }
        (Entry::Description(spec), EntryFindings::Described(found)) => {
            Some(EntryResults::Described(Box::new(DescribedResults::of(review, spec, found))))
        }
        _ => None,
    }
}

fn analysis_results(review: &str, spec: &Analysis, findings: &Findings) -> AnalysisResults {
    let pooled = findings.pooled.as_ref();
    let mut reasons = Reasons::new();
    if let Err(reason) = pooled {
        reasons.insert("model", describe(*reason));
        reasons.insert("heterogeneity_ci", describe(*reason));
    }
    let diagnostics = DiagnosticResults::of(spec, findings, &mut reasons);
    let own = pooled.ok().map(|pooled| model_results(spec, pooled));
    let own_intervals = pooled.ok().and_then(|pooled| {
        keep(pooled.intervals, "heterogeneity_ci", &mut reasons).map(interval_results)
    });
    let (model, heterogeneity_ci, without_moderators) = match &findings.regression {
        None => (own, own_intervals, None),
        Some(regression) => {
            for field in ["model", "heterogeneity_ci"] {
                reasons.remove(field);
            }
            let fitted = keep(regression.as_ref().map_err(|reason| *reason), "model", &mut reasons);
            let intervals = keep(
                regression.as_ref().map_err(|reason| *reason).and_then(|found| found.intervals),
                "heterogeneity_ci",
                &mut reasons,
            );
            (
                fitted.map(|found| regression_model(spec, found)),
                intervals.map(interval_results),
                own,
            )
        }
    };
    let regression = findings.regression.as_ref().and_then(|found| found.as_ref().ok());
    AnalysisResults {
        review: review.to_owned(),
        id: spec.id.clone(),
        kind: spec.kind.name(),
        measure: spec.measure.code(),
        k: regression.map_or_else(
            || pooled.map_or(findings.studies.len(), |pooled| pooled.k),
            |regression| regression.k,
        ),
        totals: TotalResults::of(&findings.totals),
        conventions: codes(spec),
        studies: findings.studies.iter().map(StudyResults::of).collect(),
        model,
        heterogeneity_ci,
        model_without_moderators: without_moderators,
        permutation: regression.and_then(permutation_results),
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
        summary_of_findings: Vec::new(),
        reasons,
    }
}

fn subgroup_results(spec: &Analysis, group: &SubgroupFinding) -> SubgroupResults {
    let pooled = group.pooled.as_ref();
    SubgroupResults {
        level: group.level.clone(),
        k: pooled.map_or(group.studies.len(), |pooled| pooled.k),
        totals: TotalResults::of(&group.totals),
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

fn interval_results(intervals: HeterogeneityIntervals) -> HeterogeneityResults {
    HeterogeneityResults {
        tau2: [intervals.tau_squared.lower, intervals.tau_squared.upper],
        tau: [intervals.tau_squared.lower.sqrt(), intervals.tau_squared.upper.sqrt()],
        i2: [intervals.i_squared.0, intervals.i_squared.1],
        h2: [intervals.h_squared.0, intervals.h_squared.1],
        empty: intervals.tau_squared.is_empty,
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

fn model_results(spec: &Analysis, pooled: &Pooled) -> ModelResults {
    let mut reasons = Reasons::new();
    let tau_squared = keep(pooled.tau_squared, "tau2", &mut reasons);
    let q = keep(pooled.q, "qe", &mut reasons);
    let inconsistency = keep(pooled.inconsistency, "i2", &mut reasons);
    let prediction = keep(pooled.prediction, "pi_lb", &mut reasons);
    let log_lik = keep(pooled.log_likelihood, "log_lik", &mut reasons);
    let aic = keep(pooled.aic, "aic", &mut reasons);
    for field in ["qm", "qm_df", "qm_p", "r2"] {
        reasons.insert(field, "the model has no moderators");
    }
    let ddf = match pooled.reference {
        Reference::T(df) => Some(df),
        Reference::Normal => {
            reasons.insert("ddf", "the reference distribution is normal");
            None
        }
    };
    if tau_squared.is_some_and(|tau_squared| tau_squared.standard_error.is_none()) {
        reasons.insert("se_tau2", describe(Reason::MixedModel));
    }
    follow(&mut reasons);
    let effect = &pooled.effect;
    ModelResults {
        method: spec.model.method.code(),
        test: reference_test(spec, pooled.reference),
        level: 100.0 * spec.model.level,
        coef_names: None,
        beta: vec![effect.estimate],
        se: vec![effect.standard_error],
        zval: vec![effect.statistic],
        pval: vec![effect.p_value],
        ci_lb: vec![effect.ci_lower],
        ci_ub: vec![effect.ci_upper],
        pi_lb: prediction.map(|(lower, _)| lower),
        pi_ub: prediction.map(|(_, upper)| upper),
        tau2: tau_squared.map(|tau_squared| tau_squared.value),
        se_tau2: tau_squared.and_then(|tau_squared| tau_squared.standard_error),
        i2: inconsistency.map(|inconsistency| inconsistency.i_squared),
        h2: inconsistency.map(|inconsistency| inconsistency.h_squared),
        qe: q.map(|q| q.statistic),
        qe_df: q.map(|q| q.df),
        qe_p: q.map(|q| q.p_value),
        qm: None,
        qm_df: None,
        qm_p: None,
        r2: None,
        ddf,
        ddf_each: None,
        sigma2: pooled.components.map(|c| [c.between_clusters, c.within_clusters]),
        i2_levels: pooled.components.map(|c| [c.i_squared_between, c.i_squared_within]),
        clusters: pooled.clusters,
        robust: spec.model.is_robust.then_some("CR2"),
        log_lik,
        aic,
        cmh: pooled.cochran_mantel_haenszel.map(|test| test.statistic),
        cmh_p: pooled.cochran_mantel_haenszel.map(|test| test.p_value),
        tarone: pooled.tarone.map(|test| test.statistic),
        tarone_p: pooled.tarone.map(|test| test.p_value),
        reasons,
    }
}

/// The test by which coefficients were tested: of robust inference always t.
pub(super) fn reference_test(spec: &Analysis, reference: Reference) -> &'static str {
    match reference {
        Reference::Normal => "z",
        Reference::T(_) if spec.model.is_robust => "t",
        Reference::T(_) => test_code(spec.model.test),
    }
}

/// A field that follows from another has its reason.
pub(super) fn follow(reasons: &mut Reasons) {
    let follows =
        [("tau2", "se_tau2"), ("qe", "qe_df"), ("qe", "qe_p"), ("i2", "h2"), ("pi_lb", "pi_ub")];
    for (from, to) in follows {
        if let Some(reason) = reasons.get(from).copied() {
            reasons.insert(to, reason);
        }
    }
}

/// The value, or none with its reason noted.
pub(super) fn keep<T>(
    value: Result<T, Reason>,
    field: &'static str,
    reasons: &mut Reasons,
) -> Option<T> {
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
        Reason::UndefinedEffect => "the study's numbers leave the measure undefined",
        Reason::NotAllCounts => "the method pools counts, and a study reports an estimate only",
        Reason::OddsRatiosOnly => "the method is for odds ratios of counts",
        Reason::MixedModel => "a generalised linear mixed model has no such quantity",
        Reason::SeveralVariances => "a three-level model has two variances, under sigma2",
        Reason::RobustInference => "robust inference is about the coefficients alone",
        Reason::ClusteredStudies => "it takes studies to be independent, and they lie in clusters",
        Reason::TooFewClusters => "too few clusters",
        Reason::OneStudyPerCluster => "every cluster has one study",
        Reason::TooFewForModel => "there are not more studies than coefficients",
        Reason::CollinearModerators => {
            "a moderator is a combination of the others, or does not vary"
        }
        Reason::ModeratorsDoNotVary => "no moderator varies among the studies",
        Reason::NoHeterogeneity => "there is no heterogeneity to be explained",
        Reason::NoTest => "the studies allow no such test",
        Reason::NoSampleSizes => "a study has no sample size",
        Reason::NotSettled => "the iterations do not settle",
        Reason::EmptySelectionInterval => "an interval between the steps holds no study",
        Reason::OutOfRange => "an estimate or a variance is beyond 1e-50 to 1e50",
        Reason::NoScatter => "the effects are identical: they leave no scatter to test by",
        Reason::TooManyParticipants => "too many participants for the exact likelihood",
        Reason::TooManyStudies => "too many studies for a fit of this model without each",
        Reason::NotAskedFor => "the spec does not ask for it",
    }
}
