//! The three-level model and robust inference against metafor.

use crate::reference::{CLOSED_FORM, Case, Check, ITERATED, cases};
use crate::reference_models::{REML, escalc_or_given, near, text_column};
use build_report::stats::Effect;
use build_report::stats::design::Design;
use build_report::stats::meta_regression::{Moderator, design};
use build_report::stats::multilevel::{
    self, Likelihood, Nesting, ThreeLevelFit, three_level, two_level_robust,
};
use build_report::stats::pooling::inverse_variance::{Test, fit};

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
pub(crate) fn check_three_level(check: &mut Check<'_>) {
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

pub(crate) fn check_robust(check: &mut Check<'_>) {
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
