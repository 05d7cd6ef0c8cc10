//! The review of an update: laws of the comparison, its forms, its gates.

use crate::support::{copy_tree, fixture, run, stderr, stdout};
use build_report::pipeline::side;
use build_report::project::Inputs;
use build_report::versions::Maker;
use build_report::versions::review::{
    Attribution, Changes, Flip, Gate, Side, StudyAction, Tolerance, compare,
};
use proptest::prelude::*;
use serde_json::Value;
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
    let is_hash = |word: &str| word.len() == 12 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let between = |c: char| !c.is_ascii_alphanumeric();
    let hashes = text.split(between).filter(|word| is_hash(word));
    hashes.fold(text.to_owned(), |text, hash| text.replace(hash, "[hash]"))
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
fn an_update_is_told_in_each_language() {
    let folder = two_versions();
    let told = |language, format| {
        let arguments = ["diff", "1", "2", "--language", language];
        let output = run(folder.path(), &[&arguments[..], &["--format", format]].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        output.stdout
    };
    for language in ["zh-Hans", "zh-Hant"] {
        let text = String::from_utf8(told(language, "text")).unwrap();
        insta::assert_snapshot!(format!("text-{language}"), without_hashes(&text));
        let living = String::from_utf8(told(language, "living")).unwrap();
        insta::assert_snapshot!(format!("living-{language}"), living);
        assert!(told(language, "pdf").starts_with(b"%PDF-"));
    }
    let english = String::from_utf8(told("en", "text")).unwrap();
    assert_eq!(english, form(folder.path(), "text"));
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
    let object: Value = serde_json::from_str(&form(folder.path(), "json")).unwrap();
    assert_eq!(object["schema_version"], 1);
    assert_eq!(object["summary"]["analyses"], 2);
    // the estimate of pain crosses the null; its interval holds the null before and after
    let summary = &object["summary"];
    assert_eq!((&summary["conclusions"], &summary["flips"]), (&0.into(), &1.into()));
    assert_eq!(summary["added"], 1);
    let pain = object["analyses"].as_array().unwrap().iter().find(|a| a["id"] == "pain").unwrap();
    let steps = pain["attribution"].as_array().unwrap();
    let total: f64 = steps.iter().map(|step| step["shift"].as_f64().unwrap()).sum();
    assert!((total - pain["movement"]["shift"].as_f64().unwrap()).abs() < 1e-12);
    let keys: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        ["schema_version", "old", "new", "summary", "analyses", "spec", "tables", "program"]
    );
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

/// Whether a value is what a schema of the small part of JSON Schema that ours uses allows.
fn expect_valid(value: &Value, schema: &Value, root: &Value, path: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.strip_prefix("#/definitions/").unwrap();
        return expect_valid(value, &root["definitions"][name], root, path);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let types = match &schema["type"] {
        Value::Array(types) => types.clone(),
        one => vec![one.clone()],
    };
    let fits = |name: &Value| name == kind || (name == "number" && kind == "integer");
    assert!(types.iter().any(fits), "{path} is {kind}, not {types:?}");
    if let Some(known) = schema["enum"].as_array() {
        assert!(known.contains(value), "{path} is {value}");
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        expect_valid(item, &schema["items"], root, &format!("{path}[{index}]"));
    }
    let Some(entries) = value.as_object() else { return };
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(entries.contains_key(name.as_str().unwrap()), "{path} lacks {name}");
    }
    let Some(properties) = schema["properties"].as_object() else { return };
    for (name, value) in entries {
        let schema = properties.get(name).unwrap_or_else(|| panic!("{path} has {name}"));
        expect_valid(value, schema, root, &format!("{path}.{name}"));
    }
}

#[test]
fn the_schema_tells_the_truth_about_the_data_form() {
    let folder = two_versions();
    let schema = stdout(&run(folder.path(), &["diff", "--schema"]));
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let object: Value = serde_json::from_str(&form(folder.path(), "json")).unwrap();
    expect_valid(&object, &schema, &schema, "changes");
    let mut wrong = object.clone();
    wrong["analyses"][0]["status"] = "other".into();
    let judged = std::panic::catch_unwind(|| expect_valid(&wrong, &schema, &schema, "changes"));
    assert!(judged.is_err());
}

/// The only change is one key: its own effect is all of the shift.
#[test]
fn one_key_explains_all_of_the_shift() {
    let scattered = {
        let mut rows = base();
        rows[0].1 = [40, 100, 10, 100];
        rows
    };
    for (old, new) in [(0, 1), (1, 0), (0, 2), (3, 1)] {
        let changes = compare(&version(&scattered, SPECS[old]), &version(&scattered, SPECS[new]));
        let change = &changes.analyses[0];
        let shift = change.movement.unwrap().shift;
        assert!(shift != 0.0);
        if changes.spec.len() == 1 {
            let [(index, effect)] = change.spec_effects[..] else { panic!("{change:?}") };
            assert_eq!(index, 0);
            assert!((effect - shift).abs() < 1e-12, "{old} {new}");
        }
    }
}

#[test]
fn a_minimal_important_difference_is_a_threshold() {
    let spec = "id: a\ntitle: A\nupdates: {important: [0.75], se: 9}\n";
    let rows = |events: u32| vec![study("A", [events, 1000, 100, 1000])];
    // OR 0.89 to OR 0.78, both not significant: only the first interval lies above 0.75
    let wide = version(&rows(90), spec);
    let changes = compare(&wide, &version(&rows(105), spec));
    assert_eq!(flips(&changes), [Flip::Direction, Flip::Threshold]);
    assert!(changes.trips(Gate::Certainty, |_| Tolerance::default()));
    assert_eq!(flips(&compare(&wide, &version(&rows(91), spec))), []);
}

#[test]
fn tables_that_are_no_study_s_are_told_row_by_row() {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("review");
    copy_tree(&fixture("fixtures/tables"), &review);
    fs::create_dir(folder.path().join("before")).unwrap();
    copy_tree(&review, &folder.path().join("before"));
    let at = |arguments: &[&str]| {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    };
    assert_eq!(at(&["diff", "before", "review", "--format", "markdown"]), "");
    edit(&review.join("data/characteristics.csv"), "52 (40/12)", "53 (41/12)");
    edit(
        &review.join("data/trial.csv"),
        "2025,Complete response at day 28,0,22",
        "2025,Complete response at day 28,1,22",
    );
    edit(
        &review.join("review.yaml"),
        "certainty: moderate\n    reasons:\n      - {domain: risk of bias, rating: serious, reason: Five of twelve trials were open.}",
        "certainty: high",
    );
    let text = at(&["diff", "before", "review"]);
    assert!(text.lines().count() <= 24, "{text}");
    insta::assert_snapshot!("rows_and_certainty", text);
    let object: Value =
        serde_json::from_str(&at(&["diff", "before", "review", "--format", "json"])).unwrap();
    let ids: Vec<_> = object["analyses"].as_array().unwrap().iter().map(|a| &a["id"]).collect();
    assert_eq!(ids, ["odds", "trial"]);
    assert_eq!(object["analyses"][0]["flips"], serde_json::json!(["certainty"]));
    let page = at(&["diff", "before", "review", "--format", "html"]);
    assert!(page.contains("described, not pooled"));
    let pdf = run(folder.path(), &["diff", "before", "review", "--format", "pdf"]);
    assert!(pdf.stdout.starts_with(b"%PDF-"), "{}", stderr(&pdf));
    let code = |gate| run(folder.path(), &["diff", "before", "review", "--fail-on", gate]).status;
    assert_eq!(code("certainty").code(), Some(1));
    assert_eq!(code("significance").code(), Some(0));
}

#[test]
fn paragraphs_for_a_living_review_are_drafted() {
    let folder = two_versions();
    let text = form(folder.path(), "living");
    assert!(text.contains("Delta &lt;b&gt;2004"), "{text}");
    insta::assert_snapshot!("living", text);
}

/// What the program says when it is answered so.
fn answered(folder: &Path, arguments: &[&str], answers: &str) -> (i32, String) {
    use std::io::Write;
    let mut command = crate::support::program(folder);
    let mut child = command
        .args(arguments)
        .env("SOURCE_DATE_EPOCH", "86400")
        .env("USER", "ada")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), format!("{}{}", stdout(&output), stderr(&output)))
}

#[test]
fn a_person_walks_through_the_changes() {
    let folder = two_versions();
    let diff = |more: &[&str], answers: &str| {
        answered(folder.path(), &[&["diff", "1", "2"], more].concat(), answers)
    };
    let (code, told) = diff(&["--check"], "");
    assert_eq!(code, 1);
    insta::assert_snapshot!("undecided", told);
    // a wrong key is asked for again, a note is kept, and the end of the answers is no decision
    let (code, told) = diff(&["--review"], "x\na\nn\nsee page 7\nr\ns\n");
    assert_eq!(code, 0, "{told}");
    insta::assert_snapshot!("walk", told);
    let kept = folder.path().join("output/sample/2.decisions.json");
    let decisions: Value = serde_json::from_slice(&fs::read(&kept).unwrap()).unwrap();
    let second = &decisions["decisions"][1];
    assert_eq!(
        (&second["decision"], &second["note"], &second["by"], &second["date"]),
        (&"reject".into(), &"see page 7".into(), &"ada".into(), &"1970-01-02".into())
    );
    let (code, told) = diff(&["--check"], "");
    assert!(code == 1 && told.contains("see page 7"), "{told}");
    let (code, told) = diff(&["--accept", "all", "--check", "--by", "Grace"], "");
    assert_eq!((code, told.as_str()), (0, ""));
    assert!(form(folder.path(), "markdown").contains("accepted by Grace"));
    // a name that nothing has, and a version that is not kept
    let (code, told) = diff(&["--accept", "analysis/pian"], "");
    assert!(code == 2 && told.contains("analysis/pain"), "{told}");
    let (code, told) = answered(folder.path(), &["diff", "1", "review", "--check"], "");
    assert!(code == 2 && told.contains("build the review"), "{told}");

    // a decision is void when the change is another
    let data = folder.path().join("review/data.csv");
    edit(&data, "Beta 2002,pain,9,18", "Beta 2002,pain,8,18");
    assert!(run(folder.path(), &["review"]).status.success());
    let (code, told) = diff(&["--check"], "");
    assert_eq!(code, 1);
    assert!(told.contains("analysis/pain") && !told.contains("analysis/fever"), "{told}");
}
