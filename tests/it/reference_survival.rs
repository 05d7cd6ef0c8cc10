//! Survival curves and the log-rank test against R's survival.

use crate::reference::{CLOSED_FORM, Case, Check, ITERATED, cases};
use crate::reference_models::{near, number_column, text_column};
use build_report::stats::meta_regression::levels;
use build_report::stats::survival::{
    IntervalScale, NoSurvival, Observation, kaplan_meier, log_rank,
};

fn observations(case: &Case) -> Vec<Observation> {
    let times = number_column(case, "time");
    let events = text_column(case, "event");
    times
        .into_iter()
        .zip(events)
        .map(|(time, event)| Observation { time, event: event == "1" })
        .collect()
}

pub(crate) fn check_kaplan_meier(check: &mut Check<'_>) {
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

pub(crate) fn check_log_rank(check: &mut Check<'_>) {
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
