//! Models beyond pooling against R: that every case is compared, and meta-regression.

use crate::reference::{Case, Check, ITERATED, Tally, cases, escalc_effects, rows};
use crate::reference_fits::model;
use crate::reference_mixed::check_mixed;
use crate::reference_multilevel::{check_robust, check_three_level};
use crate::reference_survival::{check_kaplan_meier, check_log_rank};
use build_report::stats::Effect;
use build_report::stats::binary::{AddTo, Measure, TwoByTwo, ZeroCells, effects};
use build_report::stats::design::Design;
use build_report::stats::meta_regression::{
    MetaRegression, Moderator, ModeratorValue, NoRegression, design, design_row, levels,
    permutation_test, regress, subgroups,
};
use build_report::stats::pooling::inverse_variance::{Model, Test};
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

pub(crate) fn text_column(case: &Case, name: &str) -> Vec<String> {
    rows(case).iter().map(|row| row[name].clone()).collect()
}

pub(crate) fn number_column(case: &Case, name: &str) -> Vec<f64> {
    text_column(case, name).iter().map(|text| text.parse().unwrap()).collect()
}

pub(crate) fn tables(case: &Case) -> Vec<TwoByTwo> {
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
pub(crate) fn escalc_or_given(cases: &[Case], case: &Case) -> Vec<Effect> {
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

pub(crate) fn near(found: f64, expected: f64, relative: f64) {
    assert!((found - expected).abs() <= relative * expected.abs(), "{found} is not {expected}");
}

fn bcg() -> (Case, Vec<Effect>) {
    let case = cases().into_iter().find(|case| case.id == "bcg/RR/metareg/ablat/z").unwrap();
    let effects = log_risk_ratios(&case);
    (case, effects)
}

pub(crate) const REML: Model = Model::Random(Estimator::RestrictedMaximumLikelihood);
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
