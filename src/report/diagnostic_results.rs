//! The diagnostics of an analysis as data, in metafor's names.

use super::results::{Reasons, describe};
use crate::analysis::{Diagnostics, Findings};
use crate::stats::influence::{Deletion, Influence};
use crate::stats::pooling::Reference;
use crate::stats::sequential::Refit;
use crate::stats::small_study::regression::RegressionTest;
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
    regtest: Option<Vec<RegressionResults>>,
    trimfill: Option<TrimFillResults>,
    fsn: Option<FailSafeResults>,
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

impl DiagnosticResults {
    /// The diagnostics of the findings; what is missing is noted in `reasons`.
    pub(super) fn of(findings: &Findings, reasons: &mut Reasons) -> Self {
        match &findings.diagnostics {
            Ok(diagnostics) => Self::present(findings, diagnostics, reasons),
            Err(reason) => {
                for part in [
                    "influence",
                    "leave_one_out",
                    "cumulative",
                    "ranktest",
                    "regtest",
                    "trimfill",
                    "fsn",
                ] {
                    reasons.insert(part, describe(*reason));
                }
                Self::default()
            }
        }
    }

    fn present(findings: &Findings, diagnostics: &Diagnostics, reasons: &mut Reasons) -> Self {
        let label = |index: &usize| findings.studies[*index].label.clone();
        let labels: Vec<String> = diagnostics.studies.iter().map(label).collect();
        let deletions = &diagnostics.influence.studies;
        let left_out = deletions.iter().map(|study| Some(study.deletion.as_ref().ok()?.refit));
        let regtest: Vec<RegressionResults> =
            [("rma", diagnostics.regression), ("lm", diagnostics.egger)]
                .into_iter()
                .filter_map(|(model, test)| Some(regression_results(model, test.ok()?)))
                .collect();
        let missing = "the studies allow no such test";
        if diagnostics.rank.is_none() {
            reasons.insert("ranktest", missing);
        }
        if regtest.is_empty() {
            reasons.insert("regtest", missing);
        }
        if diagnostics.trim_and_fill.is_err() {
            reasons.insert("trimfill", "trim and fill does not settle on a number of studies");
        }
        if diagnostics.fail_safe.is_none() {
            reasons.insert("fsn", missing);
        }
        Self {
            leave_one_out: Some(RefitResults::of(labels.clone(), left_out)),
            influence: Some(InfluenceResults::of(labels, &diagnostics.influence)),
            cumulative: Some(RefitResults::of(
                diagnostics.cumulative_order.iter().map(label).collect(),
                diagnostics.cumulative.iter().map(|refit| refit.ok()),
            )),
            ranktest: diagnostics.rank.map(|rank| RankResults {
                tau: rank.tau,
                pval: rank.p_value,
                exact: rank.is_exact,
            }),
            regtest: (!regtest.is_empty()).then_some(regtest),
            trimfill: diagnostics.trim_and_fill.as_ref().ok().map(trim_fill_results),
            fsn: diagnostics
                .fail_safe
                .map(|found| FailSafeResults { r#type: "Rosenthal", fsnum: found.number }),
        }
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
    fn of(study: Vec<String>, refits: impl Iterator<Item = Option<Refit>>) -> Self {
        let refits: Vec<Option<Refit>> = refits.collect();
        let list = |value: &dyn Fn(&Refit) -> Option<f64>| -> Vec<Option<f64>> {
            refits.iter().map(|refit| refit.as_ref().and_then(value)).collect()
        };
        Self {
            study,
            estimate: list(&|refit| Some(refit.pooled.estimate)),
            se: list(&|refit| Some(refit.pooled.standard_error)),
            pval: list(&|refit| Some(refit.pooled.p_value)),
            ci_lb: list(&|refit| Some(refit.pooled.ci_lower)),
            ci_ub: list(&|refit| Some(refit.pooled.ci_upper)),
            tau2: list(&|refit| Some(refit.tau_squared?.value)),
            i2: list(&|refit| Some(refit.inconsistency?.i_squared)),
            q: list(&|refit| Some(refit.q.statistic)),
        }
    }
}

fn regression_results(model: &'static str, test: RegressionTest) -> RegressionResults {
    RegressionResults {
        model,
        predictor: "sei",
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

fn trim_fill_results(filled: &TrimAndFill) -> TrimFillResults {
    let pooled = filled.fit.pooled();
    TrimFillResults {
        estimator: "L0",
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
