//! Hostile strings in every place where an author can write: they are printed as they stand, or
//! refused with their place. No output obeys them.

use crate::fuzzed::targets;
use crate::pdf_reader::{Report, Tag};
use crate::support::{copy_tree, fixture, program, run, skipped, stderr, stdout, tree};
use build_report::diagnostic::{Code, Location};
use build_report::pipeline::{self, Settings};
use build_report::project::Inputs;
use build_report::render::Engine;
use build_report::render::assets::Assets;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Strings that something would obey. They are printed as they stand.
const PRINTED: [&str; 46] = [
    "#image(\"/etc/passwd\")",
    "#read(\"/etc/passwd\")",
    "#include \"/etc/passwd\"",
    "#import \"@preview/a:1.0.0\"",
    "#eval(\"1 + 1\")",
    "#panic()",
    "#sys.inputs",
    "*bold*",
    "_slope_",
    "~sub~",
    "$x^2$",
    "@ref",
    "<label>",
    "]",
    "[",
    "#[",
    ")",
    "{",
    "}",
    "\\u{41}",
    "\\",
    "\\#",
    "\"",
    "\"quoted\"",
    "'",
    "`raw`",
    "```raw```",
    "//",
    "/* never closed",
    "https://example.org/x",
    "= heading",
    "- item",
    "+ item",
    "/ term: x",
    "{{ 7*7 }}",
    "{% include \"/etc/passwd\" %}",
    "{# gone #}",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "&lt;b&gt;",
    "| a | b |",
    "[link](javascript:alert(1))",
    "../../etc/passwd",
    "=cmd|' /C calc'!A0",
    "::error::all is lost",
    "漢字 {estimate} {to} %s %n",
];

/// Strings that cannot be printed as they stand.
const REFUSED: [&str; 10] = [
    "\u{1b}[31mred",
    "nul \u{0} nul",
    "bell \u{7}",
    "\u{9b}31m",
    "\u{202e}0.5",
    "\u{202a}a",
    "\u{2066}a",
    "private \u{e000}",
    "no glyph \u{1f9ec}",
    "\u{7f}",
];

/// Strings that need no glyph and change nothing.
const INVISIBLE: [&str; 4] =
    ["zero\u{200b}width", "jo\u{200d}in", "left\u{200e}mark", "so\u{ad}ft"];

#[test]
fn hostile_text_is_no_markup_in_any_place() {
    for text in PRINTED.into_iter().chain(INVISIBLE) {
        assert!(targets::template(text.as_bytes()), "{text} is refused");
    }
    assert!(targets::template("W".repeat(499).as_bytes()));
}

#[test]
fn what_cannot_be_printed_is_refused_with_its_place() {
    let settings = Settings {
        assets: Assets::embedded(),
        engine: Engine::default_engine(),
        epoch: None,
        formats: Vec::new(),
        options: BTreeMap::new(),
        asset_hashes: OnceLock::new(),
    };
    for text in REFUSED {
        // a text of the title, and one of a table
        for file in ["counts.yaml", "studies.csv"] {
            let mut files = targets::everywhere::review("plain");
            let bytes = String::from_utf8(files[file].clone()).unwrap();
            let hostile = match file {
                "studies.csv" => bytes.replace("plain A", text),
                _ => bytes.replace("\"plain\"", &serde_json::Value::from(text).to_string()),
            };
            assert_ne!(hostile, bytes);
            files.insert(file.to_owned(), hostile.into_bytes());
            let inputs = Inputs::from_files(PathBuf::new(), files);
            let errors = match pipeline::check(&inputs) {
                Err(errors) => errors,
                Ok(checked) => pipeline::prepare(checked, &inputs, &settings)
                    .err()
                    .unwrap_or_default()
                    .into_iter()
                    .filter(|told| told.code == Code::MissingGlyph)
                    .collect(),
            };
            assert!(!errors.is_empty(), "{text:?} in {file} is printed");
            // an escape in YAML is no character of the file
            let is_escape = file == "counts.yaml" && text.contains(|c: char| c < ' ');
            if !is_escape {
                let has_place = |location: &Location| !matches!(location, Location::Program);
                assert!(errors.iter().all(|error| has_place(&error.location)), "{errors:?}");
            }
        }
    }
}

/// What is read from a PDF, without white space, which lines and cells divide.
fn text_of_pdf(file: &Path) -> Option<String> {
    let output =
        Command::new("pdftotext").args(["-raw", "-enc", "UTF-8"]).arg(file).arg("-").output();
    Some(squeezed(&String::from_utf8_lossy(&output.ok()?.stdout)))
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{ad}').collect()
}

fn write(folder: &Path, files: &BTreeMap<String, Vec<u8>>) {
    fs::create_dir_all(folder).unwrap();
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).unwrap();
    }
}

#[test]
fn a_report_prints_hostile_strings_as_they_stand() {
    let folder = tempfile::tempdir().unwrap();
    // several strings in each place, so that few reports hold all
    for (number, strings) in PRINTED.chunks(16).enumerate() {
        let text = format!("Z {} Z", strings.join(" "));
        let review = folder.path().join(format!("review{number}"));
        write(&review, &targets::everywhere::review(&text));
        let out = format!("out{number}");
        let name = format!("review{number}");
        let output = run(folder.path(), &["build", &name, "--out", &out]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let version = folder.path().join(&out).join("everywhere/1");
        let files = tree(&version);
        let named = |name: &str| {
            let found = files.iter().find(|(path, _)| path == name);
            String::from_utf8_lossy(&found.unwrap_or_else(|| panic!("no {name}")).1).into_owned()
        };
        // data hold the text itself
        let results: serde_json::Value = serde_json::from_str(&named("results.json")).unwrap();
        assert_eq!(results[0]["studies"][0]["study"], format!("{text} A"));
        let table = named("tables/studies-counts.csv");
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let first = reader.records().next().unwrap().unwrap();
        assert!(first.iter().any(|cell| cell == format!("{text} A")), "{table}");
        // a picture is XML whose texts are outlines: nothing of the string is an element
        for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".svg")) {
            let svg = String::from_utf8_lossy(bytes);
            for element in
                ["<script", "<img", "<foreignObject", "javascript:", "<image", "onerror="]
            {
                assert!(!svg.contains(element), "{path} has {element}");
            }
        }
        // headings are bookmarks, and what is said of a figure names what it shows
        let report = Report::read(version.clone());
        let bookmarks = report.bookmarks();
        let is_whole = |said: &String| said.contains(&text);
        assert!(bookmarks.iter().any(is_whole), "{bookmarks:?}");
        let tags = report.tags();
        let said: Vec<String> =
            tags.iter().flat_map(Tag::all).filter_map(|tag| tag.alt.clone()).collect();
        assert!(said.iter().any(is_whole), "{said:?}");
        let Some(printed) = text_of_pdf(&version.join("report.pdf")) else {
            skipped("pdftotext is not installed: the text of the PDF is not read");
            continue;
        };
        for string in strings {
            let count = printed.matches(&squeezed(string)).count();
            assert!(count >= 20, "{string} is printed {count} times");
        }
        let outlines = Command::new("pdfinfo").arg(version.join("report.pdf")).output().unwrap();
        let title = String::from_utf8_lossy(&outlines.stdout).into_owned();
        assert!(squeezed(&title).contains(&squeezed(&text)), "{title}");
    }
}

#[test]
fn tables_hold_no_formulas() {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("review");
    copy_tree(&fixture("bad_inputs/_base"), &review);
    let table = fs::read_to_string(review.join("data.csv")).unwrap();
    fs::write(review.join("data.csv"), table.replace("Alpha 2001", "=cmd|' /C calc'!A0")).unwrap();
    let output = run(folder.path(), &["build", "review"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for (path, bytes) in tree(&folder.path().join("output/sample/1/tables")) {
        let text = String::from_utf8(bytes).unwrap();
        for line in text.lines() {
            assert!(!line.starts_with('=') && !line.contains(",="), "{path}: {line}");
        }
    }
}

#[test]
fn terminals_and_logs_obey_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("review");
    copy_tree(&fixture("bad_inputs/_base"), &review);
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}x";
    fs::write(
        review.join("data.csv"),
        format!(
            "study,outcome,e1,n1,e2,n2\n{hostile},pain,9,1,5,21\n{hostile},pain,{hostile},18,4,17\n"
        ),
    )
    .unwrap();
    fs::write(
        review.join("pain.yaml"),
        "id: pain\ntitle: Pain\nfilter: {outcome: pain}\n\"\\e[31m\\n::error::x\": 1\nbenefit: \"\\n::set-output name=a::b\"\n",
    )
    .unwrap();
    for arguments in [["check", "review"], ["eval", "review"], ["build", "review"]] {
        let output = program(folder.path()).args(arguments).args(["--color", "always"]).output();
        let output = output.unwrap();
        assert_eq!(output.status.code(), Some(1));
        let told = stderr(&output) + &stdout(&output);
        expect_inert(&told);
    }
    let output = run(folder.path(), &["check", "review", "--message-format", "json"]);
    assert!(!stdout(&output).contains('\u{1b}'));
}

/// No control sequence but the colours of the program itself, and no command to a CI service.
fn expect_inert(told: &str) {
    for (at, _) in told.match_indices('\u{1b}') {
        let sequence: String =
            told[at + 1..].chars().take_while(|c| !c.is_ascii_alphabetic()).collect();
        let end = told[at + 1 + sequence.len()..].chars().next();
        assert!(sequence.starts_with('[') && end == Some('m'), "{:?}", &told[at..at + 12]);
    }
    assert!(!told.contains(['\u{7}', '\u{9b}', '\u{202e}']), "{told}");
    let without_colours: String = told.split('\u{1b}').collect();
    for line in without_colours.lines() {
        assert!(!line.trim_start().starts_with("::"), "{line}");
    }
}

#[test]
fn reviews_of_updates_show_hostile_strings_as_text() {
    let folder = tempfile::tempdir().unwrap();
    for (name, n) in [("old", "20"), ("new", "60")] {
        let review = folder.path().join(name);
        copy_tree(&fixture("bad_inputs/_base"), &review);
        let table = fs::read_to_string(review.join("data.csv")).unwrap();
        let label = format!("\"{}\"", PRINTED.join(" ").replace('"', "\"\""));
        let table = table.replace("Alpha 2001,pain,3,20", &format!("{label},pain,3,{n}"));
        fs::write(review.join("data.csv"), table).unwrap();
        let title = serde_json::Value::from(format!("{} {name}", PRINTED.join(" ")));
        let spec = format!("id: pain\ntitle: {title}\nfilter: {{outcome: pain}}\n");
        fs::write(review.join("pain.yaml"), spec).unwrap();
    }
    let shown = |format: &str| {
        let output = run(folder.path(), &["diff", "old", "new", "--format", format]);
        assert!(output.status.code() < Some(2), "{}", stderr(&output));
        stdout(&output)
    };
    let html = shown("html");
    for tag in ["<img", "onerror=alert(1)>", "<script>alert"] {
        assert!(!html.contains(tag), "{tag}");
    }
    assert!(html.contains("&lt;script&gt;alert(1)"), "{html}");
    let markdown = shown("markdown");
    for tag in ["<img", "<script", "<label", " | a | b |", "[link](", " @ref"] {
        assert!(!markdown.contains(tag), "{tag}: {markdown}");
    }
    expect_inert(&shown("text"));
}
