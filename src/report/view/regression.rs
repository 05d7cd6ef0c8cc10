//! A meta-regression, in words' reach.

use super::QView;
use super::text::{q_view, reason_code};
use crate::analysis::{Findings, Reason, Regression};
use crate::report::number::Numbers;
use crate::report::scale::IntervalText;
use crate::report::verdict::is_significant;
use crate::spec::{Analysis, Measure};
use crate::stats::pooling::Reference;
use serde::Serialize;

/// The effects regressed on moderators.
#[derive(Debug, Clone, Serialize)]
pub struct RegressionView {
    /// Code of the reason why there is none.
    pub reason: Option<&'static str>,
    /// Columns of the moderators.
    pub moderators: Vec<String>,
    /// Number of studies.
    pub k: usize,
    /// The coefficients, on the analysis scale.
    pub rows: Vec<CoefficientRow>,
    /// Whether the coefficients are logarithms of ratios.
    pub is_log: bool,
    /// `Q_M` or `F`: what the omnibus test is.
    pub omnibus_is_f: bool,
    /// Statistic of the omnibus test.
    pub omnibus: Option<QView>,
    /// Degrees of freedom of the denominator of F.
    pub omnibus_ddf: Option<String>,
    /// Whether the moderators matter significantly.
    pub is_significant: bool,
    /// P of the omnibus test by permutation, with its relation.
    pub permutation_p: Option<String>,
    /// Arrangements of the permutation test.
    pub arrangements: Option<String>,
    /// Whether they are all there are.
    pub is_exact: bool,
    /// R², percent.
    pub r2: Option<String>,
    /// Residual τ².
    pub tau2: Option<String>,
    /// Residual I², percent.
    pub i2: Option<String>,
    /// Test of residual heterogeneity.
    pub residual: Option<QView>,
    /// Studies left out because a moderator has no value.
    pub left_out: Vec<String>,
}

/// One coefficient.
#[derive(Debug, Clone, Serialize)]
pub struct CoefficientRow {
    /// Its name.
    pub name: String,
    /// Whether it is the intercept.
    pub is_intercept: bool,
    /// Estimate.
    pub estimate: String,
    /// Standard error.
    pub se: String,
    /// Confidence interval.
    pub interval: IntervalText,
    /// `z` or `t` with its degrees of freedom.
    pub statistic: String,
    /// P.
    pub p: String,
    /// P by permutation.
    pub permutation_p: Option<String>,
}

pub(super) fn regression_view(
    spec: &Analysis,
    findings: &Findings,
    found: &Result<Regression, Reason>,
    numbers: Numbers<'_>,
) -> RegressionView {
    let alpha = 1.0 - spec.model.level;
    let moderators = spec
        .regression
        .iter()
        .flat_map(|regression| &regression.moderators)
        .map(|moderator| moderator.column.value.clone())
        .collect();
    let is_log = spec.measure.is_ratio() || spec.measure == Measure::PLN;
    let Ok(found) = found else {
        return RegressionView {
            reason: found.as_ref().err().map(|reason| reason_code(*reason)),
            moderators,
            k: 0,
            rows: Vec::new(),
            is_log,
            omnibus_is_f: false,
            omnibus: None,
            omnibus_ddf: None,
            is_significant: false,
            permutation_p: None,
            arrangements: None,
            is_exact: false,
            r2: None,
            tau2: None,
            i2: None,
            residual: None,
            left_out: Vec::new(),
        };
    };
    let permutation = found.permutation.as_ref().and_then(|test| test.as_ref().ok());
    let omnibus = found.moderators.ok();
    let rows = found.coefficients.iter().enumerate().map(|(index, coefficient)| {
        let decimals = coefficient_decimals(coefficient.standard_error);
        CoefficientRow {
            name: found.names.get(index).cloned().unwrap_or_default(),
            is_intercept: index == 0,
            estimate: numbers.fixed(coefficient.estimate, decimals),
            se: numbers.fixed(coefficient.standard_error, decimals),
            interval: IntervalText::new(
                numbers,
                numbers.fixed_beside(coefficient.ci_lower, 0.0, decimals),
                numbers.fixed_beside(coefficient.ci_upper, 0.0, decimals),
                &numbers.shortest(100.0 * spec.model.level),
            ),
            statistic: match found.references.get(index) {
                Some(Reference::T(df)) => format!(
                    "t({}){}{}",
                    numbers.degrees(*df),
                    numbers.equals(),
                    numbers.statistic(coefficient.statistic)
                ),
                _ => {
                    format!("z{}{}", numbers.equals(), numbers.statistic(coefficient.statistic))
                }
            },
            p: numbers.p_cell(coefficient.p_value, alpha),
            permutation_p: permutation
                .and_then(|test| test.p_values.get(index))
                .map(|p| numbers.p_cell(*p, alpha)),
        }
    });
    RegressionView {
        reason: None,
        moderators,
        k: found.k,
        rows: rows.collect(),
        is_log,
        omnibus_is_f: omnibus.is_some_and(|test| test.residual_df.is_some()),
        omnibus: omnibus.map(|test| QView {
            value: numbers.q(test.statistic),
            df: numbers.fixed(test.df, 0),
            p: numbers.p_relation(test.p_value, alpha),
        }),
        omnibus_ddf: omnibus.and_then(|test| test.residual_df).map(|df| numbers.degrees(df)),
        is_significant: omnibus.is_some_and(|test| is_significant(test.p_value, alpha)),
        permutation_p: permutation
            .and_then(|test| test.moderators)
            .map(|p| numbers.p_relation(p, alpha)),
        arrangements: permutation.map(|test| numbers.count(test.arrangements as f64)),
        is_exact: permutation.is_some_and(|test| test.exact),
        r2: found.r_squared.ok().map(|r2| numbers.i_squared(r2)),
        tau2: found.tau_squared.ok().map(|tau_squared| numbers.variance(tau_squared.value)),
        i2: found.inconsistency.ok().map(|i| numbers.i_squared(i.i_squared)),
        residual: Some(q_view(&found.q, numbers)),
        left_out: found
            .left_out
            .iter()
            .map(|index| findings.studies[*index].study.label.clone())
            .collect(),
    }
}

/// Three decimals, and more for a coefficient whose error is small in its unit.
fn coefficient_decimals(standard_error: f64) -> usize {
    if standard_error > 0.0 && standard_error < 0.1 {
        (1.0 - libm::floor(libm::log10(standard_error))).clamp(3.0, 6.0) as usize
    } else {
        3
    }
}
