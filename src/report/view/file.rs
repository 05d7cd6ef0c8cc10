//! What a template is told about the file: what it was made from, and what is attached to it.

use crate::project::is_spec;
use serde::Serialize;
use std::collections::BTreeSet;

/// The attached results.
pub const RESULTS: &str = "results.json";
/// The attached statement of what the report was made from.
pub const PROVENANCE: &str = "provenance.json";

/// The file of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileView {
    /// The first ten digits of the fingerprint of the inputs and the program.
    pub fingerprint: String,
    /// The files attached to it: the inputs in their order, the results, the provenance.
    pub attachments: Vec<AttachmentView>,
}

/// An attached file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttachmentView {
    /// Its name, which can be a file name on every system.
    pub name: String,
    /// Its path in the version's folder; the provenance, which has none there, by its name.
    pub path: String,
    /// Code of what it is: `spec`, `table`, `references`, `results` or `provenance`.
    pub kind: &'static str,
    /// What the report has to do with it, as PDF/A-3 calls it.
    pub relationship: &'static str,
    /// MIME type.
    pub mime_type: &'static str,
}

impl FileView {
    /// The file made from inputs of these names, whose fingerprint is given in full.
    #[must_use]
    pub fn new<'a>(fingerprint: &str, inputs: impl Iterator<Item = &'a str>) -> Self {
        let mut taken = BTreeSet::from([RESULTS.to_owned(), PROVENANCE.to_owned()]);
        let mut attachments: Vec<AttachmentView> = inputs
            .map(|input| {
                let name = untaken(&safe_name(input), &mut taken);
                let path = format!("inputs/{input}");
                let (kind, relationship, mime_type) = if input.ends_with(".csv") {
                    ("table", "data", "text/csv")
                } else if is_spec(input) {
                    ("spec", "source", "application/yaml")
                } else if input.ends_with(".bib") {
                    ("references", "source", "application/x-bibtex")
                } else {
                    ("references", "source", "application/yaml")
                };
                AttachmentView { name, path, kind, relationship, mime_type }
            })
            .collect();
        for (name, kind, relationship) in
            [(RESULTS, "results", "data"), (PROVENANCE, "provenance", "supplement")]
        {
            attachments.push(AttachmentView {
                name: name.to_owned(),
                path: name.to_owned(),
                kind,
                relationship,
                mime_type: "application/json",
            });
        }
        Self { fingerprint: fingerprint.chars().take(10).collect(), attachments }
    }
}

/// The longest name, in characters.
const LONGEST_NAME: usize = 60;

/// The path as the name of one file, which every system takes and no reader takes for anything
/// else: letters and digits of any script, and a few marks between them. A folder's slash becomes a
/// hyphen, because readers save no attachment into folders.
fn safe_name(path: &str) -> String {
    let characters: Vec<char> = path.chars().collect();
    let last = characters.len().saturating_sub(1);
    let safe = |(at, c): (usize, &char)| match *c {
        c if c.is_alphanumeric() || "-_+,()".contains(c) => c,
        '/' => '-',
        // a dot or a space at an end would hide the file or be lost, two dots lead upwards
        c @ ('.' | ' ') if at > 0 && at < last && characters[at - 1] != '.' => c,
        _ => '_',
    };
    let characters: Vec<char> = characters.iter().enumerate().map(safe).collect();
    // a long name is cut in its middle, so that its ending stays
    let surplus = characters.len().saturating_sub(LONGEST_NAME);
    let (before, after) = if surplus == 0 {
        (characters.as_slice(), [].as_slice())
    } else {
        let kept = LONGEST_NAME / 2;
        (&characters[..kept], &characters[kept + surplus..])
    };
    before.iter().chain(after).collect()
}

/// The name, or one with a number before its ending where a system that does not tell capitals
/// apart would take it for one before it.
fn untaken(name: &str, taken: &mut BTreeSet<String>) -> String {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let numbered = (2..).map(|number| format!("{stem}-{number}.{ending}"));
    std::iter::once(name.to_owned())
        .chain(numbered)
        .find(|name| taken.insert(name.to_lowercase()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::FileView;

    fn names(inputs: &[&str]) -> Vec<String> {
        let file = FileView::new("0123456789abcdef", inputs.iter().copied());
        assert_eq!(file.fingerprint, "0123456789");
        file.attachments.into_iter().map(|attachment| attachment.name).collect()
    }

    #[test]
    fn plain_names_stay_as_they_are() {
        assert_eq!(
            names(&["data/数据 2.csv", "review.yaml"]),
            ["data-数据 2.csv", "review.yaml", "results.json", "provenance.json"]
        );
    }

    #[test]
    fn names_that_a_system_refuses_are_made_safe() {
        let hostile = "..\\..\\a:b*?\"<>|\n\u{202e}.csv";
        assert_eq!(
            names(&[hostile, ".hidden /b. .yaml"])[..2],
            ["___.__a_b________.csv", "_hidden -b._.yaml"]
        );
    }

    #[test]
    fn names_differ_on_systems_without_capitals() {
        assert_eq!(
            names(&["A.yaml", "a.yaml", "a?.csv", "a*.csv"])[..4],
            ["A.yaml", "a-2.yaml", "a_.csv", "a_-2.csv"]
        );
    }

    #[test]
    fn long_names_keep_their_ending() {
        let name = &names(&[&format!("{}.csv", "é".repeat(200))])[0];
        assert_eq!(name.chars().count(), 60);
        assert!(name.ends_with("é.csv"));
    }
}
