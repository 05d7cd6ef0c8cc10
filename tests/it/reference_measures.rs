//! Means, rates, single groups, correlations and reported effects against R's metafor: every case
//! of escalc, binom.test, predict, rma.mh, and rma without moderators and confint.

use crate::reference::{CLOSED_FORM, Case, Check, ITERATED, Tally, cases, column};
use crate::reference_fits::{check_effects, check_fit, check_intervals, fit_case};
use build_report::stats::Effect;
use build_report::stats::binary::{AddTo, ZeroCells};
use build_report::stats::continuous::{
    self, BiasCorrection, DifferenceVariance, MeansAndDeviations, RatioEstimate,
    StandardisedVariance,
};
use build_report::stats::correlation::{self, Correlation};
use build_report::stats::pooling::mantel_haenszel::{PooledRateMeasure, fit_rates};
use build_report::stats::rate::{self, TwoRates};
use build_report::stats::reported::{from_ratio_interval, from_variance};
use build_report::stats::single_group::{
    Proportion, ProportionMeasure, Rate, RateMeasure, clopper_pearson, harmonic_mean,
    proportion_effects, rate_effects,
};

#[test]
fn every_case_without_tables_agrees_with_metafor() {
    let cases = cases();
    let mut tally = Tally::default();
    for case in cases.iter().filter(|case| is_here(case) && case.options["mods"].is_null()) {
        let mut check = tally.check(case);
        match case.call.as_str() {
            "escalc" => check_escalc(&mut check),
            "rma" => check_fit(&mut check, &complete_effects(case)),
            "confint" if case.id == CUT_OFF => {
                check_intervals(&mut tally.check(&uncut(&cases, case)), &complete_effects(case))
            }
            "confint" => check_intervals(&mut check, &complete_effects(case)),
            "rma.mh" => check_mantel_haenszel(&mut check),
            "binom.test" => check_clopper_pearson(&mut check),
            "predict" => check_back_transformation(&mut check),
            _ => continue,
        }
        tally.count(case);
    }
    tally.finish(&[
        ("binom.test", 14),
        ("confint", 54),
        ("escalc", 27),
        ("predict", 1),
        ("rma", 216),
        ("rma.mh", 1),
    ]);
}

/// The odds ratios of the passive smoking data give back the effects that metadat made of them.
#[test]
fn reported_odds_ratios_agree_with_their_data_set() {
    let cases = cases();
    let mut case = Case {
        id: "passivesmoking/or".to_owned(),
        data: "data/passivesmoking.csv".to_owned(),
        call: String::new(),
        measure: "GEN".to_owned(),
        columns: serde_json::json!({ "or": "or", "lower": "or.lb", "upper": "or.ub" }),
        options: serde_json::Value::Null,
        expect: serde_json::Value::Null,
    };
    case.expect =
        cases.iter().find(|other| other.id == "passivesmoking/escalc").unwrap().expect.clone();
    let (or, lower, upper) =
        (numbers(&case, "or"), numbers(&case, "lower"), numbers(&case, "upper"));
    let effects: Vec<Option<Effect>> = (0..or.len())
        .map(|i| Some(from_ratio_interval(or[i], lower[i], upper[i], 0.95)?.effect))
        .collect();
    let mut tally = Tally::default();
    check_effects(&mut tally.check(&case), &effects);
    tally.count(&case);
    tally.finish(&[("", 1)]);
}

/// metafor looks for the upper limit of τ² up to ten times the estimate, and in this case says only
/// that the limit lies beyond.
const CUT_OFF: &str = "strokestay/MD/confint/DL";

/// The cut-off case with the upper limits of the same effects' REML case, as Q-profile intervals do
/// not depend on the estimator.
fn uncut(cases: &[Case], case: &Case) -> Case {
    let whole = cases.iter().find(|other| other.id == "strokestay/MD/confint/REML").unwrap();
    let value = |case: &Case, name: &str, i: usize| case.expect[name][i].as_f64().unwrap();
    let searched = 10.0 * value(case, "tau2", 0);
    assert!((value(case, "tau2", 2) - searched).abs() <= CLOSED_FORM * searched);
    let mut expect = case.expect.clone();
    for name in ["tau2", "tau", "I2", "H2"] {
        assert!((value(case, name, 1) / value(whole, name, 1) - 1.0).abs() <= ITERATED);
        expect[name][2] = whole.expect[name][2].clone();
    }
    Case {
        id: case.id.clone(),
        data: case.data.clone(),
        call: case.call.clone(),
        measure: case.measure.clone(),
        columns: case.columns.clone(),
        options: case.options.clone(),
        expect,
    }
}

fn is_here(case: &Case) -> bool {
    let sets = [
        "strokestay",
        "co2",
        "warfarin",
        "vasospasm",
        "adherence",
        "passivesmoking",
        "expectancy",
        "writing",
    ];
    sets.iter().any(|set| case.data == format!("data/{set}.csv"))
}

/// A column without missing values.
fn numbers(case: &Case, role: &str) -> Vec<f64> {
    column(case, role).into_iter().map(Option::unwrap).collect()
}

fn study_effects(case: &Case) -> Vec<Option<Effect>> {
    match case.measure.as_str() {
        "MD" | "SMD" | "SMDH" | "ROM" => {
            continuous::effects(continuous_measure(case), &means(case))
        }
        "IRR" | "IRD" | "IRSD" => rate_differences(case),
        "IR" => single_rates(case, RateMeasure::Raw),
        "IRLN" => single_rates(case, RateMeasure::Log),
        "IRS" => single_rates(case, RateMeasure::SquareRoot),
        "IRFT" => single_rates(case, RateMeasure::DoubleSquareRoot),
        "PR" => single_proportions(case, ProportionMeasure::Raw),
        "PLN" => single_proportions(case, ProportionMeasure::Log),
        "PLO" => single_proportions(case, ProportionMeasure::Logit),
        "PAS" => single_proportions(case, ProportionMeasure::Arcsine),
        "PFT" => single_proportions(case, ProportionMeasure::DoubleArcsine),
        "COR" => correlation::effects(correlation::Measure::Raw, &correlations(case)),
        "ZCOR" => correlation::effects(correlation::Measure::FisherZ, &correlations(case)),
        "GEN" => numbers(case, "yi")
            .into_iter()
            .zip(numbers(case, "vi"))
            .map(|(estimate, variance)| from_variance(estimate, variance))
            .collect(),
        other => panic!("measure {other}"),
    }
}

fn continuous_measure(case: &Case) -> continuous::Measure {
    let vtype = case.options["vtype"].as_str().unwrap_or("LS");
    match (case.measure.as_str(), vtype) {
        ("MD", "LS") => continuous::Measure::MeanDifference(DifferenceVariance::Separate),
        ("MD", "HO") => continuous::Measure::MeanDifference(DifferenceVariance::Pooled),
        ("SMD", vtype) => continuous::Measure::StandardisedMeanDifference {
            correction: BiasCorrection::Exact,
            variance: match vtype {
                "LS" => StandardisedVariance::LargeSample,
                "LS2" => StandardisedVariance::LargeSampleScaled,
                "UB" => StandardisedVariance::Unbiased,
                "AV" => StandardisedVariance::AverageEffect,
                other => panic!("vtype {other}"),
            },
        },
        ("SMDH", "LS") => {
            continuous::Measure::HeteroscedasticStandardisedMeanDifference(BiasCorrection::Exact)
        }
        ("ROM", "LS") => continuous::Measure::LogRatioOfMeans(RatioEstimate::Plain),
        other => panic!("measure {other:?}"),
    }
}

fn means(case: &Case) -> Vec<MeansAndDeviations> {
    let [mean1, sd1, n1, mean2, sd2, n2] =
        ["mean1", "sd1", "n1", "mean2", "sd2", "n2"].map(|role| numbers(case, role));
    (0..mean1.len())
        .map(|i| MeansAndDeviations {
            mean1: mean1[i],
            sd1: sd1[i],
            n1: n1[i],
            mean2: mean2[i],
            sd2: sd2[i],
            n2: n2[i],
        })
        .collect()
}

fn rate_differences(case: &Case) -> Vec<Option<Effect>> {
    let measure = match case.measure.as_str() {
        "IRR" => rate::Measure::LogRateRatio,
        "IRD" => rate::Measure::RateDifference,
        _ => rate::Measure::SquareRootRateDifference,
    };
    let rule = ZeroCells { add: measure.usual_addition(), to: AddTo::OnlyZero, drop00: false };
    rate::effects(measure, &two_rates(case), rule)
}

fn two_rates(case: &Case) -> Vec<TwoRates> {
    let [events1, time1, events2, time2] =
        ["events1", "time1", "events2", "time2"].map(|role| numbers(case, role));
    (0..events1.len())
        .map(|i| TwoRates {
            events1: events1[i],
            time1: time1[i],
            events2: events2[i],
            time2: time2[i],
        })
        .collect()
}

fn single_rates(case: &Case, measure: RateMeasure) -> Vec<Option<Effect>> {
    let groups: Vec<Rate> = numbers(case, "events")
        .into_iter()
        .zip(numbers(case, "time"))
        .map(|(events, time)| Rate { events, time })
        .collect();
    rate_effects(measure, &groups, measure.usual_zero_counts())
}

fn single_proportions(case: &Case, measure: ProportionMeasure) -> Vec<Option<Effect>> {
    proportion_effects(measure, &proportions(case), measure.usual_zero_counts())
}

fn proportions(case: &Case) -> Vec<Proportion> {
    numbers(case, "events")
        .into_iter()
        .zip(numbers(case, "total"))
        .map(|(events, total)| Proportion { events, total })
        .collect()
}

fn correlations(case: &Case) -> Vec<Correlation> {
    numbers(case, "r")
        .into_iter()
        .zip(numbers(case, "n"))
        .map(|(coefficient, n)| Correlation { coefficient, n })
        .collect()
}

fn complete_effects(case: &Case) -> Vec<Effect> {
    study_effects(case).into_iter().flatten().collect()
}

fn check_escalc(check: &mut Check<'_>) {
    let effects = study_effects(check.case);
    check_effects(check, &effects);
}

fn check_mantel_haenszel(check: &mut Check<'_>) {
    assert_eq!(check.case.measure, "IRR");
    let studies = two_rates(check.case);
    let fit = fit_rates(PooledRateMeasure::LogRateRatio, &studies, 0.95).unwrap();
    check.number("beta", fit.pooled.estimate, CLOSED_FORM);
    check.number("se", fit.pooled.standard_error, CLOSED_FORM);
    check.number("pval", fit.pooled.p_value, CLOSED_FORM);
    check.number("QE", fit.q.statistic, CLOSED_FORM);
    check.number("QEp", fit.q.p_value, CLOSED_FORM);
}

fn check_clopper_pearson(check: &mut Check<'_>) {
    let row = check.case.options["row"].as_u64().unwrap() as usize;
    let group = proportions(check.case)[row - 1];
    let (lower, upper) = clopper_pearson(group, 0.95).unwrap();
    check.number("estimate", group.events / group.total, CLOSED_FORM);
    check.number("ci.lb", lower, CLOSED_FORM);
    check.number("ci.ub", upper, CLOSED_FORM);
}

fn check_back_transformation(check: &mut Check<'_>) {
    assert_eq!(check.case.options["transf"], "ipft.hm");
    let fit = fit_case(check.case, &complete_effects(check.case));
    let sizes: Vec<f64> = proportions(check.case).iter().map(|group| group.total).collect();
    let size = harmonic_mean(&sizes).unwrap();
    let back = |value| ProportionMeasure::DoubleArcsine.back_transform(value, size);
    let pooled = fit.pooled();
    check.number("pred", back(pooled.estimate), ITERATED);
    check.number("ci.lb", back(pooled.ci_lower), ITERATED);
    check.number("ci.ub", back(pooled.ci_upper), ITERATED);
}
