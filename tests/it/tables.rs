//! The review in `fixtures/tables`, which prints one of every table: its numbers by hand-worked
//! examples, its files, its notes.

use crate::support::{copy_tree, fixture, run, stderr, whole};
use build_report::diagnostic::Code;
use build_report::pipeline;
use build_report::project::read_review;
use build_report::render::assets::Assets;
use build_report::render::{Documents, template};
use build_report::report::ReviewFindings;
use build_report::report::style::HouseStyle;
use build_report::report::tables::csv_files;
use build_report::report::view::{EntryView, FileView, GridView, ReportView, report_view};
use build_report::report::works::WorkLibrary;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Computed once for all tests.
fn findings() -> &'static ReviewFindings {
    static FINDINGS: OnceLock<ReviewFindings> = OnceLock::new();
    FINDINGS.get_or_init(|| {
        let inputs = read_review(&fixture("fixtures/tables")).unwrap();
        pipeline::check(&inputs).unwrap().analyse()
    })
}

fn library() -> WorkLibrary {
    pipeline::work_library(&Assets::embedded()).unwrap()
}

fn view() -> ReportView {
    view_of(findings())
}

/// In the house style `major`.
fn view_of(findings: &ReviewFindings) -> ReportView {
    static STYLE: OnceLock<HouseStyle> = OnceLock::new();
    let major = include_str!("../../templates/styles/major.yaml");
    let style = STYLE.get_or_init(|| HouseStyle::parse(major).unwrap());
    report_view(findings, style, None, "program", &library())
}

fn results() -> BTreeMap<String, Value> {
    build_report::report::results::results(findings())
        .into_iter()
        .map(|result| serde_json::to_value(result).unwrap())
        .map(|result| (result["id"].as_str().unwrap().to_owned(), result))
        .collect()
}

fn described(id: &str) -> GridView {
    let section = view().sections.into_iter().find_map(|section| match section {
        EntryView::Described(section) if section.id == id => Some(section.grid),
        _ => None,
    });
    section.unwrap_or_else(|| panic!("no `{id}`"))
}

/// The texts of the row whose first cell is `label`.
fn row(grid: &GridView, label: &str) -> Vec<String> {
    let text = |cell: &build_report::report::view::GridText| cell.text.clone().unwrap_or_default();
    let row = grid.rows.iter().find(|row| text(&row.cells[0]) == label);
    let row = row.unwrap_or_else(|| panic!("no row `{label}`"));
    row.cells.iter().map(text).collect()
}

#[track_caller]
fn close(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() < 1e-9, "{found}, expected {expected}");
}

/// The Handbook's formulas on the pooled effects, from risks that are given and from the median of
/// the control groups.
#[test]
fn absolute_effects_follow_from_the_baseline_risk() {
    let results = results();
    let outcome = |id: &str| results[id]["summary_of_findings"][0].clone();
    let ratio = |id: &str, field: &str| results[id]["model"][field][0].as_f64().unwrap().exp();

    // by product, from the median of 2/15, 3/20, 4/24, 2/6, 4/10, 3/7, 7/12 and 16/20
    let mortality = outcome("mortality");
    let median = 0.5 * (2.0 / 6.0 + 4.0 / 10.0);
    close(&mortality["baseline_risk"], median);
    close(&mortality["risk"], median * ratio("mortality", "beta"));
    close(&mortality["risk_ub"], median * ratio("mortality", "ci_ub"));

    // through the odds
    let odds = 3.0 / 7.0 * ratio("odds", "ci_lb");
    close(&outcome("odds")["risk_lb"], odds / (1.0 + odds));

    // by sum, and never below 0
    let difference = results["difference"]["model"]["beta"][0].as_f64().unwrap();
    close(&outcome("difference")["risk"], 0.1 + difference);
    close(&outcome("difference")["risk_lb"], 0.0);

    // a power of those without the event
    let ratio = ratio("survival-ratio", "beta");
    close(&outcome("survival-ratio")["risk"], 1.0 - 0.81_f64.powf(ratio));

    assert!(outcome("pain")["risk"].is_null());
}

#[test]
fn judgements_are_printed_with_their_reasons_in_reading_order() {
    let findings = view().findings.unwrap();
    let symbols: Vec<&str> = findings.rows.iter().map(|row| row.symbols.as_str()).collect();
    assert_eq!(symbols, ["⊕⊕◯◯", "⊕⊕⊕◯", "⊕⊕⊕⊕", "⊕◯◯◯", "⊕⊕⊕⊕"]);
    let marks: Vec<&str> = findings.rows.iter().map(|row| row.marks.as_str()).collect();
    // a is the basis of the first risk, d that of the second; the same reason has the same letter
    assert_eq!(marks, ["b,c", "b", "", "e,f", ""]);
    assert_eq!(findings.footnotes.len(), 6);
    let pain = findings.rows[3].difference.as_ref().unwrap();
    assert_eq!(pain.difference.direction, "lower");
}

/// Clopper & Pearson at the ends: 1 − (0.025)^(1/22) of 22 without an event.
#[test]
fn single_proportions_have_exact_intervals() {
    let rows = &results()["trial"]["rows"];
    let none = &rows[1]["groups"][0];
    close(&none["ci_lb"], 0.0);
    close(&none["ci_ub"], 100.0 * (1.0 - 0.025_f64.powf(1.0 / 22.0)));
    assert_eq!(row(&described("trial"), "Overall response at day 28")[2], "11/22");
    // Wilson: 34/44, z = 1.959964
    let wilson = &results()["single"]["rows"][0]["groups"][0];
    let (p, n, z) = (34.0 / 44.0, 44.0, 1.959_963_984_540_054_f64);
    let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt() / (1.0 + z * z / n);
    close(&wilson["ci_lb"], 100.0 * (centre - half));
    close(&wilson["ci_ub"], 100.0 * (centre + half));
}

/// The largest term of each trial is added to those of the others, not the terms of one trial.
#[test]
fn classes_never_add_participants_over_terms() {
    let events = described("events");
    let infections = row(&events, "Infections and infestations");
    // 10/19 of Gu, the larger of 16/110 and 16/110 of Bowdish, 4/40 of Qayyum, 0/29 of Zhu
    assert_eq!(infections[1], "≥\u{a0}30/198 (15.2)");
    // one trial gives the class itself: nothing is a bound
    assert_eq!(row(&described("grades"), "Gastrointestinal disorders")[1], "7 (35.0)");
    assert_eq!(row(&described("grades"), "感染及侵染类疾病")[1], "2 (10.0)");
    assert_eq!(row(&described("grades"), "Nausea")[1..4], ["5 (25.0)", "3 (15.0)", "2 (10.0)"]);
}

#[test]
fn classes_come_as_the_spec_orders_them_then_by_name() {
    let events = described("events");
    let classes: Vec<String> = events
        .rows
        .iter()
        .filter(|row| row.form == "class")
        .map(|row| row.cells[0].text.clone().unwrap())
        .collect();
    assert_eq!(classes[0], "Infections and infestations");
    assert_eq!(classes[1], "Blood and lymphatic system disorders");
    let rest = &classes[7..];
    assert!(rest.is_sorted(), "{rest:?}");
}

#[test]
fn rows_are_sorted_and_missing_cells_say_so() {
    let milestones = described("milestones");
    let dates: Vec<&str> =
        milestones.rows.iter().map(|row| row.cells[0].text.as_deref().unwrap()).collect();
    assert_eq!(dates, ["2024-12", "2025-01", "2025-02", "–"]);
    let characteristics = view().characteristics.unwrap();
    assert_eq!(row(&characteristics, "Tang 2016 [32]")[1], "Not known");
    assert!(characteristics.has_levels && characteristics.is_wide);
    let marks: Vec<&str> =
        characteristics.footnotes.iter().map(|footnote| footnote.mark.as_str()).collect();
    assert_eq!(marks, ["a", "b"]);
    let short: Vec<&str> =
        characteristics.abbreviations.iter().map(|found| found.short.as_str()).collect();
    assert_eq!(short, ["C3", "MMF", "MSC", "SLEDAI"]);
}

/// metafor's `fitstats`: both rows at the model's own estimates.
#[test]
fn fit_statistics_agree_with_the_likelihood_of_the_model() {
    let files: BTreeMap<String, String> = csv_files(findings()).into_iter().collect();
    let statistic = |row: &str, name: &str| -> f64 {
        let table = &files["statistics-mortality.csv"];
        let start = format!("fit,{row},{name},");
        let line = table.lines().find(|line| line.starts_with(&start)).unwrap();
        line[start.len()..].parse().unwrap()
    };
    let results = results();
    let model = &results["mortality"]["model"];
    close(&model["log_lik"], statistic("REML", "log_likelihood"));
    close(&model["aic"], statistic("REML", "aic"));
    let (ml, k) = (statistic("ML", "log_likelihood"), 8.0_f64);
    close(&Value::from(statistic("ML", "bic")), -2.0 * ml + 2.0 * k.ln());
    close(&Value::from(statistic("ML", "aicc")), -2.0 * ml + 4.0 * 8.0 / 5.0);
}

#[test]
fn every_table_has_its_file() {
    let names: Vec<String> = csv_files(findings()).into_iter().map(|(name, _)| name).collect();
    for name in [
        "adverse-events-events.csv",
        "characteristics.csv",
        "narrative-scores.csv",
        "narrative-trial.csv",
        "picos.csv",
        "search.csv",
        "single-arm-proportion.csv",
        "statistics-mortality.csv",
        "summary-of-findings.csv",
        "table-sources.csv",
    ] {
        assert!(names.iter().any(|found| found == name), "{name} is not among {names:?}");
    }
}

#[test]
fn the_review_is_set_with_either_form_of_the_results_table() {
    for form in ["comparison", "journal"] {
        let folder = tempfile::tempdir().unwrap();
        let review = folder.path().join("review");
        copy_tree(&fixture("fixtures/tables"), &review);
        let spec = std::fs::read_to_string(review.join("review.yaml")).unwrap();
        let spec = spec.replace("results_table: comparison", &format!("results_table: {form}"));
        std::fs::write(review.join("review.yaml"), spec).unwrap();
        let output = run(folder.path(), &["build", "review"]);
        assert_eq!(output.status.code(), Some(0), "{form}: {}", stderr(&output));
    }
}

#[test]
fn the_results_table_lists_subgroups_under_their_outcome() {
    let table = view().results_table.unwrap();
    assert_eq!(table.form, "comparison");
    let first = &table.grid.rows[0].cells;
    assert_eq!(first[3].text.as_deref(), Some("(IV, {random}, 95% CI)"));
    assert_eq!(row(&table.grid, "1.1 adipose")[1], "2");
}

/// An analysis has one number in the whole report, whatever stands between those that pool.
#[test]
fn the_results_table_numbers_analyses_as_their_sections() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("fixtures/tables"), folder.path());
    let path = folder.path().join("review.yaml");
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(written.contains("order: [mortality, "));
    let other = written.replacen("order: [mortality, ", "order: [trial, mortality, ", 1);
    std::fs::write(&path, other.replacen(", trial,", ",", 1)).unwrap();
    let findings = pipeline::check(&read_review(folder.path()).unwrap()).unwrap().analyse();
    let view = view_of(&findings);
    let sections: Vec<String> = view
        .sections
        .iter()
        .filter_map(|section| match section {
            EntryView::Pooled(section) => Some(format!("{} {}", section.number, section.title)),
            EntryView::Survival(_) | EntryView::Described(_) => None,
        })
        .collect();
    assert_eq!(sections[0], "2 All-cause mortality");
    let table = view.results_table.unwrap();
    let rows = table.grid.rows.iter().filter(|row| row.form == "row");
    let rows: Vec<_> = rows.map(|row| row.cells[0].text.clone().unwrap()).collect();
    assert_eq!(rows, sections);
    assert_eq!(row(&table.grid, "2.1 adipose")[1], "2");
}

fn documents_of(view: &ReportView, findings: &ReviewFindings) -> Documents {
    let file = FileView::new("", std::iter::empty());
    template::documents(view, &file, findings.review.language, &Assets::embedded()).unwrap()
}

/// Citations are numbers where text is set, and nothing in figures and in the file's own title.
#[test]
fn citations_are_numbered_in_their_order_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("review");
    copy_tree(&fixture("fixtures/tables"), &review);
    for (name, text, other) in [
        ("mortality.yaml", "title: All-cause mortality", "title: \"Deaths [@viechtbauer2010]\""),
        ("review.yaml", "title: Every table", "title: \"Every table [@higgins2002]\""),
    ] {
        let path = review.join(name);
        let written = std::fs::read_to_string(&path).unwrap();
        assert!(written.contains(text), "{name}");
        std::fs::write(&path, written.replacen(text, other, 1)).unwrap();
    }
    let findings = pipeline::check(&read_review(&review).unwrap()).unwrap().analyse();
    let view = view_of(&findings);
    let documents = documents_of(&view, &findings);
    let report = whole(&documents.sources);
    assert!(report.contains("#\"Deaths \";#cite(label(\"viechtbauer2010\"));"));
    assert!(report.contains("\n  title: \"Every table\",\n"));
    assert!(report.contains("#bibliography((bytes(\"@article{higgins2002,"));
    assert!(!documents.sources["figures.typ"].contains("[@"));
    assert!(!documents.sources["figures.typ"].contains("#cite("));
}

/// Without a list of references a citation is an error, and a space behind the bracket makes it text.
#[test]
fn brackets_are_words_in_a_review_without_references() {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("review");
    copy_tree(&fixture("fixtures/tables"), &review);
    let path = review.join("review.yaml");
    let written = std::fs::read_to_string(&path).unwrap();
    let without_list = written.replacen("references: references.bib\n", "", 1);
    std::fs::write(&path, &without_list).unwrap();
    let errors = pipeline::check(&read_review(&review).unwrap()).unwrap_err();
    let cited = errors.iter().filter(|error| error.code == Code::UnknownReference);
    assert_eq!(cited.count(), 4);
    std::fs::write(&path, without_list.replace("[@", "[ @")).unwrap();
    let findings = pipeline::check(&read_review(&review).unwrap()).unwrap().analyse();
    let view = view_of(&findings);
    let documents = documents_of(&view, &findings);
    let report = whole(&documents.sources);
    assert!(report.contains("as in [ @higgins2002], outliers"));
    assert!(!report.contains("#cite(label(\"higgins2002"));
}

/// Rows of one study are told by their outcomes, and headed so.
#[test]
fn counts_by_outcome_are_headed_as_outcomes() {
    let heading = |id: &str| described(id).heads[0].columns[0].title.label.unwrap();
    assert_eq!((heading("trial"), heading("single")), ("outcome", "study"));
}

/// A sensitivity analysis stays in the table of results and leaves the conclusions; a protocol that
/// is another review's is told as such.
#[test]
fn what_repeats_another_analysis_is_no_result_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("fixtures/tables"), folder.path());
    let add = |file: &str, line: &str| {
        let path = folder.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, format!("{text}{line}\n")).unwrap();
    };
    add("odds.yaml", "sensitivity_of: mortality");
    add("review.yaml", "protocol_of: Doe et al. 2020");
    let inputs = read_review(folder.path()).unwrap();
    let findings = pipeline::check(&inputs).unwrap().analyse();
    let view = view_of(&findings);
    let title = "All-cause mortality, odds".to_owned();
    assert_eq!(view.conclusions.repeats, [title.as_str()]);
    let lists = [
        &view.conclusions.more_events,
        &view.conclusions.fewer_events,
        &view.conclusions.not_significant,
    ];
    assert!(lists.iter().all(|list| !list.contains(&title)), "{lists:?}");
    assert!(view.summary.iter().any(|row| row.title == title));
    assert_eq!(view.protocol.of.as_deref(), Some("Doe et al. 2020"));
}

/// A class that the list lacks is told with its nearest name, and stands after the others.
#[test]
fn a_class_that_is_not_listed_is_told() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("fixtures/tables"), folder.path());
    let path = folder.path().join("events.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("Cardiac disorders", "Cardiac disorder")).unwrap();
    let checked = pipeline::check(&read_review(folder.path()).unwrap()).unwrap();
    let told: Vec<_> = checked
        .warnings
        .iter()
        .filter(|told| told.message.starts_with("`Cardiac disorders` is not among"))
        .collect();
    assert_eq!(told.len(), 1, "{:?}", checked.warnings);
    assert!(told[0].help.as_deref().unwrap().contains("`Cardiac disorder`"));
}

/// Without an analysis there is nothing to look over and nothing to compute again.
#[test]
fn a_review_of_tables_alone_has_tables_alone() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("review.yaml", "id: r\nversion: \"1\"\ntitle: R\n");
    let words = "id: words\ntitle: Words\nkind: table\ndata: words.csv\ntable: {columns: [said]}\n";
    write("words.yaml", words);
    write("words.csv", "said\none\n");
    let inputs = read_review(folder.path()).unwrap();
    let findings = pipeline::check(&inputs).unwrap().analyse();
    let view = view_of(&findings);
    let report = whole(&documents_of(&view, &findings).sources);
    let headings: Vec<&str> =
        report.lines().filter(|line| line.starts_with("= ") || line.starts_with("== ")).collect();
    assert_eq!(headings, ["= #\"Results\";", "== 1 #\"Words\";"]);
}

/// What an event is, in the author's words, stands where events are counted.
#[test]
fn an_event_is_told_with_the_table_and_the_plot() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("bad_inputs/_base"), folder.path());
    let spec = "id: pain\ntitle: Pain\nevent: pain that lasts\nfilter: {outcome: pain}\n";
    std::fs::write(folder.path().join("pain.yaml"), spec).unwrap();
    let findings = pipeline::check(&read_review(folder.path()).unwrap()).unwrap().analyse();
    let view = view_of(&findings);
    let report = whole(&documents_of(&view, &findings).sources);
    assert!(report.contains("with an event#\" (\";#\"pain that lasts\";#\")\";, and"), "{report}");
    assert!(report.contains("#\"Event: pain that lasts\";#\".\";"), "{report}");
}
