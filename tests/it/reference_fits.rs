//! Pooled fits of reference cases: the model that a case names, and what metafor gives for it.

use crate::reference::{CLOSED_FORM, Case, Check, ITERATED};
use build_report::stats::Effect;
use build_report::stats::design::Design;
use build_report::stats::pooling::inverse_variance::{
    Fit, Model, Test, fit, heterogeneity_intervals,
};
use build_report::stats::tau_squared::Estimator;

/// The model of a case; REML where it names none.
pub(crate) fn model(case: &Case) -> Model {
    Model::Random(match case.options["method"].as_str().unwrap_or("REML") {
        "EE" => return Model::Common,
        "DL" => Estimator::DerSimonianLaird,
        "HE" => Estimator::Hedges,
        "HS" => Estimator::HunterSchmidt,
        "SJ" => Estimator::SidikJonkman,
        "ML" => Estimator::MaximumLikelihood,
        "REML" => Estimator::RestrictedMaximumLikelihood,
        "EB" => Estimator::EmpiricalBayes,
        "PM" => Estimator::PauleMandel,
        other => panic!("method {other}"),
    })
}

/// The test of a case; z where it names none.
pub(crate) fn test(case: &Case) -> Test {
    match case.options["test"].as_str().unwrap_or("z") {
        "z" => Test::Z,
        "t" => Test::T,
        "knha" => Test::KnappHartung,
        "adhoc" => Test::AdHoc,
        other => panic!("test {other}"),
    }
}

/// The fit of a case without moderators.
pub(crate) fn fit_case(case: &Case, effects: &[Effect]) -> Fit {
    fit(effects, &Design::intercept(effects.len()), model(case), test(case), 0.95).unwrap()
}

/// Compares a call of escalc.
pub(crate) fn check_effects(check: &mut Check<'_>, effects: &[Option<Effect>]) {
    let yi: Vec<_> = effects.iter().map(|e| e.map(|e| e.estimate)).collect();
    let vi: Vec<_> = effects.iter().map(|e| e.map(|e| e.variance)).collect();
    check.list("yi", &yi, CLOSED_FORM);
    check.list("vi", &vi, CLOSED_FORM);
}

/// Compares a call of rma without moderators.
pub(crate) fn check_fit(check: &mut Check<'_>, effects: &[Effect]) {
    let fit = fit_case(check.case, effects);
    let pooled = fit.pooled();
    check.number("k", fit.k as f64, 0.0);
    check.number("beta", pooled.estimate, ITERATED);
    check.number("se", pooled.standard_error, ITERATED);
    check.number("zval", pooled.statistic, ITERATED);
    check.number("pval", as_r_prints(pooled.p_value, pooled.statistic), ITERATED);
    check.number("ci.lb", pooled.ci_lower, ITERATED);
    check.number("ci.ub", pooled.ci_upper, ITERATED);
    check.number("tau2", fit.tau_squared.map_or(0.0, |t| t.value), ITERATED);
    check.list("se.tau2", &[fit.tau_squared.map(|t| t.standard_error)], ITERATED);
    let inconsistency = fit.inconsistency.unwrap();
    check.number("I2", inconsistency.i_squared, ITERATED);
    check.number("H2", inconsistency.h_squared, ITERATED);
    check.number("QE", fit.q.statistic, ITERATED);
    check.number("QEp", fit.q.p_value, ITERATED);
    check.number("logLik", fit.log_likelihood, ITERATED);
    check.number("AIC", fit.aic, ITERATED);
    if let Some((lower, upper)) = fit.prediction_interval() {
        check.number("pi.lb", lower, ITERATED);
        check.number("pi.ub", upper, ITERATED);
    }
}

/// R's pnorm gives zero beyond 37.5193 standard deviations, where P values are below the normal
/// range of floating-point numbers.
fn as_r_prints(p_value: f64, statistic: f64) -> f64 {
    if statistic.abs() > 37.5193 {
        assert!(p_value < f64::MIN_POSITIVE);
        0.0
    } else {
        p_value
    }
}

/// Compares a call of confint.
pub(crate) fn check_intervals(check: &mut Check<'_>, effects: &[Effect]) {
    let fit = fit_case(check.case, effects);
    let design = Design::intercept(effects.len());
    let intervals = heterogeneity_intervals(effects, &design, 0.95).unwrap();
    let tau_squared = fit.tau_squared.unwrap().value;
    let inconsistency = fit.inconsistency.unwrap();
    let (lower, upper) = (intervals.tau_squared.lower, intervals.tau_squared.upper);
    let mut rows = |name: &str, values: [f64; 3]| {
        check.list(name, &values.map(Some), ITERATED);
    };
    rows("tau2", [tau_squared, lower, upper]);
    rows("tau", [tau_squared.sqrt(), lower.sqrt(), upper.sqrt()]);
    rows("I2", [inconsistency.i_squared, intervals.i_squared.0, intervals.i_squared.1]);
    rows("H2", [inconsistency.h_squared, intervals.h_squared.0, intervals.h_squared.1]);
}
