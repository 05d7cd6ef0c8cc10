//! Models beyond pooling against R: meta-regression, three-level model, generalised linear mixed
//! model, survival curves.

use crate::reference::{CLOSED_FORM, Case, Check, ITERATED, Tally, cases, escalc_effects, rows};
use crate::reference_fits::model;
use build_report::stats::Effect;
use build_report::stats::binary::{AddTo, Measure, TwoByTwo, ZeroCells, effects};
use build_report::stats::design::Design;
use build_report::stats::glmm;
use build_report::stats::meta_regression::{
    MetaRegression, Moderator, ModeratorValue, NoRegression, design, design_row, levels,
    permutation_test, regress, subgroups,
};
use build_report::stats::multilevel::{
    self, Likelihood, Nesting, ThreeLevelFit, three_level, two_level_robust,
};
use build_report::stats::pooling::inverse_variance::{Model, Test, fit};
use build_report::stats::survival::{
    IntervalScale, NoSurvival, Observation, kaplan_meier, log_rank,
};
use build_report::stats::tau_squared::Estimator;

#[test]
fn every_model_case_agrees_with_r() {
    let cases = cases();
    let mut tally = Tally::default();
    for case in &cases {
        let mut check = tally.check(case);
        match case.call.as_str() {
            "rma" if !case.options["mods"].is_null() => check_regression(&mut check, &cases),
            "rma.glmm" => check_mixed(&mut check),
            "rma.mv" => check_three_level(&mut check),
            "robust" => check_robust(&mut check),
            "survfit" => check_kaplan_meier(&mut check),
            "survdiff" => check_log_rank(&mut check),
            _ => continue,
        }
        tally.count(case);
    }
    tally.finish(&[
        ("rma", 14),
        ("rma.glmm", 1),
        ("rma.mv", 1),
        ("robust", 1),
        ("survdiff", 1),
        ("survfit", 3),
    ]);
}

fn text_column(case: &Case, name: &str) -> Vec<String> {
    rows(case).iter().map(|row| row[name].clone()).collect()
}

fn number_column(case: &Case, name: &str) -> Vec<f64> {
    text_column(case, name).iter().map(|text| text.parse().unwrap()).collect()
}

fn tables(case: &Case) -> Vec<TwoByTwo> {
    let [ai, n1i, ci, n2i] = ["ai", "n1i", "ci", "n2i"].map(|name| number_column(case, name));
    (0..ai.len())
        .map(|i| TwoByTwo { events1: ai[i], total1: n1i[i], events2: ci[i], total2: n2i[i] })
        .collect()
}

fn log_risk_ratios(case: &Case) -> Vec<Effect> {
    let rule = ZeroCells { add: 0.5, to: AddTo::OnlyZero, drop00: false };
    let effects = effects(Measure::LogRiskRatio, &tables(case), rule);
    effects.into_iter().map(Option::unwrap).collect()
}

/// The columns of a formula such as `~ ablat + year`, with the names metafor gives them.
fn formula_design(case: &Case) -> (Design, Vec<String>) {
    let studies = rows(case).len();
    let formula = case.options["mods"].as_str().unwrap().trim_start_matches("~ ");
    let mut names = vec!["intrcpt".to_owned()];
    let mut columns = Vec::new();
    for name in formula.split(" + ") {
        let texts = text_column(case, name);
        if texts.iter().all(|text| text.parse::<f64>().is_ok()) {
            names.push(name.to_owned());
            columns.push(Ok(number_column(case, name)));
        } else {
            let (levels, of) = levels(&texts);
            names.extend(levels[1..].iter().map(|level| format!("{name}{level}")));
            columns.push(Err((of, levels.len())));
        }
    }
    let moderators: Vec<Moderator<'_>> = columns
        .iter()
        .map(|column| match column {
            Ok(values) => Moderator::Numeric(values),
            Err((of, levels)) => Moderator::Categorical { of, levels: *levels },
        })
        .collect();
    (design(studies, &moderators), names)
}

fn check_regression(check: &mut Check<'_>, cases: &[Case]) {
    let case = check.case;
    let effects =
        if case.measure == "RR" { log_risk_ratios(case) } else { escalc_or_given(cases, case) };
    let (design, names) = formula_design(case);
    assert_eq!(serde_json::json!(names), case.expect["coef.names"], "{}", case.id);
    let test = match case.options["test"].as_str().unwrap() {
        "z" => Test::Z,
        "knha" => Test::KnappHartung,
        other => panic!("test {other}"),
    };
    let regression = regress(&effects, &design, model(case), test, 0.95).unwrap();
    check_coefficients(check, &regression);
    let fit = &regression.fit;
    let tau_squared = fit.tau_squared.unwrap();
    check.number("k", fit.k as f64, 0.0);
    check.number("tau2", tau_squared.value, ITERATED);
    check.number("se.tau2", tau_squared.standard_error, ITERATED);
    let inconsistency = fit.inconsistency.unwrap();
    check.number("I2", inconsistency.i_squared, ITERATED);
    check.number("H2", inconsistency.h_squared, ITERATED);
    check.number("QE", fit.q.statistic, ITERATED);
    check.number("QEp", fit.q.p_value, ITERATED);
    let moderators = regression.moderators.unwrap();
    check.number("QM", moderators.statistic, ITERATED);
    check.number("QMp", moderators.p_value, ITERATED);
    check.list("ddf", &[moderators.residual_df], 0.0);
    check.list("R2", &[regression.r_squared], ITERATED);
    check.number("logLik", fit.log_likelihood, ITERATED);
    check.number("AIC", fit.aic, ITERATED);
}

/// The effects of the data set: those of escalc, or those the data give.
fn escalc_or_given(cases: &[Case], case: &Case) -> Vec<Effect> {
    if case.measure != "GEN" {
        return escalc_effects(cases, case);
    }
    let (yi, vi) = (number_column(case, "yi"), number_column(case, "vi"));
    yi.into_iter().zip(vi).map(|(estimate, variance)| Effect { estimate, variance }).collect()
}

fn check_coefficients(check: &mut Check<'_>, regression: &MetaRegression) {
    let coefficients = &regression.fit.coefficients;
    let mut list = |name: &str, field: fn(&build_report::stats::pooling::Inference) -> f64| {
        let found: Vec<Option<f64>> = coefficients.iter().map(|b| Some(field(b))).collect();
        check.list(name, &found, ITERATED);
    };
    list("beta", |b| b.estimate);
    list("se", |b| b.standard_error);
    list("zval", |b| b.statistic);
    list("pval", |b| b.p_value);
    list("ci.lb", |b| b.ci_lower);
    list("ci.ub", |b| b.ci_upper);
}

/// The school calendar data: effects, districts and schools.
fn schools(case: &Case) -> (Vec<Effect>, Vec<usize>, Vec<usize>) {
    let whole = |name| text_column(case, name).iter().map(|text| text.parse().unwrap()).collect();
    (escalc_or_given(&[], case), whole("district"), whole("school"))
}

fn fit_schools(case: &Case, likelihood: Likelihood) -> ThreeLevelFit {
    let (effects, cluster, study) = schools(case);
    let nesting = Nesting { cluster: &cluster, study: &study };
    let design = Design::intercept(effects.len());
    three_level(&effects, &design, nesting, likelihood, multilevel::Test::Z, 0.95).unwrap()
}

/// The variances are roots of the likelihood's derivatives, which metafor's optimiser cannot find:
/// comparing likelihoods it stops where their derivatives are still -1.3e-6 and 4.2e-6. What this
/// moves by more than 1e-8 is compared with metafor at the roots, polished by Newton's method in R:
/// `rma.mv(yi, vi, random = ~ 1 | district/school, sigma2 = c(0.0650619424615173,
/// 0.0327365176046734))`.
fn check_three_level(check: &mut Check<'_>) {
    let fit = fit_schools(check.case, Likelihood::Restricted);
    let pooled = fit.pooled();
    check.number("beta", pooled.estimate, ITERATED);
    check.number("ci.ub", pooled.ci_upper, ITERATED);
    check.number("QE", fit.q.statistic, CLOSED_FORM);
    check.number("logLik", fit.log_likelihood, CLOSED_FORM);
    near(fit.between_clusters, 0.065_061_942_461_517_3, 1e-12);
    near(fit.within_clusters, 0.032_736_517_604_673_4, 1e-12);
    near(pooled.estimate, 0.184_713_163_496_638, 1e-12);
    near(pooled.standard_error, 0.084_555_917_823_762, 1e-12);
    near(pooled.p_value, 0.028_924_866_669_337, 1e-11);
    near(pooled.ci_lower, 0.018_986_609_882_336_3, 1e-11);
    near(pooled.ci_upper, 0.350_439_717_110_94, 1e-12);
    // and within what metafor's stopping rule leaves open
    check.number("se", pooled.standard_error, 1e-7);
    check.number("pval", pooled.p_value, 1e-7);
    check.number("ci.lb", pooled.ci_lower, 1e-7);
    check.list("sigma2", &[Some(fit.between_clusters), Some(fit.within_clusters)], 1e-7);
}

fn check_robust(check: &mut Check<'_>) {
    let fit = fit_schools(check.case, Likelihood::Restricted);
    let (effects, cluster, study) = schools(check.case);
    let nesting = Nesting { cluster: &cluster, study: &study };
    let robust = fit.robust(&effects, &Design::intercept(effects.len()), nesting).unwrap();
    let pooled = robust.coefficients[0];
    check.number("beta", pooled.estimate, ITERATED);
    check.number("se", pooled.standard_error, ITERATED);
    check.number("dfs", robust.degrees_of_freedom[0], ITERATED);
    check.number("pval", pooled.p_value, ITERATED);
    check.number("ci.lb", pooled.ci_lower, ITERATED);
    check.number("ci.ub", pooled.ci_upper, ITERATED);
    assert_eq!(robust.clusters, 11);
}

/// lme4 stops before the maximum, where the deviance still has a derivative of 0.029 and is 1.5e-4
/// too high. The values compared to 1e-8 are those of `glmer(..., nAGQ = 7)` after Newton's method
/// on its own deviance function (`update(fit, devFunOnly = TRUE)`, numDeriv), which reduces the
/// derivative to 2e-9.
fn check_mixed(check: &mut Check<'_>) {
    let fit = glmm::unconditional(&tables(check.case), glmm::USUAL_POINTS, 0.95).unwrap();
    near(fit.tau_squared, 0.319_512_858_569_272, ITERATED);
    near(fit.pooled.estimate, -1.236_493_455_768_96, ITERATED);
    near(fit.pooled.standard_error, 0.280_337_626_193_973, ITERATED);
    // half of glmer's -2 logLik(fit) at the maximum, which counts from the saturated model, below
    // the log-likelihood of that; metafor's own -49.52 takes lme4's deviance(fit) for it, which is
    // the deviance at the modes of the random effects
    near(fit.log_likelihood, -41.631_737_910_511_6 - 0.5 * 27.338_764_758_843_2, 1e-10);
    assert_eq!(fit.k, 17);
    // and within what lme4's stopping rule leaves open
    check.number("beta", fit.pooled.estimate, 1e-3);
    check.number("se", fit.pooled.standard_error, 1e-3);
    check.number("ci.lb", fit.pooled.ci_lower, 1e-3);
    check.number("ci.ub", fit.pooled.ci_upper, 1e-3);
    check.number("tau2", fit.tau_squared, 1e-3);
}

fn observations(case: &Case) -> Vec<Observation> {
    let times = number_column(case, "time");
    let events = text_column(case, "event");
    times
        .into_iter()
        .zip(events)
        .map(|(time, event)| Observation { time, event: event == "1" })
        .collect()
}

fn check_kaplan_meier(check: &mut Check<'_>) {
    let case = check.case;
    let (column, value) = case.options["subset"].as_str().unwrap().split_once(" == ").unwrap();
    let kept: Vec<Observation> = observations(case)
        .into_iter()
        .zip(text_column(case, column))
        .filter(|(_, arm)| arm == value)
        .map(|(observation, _)| observation)
        .collect();
    let scale = match case.options["conf.type"].as_str().unwrap() {
        "plain" => IntervalScale::Plain,
        "log" => IntervalScale::Log,
        "log-log" => IntervalScale::LogLog,
        other => panic!("conf.type {other}"),
    };
    let curve = kaplan_meier(&kept, scale, 0.95).unwrap();
    let mut list = |name: &str, values: Vec<Option<f64>>| check.list(name, &values, CLOSED_FORM);
    let steps = &curve.steps;
    list("time", steps.iter().map(|step| Some(step.time)).collect());
    list("n.risk", steps.iter().map(|step| Some(step.at_risk as f64)).collect());
    list("n.event", steps.iter().map(|step| Some(step.events as f64)).collect());
    list("n.censor", steps.iter().map(|step| Some(step.censored as f64)).collect());
    list("surv", steps.iter().map(|step| Some(step.survival)).collect());
    list("std.err.log", steps.iter().map(|step| step.standard_error_log).collect());
    list("lower", steps.iter().map(|step| step.interval.map(|ci| ci.0)).collect());
    list("upper", steps.iter().map(|step| step.interval.map(|ci| ci.1)).collect());
    list("median", vec![curve.median().time]);
}

fn check_log_rank(check: &mut Check<'_>) {
    let (_, of) = levels(&text_column(check.case, "arm"));
    let test = log_rank(&observations(check.case), &of, 2).unwrap();
    check.number("chisq", test.statistic, CLOSED_FORM);
    check.number("df", test.df, 0.0);
    check.number("pval", test.p_value, ITERATED);
    let observed: Vec<_> = test.observed.iter().map(|n| Some(*n as f64)).collect();
    let expected: Vec<_> = test.expected.iter().map(|n| Some(*n)).collect();
    check.list("observed", &observed, 0.0);
    check.list("expected", &expected, CLOSED_FORM);
}

fn near(found: f64, expected: f64, relative: f64) {
    assert!((found - expected).abs() <= relative * expected.abs(), "{found} is not {expected}");
}

fn bcg() -> (Case, Vec<Effect>) {
    let case = cases().into_iter().find(|case| case.id == "bcg/RR/metareg/ablat/z").unwrap();
    let effects = log_risk_ratios(&case);
    (case, effects)
}

const REML: Model = Model::Random(Estimator::RestrictedMaximumLikelihood);
const DL: Model = Model::Random(Estimator::DerSimonianLaird);

/// metafor 3.8-1: `rma(yi, vi, mods = ~ ablat, data = dat, method = "EE")`, QM and R2.
#[test]
fn r_squared_of_a_common_effect_is_the_adjusted_one_of_the_weighted_regression() {
    let (case, effects) = bcg();
    let latitude = number_column(&case, "ablat");
    let design = design(13, &[Moderator::Numeric(&latitude)]);
    let regression = regress(&effects, &design, Model::Common, Test::Z, 0.95).unwrap();
    near(regression.moderators.unwrap().statistic, 121.499_918_071_624_2, 1e-12);
    near(regression.r_squared.unwrap(), 77.976_519_214_340_1, 1e-12);
}

/// metafor 3.8-1: `permutest(rma(yi, vi, ...), exact = TRUE)` on parts of the BCG data.
#[test]
fn exact_permutation_tests_agree_with_metafor() {
    let (case, effects) = bcg();
    let (_, alloc) = levels(&text_column(&case, "alloc"));
    let latitude = number_column(&case, "ablat");
    // mods = ~ ablat, data = dat[dat$alloc != "random",], method = "REML"
    let kept: Vec<usize> = (0..13).filter(|i| alloc[*i] != 1).collect();
    let part: Vec<Effect> = kept.iter().map(|i| effects[*i]).collect();
    let column: Vec<f64> = kept.iter().map(|i| latitude[*i]).collect();
    let regressed = design(part.len(), &[Moderator::Numeric(&column)]);
    let found = permutation_test(&part, &regressed, REML, Test::Z, 1000, 1).unwrap();
    assert!(found.exact);
    assert_eq!(found.arrangements, 360);
    near(found.p_values[0], 0.708_333_333_333_333, 1e-12);
    near(found.p_values[1], 0.202_777_777_777_778, 1e-12);
    near(found.moderators.unwrap(), 0.202_777_777_777_778, 1e-12);
    // data = dat[1:7,], method = "DL": changes of sign
    let intercept = Design::intercept(7);
    let found = permutation_test(&effects[..7], &intercept, DL, Test::Z, 1000, 1).unwrap();
    assert_eq!((found.exact, found.arrangements, found.moderators), (true, 128, None));
    near(found.p_values[0], 0.015_625, 1e-12);
    // mods = ~ factor(alloc), data = dat[1:9,], method = "DL", test = "knha"
    let (occupied, of) = levels(&alloc[..9]);
    let factor = Moderator::Categorical { of: &of, levels: occupied.len() };
    let found =
        permutation_test(&effects[..9], &design(9, &[factor]), DL, Test::KnappHartung, 1000, 1)
            .unwrap();
    assert_eq!(found.arrangements, 36);
    near(found.p_values[0], 0.777_777_777_777_778, 1e-12);
    near(found.p_values[1], 0.388_888_888_888_889, 1e-12);
    near(found.moderators.unwrap(), 0.388_888_888_888_889, 1e-12);
}

#[test]
fn random_permutation_tests_depend_on_their_seed_alone() {
    let (case, effects) = bcg();
    let latitude = number_column(&case, "ablat");
    let design = design(13, &[Moderator::Numeric(&latitude)]);
    let test = |seed| permutation_test(&effects, &design, DL, Test::Z, 500, seed).unwrap();
    assert_eq!(test(7), test(7));
    let found = test(7);
    assert_eq!((found.exact, found.arrangements), (false, 500));
    // metafor 3.8-1, permutest(..., iter = 10000): 0.0050
    assert!(found.p_values[1] >= 1.0 / 500.0 && found.p_values[1] < 0.02);
}

/// metafor 3.8-1: `predict(rma(yi, vi, mods = ~ ablat, data = dat, test = "knha"), newmods = 20)`.
#[test]
fn predictions_agree_with_metafor() {
    let (case, effects) = bcg();
    let latitude = number_column(&case, "ablat");
    let design = design(13, &[Moderator::Numeric(&latitude)]);
    let regression = regress(&effects, &design, REML, Test::KnappHartung, 0.95).unwrap();
    let found = regression.predict(&design_row(&[ModeratorValue::Number(20.0)]));
    let (lower, upper) = found.prediction_interval.unwrap();
    near(found.mean.estimate, PREDICTED[0], ITERATED);
    near(found.mean.standard_error, PREDICTED[1], ITERATED);
    near(found.mean.ci_lower, PREDICTED[2], ITERATED);
    near(found.mean.ci_upper, PREDICTED[3], ITERATED);
    near(lower, PREDICTED[4], ITERATED);
    near(upper, PREDICTED[5], ITERATED);
}

const PREDICTED: [f64; 6] = [
    -0.330_566_290_225_623,
    0.152_711_636_628_873,
    -0.666_682_336_219_08,
    0.005_549_755_767_834_62,
    -1.025_425_385_202_28,
    0.364_292_804_751_031,
];

/// metafor 3.8-1 on the BCG data by allocation: `rma(b, sei = s, method = "FE")$QE` of the groups'
/// own fits, `rma(yi, vi, mods = ~ alloc)$QM`, and `rma(yi, vi, method = "FE")$QE` of all studies
/// and of each group.
#[test]
fn subgroups_agree_in_all_three_forms() {
    let (case, effects) = bcg();
    let (_, alloc) = levels(&text_column(&case, "alloc"));
    let found = subgroups(&effects, &alloc, 3, REML, Test::Z, 0.95);
    let between = found.between.unwrap();
    near(between.statistic, 1.861_444_946_154_58, ITERATED);
    assert_eq!(between.df, 2.0);
    let common = found.common_tau_squared.unwrap().moderators.unwrap();
    near(common.statistic, 1.767_511_401_931_71, ITERATED);
    near(common.p_value, 0.413_228_032_757_365, ITERATED);
    let partition = found.partition.unwrap();
    near(partition.total.statistic, 152.233_008_082_373, 1e-12);
    near(partition.between.statistic, 19.865_369_819_665_7, 1e-12);
    let sum = partition.within.statistic + partition.between.statistic;
    near(sum, partition.total.statistic, 1e-12);
    assert_eq!(partition.within.df + partition.between.df, partition.total.df);
    let systematic = found.common_tau_squared_groups[2].unwrap().mean;
    near(systematic.estimate, -0.517_955_777_155_294 + 0.089_038_216_231_717_8, ITERATED);
}

#[test]
fn a_group_of_one_study_takes_part_and_an_empty_one_does_not() {
    let (_, effects) = bcg();
    let of = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
    let found = subgroups(&effects, &of, 3, REML, Test::KnappHartung, 0.95);
    assert_eq!(found.between.unwrap().df, 1.0);
    assert!(found.groups[1].is_err() && found.common_tau_squared_groups[1].is_none());
    assert!(found.groups[2].as_ref().unwrap().tau_squared.is_none());
    assert_eq!(found.partition.unwrap().between.df, 1.0);
}

#[test]
fn a_model_that_cannot_be_fitted_says_why() {
    let (case, effects) = bcg();
    let latitude = number_column(&case, "ablat");
    let doubled: Vec<f64> = latitude.iter().map(|x| 2.0 * x + 1.0).collect();
    let try_with = |studies: usize, columns: &[&[f64]]| {
        let moderators: Vec<_> =
            columns.iter().map(|column| Moderator::Numeric(&column[..studies])).collect();
        regress(&effects[..studies], &design(studies, &moderators), REML, Test::Z, 0.95)
            .unwrap_err()
    };
    assert_eq!(try_with(13, &[&latitude, &doubled]), NoRegression::Collinear { column: 2 });
    assert_eq!(try_with(13, &[&[3.0; 13]]), NoRegression::Collinear { column: 1 });
    assert_eq!(try_with(13, &[&[f64::NAN; 13]]), NoRegression::NotFinite { column: 1 });
    let few = NoRegression::TooFewStudies { studies: 2, coefficients: 2 };
    assert_eq!(try_with(2, &[&latitude]), few);
    let few = NoRegression::TooFewStudies { studies: 1, coefficients: 3 };
    assert_eq!(try_with(1, &[&latitude, &doubled]), few);
    assert_eq!(try_with(0, &[&latitude]), NoRegression::NoStudies);
}

fn remission(arm: &str) -> Vec<Observation> {
    let case = cases().into_iter().find(|case| case.id == "remission/logrank").unwrap();
    observations(&case)
        .into_iter()
        .zip(text_column(&case, "arm"))
        .filter(|(_, of)| of == arm)
        .map(|(observation, _)| observation)
        .collect()
}

/// survival (R): `survfit(Surv(time, event) ~ 1, subset = arm == "placebo", conf.type = ...)`, whose
/// curve reaches 0, its median by `summary(...)$table`, its rates by `summary(..., times = ...)`.
#[test]
fn a_curve_that_reaches_zero_agrees_with_survfit() {
    let expected = [
        (IntervalScale::Plain, 4.0, 11.0, 0.579_740_095_667_701, 0.944_069_428_141_822),
        (IntervalScale::Log, 4.0, 12.0, 0.599_880_482_213_056, 0.967_690_870_807_461),
        (IntervalScale::LogLog, 4.0, 11.0, 0.519_391_415_328_429, 0.893_257_109_782_487),
    ];
    for (scale, lower, upper, low_at_3, high_at_3) in expected {
        let curve = kaplan_meier(&remission("placebo"), scale, 0.95).unwrap();
        let median = curve.median();
        assert_eq!(
            (median.time, median.lower, median.upper),
            (Some(8.0), Some(lower), Some(upper))
        );
        let rate = curve.at(3.0).unwrap();
        assert_eq!(rate.at_risk, 17);
        near(rate.survival, 0.761_904_761_904_762, 1e-12);
        near(rate.standard_error.unwrap(), 0.092_942_864_090_336_5, 1e-12);
        near(rate.interval.unwrap().0, low_at_3, 1e-12);
        near(rate.interval.unwrap().1, high_at_3, 1e-12);
        let start = curve.at(0.5).unwrap();
        assert_eq!((start.at_risk, start.survival, start.standard_error), (21, 1.0, Some(0.0)));
        assert_eq!(start.interval, Some((1.0, 1.0)));
        let end = curve.at(23.0).unwrap();
        assert_eq!((end.at_risk, end.survival, end.standard_error), (1, 0.0, None));
        assert_eq!(end.interval, None);
        assert_eq!(curve.at(23.5), None);
        assert_eq!(curve.at_risk(23.5), 0);
    }
    let curve = kaplan_meier(&remission("6-MP"), IntervalScale::Log, 0.95).unwrap();
    let median = curve.median();
    assert_eq!((median.time, median.lower, median.upper), (Some(23.0), Some(16.0), None));
}

/// survival (R): `survdiff(Surv(time, event) ~ rep(1:3, 14))` on the remission data.
#[test]
fn the_log_rank_test_of_three_groups_agrees_with_survdiff() {
    let case = cases().into_iter().find(|case| case.id == "remission/logrank").unwrap();
    let of: Vec<usize> = (0..42).map(|i| i % 3).collect();
    let test = log_rank(&observations(&case), &of, 3).unwrap();
    near(test.statistic, 0.716_380_589_169_184, 1e-12);
    assert_eq!((test.df, test.observed), (2.0, vec![11, 10, 9]));
    near(test.expected[1], 9.853_599_892_662_27, 1e-12);
    assert!(matches!(log_rank(&observations(&case), &[0; 42], 1), Err(NoSurvival::TooFewGroups)));
}

fn school_case() -> Case {
    cases().into_iter().find(|case| case.id == "schoolcalendar/rma.mv").unwrap()
}

/// metafor 3.8-1, `rma.mv(yi, vi, random = ~ 1 | district/school, method = "ML", sigma2 = ...)` at
/// the variances that Newton's method in R makes roots of the derivatives.
#[test]
fn the_three_level_model_by_maximum_likelihood_agrees_with_metafor() {
    let fit = fit_schools(&school_case(), Likelihood::Ordinary);
    near(fit.between_clusters, 0.057_738_359_860_050_1, 1e-12);
    near(fit.within_clusters, 0.032_864_792_221_264_4, 1e-12);
    near(fit.log_likelihood, -8.394_935_571_262_98, 1e-12);
    near(fit.pooled().estimate, 0.184_455_383_915_62, 1e-12);
    near(fit.pooled().standard_error, 0.080_481_682_784_975_8, 1e-12);
}

/// As above, with `mods = ~ I(year - 1990)`, and its `robust(..., cluster = district, clubSandwich =
/// TRUE)`.
#[test]
fn the_three_level_model_with_a_moderator_agrees_with_metafor() {
    let (effects, cluster, study) = schools(&school_case());
    let nesting = Nesting { cluster: &cluster, study: &study };
    let year = year_since_1990();
    let design = design(56, &[Moderator::Numeric(&year)]);
    let restricted = Likelihood::Restricted;
    let fit =
        three_level(&effects, &design, nesting, restricted, multilevel::Test::Z, 0.95).unwrap();
    near(fit.between_clusters, 0.072_265_591_338_202_1, 1e-11);
    near(fit.within_clusters, 0.032_650_195_992_187_5, 1e-11);
    near(fit.log_likelihood, -7.240_466_776_791_03, 1e-12);
    near(fit.q.statistic, 550.259_675_495_41, 1e-12);
    near(fit.coefficients[0].estimate, 0.180_718_495_439_435, 1e-11);
    near(fit.coefficients[1].estimate, 0.005_311_818_272_259_09, 1e-11);
    near(fit.coefficients[1].standard_error, 0.009_435_793_955_500_49, 1e-11);
    let robust = fit.robust(&effects, &design, nesting).unwrap();
    near(robust.coefficients[0].standard_error, 0.089_512_610_899_117_8, 1e-10);
    near(robust.coefficients[1].standard_error, 0.010_003_424_291_896_5, 1e-10);
    near(robust.degrees_of_freedom[0], 8.310_128_518_108_44, 1e-10);
    near(robust.degrees_of_freedom[1], 4.188_998_710_340_15, 1e-10);
    near(robust.coefficients[1].p_value, 0.622_330_747_219_58, 1e-10);
}

/// The years of the school calendar data in metadat, less 1990.
fn year_since_1990() -> Vec<f64> {
    let runs =
        [(-14, 4), (-1, 4), (4, 3), (-14, 4), (7, 4), (-14, 11), (7, 11), (10, 11), (5, 2), (4, 2)];
    runs.iter().flat_map(|(year, times)| vec![f64::from(*year); *times]).collect()
}

/// As above with pairs of schools as studies: `study = (school + 1) %/% 2`, so that a study has
/// several estimates.
#[test]
fn studies_with_several_estimates_agree_with_metafor() {
    let (effects, cluster, school) = schools(&school_case());
    let study: Vec<usize> = school.iter().map(|school| school.div_ceil(2)).collect();
    let nesting = Nesting { cluster: &cluster, study: &study };
    let design = Design::intercept(56);
    let restricted = Likelihood::Restricted;
    let fit =
        three_level(&effects, &design, nesting, restricted, multilevel::Test::T, 0.95).unwrap();
    near(fit.between_clusters, 0.082_106_351_683_297_4, 1e-12);
    near(fit.within_clusters, 0.017_508_984_072_764_9, 1e-12);
    near(fit.pooled().estimate, 0.194_006_446_917_893, 1e-12);
    near(fit.pooled().standard_error, 0.093_219_210_757_791_1, 1e-12);
    near(fit.log_likelihood, -21.002_298_649_134_5, 1e-12);
    let robust = fit.robust(&effects, &design, nesting).unwrap();
    near(robust.coefficients[0].standard_error, 0.092_818_870_687_978, 1e-10);
    near(robust.degrees_of_freedom[0], 9.904_689_190_042_03, 1e-10);
}

/// metafor 3.8-1: `robust(rma(yi, vi), cluster = ..., clubSandwich = TRUE)` by district and by study.
#[test]
fn robust_inference_of_the_two_level_model_agrees_with_metafor() {
    let (effects, district, _) = schools(&school_case());
    let design = Design::intercept(56);
    let two_level = fit(&effects, &design, REML, Test::Z, 0.95).unwrap();
    let tau_squared = two_level.tau_squared.unwrap().value;
    let study: Vec<usize> = (0..56).collect();
    let expected = [
        (district, 0.078_221_239_553_853_8, 7.373_166_880_427_72, 0.143_783_907_282_744),
        (study, 0.043_872_905_610_625_5, 52.864_188_510_840_5, 0.005_192_187_716_334_37),
    ];
    for (cluster, standard_error, degrees, p_value) in expected {
        let robust = two_level_robust(&effects, &design, tau_squared, &cluster, 0.95).unwrap();
        near(robust.coefficients[0].estimate, 0.127_932_058_364_942, 1e-10);
        near(robust.coefficients[0].standard_error, standard_error, 1e-10);
        near(robust.degrees_of_freedom[0], degrees, 1e-10);
        near(robust.coefficients[0].p_value, p_value, ITERATED);
    }
}

#[test]
fn a_multilevel_model_that_cannot_be_fitted_says_why() {
    use build_report::stats::multilevel::NoFit;
    let (effects, cluster, study) = schools(&school_case());
    let try_with = |effects: &[Effect], cluster: &[usize], study: &[usize]| {
        let design = Design::intercept(effects.len());
        let nesting = Nesting { cluster, study };
        let restricted = Likelihood::Restricted;
        three_level(effects, &design, nesting, restricted, multilevel::Test::Z, 0.95)
    };
    let reason = |effects: &[Effect], cluster: &[usize], study: &[usize]| {
        try_with(effects, cluster, study).unwrap_err()
    };
    assert_eq!(reason(&[], &[], &[]), NoFit::NoStudies);
    assert_eq!(reason(&effects, &[1; 56], &study), NoFit::TooFewClusters);
    assert_eq!(reason(&effects, &cluster, &[1; 56]), NoFit::OneStudyPerCluster);
    assert_eq!(reason(&effects[..1], &[1], &[1]), NoFit::NoResidualDegreesOfFreedom);
    // equal estimates: no variance of either kind
    let equal: Vec<Effect> =
        effects.iter().map(|effect| Effect { estimate: 0.5, ..*effect }).collect();
    let fit = try_with(&equal, &cluster, &study).unwrap();
    assert_eq!((fit.between_clusters, fit.within_clusters), (0.0, 0.0));
    near(fit.pooled().estimate, 0.5, 1e-14);
}

fn catheter() -> Vec<TwoByTwo> {
    tables(&cases().into_iter().find(|case| case.call == "rma.glmm").unwrap())
}

/// metafor 3.8-1, `rma.glmm(measure = "OR", data = dat.nielweise2007, model = "CM.EL", control =
/// list(dnchgcalc = "dnoncenhypergeom", optimizer = "nlminb", rel.tol = 1e-14, intCtrl =
/// list(rel.tol = 1e-12, ...)))` gives beta -1.35315812539015, tau2 0.693457838317931 and logLik
/// -24.9444566333864. Below are the same after Newton's method on the likelihood computed in R from
/// the definition of the distribution, integrated over 1537 points.
#[test]
fn the_conditional_mixed_model_agrees_with_metafor() {
    let fit = glmm::conditional(&catheter(), 0.95).unwrap();
    near(fit.pooled.estimate, -1.353_158_125_313_2, ITERATED);
    near(fit.tau_squared, 0.693_457_804_250_072, ITERATED);
    near(fit.pooled.standard_error, 0.351_040_329_146_138, ITERATED);
    near(fit.log_likelihood, -24.944_456_633_386_4, 1e-12);
    assert_eq!(fit.k, 17);
}

#[test]
fn a_mixed_model_that_cannot_be_fitted_says_why() {
    use build_report::stats::glmm::NoFit;
    let table = |events1, events2| TwoByTwo { events1, total1: 20.0, events2, total2: 25.0 };
    let both = |tables: &[TwoByTwo], reason: NoFit| {
        assert_eq!(glmm::unconditional(tables, 7, 0.95).unwrap_err(), reason);
        assert_eq!(glmm::conditional(tables, 0.95).unwrap_err(), reason);
    };
    both(&[], NoFit::NoStudies);
    both(&[table(0.0, 0.0), table(20.0, 25.0)], NoFit::NoStudies);
    both(&[table(0.0, 0.0), table(2.0, 5.0)], NoFit::TooFewStudies);
    both(&[table(0.0, 3.0), table(0.0, 4.0)], NoFit::NoFiniteEstimate);
    both(&[table(3.0, 0.0), table(20.0, 4.0)], NoFit::NoFiniteEstimate);
    both(&[table(20.0, 0.0), table(0.0, 25.0)], NoFit::NoFiniteEstimate);
}

/// Without heterogeneity the conditional model is that of one odds ratio, the unconditional one
/// logistic regression: R, `glm(cbind(events, total - events) ~ study + group, binomial)`.
#[test]
fn mixed_models_of_equal_studies_have_no_variance() {
    let table = TwoByTwo { events1: 4.0, total1: 40.0, events2: 9.0, total2: 50.0 };
    let fit = glmm::unconditional(&[table; 3], 7, 0.95).unwrap();
    assert_eq!(fit.tau_squared, 0.0);
    near(fit.pooled.estimate, (4.0f64 * 41.0 / (36.0 * 9.0)).ln(), 1e-12);
    let variance: f64 = 1.0 / 4.0 + 1.0 / 36.0 + 1.0 / 9.0 + 1.0 / 41.0;
    near(fit.pooled.standard_error, (variance / 3.0).sqrt(), 1e-12);
    assert_eq!(glmm::conditional(&[table; 3], 0.95).unwrap().tau_squared, 0.0);
}
