//! The works that reports cite by themselves: what is derived from the choices of a review is what
//! its text cites, every choice has its paper, and the list has each work once.

use crate::support::{copy_tree, fixture, run, skipped, stderr, whole};
use build_report::pipeline::{self, work_library};
use build_report::project::read_review;
use build_report::render::assets::Assets;
use build_report::render::template;
use build_report::report::style::HouseStyle;
use build_report::report::view::{FileView, ReferencesView, report_view};
use build_report::report::works::Work;
use build_report::spec::Language;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The list of references of the review in a folder, and its report in each language.
fn rendered(folder: &Path) -> (ReferencesView, Vec<String>) {
    let findings = pipeline::check(&read_review(folder).unwrap()).unwrap().analyse();
    let assets = Assets::embedded();
    let style = HouseStyle::parse(assets.text("styles/major.yaml").unwrap()).unwrap();
    let library = work_library(&assets).unwrap();
    let view = report_view(&findings, &style, None, "program", &library);
    let file = FileView::new("", std::iter::empty());
    let report = |language| {
        let documents = template::documents(&view, &file, language, &assets).unwrap();
        assert!(!documents.sources["figures.typ"].contains("#cite("));
        whole(&documents.sources)
    };
    let reports = Language::ALL.into_iter().map(report).collect();
    (view.references.unwrap(), reports)
}

/// The keys that Typst sources cite, in their order.
fn cited(report: &str) -> Vec<&str> {
    let keys = report.split("#cite(label(\"").skip(1);
    keys.map(|rest| &rest[..rest.find('"').unwrap()]).collect()
}

/// Renders a review in every language and holds what its text cites against what was derived.
fn derived(folder: &Path) -> BTreeSet<Work> {
    let (references, reports) = rendered(folder);
    let key = |work: &Work| {
        let stand_in = references.stand_ins.get(work.key());
        stand_in.cloned().unwrap_or_else(|| work.key().to_owned())
    };
    let derived: BTreeSet<String> = references.works.iter().map(key).collect();
    let is_own = |key: &&str| {
        let is_stand_in = references.stand_ins.values().any(|stand_in| stand_in == key);
        key.starts_with("build-report:") || is_stand_in
    };
    for (report, language) in reports.iter().zip(Language::ALL) {
        let printed = cited(report).into_iter().filter(is_own);
        let printed: BTreeSet<String> = printed.map(str::to_owned).collect();
        assert_eq!(printed, derived, "{} in {}", folder.display(), language.tag());
    }
    references.works
}

/// Without refits, which cite nothing.
const SHORT: &str =
    "defaults: {sensitivity: {other_models: false, influence: false, leave_one_out: false}}\n";
const COUNTS: &str = "kind: binary\ndata: data/bcg.csv\n\
    columns: {study: study, year: year, events1: tpos, total1: n1, events2: cpos, total2: n2}\n";
const MEANS: &str = "kind: continuous\ndata: data/normand1999.csv\n\
    columns: {study: source, mean1: m1i, sd1: sd1i, n1: n1i, mean2: m2i, sd2: sd2i, n2: n2i}\n";
const MEDIANS: &str = "kind: continuous\nmeasure: MD\ndata: data/medians.csv\n\
    columns: {study: study, n1: n1, mean1: mean1, sd1: sd1, se1: se1, median1: med1, \
    lower_quartile1: q1_1, upper_quartile1: q3_1, min1: min1, max1: max1, n2: n2, mean2: mean2, \
    sd2: sd2, se2: se2, median2: med2, lower_quartile2: q1_2, upper_quartile2: q3_2, min2: min2, \
    max2: max2}\n";
const PROPORTIONS: &str = "kind: proportion\nmeasure: PLO\ndata: data/debruin2009.csv\n\
    columns: {study: author, year: year, events: xi, total: ni}\n";
const RATES: &str = "kind: rate\nmeasure: IRFT\ndata: data/hart1999.csv\n\
    columns: {study: study, year: year, events: x2i, time: t2i}\n";

/// Analyses that make every choice of a method that those of the fixtures do not make.
fn choices() -> Vec<String> {
    let mut analyses: Vec<String> = Vec::new();
    for method in ["EE", "REML", "ML", "DL", "PM", "EB", "HE", "HS", "SJ", "MH"] {
        analyses.push(format!("{COUNTS}measure: RR\nmodel: {{method: {method}}}\n"));
    }
    for method in ["PETO", "UM.FS", "CM.EL", "MH"] {
        analyses.push(format!("{COUNTS}measure: OR\nmodel: {{method: {method}}}\n"));
    }
    for test in ["z", "t", "knha", "adhoc"] {
        analyses.push(format!("{COUNTS}measure: AS\nmodel: {{test: {test}}}\n"));
    }
    for variance in ["sato", "greenland-robins"] {
        let conventions = format!("conventions: {{rd_variance: {variance}}}");
        analyses.push(format!("{COUNTS}measure: RD\nmodel: {{method: MH}}\n{conventions}\n"));
    }
    for number in ["Rosenthal", "Orwin", "Rosenberg"] {
        let number = format!("small_study: {{fail_safe: {{type: {number}}}}}");
        analyses.push(format!("{COUNTS}measure: OR\n{number}\ntables: [fail_safe, asymmetry]\n"));
    }
    for predictor in ["sei", "vi", "ninv"] {
        for model in ["rma", "lm"] {
            let test = format!("regression: {{model: {model}, predictor: {predictor}}}");
            analyses.push(format!("{COUNTS}measure: RR\nsmall_study: {{{test}}}\n"));
        }
    }
    for variance in ["LS", "LS2", "UB", "AV", "revman"] {
        let conventions = format!("conventions: {{smd_variance: {variance}}}");
        analyses.push(format!("{MEANS}measure: SMD\n{conventions}\n"));
    }
    for prediction in ["model", "t-k-1", "t-k-2", "none"] {
        let conventions = format!("conventions: {{prediction: {prediction}}}");
        analyses.push(format!("{MEANS}measure: SMDH\n{conventions}\n"));
    }
    for ratio in ["plain", "bias-corrected"] {
        analyses.push(format!("{MEANS}measure: ROM\nconventions: {{rom: {ratio}}}\n"));
    }
    for method in ["luo", "wan"] {
        analyses.push(format!("{MEDIANS}conventions: {{mean_from_median: {method}}}\n"));
    }
    for interval in ["wald", "clopper-pearson", "wilson"] {
        let conventions = format!("conventions: {{study_interval: {interval}}}");
        analyses.push(format!("{PROPORTIONS}{conventions}\ntables: [single_arm]\n"));
    }
    analyses.push(RATES.to_owned());
    analyses
}

/// A review of these analyses, with the data of the fixture of all kinds.
fn write_review(folder: &Path, analyses: &[String], more: &str) {
    copy_tree(&fixture("fixtures/kinds/data"), &folder.join("data"));
    let mut order = String::new();
    for (number, analysis) in analyses.iter().enumerate() {
        let analysis = format!("id: a{number}\ntitle: Analysis {number}\n{analysis}");
        fs::write(folder.join(format!("a{number}.yaml")), analysis).unwrap();
        write!(order, "a{number}, ").unwrap();
    }
    let review =
        format!("id: works\nversion: \"1\"\ntitle: Works\norder: [{order}]\n{SHORT}{more}");
    fs::write(folder.join("review.yaml"), review).unwrap();
}

#[test]
fn what_is_derived_is_what_is_cited_and_every_work_has_its_choice() {
    let mut works = BTreeSet::new();
    for name in ["kinds", "figures", "tables", "edge-cases", "fleiss1993"] {
        works.extend(derived(&fixture("fixtures").join(name)));
    }
    let folder = tempfile::tempdir().unwrap();
    write_review(folder.path(), &choices(), "");
    works.extend(derived(folder.path()));
    for profile in ["metafor", "jamovi-major", "revman5", "revman-web", "meta"] {
        let folder = tempfile::tempdir().unwrap();
        write_review(folder.path(), &choices()[..1], &format!("profile: {profile}\n"));
        works.extend(derived(folder.path()));
    }
    let never: Vec<&Work> = Work::ALL.iter().filter(|work| !works.contains(*work)).collect();
    // the fixtures judge with RoB 2
    assert_eq!(never, [&Work::Sterne2016]);
}

/// Works are numbered with the author's references in one list, in the order of their citations;
/// the author's entry for a work stands for it.
#[test]
fn the_list_has_each_work_once_in_its_order() {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("review");
    copy_tree(&fixture("fixtures/tables"), &review);
    let output = run(folder.path(), &["build", "review", "--only", "pain"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let pdf = folder.path().join("output/tables/1+pain/report.pdf");
    let Ok(text) = Command::new("pdftotext").arg("-raw").arg(&pdf).arg("-").output() else {
        return skipped("pdftotext is not installed");
    };
    let text = String::from_utf8(text.stdout).unwrap();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, list) = text.rsplit_once(" References ").unwrap();
    let (references, reports) = rendered(&review);
    assert_eq!(references.stand_ins[Work::Higgins2002.key()], "higgins2002");
    assert!(text.contains("(REML) [3]"), "{text}");
    assert!(list.starts_with("1. Higgins JPT, Thompson SG. Quantifying"), "{list}");
    assert!(list.contains("2. Viechtbauer W, Cheung MW-L."), "{list}");
    assert!(list.contains("3. Raudenbush SW. Analyzing effect sizes"), "{list}");
    let program = format!("build-report {}: meta-analysis", env!("CARGO_PKG_VERSION"));
    assert!(list.contains(&program), "{list}");
    assert_eq!(list.matches("Quantifying heterogeneity").count(), 1, "{list}");
    assert_eq!(list.matches("Operating characteristics").count(), 1, "{list}");
    assert!(!list.contains("Beta blockade"), "no one cites Peto's method: {list}");
    assert!(!cited(&reports[0]).contains(&Work::Higgins2002.key()));
}

/// A review without a list of its own lists the works of its methods.
#[test]
fn a_review_without_references_lists_its_methods() {
    let (references, reports) = rendered(&fixture("fixtures/fleiss1993"));
    assert_eq!((references.author, references.stand_ins.len()), (None, 0));
    assert!(references.works.contains(&Work::Mantel1959));
    assert!(references.works.contains(&Work::Deeks2010));
    assert!(references.works.contains(&Work::Program));
    assert_eq!(reports[0].matches("#bibliography((bytes(").count(), 1);
}
