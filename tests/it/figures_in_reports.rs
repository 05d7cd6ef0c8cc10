//! The review `tests/fixtures/figures`: every figure through specs, templates and files.

use crate::support::{
    copy_tree, figures_source, fixture, is_set_alone, report_source, run, stderr, tree, whole,
};
use build_report::render::assets::Assets;
use build_report::render::{Documents, Engine};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The figures in the order of their pages.
const NAMES: [&str; 34] = [
    "overview-rr",
    "overview-hr",
    "flow",
    "risk-of-bias-summary",
    "risk-of-bias",
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
    let mut names: Vec<String> = NAMES.iter().map(|name| format!("{name}.svg")).collect();
    names.sort();
    assert_eq!(files(&version.join("figures")), names);
    // the page that a file holds is the figure of its name
    let pages = figures_source(&version);
    let mut wanted = pages.split("#if is-wanted(\"").skip(1).map(|page| {
        let (name, drawn) = page.split_once("\") {\n  ").unwrap();
        (name, drawn.split('(').next().unwrap())
    });
    for name in NAMES {
        assert_eq!(wanted.next(), Some((name, function_of(name))));
    }
    assert_eq!(wanted.next(), None);
    // and so is the block of the report that is cut out
    let report = report_source(&version);
    for exported in report.split("exported(\"").skip(1) {
        let (name, drawn) = exported.split_once("\", ").unwrap();
        assert!(NAMES.contains(&name), "{name}");
        assert_eq!(drawn.split('(').next(), Some(function_of(name)), "{name}");
    }
    // all but the plot that a page parts
    let alone: Vec<&str> = NAMES.into_iter().filter(|name| is_set_alone(&version, name)).collect();
    assert_eq!(alone, ["forest-calendars"]);
    let Some(text) = text_of(&version.join("report.pdf")) else { return };
    for expected in [
        "Trim and fill adds 1 study (rings)",
        "L'Abbé KA, Detsky AS, O'Rourke K.",
        "the other moderators at their mean",
        "without each study in turn. It runs from",
        "as studies were added, in the order of their years",
        "Not drawn: Baujat's plot (the diagnostics rest on inverse-variance pooling).",
        "radial plot (a three-level model has two variances in the place of one τ²)",
        "Not drawn: Baujat's plot (fewer than three studies have an estimate)",
        "Number at risk",
        "(n = 750)",
        "中国知网 #read(\"x\") (n = 400)",
        "Wrong population, adults (n = 100)",
        "*No* control (n = 30)",
        "Previous studies",
        "Randomisation process",
        "Share of the weight, %",
        "shares of the weight in the analysis “Tuberculosis after BCG”, of 13 judged studies",
        "抗菌导管 #read(\"x\")",
        "*Standard* catheter",
    ] {
        assert!(squeeze(&text).contains(&squeeze(expected)), "`{expected}` is not in the report");
    }
}

/// The captions of a version print the numbers that templates give. Typst counts too: it must agree.
#[test]
fn captions_have_the_numbers_that_typst_counts() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("fixtures/figures"), &folder.path().join("review"));
    let output = run(folder.path(), &["review", "--format", "typ"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let mut documents = Documents::default();
    for (path, bytes) in tree(&folder.path().join("output/figures/1/typst")) {
        if path.ends_with(".typ") {
            documents.sources.insert(path, String::from_utf8(bytes).unwrap());
        } else {
            documents.files.insert(path, bytes);
        }
    }
    let source = whole(&documents.sources);
    assert_eq!(source.matches("figure(\n").count(), source.matches("numbering: numbered(").count());
    let style = documents.sources["style.typ"].clone();
    let mut rendered = |other: &str| {
        let given = "{ (it.numbering)() }";
        assert!(style.contains(given));
        // before Typst has set the pages once, it has counted none
        let compared = format!(
            "{{
              let given = (it.numbering)() + \"{other}\"
              context {{
                let counted = it.counter.display(\"1\")
                assert(counted in (\"0\", given), message: counted + \" is not \" + given)
              }}
            }}"
        );
        documents.sources.insert("style.typ".to_owned(), style.replace(given, &compared));
        Engine::default_engine().render(&documents, &Assets::embedded())
    };
    rendered("").unwrap();
    assert!(rendered("0").unwrap_err().to_string().contains("1 is not 10"));
}

/// The Typst function that draws the figure of a name.
fn function_of(name: &str) -> &'static str {
    match name.split('-').next().unwrap_or_default() {
        "flow" => "prisma-flow",
        "risk" if name.ends_with("summary") => "bias-bars",
        "risk" => "traffic-light",
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

#[test]
fn judgements_and_studies_that_do_not_meet_are_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("review");
    copy_tree(&fixture("bad_inputs/_base"), &review);
    let spec = fs::read_to_string(review.join("review.yaml")).unwrap();
    let bias = "risk_of_bias: {data: rob.csv, tool: ROBINS-I, columns: {study: trial, D7: D7}}\n";
    fs::write(review.join("review.yaml"), format!("{spec}{bias}")).unwrap();
    let judged = "trial,D1,D2,D3,D4,D5,D6,D7,overall\n\
        Alpha 2001,low,Low risk,NI,,Moderate,serious,Critical,Critical\n\
        Betta 2002,Low,Low,Low,Low,Low,Low,Low,Low\n";
    fs::write(review.join("rob.csv"), judged).unwrap();
    let output = run(folder.path(), &["check", "review"]);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!("judgements_that_do_not_meet", stderr(&output));
    assert_eq!(run(folder.path(), &["check", "review", "--strict"]).status.code(), Some(1));
}

/// The judgements beside the studies of a forest plot: where a style or the spec asks for them, by
/// the names of the studies, in plots of two studies and of two hundred.
#[test]
fn judgements_stand_beside_the_forest_plot() {
    let names = [
        "International Collaborative Study Group of Infarct Survival",
        "国家卫生健康委员会多中心随机对照研究协作组",
        "Smith & al. #read(\"x\")",
    ];
    for (studies, style, asked, is_shown) in [
        (2, "revman", "", true),
        (200, "jama", "risk_of_bias_columns: true\n", true),
        (2, "revman", "risk_of_bias_columns: false\n", false),
        (2, "lancet", "", false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let review = folder.path().join("review");
        fs::create_dir(&review).unwrap();
        let mut data = String::from("study,group,m1,s1,n1,m2,s2,n2\n");
        let mut judged = String::from("Study,D1,D2,D3,D4,D5,Overall\n");
        for index in 0..studies {
            let name = format!("{} {index}", names[index % 3].replace('"', "\"\""));
            let (group, mean) = (index * 3 / studies, 100 + index % 7);
            data +=
                &format!("\"{name}\",Group {group},{mean}.5,21.25,{},104,20.75,310\n", 90 + index);
            if index != 1 {
                judged += &format!("\"{name}\",Low,High,Some concerns,Low,No information,High\n");
            }
        }
        fs::write(review.join("d.csv"), data).unwrap();
        fs::write(review.join("rob.csv"), judged).unwrap();
        let spec = "id: r\nversion: \"1\"\ntitle: R\nrisk_of_bias: {data: rob.csv, tool: RoB2}\n";
        fs::write(review.join("review.yaml"), format!("{spec}style: {style}\n")).unwrap();
        let columns = "{study: study, mean1: m1, sd1: s1, n1: n1, mean2: m2, sd2: s2, n2: n2}";
        let analysis = "id: a\ntitle: Pressure\nkind: continuous\nmeasure: MD\ndata: d.csv\n";
        let analysis = format!("{analysis}columns: {columns}\nsubgroups: group\nfigures: none\n");
        fs::write(review.join("a.yaml"), analysis + asked).unwrap();
        let output = run(folder.path(), &["review", "--format", "pdf,typ"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let version = folder.path().join("output/r/1");
        assert_eq!(
            files(&version.join("figures")),
            ["forest-a.svg", "risk-of-bias-summary.svg", "risk-of-bias.svg"]
        );
        let report = report_source(&version);
        assert!(report.contains("subgroup Group 0, "), "the text in place of the plot");
        let Some(text) = text_of(&version.join("report.pdf")) else { return };
        let text = squeeze(&text);
        for expected in ["ARandomisationprocess;", "FOverall", "ABCDEF"] {
            assert_eq!(text.contains(expected), is_shown, "{style}, {studies}: {expected}");
        }
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
