//! Data that allow little: each gives a result or a reason, never a number that is none.

use crate::support::{report_source, run, stderr, stdout};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;

/// The result of an analysis of these rows.
fn eval(spec: &str, table: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("review");
    fs::create_dir(&review).unwrap();
    fs::write(review.join("review.yaml"), "id: r\nversion: \"1\"\ntitle: R\n").unwrap();
    fs::write(review.join("a.yaml"), format!("id: a\ntitle: A\ndata: a.csv\n{spec}")).unwrap();
    fs::write(review.join("a.csv"), table).unwrap();
    let output = run(folder.path(), &["eval", "review"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let result: Value = serde_json::from_str(&stdout(&output)).unwrap();
    expect_reasons(&result, "result");
    result
}

/// Every part that is null where it stands beside `reasons` has one.
fn expect_reasons(value: &Value, path: &str) {
    let Value::Object(fields) = value else {
        if let Value::Array(items) = value {
            items.iter().for_each(|item| expect_reasons(item, path));
        }
        return;
    };
    for (name, field) in fields {
        if let (Value::Null, Some(reasons)) = (field, fields.get("reasons")) {
            assert!(reasons.get(name).is_some(), "{path}.{name} is null without a reason");
        }
        expect_reasons(field, &format!("{path}.{name}"));
    }
}

const GENERIC: &str = "kind: generic\nmeasure: GEN\ncolumns: {study: study, yi: yi, vi: vi}\n";

fn rows(values: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut table = "study,yi,vi,x,z,g\n".to_owned();
    for (index, (yi, vi)) in values.into_iter().enumerate() {
        let group = ["p", "q", "r"][index % 3];
        let _ = writeln!(table, "S{index},{yi:e},{vi:e},{index},{},{group}", 2 * index + 1);
    }
    table
}

#[test]
fn identical_effects_have_no_heterogeneity() {
    let result = eval(GENERIC, &rows([(0.3, 0.02); 8]));
    assert_eq!(result["model"]["tau2"], 0.0);
    assert_eq!(result["model"]["qe"], 0.0);
    assert_eq!(result["model"]["beta"][0], 0.3);
}

#[test]
fn a_variance_of_zero_is_told() {
    let result = eval(GENERIC, &rows([(0.3, 0.02), (0.1, 0.0), (0.2, 0.04)]));
    assert_eq!(result["model"], Value::Null);
    assert_eq!(result["reasons"]["model"], "a study's sampling variance is zero");
}

#[test]
fn huge_and_tiny_values_give_numbers_or_reasons() {
    for scale in [1e-300, 1e-150, 1e-30, 1e30, 1e100, 1e150] {
        let values = [0.31, -0.2, 0.44, 0.05, 0.9].map(|y: f64| (y * scale, 0.04 * scale * scale));
        let result = eval(GENERIC, &rows(values));
        if let Some(beta) = result["model"]["beta"][0].as_f64() {
            assert!(beta.is_finite() && (beta / scale - 0.3).abs() < 0.3, "{scale}: {beta}");
        } else {
            assert!(result["reasons"]["model"].is_string(), "{scale}");
        }
    }
    // variances that differ by six hundred orders of magnitude
    let result = eval(GENERIC, &rows([(0.3, 1e-300), (0.1, 1e300), (0.2, 1.0), (0.5, 0.1)]));
    assert!(result["model"].is_object() || result["reasons"]["model"].is_string());
}

#[test]
fn collinear_moderators_are_told() {
    let values = (0..12).map(|i| (f64::from(i % 5) * 0.1, 0.03));
    let result = eval(&format!("{GENERIC}moderators: [x, z]\n"), &rows(values));
    assert_eq!(result["model"], Value::Null);
    assert_eq!(
        result["reasons"]["model"],
        "a moderator is a combination of the others, or does not vary"
    );
    // the pooled effect is there all the same
    assert!(result["model_without_moderators"].is_object());
}

#[test]
fn more_coefficients_than_studies_are_told() {
    let values = (0..3).map(|i| (f64::from(i) * 0.1, 0.03));
    let result = eval(&format!("{GENERIC}moderators: [x, g]\n"), &rows(values));
    assert_eq!(result["reasons"]["model"], "there are not more studies than coefficients");
}

#[test]
fn a_study_without_a_moderator_is_left_out_of_the_regression_alone() {
    let table = rows((0..12).map(|i| (f64::from(i * i % 7) * 0.1, 0.03 + f64::from(i) * 0.001)));
    let table = table.replace("S4,", "@").replacen(",4,9,", ",NA,9,", 1).replace('@', "S4,");
    assert!(table.contains(",NA,9,"), "{table}");
    let result = eval(&format!("{GENERIC}moderators: [x]\n"), &table);
    assert_eq!(result["k"], 11);
    assert_eq!(result["model_without_moderators"]["qe_df"], 11.0);
    assert_eq!(result["model"]["qe_df"], 9.0);
    assert_eq!(result["model"]["coef_names"], serde_json::json!(["intrcpt", "x"]));
}

#[test]
fn all_zero_tables_are_told_by_every_method() {
    let table = "study,a,n1,c,n2\nA,0,20,0,21\nB,0,18,0,17\nC,0,30,0,31\n";
    let columns = "columns: {study: study, events1: a, total1: n1, events2: c, total2: n2}\n";
    for method in ["REML", "EE", "MH", "PETO", "UM.FS", "CM.EL", "PM"] {
        let result = eval(
            &format!("kind: binary\nmeasure: OR\n{columns}model: {{method: {method}}}\n"),
            table,
        );
        assert_eq!(result["model"], Value::Null, "{method}");
        assert_eq!(result["reasons"]["model"], "no participant of any study had the event");
    }
}

#[test]
fn one_study_and_two_are_pooled_as_far_as_they_can_be() {
    for k in [1, 2] {
        for method in ["REML", "DL", "PM", "SJ", "EE"] {
            for test in ["z", "t", "knha", "adhoc"] {
                let values = (0..k).map(|i| (0.1 + f64::from(i), 0.2));
                let spec = format!("{GENERIC}model: {{method: {method}, test: {test}}}\n");
                let result = eval(&spec, &rows(values));
                assert_eq!(result["model"]["beta"].as_array().unwrap().len(), 1);
                assert_eq!(result["influence"], Value::Null);
            }
        }
    }
}

#[test]
fn clusters_of_one_study_and_a_single_cluster_are_told() {
    let spec = |cluster: &str, model: &str| {
        format!(
            "kind: generic\nmeasure: GEN\ncolumns: {{study: study, yi: yi, vi: vi, cluster: {cluster}}}\nmodel: {{{model}}}\n"
        )
    };
    let table = rows((0..9).map(|i| (f64::from(i % 4) * 0.2, 0.05)));
    let result = eval(&spec("study", "structure: three-level"), &table);
    assert_eq!(result["reasons"]["model"], "every cluster has one study");
    let one =
        table.replace(",p\n", ",same\n").replace(",q\n", ",same\n").replace(",r\n", ",same\n");
    for model in ["structure: three-level", "robust: CR2"] {
        let result = eval(&spec("g", model), &one);
        assert_eq!(result["reasons"]["model"], "too few clusters", "{model}");
    }
}

#[test]
fn ten_thousand_studies_are_pooled() {
    let values = (0..10_000)
        .map(|i| (0.2 + 0.3 * f64::from(i * 37 % 101) / 101.0, 0.01 + f64::from(i % 13) * 0.01));
    let sensitivity = "sensitivity: {influence: false, leave_one_out: false, cumulative: false}\n";
    let result = eval(&format!("{GENERIC}{sensitivity}"), &rows(values));
    assert_eq!(result["k"], 10_000);
    assert_eq!(result["reasons"]["influence"], "the spec does not ask for it");
    assert_eq!(result["ranktest"]["exact"], false);
}

/// The heavier a study the earlier: S0 to S199 have rows, and S249, alone in its subgroup.
#[test]
fn of_many_studies_the_heaviest_have_rows_and_the_report_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("review");
    fs::create_dir(&review).unwrap();
    fs::write(review.join("review.yaml"), "id: r\nversion: \"1\"\ntitle: R\n").unwrap();
    let spec = "id: a\ntitle: A\ndata: a.csv\nsubgroups: g\n";
    fs::write(review.join("a.yaml"), format!("{spec}{GENERIC}")).unwrap();
    let mut table = "study,yi,vi,g\n".to_owned();
    for index in 0..250 {
        let group = if index == 249 { "alone" } else { "others" };
        let (yi, vi) = (f64::from(index % 7) / 10.0, 0.01 + f64::from(index) / 1000.0);
        let _ = writeln!(table, "S{index}.,{yi},{vi},{group}");
    }
    fs::write(review.join("a.csv"), table).unwrap();
    let output = run(folder.path(), &["build", "review", "--format", "pdf,typ"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let version = folder.path().join("output/r/1");
    let report = report_source(&version);
    let told = "Of 250 studies the 200 with the largest weights";
    // below the table, the forest plot and the forest without each study
    assert_eq!(report.matches(told).count(), 3);
    let rows = |study: &str| report.matches(&format!("\"{study}.\"")).count();
    // a sentence may name a study too
    assert!(["S0", "S198", "S249"].map(rows).iter().all(|rows| *rows >= 3));
    assert_eq!([rows("S199"), rows("S248")], [0, 0]);
    let csv = fs::read_to_string(version.join("tables/studies-a.csv")).unwrap();
    assert_eq!(csv.lines().count(), 251, "the table has all");
}
