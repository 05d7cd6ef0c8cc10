//! The review `tests/fixtures/figures`: every figure through specs, templates and files.

use crate::support::{copy_tree, fixture, run, stderr};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The figures in the order of their pages, without those of the review as a whole.
const OF_ANALYSES: [&str; 31] = [
    "overview-rr",
    "overview-hr",
    "forest-bcg",
    "funnel-bcg",
    "baujat-bcg",
    "labbe-bcg",
    "radial-bcg",
    "influence-bcg",
    "leave-one-out-bcg",
    "cumulative-bcg",
    "forest-regression",
    "bubble-regression",
    "bubble2-regression",
    "forest-catheters",
    "funnel-catheters",
    "labbe-catheters",
    "leave-one-out-catheters",
    "forest-stay",
    "radial-stay",
    "forest-adherence",
    "funnel-adherence",
    "leave-one-out-adherence",
    "forest-strokes",
    "funnel-strokes",
    "cumulative-strokes",
    "forest-calendars",
    "funnel-calendars",
    "forest-few",
    "funnel-few",
    "survival-remission",
    "forest-none",
];

#[test]
fn a_review_is_built_with_every_figure() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("fixtures/figures"), &folder.path().join("review"));
    let output = run(folder.path(), &["review", "--format", "pdf,typ"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let version = folder.path().join("output/figures/1");
    let mut names: Vec<String> = OF_ANALYSES.iter().map(|name| format!("{name}.svg")).collect();
    names.sort();
    assert_eq!(files(&version.join("figures")), names);
    // the page that a file holds is the figure of its name
    let pages = fs::read_to_string(version.join("typst/figures.typ")).unwrap();
    let drawn = pages.lines().filter_map(|line| line.strip_prefix('#')?.split_once('('));
    let drawn: Vec<&str> =
        drawn.map(|(function, _)| function).filter(|name| name.contains('-')).collect();
    let expected: Vec<&str> = OF_ANALYSES.iter().map(|name| function_of(name)).collect();
    assert_eq!(drawn, expected);
    let Some(text) = text_of(&version.join("report.pdf")) else { return };
    for expected in [
        "Trim and fill adds 1 study (rings)",
        "L'Abbé et al. 1987",
        "the other moderators at their mean",
        "without each study in turn. It runs from",
        "as studies were added, in the order of their years",
        "Not drawn: Baujat's plot (the diagnostics rest on inverse-variance pooling).",
        "radial plot (a three-level model has two variances in the place of one τ²)",
        "Not drawn: Baujat's plot (fewer than three studies have an estimate)",
        "Number at risk",
        "抗菌导管 #read(\"x\")",
        "*Standard* catheter",
    ] {
        assert!(squeeze(&text).contains(&squeeze(expected)), "`{expected}` is not in the report");
    }
}

/// The Typst function that draws the figure of a name.
fn function_of(name: &str) -> &'static str {
    match name.split('-').next().unwrap_or_default() {
        "overview" => "overview-forest",
        "forest" => "study-forest",
        "funnel" => "funnel-plot",
        "baujat" => "baujat-plot",
        "labbe" => "labbe-plot",
        "radial" => "radial-plot",
        "bubble" | "bubble2" => "bubble-plot",
        "influence" => "influence-panel",
        "survival" => "survival-curves",
        _ => "sequential-forest",
    }
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn squeeze(text: &str) -> String {
    // lines are broken at hyphens too
    text.split_whitespace().collect::<String>().replace('\u{2019}', "'")
}

/// The text of a PDF; the reader is not part of the project.
fn text_of(path: &Path) -> Option<String> {
    let output = Command::new("pdftotext").arg("-raw").arg(path).arg("-").output().ok()?;
    String::from_utf8(output.stdout).ok()
}
