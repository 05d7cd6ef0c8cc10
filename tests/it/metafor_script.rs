//! The script that a version carries for readers gives the version's numbers in R.

use crate::support::copy_tree;
use build_report::pipeline;
use build_report::project::read_review;
use build_report::report::metafor;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_script_gives_the_same_numbers_in_r() {
    let probe = Command::new("Rscript").args(["-e", "library(metafor)"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: R with metafor is not installed");
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
    fs::write(folder.path().join("metafor.R"), metafor::script(&checked.review)).unwrap();
    let output =
        Command::new("Rscript").arg("metafor.R").current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    let results = pipeline::evaluate(checked);
    assert_eq!(printed.lines().count(), results.len());
    for (line, result) in printed.lines().zip(results) {
        let result: Value = serde_json::to_value(result).unwrap();
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
