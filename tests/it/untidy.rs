//! Tables as people have them: read as they were meant, with a note, or refused with the row.

#[cfg(feature = "embedded-typst")]
use crate::support::report_source;
use crate::support::{copy_tree, fixture, run, stderr, stdout, tree};
use build_report::diagnostic::{Diagnostic, Location, Severity};
use build_report::pipeline;
use build_report::project::Inputs;
use encoding_rs::{BIG5, Encoding, GB18030, WINDOWS_1252};
use std::fs;
use std::path::PathBuf;

const REVIEW: &str = "id: r\nversion: \"1\"\ntitle: R\n";
const COUNTS: &str = "id: a\ntitle: A\ndata: d.csv\nkind: binary\nmeasure: OR\n\
    columns: {study: study, year: year, events1: e1, total1: n1, events2: e2, total2: n2}\n";
const EFFECTS: &str = "id: a\ntitle: A\ndata: d.csv\nkind: generic\nmeasure: MD\n\
    columns: {study: study, yi: yi, sei: sei}\n";

fn inputs(review: &str, spec: &str, table: &[u8]) -> Inputs {
    let files = [("review.yaml", review.as_bytes()), ("a.yaml", spec.as_bytes()), ("d.csv", table)];
    let files = files.map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
    Inputs::from_files(PathBuf::new(), files.into())
}

/// The results as JSON, with the notes as `line:column message`.
fn read(review: &str, spec: &str, table: &[u8]) -> (String, Vec<String>) {
    let inputs = inputs(review, spec, table);
    let checked = pipeline::check(&inputs)
        .unwrap_or_else(|told| panic!("{told:#?}\n{}", String::from_utf8_lossy(table)));
    let notes = checked.warnings.iter().map(|note| {
        assert_eq!(note.severity, Severity::Note, "{note:?}");
        told(&inputs, note)
    });
    let notes = notes.collect();
    (serde_json::to_string(&pipeline::evaluate(checked)).unwrap(), notes)
}

fn told(inputs: &Inputs, diagnostic: &Diagnostic) -> String {
    let Location::Place(place) = diagnostic.location else { panic!("{diagnostic:?}") };
    let (line, column) = inputs.sources.line_and_column(place);
    format!("{line}:{column} {}", diagnostic.message)
}

/// The errors about a table, as `line:column code message`.
fn refused(spec: &str, table: &[u8]) -> Vec<String> {
    let inputs = inputs(REVIEW, spec, table);
    let errors = pipeline::check(&inputs).expect_err("the table is read");
    let errors = errors.iter().filter(|told| told.severity == Severity::Error);
    errors
        .map(|error| {
            let is_about_writing = ["E0102", "E0316", "E0317"].contains(&error.code.as_str());
            assert!(error.help.is_some() || !is_about_writing, "{error:?} has no hint");
            let (place, message) = told(&inputs, error).split_once(' ').map(owned).unwrap();
            format!("{place} {} {message}", error.code.as_str())
        })
        .collect()
}

fn owned((place, message): (&str, &str)) -> (String, String) {
    (place.to_owned(), message.to_owned())
}

const PLAIN_COUNTS: &str =
    "study,year,e1,n1,e2,n2\nAlpha,2001,3,1200,5,1210\nBeta,2002,10,180,4,170\n";
const PLAIN_EFFECTS: &str = "study,yi,sei\nAlpha,-0.52,0.125\nBeta,1234.5,12.5\nGamma,2,0.5\n";

#[test]
fn untidy_tables_are_read_as_they_were_meant() {
    let note = |place: &str, what: &str| format!("{place} the table is not plain CSV: {what}");
    let cases: [(&str, &str, &str, Vec<String>); 14] = [
        (
            COUNTS,
            PLAIN_COUNTS,
            "\u{feff}study,year,e1,n1,e2,n2\r\nAlpha,2001,3,1200,5,1210\r\nBeta,2002,10,180,4,170",
            vec![],
        ),
        (
            COUNTS,
            PLAIN_COUNTS,
            "study;year;e1;n1;e2;n2\nAlpha;2001;3;1200;5;1210\nBeta;2002;10;180;4;170\n",
            vec![note("1:1", "semicolons between its cells")],
        ),
        (
            COUNTS,
            PLAIN_COUNTS,
            "sep=;\nstudy;year;e1;n1;e2;n2\nAlpha;2001;3;1200;5;1210\nBeta;2002;10;180;4;170\n",
            vec![note("2:1", "semicolons between its cells")],
        ),
        (
            COUNTS,
            PLAIN_COUNTS,
            "study\tyear\te1\tn1\te2\tn2\nAlpha\t2001\t3\t1200\t5\t1210\nBeta\t2002\t10\t180\t4\t170\n",
            vec![note("1:1", "tabs between its cells")],
        ),
        (
            COUNTS,
            PLAIN_COUNTS,
            "study,year,e1,n1,e2,n2,,\nAlpha,2001,3,1200,5,1210,,\nBeta,2002,10,180,4,170,,\n",
            vec![note("1:1", "2 empty columns at the right left out")],
        ),
        (
            COUNTS,
            PLAIN_COUNTS,
            "study,year,e1,n1,e2,n2\nAlpha,2001,3,1200,5,1210,,\nBeta,2002,10,180,4,170\n",
            vec![note("2:1", "empty cells beyond the header left out in 1 row")],
        ),
        (
            COUNTS,
            PLAIN_COUNTS,
            "study,year,e1,n1,e2,n2\nAlpha,2001,3,1200,5,1210\n,,,,,\nBeta,2002,10,180,4,170\n,,,,,\n",
            vec![note("3:1", "2 empty rows left out")],
        ),
        (
            COUNTS,
            PLAIN_COUNTS,
            "study,year,e1,n1,e2,n2\nAlpha,2001,3,\"1,200\",5,\"1,210\"\nBeta,2002,１０,180,４,170\n",
            vec![
                note("2:14", "2 numbers with marks between thousands, read without"),
                note("3:11", "2 numbers with full-width characters"),
            ],
        ),
        (
            COUNTS,
            PLAIN_COUNTS,
            "study,year,e1,n1,e2,n2\nAlpha,2001,3,1 200,5,1\u{202f}210\nBeta,2002,10,180,4,170\n",
            vec![note("2:14", "2 numbers with marks between thousands, read without")],
        ),
        (
            EFFECTS,
            PLAIN_EFFECTS,
            "study;yi;sei\nAlpha;-0,52;0,125\nBeta;1.234,5;12,5\nGamma;2;0,5\n",
            vec![
                note("1:1", "semicolons between its cells"),
                note("2:7", "5 numbers with a decimal comma"),
                note("3:6", "1 number with marks between thousands, read without"),
            ],
        ),
        (
            EFFECTS,
            PLAIN_EFFECTS,
            "study,yi,sei\nAlpha,\u{2212}0.52,0.125\nBeta,1234.5,12.5\nGamma,2,0.5\n",
            vec![note("2:7", "1 number with a minus that is no hyphen")],
        ),
        (
            EFFECTS,
            PLAIN_EFFECTS,
            "study,yi,sei\nAlpha,\"-0,52\",\"0,125\"\nBeta,\"1234,5\",\"12,5\"\nGamma,2,\"0,5\"\n",
            vec![note("2:7", "5 numbers with a decimal comma")],
        ),
        (
            EFFECTS,
            PLAIN_EFFECTS,
            "study,yi,sei\nAlpha,-0.52,.125\nBeta,\"1,234.5\",12.5\nGamma,2.0,+0.5\n",
            vec![note("3:6", "1 number with marks between thousands, read without")],
        ),
        (
            EFFECTS,
            "study,yi,sei\nAlpha,1.234,0.125\nBeta,2.5,0.5\n",
            "study;yi;sei\nAlpha;1,234;0,125\nBeta;2,5;0,5\n",
            vec![
                note("1:1", "semicolons between its cells"),
                note("2:7", "4 numbers with a decimal comma"),
            ],
        ),
    ];
    for (spec, plain, table, notes) in cases {
        let (expected, none) = read(REVIEW, spec, plain.as_bytes());
        assert_eq!(none, [""; 0]);
        let (found, told) = read(REVIEW, spec, table.as_bytes());
        assert_eq!(found, expected, "{table}");
        assert_eq!(told, notes, "{table}");
    }
}

#[test]
fn what_could_be_two_things_is_refused_with_its_row() {
    let effects = |rows: &str| refused(EFFECTS, format!("study,yi,sei\n{rows}").as_bytes());
    assert_eq!(effects("A,\"1,234\",0.5\n"), ["2:3 E0316 `1,234` could be two numbers"]);
    assert_eq!(effects("A,\"0,5\",0.5\nB,1.234,0.5\n"), ["3:3 E0316 `1.234` could be two numbers"]);
    // a sheet with decimal commas, saved with commas between its cells
    assert_eq!(effects("A,1.234,\"0,5\"\n"), ["2:3 E0316 `1.234` could be two numbers"]);
    // numbers of another column with points may be codes
    for (table, found) in [
        ("study;id;yi;sei\nA;1.1;1.234;0,5\n", "2:7 E0316 `1.234` could be two numbers"),
        ("study,id,yi,sei\nA,1.1,1.234,\"0,5\"\n", "2:7 E0316 `1.234` could be two numbers"),
        ("study;yi;sei\nA;1.234;0,5\n", "2:3 E0316 `1.234` could be two numbers"),
        ("study;yi;sei\nA;1,234;0.5\n", "2:3 E0316 `1,234` could be two numbers"),
    ] {
        assert_eq!(refused(EFFECTS, table.as_bytes()), [found]);
    }
    assert_eq!(effects("A,5-Mar,0.5\n"), ["2:3 E0317 `5-Mar` is not a number"]);
    assert_eq!(effects("A,05.03.2024,0.5\n"), ["2:3 E0317 `05.03.2024` is not a number"]);
    assert_eq!(effects("A,#DIV/0!,0.5\n"), ["2:3 E0307 `#DIV/0!` is not a number"]);
    let counts = |row: &str| refused(COUNTS, format!("study,year,e1,n1,e2,n2\n{row}\n").as_bytes());
    assert_eq!(counts("A,2001,5-Mar,20,1,20"), ["2:8 E0317 `5-Mar` is not a count"]);
    assert_eq!(counts("A,2001,3月5日,20,1,20"), ["2:8 E0317 `3月5日` is not a count"]);
    assert_eq!(counts("A,45321,1,20,1,20"), ["2:3 E0317 `45321` is no year"]);
    assert_eq!(
        counts("A,2001,1,20,1,20,7"),
        ["2:1 E0302 the row has 7 cells, but the header has 6"]
    );
    assert_eq!(counts("A,2001,1,20"), ["2:1 E0302 the row has 4 cells, but the header has 6"]);
    assert_eq!(
        refused(COUNTS, "study;year;e1;n1;e2;n2\nA;2001;1;1,234;1;20\n".as_bytes()),
        ["2:10 E0303 `1,234` is not a whole number"].map(|message| message.to_owned())
    );
}

/// A moderator whose numbers are open, or are percentages, is no category unless the spec says so.
#[test]
fn a_moderator_that_could_be_two_numbers_is_refused() {
    let spec = format!("{EFFECTS}moderators: [dose]\n");
    let table = "study,yi,sei,dose\nA,1,0.5,\"1,500\"\nB,2,0.5,\"2,500\"\nC,3,0.5,\"3,500\"\n";
    let found = refused(&spec, table.as_bytes());
    assert_eq!(found.len(), 3);
    assert_eq!(found[0], "2:9 E0316 `1,500` could be two numbers");
    let table = "study,yi,sei,dose\nA,1,0.5,10%\nB,2,0.5,25 %\nC,3,0.5,７.５％\n";
    let found = refused(&spec, table.as_bytes());
    assert_eq!(found.len(), 3);
    assert_eq!(found[0], "2:9 E0307 `10%` is not a number");
    let named = format!("{EFFECTS}moderators: [{{column: dose, type: categorical}}]\n");
    let table = "study,yi,sei,dose\nA,1,0.5,10%\nB,2,0.5,25%\nC,3,0.5,10%\nD,2,0.5,25%\n";
    read(REVIEW, &named, table.as_bytes());
}

/// However "not available" is written, it is no level of a category and no number.
#[test]
fn a_moderator_that_is_not_available_is_missing() {
    for levels in [["low", "high"], ["1", "2.5"]] {
        let of = |missing: &str| {
            let rows: String = ["A", "B", "C", "D", "E", "F"]
                .iter()
                .enumerate()
                .map(|(i, study)| format!("{study},{i},0.5,{}\n", levels[i % 2]))
                .collect();
            let table = format!("study,yi,sei,dose\n{rows}G,3,0.5,{missing}\n");
            read(REVIEW, &format!("{EFFECTS}moderators: [dose]\n"), table.as_bytes()).0
        };
        let expected = of("");
        for missing in ["NA", "N/A", "n/a", "n.a."] {
            assert_eq!(of(missing), expected, "{missing}");
        }
        assert_ne!(of(levels[0]), expected);
    }
}

fn encoded(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    let (bytes, _, is_lossy) = encoding.encode(text);
    assert!(!is_lossy, "{text}");
    bytes.into_owned()
}

fn utf_16(text: &str) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn other_encodings_are_read_where_they_are_declared_or_certain() {
    let names = |text: &str| text.replace("Alpha", "甲研究").replace("Beta", "乙研究");
    let table = names(PLAIN_COUNTS);
    let (expected, _) = read(REVIEW, COUNTS, table.as_bytes());
    let note = |encoding: &str, by: &str| [format!("1:1 `d.csv` was read as {encoding}, {by}")];
    let by_mark = read(REVIEW, COUNTS, &utf_16(&table));
    assert_eq!(by_mark, (expected.clone(), note("UTF-16LE", "by its byte-order mark").into()));
    for (label, encoding) in [("gb18030", GB18030), ("big5", BIG5)] {
        let expected = read(REVIEW, COUNTS, table.as_bytes()).0;
        let review = format!("{REVIEW}encoding: {{d.csv: {label}}}\n");
        let found = read(&review, COUNTS, &encoded(encoding, &table));
        let by = "as `encoding` in `review.yaml` says";
        assert_eq!(found, (expected.clone(), note(encoding.name(), by).into()));
        assert!(refused(COUNTS, &encoded(encoding, &table))[0].contains("is not UTF-8: line 2"));
    }
    let review = format!("{REVIEW}encoding: windows-1252\n");
    let latin = PLAIN_COUNTS.replace("Alpha", "Bénard");
    assert_eq!(
        read(&review, COUNTS, &encoded(WINDOWS_1252, &latin)).0,
        read(REVIEW, COUNTS, latin.as_bytes()).0
    );
    // a column name that the spec has proves the encoding
    let spec = COUNTS.replace("study: study", "study: 研究");
    let table = table.replace("study", "研究");
    let (expected, _) = read(REVIEW, &spec, table.as_bytes());
    let by = "because its column names, read so, are those that the specs name";
    let found = read(REVIEW, &spec, &encoded(GB18030, &table));
    assert_eq!(found, (expected, note("gb18030", by).into()));
}

#[test]
fn a_wrong_encoding_is_told() {
    let review = format!("{REVIEW}encoding: {{d.csv: big-5, e.csv: big5, a.yaml: big5}}\n");
    let inputs = inputs(&review, COUNTS, PLAIN_COUNTS.as_bytes());
    let errors = pipeline::check(&inputs).unwrap_err();
    let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "there is no encoding `big-5`",
            "there is no file `e.csv`",
            "`a.yaml` is a spec, and specs are UTF-8",
        ]
    );
    let utf_16_without_mark = &utf_16(PLAIN_COUNTS)[2..];
    let found = refused(COUNTS, utf_16_without_mark);
    assert_eq!(found, ["3:7 E0102 `d.csv` is not text: line 1 has a byte 0"]);
    let mut cut = utf_16(PLAIN_COUNTS);
    cut.extend([0x00, 0xd8]);
    let found = refused(COUNTS, &cut);
    assert_eq!(found, ["3:7 E0102 `d.csv` is not UTF-16LE: line 4 has bytes that are no text"]);
}

/// A place in a text that was UTF-16 is a place in the text as people see it.
#[test]
fn places_are_those_of_the_text() {
    let table = PLAIN_COUNTS.replace("Alpha", "甲研究").replace("10,180", "10,x");
    assert_eq!(
        refused(COUNTS, &utf_16(&table)),
        ["3:14 E0303 `x` is not a count"].map(str::to_owned)
    );
}

#[test]
fn a_version_keeps_the_bytes_and_rebuilds_from_them() {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("review");
    copy_tree(&fixture("bad_inputs/_base"), &review);
    let table = fs::read_to_string(review.join("data.csv")).unwrap();
    let table = encoded(GB18030, &table.replace(',', ";").replace("Alpha", "甲研究"));
    fs::write(review.join("data.csv"), &table).unwrap();
    let spec = fs::read_to_string(review.join("review.yaml")).unwrap();
    fs::write(review.join("review.yaml"), format!("{spec}encoding: gb18030\n")).unwrap();
    let output = run(folder.path(), &["check", "review", "--strict", "--message-format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert_eq!(stdout(&output).matches("\"severity\":\"note\"").count(), 2, "{}", stdout(&output));
    let output = run(folder.path(), &["build", "review"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("note[E0315]"), "{}", stderr(&output));
    let kept = tree(&folder.path().join("output"));
    let kept_table = kept.iter().find(|(name, _)| name.ends_with("inputs/data.csv")).unwrap();
    assert_eq!(kept_table.1, table);
    // R reads what was computed, not the table that it would read otherwise
    let script = kept.iter().find(|(name, _)| name.ends_with("metafor.R")).unwrap();
    let script = String::from_utf8_lossy(&script.1);
    assert!(script.contains("tables/studies-pain.csv"), "{script}");
    let output = run(folder.path(), &["release", "review"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let output = run(folder.path(), &["verify"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    // saved as UTF-8 with commas it is the same table
    let (text, _, _) = GB18030.decode(&table);
    fs::write(review.join("data.csv"), text.replace(';', ",")).unwrap();
    let output = run(folder.path(), &["eval", "review"]);
    assert_eq!(stderr(&output), "");
}

/// A cell that a spreadsheet broke into lines: names and titles stand on one line, texts keep their
/// lines, and the tables as CSV quote them.
#[cfg(feature = "embedded-typst")]
#[test]
fn line_breaks_in_cells_and_titles_are_set_where_they_can_stand() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("review.yaml", "id: r\nversion: \"1\"\ntitle: \"A sample\\nreview\"\n");
    write("a.yaml", &COUNTS.replace("title: A", "title: \"First\\n  outcome\""));
    let rows = "\"Trial\r\nA\",2001,1,20,2,20\nTrial B,2002,3,30,4,30\n";
    write("d.csv", &format!("study,year,e1,n1,e2,n2\n{rows}"));
    let words = "id: words\ntitle: Words\nkind: table\ndata: words.csv\ntable: {columns: [said]}\n";
    write("words.yaml", words);
    write("words.csv", "said\n\"one\r\ntwo, \"\"three\"\"\"\nfour\tfive\n");
    let output = run(folder.path(), &["build", ".", "--format", "pdf,typ"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let version = folder.path().join("output/r/1");
    let source = report_source(&version);
    assert!(source.contains("== 1 #\"First outcome\";"), "{source}");
    assert!(source.contains("title: \"A sample review\""), "{source}");
    assert!(source.contains("\"Trial A\""), "{source}");
    assert!(source.contains("\"one\\u{a}two, \\\"three\\\"\""), "{source}");
    assert!(source.contains("\"four five\""), "{source}");
    let table = |name: &str| {
        let text = fs::read_to_string(version.join("tables").join(name)).unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.records().map(|row| row.unwrap()[0].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(table("studies-a.csv"), ["Trial A", "Trial B"]);
    assert_eq!(table("table-words.csv"), ["one\r\ntwo, \"three\"", "four\tfive"]);
}
