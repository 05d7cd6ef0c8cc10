//! The program as a user runs it: exit codes, streams, the output folder.

use crate::support::{copy_tree, fixture, program, report_source, run, stderr, stdout, tree};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A folder with one small review in it.
fn sample() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("bad_inputs/_base"), &folder.path().join("review"));
    folder
}

fn files(folder: &Path) -> Vec<String> {
    tree(folder).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn a_build_writes_a_version_and_prints_its_folder() {
    let folder = sample();
    let output = run(folder.path(), &["review"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output), "output/sample/1\n");
    assert_eq!(
        files(&folder.path().join("output/sample/1")),
        [
            "figures/forest-pain.svg",
            "figures/funnel-pain.svg",
            "figures/leave-one-out-pain.svg",
            "findings.json",
            "inputs/data.csv",
            "inputs/pain.yaml",
            "inputs/review.yaml",
            "manifest.json",
            "metafor.R",
            "report.pdf",
            "results.json",
            "tables/results.csv",
            "tables/studies-pain.csv",
        ]
    );
    let pdf = fs::read(folder.path().join("output/sample/1/report.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
}

#[test]
fn the_manifest_names_every_file_by_its_hash() {
    let folder = sample();
    run(folder.path(), &["review"]);
    let version = folder.path().join("output/sample/1");
    let manifest: Value =
        serde_json::from_slice(&fs::read(version.join("manifest.json")).unwrap()).unwrap();
    let mut named: Vec<String> = Vec::new();
    for (part, prefix) in [("outputs", ""), ("inputs", "inputs/")] {
        for (name, hash) in manifest[part].as_object().unwrap() {
            let bytes = fs::read(version.join(format!("{prefix}{name}"))).unwrap();
            assert_eq!(hash.as_str().unwrap(), build_report::versions::sha256(&bytes), "{name}");
            named.push(format!("{prefix}{name}"));
        }
    }
    named.push("manifest.json".to_owned());
    named.sort();
    assert_eq!(named, files(&version));
    assert!(!manifest["fonts"].as_object().unwrap().is_empty());
    assert!(!manifest["templates"].as_object().unwrap().is_empty());
}

#[test]
fn the_same_inputs_give_the_same_bytes_anywhere() {
    let folder = sample();
    let build = |out: &str, variables: &[(&str, &str)]| {
        let mut command = program(folder.path());
        command.args(["build", "review", "--out", out]).envs(variables.iter().copied());
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        tree(&folder.path().join(out).join("sample"))
    };
    let first = build("a", &[]);
    assert_eq!(first, build("b", &[]));
    let elsewhere = [("TZ", "Asia/Shanghai"), ("LC_ALL", "zh_CN.UTF-8"), ("LANG", "de_DE.UTF-8")];
    assert_eq!(first, build("c", &elsewhere));
    // the moved folder is the same review
    fs::rename(folder.path().join("review"), folder.path().join("moved")).unwrap();
    let output = run(folder.path(), &["moved", "--out", "d"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(first, tree(&folder.path().join("d/sample")));
}

#[test]
fn source_date_epoch_alone_sets_a_date() {
    let folder = sample();
    let manifest = |epoch: &str| {
        let mut command = program(folder.path());
        let output = command.args(["review"]).env("SOURCE_DATE_EPOCH", epoch).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let path = folder.path().join("output/sample/1/manifest.json");
        serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap()
    };
    let dated = manifest("1719792000");
    assert_eq!(dated["source_date_epoch"], 1_719_792_000);
    let undated = manifest("");
    assert_eq!(undated["source_date_epoch"], Value::Null);
    assert_ne!(dated["outputs"]["report.pdf"], undated["outputs"]["report.pdf"]);
    assert_eq!(dated["outputs"]["results.json"], undated["outputs"]["results.json"]);

    let mut command = program(folder.path());
    let output = command.args(["review"]).env("SOURCE_DATE_EPOCH", "soon").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("seconds since 1970"), "{}", stderr(&output));
}

#[test]
fn a_draft_is_replaced_as_a_whole() {
    let folder = sample();
    run(folder.path(), &["review"]);
    let version = folder.path().join("output/sample/1");
    fs::write(version.join("stale.txt"), "left over").unwrap();
    // what an interrupted build leaves behind
    let interrupted = folder.path().join("output/sample/.building-1");
    fs::create_dir_all(&interrupted).unwrap();
    fs::write(interrupted.join("half.txt"), "half").unwrap();
    let output = run(folder.path(), &["review"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(!version.join("stale.txt").exists());
    assert_eq!(
        fs::read_dir(folder.path().join("output/sample"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != ".lock")
            .collect::<Vec<_>>(),
        ["1"]
    );
}

#[test]
fn a_failed_build_leaves_the_earlier_version() {
    let folder = sample();
    run(folder.path(), &["review"]);
    let before = tree(&folder.path().join("output"));
    fs::write(folder.path().join("review/data.csv"), "study\n").unwrap();
    let output = run(folder.path(), &["review"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(before, tree(&folder.path().join("output")));
}

#[test]
fn one_bad_review_keeps_all_from_being_written() {
    let folder = sample();
    copy_tree(&fixture("bad_inputs/_base"), &folder.path().join("other"));
    fs::write(folder.path().join("other/pain.yaml"), "id: pain\n").unwrap();
    let output = run(folder.path(), &["build", "review", "other"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!folder.path().join("output").exists());
}

#[test]
fn two_reviews_with_one_id_would_overwrite_each_other() {
    let folder = sample();
    copy_tree(&fixture("bad_inputs/_base"), &folder.path().join("other"));
    let output = run(folder.path(), &["build", "."]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("both the review `sample`"), "{}", stderr(&output));
}

#[test]
fn what_is_kept_is_no_review_of_its_own() {
    let folder = sample();
    for _ in 0..2 {
        let output = run(folder.path(), &["build", "."]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(stdout(&output), "output/sample/1\n");
    }
    // but it can be named
    let output = run(folder.path(), &["check", "output/sample/1/inputs"]);
    assert_eq!(stderr(&output), "1 review is sound: 1 analysis\n");
}

#[test]
fn eval_prints_one_object_a_line() {
    let folder = sample();
    let output = run(folder.path(), &["eval", "review"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
    let lines: Vec<Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["review"], "sample");
    assert_eq!(lines[0]["k"], 3);
    assert_eq!(lines[0]["model"]["method"], "REML");
    assert!(lines[0]["model"]["beta"][0].as_f64().unwrap() < 0.0);
    let weights: f64 =
        lines[0]["studies"].as_array().unwrap().iter().map(|s| s["weight"].as_f64().unwrap()).sum();
    assert!((weights - 100.0).abs() < 1e-9);
    // results.json holds the same objects
    run(folder.path(), &["review"]);
    let kept = fs::read(folder.path().join("output/sample/1/results.json")).unwrap();
    assert_eq!(serde_json::from_slice::<Vec<Value>>(&kept).unwrap(), lines);
}

#[test]
fn only_builds_a_part_beside_the_whole() {
    let folder = sample();
    fs::write(
        folder.path().join("review/fever.yaml"),
        "id: fever\ntitle: Fever\nfilter: {outcome: fever}\n",
    )
    .unwrap();
    let output = run(folder.path(), &["review", "--only", "fever", "--format", "pdf,typ"]);
    assert_eq!(stdout(&output), "output/sample/1+fever\n", "{}", stderr(&output));
    let version = folder.path().join("output/sample/1+fever");
    assert!(version.join("typst/report.typ").exists());
    assert!(!version.join("figures/forest-pain.svg").exists());
    let output = run(folder.path(), &["review", "--only", "fevre"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("did you mean `fever`?"), "{}", stderr(&output));
}

#[test]
fn a_dry_run_writes_nothing() {
    let folder = sample();
    let output = run(folder.path(), &["review", "--dry-run"]);
    assert_eq!(stdout(&output), "output/sample/1\n");
    assert!(!folder.path().join("output").exists());
}

#[test]
fn exit_codes_tell_input_from_usage() {
    let folder = sample();
    assert_eq!(run(folder.path(), &["check", "review"]).status.code(), Some(0));
    assert_eq!(run(folder.path(), &["check", "nowhere"]).status.code(), Some(2));
    assert_eq!(run(folder.path(), &["--frobnicate", "review"]).status.code(), Some(2));
    assert_eq!(run(folder.path(), &[]).status.code(), Some(2));
    fs::create_dir(folder.path().join("empty")).unwrap();
    let output = run(folder.path(), &["check", "empty"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("a folder with a `review.yaml`"), "{}", stderr(&output));
    let output = run(folder.path(), &["build", "review", "--engine", "cli", "--typst", "no-such"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("cannot run `no-such`"), "{}", stderr(&output));
}

#[test]
fn help_goes_to_standard_output() {
    let folder = sample();
    let output = run(folder.path(), &["--help"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stderr(&output), "");
    insta::assert_snapshot!("help", stdout(&output));
}

#[test]
fn colour_is_for_terminals_or_on_demand() {
    let folder = sample();
    fs::write(folder.path().join("review/pain.yaml"), "id: pain\n").unwrap();
    let plain = run(folder.path(), &["check", "review"]);
    assert!(!stderr(&plain).contains('\u{1b}'));
    let coloured = run(folder.path(), &["check", "review", "--color", "always"]);
    assert!(stderr(&coloured).contains('\u{1b}'));
}

/// One registry number under two names is told, and does not stop a build.
#[test]
fn a_trial_under_two_names_is_told() {
    let folder = sample();
    let path = folder.path().join("review/data.csv");
    let data = fs::read_to_string(&path).unwrap();
    let labels: Vec<&str> =
        data.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    let (first, second) = (labels[0], labels[1]);
    let renamed = data
        .replacen(&format!("\n{first},"), &format!("\n{first} (NCT02097641),"), 1)
        .replacen(&format!("\n{second},"), &format!("\n{second} NCT02097641,"), 1);
    fs::write(&path, renamed).unwrap();
    let output = run(folder.path(), &["check", "review"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let message = stderr(&output);
    assert!(message.contains("are both NCT02097641: one trial under two names?"), "{message}");
    assert_eq!(run(folder.path(), &["check", "review", "--strict"]).status.code(), Some(1));
}

/// A line of sums below the studies counts everybody twice; it is told, and does not stop a build.
#[test]
fn a_line_of_sums_is_told() {
    for name in ["Total", "合计"] {
        let folder = sample();
        let path = folder.path().join("review/data.csv");
        let data = fs::read_to_string(&path).unwrap();
        let label = data.lines().nth(1).and_then(|line| line.split(',').next()).unwrap();
        fs::write(&path, data.replacen(&format!("\n{label},"), &format!("\n{name},"), 1)).unwrap();
        let output = run(folder.path(), &["check", "review"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let message = format!("warning[E0305]: `{name}` looks like a sum of studies");
        assert!(stderr(&output).contains(&message), "{}", stderr(&output));
    }
}

/// A review's own templates stand before those of `--templates`, and are kept with its version.
#[test]
fn a_review_has_templates_of_its_own() {
    let folder = sample();
    let verdict = |path: &str, text: &str| {
        let file = folder.path().join(path).join("prose/en/verdict.typ.jinja");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
    };
    verdict("house", "House: {{ section.verdict }}.");
    verdict("review/templates", "Own: {{ section.verdict }}.");
    let style = folder.path().join("review/templates/styles/own.yaml");
    fs::create_dir_all(style.parent().unwrap()).unwrap();
    let major = include_str!("../../templates/styles/major.yaml");
    fs::write(&style, major.replacen("form: dashed", "form: solid", 1)).unwrap();
    let arguments = ["review", "--templates", "house", "--style", "own", "--format", "typ,pdf"];
    let output = run(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let version = folder.path().join("output/sample/1");
    let source = report_source(&version);
    assert!(source.contains("Own: #\"not-significant\";."));
    assert!(source.contains(r#""pooled_line":{"form":"solid""#));
    assert!(version.join("inputs/templates/prose/en/verdict.typ.jinja").is_file());

    verdict("review/templates", "{{ section.verdikt }}");
    let output = run(folder.path(), &["check", "review"]);
    assert_eq!(output.status.code(), Some(1));
    let message =
        "the template `prose/en/verdict.typ.jinja` cannot be used: `section.verdikt` is undefined";
    assert!(stderr(&output).contains(message), "{}", stderr(&output));
}

#[test]
fn templates_can_be_replaced() {
    let folder = sample();
    let verdict = folder.path().join("mine/prose/en/verdict.typ.jinja");
    fs::create_dir_all(verdict.parent().unwrap()).unwrap();
    fs::write(&verdict, "Seen: {{ section.verdict }}.").unwrap();
    let arguments = ["review", "--templates", "mine", "--format", "typ"];
    let output = run(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let source = report_source(&folder.path().join("output/sample/1"));
    assert!(source.contains("Seen: #\"not-significant\";."));

    fs::write(&verdict, "{{ section.verdikt }}").unwrap();
    let output = run(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("the template `prose/en/verdict.typ.jinja` cannot be used"),
        "{}",
        stderr(&output)
    );
}

/// Rows and columns are known beforehand of the program's own style alone: one of the user's may leave
/// other room.
#[test]
fn a_style_of_the_user_s_own_measures_its_tables() {
    let folder = sample();
    let rows_are_known = |templates: &str| {
        let arguments = ["review", "--templates", templates, "--format", "typ"];
        let output = run(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        report_source(&folder.path().join("output/sample/1")).contains(", rows: (")
    };
    fs::create_dir(folder.path().join("none")).unwrap();
    assert!(rows_are_known("none"));
    fs::create_dir(folder.path().join("own")).unwrap();
    let style = include_str!("../../templates/style.typ");
    let wide = style.replace("#let column-gap = 7pt", "#let column-gap = 18pt");
    assert_ne!(style, wide);
    fs::write(folder.path().join("own/style.typ"), wide).unwrap();
    assert!(!rows_are_known("own"));
}

/// What a process has set before it does not set again, if its source and all styles are the same.
#[test]
fn a_changed_cell_changes_the_source_of_its_part() {
    let folder = sample();
    let table = folder.path().join("review/data.csv");
    fs::write(
        folder.path().join("review/fever.yaml"),
        "id: fever\ntitle: Fever\nfilter: {outcome: fever}\n",
    )
    .unwrap();
    let built = || {
        let output = run(folder.path(), &["review", "--format", "typ"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        tree(&folder.path().join("output/sample/1/typst"))
    };
    let before = built();
    let rows = fs::read_to_string(&table).unwrap();
    let (from, to) = ("pain,3", "pain,4");
    assert!(rows.contains(from), "{rows}");
    fs::write(&table, rows.replacen(from, to, 1)).unwrap();
    let after = built();
    let changed: Vec<&str> = before
        .iter()
        .zip(&after)
        .filter(|(old, new)| old != new)
        .map(|((name, _), _)| name.as_str())
        .collect();
    assert!(changed.contains(&"parts/analysis-2.typ"), "{changed:?}");
    assert!(!changed.contains(&"parts/analysis-1.typ"), "{changed:?}");
    // in the report itself only its end, which names the build
    let main = |files: &[(String, Vec<u8>)]| {
        let (_, source) = files.iter().find(|(name, _)| name == "report.typ").unwrap();
        let source = String::from_utf8(source.clone()).unwrap();
        source[..source.rfind("#set document(").unwrap()].to_owned()
    };
    assert_eq!(main(&before), main(&after));
}
