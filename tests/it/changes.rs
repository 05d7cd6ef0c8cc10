//! The review of an update: laws of the comparison, its forms, its gates.

use crate::support::{copy_tree, fixture, run, stderr, stdout};
use build_report::pipeline::side;
use build_report::project::Inputs;
use build_report::versions::Maker;
use build_report::versions::review::{
    Attribution, Changes, Flip, Gate, Side, StudyAction, Tolerance, compare,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const REVIEW: &str = "id: r\nversion: \"1\"\ntitle: A review\ndefaults: {kind: binary, measure: OR, data: d.csv, columns: {study: study, events1: e1, total1: n1, events2: e2, total2: n2}}\n";

/// A study: label, events and participants of both groups.
type Row = (String, [u32; 4]);

fn version(rows: &[Row], spec: &str) -> Side {
    let mut table = "study,e1,n1,e2,n2\n".to_owned();
    for (label, [e1, n1, e2, n2]) in rows {
        table.push_str(&format!("{label},{e1},{n1},{e2},{n2}\n"));
    }
    let files = [("review.yaml", REVIEW), ("a.yaml", spec), ("d.csv", &table)];
    let files: BTreeMap<String, Vec<u8>> =
        files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into();
    side(Inputs::from_files(PathBuf::new(), files), None, Maker::default()).unwrap()
}

const SPECS: [&str; 4] = [
    "id: a\ntitle: A\n",
    "id: a\ntitle: A\nmodel: {method: DL}\n",
    "id: a\ntitle: A\nmeasure: RR\n",
    "id: a\ntitle: A\nmodel: {method: MH}\n",
];

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let counts = (0u32..30, 30u32..200, 0u32..30, 30u32..200);
    let row = (0usize..12, counts).prop_map(|(label, (e1, n1, e2, n2))| (label, [e1, n1, e2, n2]));
    prop::collection::vec(row, 1..9).prop_map(|rows| {
        let unique: BTreeMap<usize, [u32; 4]> = rows.into_iter().collect();
        unique.into_iter().map(|(label, counts)| (format!("Study {label}"), counts)).collect()
    })
}

fn sum(attribution: &Attribution) -> f64 {
    attribution.steps.iter().map(|step| step.shift).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_version_does_not_differ_from_itself(rows in rows(), spec in 0usize..4) {
        let version = version(&rows, SPECS[spec]);
        let changes = compare(&version, &version);
        prop_assert!(changes.is_empty());
        prop_assert!(!changes.trips(Gate::Any, |_| Tolerance::default()));
    }

    #[test]
    fn forth_mirrors_back(
        (before, now) in (rows(), rows()), (old, new) in (0usize..4, 0usize..4),
    ) {
        let (a, b) = (version(&before, SPECS[old]), version(&now, SPECS[new]));
        let (forth, back) = (compare(&a, &b), compare(&b, &a));
        for (forth, back) in forth.analyses.iter().zip(&back.analyses) {
            let seen = (back.old.as_ref(), back.new.as_ref(), back.flips.as_slice());
            let (old, new, flips, shift) = forth.mirrored();
            prop_assert_eq!((old, new, flips), seen);
            prop_assert_eq!(shift, back.movement.map(|movement| movement.shift));
            let of = |changes: &build_report::versions::review::AnalysisChange, added: bool| {
                let keys = changes.studies.iter().filter(|study| match &study.action {
                    StudyAction::Added => added,
                    StudyAction::Removed => !added,
                    _ => false,
                });
                let mut keys: Vec<String> = keys.map(|study| study.key.clone()).collect();
                keys.sort();
                keys
            };
            prop_assert_eq!(of(forth, true), of(back, false));
            prop_assert_eq!(of(forth, false), of(back, true));
        }
        prop_assert_eq!(forth.spec.len(), back.spec.len());
    }

    #[test]
    fn the_steps_sum_to_the_whole(
        (before, now) in (rows(), rows()), (old, new) in (0usize..4, 0usize..4),
    ) {
        let changes = compare(&version(&before, SPECS[old]), &version(&now, SPECS[new]));
        for change in &changes.analyses {
            if let (Some(movement), Some(attribution)) = (change.movement, &change.attribution) {
                prop_assert!((sum(attribution) - movement.shift).abs() < 1e-12);
            }
        }
    }
}

fn study(label: &str, counts: [u32; 4]) -> Row {
    (label.to_owned(), counts)
}

fn base() -> Vec<Row> {
    vec![
        study("A", [10, 100, 14, 100]),
        study("B", [8, 120, 12, 118]),
        study("C", [20, 200, 22, 205]),
    ]
}

fn flips(changes: &Changes) -> &[Flip] {
    &changes.analyses[0].flips
}

#[test]
fn one_change_explains_all_of_the_shift() {
    let mut edited = base();
    edited[1].1[0] = 2;
    let changes = compare(&version(&base(), SPECS[0]), &version(&edited, SPECS[0]));
    let change = &changes.analyses[0];
    let shift = change.movement.unwrap().shift;
    assert!((change.studies[0].effect.unwrap() - shift).abs() < 1e-12);
    let StudyAction::Edited(cells) = &change.studies[0].action else { panic!("{change:?}") };
    let cell = &cells[0];
    assert_eq!(
        (cell.column.as_str(), cell.old.as_deref(), cell.new.as_deref()),
        ("e1", Some("8"), Some("2"))
    );
}

#[test]
fn every_flip_is_found() {
    let strong =
        |k: u32| (0..k).map(|n| study(&format!("S{n}"), [30, 100, 60, 100])).collect::<Vec<_>>();
    let changes = compare(&version(&base(), SPECS[0]), &version(&strong(4), SPECS[0]));
    assert_eq!(flips(&changes), [Flip::Significance, Flip::PredictionInterval]);
    assert!(changes.trips(Gate::Significance, |_| Tolerance::default()));
    assert!(!changes.trips(Gate::Direction, |_| Tolerance::default()));

    let other_side: Vec<Row> =
        base().into_iter().map(|(label, [a, b, c, d])| (label, [c, d, a, b])).collect();
    let changes = compare(&version(&base(), SPECS[0]), &version(&other_side, SPECS[0]));
    assert_eq!(flips(&changes), [Flip::Direction]);
    assert!(changes.trips(Gate::Direction, |_| Tolerance::default()));

    let none = vec![study("A", [0, 100, 0, 100]), study("B", [0, 80, 0, 80])];
    let none = version(&none, "id: a\ntitle: A\ndrop00: true\n");
    let changes = compare(&version(&base(), SPECS[0]), &none);
    assert_eq!(flips(&changes), [Flip::Estimability]);

    let mut scattered = base();
    scattered[0].1 = [60, 100, 10, 100];
    let changes = compare(&version(&base(), SPECS[0]), &version(&scattered, SPECS[0]));
    assert!(flips(&changes).contains(&Flip::Heterogeneity));

    let changes = compare(&version(&base(), SPECS[0]), &version(&base(), SPECS[3]));
    assert_eq!(flips(&changes), [Flip::Model]);
    assert!(!changes.trips(Gate::Heterogeneity, |_| Tolerance::default()));
}

#[test]
fn studies_are_matched_by_their_key() {
    let mut now = base();
    now.rotate_left(1);
    let changes = compare(&version(&base(), SPECS[0]), &version(&now, SPECS[0]));
    assert!(changes.analyses[0].studies.is_empty());
    now[0].0 = "B renamed".to_owned();
    let changes = compare(&version(&base(), SPECS[0]), &version(&now, SPECS[0]));
    let [study] = changes.analyses[0].studies.as_slice() else { panic!("{changes:?}") };
    assert_eq!(study.action, StudyAction::Renamed { from: "B".to_owned() });
}

/// A review in two versions, the first released.
fn two_versions() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("review");
    copy_tree(&fixture("bad_inputs/_base"), &review);
    assert!(run(folder.path(), &["review"]).status.success());
    edit(&review.join("review.yaml"), "version: \"1\"", "version: \"2\"\n\n# a comment");
    edit(&review.join("review.yaml"), "measure: OR", "measure: OR\n  model: {method: DL}");
    edit(&review.join("data.csv"), "Beta 2002,pain,1,18,4,17", "Beta 2002,pain,9,18,2,17");
    edit(&review.join("data.csv"), "Gamma 2003,pain,7", "Delta <b>2004</b>,pain,9");
    fs::write(review.join("fever.yaml"), "id: fever\ntitle: Fever\nfilter: {outcome: fever}\n")
        .unwrap();
    let output = run(folder.path(), &["review"]);
    assert!(output.status.success(), "{}", stderr(&output));
    folder
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(file, text.replace(from, to)).unwrap();
}

fn form(folder: &Path, form: &str) -> String {
    let output = run(folder, &["diff", "1", "2", "--format", form]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output)
}

/// The text with the beginnings of hashes taken out.
fn without_hashes(text: &str) -> String {
    let is_hash = |word: &str| {
        let word = word.trim_matches(['(', ')', ',']);
        word.len() == 12 && word.bytes().all(|b| b.is_ascii_hexdigit())
    };
    let line = |line: &str| {
        let words: Vec<&str> =
            line.split(' ').map(|word| if is_hash(word) { "[hash]" } else { word }).collect();
        words.join(" ")
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_terminal_shows_conclusions_first() {
    let folder = two_versions();
    let text = form(folder.path(), "text");
    assert!(text.lines().count() <= 24, "{text}");
    insta::assert_snapshot!("text", without_hashes(&text));
    assert_eq!(stdout(&run(folder.path(), &["diff", "2", "2"])), "");
    assert_eq!(stdout(&run(folder.path(), &["diff", "output/sample/2", "review"])), "");
    assert_eq!(form(folder.path(), "text"), text);
}

#[test]
fn a_comment_is_marked_folded_and_escaped() {
    let folder = two_versions();
    let comment = form(folder.path(), "markdown");
    assert!(comment.starts_with("<!-- build-report-diff -->\n"));
    assert!(!comment.contains("<b>") && comment.contains("Delta &lt;b&gt;2004"), "{comment}");
    insta::assert_snapshot!("markdown", comment);
}

#[test]
fn a_page_stands_alone_and_is_escaped() {
    let folder = two_versions();
    let page = form(folder.path(), "html");
    assert!(!page.contains("<b>2004") && page.contains("Delta &lt;b&gt;2004"), "{page}");
    for outside in ["http:", "https:", "src=", "url(", "@import"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(page.matches("<article").count(), 2);
    assert!(page.contains("<polygon") && page.contains("<del>1</del> <ins>9</ins>"), "{page}");
    assert!(page.contains("@media print") && page.contains("keydown"));
}

#[test]
fn a_change_report_is_a_pdf() {
    let folder = two_versions();
    let output = run(folder.path(), &["diff", "1", "2", "--format", "pdf"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(output.stdout.starts_with(b"%PDF-"));
}

#[test]
fn the_data_form_has_its_schema() {
    let folder = two_versions();
    let object: serde_json::Value = serde_json::from_str(&form(folder.path(), "json")).unwrap();
    assert_eq!(object["schema_version"], 1);
    assert_eq!(object["summary"]["analyses"], 2);
    assert_eq!(
        (&object["summary"]["conclusions"], &object["summary"]["added"]),
        (&1.into(), &1.into())
    );
    let pain = object["analyses"].as_array().unwrap().iter().find(|a| a["id"] == "pain").unwrap();
    let steps = pain["attribution"].as_array().unwrap();
    let total: f64 = steps.iter().map(|step| step["shift"].as_f64().unwrap()).sum();
    assert!((total - pain["movement"]["shift"].as_f64().unwrap()).abs() < 1e-12);
    let keys: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["schema_version", "old", "new", "summary", "analyses", "spec", "program"]);
}

#[test]
fn gates_set_the_exit_code() {
    let folder = two_versions();
    let code = |gate: &str| {
        run(folder.path(), &["diff", "1", "2", "--fail-on", gate]).status.code().unwrap()
    };
    assert_eq!(code("none"), 0);
    assert_eq!(code("any"), 1);
    assert_eq!(code("moved"), 1);
    assert_eq!(run(folder.path(), &["diff", "2", "2", "--fail-on", "any"]).status.code(), Some(0));
    let output = run(folder.path(), &["diff", "1", "9"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("`9` is no version"), "{}", stderr(&output));
}

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
    let output = std::process::Command::new("git")
        .current_dir(folder)
        .args(identity)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
}

#[test]
fn revisions_of_git_are_compared_without_touching_the_work_tree() {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("reviews/sample");
    copy_tree(&fixture("bad_inputs/_base"), &review);
    git(folder.path(), &["init", "--quiet"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "--quiet", "-m", "first"]);
    git(folder.path(), &["tag", "first"]);
    edit(&review.join("data.csv"), "Beta 2002,pain,1,18,4,17", "Beta 2002,pain,9,18,2,17");
    git(folder.path(), &["commit", "--quiet", "-am", "second"]);
    edit(&review.join("review.yaml"), "measure: OR", "measure: RR");

    let at = |folder: &Path, arguments: &[&str], code: i32| {
        let output = run(folder, arguments);
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        format!("{}{}", stdout(&output), stderr(&output))
    };
    // revisions before the work tree, and each other, from the review's folder and from above it
    let data = at(&review, &["diff", "first", "HEAD"], 0);
    assert!(data.contains("e1: 1 → 9") && !data.contains("OR → RR"), "{data}");
    let spec = at(&review, &["diff", "HEAD"], 0);
    assert!(!spec.contains("e1: 1 → 9") && spec.contains("OR → RR"), "{spec}");
    let both = at(folder.path(), &["diff", "first"], 0);
    assert!(both.contains("e1: 1 → 9") && both.contains("OR → RR"), "{both}");
    assert_eq!(at(folder.path(), &["diff", "HEAD", "HEAD", "--in", "reviews/sample"], 0), "");
    let status = std::process::Command::new("git")
        .current_dir(folder.path())
        .args(["status", "--porcelain"])
        .output()
        .unwrap();
    assert_eq!(stdout(&status), " M reviews/sample/review.yaml\n");

    let unknown = at(folder.path(), &["diff", "no-such"], 2);
    assert!(unknown.contains("`no-such` is no version"), "{unknown}");
    let mut without_git = crate::support::program(folder.path());
    let output = without_git.args(["diff", "first"]).env("PATH", "").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("git cannot be run"), "{}", stderr(&output));
}
