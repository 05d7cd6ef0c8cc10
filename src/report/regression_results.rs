//! A meta-regression as data, in metafor's names.

use super::results::{ModelResults, Reasons, describe, follow, keep, reference_test};
use crate::analysis::{Reason, Regression};
use crate::spec::Analysis;
use crate::stats::pooling::Reference;
use serde::Serialize;

/// A permutation test.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PermutationResults {
    /// Arrangements fitted; null where there is no test.
    iterations: Option<usize>,
    exact: Option<bool>,
    pval: Option<Vec<f64>>,
    qm_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

pub(super) fn permutation_results(found: &Regression) -> Option<PermutationResults> {
    found.permutation.as_ref().map(|test| {
        let done = test.as_ref().ok();
        PermutationResults {
            iterations: done.map(|test| test.arrangements),
            exact: done.map(|test| test.exact),
            pval: done.map(|test| test.p_values.clone()),
            qm_p: done.and_then(|test| test.moderators),
            reason: test.as_ref().err().map(|reason| describe(*reason)),
        }
    })
}

/// The model with moderators.
pub(super) fn regression_model(spec: &Analysis, found: &Regression) -> ModelResults {
    let mut reasons = Reasons::new();
    let tau_squared = keep(found.tau_squared, "tau2", &mut reasons);
    let inconsistency = keep(found.inconsistency, "i2", &mut reasons);
    let omnibus = keep(found.moderators, "qm", &mut reasons);
    let r2 = keep(found.r_squared, "r2", &mut reasons);
    if let Some(reason) = reasons.get("qm").copied() {
        reasons.insert("qm_df", reason);
        reasons.insert("qm_p", reason);
    }
    reasons.insert("pi_lb", "a prediction depends on the moderators");
    if tau_squared.is_some_and(|tau_squared| tau_squared.standard_error.is_none()) {
        reasons.insert("se_tau2", describe(Reason::MixedModel));
    }
    follow(&mut reasons);
    let degrees: Vec<f64> = found
        .references
        .iter()
        .filter_map(|reference| match reference {
            Reference::T(df) => Some(*df),
            Reference::Normal => None,
        })
        .collect();
    let ddf = degrees.first().copied().filter(|first| degrees.iter().all(|df| df == first));
    if degrees.is_empty() {
        reasons.insert("ddf", "the reference distribution is normal");
    } else if ddf.is_none() {
        reasons.insert("ddf", "each coefficient has its own, under ddf_each");
    }
    let list = |part: fn(&crate::stats::pooling::Inference) -> f64| -> Vec<f64> {
        found.coefficients.iter().map(part).collect()
    };
    ModelResults {
        method: spec.model.method.code(),
        test: reference_test(spec, found.references.first().copied().unwrap_or(Reference::Normal)),
        level: 100.0 * spec.model.level,
        coef_names: Some(found.names.clone()),
        beta: list(|found| found.estimate),
        se: list(|found| found.standard_error),
        zval: list(|found| found.statistic),
        pval: list(|found| found.p_value),
        ci_lb: list(|found| found.ci_lower),
        ci_ub: list(|found| found.ci_upper),
        pi_lb: None,
        pi_ub: None,
        tau2: tau_squared.map(|tau_squared| tau_squared.value),
        se_tau2: tau_squared.and_then(|tau_squared| tau_squared.standard_error),
        i2: inconsistency.map(|inconsistency| inconsistency.i_squared),
        h2: inconsistency.map(|inconsistency| inconsistency.h_squared),
        qe: Some(found.q.statistic),
        qe_df: Some(found.q.df),
        qe_p: Some(found.q.p_value),
        qm: omnibus.map(|test| test.statistic),
        qm_df: omnibus.map(|test| test.df),
        qm_p: omnibus.map(|test| test.p_value),
        r2,
        ddf,
        ddf_each: (ddf.is_none() && !degrees.is_empty()).then_some(degrees),
        sigma2: found.components.map(|c| [c.between_clusters, c.within_clusters]),
        i2_levels: found.components.map(|c| [c.i_squared_between, c.i_squared_within]),
        clusters: None,
        robust: spec.model.is_robust.then_some("CR2"),
        log_lik: Some(found.log_likelihood),
        aic: Some(found.aic),
        cmh: None,
        cmh_p: None,
        tarone: None,
        tarone_p: None,
        reasons,
    }
}
