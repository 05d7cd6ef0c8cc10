//! Diagnostics and small-study effects against R's metafor: every case of influence, leave1out,
//! cumul, ranktest, regtest, trimfill, fsn, selmodel and hc.

use crate::reference::{CLOSED_FORM, Case, Check, ITERATED, Tally, cases, column, escalc_effects};
use crate::reference_fits::{model, test};
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
use serde_json::Value;

/// Values of reference.json computed to the last digit, and cases with further options.
fn more() -> Value {
    serde_json::from_str(include_str!("../reference/diagnostics.json")).unwrap()
}

#[test]
fn every_diagnostic_reference_case_agrees_with_metafor() {
    let mut cases = cases();
    let tighter = more()["tighter"].clone();
    let mut replaced = 0;
    for case in &mut cases {
        if let Some(expect) = tighter.get(&case.id) {
            assert_eq!(case.expect["k0"], expect["k0"], "{}", case.id);
            case.expect = expect.clone();
            replaced += 1;
        }
    }
    assert_eq!(replaced, tighter.as_object().unwrap().len());
    let mut tally = Tally::default();
    for case in &cases {
        if check(&mut tally.check(case), &cases) {
            tally.count(case);
        }
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

#[test]
fn diagnostics_with_other_options_agree_with_metafor() {
    let reference = cases();
    let more = more();
    let text = |case: &Value, key: &str| case[key].as_str().unwrap().to_owned();
    let cases: Vec<Case> = more["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| Case {
            id: text(case, "id"),
            data: text(case, "data"),
            call: text(case, "call"),
            measure: String::new(),
            columns: serde_json::json!({"ablat": "ablat", "total1": "n1i", "total2": "n2i"}),
            options: case["options"].clone(),
            expect: case["expect"].clone(),
        })
        .collect();
    let mut tally = Tally::default();
    for case in &cases {
        assert!(check(&mut tally.check(case), &reference), "{}", case.id);
        tally.count(case);
    }
    tally.finish(&[
        ("cumul", 12),
        ("fsn", 5),
        ("hc", 5),
        ("influence", 24),
        ("leave1out", 12),
        ("regtest", 144),
        ("selmodel", 75),
        ("trimfill", 39),
    ]);
}

/// Compares a case of a call that is of this file.
fn check(check: &mut Check<'_>, cases: &[Case]) -> bool {
    let call: fn(&mut Check<'_>, &[Effect]) = match check.case.call.as_str() {
        "influence" => check_influence,
        "leave1out" => check_leave_one_out,
        "cumul" => check_cumulative,
        "ranktest" => check_rank_correlation,
        "regtest" => check_regression,
        "trimfill" => check_trim_and_fill,
        "fsn" => check_fail_safe,
        "selmodel" => check_selection,
        "hc" => check_henmi_copas,
        _ => return false,
    };
    call(check, &escalc_effects(cases, check.case));
    true
}

fn design(case: &Case, k: usize) -> Design {
    if case.options["mods"].is_null() {
        return Design::intercept(k);
    }
    let ablat = column(case, "ablat").into_iter().map(Option::unwrap).collect();
    Design::from_columns(&[vec![1.0; k], ablat])
}

/// Compares lists, and numbers as lists of one, of those names that the case expects.
fn lists(check: &mut Check<'_>, values: &[(&str, Vec<f64>)]) {
    for (name, values) in values {
        if !check.case.expect[name].is_null() {
            let values: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
            check.list(name, &values, ITERATED);
        }
    }
}

fn check_influence(check: &mut Check<'_>, effects: &[Effect]) {
    let case = check.case;
    let design = design(case, effects.len());
    let found = influence(effects, &design, model(case), test(case), 0.95).unwrap();
    let studies = &found.studies;
    let deletions: Vec<_> = studies.iter().map(|study| study.deletion.as_ref().unwrap()).collect();
    let last = design.columns() - 1;
    let tau_squared = |refit: &Refit| refit.tau_squared.map_or(0.0, |t| t.value);
    let values = [
        ("rstudent", deletions.iter().map(|d| d.studentised_residual).collect()),
        ("dffits", deletions.iter().map(|d| d.dffits).collect()),
        ("cook.d", deletions.iter().map(|d| d.cooks_distance).collect()),
        ("cov.r", deletions.iter().map(|d| d.covariance_ratio).collect()),
        ("tau2.del", deletions.iter().map(|d| tau_squared(&d.refit)).collect()),
        ("QE.del", deletions.iter().map(|d| d.refit.q.statistic).collect()),
        ("hat", studies.iter().map(|study| study.hat).collect()),
        ("weight", studies.iter().map(|study| study.weight).collect()),
        ("dfbs", deletions.iter().map(|d| d.dfbetas[last]).collect()),
        ("rstandard", studies.iter().map(|s| s.standardised_residual.unwrap()).collect()),
        ("inf", studies.iter().map(|s| f64::from(u8::from(s.is_marked))).collect()),
        ("x", studies.iter().map(|s| s.squared_pearson_residual).collect()),
        ("y", deletions.iter().map(|d| d.squared_fitted_change).collect()),
    ];
    lists(check, &values);
}

fn check_leave_one_out(check: &mut Check<'_>, effects: &[Effect]) {
    let rows = leave_one_out(effects, model(check.case), test(check.case), 0.95);
    check_refits(check, &all(rows));
}

fn check_cumulative(check: &mut Check<'_>, effects: &[Effect]) {
    let rows = cumulative(effects, model(check.case), test(check.case), 0.95);
    let mut rows = all(rows);
    // metafor's Fisher scoring does not converge here: `the_steps_without_a_value_in_metafor`
    for (id, k) in UNCONVERGED {
        if check.case.id == format!("{id}/cumul") {
            rows[k - 1] = None;
        }
    }
    check_refits(check, &rows);
}

fn all(rows: Vec<Result<Refit, NoFit>>) -> Vec<Option<Refit>> {
    rows.into_iter().map(|row| Some(row.unwrap())).collect()
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
    compare("Qp", &|row| row.q.p_value);
    compare("tau2", &|row| row.tau_squared.map_or(0.0, |tau_squared| tau_squared.value));
    compare("I2", &|row| row.inconsistency.map_or(0.0, |inconsistency| inconsistency.i_squared));
    compare("H2", &|row| row.inconsistency.map_or(1.0, |inconsistency| inconsistency.h_squared));
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
        [
            -1.098_322_823_675_728,
            0.365_751_783_085_249,
            0.051_894_557_089_339,
            4.627_954_711_699_68,
        ],
        [
            -1.064_331_933_522_369,
            0.359_271_218_062_348,
            0.057_271_152_678_484,
            5.297_709_620_342_85,
        ],
        [
            -1.324_757_707_472_978,
            0.333_197_336_844_700,
            0.165_959_985_404_453,
            12.581_136_856_999_4,
        ],
    ];
    let reml = Model::Random(Estimator::RestrictedMaximumLikelihood);
    for ((id, k), expected) in UNCONVERGED.into_iter().zip(values) {
        let case = cases.iter().find(|case| case.id == format!("{id}/cumul")).unwrap();
        let row = cumulative(&escalc_effects(&cases, case), reml, Test::Z, 0.95)[k - 1].unwrap();
        let found = [
            row.pooled.estimate,
            row.pooled.standard_error,
            row.tau_squared.unwrap().value,
            row.inconsistency.unwrap().i_squared,
        ];
        for (found, expected) in found.iter().zip(expected) {
            let agrees = (found - expected).abs() <= ITERATED * expected.abs();
            assert!(agrees, "{id} {k}: found {found:e}, expected {expected:e}");
        }
    }
}

fn check_rank_correlation(check: &mut Check<'_>, effects: &[Effect]) {
    let found = rank_correlation(effects).unwrap();
    check.number("tau", found.tau, CLOSED_FORM);
    check.number("pval", found.p_value, CLOSED_FORM);
}

fn check_regression(check: &mut Check<'_>, effects: &[Effect]) {
    let case = check.case;
    let predictor = case.options["predictor"].as_str().unwrap();
    let sizes: Vec<f64> = if predictor.contains('n') {
        let totals = column(case, "total1").into_iter().zip(column(case, "total2"));
        totals.map(|(n1, n2)| n1.unwrap() + n2.unwrap()).collect()
    } else {
        vec![]
    };
    let predictor = match predictor {
        "sei" => Predictor::StandardError,
        "vi" => Predictor::Variance,
        "ni" => Predictor::SampleSize(&sizes),
        "ninv" => Predictor::InverseSampleSize(&sizes),
        "sqrtni" => Predictor::RootSampleSize(&sizes),
        "sqrtninv" => Predictor::InverseRootSampleSize(&sizes),
        other => panic!("predictor {other}"),
    };
    let scatter = match case.options["model"].as_str().unwrap() {
        "rma" => Scatter::Additive(model(case), test(case)),
        "lm" => Scatter::Multiplicative,
        other => panic!("model {other}"),
    };
    let design = design(case, effects.len());
    let found = regression_test(effects, &design, predictor, scatter, 0.95).unwrap();
    check.number("zval", found.slope.statistic, ITERATED);
    check.number("pval", found.slope.p_value, ITERATED);
    check.list("est", &[found.limit.map(|limit| limit.estimate)], ITERATED);
    check.list("ci.lb", &[found.limit.map(|limit| limit.ci_lower)], ITERATED);
    check.list("ci.ub", &[found.limit.map(|limit| limit.ci_upper)], ITERATED);
}

fn check_trim_and_fill(check: &mut Check<'_>, effects: &[Effect]) {
    let case = check.case;
    let estimator = match case.options["estimator"].as_str().unwrap() {
        "L0" => MissingEstimator::L0,
        "R0" => MissingEstimator::R0,
        "Q0" => MissingEstimator::Q0,
        other => panic!("estimator {other}"),
    };
    let side_of = |side: &Value| match side.as_str() {
        Some("left") => Some(Side::Left),
        Some("right") => Some(Side::Right),
        _ => None,
    };
    let (model, test, side) = (model(case), test(case), side_of(&case.options["side"]));
    let found = trim_and_fill(effects, model, model, test, 0.95, estimator, side).unwrap();
    if let Some(side) = side_of(&case.expect["side"]) {
        assert_eq!(found.side, side, "{}", case.id);
    }
    check.number("k0", found.missing as f64, 0.0);
    check.list("se.k0", &[found.missing_standard_error], CLOSED_FORM);
    let pooled = found.fit.pooled();
    let values = [
        ("p.k0", found.missing_p_value.into_iter().collect()),
        ("beta", vec![pooled.estimate]),
        ("se", vec![pooled.standard_error]),
        ("ci.lb", vec![pooled.ci_lower]),
        ("ci.ub", vec![pooled.ci_upper]),
        ("tau2", vec![found.fit.tau_squared.map_or(0.0, |tau_squared| tau_squared.value)]),
        ("yi.fill", found.imputed.iter().map(|effect| effect.estimate).collect()),
        ("vi.fill", found.imputed.iter().map(|effect| effect.variance).collect()),
    ];
    lists(check, &values);
}

/// R's meta, `trimfill(metagen(...))`, which trims with a common effect: the values printed for the
/// risk ratios of the BCG trials (Colditz et al. 1994).
#[test]
fn trimming_with_a_common_effect_agrees_with_meta() {
    let cases = cases();
    let case = cases.iter().find(|case| case.id == "bcg/RR/trimfill/L0/left").unwrap();
    let reml = Model::Random(Estimator::RestrictedMaximumLikelihood);
    let effects = escalc_effects(&cases, case);
    let estimator = MissingEstimator::L0;
    let run = |trimming| trim_and_fill(&effects, trimming, reml, Test::Z, 0.95, estimator, None);
    let found = run(Model::Common).unwrap();
    assert_eq!(found.missing, 4);
    assert!((found.fit.pooled().estimate + 0.342_243_68).abs() <= 0.5e-8);
    let found = run(reml).unwrap();
    assert_eq!(found.missing, 1);
    assert!((found.fit.pooled().estimate + 0.657_082_8).abs() <= 0.5e-7);
}

fn check_fail_safe(check: &mut Check<'_>, effects: &[Effect]) {
    let case = check.case;
    let found = match case.options["type"].as_str() {
        Some("Rosenthal") => fail_safe::rosenthal(effects, 0.05),
        Some("Orwin") => fail_safe::orwin(effects, Mean::Unweighted, None),
        Some("Rosenberg") => fail_safe::rosenberg(effects, 0.05),
        _ => return check_fail_safe_options(check, effects),
    };
    check.number("fsnum", found.unwrap().number, 0.0);
}

fn check_fail_safe_options(check: &mut Check<'_>, effects: &[Effect]) {
    let target = check.case.options["target"].as_f64();
    let orwin = fail_safe::orwin(effects, Mean::Weighted, target).unwrap();
    check.number("orwin", orwin.number, 0.0);
    check.number("mean", orwin.mean.unwrap(), CLOSED_FORM);
    let rosenthal = fail_safe::rosenthal(effects, 0.05).unwrap();
    check.number("rosenthal", rosenthal.number, 0.0);
    check.number("rosenthal.p", rosenthal.p_value.unwrap(), ITERATED);
    let rosenberg = fail_safe::rosenberg(effects, 0.05).unwrap();
    check.number("rosenberg.p", rosenberg.p_value.unwrap(), ITERATED);
    let stricter = fail_safe::rosenberg(effects, 0.01).unwrap();
    check.number("rosenberg", stricter.number, 0.0);
}

fn check_selection(check: &mut Check<'_>, effects: &[Effect]) {
    let options = &check.case.options;
    let steps: Vec<f64> = match &options["steps"] {
        Value::Array(steps) => steps.iter().map(|step| step.as_f64().unwrap()).collect(),
        step => vec![step.as_f64().unwrap()],
    };
    let alternative = match options["alternative"].as_str() {
        None | Some("greater") => Alternative::Greater,
        Some("less") => Alternative::Less,
        Some("two.sided") => Alternative::TwoSided,
        Some(other) => panic!("alternative {other}"),
    };
    let model = Model::Random(Estimator::MaximumLikelihood);
    let found = step_selection(effects, model, &steps, alternative, 0.95).unwrap();
    let tau_squared = found.tau_squared.unwrap();
    let values = [
        ("beta", vec![found.pooled.estimate]),
        ("se", vec![found.pooled.standard_error]),
        ("tau2", vec![tau_squared.value]),
        ("se.tau2", vec![tau_squared.standard_error.unwrap()]),
        ("delta", found.intervals.iter().map(|interval| interval.weight).collect()),
        ("se.delta", found.intervals.iter().filter_map(|i| i.standard_error).collect()),
        ("LRT", vec![found.likelihood_ratio.statistic]),
        ("LRTp", vec![found.likelihood_ratio.p_value]),
    ];
    lists(check, &values);
}

fn check_henmi_copas(check: &mut Check<'_>, effects: &[Effect]) {
    let found = henmi_copas(effects, 0.95).unwrap();
    let values = [
        ("beta", vec![found.estimate]),
        ("se", vec![found.standard_error]),
        ("ci.lb", vec![found.ci_lower]),
        ("ci.ub", vec![found.ci_upper]),
        ("tau2", vec![found.tau_squared]),
    ];
    lists(check, &values);
}
