//! The script that a version carries for readers gives the version's numbers in R.

use crate::support::{copy_tree, fixture, skipped};
use build_report::pipeline::{self, CheckedReview};
use build_report::project::read_review;
use build_report::report::metafor;
use build_report::report::tables::csv_files;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Whether R has these packages; told where it has not.
fn has_r(packages: &[&str]) -> bool {
    let load: String = packages.iter().map(|package| format!("library({package});")).collect();
    let probe = Command::new("Rscript").args(["-e", &load]).output();
    let is_there = probe.is_ok_and(|output| output.status.success());
    if !is_there {
        skipped(&format!("R with {} is not installed", packages.join(", ")));
    }
    is_there
}

/// What the script of a review prints, run beside its tables; its inputs, where it reads them, are
/// in `folder` already.
fn printed_by_r(checked: CheckedReview, folder: &Path) -> String {
    let findings = checked.analyse();
    fs::create_dir(folder.join("tables")).unwrap();
    for (name, text) in csv_files(&findings) {
        fs::write(folder.join("tables").join(name), text).unwrap();
    }
    fs::write(folder.join("metafor.R"), metafor::script(&findings.review)).unwrap();
    let output = Command::new("Rscript").arg("metafor.R").current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_script_gives_the_same_numbers_in_r() {
    if !has_r(&["metafor"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("inputs");
    copy_tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("analyses/iv-msc-safety"), &review);
    for (id, model) in
        [("serious", "method: MH"), ("death", "method: PETO"), ("renal", "test: knha")]
    {
        let spec = review.join(format!("{id}.yaml"));
        let text = fs::read_to_string(&spec).unwrap();
        fs::write(&spec, format!("{text}model: {{{model}}}\n")).unwrap();
    }
    let inputs = read_review(&review).unwrap();
    let checked = pipeline::check(&inputs).unwrap();
    let printed = printed_by_r(checked.clone(), folder.path());
    let results = pipeline::evaluate(checked);
    let results = results.into_iter().map(|result| serde_json::to_value(result).unwrap());
    // tables that pool nothing have no model and no line
    let pooled: Vec<Value> = results.filter(|result| !result["model"].is_null()).collect();
    assert_eq!(printed.lines().count(), pooled.len());
    for (line, result) in printed.lines().zip(pooled) {
        let mut words = line.split_whitespace();
        assert_eq!(words.next().unwrap(), result["id"]);
        let model = &result["model"];
        let ours = [&model["beta"][0], &model["se"][0], &model["pval"][0], &model["qe"]];
        for (theirs, ours) in words.zip(ours) {
            let (theirs, ours): (f64, f64) = (theirs.parse().unwrap(), ours.as_f64().unwrap());
            assert!((theirs - ours).abs() <= 1e-6 * ours.abs(), "{line}: {ours}");
        }
    }
}

/// Methods that pool counts take them from the table of the studies, where control groups are divided.
#[test]
fn divided_control_groups_give_the_same_numbers_in_r() {
    if !has_r(&["metafor"]) {
        return;
    }
    let review = Path::new(env!("CARGO_MANIFEST_DIR")).join("analyses/autoimmune-efficacy");
    let checked = pipeline::check(&read_review(&review).unwrap()).unwrap();
    let checked = checked.only(&["fistula-early".to_owned()]).unwrap();
    expect_first_estimate(checked, "rma.mh(measure = \"RR\", ai = dat$events1");
}

/// So do they with events in person-time, where R would not read the table of the review alike.
#[test]
fn counts_of_a_table_that_is_not_plain_give_the_same_numbers_in_r() {
    if !has_r(&["metafor"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("fixtures/kinds"), folder.path());
    let table = folder.path().join("data/hart1999.csv");
    let text = fs::read_to_string(&table).unwrap();
    fs::write(&table, text.replace(',', ";")).unwrap();
    let checked = pipeline::check(&read_review(folder.path()).unwrap()).unwrap();
    let checked = checked.only(&["irr-mh".to_owned()]).unwrap();
    expect_first_estimate(checked, "rma.mh(measure = \"IRR\", x1i = dat$events1");
}

/// The estimate of a review of one analysis is that of its script, which has this call.
fn expect_first_estimate(checked: CheckedReview, call: &str) {
    let folder = tempfile::tempdir().unwrap();
    let printed = printed_by_r(checked.clone(), folder.path());
    let script = fs::read_to_string(folder.path().join("metafor.R")).unwrap();
    assert!(script.contains(call), "{script}");
    let result = serde_json::to_value(pipeline::evaluate(checked).remove(0)).unwrap();
    let theirs: f64 = printed.split_whitespace().nth(1).unwrap().parse().unwrap();
    let ours = result["model"]["beta"][0].as_f64().unwrap();
    assert!((theirs - ours).abs() <= 1e-10, "{theirs} {ours}");
}

/// Kinds other than counts, through whatever columns or tables their script reads.
#[test]
fn the_script_runs_on_every_kind() {
    if !has_r(&["metafor", "survival", "clubSandwich"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("inputs");
    copy_tree(&fixture("fixtures/kinds"), &review);
    for slow in ["mixed-model.yaml", "conditional.yaml"] {
        fs::remove_file(review.join(slow)).unwrap();
    }
    let inputs = read_review(&review).unwrap();
    let checked = pipeline::check(&inputs).unwrap();
    let printed = printed_by_r(checked.clone(), folder.path());
    let mut compared = 0;
    for result in pipeline::evaluate(checked) {
        let result: Value = serde_json::to_value(result).unwrap();
        let id = result["id"].as_str().unwrap();
        let line = printed.lines().find(|line| line.split_whitespace().next() == Some(id));
        let line = line.unwrap_or_else(|| panic!("the script prints nothing on `{id}`"));
        if id == "survival" {
            continue;
        }
        let theirs: Vec<f64> =
            line.split_whitespace().skip(1).map(|word| word.parse().unwrap()).collect();
        let beta = result["model"]["beta"].as_array().unwrap();
        for (theirs, ours) in theirs.iter().zip(beta) {
            let ours = ours.as_f64().unwrap();
            assert!((theirs - ours).abs() <= 1e-6 * ours.abs().max(0.01), "{line}: {ours}");
            compared += 1;
        }
    }
    assert!(compared >= 20, "{compared}");
}

/// Products of counts leave R's whole numbers at 2^31, and differences of rare risks its usual
/// tolerances.
#[test]
fn large_trials_of_rare_events_give_the_same_numbers_in_r() {
    let probe = Command::new("Rscript").args(["-e", "library(metafor)"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        return skipped("R with metafor is not installed");
    }
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("inputs");
    fs::create_dir(&review).unwrap();
    let rows = ["A,41,900000,22,880000", "B,65,700000,61,720000", "C,12,450000,31,430000"];
    let table = format!("study,e1,n1,e2,n2\n{}\n", rows.join("\n"));
    fs::write(review.join("data.csv"), table).unwrap();
    fs::write(review.join("review.yaml"), "id: r\nversion: \"1\"\ntitle: R\n").unwrap();
    let columns = "{study: study, events1: e1, total1: n1, events2: e2, total2: n2}";
    for method in ["MH", "REML"] {
        let text = format!(
            "id: {method}\ntitle: A\nkind: binary\nmeasure: RD\ndata: data.csv\ncolumns: {columns}\nmodel: {{method: {method}}}\n"
        );
        fs::write(review.join(format!("{method}.yaml")), text).unwrap();
    }
    let checked = pipeline::check(&read_review(&review).unwrap()).unwrap();
    fs::write(folder.path().join("metafor.R"), metafor::script(&checked.review)).unwrap();
    let output =
        Command::new("Rscript").arg("metafor.R").current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    let results = pipeline::evaluate(checked);
    assert_eq!(printed.lines().count(), 2);
    for (line, result) in printed.lines().zip(results) {
        let model = &serde_json::to_value(result).unwrap()["model"];
        let ours = [&model["beta"][0], &model["se"][0], &model["pval"][0], &model["qe"]];
        for (theirs, ours) in line.split_whitespace().skip(1).zip(ours) {
            let (theirs, ours): (f64, f64) = (theirs.parse().unwrap(), ours.as_f64().unwrap());
            assert!((theirs - ours).abs() <= 1e-6 * ours.abs(), "{line}: {ours}");
        }
    }
}
