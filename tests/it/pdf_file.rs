//! The file of a report: PDF/A-3a and PDF/UA-1 in one, its tags, its bookmarks, its attachments.

use crate::pdf_reader::{Report, Tag, text};
use crate::support::{copy_tree, fixture, program, run, skipped, stderr, stdout, tree};
use build_report::versions::sha256;
use hayro_syntax::content::ops::TypedInstruction;
use hayro_syntax::object::{Array, Dict, Name, String as PdfString};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The reports of all reviews of the repository, built once.
fn reports() -> &'static [Report] {
    static REPORTS: OnceLock<Vec<Report>> = OnceLock::new();
    REPORTS.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pdf-file");
        let _ = fs::remove_dir_all(&out);
        let output =
            program(root).args(["build", "tests/fixtures", "analyses", "--out"]).arg(&out).output();
        let output = output.unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let versions = String::from_utf8(output.stdout).unwrap();
        versions.lines().map(|folder| Report::read(PathBuf::from(folder))).collect()
    })
}

/// A build of the small sample review after `change`, with its version folder.
fn sample(change: impl FnOnce(&Path)) -> (tempfile::TempDir, std::process::Output, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("bad_inputs/_base"), &folder.path().join("review"));
    change(folder.path());
    let output = match folder.path().join("mine").is_dir() {
        true => run(folder.path(), &["review", "--templates", "mine"]),
        false => run(folder.path(), &["review"]),
    };
    let version = folder.path().join("output/sample/1");
    (folder, output, version)
}

#[test]
fn every_report_says_that_it_is_pdf_a_3a_and_pdf_ua_1() {
    assert!(reports().len() >= 3);
    for report in reports() {
        let name = report.name();
        let metadata = report.metadata();
        for claim in [
            "<pdfaid:part>3</pdfaid:part>",
            "<pdfaid:conformance>A</pdfaid:conformance>",
            "<pdfuaid:part>1</pdfuaid:part>",
            "<dc:language><rdf:Bag><rdf:li>en</rdf:li></rdf:Bag></dc:language>",
        ] {
            assert!(metadata.contains(claim), "{name}: {claim}");
        }
        for field in ["dc:title", "dc:description", "pdf:Keywords"] {
            assert!(metadata.contains(&format!("<{field}>")), "{name}: {field}");
        }
        let catalog = report.catalog();
        let part = |key: &str| catalog.get::<Dict<'_>>(key).unwrap();
        assert_eq!(part("MarkInfo").get::<bool>("Marked"), Some(true), "{name}");
        assert_eq!(part("ViewerPreferences").get::<bool>("DisplayDocTitle"), Some(true), "{name}");
        assert_eq!(text(catalog.get::<PdfString<'_>>("Lang").unwrap().as_bytes()), "en", "{name}");
        assert!(catalog.get::<Array<'_>>("OutputIntents").unwrap().iter::<Dict<'_>>().count() > 0);
    }
}

#[test]
fn qpdf_finds_nothing_wrong() {
    for report in reports() {
        let checked =
            Command::new("qpdf").arg("--check").arg(report.folder.join("report.pdf")).output();
        let Ok(checked) = checked else {
            return skipped("qpdf is not installed");
        };
        assert!(checked.status.success(), "{}: {}", report.name(), stderr(&checked));
    }
}

/// Prints what `page`, an independent validator, finds in the files given: file, standard, rule,
/// number of the object and message, in columns. Exits with 3 where it is not installed.
const VALIDATE: &str = r#"
import sys
try:
    import page
except ImportError:
    sys.exit(3)
for path in sys.argv[1:]:
    for profile in ("3a", "ua1"):
        for failure in page.validate_pdf(path, profile=profile).failures:
            number = failure.object_id.object_number if failure.object_id else 0
            print(path, profile, failure.rule_id, number, failure.message, sep="\t")
"#;

#[test]
fn an_independent_validator_finds_nothing_wrong() {
    let paths = reports().iter().map(|report| report.folder.join("report.pdf"));
    let validated = Command::new("python3").args(["-c", VALIDATE]).args(paths).output();
    let Some(validated) = validated.ok().filter(|output| output.status.code() != Some(3)) else {
        return skipped("the validator `page-validation` is not installed for python3");
    };
    assert!(validated.status.success(), "{}", stderr(&validated));
    let found = stdout(&validated);
    let wrong: Vec<&str> = found.lines().filter(|line| !is_false_alarm(line)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Two mistakes of the validator. It takes a last byte of 13 in a stream for part of the line break
/// that follows; and it gives no width to glyphs of the last private dictionary of a CFF font.
fn is_false_alarm(line: &str) -> bool {
    let columns: Vec<&str> = line.split('\t').collect();
    let [path, _, rule, number, message] = columns[..] else { return false };
    if rule.ends_with("-STREAM-LENGTH-001") {
        let bytes = fs::read(path).unwrap();
        let find = |what: &str| bytes.windows(what.len()).position(|part| part == what.as_bytes());
        let start = find(&format!("\n{number} 0 obj\n")).unwrap();
        let end = bytes[start..].windows(9).position(|part| part == b"endstream").unwrap();
        return bytes[start..start + end].ends_with(b"\r\n");
    }
    rule.ends_with("-GLYPH-WIDTH-001")
        && message.contains(" width 0.000 in its embedded CIDFontType0C program")
}

#[test]
fn headings_are_in_order_and_are_the_bookmarks() {
    for report in reports() {
        let tags = report.tags();
        let all: Vec<&Tag> = tags.iter().flat_map(Tag::all).collect();
        assert_eq!(all.iter().filter(|tag| tag.role == "Title").count(), 1, "{}", report.name());
        let headings: Vec<&&Tag> = all.iter().filter(|tag| tag.level().is_some()).collect();
        let mut above = 0;
        for heading in &headings {
            let level = heading.level().unwrap();
            assert!(level <= above + 1, "{}: {heading:?}", report.name());
            above = level;
        }
        let titles: Vec<String> =
            headings.iter().map(|heading| heading.title.clone().unwrap()).collect();
        let bookmarks = report.bookmarks();
        assert_eq!(bookmarks, titles, "{}", report.name());
        assert!(bookmarks.len() > 3);
        let parts = headings.iter().filter(|heading| heading.level() == Some(1));
        let parts: Vec<&str> = parts.filter_map(|part| part.title.as_deref()).collect();
        let distinct: BTreeSet<&str> = parts.iter().copied().collect();
        assert_eq!(distinct.len(), parts.len(), "{}: {parts:?}", report.name());
    }
}

#[test]
fn figures_have_a_text_and_tables_a_header() {
    for report in reports() {
        let tags = report.tags();
        let all: Vec<&Tag> = tags.iter().flat_map(Tag::all).collect();
        let figures: Vec<&&Tag> = all.iter().filter(|tag| tag.role == "Figure").collect();
        assert!(!figures.is_empty(), "{}", report.name());
        for figure in figures {
            let alt = figure.alt.as_deref().unwrap_or_default();
            assert!(alt.chars().count() > 20, "{}: `{alt}`", report.name());
            assert!(!alt.contains("  ") && !alt.contains('\n'), "{}: `{alt}`", report.name());
        }
        let tables: Vec<&&Tag> = all.iter().filter(|tag| tag.role == "Table").collect();
        assert!(!tables.is_empty(), "{}", report.name());
        for table in tables {
            let part = |role: &str| {
                table.children.iter().find(|tag| tag.role == role).unwrap_or_else(|| {
                    panic!("{}: a table without {role}: {table:?}", report.name())
                })
            };
            let header = part("THead");
            for cell in header.children.iter().flat_map(|row| &row.children) {
                assert_eq!(
                    (cell.role.as_str(), cell.scope.as_deref()),
                    ("TH", Some("Column")),
                    "{}",
                    report.name()
                );
            }
            part("TBody");
        }
    }
}

/// The roles of PDF 1.7; others must be mapped to one of them.
const ROLES: [&str; 37] = [
    "Document",
    "Part",
    "Sect",
    "Div",
    "BlockQuote",
    "Caption",
    "TOC",
    "TOCI",
    "P",
    "H1",
    "H2",
    "H3",
    "H4",
    "H5",
    "H6",
    "L",
    "LI",
    "Lbl",
    "LBody",
    "Table",
    "TR",
    "TH",
    "TD",
    "THead",
    "TBody",
    "TFoot",
    "Span",
    "Quote",
    "Note",
    "Reference",
    "BibEntry",
    "Code",
    "Link",
    "Annot",
    "Figure",
    "Formula",
    "Form",
];

#[test]
fn every_role_is_known_to_readers() {
    for report in reports() {
        let root: Dict<'_> = report.catalog().get("StructTreeRoot").unwrap();
        let map: Dict<'_> = root.get("RoleMap").unwrap_or_default();
        let tags = report.tags();
        for tag in tags.iter().flat_map(Tag::all) {
            let known = ROLES.contains(&tag.role.as_str())
                || map
                    .get::<Name<'_>>(tag.role.as_bytes())
                    .is_some_and(|role| ROLES.contains(&role.as_str()));
            assert!(known, "{}: {}", report.name(), tag.role);
        }
    }
}

/// What is not tagged must be an artifact: the running title and the page number are no part of
/// what is read.
#[test]
fn all_text_is_tagged_or_an_artifact() {
    for report in reports() {
        for (index, page) in report.pdf.pages().iter().enumerate() {
            let (mut tagged, mut artifacts) = (0, 0);
            let mut open: Vec<bool> = Vec::new();
            let mut operations = page.typed_operations();
            while let Some(operation) = operations.next() {
                match operation {
                    TypedInstruction::BeginMarkedContent(mark) => {
                        open.push(mark.0.as_str() == "Artifact");
                    }
                    TypedInstruction::BeginMarkedContentWithProperties(mark) => {
                        open.push(mark.0.as_str() == "Artifact");
                    }
                    TypedInstruction::EndMarkedContent(_) => {
                        open.pop().unwrap();
                    }
                    TypedInstruction::ShowText(_) | TypedInstruction::ShowTexts(_) => {
                        let place = || format!("{} page {}", report.name(), index + 1);
                        assert!(!open.is_empty(), "{} has text without a tag", place());
                        if open.contains(&true) {
                            artifacts += 1;
                        } else {
                            tagged += 1;
                        }
                    }
                    _ => {}
                }
            }
            assert!(tagged > 0 && artifacts > 0, "{} page {}", report.name(), index + 1);
        }
    }
}

#[test]
fn every_page_bears_its_number_the_version_and_the_fingerprint() {
    for report in reports() {
        let path = report.folder.join("report.pdf");
        let Ok(output) = Command::new("pdftotext").arg("-raw").arg(path).arg("-").output() else {
            return skipped("pdftotext is not installed");
        };
        let text = String::from_utf8(output.stdout).unwrap();
        let pages: Vec<&str> = text.split_terminator('\u{c}').collect();
        let provenance: Value =
            serde_json::from_slice(&report.attachments()["provenance.json"].bytes).unwrap();
        let version = provenance["version"].as_str().unwrap();
        let fingerprint = &provenance["fingerprint"].as_str().unwrap()[..10];
        for (index, page) in pages.iter().enumerate() {
            let footer = format!("Page {} of {}", index + 1, pages.len());
            assert!(page.contains(&footer), "{}: {footer}", report.name());
            let made_of = format!("Version {version}, inputs {fingerprint}");
            assert!(page.contains(&made_of), "{}: {made_of}", report.name());
        }
    }
}

#[test]
fn specs_data_and_results_are_attached_as_they_are() {
    for report in reports() {
        let mut attached = report.attachments();
        let names: Vec<String> = attached.keys().cloned().collect();
        let provenance = attached.remove("provenance.json").unwrap();
        assert_eq!(provenance.relationship, "Supplement");
        let results = attached.remove("results.json").unwrap();
        assert_eq!(results.bytes, fs::read(report.folder.join("results.json")).unwrap());
        assert_eq!((results.relationship.as_str(), results.filters), ("Data", 1));
        assert_eq!(results.mime_type, "application/json");
        let inputs = tree(&report.folder.join("inputs"));
        assert_eq!(inputs.len(), attached.len(), "{}", report.name());
        for (path, bytes) in inputs {
            let file = &attached[&path.replace('/', "-")];
            assert_eq!(file.bytes, bytes, "{path}");
            assert!(file.description.ends_with(&format!(": inputs/{path}")), "{path}");
            let (relationship, mime_type) = match path.rsplit_once('.').unwrap().1 {
                "csv" => ("Data", "text/csv"),
                "bib" => ("Source", "application/x-bibtex"),
                _ => ("Source", "application/yaml"),
            };
            assert_eq!(
                (file.relationship.as_str(), file.mime_type.as_str()),
                (relationship, mime_type)
            );
        }
        let associated = report.catalog().get::<Array<'_>>("AF").unwrap();
        assert_eq!(associated.iter::<Dict<'_>>().count(), names.len());
        let listed =
            Command::new("pdfdetach").arg("-list").arg(report.folder.join("report.pdf")).output();
        match listed {
            Ok(listed) => {
                let listed = String::from_utf8(listed.stdout).unwrap();
                for name in names {
                    assert!(listed.contains(&name), "{name} is not in {listed}");
                }
            }
            Err(_) => skipped("pdfdetach is not installed"),
        }
    }
}

#[test]
fn the_provenance_says_what_the_manifest_says_but_for_the_outputs() {
    for report in reports() {
        let mut provenance: serde_json::Map<String, Value> =
            serde_json::from_slice(&report.attachments()["provenance.json"].bytes).unwrap();
        let manifest: Value =
            serde_json::from_slice(&fs::read(report.folder.join("manifest.json")).unwrap())
                .unwrap();
        // as the documentation says how to compute it
        let mut lines = format!("{}\n", provenance["program"].as_str().unwrap());
        for (name, hash) in provenance["inputs"].as_object().unwrap() {
            lines.push_str(&format!("{}  {name}\n", hash.as_str().unwrap()));
        }
        let fingerprint = provenance.remove("fingerprint").unwrap();
        assert_eq!(fingerprint, sha256(lines.as_bytes()));
        assert!(!provenance.contains_key("outputs"));
        for (key, value) in provenance {
            assert_eq!(value, manifest[&key], "{}: {key}", report.name());
        }
        let name = report.folder.join("report.pdf");
        assert_eq!(manifest["outputs"]["report.pdf"], sha256(&fs::read(name).unwrap()));
    }
}

#[test]
fn the_fingerprint_follows_the_inputs() {
    let fingerprint = |change: fn(&Path)| {
        let (_folder, output, version) = sample(change);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let report = Report::read(version);
        let provenance: Value =
            serde_json::from_slice(&report.attachments()["provenance.json"].bytes).unwrap();
        provenance["fingerprint"].as_str().unwrap().to_owned()
    };
    let first = fingerprint(|_| {});
    let other = fingerprint(|folder| {
        let data = folder.join("review/data.csv");
        let text = fs::read_to_string(&data).unwrap();
        fs::write(data, text.replace("Beta", "Bete")).unwrap();
    });
    assert_ne!(first, other);
}

#[test]
fn a_report_without_a_date_bears_the_first_day_of_1970() {
    let (_folder, output, version) = sample(|_| {});
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = Report::read(version);
    assert!(report.metadata().contains("<xmp:CreateDate>1970-01-01T00:00:00"));
}

#[cfg(unix)]
#[test]
fn attachments_of_any_name_are_safe_to_save() {
    let hostile = "weird *?\"<数据>|.csv";
    let (_folder, output, version) = sample(|folder| {
        let review = folder.join("review");
        fs::rename(review.join("data.csv"), review.join(hostile)).unwrap();
        let spec = fs::read_to_string(review.join("review.yaml")).unwrap();
        let written = serde_json::to_string(hostile).unwrap();
        assert!(spec.contains("data.csv"));
        fs::write(review.join("review.yaml"), spec.replace("data.csv", &written)).unwrap();
        fs::rename(review.join("pain.yaml"), review.join("𓀀: \\ \u{1}.yaml")).unwrap();
    });
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let attached = Report::read(version.clone()).attachments();
    let names: Vec<&str> = attached.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["provenance.json", "results.json", "review.yaml", "weird ____数据__.csv", "𓀀_ _ _.yaml"]
    );
    let data = fs::read(version.join("inputs").join(hostile)).unwrap();
    let file = &attached["weird ____数据__.csv"];
    assert_eq!(file.bytes, data);
    assert!(file.description.ends_with(hostile), "{}", file.description);
}

#[test]
fn a_template_without_what_the_standards_demand_is_an_error() {
    let refused = |file: &str, text: &str| {
        let (_folder, output, version) = sample(|folder| {
            let path = folder.join("mine").join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        });
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert!(!version.exists());
        stderr(&output)
    };
    let told = refused("report.typ.jinja", "= A heading\nText.");
    assert!(told.contains("PDF/UA-1 error: missing document title"), "{told}");
    let told = refused("sections/methods.typ.jinja", "= Methods\n\n=== Deep\n");
    assert!(told.contains("PDF/UA-1 error: skipped from heading level 1 to 3"), "{told}");
    assert!(told.contains(" parts/methods.typ:"), "{told}");
    let image = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>";
    let text = format!("= Methods\n\n#image(bytes(\"{image}\"))\n");
    let told = refused("sections/methods.typ.jinja", &text);
    assert!(told.contains("PDF/UA-1 error: missing alt text"), "{told}");
    assert!(told.contains(" parts/methods.typ:"), "{told}");
}
