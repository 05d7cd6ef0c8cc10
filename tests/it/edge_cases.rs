//! The review `tests/fixtures/edge-cases`: many studies and few, no events, names like markup.

use crate::support::{
    copy_tree, fixture, is_set_alone, report_source, run, skipped, stderr, stdout,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

fn evaluated() -> BTreeMap<String, Value> {
    let output = run(&fixture("fixtures"), &["eval", "edge-cases"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|result| (result["id"].as_str().unwrap().to_owned(), result))
        .collect()
}

#[test]
fn what_cannot_be_computed_has_its_reason() {
    let results = evaluated();
    let reason = |id: &str, field: &str| results[id]["reasons"][field].clone();
    assert_eq!(results["no-events"]["model"], Value::Null);
    assert_eq!(reason("no-events", "model"), "no participant of any study had the event");
    assert_eq!(reason("all-events", "model"), "every participant of every study had the event");
    let one = &results["one"];
    assert_eq!(one["k"], 1);
    assert_eq!(one["model"]["tau2"], Value::Null);
    assert_eq!(
        one["model"]["reasons"]["tau2"],
        "one study says nothing about variation between studies"
    );
    assert_eq!(one["heterogeneity_ci"], Value::Null);
    assert_eq!(one["model"]["beta"][0], one["studies"][0]["yi"]);
    assert_eq!(results["two"]["k"], 2);
    assert!(results["two"]["model"]["tau2"].is_number());
    assert_eq!(results["knha"]["model"]["ddf"], 1.0);
    assert_eq!(results["mh"]["model"]["reasons"]["tau2"], "the model assumes one common effect");
}

/// Models that print one study alike are one line; those that differ, and those of two studies, have
/// their rows.
#[test]
fn other_models_of_one_study_are_one_line() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("fixtures/edge-cases"), &folder.path().join("review"));
    let report = |id: &str| {
        let arguments = ["build", "review", "--only", id, "--format", "typ"];
        let output = run(folder.path(), &arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        report_source(&folder.path().join(format!("output/edge-cases/1+{id}")))
    };
    let (line, model) = ("One study leaves little to pool", "\"Random effects, Paule-Mandel\",");
    let (one, two) = (report("one"), report("two"));
    assert!(one.contains(line) && !one.contains(model), "{one}");
    assert!(one.contains("\"Common effect, Peto\","), "Peto's estimate is another: {one}");
    assert!(!two.contains(line) && two.contains(model), "{two}");
}

/// Every null has a reason beside it, and no number is missing where none is given.
#[test]
fn no_null_is_left_unexplained() {
    for (id, result) in evaluated() {
        let parts = [
            "model",
            "heterogeneity_ci",
            "influence",
            "leave_one_out",
            "cumulative",
            "ranktest",
            "regtest",
            "trimfill",
            "fsn",
        ];
        for part in parts {
            let has_reason = result["reasons"].get(part).is_some();
            assert_eq!(result[part].is_null(), has_reason, "{id}: {part}");
        }
        let model = &result["model"];
        let Some(fields) = model.as_object() else {
            assert!(result["reasons"]["model"].is_string(), "{id}");
            continue;
        };
        for (field, value) in fields {
            assert_eq!(
                value.is_null(),
                model["reasons"].get(field).is_some(),
                "{id}: {field} is {value}"
            );
        }
    }
}

#[test]
fn names_that_look_like_markup_print_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("fixtures/edge-cases"), &folder.path().join("review"));
    let output = run(folder.path(), &["review"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let version = folder.path().join("output/edge-cases/1");
    // a plot that pages part is a page of its own; one that a page has whole is cut out of it
    assert!(is_set_alone(&version, "forest-many"));
    assert!(!is_set_alone(&version, "forest-two"));
    let pdf = version.join("report.pdf");
    let Ok(text) = Command::new("pdftotext").arg("-raw").arg(&pdf).arg("-").output() else {
        return skipped("pdftotext is not installed");
    };
    let text = String::from_utf8(text.stdout).unwrap();
    let table = fs::read_to_string(folder.path().join("review/data/studies.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    for row in reader.records().map(Result::unwrap).filter(|row| &row[0] == "hostile") {
        assert!(text.contains(&row[1]), "`{}` is not in the report", &row[1]);
    }
    assert!(text.contains("New *drug* #x"));
    assert!(text.contains("对照组"));
    assert!(text.contains("29 February 2024"));
    assert!(text.contains("Author-60 and colleagues 2019"));
}

#[test]
fn characters_that_no_page_may_hold_stop_the_build() {
    for (character, told) in [
        ("\u{1}", "the control character U+0001 cannot be printed"),
        ("\u{e000}", "the character U+E000 is for private use"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        copy_tree(&fixture("bad_inputs/_base"), &folder.path().join("review"));
        let data = folder.path().join("review/data.csv");
        let text = fs::read_to_string(&data).unwrap().replace("Beta", character);
        fs::write(&data, text).unwrap();
        let output = run(folder.path(), &["review"]);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert!(stderr(&output).contains(told), "{}", stderr(&output));
        assert!(stderr(&output).contains("review/data.csv:3:1"), "{}", stderr(&output));
    }
}

#[test]
fn a_character_without_a_glyph_stops_the_build() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("bad_inputs/_base"), &folder.path().join("review"));
    let data = folder.path().join("review/data.csv");
    let text = fs::read_to_string(&data).unwrap().replace("Beta", "\u{13000}");
    fs::write(&data, text).unwrap();
    let output = run(folder.path(), &["review"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    insta::assert_snapshot!("missing_glyph", stderr(&output));
    assert_eq!(run(folder.path(), &["check", "review"]).status.code(), Some(1));
    assert!(!folder.path().join("output").exists());
}

/// A method that sums counts uses a study in which nobody had an event, which has no effect of its
/// own; a range and a majority need two effects.
#[test]
fn a_single_estimate_has_no_range_and_its_footnotes_stand_off_its_name() {
    for (language, said) in [
        ("en", "Only one study had an estimate of its own"),
        ("zh-Hans", "仅一项研究有自身的估计值"),
        ("zh-Hant", "僅一項研究有自身的估計值"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let review = folder.path().join("review");
        fs::create_dir(&review).unwrap();
        fs::write(review.join("review.yaml"), "id: r\nversion: \"1\"\ntitle: One\n").unwrap();
        fs::write(review.join("d.csv"), "study,a,b,c,d\nOne 2001,5,50,9,52\nTwo 2002c,0,20,0,21\n")
            .unwrap();
        let columns = "{study: study, events1: a, total1: b, events2: c, total2: d}";
        let analysis = "id: t\ntitle: T\nkind: binary\nmeasure: RD\nmodel: {method: MH}\n";
        let text = format!("{analysis}drop00: true\ndata: d.csv\ncolumns: {columns}\n");
        fs::write(review.join("t.yaml"), text).unwrap();
        let output = run(folder.path(), &["review", "--format", "typ", "--language", language]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let text = report_source(&folder.path().join("output/r/1"));
        assert!(text.contains(said), "{language}");
        for range in ["ranged from", "范围为", "範圍為"] {
            assert!(!text.contains(range), "{language}: {range}");
        }
        assert!(
            text.contains("Two 2002c") && text.contains("#note-marks((\"b\", ))"),
            "{language}"
        );
    }
}

/// Trials whose rate ratios are one number differ from its mean by rounding alone: neither their ranks
/// nor a line through them may be tested, and none is missing.
#[test]
fn identical_effects_are_not_tested_for_asymmetry() {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("review");
    fs::create_dir(&review).unwrap();
    let rows: Vec<String> =
        (1..=40).map(|i| format!("S{i},{},{},{},{}", 6 * i, 100 * i, 9 * i, 90 * i)).collect();
    fs::write(review.join("data.csv"), format!("study,x1,t1,x2,t2\n{}\n", rows.join("\n")))
        .unwrap();
    fs::write(review.join("review.yaml"), "id: same\nversion: \"1\"\ntitle: Same\n").unwrap();
    fs::write(
        review.join("a.yaml"),
        "id: a\ntitle: A\nkind: rate\nmeasure: IRR\ndata: data.csv\n\
         columns: {study: study, events1: x1, time1: t1, events2: x2, time2: t2}\n",
    )
    .unwrap();
    let output = run(folder.path(), &["eval", "review"]);
    let result: Value = serde_json::from_str(&stdout(&output)).unwrap();
    for test in ["ranktest", "egger"] {
        assert_eq!(result[test], Value::Null);
        assert_eq!(result["reasons"][test], "the studies allow no such test");
    }
    assert!(result["regtest"]["pval"].as_f64().unwrap() > 0.999_999);
    assert_eq!(result["trimfill"]["k0"], 0);
}

/// What is added to every study is not said to answer a zero.
#[test]
fn a_note_on_added_events_names_the_zero_only_where_there_is_one() {
    let note = |rule: &str, events: u32| {
        let folder = tempfile::tempdir().unwrap();
        let review = folder.path().join("review");
        fs::create_dir(&review).unwrap();
        let table = format!("study,x1,t1,x2,t2\nA,6,100,9,90\nB,{events},120,5,110\n");
        fs::write(review.join("data.csv"), table).unwrap();
        fs::write(review.join("review.yaml"), "id: r\nversion: \"1\"\ntitle: R\n").unwrap();
        let columns = "{study: study, events1: x1, time1: t1, events2: x2, time2: t2}";
        fs::write(
            review.join("a.yaml"),
            format!("id: a\ntitle: A\nkind: rate\nmeasure: IRR\ndata: data.csv\ncolumns: {columns}\nto: {rule}\n"),
        )
        .unwrap();
        let output = run(folder.path(), &["build", "review", "--format", "typ"]);
        assert!(output.status.success(), "{}", stderr(&output));
        report_source(&folder.path().join("output/r/1"))
    };
    assert!(note("only0", 0).contains("] No event in a group: #\"0.5\"; was added"));
    assert!(note("all", 3).contains("] #\"0.5\"; was added to the events"));
    assert!(note("if0all", 0).contains("] No event in a group of some study: #\"0.5\"; was added"));
}
