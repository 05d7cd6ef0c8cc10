//! Results in chapters: their headings, their pages, what no chapter names, what `--only` leaves.

use crate::pdf_reader::{Bookmark, Report};
use crate::support::{copy_tree, fixture, report_source, run, stderr, stdout};
use hayro_syntax::content::ops::TypedInstruction;
use std::fs;
use std::path::{Path, PathBuf};

const CHAPTERS: &str = "chapters:
  - {title: Harms, analyses: [wide, pain]}
  - title: Course of
      the disease
    analyses: [fever, broad]
";

/// A review with two chapters, one analysis that neither names, and two tables that lie on their
/// side: the first of all sections and the last of a chapter.
fn review() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("review");
    copy_tree(&fixture("bad_inputs/_base"), &review);
    let write = |name: &str, text: &str| fs::write(review.join(name), text).unwrap();
    let base = fs::read_to_string(review.join("review.yaml")).unwrap();
    write("review.yaml", &format!("{base}{CHAPTERS}"));
    write("fever.yaml", "id: fever\ntitle: Fever\nfilter: {outcome: fever}\n");
    let columns: Vec<String> = (1..=12).map(|column| format!("c{column}")).collect();
    let row = vec!["some words of a cell"; columns.len()].join(",");
    write("wide.csv", &format!("{}\n{}", columns.join(","), format!("{row}\n").repeat(12)));
    let table = |id: &str, title: &str, columns: &[String]| {
        let columns = columns.join(", ");
        format!(
            "id: {id}\ntitle: {title}\nkind: table\ndata: wide.csv\ntable: {{columns: [{columns}]}}\n"
        )
    };
    write("wide.yaml", &table("wide", "Wide", &columns));
    write("broad.yaml", &table("broad", "Broad", &columns));
    write("words.yaml", &table("words", "Words", &columns[..1]));
    folder
}

/// The version that a build writes.
fn build(folder: &Path, arguments: &[&str]) -> PathBuf {
    let output = run(folder, &[&["build", "review"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    folder.join(stdout(&output).trim_end())
}

/// The bookmarks as they stand behind those of the methods.
fn of_results(outline: &[Bookmark]) -> Vec<(usize, &str)> {
    let methods = outline.iter().position(|bookmark| bookmark.title == "Methods").unwrap();
    outline[methods + 1..].iter().map(|it| (it.level, it.title.as_str())).collect()
}

#[test]
fn each_chapter_has_its_heading_and_a_page_of_its_own() {
    let folder = review();
    let report = Report::read(build(folder.path(), &[]));
    let outline = report.outline();
    assert_eq!(
        of_results(&outline),
        [
            (1, "Harms"),
            (2, "1 Wide"),
            (2, "2 Pain"),
            (1, "Course of the disease"),
            (2, "3 Fever"),
            (2, "4 Broad"),
            (1, "Other results"),
            (2, "5 Words"),
            (1, "Appendix: the analyses in R"),
            (1, "References"),
        ]
    );
    let first = outline.iter().position(|bookmark| bookmark.title == "Harms").unwrap();
    for (at, chapter) in outline.iter().enumerate().skip(first).filter(|(_, it)| it.level == 1) {
        assert!(chapter.page > outline[at - 1].page, "{chapter:?}");
        // the margin is 2.2 cm
        assert!(chapter.below_top < 63.0, "{chapter:?}");
        // its first section stands below it
        let section = outline.get(at + 1).filter(|next| next.level == 2);
        assert!(section.is_none_or(|section| section.page == chapter.page), "{chapter:?}");
    }
    for title in ["1 Wide", "4 Broad"] {
        let section = outline.iter().find(|bookmark| bookmark.title == title).unwrap();
        let sheet = report.pdf.pages()[section.page].media_box();
        assert!(sheet.width() > sheet.height(), "{title} stands upright");
    }
    for (number, page) in report.pdf.pages().iter().enumerate() {
        let mut operations = page.typed_operations();
        let mut has_text = false;
        while let Some(operation) = operations.next() {
            // what is not tagged is the running title or the number of the page
            has_text |= matches!(
                operation,
                TypedInstruction::BeginMarkedContentWithProperties(mark)
                    if mark.0.as_str() != "Artifact"
            );
        }
        assert!(has_text, "page {} is empty", number + 1);
    }
}

#[test]
fn a_part_has_the_chapters_of_its_analyses() {
    let folder = review();
    let arguments = ["--only", "broad", "--only", "words"];
    let report = Report::read(build(folder.path(), &arguments));
    let bookmarks = report.bookmarks();
    assert_eq!(
        bookmarks[..4],
        ["Course of the disease", "1 Broad", "Other results", "2 Words"],
        "{bookmarks:?}"
    );
}

/// The title of a chapter is not that of the review.
#[test]
fn a_change_of_a_chapter_is_told_as_such() {
    let folder = review();
    let before = build(folder.path(), &["--format", "typ"]);
    let path = folder.path().join("review/review.yaml");
    let spec = fs::read_to_string(&path).unwrap();
    let renamed = spec.replace("version: \"1\"", "version: \"2\"").replace("Harms", "Risks");
    fs::write(&path, renamed.replace("[fever, broad]", "[fever, words]")).unwrap();
    let now = build(folder.path(), &["--format", "typ"]);
    let told = run(folder.path(), &["diff", before.to_str().unwrap(), now.to_str().unwrap()]);
    let told = stdout(&told);
    for words in [
        "review.yaml: title of chapter 1 Harms → Risks",
        "review.yaml: analyses of chapter 2 [fever, broad] → [fever, words]",
    ] {
        assert!(told.contains(words), "{told}");
    }
    assert!(told.contains("No conclusion changed"), "{told}");
}

#[test]
fn titles_of_chapters_are_translated_in_their_place() {
    let folder = review();
    let path = folder.path().join("review/review.yaml");
    let spec = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{spec}language: zh-Hans\ntranslations: {{zh-Hans: zh.csv}}\n"))
        .unwrap();
    let table = "text,translation\nHarms,危害\nCourse of the disease,病程\n";
    fs::write(folder.path().join("review/zh.csv"), table).unwrap();
    let asked = stdout(&run(folder.path(), &["translations", "review"]));
    let texts: Vec<&str> = asked.lines().filter_map(|line| Some(line.split_once(',')?.0)).collect();
    let titles = ["Harms", "Wide", "Pain", "Course of the disease", "Fever", "Broad", "Words"];
    let found: Vec<&str> = texts.into_iter().filter(|text| titles.contains(text)).collect();
    assert_eq!(found, titles, "{asked}");
    let version = build(folder.path(), &["--format", "typ"]);
    let source = report_source(&version);
    let headings: Vec<&str> = source.lines().filter(|line| line.starts_with("= ")).collect();
    for heading in ["= #\"危害\";", "= #\"病程\";", "= #\"其他结果\";"] {
        assert!(headings.contains(&heading), "{heading}: {headings:?}");
    }
}
