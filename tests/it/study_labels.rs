//! The labels of studies in forest plots: as a journal prints them, with the number of the study's
//! reference, and never another label than the data give.

use crate::support::{
    copy_tree, figures_source, fixture, is_set_alone, report_source, run, stderr,
};
use build_report::pipeline::{self, work_library};
use build_report::project::read_review;
use build_report::render::assets::Assets;
use build_report::report::style::HouseStyle;
use build_report::report::view::{EntryView, report_view};
use std::fs;
use std::path::Path;

/// A review of four studies: with a year of its own, with its year in the label, with more than a
/// year in it, and without any.
fn write_review(folder: &Path) {
    copy_tree(&fixture("bad_inputs/_base"), folder);
    let data = "study,year,e1,n1,e2,n2,paper\nCDP,1976,4,75,6,77,[@cdp]\n\
        Smith et al. 2014,2014,5,60,9,61,\"[@smith; @cdp]\"\nSmith 2014 (2),2014,3,40,4,41,\n\
        Trial A,,6,90,8,91,[@smith]\n";
    fs::write(folder.join("data.csv"), data).unwrap();
    let pain = "id: pain\ntitle: Pain\nkind: binary\nmeasure: RR\ndata: data.csv\n\
        columns: {study: study, year: year, source: paper, events1: e1, total1: n1, events2: e2, total2: n2}\n";
    fs::write(folder.join("pain.yaml"), pain).unwrap();
    let review = "id: labels\nversion: \"1\"\ntitle: Labels\nreferences: list.bib\n";
    fs::write(folder.join("review.yaml"), review).unwrap();
    let list = "@article{cdp,\n  title = {CDP},\n}\n@article{smith,\n  title = {Pain},\n}\n";
    fs::write(folder.join("list.bib"), list).unwrap();
}

/// The labels of the forest plot in a style, each citation as `[keys]`.
fn labels(folder: &Path, style: &str) -> Vec<String> {
    let findings = pipeline::check(&read_review(folder).unwrap()).unwrap().analyse();
    let assets = Assets::embedded();
    let text = assets.text(&format!("styles/{style}.yaml")).unwrap();
    let style = HouseStyle::parse(text).unwrap();
    let library = work_library(&assets).unwrap();
    let view = report_view(&findings, &style, None, "program", &library);
    let EntryView::Pooled(section) = &view.sections[0] else { panic!("an analysis is pooled") };
    let label = |row: &build_report::report::plots::StudyRow| match &row.cited {
        Some(label) => format!("{}{:?}{}", label.before, label.citations, label.after),
        None => row.label.clone(),
    };
    section.forest.rows.iter().map(label).collect()
}

#[test]
fn each_journal_prints_author_year_and_reference_in_its_form() {
    let folder = tempfile::tempdir().unwrap();
    write_review(folder.path());
    let plain = ["CDP", "Smith et al. 2014", "Smith 2014 (2)", "Trial A"];
    for style in ["major", "revman", "cma-zh"] {
        assert_eq!(labels(folder.path(), style), plain, "{style}");
    }
    let jama = [
        "CDP,[\"cdp\"] 1976",
        "Smith et al,[\"smith\", \"cdp\"] 2014",
        "Smith 2014 (2)",
        "Trial A[\"smith\"]",
    ];
    assert_eq!(labels(folder.path(), "jama"), jama);
    let lancet = [
        "CDP (1976)[\"cdp\"]",
        "Smith et al (2014)[\"smith\", \"cdp\"]",
        "Smith 2014 (2)",
        "Trial A[\"smith\"]",
    ];
    assert_eq!(labels(folder.path(), "lancet"), lancet);
    assert_eq!(labels(folder.path(), "bmj")[0], "CDP 1976 [\"cdp\"]");
    assert_eq!(labels(folder.path(), "bmj")[2], "Smith 2014 (2)");
}

/// The report cites in its plot; the figures' own document, which has no list, does not.
#[test]
fn labels_cite_where_there_is_a_list() {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("review");
    write_review(&review);
    let built = |style: &str| {
        // with the sources, and without: the figures' own is then written where it is needed
        let arguments = ["build", "review", "--style", style, "--out", "pdf"];
        let output = run(folder.path(), &arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        let svg =
            |out: &str| fs::read(folder.path().join(out).join("labels/1/figures/forest-pain.svg"));
        let arguments = ["build", "review", "--style", style, "--format", "typ"];
        let output = run(folder.path(), &arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        let version = folder.path().join("output/labels/1");
        assert!(svg("pdf").unwrap() == svg("output").unwrap());
        let figures = figures_source(&version);
        (report_source(&version), figures, is_set_alone(&version, "forest-pain"))
    };
    let cited = "[#\"CDP,\";#cite(label(\"cdp\"));#\" 1976\";],";
    let (report, figures, is_alone) = built("jama");
    assert!(report.contains(cited), "{report}");
    assert!(!figures.contains("#cite("));
    assert!(figures.contains("\"CDP, 1976\""));
    // so that the exported plot has no number of a list that is not beside it
    assert!(is_alone);
    let (report, _, is_alone) = built("revman");
    assert!(!report.contains("label(\"cdp\"));#\""));
    assert!(!is_alone);
}
