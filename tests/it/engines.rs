//! Typst inside the program and the `typst` program give the same bytes.

use crate::support::{copy_tree, fixture, program, run, skipped, stderr, tree};
use std::process::Command;

#[test]
fn both_engines_give_the_same_bytes() {
    let version = Command::new("typst").arg("--version").output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    match version {
        Ok(version) if version.starts_with("typst 0.15.1") => {}
        Ok(version) => return skipped(&format!("the program is {version:?}, not typst 0.15.1")),
        Err(_) => return skipped("the `typst` program is not installed"),
    }
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("bad_inputs/_base"), &folder.path().join("review"));
    let build = |engine: &str, zone: &str, epoch: &str| {
        let mut command = program(folder.path());
        command.args(["review", "--engine", engine, "--format", "pdf,typ"]);
        let output = command.env("TZ", zone).env("SOURCE_DATE_EPOCH", epoch).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        tree(&folder.path().join("output/sample"))
    };
    // every figure: those that a page has whole, and those that it has not
    let figures = |engine: &str| {
        let arguments = ["figures", "--engine", engine, "--format", "pdf"];
        let output = run(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        tree(&folder.path().join("output/figures"))
    };
    copy_tree(&fixture("fixtures/figures"), &folder.path().join("figures"));
    assert!(figures("embedded") == figures("cli"));
    for epoch in ["", "1719792000"] {
        let embedded = build("embedded", "UTC", epoch);
        assert!(embedded == build("cli", "Asia/Shanghai", epoch), "with the date `{epoch}`");
        assert!(embedded == build("cli", "Pacific/Auckland", epoch), "with the date `{epoch}`");
    }
}
