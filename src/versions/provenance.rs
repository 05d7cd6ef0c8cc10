//! What a report was made from, as it travels inside the report itself.

use super::sha256;
use serde::Serialize;
use std::collections::BTreeMap;

/// `provenance.json`, attached to the report. It says what the manifest says but for the outputs,
/// of which the report is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// Id of the review.
    pub review: String,
    /// Label of the version.
    pub version: String,
    /// The hash that the footer of the report begins to print.
    pub fingerprint: String,
    /// The program, with its version.
    pub program: String,
    /// Typst, with its version.
    pub engine: String,
    /// Seconds since 1970 that `SOURCE_DATE_EPOCH` gave.
    pub source_date_epoch: Option<i64>,
    /// Specs and tables.
    pub inputs: BTreeMap<String, String>,
    /// Templates and labels.
    pub templates: BTreeMap<String, String>,
    /// Fonts.
    pub fonts: BTreeMap<String, String>,
}

/// One hash for the program and all inputs: SHA-256 of the program's name and version on a line,
/// then, as `sha256sum` prints them, hash and name of each input in the order of the names.
#[must_use]
pub fn fingerprint(program: &str, inputs: &BTreeMap<String, String>) -> String {
    let lines: String = inputs.iter().map(|(name, hash)| format!("{hash}  {name}\n")).collect();
    sha256(format!("{program}\n{lines}").as_bytes())
}
