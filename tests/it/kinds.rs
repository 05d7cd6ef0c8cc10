//! Every kind, measure and model through specs and tables, against R: the review in
//! `fixtures/kinds`, the values in `reference/kinds.json`, which `reference/kinds.R` makes.

use crate::support::fixture;
use build_report::pipeline;
use build_report::project::read_review;
use build_report::report::tables::csv_files;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::sync::OnceLock;

/// Computed once for all tests.
fn results() -> &'static BTreeMap<String, Value> {
    static RESULTS: OnceLock<BTreeMap<String, Value>> = OnceLock::new();
    RESULTS.get_or_init(evaluate)
}

fn evaluate() -> BTreeMap<String, Value> {
    let inputs = read_review(&fixture("fixtures/kinds")).unwrap();
    let checked = pipeline::check(&inputs).unwrap();
    pipeline::evaluate(checked)
        .into_iter()
        .map(|result| serde_json::to_value(result).unwrap())
        .map(|result| (result["id"].as_str().unwrap().to_owned(), result))
        .collect()
}

fn reference() -> BTreeMap<String, Value> {
    let text = fs::read_to_string(fixture("reference/kinds.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_f64).collect(),
        value => value.as_f64().into_iter().collect(),
    }
}

/// How close the numbers of an analysis have to be. R's rma.mv stops where its gradient is not zero,
/// which moves the estimate by less than 1e-8 and its standard error by more.
fn tolerance(id: &str) -> f64 {
    if id == "three-level" { 1e-6 } else { 1e-8 }
}

#[track_caller]
fn close(what: &str, found: &Value, expected: &Value, tolerance: f64) {
    let (found, expected) = (numbers(found), numbers(expected));
    assert_eq!(found.len(), expected.len(), "{what}: {found:?}, expected {expected:?}");
    for (found, expected) in found.iter().zip(&expected) {
        let error = (found - expected).abs() / expected.abs().max(1e-2);
        assert!(error <= tolerance, "{what}: {found}, expected {expected}");
    }
}

#[test]
fn every_analysis_agrees_with_r() {
    let (results, reference) = (results(), reference());
    // lme4, by which R fits these two, stops 1e-3 early: tests/reference/README.md
    let elsewhere = ["mixed-model", "conditional"];
    for (id, result) in results {
        if elsewhere.contains(&id.as_str()) || id == "survival" {
            continue;
        }
        let expected = reference.get(id).unwrap_or_else(|| panic!("R has nothing on `{id}`"));
        let model = &result["model"];
        assert_eq!(result["k"], expected["k"], "{id}");
        let mut compared = 0;
        for field in
            ["beta", "se", "pval", "ci_lb", "ci_ub", "tau2", "qe", "i2", "qm", "qm_p", "r2", "ddf"]
        {
            if expected[field].is_null() || model[field].is_null() {
                continue;
            }
            // fixed-effects tables have no tau², which R prints as 0
            close(&format!("{id} {field}"), &model[field], &expected[field], tolerance(id));
            compared += 1;
        }
        assert!(compared >= 6, "{id}: {compared} fields");
    }
}

#[test]
fn options_of_small_study_effects_reach_the_methods() {
    let (results, reference) = (results(), reference());
    let smd = &results["smd"];
    close("zval", &smd["regtest"]["zval"], &reference["smd"]["regtest"][0], 1e-8);
    close("pval", &smd["regtest"]["pval"], &reference["smd"]["regtest"][1], 1e-8);
    assert_eq!(smd["regtest"]["predictor"], "sqrtninv");
    assert_eq!(smd["trimfill"]["estimator"], "R0");
    assert_eq!(smd["trimfill"]["side"], "left");
    close("k0", &smd["trimfill"]["k0"], &reference["smd"]["trimfill"][0], 0.0);
    close("fsn", &smd["fsn"]["fsnum"], &reference["smd"]["fsn"], 0.0);
    close("hc", &smd["hc"]["beta"], &reference["smd"]["hc"][0], 1e-8);
    // metafor integrates to four digits: tests/reference/README.md
    close("hc ci", &smd["hc"]["ci_lb"], &reference["smd"]["hc"][1], 1e-4);
    let selection = &results["selection"];
    close("beta", &selection["selmodel"]["beta"], &reference["selection"]["selmodel"][0], 1e-6);
    close(
        "delta",
        &selection["selmodel"]["delta"][1],
        &reference["selection"]["selmodel"][1],
        1e-6,
    );
    close("fsn", &selection["fsn"]["fsnum"], &reference["selection"]["fsn"], 0.0);
}

#[test]
fn variances_at_each_level_agree_with_r() {
    let (results, reference) = (results(), reference());
    let sigma2 = &results["three-level"]["model"]["sigma2"];
    close("sigma2", sigma2, &reference["three-level"]["sigma2"], 1e-7);
    assert_eq!(results["three-level"]["model"]["clusters"], 11);
    assert_eq!(results["robust"]["model"]["robust"], "CR2");
}

#[test]
fn a_double_arcsine_is_printed_through_the_harmonic_mean() {
    let inputs = read_review(&fixture("fixtures/kinds")).unwrap();
    let findings = pipeline::check(&inputs).unwrap().analyse();
    let files: BTreeMap<String, String> = csv_files(&findings).into_iter().collect();
    let mut table = csv::Reader::from_reader(files["results.csv"].as_bytes());
    let header = table.headers().unwrap().clone();
    let row = table.records().map(Result::unwrap).find(|row| &row[0] == "pft").unwrap();
    let cell = |name: &str| -> f64 {
        row[header.iter().position(|column| column == name).unwrap()].parse().unwrap()
    };
    let printed = numbers(&reference()["pft"]["printed"]);
    for (name, expected) in ["estimate", "ci_lower", "ci_upper"].into_iter().zip(printed) {
        assert!((cell(name) - 100.0 * expected).abs() < 1e-8, "{name}");
    }
}

#[test]
fn means_of_medians_agree_with_their_formulas() {
    let (results, reference) = (results(), reference());
    let studies = results["medians"]["studies"].as_array().unwrap();
    for field in ["mean1", "sd1", "mean2", "sd2"] {
        let found: Vec<Value> = studies.iter().map(|study| study[field].clone()).collect();
        close(field, &Value::Array(found), &reference["medians_moments"][field], 1e-12);
    }
    let marked: Vec<bool> =
        studies.iter().map(|study| study["from_quantiles"].as_bool().unwrap()).collect();
    assert_eq!(marked, [false, true, false, true, true]);
}

#[test]
fn arms_that_share_a_control_group_never_count_it_twice() {
    let results = results();
    let labels = |id: &str| -> Vec<String> {
        let studies = results[id]["studies"].as_array().unwrap();
        studies.iter().map(|study| study["study"].as_str().unwrap().to_owned()).collect()
    };
    let split = [
        "Ahn 2015a",
        "Ahn 2015b",
        "Boyd 2016",
        "Choi 2019a",
        "Choi 2019b",
        "Choi 2019c",
        "Diaz 2021",
    ];
    assert_eq!(labels("split"), split);
    assert_eq!(labels("combine"), ["Ahn 2015", "Boyd 2016", "Choi 2019", "Diaz 2021"]);
    // 25 + 41 + 31 + 54 participants in the table, each once
    for id in ["split", "combine"] {
        assert_eq!(results[id]["totals"]["total2"], 151, "{id}");
    }
}

#[test]
fn arms_of_a_trial_are_counted_as_one_trial() {
    let inputs = read_review(&fixture("fixtures/kinds")).unwrap();
    let findings = pipeline::check(&inputs).unwrap().analyse();
    for id in ["split", "combine"] {
        let (_, found) = findings.analyses().find(|(spec, _)| spec.id == id).unwrap();
        let rows = if id == "split" { 7 } else { 4 };
        assert_eq!((found.studies.len(), found.trials()), (rows, 4), "{id}");
    }
}

#[test]
fn survival_curves_agree_with_r() {
    let (results, reference) = (results(), reference());
    let found = &results["survival"];
    let expected = &reference["survival"];
    close("log-rank", &found["log_rank"]["chisq"], &expected["chisq"], 1e-8);
    let groups = found["groups"].as_array().unwrap();
    let list =
        |part: &dyn Fn(&Value) -> Vec<Value>| Value::Array(groups.iter().flat_map(part).collect());
    close("median", &list(&|group| vec![group["median"].clone()]), &expected["median"], 0.0);
    for (field, theirs) in [("surv", "surv"), ("lower", "lower"), ("upper", "upper")] {
        let of = |group: &Value| -> Vec<Value> {
            group["landmarks"].as_array().unwrap().iter().map(|at| at[field].clone()).collect()
        };
        close(field, &list(&of), &expected[theirs], 1e-8);
    }
}

/// R's `binom.test(11, 29)`.
#[test]
fn single_proportions_have_exact_intervals_where_they_are_asked_for() {
    let results = results();
    let study = &results["proportion"]["studies"][0];
    assert_eq!((&study["events"], &study["total"]), (&11.into(), &29.into()));
    close(
        "exact",
        &study["ci_exact"],
        &serde_json::json!([0.206868699486507, 0.577395359335599]),
        1e-12,
    );
    assert_eq!(results["proportion"]["conventions"]["study_interval"], "clopper-pearson");
    assert_eq!(results["pft"]["studies"][0]["ci_exact"], Value::Null);
}
