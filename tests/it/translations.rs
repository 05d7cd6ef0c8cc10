//! The author's texts in the language of the report.

use crate::support::{copy_tree, fixture, run, stderr, stdout, tree};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const REVIEW: &str = "id: sample
version: \"1\"
title: A sample review
about:
  - Fewer have pain with treatment, and
    few have [@wang2021] fever.
  - Not translated.
  - The odds ratio is 0.42.
language: zh-Hans
references: references.bib
translations: {zh-Hans: translations/zh-Hans.csv}
defaults:
  kind: binary
  measure: OR
  data: data.csv
  columns: {study: study, events1: e1, total1: n1, events2: e2, total2: n2}
  arms: {experimental: Treatment, control: Placebo}
";

const TABLE: &str = "text,translation
A sample review,一个样本
\"Fewer have pain with treatment, and few have [@wang2021] fever.\",治疗组疼痛较少，发热者[@wang2021]也少。
The odds ratio is 0.42.,比值比为0.24。
Treatment,治疗
Placebo,
Pain,疼痛
Fever,发热
Alpha 2001,阿尔法 2001
";

fn sample() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("review");
    copy_tree(&fixture("bad_inputs/_base"), &review);
    fs::create_dir(review.join("translations")).unwrap();
    fs::write(review.join("review.yaml"), REVIEW).unwrap();
    fs::write(review.join("translations/zh-Hans.csv"), TABLE).unwrap();
    fs::write(review.join("references.bib"), "@article{wang2021,\n  title = {Pain},\n}\n").unwrap();
    folder
}

fn build(folder: &Path, review: &str, language: &str) -> BTreeMap<String, Vec<u8>> {
    let out = format!("out-{language}");
    let arguments = ["build", review, "--language", language, "--format", "typ", "--out", &out];
    let output = run(folder, &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    tree(&folder.join(stdout(&output).trim_end())).into_iter().collect()
}

fn typst(files: &BTreeMap<String, Vec<u8>>) -> String {
    let sources = files.iter().filter(|(name, _)| name.ends_with(".typ"));
    sources.map(|(_, text)| String::from_utf8(text.clone()).unwrap()).collect()
}

#[test]
fn what_is_not_translated_is_told_by_check_and_build() {
    let folder = sample();
    let checked = run(folder.path(), &["check", "review"]);
    assert_eq!(checked.status.code(), Some(0));
    insta::assert_snapshot!("translations_untranslated", stderr(&checked));
    let built = stderr(&run(folder.path(), &["build", "review"]));
    assert!(built.contains("E0503") && built.contains("E0504"), "{built}");
    // English has no table, so that nothing is missing
    let english = stderr(&run(folder.path(), &["check", "review", "--language", "en"]));
    assert!(!english.contains("E0503") && !english.contains("E0504"), "{english}");
}

#[test]
fn texts_are_printed_as_their_translations() {
    let folder = sample();
    let files = build(folder.path(), "review", "zh-Hans");
    let source = typst(&files);
    for text in ["一个样本", "治疗组疼痛较少", "疼痛", "阿尔法 2001", "Not translated.", "Placebo"]
    {
        assert!(source.contains(text), "{text} is lost");
    }
    for text in ["A sample review", "Fewer have", "\"Treatment\"", "Alpha 2001"] {
        assert!(!source.contains(text), "{text} stands in the wrong language");
    }
    assert_eq!(files["inputs/translations/zh-Hans.csv"], TABLE.as_bytes());
}

#[test]
fn a_translator_gets_the_table() {
    let folder = sample();
    let table = |arguments: &[&str]| {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    };
    let whole = ["translations", "review"];
    insta::assert_snapshot!("translations_table", table(&whole));
    let missing = table(&["translations", "review", "--missing"]);
    assert_eq!(missing, "text,translation\nNot translated.,\nPlacebo,\n");
    let other = table(&["translations", "review", "--language", "zh-Hant", "--missing"]);
    assert!(other.contains("A sample review,\n"), "{other}");
    let filled = table(&whole).replace(",\n", ",有\n").replace("0.24", "0.42");
    fs::write(folder.path().join("review/translations/zh-Hans.csv"), filled).unwrap();
    let checked = run(folder.path(), &["check", "review"]);
    assert_eq!(stderr(&checked), "1 review is sound: 1 analysis\n");
}

#[test]
fn the_safety_review_is_translated() {
    let review = Path::new(env!("CARGO_MANIFEST_DIR")).join("analyses/iv-msc-safety");
    for language in ["zh-Hans", "zh-Hant"] {
        let arguments = ["check", review.to_str().unwrap(), "--language", language];
        let told = stderr(&run(&review, &arguments));
        for code in ["E0314", "E0503", "E0504"] {
            assert!(!told.contains(code), "{language}: {told}");
        }
    }
}

/// Each text is replaced by a mark of its own; a text that is still there was not reached.
#[test]
fn every_text_is_reached_and_no_number_changes() {
    let name = "tables";
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join(name);
    copy_tree(&fixture("fixtures/tables"), &review);
    for file in ["flow.csv", "remission.yaml", "data/aml.csv"] {
        fs::copy(fixture("fixtures/figures").join(file), review.join(file)).unwrap();
    }
    let mut spec = fs::read_to_string(review.join("review.yaml")).unwrap();
    spec.push_str("\nflow: flow.csv\n");
    fs::write(review.join("review.yaml"), &spec).unwrap();
    let output = run(folder.path(), &["translations", name, "--language", "zh-Hans"]);
    let mut reader = csv::Reader::from_reader(output.stdout.as_slice());
    let texts: Vec<String> =
        reader.records().map(|row| row.unwrap().get(0).unwrap().to_owned()).collect();
    for text in ["Every table", "Wrong design", "Maintained", "umbilical cord", "Control"] {
        assert!(texts.iter().any(|other| other == text), "{text} is not asked for: {texts:?}");
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["text", "translation"]).unwrap();
    for (number, text) in texts.iter().enumerate() {
        let cited = text.split("[@").skip(1).filter_map(|rest| rest.split_once(']'));
        let cited: String = cited.map(|(keys, _)| format!("[@{keys}]")).collect();
        writer.write_record([text, &format!("译文{number}。{cited}")]).unwrap();
    }
    fs::write(review.join("zh.csv"), writer.into_inner().unwrap()).unwrap();
    spec.push_str("translations: {zh-Hans: zh.csv}\n");
    fs::write(review.join("review.yaml"), spec).unwrap();

    let [english, chinese] = ["en", "zh-Hans"].map(|language| build(folder.path(), name, language));
    let data = |path: &&String| {
        path.starts_with("tables/") || path.ends_with(".json") && *path != "manifest.json"
    };
    let paths: Vec<&String> = english.keys().filter(data).collect();
    assert!(paths.len() > 3, "{name}: {paths:?}");
    for path in paths {
        assert_eq!(english[path], chinese[path], "{name}: {path} knows a language");
    }
    let source = typst(&chinese);
    // what is reproduced in R names the data
    let printed: Vec<&str> = source.lines().filter(|line| !line.contains("dat")).collect();
    for text in texts.iter().filter(|text| text.contains(' ') && text.len() > 15) {
        let text = text.split(" [@").next().unwrap();
        let left = printed.iter().find(|line| line.contains(text));
        assert_eq!(left, None, "{name}: `{text}` is not reached");
    }
}
