//! Diagnostics and small-study effects against R's metafor: every case of influence, leave1out,
//! cumul, ranktest, regtest, trimfill, fsn, selmodel and hc.

use crate::reference::{CLOSED_FORM, Case, Check, ITERATED, Tally, cases, escalc_effects};
use build_report::stats::Effect;
use build_report::stats::design::Design;
use build_report::stats::influence::influence;
use build_report::stats::pooling::inverse_variance::{Model, NoFit, Test};
use build_report::stats::sequential::{Refit, cumulative, leave_one_out};
use build_report::stats::small_study::fail_safe::{self, Mean};
use build_report::stats::small_study::henmi_copas::henmi_copas;
use build_report::stats::small_study::rank_correlation::rank_correlation;
use build_report::stats::small_study::regression::{Predictor, Scatter, regression_test};
use build_report::stats::small_study::selection::{Alternative, step_selection};
use build_report::stats::small_study::trim_and_fill::{MissingEstimator, Side, trim_and_fill};
use build_report::stats::tau_squared::Estimator;

const REML: Model = Model::Random(Estimator::RestrictedMaximumLikelihood);

#[test]
fn every_diagnostic_reference_case_agrees_with_metafor() {
    let cases = cases();
    let mut tally = Tally::default();
    for case in &cases {
        let mut check = tally.check(case);
        match case.call.as_str() {
            "influence" => check_influence(&mut check, &effects(&cases, case)),
            "leave1out" => check_leave_one_out(&mut check, &effects(&cases, case)),
            "cumul" => check_cumulative(&mut check, &effects(&cases, case)),
            "ranktest" => check_rank_correlation(&mut check, &effects(&cases, case)),
            "regtest" => check_regression(&mut check, &effects(&cases, case)),
            "trimfill" => check_trim_and_fill(&mut check, &effects(&cases, case)),
            "fsn" => check_fail_safe(&mut check, &effects(&cases, case)),
            "selmodel" => check_selection(&mut check, &effects(&cases, case)),
            "hc" => check_henmi_copas(&mut check, &effects(&cases, case)),
            _ => continue,
        }
        tally.count(case);
    }
    tally.finish(&[
        ("cumul", 39),
        ("fsn", 117),
        ("hc", 1),
        ("influence", 39),
        ("leave1out", 39),
        ("ranktest", 39),
        ("regtest", 155),
        ("selmodel", 1),
        ("trimfill", 156),
    ]);
}

fn effects(cases: &[Case], case: &Case) -> Vec<Effect> {
    if let Some(method) = case.options["method"].as_str().filter(|_| case.call != "hc") {
        assert_eq!(method, "REML", "{}", case.id);
    }
    escalc_effects(cases, case)
}

fn check_influence(check: &mut Check<'_>, effects: &[Effect]) {
    let design = Design::intercept(effects.len());
    let found = influence(effects, &design, REML, Test::Z, 0.95).unwrap();
    let mut compare = |name: &str, values: Vec<f64>| {
        let values: Vec<Option<f64>> = values.into_iter().map(Some).collect();
        check.list(name, &values, ITERATED);
    };
    let studies = &found.studies;
    let deletions: Vec<_> = studies.iter().map(|study| study.deletion.as_ref().unwrap()).collect();
    compare("rstudent", deletions.iter().map(|d| d.studentised_residual).collect());
    compare("dffits", deletions.iter().map(|d| d.dffits).collect());
    compare("cook.d", deletions.iter().map(|d| d.cooks_distance).collect());
    compare("cov.r", deletions.iter().map(|d| d.covariance_ratio).collect());
    compare("tau2.del", deletions.iter().map(|d| d.refit.tau_squared.unwrap().value).collect());
    compare("QE.del", deletions.iter().map(|d| d.refit.q.statistic).collect());
    compare("hat", studies.iter().map(|study| study.hat).collect());
    compare("weight", studies.iter().map(|study| study.weight).collect());
    compare("dfbs", deletions.iter().map(|d| d.dfbetas[0]).collect());
    compare("rstandard", studies.iter().map(|s| s.standardised_residual.unwrap()).collect());
}

fn check_refits(check: &mut Check<'_>, rows: &[Option<Refit>]) {
    let mut compare = |name: &str, value: &dyn Fn(&Refit) -> f64| {
        if !check.case.expect[name].is_null() {
            let values: Vec<Option<f64>> = rows.iter().map(|row| row.as_ref().map(value)).collect();
            check.list(name, &values, ITERATED);
        }
    };
    compare("estimate", &|row| row.pooled.estimate);
    compare("se", &|row| row.pooled.standard_error);
    compare("pval", &|row| row.pooled.p_value);
    compare("ci.lb", &|row| row.pooled.ci_lower);
    compare("ci.ub", &|row| row.pooled.ci_upper);
    compare("Q", &|row| row.q.statistic);
    compare("tau2", &|row| row.tau_squared.map_or(0.0, |tau_squared| tau_squared.value));
    compare("I2", &|row| row.inconsistency.map_or(0.0, |inconsistency| inconsistency.i_squared));
}

fn all(rows: Vec<Result<Refit, NoFit>>) -> Vec<Option<Refit>> {
    rows.into_iter().map(|row| Some(row.unwrap())).collect()
}

fn check_leave_one_out(check: &mut Check<'_>, effects: &[Effect]) {
    check_refits(check, &all(leave_one_out(effects, REML, Test::Z, 0.95)));
}

fn check_cumulative(check: &mut Check<'_>, effects: &[Effect]) {
    let mut rows = all(cumulative(effects, REML, Test::Z, 0.95));
    // metafor's Fisher scoring does not converge here: `the_steps_without_a_value_in_metafor`
    for (id, k) in UNCONVERGED {
        if check.case.id == format!("{id}/cumul") {
            rows[k - 1] = None;
        }
    }
    check_refits(check, &rows);
}

/// Data set, measure and number of studies where metafor 3.8-1 gives no cumulative value.
const UNCONVERGED: [(&str, usize); 3] =
    [("catheter/OR", 8), ("catheter/RR", 8), ("catheter/RR", 12)];

/// Estimate, standard error, tau² and I² of metafor with shorter Fisher scoring steps:
/// `rma(yi, vi, data = d[1:k, ], control = list(stepadj = 0.25, threshold = 1e-13, maxiter = 1e5))`.
#[test]
fn the_steps_without_a_value_in_metafor() {
    let cases = cases();
    let values = [
        [-1.0983228236757283, 0.36575178308524919, 0.051894557089338877, 4.6279547116996751],
        [-1.0643319335223691, 0.3592712180623483, 0.057271152678483546, 5.2977096203428466],
        [-1.3247577074729782, 0.33319733684470004, 0.16595998540445286, 12.581136856999384],
    ];
    for ((id, k), expected) in UNCONVERGED.into_iter().zip(values) {
        let case = cases.iter().find(|case| case.id == format!("{id}/cumul")).unwrap();
        let row = cumulative(&escalc_effects(&cases, case), REML, Test::Z, 0.95)[k - 1].unwrap();
        let found = [
            row.pooled.estimate,
            row.pooled.standard_error,
            row.tau_squared.unwrap().value,
            row.inconsistency.unwrap().i_squared,
        ];
        assert_close(&found, &expected, ITERATED, &case.id);
    }
}

fn assert_close(found: &[f64], expected: &[f64], relative: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        let agrees = (found - expected).abs() <= relative * expected.abs();
        assert!(agrees, "{what}: found {found:e}, expected {expected:e}");
    }
}

fn check_rank_correlation(check: &mut Check<'_>, effects: &[Effect]) {
    let found = rank_correlation(effects).unwrap();
    check.number("tau", found.tau, CLOSED_FORM);
    check.number("pval", found.p_value, CLOSED_FORM);
}

fn check_regression(check: &mut Check<'_>, effects: &[Effect]) {
    let predictor = match check.case.options["predictor"].as_str().unwrap() {
        "sei" => Predictor::StandardError,
        "vi" => Predictor::Variance,
        other => panic!("predictor {other}"),
    };
    let scatter = match check.case.options["model"].as_str().unwrap() {
        "rma" => Scatter::Additive(REML, Test::Z),
        "lm" => Scatter::Multiplicative,
        other => panic!("model {other}"),
    };
    let design = Design::intercept(effects.len());
    let found = regression_test(effects, &design, predictor, scatter, 0.95).unwrap();
    check.number("zval", found.slope.statistic, ITERATED);
    check.number("pval", found.slope.p_value, ITERATED);
    let limit = found.limit.unwrap();
    check.number("est", limit.estimate, ITERATED);
    check.number("ci.lb", limit.ci_lower, ITERATED);
    check.number("ci.ub", limit.ci_upper, ITERATED);
}

fn check_trim_and_fill(check: &mut Check<'_>, effects: &[Effect]) {
    let estimator = match check.case.options["estimator"].as_str().unwrap() {
        "L0" => MissingEstimator::L0,
        "R0" => MissingEstimator::R0,
        other => panic!("estimator {other}"),
    };
    let side = match check.case.options["side"].as_str().unwrap() {
        "left" => Side::Left,
        "right" => Side::Right,
        other => panic!("side {other}"),
    };
    let found = trim_and_fill(effects, REML, REML, Test::Z, 0.95, estimator, Some(side)).unwrap();
    check.number("k0", found.missing as f64, 0.0);
    check.number("se.k0", found.missing_standard_error.unwrap(), CLOSED_FORM);
    let pooled = found.fit.pooled();
    check.number("beta", pooled.estimate, ITERATED);
    check.number("se", pooled.standard_error, ITERATED);
    check.number("ci.lb", pooled.ci_lower, ITERATED);
    check.number("ci.ub", pooled.ci_upper, ITERATED);
    check.number("tau2", found.fit.tau_squared.unwrap().value, ITERATED);
}

fn check_fail_safe(check: &mut Check<'_>, effects: &[Effect]) {
    let found = match check.case.options["type"].as_str().unwrap() {
        "Rosenthal" => fail_safe::rosenthal(effects, 0.05),
        "Orwin" => fail_safe::orwin(effects, Mean::Unweighted, None),
        "Rosenberg" => fail_safe::rosenberg(effects, 0.05),
        other => panic!("type {other}"),
    };
    check.number("fsnum", found.unwrap().number, 0.0);
}

fn check_selection(check: &mut Check<'_>, effects: &[Effect]) {
    let steps = [check.case.options["steps"].as_f64().unwrap()];
    let found = step_selection(
        effects,
        Model::Random(Estimator::MaximumLikelihood),
        &steps,
        Alternative::Greater,
        0.95,
    )
    .unwrap();
    check.number("beta", found.pooled.estimate, ITERATED);
    check.number("se", found.pooled.standard_error, ITERATED);
    check.number("tau2", found.tau_squared.unwrap().value, ITERATED);
    let weights: Vec<Option<f64>> = found.intervals.iter().map(|i| Some(i.weight)).collect();
    check.list("delta", &weights, ITERATED);
    check.number("LRT", found.likelihood_ratio.statistic, ITERATED);
    check.number("LRTp", found.likelihood_ratio.p_value, ITERATED);
}

fn check_henmi_copas(check: &mut Check<'_>, effects: &[Effect]) {
    let found = henmi_copas(effects, 0.95).unwrap();
    check.number("beta", found.estimate, CLOSED_FORM);
    check.number("se", found.standard_error, CLOSED_FORM);
    check.number("ci.lb", found.ci_lower, ITERATED);
    check.number("ci.ub", found.ci_upper, ITERATED);
}
