//! The diagnostics of an analysis as data, in metafor's names.

use super::convention_results::estimator_code;
use super::results::{Reasons, describe, keep};
use crate::analysis::{Findings, Part, Reason};
use crate::spec::Analysis;
use crate::stats::influence::{Deletion, Influence};
use crate::stats::pooling::Reference;
use crate::stats::small_study::henmi_copas::HenmiCopas;
use crate::stats::small_study::regression::RegressionTest;
use crate::stats::small_study::selection::StepSelection;
use crate::stats::small_study::trim_and_fill::{Side, TrimAndFill};
use serde::Serialize;

/// The diagnostics of an analysis. A part that is null has its reason under `reasons`; a null in a
/// list stands for a study without which there is no fit, or whose residual vanishes.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct DiagnosticResults {
    influence: Option<InfluenceResults>,
    leave_one_out: Option<RefitResults>,
    cumulative: Option<RefitResults>,
    ranktest: Option<RankResults>,
    /// The regression test by which asymmetry is judged.
    regtest: Option<RegressionResults>,
    /// Egger's test in its classical form.
    egger: Option<RegressionResults>,
    #[serde(skip_serializing_if = "Option::is_none")]
    harbord: Option<RegressionResults>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peters: Option<RegressionResults>,
    trimfill: Option<TrimFillResults>,
    fsn: Option<FailSafeResults>,
    #[serde(skip_serializing_if = "Option::is_none")]
    selmodel: Option<SelectionResults>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hc: Option<HenmiCopasResults>,
}

#[derive(Debug, Clone, Serialize)]
struct InfluenceResults {
    /// Labels of the studies with an estimate; every list follows it.
    study: Vec<String>,
    rstudent: Vec<Option<f64>>,
    rstandard: Vec<Option<f64>>,
    dffits: Vec<Option<f64>>,
    cook_d: Vec<Option<f64>>,
    cov_r: Vec<Option<f64>>,
    tau2_del: Vec<Option<f64>>,
    qe_del: Vec<Option<f64>>,
    hat: Vec<f64>,
    weight: Vec<f64>,
    dfbs: Vec<Option<f64>>,
    /// Coordinates of Baujat's plot.
    baujat_x: Vec<f64>,
    baujat_y: Vec<Option<f64>>,
    /// metafor's own mark.
    inf: Vec<bool>,
    outlier_threshold: f64,
    cook_d_threshold: Option<f64>,
}

#[derive(Debug, Clone, Serialize)]
struct RefitResults {
    /// The study left out, or added.
    study: Vec<String>,
    estimate: Vec<Option<f64>>,
    se: Vec<Option<f64>>,
    pval: Vec<Option<f64>>,
    ci_lb: Vec<Option<f64>>,
    ci_ub: Vec<Option<f64>>,
    tau2: Vec<Option<f64>>,
    i2: Vec<Option<f64>>,
    q: Vec<Option<f64>>,
}

#[derive(Debug, Clone, Serialize)]
struct RankResults {
    tau: f64,
    pval: f64,
    exact: bool,
}

#[derive(Debug, Clone, Serialize)]
struct RegressionResults {
    /// `rma`, or `lm` for Egger's classical form.
    model: &'static str,
    predictor: &'static str,
    zval: f64,
    ddf: Option<f64>,
    pval: f64,
    /// The limit estimate, for a study of infinite size.
    est: Option<f64>,
    ci_lb: Option<f64>,
    ci_ub: Option<f64>,
}

#[derive(Debug, Clone, Serialize)]
struct TrimFillResults {
    estimator: &'static str,
    side: &'static str,
    k0: usize,
    se_k0: Option<f64>,
    beta: f64,
    se: f64,
    ci_lb: f64,
    ci_ub: f64,
    tau2: Option<f64>,
}

#[derive(Debug, Clone, Serialize)]
struct FailSafeResults {
    r#type: &'static str,
    fsnum: f64,
}

#[derive(Debug, Clone, Serialize)]
struct SelectionResults {
    r#type: &'static str,
    steps: Vec<f64>,
    beta: f64,
    se: f64,
    pval: f64,
    ci_lb: f64,
    ci_ub: f64,
    tau2: Option<f64>,
    delta: Vec<f64>,
    /// Likelihood ratio test against no selection.
    lrt: f64,
    lrt_df: f64,
    lrt_p: f64,
}

#[derive(Debug, Clone, Serialize)]
struct HenmiCopasResults {
    beta: f64,
    se: f64,
    ci_lb: f64,
    ci_ub: f64,
    tau2: f64,
}

impl DiagnosticResults {
    /// The diagnostics of the findings; what is missing is noted in `reasons`.
    pub(super) fn of(spec: &Analysis, findings: &Findings, reasons: &mut Reasons) -> Self {
        let mut results = Self::default();
        match &findings.diagnostics {
            Ok(diagnostics) => {
                let label = |index: &usize| findings.studies[*index].study.label.clone();
                let labels: Vec<String> = diagnostics.studies.iter().map(label).collect();
                let influence = diagnostics.influence.as_ref().map_err(|reason| *reason);
                results.influence = keep(influence, "influence", reasons)
                    .map(|influence| InfluenceResults::of(labels.clone(), influence));
                let left_out = diagnostics.leave_one_out.as_ref().map_err(|reason| *reason);
                results.leave_one_out = keep(left_out, "leave_one_out", reasons)
                    .map(|parts| RefitResults::of(labels, parts));
                let cumulative = diagnostics.cumulative.as_ref().map_err(|reason| *reason);
                results.cumulative = keep(cumulative, "cumulative", reasons).map(|parts| {
                    RefitResults::of(
                        diagnostics.cumulative_order.iter().map(label).collect(),
                        parts,
                    )
                });
            }
            Err(reason) => {
                for part in ["influence", "leave_one_out", "cumulative"] {
                    reasons.insert(part, describe(*reason));
                }
            }
        }
        match &findings.small_study {
            Ok(found) => {
                let choice = spec.small_study.regression;
                let rank = found.rank.as_ref().map_err(|reason| *reason);
                results.ranktest = keep(rank, "ranktest", reasons).map(|rank| RankResults {
                    tau: rank.tau,
                    pval: rank.p_value,
                    exact: rank.is_exact,
                });
                let mut test = |test: &Result<RegressionTest, Reason>, name, model, predictor| {
                    keep(test.as_ref().map_err(|reason| *reason), name, reasons)
                        .map(|test| regression_results(model, predictor, *test))
                };
                let (scatter, predictor) = (choice.scatter.name(), choice.predictor.name());
                results.regtest = test(&found.regression, "regtest", scatter, predictor);
                results.egger = test(&found.egger, "egger", "lm", "sei");
                if found.harbord != Err(Reason::OddsRatiosOnly) {
                    results.harbord = test(&found.harbord, "harbord", "harbord", "sei");
                    results.peters = test(&found.peters, "peters", "peters", "ninv");
                }
                let filled = found.trim_and_fill.as_ref().map_err(|reason| *reason);
                results.trimfill = keep(filled, "trimfill", reasons).map(|filled| {
                    trim_fill_results(estimator_code(spec.small_study.estimator), filled)
                });
                results.fsn = keep(found.fail_safe, "fsn", reasons).map(|found| FailSafeResults {
                    r#type: spec.small_study.fail_safe.name(),
                    fsnum: found.number,
                });
                let selection = found.selection.as_ref().map(|found| found.as_ref());
                results.selmodel = selection.and_then(|found| {
                    keep(found.map_err(|reason| *reason), "selmodel", reasons)
                        .map(selection_results)
                });
                let robust = found.henmi_copas.as_ref().map(|found| found.as_ref());
                results.hc = robust.and_then(|found| {
                    keep(found.map_err(|reason| *reason), "hc", reasons).map(henmi_copas_results)
                });
            }
            Err(reason) => {
                for part in ["ranktest", "regtest", "egger", "trimfill", "fsn"] {
                    reasons.insert(part, describe(*reason));
                }
            }
        }
        results
    }
}

impl InfluenceResults {
    fn of(study: Vec<String>, influence: &Influence) -> Self {
        let studies = &influence.studies;
        let deleted = |value: &dyn Fn(&Deletion) -> Option<f64>| -> Vec<Option<f64>> {
            studies.iter().map(|study| value(study.deletion.as_ref().ok()?)).collect()
        };
        Self {
            study,
            rstudent: deleted(&|deletion| Some(deletion.studentised_residual)),
            rstandard: studies.iter().map(|study| study.standardised_residual).collect(),
            dffits: deleted(&|deletion| Some(deletion.dffits)),
            cook_d: deleted(&|deletion| Some(deletion.cooks_distance)),
            cov_r: deleted(&|deletion| Some(deletion.covariance_ratio)),
            tau2_del: deleted(&|deletion| Some(deletion.refit.tau_squared?.value)),
            qe_del: deleted(&|deletion| Some(deletion.refit.q.statistic)),
            hat: studies.iter().map(|study| study.hat).collect(),
            weight: studies.iter().map(|study| study.weight).collect(),
            dfbs: deleted(&|deletion| deletion.dfbetas.first().copied()),
            baujat_x: studies.iter().map(|study| study.squared_pearson_residual).collect(),
            baujat_y: deleted(&|deletion| Some(deletion.squared_fitted_change)),
            inf: studies.iter().map(|study| study.is_marked).collect(),
            outlier_threshold: influence.outlier_threshold,
            cook_d_threshold: influence.cooks_distance_threshold,
        }
    }
}

impl RefitResults {
    fn of(study: Vec<String>, parts: &[Result<Part, Reason>]) -> Self {
        let list = |value: &dyn Fn(&Part) -> Option<f64>| -> Vec<Option<f64>> {
            parts.iter().map(|part| part.as_ref().ok().and_then(value)).collect()
        };
        Self {
            study,
            estimate: list(&|part| Some(part.effect.estimate)),
            se: list(&|part| Some(part.effect.standard_error)),
            pval: list(&|part| Some(part.effect.p_value)),
            ci_lb: list(&|part| Some(part.effect.ci_lower)),
            ci_ub: list(&|part| Some(part.effect.ci_upper)),
            tau2: list(&|part| part.tau_squared),
            i2: list(&|part| part.i_squared),
            q: list(&|part| Some(part.q?.statistic)),
        }
    }
}

fn regression_results(
    model: &'static str,
    predictor: &'static str,
    test: RegressionTest,
) -> RegressionResults {
    RegressionResults {
        model,
        predictor,
        zval: test.slope.statistic,
        ddf: match test.reference {
            Reference::Normal => None,
            Reference::T(df) => Some(df),
        },
        pval: test.slope.p_value,
        est: test.limit.map(|limit| limit.estimate),
        ci_lb: test.limit.map(|limit| limit.ci_lower),
        ci_ub: test.limit.map(|limit| limit.ci_upper),
    }
}

fn selection_results(found: &StepSelection) -> SelectionResults {
    SelectionResults {
        r#type: "stepfun",
        steps: found.intervals.iter().map(|interval| interval.upper).collect(),
        beta: found.pooled.estimate,
        se: found.pooled.standard_error,
        pval: found.pooled.p_value,
        ci_lb: found.pooled.ci_lower,
        ci_ub: found.pooled.ci_upper,
        tau2: found.tau_squared.map(|tau_squared| tau_squared.value),
        delta: found.intervals.iter().map(|interval| interval.weight).collect(),
        lrt: found.likelihood_ratio.statistic,
        lrt_df: found.likelihood_ratio.df,
        lrt_p: found.likelihood_ratio.p_value,
    }
}

fn henmi_copas_results(found: &HenmiCopas) -> HenmiCopasResults {
    HenmiCopasResults {
        beta: found.estimate,
        se: found.standard_error,
        ci_lb: found.ci_lower,
        ci_ub: found.ci_upper,
        tau2: found.tau_squared,
    }
}

fn trim_fill_results(estimator: &'static str, filled: &TrimAndFill) -> TrimFillResults {
    let pooled = filled.fit.pooled();
    TrimFillResults {
        estimator,
        side: if filled.side == Side::Left { "left" } else { "right" },
        k0: filled.missing,
        se_k0: filled.missing_standard_error,
        beta: pooled.estimate,
        se: pooled.standard_error,
        ci_lb: pooled.ci_lower,
        ci_ub: pooled.ci_upper,
        tau2: filled.fit.tau_squared.map(|tau_squared| tau_squared.value),
    }
}
