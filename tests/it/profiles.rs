//! The profiles, against what the programs that they name print.

use crate::support::{fixture, run, stderr, stdout};
use serde_json::Value;
use std::fs;

/// The BCG trials (Colditz 1994) under a profile and further keys of the analysis.
fn bcg(profile: &str, analysis: &str) -> Value {
    let columns = "{study: study, events1: ai, total1: n1i, events2: ci, total2: n2i}";
    let table = fs::read_to_string(fixture("reference/data/bcg.csv")).unwrap();
    evaluated(profile, &table, &format!("kind: binary\ncolumns: {columns}\n{analysis}"))
}

/// The result of one analysis of a table under a profile.
fn evaluated(profile: &str, table: &str, analysis: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("review");
    fs::create_dir(&review).unwrap();
    fs::write(review.join("data.csv"), table).unwrap();
    fs::write(
        review.join("review.yaml"),
        format!("id: review\nversion: \"1\"\ntitle: Review\nprofile: {profile}\n"),
    )
    .unwrap();
    fs::write(
        review.join("analysis.yaml"),
        format!("id: analysis\ntitle: Analysis\ndata: data.csv\n{analysis}"),
    )
    .unwrap();
    let output = run(folder.path(), &["eval", "review"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    serde_json::from_str(&stdout(&output)).unwrap()
}

fn close(found: &Value, expected: f64, half_unit: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() <= half_unit, "{found}, expected {expected}");
}

/// Values run with the R packages metafor and meta on the same data.
#[test]
fn revman_random_effects_take_q_about_the_mantel_haenszel_estimate() {
    let revman = bcg("revman5", "measure: RR\nmodel: {method: DL}\n");
    close(&revman["model"]["tau2"], 0.309_496_85, 5e-9);
    close(&revman["model"]["beta"][0], -0.714_186_12, 5e-9);
    assert_eq!(revman["model"]["pi_lb"], Value::Null);
    assert_eq!(revman["model"]["reasons"]["pi_lb"], "the profile prints no such quantity");
    // refits of parts of the studies would have another tau², so there are none
    assert_eq!(revman["influence"], Value::Null);
    assert_eq!(
        revman["reasons"]["influence"],
        "tau2 comes from Q about the Mantel-Haenszel estimate"
    );
    let metafor = bcg("metafor", "measure: RR\nmodel: {method: DL}\n");
    assert!(metafor["influence"].is_object());
    close(&metafor["model"]["tau2"], 0.308_760_262_862, 5e-13);
    close(&metafor["model"]["beta"][0], -0.714_117_22, 5e-9);
}

#[test]
fn the_variance_of_a_pooled_risk_difference_has_two_forms() {
    let se = |profile| bcg(profile, "measure: RD\nmodel: {method: MH}\n")["model"]["se"][0].clone();
    close(&se("metafor"), 0.000_286_656_749, 5e-13);
    close(&se("revman5"), 0.000_284_52, 5e-9);
}

#[test]
fn prediction_intervals_by_their_degrees_of_freedom() {
    let limits = |convention: &str| {
        let keys = format!("measure: RR\nconventions: {{prediction: {convention}}}\n");
        let model = bcg("metafor", &keys)["model"].clone();
        (model["pi_lb"].clone(), model["pi_ub"].clone())
    };
    for (convention, lower, upper) in [
        ("model", -1.866_692_22, 0.437_627_53),
        ("t-k-1", -1.995_341_96, 0.566_277_27),
        ("t-k-2", -2.008_375_91, 0.579_311_22),
    ] {
        let (found_lower, found_upper) = limits(convention);
        close(&found_lower, lower, 5e-9);
        close(&found_upper, upper, 5e-9);
    }
    let knapp_hartung = bcg("metafor", "measure: RR\nmodel: {test: knha}\n");
    close(&knapp_hartung["model"]["pi_lb"], -1.996_016_83, 5e-9);
    close(&knapp_hartung["model"]["pi_ub"], 0.566_952_15, 5e-9);
    close(&knapp_hartung["model"]["ci_lb"][0], -1.108_443_713_7, 5e-11);
}

#[test]
fn i_squared_comes_from_tau_squared_or_from_q() {
    let i2 = |profile| bcg(profile, "measure: RR\nmodel: {method: REML}\n")["model"]["i2"].clone();
    close(&i2("metafor"), 92.221_384_5, 5e-8);
    close(&i2("meta"), 92.117_346_9, 5e-8);
    let overridden = bcg("meta", "measure: RR\nconventions: {i_squared: tau2}\n");
    close(&overridden["model"]["i2"], 92.221_384_5, 5e-8);
    assert_eq!(overridden["conventions"]["prediction"], "t-k-1");
}

#[test]
fn other_models_stand_beside_the_result() {
    let result = bcg("metafor", "measure: OR\n");
    let methods: Vec<(&str, &str)> = result["other_models"]
        .as_array()
        .unwrap()
        .iter()
        .map(|other| (other["method"].as_str().unwrap(), other["test"].as_str().unwrap()))
        .collect();
    assert_eq!(
        methods,
        [("EE", "z"), ("MH", "z"), ("PETO", "z"), ("DL", "z"), ("PM", "z"), ("REML", "knha")]
    );
    // metafor's rma.mh on these data
    close(&result["other_models"][1]["estimate"], -0.473_410_988_388_585, 1e-12);
    let without = bcg("metafor", "measure: OR\nsensitivity: {other_models: false}\n");
    assert_eq!(without["other_models"], Value::Array(Vec::new()));
}

#[test]
fn heterogeneity_chooses_the_model_by_the_rule_of_the_spec() {
    let chosen = |rule: &str| {
        let keys = format!("measure: RR\nmodel: {{method: by-heterogeneity{rule}}}\n");
        bcg("metafor", &keys)
    };
    // I² of these trials is 92.1%, P of Q below 1e-10
    let high = chosen("");
    assert_eq!(high["model"]["method"], "DL");
    assert_eq!(high["model_choice"]["rule"], "i2_above");
    assert_eq!(high["model_choice"]["threshold"], 50.0);
    close(&high["model_choice"]["i2"], 92.117_346_9, 5e-8);
    assert_eq!(chosen(", rule: {i2_above: 95}")["model"]["method"], "MH");
    assert_eq!(chosen(", rule: {p_below: 0.1}, high: REML")["model"]["method"], "REML");
    assert_eq!(chosen(", rule: {i2_above: 95}, low: EE")["model"]["method"], "EE");
}

/// Values that metafor 3.8-1 prints for the log risk ratios of the BCG trials under REML.
#[test]
fn diagnostics_stand_in_eval_under_metafors_names() {
    let result = bcg("metafor", "measure: RR\n");
    let influence = &result["influence"];
    for (name, expected) in [
        ("rstudent", -1.451_200_66),
        ("dffits", -0.520_050_988),
        ("cook_d", 0.229_481_639_12),
        ("cov_r", 0.965_126_49),
        ("tau2_del", 0.262_758_15),
        ("qe_del", 96.562_595),
        ("hat", 0.096_987_470),
        ("dfbs", -0.513_813_387),
    ] {
        close(&influence[name][3], expected, 5e-7);
    }
    close(&result["ranktest"]["pval"], 0.952_361_908, 5e-10);
    close(&result["regtest"]["zval"], -0.803_329_1, 5e-7);
    close(&result["regtest"]["pval"], 0.421_784_5, 5e-7);
    assert_eq!(result["egger"]["model"], "lm");
    close(&result["egger"]["zval"], -1.401_282_0, 5e-8);
    close(&result["egger"]["pval"], 0.188_707_0, 5e-8);
    assert_eq!(result["trimfill"]["k0"], 1);
    assert_eq!(result["trimfill"]["side"], "right");
    close(&result["trimfill"]["beta"], -0.657_082_8, 1e-7);
    assert_eq!(result["fsn"]["fsnum"], 598.0);
    assert_eq!(result["leave_one_out"]["estimate"].as_array().unwrap().len(), 13);
    // accumulated by year: this table has a year column, but the spec names none
    assert_eq!(result["cumulative"]["study"][0], result["studies"][0]["study"]);
    let mantel_haenszel = bcg("metafor", "measure: RR\nmodel: {method: MH}\n");
    assert_eq!(mantel_haenszel["influence"], Value::Null);
    assert_eq!(
        mantel_haenszel["reasons"]["influence"],
        "the diagnostics rest on inverse-variance pooling"
    );
}

/// Q between the allocation groups of the BCG trials: separate τ², then one τ² for all (metafor).
#[test]
fn subgroups_are_pooled_and_compared() {
    let result = bcg("metafor", "measure: RR\nsubgroups: alloc\n");
    let levels: Vec<(&str, u64)> = result["subgroups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (group["level"].as_str().unwrap(), group["k"].as_u64().unwrap()))
        .collect();
    assert_eq!(levels, [("random", 7), ("alternate", 2), ("systematic", 4)]);
    let test = &result["subgroup_test"];
    assert_eq!(test["df"], 2.0);
    close(&test["qm"], 1.861_444_946, 5e-6);
    close(&test["qm_p"], 0.394_268_759, 5e-7);
    close(&test["common_qm"], 1.767_511_402, 5e-6);
    close(&test["common_qm_p"], 0.413_228_033, 5e-7);
    let tables = bcg("metafor", "measure: RR\nsubgroups: alloc\nmodel: {method: MH}\n");
    assert!(tables["subgroup_test"]["qm"].is_number());
    assert_eq!(tables["subgroup_test"]["common_qm"], Value::Null);
    assert_eq!(
        tables["subgroup_test"]["reasons"]["common_qm"],
        "the diagnostics rest on inverse-variance pooling"
    );
}

/// Aspirin after myocardial infarction (Fleiss 1993, Stat Methods Med Res 2:121, table 1), as Review
/// Manager pools it: M-H, fixed effect.
#[test]
fn revman_pools_the_aspirin_trials_as_it_prints_them() {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("review");
    fs::create_dir(&review).unwrap();
    fs::write(
        review.join("aspirin.csv"),
        "study,e1,n1,e2,n2\n\
         MRC-1,49,615,67,624\n\
         CDP,44,758,64,771\n\
         MRC-2,102,832,126,850\n\
         GASP,32,317,38,309\n\
         PARIS,85,810,52,406\n\
         AMIS,246,2267,219,2257\n\
         ISIS-2,1570,8587,1720,8600\n",
    )
    .unwrap();
    fs::write(
        review.join("review.yaml"),
        "id: aspirin\nversion: \"1\"\ntitle: Aspirin\nprofile: revman5\n",
    )
    .unwrap();
    let columns = "{study: study, events1: e1, total1: n1, events2: e2, total2: n2}";
    fs::write(
        review.join("death.yaml"),
        format!("id: death\ntitle: Death\nkind: binary\nmeasure: OR\ndata: aspirin.csv\ncolumns: {columns}\n"),
    )
    .unwrap();
    let output = run(folder.path(), &["eval", "review"]);
    let result: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let model = &result["model"];
    assert_eq!(model["method"], "MH");
    let ratio = |value: &Value| value.as_f64().unwrap().exp();
    for (field, printed) in [("beta", 0.90), ("ci_lb", 0.84), ("ci_ub", 0.96)] {
        assert!((ratio(&model[field][0]) - printed).abs() <= 0.005, "{field}");
    }
    close(&model["qe"], 9.95, 0.005);
    close(&model["qe_p"], 0.13, 0.005);
    close(&model["i2"], 40.0, 0.5);
    close(&model["zval"][0], -3.29, 0.005);
    close(&model["pval"][0], 0.001, 0.0005);
    let weights = [3.2, 3.1, 5.7, 1.8, 3.2, 10.2, 72.9];
    for (study, printed) in result["studies"].as_array().unwrap().iter().zip(weights) {
        close(&study["weight"], printed, 0.05);
    }
}

/// Five trials, two of them without an event.
const RARE: &str =
    "study,e1,n1,e2,n2\nA,5,50,2,50\nB,0,40,0,40\nC,8,60,3,55\nD,1,30,0,35\nE,0,100,0,90\n";

fn rare(profile: &str, kind: &str) -> Value {
    let columns = match kind {
        "binary" => "events1: e1, total1: n1, events2: e2, total2: n2",
        _ => "events1: e1, time1: n1, events2: e2, time2: n2",
    };
    let measure = if kind == "binary" { "RD" } else { "IRD" };
    let keys = format!(
        "kind: {kind}\nmeasure: {measure}\nmodel: {{method: MH}}\ncolumns: {{study: study, {columns}}}\n"
    );
    evaluated(profile, RARE, &keys)
}

/// A trial without an event has no estimate in metafor and a weight in the pooled difference: what is
/// left out or added is one trial. Values of metafor's `leave1out` and `cumul`.
#[test]
fn a_pooled_difference_without_a_trial_keeps_the_trials_without_events() {
    let check = |found: &Value, expected: [f64; 5]| {
        assert_eq!(found.as_array().unwrap().len(), expected.len(), "{found}");
        for (found, expected) in found.as_array().unwrap().iter().zip(expected) {
            close(found, expected, 5e-13);
        }
    };
    let risks = rare("metafor", "binary");
    assert_eq!(risks["leave_one_out"]["study"], serde_json::json!(["A", "B", "C", "D", "E"]));
    check(
        &risks["leave_one_out"]["estimate"],
        [
            0.024_945_491_051_1,
            0.036_678_104_562_9,
            0.018_783_808_990_9,
            0.031_065_116_718_6,
            0.047_850_362_925_7,
        ],
    );
    check(
        &risks["leave_one_out"]["se"],
        [
            0.014_622_354_716_3,
            0.017_659_761_860_8,
            0.012_661_252_310_8,
            0.016_569_826_066_6,
            0.023_100_065_267_5,
        ],
    );
    check(
        &risks["cumulative"]["estimate"],
        [0.06, 0.033_333_333_333_3, 0.051_032_448_377_6, 0.047_850_362_925_7, 0.031_332_140_314_4],
    );
    assert_eq!(risks["cumulative"]["estimate"][4], risks["model"]["beta"][0]);
    let rates = rare("metafor", "rate");
    check(
        &rates["leave_one_out"]["se"],
        [
            0.015_270_337_099_0,
            0.018_468_332_801_0,
            0.013_161_031_446_6,
            0.017_319_621_510_2,
            0.024_093_841_208_3,
        ],
    );
}

/// Where zeros correct the variance of a risk difference alone, a trial without an event has the
/// difference 0; Q is that of the differences that are shown.
#[test]
fn revman_shows_the_risk_difference_of_a_trial_without_events() {
    let revman = rare("revman5", "binary");
    for (study, yi, vi) in [
        (0, 0.06, 0.002_568),
        (1, 0.0, 0.000_587_629_314_723),
        (3, 0.033_333_333_333_3, 0.001_865_792_025_379),
        (4, 0.0, 0.000_108_819_582_448),
    ] {
        close(&revman["studies"][study]["yi"], yi, 5e-13);
        close(&revman["studies"][study]["vi"], vi, 5e-13);
    }
    close(&revman["model"]["beta"][0], 0.031_332_140_314_4, 5e-13);
    close(&revman["model"]["qe"], 11.800_626_321_491_2, 5e-12);
    assert_eq!(revman["model"]["qe_df"], 4.0);
    let metafor = rare("metafor", "binary");
    assert_eq!(metafor["studies"][1]["yi"], Value::Null);
    close(&metafor["model"]["qe"], 1.111_854_323_561_1, 5e-12);
    assert_eq!(metafor["model"]["qe_df"], 2.0);
}

/// One I² is one statistic: without a study it comes from where that of all studies comes from.
#[test]
fn inconsistency_without_a_study_is_that_of_the_convention() {
    let without = |convention: &str| {
        let keys = format!("measure: RR\nconventions: {{i_squared: {convention}}}\n");
        bcg("metafor", &keys)["leave_one_out"]["i2"].clone()
    };
    let (from_q, from_tau_squared) = (without("q"), without("tau2"));
    for (i, expected) in [92.743_229_118_9, 92.430_373_595_9, 92.676_287_313_3].iter().enumerate() {
        close(&from_q[i], *expected, 5e-10);
    }
    close(&from_tau_squared[0], 93.225_934_911_1, 5e-6);
}
