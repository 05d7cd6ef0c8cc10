//! What the fuzzer, and the tests over its corpus, try on any bytes, and what must hold whatever
//! they are. Nothing here touches the disk.

pub mod everywhere;
mod invariants;

use build_report::data::{DescribedData, Table};
use build_report::pipeline::{self, ChangesForm, CheckedReview, EntryData};
use build_report::project::Inputs;
use build_report::render::Engine;
use build_report::render::assets::Assets;
use build_report::report::number::Numbers;
use build_report::source::Sources;
use build_report::spec::Entry;
use build_report::versions::Maker;
use build_report::versions::review::{Tolerance, changes_json, changes_view, compare};
use build_report::yaml;
use invariants::{
    expect_diagnostics, expect_no_markup, expect_node, expect_place, expect_sound_findings,
};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

static ASSETS: LazyLock<Assets> = LazyLock::new(Assets::embedded);

/// What stands between the files of one input: a line with the name of the next.
const NEXT: &str = "=== ";

/// YAML gives a tree or a message, and every place lies in the text.
pub fn yaml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut sources = Sources::default();
    let source = sources.add("a.yaml".to_owned(), text.to_owned());
    match yaml::parse(&sources, source) {
        Ok(tree) => expect_node(&sources, &tree),
        Err(error) => expect_diagnostics(&sources, &[*error]),
    }
}

/// Bytes give a table or messages; a cell is what stands at its place.
pub fn csv(data: &[u8]) {
    let inputs = in_memory([("d.csv", data.to_vec())]);
    let Some(source) = inputs.sources.by_name("d.csv") else {
        assert!(!inputs.unusable_tables().is_empty());
        return;
    };
    match Table::parse(&inputs.sources, source) {
        Err(errors) => {
            assert!(!errors.is_empty());
            expect_diagnostics(&inputs.sources, &errors);
        }
        Ok(table) => {
            expect_diagnostics(&inputs.sources, &table.notes(&inputs.sources));
            let columns = table.column_names().count();
            for row in 0..table.row_count() {
                expect_place(&inputs.sources, table.row_place(row));
                for column in 0..columns {
                    let place = table.cell_place(&inputs.sources, row, column);
                    let written = expect_place(&inputs.sources, place);
                    if !written.contains('"') {
                        assert_eq!(table.cell(row, column), written.trim(), "row {row}");
                    }
                }
            }
        }
    }
}

/// `=== filter` and `=== d.csv`: the rows of a filter are those that meet all of its conditions.
pub fn filter(data: &[u8]) {
    let Some(files) = files(data) else { return };
    let (Some(filter), Some(table)) = (files.get("filter"), files.get("d.csv")) else { return };
    let first = String::from_utf8_lossy(table);
    let first = first.split([',', ';', '\t', '\n', '\r']).next().unwrap_or_default();
    let column = serde_json::Value::from(first.trim_matches(['"', ' ', '\u{feff}']));
    let filter = String::from_utf8_lossy(filter).replace('\n', "\n  ");
    let spec = format!(
        "id: a\ntitle: A\nkind: table\ndata: d.csv\ntable: {{columns: [{column}]}}\nfilter:\n  {filter}\n"
    );
    let review = "id: r\nversion: \"1\"\ntitle: R\n";
    let inputs = in_memory([
        ("review.yaml", review.as_bytes().to_vec()),
        ("a.yaml", spec.into_bytes()),
        ("d.csv", table.clone()),
    ]);
    let Some(checked) = checked(&inputs) else { return };
    let (Some(Entry::Description(spec)), Some(EntryData::Described(DescribedData::Table(rows)))) =
        (checked.review.entries.first(), checked.data.first())
    else {
        return;
    };
    let source = inputs.sources.by_name("d.csv").expect("the table was read");
    let table = Table::parse(&inputs.sources, source).expect("the table was read");
    let meets = |row: &usize| {
        spec.content.filter().iter().all(|condition| {
            let column = table.column(&condition.column.value).expect("the column was checked");
            condition.values.iter().any(|value| value.value.trim() == table.cell(*row, column))
        })
    };
    let expected = (0..table.row_count()).filter(meets).count();
    let found: usize = rows.groups.iter().map(|group| group.rows.len()).sum();
    assert_eq!(found, expected, "{:?}", spec.content.filter());
}

/// A whole review, its files behind `=== name`: results that agree with themselves, or messages.
pub fn eval(data: &[u8]) {
    let Some(files) = files(data) else { return };
    let inputs = in_memory(files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())));
    let Some(checked) = checked(&inputs) else { return };
    expect_diagnostics(&inputs.sources, &checked.warnings);
    expect_sound_findings(checked);
}

/// A string in every place of a review: it is text in the Typst sources, and nothing else. Tells
/// whether the review takes the string.
pub fn template(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else { return false };
    // what is trimmed, cited or sorted as a number is other text, not other markup
    if text.trim() != text || text.is_empty() || text.contains("[@") || text.len() > 500 {
        return false;
    }
    static BENIGN: LazyLock<Option<BTreeMap<String, String>>> =
        LazyLock::new(|| everywhere::typst_sources("benign", &ASSETS));
    let Some(sources) = everywhere::typst_sources(text, &ASSETS) else { return false };
    let benign = BENIGN.as_ref().expect("a plain word makes a report");
    expect_no_markup(text, &sources, benign);
    true
}

/// Two states of a review, their files behind `=== old/name` and `=== new/name`: a comparison in
/// every form, and nothing that differs from itself.
pub fn diff(data: &[u8]) {
    let Some(files) = files(data) else { return };
    let side = |prefix: &str| {
        let own = files
            .iter()
            .filter_map(|(name, bytes)| Some((name.strip_prefix(prefix)?, bytes.clone())));
        let inputs = in_memory(own);
        pipeline::side(inputs, None, Maker::default()).ok()
    };
    let (Some(old), Some(new)) = (side("old/"), side("new/")) else { return };
    assert!(compare(&old, &old).is_empty(), "a version differs from itself");
    let changes = compare(&old, &new);
    let tolerance = |_: &str| Tolerance::default();
    let json = changes_json(&changes, (&old, None), (&new, None), tolerance);
    assert!(serde_json::to_string(&json).is_ok());
    let review = &new.findings.review;
    let Ok(style) = pipeline::house_style(review, &ASSETS) else { return };
    let view = changes_view(&changes, (&old, None), (&new, None), tolerance, Numbers::of(&style));
    let engine = Engine::default_engine();
    for form in [ChangesForm::Text, ChangesForm::Markdown, ChangesForm::Html, ChangesForm::Living] {
        let made = pipeline::changes_form(&view, form, review.language, &style, &ASSETS, &engine);
        assert!(made.is_ok(), "{:?}", made.err());
    }
}

/// The checked review, or nothing where its messages are in order.
fn checked(inputs: &Inputs) -> Option<CheckedReview> {
    match pipeline::check(inputs) {
        Ok(checked) => Some(checked),
        Err(errors) => {
            assert!(build_report::diagnostic::has_errors(&errors));
            expect_diagnostics(&inputs.sources, &errors);
            None
        }
    }
}

fn in_memory<'a>(files: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> Inputs {
    let files = files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes));
    Inputs::from_files(PathBuf::new(), files.collect())
}

/// The files of one input.
fn files(data: &[u8]) -> Option<BTreeMap<String, Vec<u8>>> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut current: Option<String> = None;
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        let name = std::str::from_utf8(line).ok().and_then(|line| line.strip_prefix(NEXT));
        match (name, &current) {
            (Some(name), _) => {
                let name = name.trim().to_owned();
                files.insert(name.clone(), Vec::new());
                current = Some(name);
            }
            (None, Some(name)) => files.get_mut(name)?.extend_from_slice(line),
            (None, None) => return None,
        }
    }
    Some(files)
}
